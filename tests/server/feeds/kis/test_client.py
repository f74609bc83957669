import asyncio

import pytest

from server.feeds.live.faults import SourceError
from tests.kit import kis_exchange as vendors
from tests.kit.leaping_loop import LeapingLoop
from tests.kit.loopback import Said
from tests.kit.made_vendors import made_kis, play
from tests.kit.traded_days import DAY, MadeTrades, seoul_ms

pytestmark = pytest.mark.usefixtures("vendor_keys")

NOON = seoul_ms(DAY, "11:00")


def test_a_token_lasts_a_day_and_one_that_ended_early_is_replaced(trades: MadeTrades) -> None:
    async def work(loop: LeapingLoop) -> list[int]:
        async with made_kis(loop, trades) as (vendor, source):
            tokens = []
            for hours in (0, 1, 23.5):
                await asyncio.sleep(3_600 * hours)
                await source.open()
                await source.client.days("005930", "J", DAY, DAY)
                tokens.append(vendor.tokens)
            await asyncio.sleep(61)
            vendor.faults[vendors.DAYS] = [vendors.TOKEN_EXPIRED]
            await source.client.days("005930", "J", DAY, DAY)
            return [*tokens, vendor.tokens]

    assert play(NOON, work) == [1, 1, 2, 3]


@pytest.mark.parametrize(
    ("path", "said", "kind", "retry_s"),
    [
        (vendors.DAYS, vendors.TOO_OFTEN, "limited", None),
        (vendors.KEY, vendors.ASKED_TOO_SOON, "limited", 60.0),
        (vendors.DAYS, vendors.kis_refusal(500, "EGW00207", ""), "not_registered", None),
        (vendors.DAYS, vendors.kis_refusal(403, "EGW00103", ""), "key_refused", None),
        (vendors.DAYS, vendors.kis_refusal(200, "OPSQ0002", "없는 서비스 코드"), "nonsense", None),
        (vendors.DAYS, vendors.kis_refusal(200, "OPSQ2002", ""), "unknown_ticker", None),
        (vendors.DAYS, Said(status=502, body=b"<html>502</html>"), "server_error", None),
        (vendors.DAYS, Said(status=429, headers={"Retry-After": "7"}), "limited", 7.0),
        (vendors.DAYS, Said(body=b'{"rt_cd":"0","output2":[{"stck_clpr":"x"}]}'), "nonsense", None),
        (vendors.DAYS, Said(body=b'{"rt_cd":"0"}', cut=True), "cut", None),
    ],
)
def test_each_refusal_is_told_by_its_kind(
    trades: MadeTrades, path: str, said: Said, kind: str, retry_s: float | None
) -> None:
    async def work(loop: LeapingLoop) -> SourceError:
        async with made_kis(loop, trades) as (vendor, source):
            vendor.faults[path] = [said]
            with pytest.raises(SourceError) as refused:
                await source.client.days("005930", "J", DAY, DAY)
            assert await source.client.days("005930", "J", DAY, DAY)  # healed
            return refused.value

    fault = play(NOON, work)
    assert (fault.kind, fault.retry_s) == (kind, retry_s)
    assert "token-" not in str(fault)


def test_no_limit_is_exceeded_by_a_crowd_of_questions(trades: MadeTrades) -> None:
    async def work(loop: LeapingLoop) -> int:
        async with made_kis(loop, trades) as (vendor, source):
            await source.open()
            asked = [source.client.days("005930", "J", DAY, DAY) for _ in range(60)]
            await asyncio.gather(*asked)
            return vendor.refused

    assert play(NOON, work) == 0


def test_the_calendar_says_on_which_days_the_exchange_trades(trades: MadeTrades) -> None:
    async def work(loop: LeapingLoop) -> dict[str, str]:
        async with made_kis(loop, trades) as (_, source):
            told = await source.client.calendar(DAY)
            return {day.bass_dt: day.opnd_yn for day in told.output[:5]}

    days = play(NOON, work)
    assert days == {f"202611{25 + n}": "Y" if n < 3 else "N" for n in range(5)}
