import datetime
from collections.abc import Callable
from dataclasses import replace

from models.data.table import BarTable

Tables = Callable[..., BarTable]


def test_until_counts_a_date_whole(table: Tables) -> None:
    made = table(tickers=1, bars=5)
    third = datetime.datetime.fromtimestamp(made.bar_ms[2] / 1000, datetime.UTC)
    local = third.astimezone(datetime.timezone(datetime.timedelta(hours=9)))
    assert made.until(f"{local:%Y-%m-%d}").bar_ms.tolist() == made.bar_ms[:3].tolist()


def test_the_fingerprint_is_of_everything_a_model_learns_from(table: Tables) -> None:
    made = table(tickers=2, bars=4)
    assert made.fingerprint() == table(tickers=2, bars=4).fingerprint()
    altered = made.ohlcv.copy()
    altered[3, 2] += 1e-9
    others = [
        replace(made, symbols=("000000", "000002")),
        replace(made, interval="2d"),
        replace(made, row=made.row[::-1]),
        replace(made, bar_ms=made.bar_ms + 1),
        replace(made, ohlcv=altered),
    ]
    assert len({made.fingerprint(), *(other.fingerprint() for other in others)}) == 6
