import numpy as np

from models.data.bars import DropReason
from models.data.corrections import Settled, settled


def of(*bars: tuple[int, float]) -> Settled:
    """Settle flat bars of (time, price) in the order in which they come."""
    price = np.array([p for _, p in bars])
    ohlcv = np.stack([price, price, price, price, np.ones(len(price))], axis=1)
    return settled(np.array([t for t, _ in bars], np.int64), ohlcv)


def said(history: Settled) -> list[tuple[int, float]]:
    return list(zip(history.bar_ms.tolist(), history.ohlcv[:, 3].tolist(), strict=True))


def test_bars_in_order_stay_as_they_are() -> None:
    history = of((1, 10.0), (2, 11.0))
    assert said(history) == [(1, 10.0), (2, 11.0)]
    assert history.reasons == {}


def test_the_last_that_is_said_of_a_time_counts() -> None:
    history = of((1, 10.0), (2, 11.0), (2, 12.0), (3, 13.0), (1, 9.0), (2, 11.5))
    assert said(history) == [(1, 9.0), (2, 11.5), (3, 13.0)]
    assert history.reasons == {DropReason.CORRECTED: 3}


def test_the_same_again_is_no_correction() -> None:
    history = of((1, 10.0), (1, 10.0), (2, 12.0), (1, 10.0))
    assert said(history) == [(1, 10.0), (2, 12.0)]
    assert history.reasons == {DropReason.DUPLICATE: 2}


def test_a_time_that_lies_back_and_has_no_bar_is_dropped() -> None:
    history = of((5, 10.0), (3, 9.0), (7, 12.0), (6, 11.0), (9, 13.0))
    assert said(history) == [(5, 10.0), (7, 12.0), (9, 13.0)]
    assert history.reasons == {DropReason.OUT_OF_ORDER: 2}


def test_what_is_no_bar_neither_corrects_nor_counts_here() -> None:
    history = of((1, 10.0), (1, 0.0), (2, np.nan), (2, 12.0))
    assert said(history)[::3] == [(1, 10.0), (2, 12.0)]
    assert len(history.bar_ms) == 4
    assert history.reasons == {}


def test_a_bar_that_was_widened_before_it_was_corrected_is_counted() -> None:
    wide = np.array([[10.0, 10.0, 10.0, 11.0, 1.0], [10.0, 12.0, 9.0, 11.0, 1.0]])
    history = settled(np.array([1, 1], np.int64), wide)
    assert history.ohlcv.tolist() == [wide[1].tolist()]
    assert history.reasons == {DropReason.CORRECTED: 1, DropReason.RANGE_WIDENED: 1}
