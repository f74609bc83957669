from pathlib import Path

import numpy as np

from server.feeds.live.cache import BarCache, KnownSpan

DAY_MS = 86_400_000


def test_of_bars_that_were_written_twice_the_last_counts_and_none_outside_of_what_is_known(
    tmp_path: Path,
) -> None:
    cache = BarCache(tmp_path)
    days = np.arange(1, 70) * DAY_MS
    for close, symbol in ((1.0, "BBB"), (2.0, "AAA")):
        cache.put(symbol, days, np.full((69, 5), close), KnownSpan(0, int(days[-1])))
    cache.flush()
    cache.put("BBB", days[39:41], np.full((2, 5), 3.0), KnownSpan(2 * DAY_MS, int(days[-2])))
    cache.flush()
    kept = BarCache(tmp_path).read({"BBB": 7, "AAA": 5, "CCC": 6}, DAY_MS)
    assert kept.rows.tolist() == [5] * 68 + [7] * 66
    assert kept.bar_ms.tolist() == [*days[1:], *days[2:-1]]
    closes = dict(zip(kept.bar_ms[68:].tolist(), kept.ohlcv[68:, 3].tolist(), strict=True))
    assert [ms // DAY_MS for ms, close in closes.items() if close == 3.0] == [40, 41]
    assert BarCache(tmp_path / "none").read({"AAA": 0}, 0).rows.size == 0


def test_live_bars_go_on_from_what_is_known(tmp_path: Path) -> None:
    cache, one = BarCache(tmp_path), np.ones((1, 5))
    cache.put("AAA", np.array([1_000]), one, KnownSpan(0, 2_000))
    cache.go_on(["AAA", "BBB"], np.array([3_000, 3_000]), np.full((2, 5), 2.0))
    cache.go_on(["AAA"], np.array([3_000]), np.full((1, 5), 5.0))
    cache.flush()
    kept = BarCache(tmp_path)
    bars = kept.read({"AAA": 0, "BBB": 1}, 0)
    assert (bars.rows.tolist(), bars.ohlcv[:, 3].tolist()) == ([0, 0], [1.0, 5.0])
    assert (kept.known("AAA"), kept.known("BBB")) == (KnownSpan(0, 3_000), None)
