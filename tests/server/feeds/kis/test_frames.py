import pytest

from server.feeds.kis.frames import trades_in
from shared.errors import WireError
from tests.kit.traded_days import DAY, seoul_ms


def record(symbol: str, clock: str, price: int, volume: int, total: int, fields: int = 46) -> str:
    values = ["0"] * fields
    values[0], values[1], values[2] = symbol, clock, str(price)
    values[12], values[13], values[33] = str(volume), str(total), f"{DAY:%Y%m%d}"
    return "^".join(values)


def test_several_records_stand_in_one_frame_and_later_fields_are_ignored() -> None:
    for fields in (46, 48):
        parts = [
            record("005930", "090000", 72_000, 5, 5, fields),
            record("0101N0", "153000", 9_990, 7, 1_234, fields),
        ]
        first, second = trades_in(f"0|H0STCNT0|002|{'^'.join(parts)}")
        assert (first.symbol, first.ms, first.price) == ("005930", seoul_ms(DAY, "09:00"), 72_000)
        assert (second.symbol, second.volume, second.day_volume) == ("0101N0", 7, 1_234)


@pytest.mark.parametrize(
    "frame",
    [
        "0|H0STCNT0|002|" + record("005930", "090000", 1, 1, 1),
        "0|H0STCNT0|001|" + record("005930", "090000", 1, 1, 1)[:60],
        "0|H0STCNT0|001|" + record("005930", "2", 1, 1, 1),
        "0|H0STCNT0|000|",
        "0|H0STCNT0",
    ],
)
def test_a_frame_that_is_cut_is_refused(frame: str) -> None:
    with pytest.raises(WireError):
        trades_in(frame)
