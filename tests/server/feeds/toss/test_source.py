import asyncio
import contextlib

import numpy as np
import pytest

from server.feeds.forming.trades import TradeBatch
from server.feeds.live.faults import SourceError
from server.feeds.live.source import LiveBars, LiveEvent, LiveRefused
from server.feeds.toss.settings import TossSettings
from server.feeds.toss.socket import TossSocket
from server.feeds.toss.source import TossSource
from shared.errors import SettingsError
from tests.kit.leaping_loop import LeapingLoop
from tests.kit.made_vendors import ROWS, SYMBOLS, all_pages, between, listen, made_toss, play
from tests.kit.traded_days import DAY, MINUTE_MS, NEXT_DAY, Bars, MadeTrades, seoul_ms

pytestmark = pytest.mark.usefixtures("vendor_keys")

MORNING = seoul_ms(DAY, "09:00")


def test_pages_of_minutes_join_to_the_session_without_filler_or_running_bar(
    trades: MadeTrades,
) -> None:
    async def work(loop: LeapingLoop) -> tuple[Bars, int]:
        async with made_toss(loop, trades) as (vendor, source):
            bars = await all_pages(source, "000660", seoul_ms(DAY, "08:00"), loop.now_ms())
            return bars, vendor.asked["/api/v1/candles"]

    now = seoul_ms(NEXT_DAY, "09:03") + 30_000
    bars, asked = play(now, work)
    truth = trades.minutes(1)
    day = between(truth, seoul_ms(DAY, "09:00"), seoul_ms(DAY, "15:31"))
    assert bars == day | between(truth, seoul_ms(NEXT_DAY, "09:00"), now)
    assert seoul_ms(DAY, "15:31") in bars  # the closing auction
    assert asked < 10


def test_the_evening_is_there_when_it_is_asked_for(trades: MadeTrades) -> None:
    async def work(loop: LeapingLoop) -> Bars:
        async with made_toss(loop, trades, session="extended") as (_, source):
            return await all_pages(source, "000660", seoul_ms(DAY, "15:29"), loop.now_ms())

    bars = play(seoul_ms(NEXT_DAY, "08:30"), work)
    whole = trades.minutes(1)
    wanted = between(whole, seoul_ms(DAY, "15:30"), seoul_ms(DAY, "15:31"))
    assert bars == wanted | between(whole, seoul_ms(DAY, "16:00"), seoul_ms(DAY, "20:00"))


def test_longer_bars_are_made_of_minutes_that_are_all_there(trades: MadeTrades) -> None:
    async def work(loop: LeapingLoop) -> Bars:
        async with made_toss(loop, trades, interval="5m") as (_, source):
            return await all_pages(source, "000660", seoul_ms(DAY, "08:00"), loop.now_ms())

    bars = play(seoul_ms(DAY, "15:36"), work)
    minutes = trades.minutes(1)
    five = seoul_ms(DAY, "11:05")
    parts = np.array(list(between(minutes, five - 5 * MINUTE_MS, five).values()))
    whole = (parts[0, 0], parts[:, 1].max(), parts[:, 2].min(), parts[-1, 3], parts[:, 4].sum())
    assert bars[five] == whole
    volume = sum(bar[4] for bar in bars.values())
    session = between(minutes, seoul_ms(DAY, "09:00"), seoul_ms(DAY, "15:31"))
    assert volume == sum(bar[4] for bar in session.values())


def test_days_run_to_the_evening_and_are_refused_for_the_regular_session(
    trades: MadeTrades,
) -> None:
    async def work(loop: LeapingLoop) -> tuple[Bars, list[LiveEvent]]:
        async with made_toss(loop, trades, interval="1d", session="extended") as (_, source):
            early = await all_pages(source, "005930", seoul_ms(DAY, "00:00"), loop.now_ms())
            assert early == {}
            events = await listen(source, 70)
            await asyncio.sleep(400)
            bars = await all_pages(source, "005930", seoul_ms(DAY, "00:00"), loop.now_ms())
            return bars, events

    with pytest.raises(SettingsError, match="20:00"):
        TossSource(TossSettings(interval="1d"))
    bars, events = play(seoul_ms(DAY, "19:58"), work)
    minutes = between(trades.minutes(0), seoul_ms(DAY, "00:00"), seoul_ms(DAY, "20:00"))
    assert list(bars) == [seoul_ms(DAY, "20:00")]
    assert bars[seoul_ms(DAY, "20:00")][4] == sum(bar[4] for bar in minutes.values())
    running = [e for e in events if isinstance(e, LiveBars)]
    assert {ms for e in running for ms in e.bar_ms.tolist()} == {seoul_ms(DAY, "20:00")}
    assert not any(e.final for e in running)


def test_live_tells_every_trade_of_the_streamed_and_last_prices_of_the_others(
    trades: MadeTrades,
) -> None:
    async def work(loop: LeapingLoop) -> list[LiveEvent]:
        async with made_toss(loop, trades) as (vendor, source):
            vendor.unknown = frozenset({"0101N0"})
            vendor.change = lambda frames: [f for f in frames for _ in range(2)]
            events = await listen(source, 300)
            assert vendor.declared == [[f"trade:kr:{s}" for s in SYMBOLS]]
            assert vendor.pings >= 4
            return events

    events = play(MORNING, work)
    refused = [e for e in events if isinstance(e, LiveRefused)]
    assert [e.reasons for e in refused] == [{"0101N0": "stock-not-found"}]
    batches = [e for e in events if isinstance(e, TradeBatch)]
    span = (trades.ms > MORNING + 1_000) & (trades.ms < MORNING + 298_000)
    for row in (0, 1):
        heard = {
            (ms, price)
            for b in batches
            for r, ms, price in zip(b.rows.tolist(), b.ms.tolist(), b.price, strict=True)
            if r == row and MORNING + 1_000 < ms < MORNING + 298_000
        }
        mine = span & (trades.row == row)
        assert heard == set(zip(trades.ms[mine].tolist(), trades.price[mine], strict=True))
    assert not any(2 in b.rows for b in batches)


def test_tickers_that_the_vendor_does_not_know_cost_the_others_nothing(trades: MadeTrades) -> None:
    async def work(loop: LeapingLoop) -> tuple[list[LiveEvent], int]:
        async with made_toss(loop, trades, connections=0) as (vendor, source):
            vendor.strict = True
            strangers = {"999999": 3, "888888": 4}
            events: list[LiveEvent] = []
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(60):
                    async for event in source.live(ROWS | strangers):
                        events += [event]
            return events, vendor.refused

    events, refused = play(MORNING, work)
    told = [e.reasons for e in events if isinstance(e, LiveRefused)]
    assert [set(reasons) for reasons in told] == [{"999999", "888888"}]
    assert any(isinstance(e, TradeBatch) for e in events)
    assert refused == 0


def test_each_connection_has_a_hundred_tickers_and_a_third_one_closes_the_oldest(
    trades: MadeTrades,
) -> None:
    symbols = tuple(f"{n:06d}" for n in range(250))
    rows = {symbol: row for row, symbol in enumerate(symbols)}

    async def work(loop: LeapingLoop) -> list[int]:
        async with made_toss(loop, trades, symbols, connections=2) as (vendor, source):
            live = source.live(rows)
            await anext(live)
            await asyncio.sleep(1)
            another = TossSocket(source.settings.socket, symbols)
            await another.open(await source.client.token())
            with pytest.raises(SourceError, match="cut the connection"):
                async for _ in live:
                    pass
            await another.close()
            return [len(topics) for topics in vendor.declared]

    assert play(MORNING, work) == [100, 100]


def test_prices_alone_tell_when_each_ticker_traded_last(trades: MadeTrades) -> None:
    async def work(loop: LeapingLoop) -> tuple[list[LiveEvent], int]:
        async with made_toss(loop, trades, connections=0) as (vendor, source):
            return await listen(source, 60), vendor.opened

    events, opened = play(MORNING, work)
    batches = [e for e in events if isinstance(e, TradeBatch)]
    assert opened == 0
    assert all((b.volume == 0).all() for b in batches)
    times = [ms for b in batches for ms in b.ms.tolist()]
    assert set(times) <= set(trades.ms.tolist())
    assert min(times) > MORNING - 1_000  # what traded before is no news


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("cut", "cut"),
        ("shutdown", "cut"),
        ("silent", "silent"),
        ("status 403", "not_registered"),
        ("status 503", "server_error"),
        ("half a frame", "nonsense"),
    ],
)
def test_each_fault_of_the_websocket_ends_it_and_the_next_one_declares_anew(
    trades: MadeTrades, fault: str, kind: str
) -> None:
    async def work(loop: LeapingLoop) -> tuple[str, int, int]:
        async with made_toss(loop, trades) as (vendor, source):
            await source.open()
            if fault.startswith("status"):
                vendor.greets = int(fault.split()[1])
            vendor.silent = fault == "silent"
            if fault == "half a frame":
                vendor.change = lambda frames: [f[: len(f) // 2] for f in frames]
            elif fault in {"cut", "shutdown"}:
                told = fault == "shutdown"
                loop.call_later(20, lambda: asyncio.ensure_future(vendor.drop_sockets(told=told)))
            with pytest.raises(SourceError) as ended:
                await listen(source, 400)
            vendor.greets, vendor.silent, vendor.change = 101, False, list
            assert await listen(source, 30)
            return ended.value.kind, vendor.tokens, len(vendor.declared)

    found, tokens, declared = play(MORNING, work)
    assert found == kind
    assert tokens == 1  # the token is reused
    assert declared == (1 if fault.startswith("status") else 2)


def test_the_universe_is_the_vendors_list_with_names_in_two_languages(trades: MadeTrades) -> None:
    async def work(loop: LeapingLoop) -> None:
        async with made_toss(loop, trades) as (_, source):
            listed = await source.universe("krx")
            assert [t.symbol for t in listed] == sorted(SYMBOLS)
            assert listed[0].name_en == f"Share {sorted(SYMBOLS)[0]}"
            assert listed[0].segment == "KOSPI"
            with pytest.raises(SettingsError, match="kospi, kosdaq, krx"):
                await source.universe("nasdaq")

    play(MORNING, work)
