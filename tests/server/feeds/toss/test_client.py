import asyncio
from pathlib import Path

import pytest

from server.feeds.live.faults import SourceError
from server.feeds.toss.settings import TossSettings
from server.feeds.toss.source import TossSource
from tests.kit import toss_answers as vendors
from tests.kit.leaping_loop import LeapingLoop
from tests.kit.loopback import Said
from tests.kit.made_vendors import made_toss, play
from tests.kit.traded_days import DAY, MadeTrades, seoul_ms

pytestmark = pytest.mark.usefixtures("vendor_keys")

PRICES = "/api/v1/prices"
NOON = seoul_ms(DAY, "11:00")


def test_one_token_is_kept_and_replaced_only_when_it_has_ended(trades: MadeTrades) -> None:
    async def work(loop: LeapingLoop) -> list[int]:
        async with made_toss(loop, trades) as (vendor, source):
            tokens = []
            for hours in (0, 1, 23.5, 1):
                await asyncio.sleep(3_600 * hours)
                await source.open()
                await source.client.prices(["005930"])
                tokens.append(vendor.tokens)
            vendor.faults[PRICES] = [vendors.EXPIRED]  # by the vendor's clock earlier than by ours
            await source.client.prices(["005930"])
            return [*tokens, vendor.tokens]

    assert play(NOON, work) == [1, 1, 2, 2, 3]


def test_a_token_that_another_program_replaced_is_not_taken_back_at_once(
    trades: MadeTrades,
) -> None:
    async def work(loop: LeapingLoop) -> tuple[str, int, int]:
        async with made_toss(loop, trades) as (vendor, source):
            await source.open()
            vendor.revoke()
            with pytest.raises(SourceError) as refused:
                await source.client.prices(["005930"])
            held = vendor.tokens
            await source.open()  # after the wait that the frame makes
            assert await source.client.prices(["005930"])
            return refused.value.kind, held, vendor.tokens

    assert play(NOON, work) == ("key_revoked", 2, 3)


def test_programs_of_one_user_share_the_token_and_its_successor(
    trades: MadeTrades, tmp_path: Path
) -> None:
    async def work(loop: LeapingLoop) -> tuple[int, int]:
        kept = str(tmp_path)
        async with made_toss(loop, trades, tokens=kept) as (vendor, one):
            same = TossSettings(address=one.settings.address, tokens=kept)
            other = TossSource(same, loop.now_ms)
            await asyncio.gather(*(s.open() for s in (one, other, one, other)))
            shared = vendor.tokens
            vendor.revoke()
            # The first one that learns of it waits, for it may be a stranger's.
            with pytest.raises(SourceError, match="became invalid"):
                await other.client.prices(["005930"])
            await other.client.prices(["005930"])
            await asyncio.gather(*(one.client.prices(["005930"]) for _ in range(3)))
            await other.close()
            return shared, vendor.tokens

    assert play(NOON, work) == (1, 3)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("said", "kind", "retry_s"),
    [
        (vendors.NOT_REGISTERED, "not_registered", None),
        (vendors.TOO_MANY, "limited", 1.0),
        (vendors.TOO_MANY_UNSAID, "limited", None),
        (vendors.BROKEN, "server_error", None),
        (vendors.PAGE, "server_error", None),
        (vendors.PAGE_OK, "nonsense", None),
        (vendors.CUT, "cut", None),
        (Said(body=b'{"result":[{"symbol":"005930","lastPrice":"-1"}]}'), "nonsense", None),
    ],
)
def test_each_refusal_is_told_by_its_kind(
    trades: MadeTrades, said: Said, kind: str, retry_s: float | None
) -> None:
    async def work(loop: LeapingLoop) -> SourceError:
        async with made_toss(loop, trades) as (vendor, source):
            vendor.faults[PRICES] = [said]
            with pytest.raises(SourceError) as refused:
                await source.client.prices(["005930"])
            assert await source.client.prices(["005930"])  # healed
            return refused.value

    fault = play(NOON, work)
    assert (fault.kind, fault.retry_s) == (kind, retry_s)
    assert "s_1" not in str(fault)
    assert "token-" not in str(fault)


def test_nonsense_is_named_by_its_field_and_a_wrong_key_by_its_code(
    trades: MadeTrades, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(loop: LeapingLoop) -> str:
        async with made_toss(loop, trades) as (vendor, source):
            body = b'{"result":{"candles":[{"timestamp":"2026-11-25T09:01:00+09:00"}]}}'
            vendor.faults["/api/v1/candles"] = [Said(body=body)]
            with pytest.raises(SourceError, match="openPrice"):
                await source.client.candles("005930", "1m", 1)
            with pytest.raises(SourceError, match="does not know the ticker"):
                await source.client.candles("999999", "1m", 1)
        monkeypatch.setenv("TICKERLENS_TOSS_CLIENT_SECRET", "s_2")
        async with made_toss(loop, trades) as (_, source):
            with pytest.raises(SourceError) as refused:
                await source.open()
            return str(refused.value)

    said = play(NOON, work)
    assert "invalid_client" in said
    assert "s_2" not in said


def test_no_limit_is_exceeded_by_a_crowd_of_questions(trades: MadeTrades) -> None:
    async def work(loop: LeapingLoop) -> tuple[int, float, int]:
        async with made_toss(loop, trades) as (vendor, source):
            await source.open()
            began = loop.time()
            asked = [source.client.candles("005930", "1m", 1) for _ in range(100)]
            await asyncio.gather(*asked, *(source.client.prices(["005930"]) for _ in range(30)))
            return vendor.refused, loop.time() - began, source.limiters["charts"].state.most

    refused, took_s, most = play(NOON, work)
    assert (refused, most) == (0, 20)
    assert 4 <= took_s < 7  # 100 questions, 20 a second


def test_the_vendors_clock_is_read_from_its_answers(trades: MadeTrades) -> None:
    async def work(loop: LeapingLoop) -> int | None:
        async with made_toss(loop, trades) as (vendor, source):
            assert await source.server_ms() is None
            vendor.off_ms = 240_000
            await source.open()
            await asyncio.sleep(100)
            told_ms = await source.server_ms()
            return None if told_ms is None else told_ms - loop.now_ms()

    off_ms = play(NOON, work)
    assert off_ms is not None
    assert 238_000 < off_ms <= 240_000  # however long ago the answer was
