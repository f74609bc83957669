import asyncio
from itertools import pairwise

import numpy as np
import pytest

from server.feeds.forming.trades import TradeBatch
from server.feeds.kis.settings import KisSettings
from server.feeds.kis.source import KisSource
from server.feeds.live.faults import FaultKind, SourceError
from server.feeds.live.source import LiveEvent, LiveRefused
from shared.errors import SettingsError
from tests.kit.leaping_loop import LeapingLoop
from tests.kit.made_vendors import ROWS, SYMBOLS, all_pages, between, listen, made_kis, play
from tests.kit.traded_days import DAY, NEXT_DAY, Bars, MadeTrades, seoul_ms

pytestmark = pytest.mark.usefixtures("vendor_keys")

MORNING = seoul_ms(DAY, "09:00")


@pytest.mark.parametrize(("venue", "today"), [("krx", 0), ("both", 1)])
def test_pages_join_to_the_session_over_the_night(
    trades: MadeTrades, venue: str, today: int
) -> None:
    async def work(loop: LeapingLoop) -> tuple[Bars, int, int]:
        async with made_kis(loop, trades, venue=venue) as (vendor, source):
            bars = await all_pages(source, "000660", seoul_ms(DAY, "08:00"), loop.now_ms())
            newest = await all_pages(source, "000660", loop.now_ms() - 300_000, loop.now_ms())
            assert newest.items() <= bars.items()
            return bars, sum(vendor.asked.values()), vendor.asked["/oauth2/tokenP"]

    now = seoul_ms(NEXT_DAY, "09:03") + 30_000
    bars, asked, tokens = play(now, work)
    truth = (trades.take(trades.krx) if venue == "krx" else trades).minutes(1)
    day = between(truth, seoul_ms(DAY, "09:00"), seoul_ms(DAY, "15:31"))
    assert bars == day | between(truth, seoul_ms(NEXT_DAY, "09:00"), now)
    assert seoul_ms(DAY, "15:31") in bars  # the closing auction, stamped 15:30 by the vendor
    assert asked < 12
    assert tokens == 1


def test_days_end_where_the_venue_says_and_other_settings_are_refused(trades: MadeTrades) -> None:
    async def work(loop: LeapingLoop) -> Bars:
        async with made_kis(loop, trades, interval="1d") as (_, source):
            early = await all_pages(source, "005930", seoul_ms(DAY, "00:00"), loop.now_ms())
            assert early == {}
            await asyncio.sleep(700)
            return await all_pages(source, "005930", seoul_ms(DAY, "00:00"), loop.now_ms())

    with pytest.raises(SettingsError, match="venue = both"):
        KisSource(KisSettings(interval="1d", venue="both"))
    bars = play(seoul_ms(DAY, "15:29"), work)
    krx = trades.take(trades.krx)
    minutes = between(krx.minutes(0), seoul_ms(DAY, "09:00"), seoul_ms(DAY, "15:31"))
    assert list(bars) == [seoul_ms(DAY, "15:30")]
    assert bars[seoul_ms(DAY, "15:30")][4] == sum(bar[4] for bar in minutes.values())


def test_live_tells_each_trade_once_although_frames_come_twice(trades: MadeTrades) -> None:
    async def work(loop: LeapingLoop) -> list[LiveEvent]:
        async with made_kis(loop, trades, registrations=2) as (vendor, source):
            vendor.change = lambda frames: [f for f in reversed(frames) for _ in range(2)]
            events = await listen(source, 300)
            assert vendor.registered == 2
            assert vendor.echoed >= 8  # twice, as all frames
            return events

    events = play(MORNING, work)
    refused = [e for e in events if isinstance(e, LiveRefused)]
    assert [list(e.reasons) for e in refused] == [["0101N0"]]
    heard = {
        (row, number): volume
        for batch in events
        if isinstance(batch, TradeBatch) and batch.ids is not None
        for row, number, volume in zip(
            batch.rows.tolist(), batch.ids.tolist(), batch.volume.tolist(), strict=True
        )
    }
    span = trades.krx & (trades.ms >= MORNING) & (trades.ms < MORNING + 298_000)
    for row in (0, 1):
        mine = [(number, volume) for (r, number), volume in heard.items() if r == row]
        assert sum(v for _, v in mine) >= trades.volume[span & (trades.row == row)].sum()
        assert all(b[0] - a[0] == b[1] for a, b in pairwise(sorted(mine)))  # none is missing


def test_more_registrations_than_a_key_has_are_told_and_cost_the_others_nothing(
    trades: MadeTrades,
) -> None:
    symbols = tuple(f"{n:06d}" for n in range(45))

    async def work(loop: LeapingLoop) -> tuple[int, int]:
        async with made_kis(loop, trades, symbols) as (vendor, source):
            live = source.live({symbol: row for row, symbol in enumerate(symbols)})
            first = await anext(live)
            await anext(live)
            assert isinstance(first, LiveRefused)
            await live.aclose()
            return len(first.reasons), vendor.registered

    assert play(MORNING, work) == (4, 41)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("cut", "cut"), ("silent", "silent"), ("in use", "key_revoked"), ("half a frame", "nonsense")],
)
def test_each_fault_of_the_websocket_ends_it_without_a_storm(
    trades: MadeTrades, fault: str, kind: str
) -> None:
    async def work(loop: LeapingLoop) -> tuple[list[FaultKind], int, float]:
        async with made_kis(loop, trades) as (vendor, source):
            vendor.silent, vendor.in_use = fault == "silent", fault == "in use"
            if fault == "half a frame":
                vendor.change = lambda frames: [f[: len(f) // 2] for f in frames]
            kinds: list[FaultKind] = []
            began = loop.time()
            for _ in range(4):
                if fault == "cut":
                    loop.call_later(60, lambda: asyncio.ensure_future(vendor.drop_sockets()))
                with pytest.raises(SourceError) as ended:
                    await listen(source, 3_600)
                kinds.append(ended.value.kind)
            return kinds, vendor.opened, loop.time() - began

    kinds, opened, took_s = play(MORNING, work)
    assert kinds == [kind] * 4
    assert opened == 4
    assert took_s > 20 + 40 + 80  # each waits the longer, whoever asks for it


def test_a_connection_that_lives_is_kept_when_the_feed_asks_again(trades: MadeTrades) -> None:
    async def work(loop: LeapingLoop) -> int:
        async with made_kis(loop, trades) as (vendor, source):
            for _ in range(3):
                assert len(await listen(source, 60)) > 1
            return vendor.opened

    assert play(MORNING, work) == 1


def test_a_universe_needs_a_file() -> None:
    async def work(_: LeapingLoop) -> None:
        source = KisSource(KisSettings())
        with pytest.raises(SettingsError, match="file"):
            await source.universe("krx")
        await source.close()

    assert np.array_equal(list(ROWS), SYMBOLS)
    play(MORNING, work)
