import itertools
import zoneinfo
from typing import Any, get_args

import pytest

from client.state.freshness import Data, Freshness, Place, Word, data_state, freshness
from client.state.health import Health, State
from shared.protocol.messages import Phase, Status
from tests.kit.for_each import for_each
from tests.kit.messages import a_message

MINUTE = 60_000
NOW = 1_763_000_000_000  # Thursday, 13 November 2025, 02:13:20 UTC
SEOUL = Place(zone=zoneinfo.ZoneInfo("Asia/Seoul"), interval_s=300)
WORDS: dict[Data, dict[str, Any] | None] = {
    "unknown": None,
    "loading": {"state": "starting", "history": 0.379},
    "ended": {"state": "ended"},
    "stale": {"state": "live", "stale_since_ms": NOW - 20 * MINUTE},
    "closed": {"state": "live", "closed_until_ms": NOW + 4 * 86_400_000},
    "live": {"state": "live"},
}
LINKS: dict[State, int | None] = {"connecting": None, "live": 300, "late": 3_000, "lost": 9_000}


def link(state: State) -> Health:
    return Health(
        state=state,
        age_ms=LINKS[state],
        sentence="live" if state == "live" else "nothing heard",
        endpoint="tcp://127.0.0.1:5555",
        local=False,
    )


def said(data: Data, **changes: Any) -> Word:
    word, fields = Word(), WORDS[data]
    if fields is not None:
        status = a_message(Status, **{"market_ms": NOW, **fields, **changes})
        word.take(status, NOW, restarted=False)
    return word


def fresh(state: State, data: Data, **changes: Any) -> Freshness:
    return freshness(link(state), said(data, **changes), NOW, SEOUL)


@for_each(("state", "data"), list(itertools.product(get_args(State), get_args(Data))))
def test_every_combination_of_link_and_data(state: State, data: Data) -> None:
    told = fresh(state, data)
    assert (told.health.state, told.data) == (state, data)
    assert told.current == (state == "live" and data == "live")
    dots = {"late": "late", "lost": "lost", "connecting": "off", "live": "off"}
    assert told.dot == ("live" if told.current else dots[state])
    assert told.words
    assert (told.alone == "") == (data == "live")
    # Both facts are said where both are ill, and neither hides the other.
    if state == "live":
        assert told.alone in told.words
        assert "0.3 s" in told.words
    if state in ("late", "lost"):
        assert f"{state} since" in told.words
        assert (told.alone in told.words) == (data not in ("unknown", "loading"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("unknown", "no word of the market yet · link live · 0.3 s"),
        ("loading", "loading history 37% · link live · 0.3 s"),
        ("closed", "closed, opens Mon 17 Nov 11:13 KST · link live · 0.3 s"),
        ("stale", "stale since 10:53 KST · link live · 0.3 s"),
        ("ended", "the feed ended at 2025-11-13 11:13 · link live · 0.3 s"),
        ("live", "live · 0.3 s"),
    ],
)
def test_what_is_not_live_says_since_when(data: Data, words: str) -> None:
    assert fresh("live", data).words == words


def test_a_replay_is_never_green_and_says_of_when_it_is() -> None:
    then = 1_583_300_000_000
    told = fresh("live", "live", played=True, market_ms=then, simulated=False)
    assert (told.current, told.dot, told.played) == (True, "played", True)
    assert told.words == "replay at 2020-03-04 14:33 · 0.3 s"
    assert told.market_ms == then
    simulated = fresh("live", "live", played=True, market_ms=then, simulated=True)
    assert simulated.words == "simulated at 2020-03-04 14:33 · 0.3 s"


def test_a_server_that_does_not_tell_its_time_gets_no_green() -> None:
    told = fresh("live", "live", market_ms=0)
    assert (told.current, told.dot, told.market_ms) == (True, "off", 0)


def test_history_of_unknown_length_has_no_percentage() -> None:
    assert fresh("live", "loading", history=0.0).alone == "loading history"
    note = "1,240 of 2,800 tickers, 40 s left"
    assert fresh("live", "loading", feed_note=note).alone == f"loading history 37%, {note}"
    assert fresh("live", "loading", history=0.999).alone == "loading history 99%"


def test_a_feed_that_broke_off_says_so() -> None:
    told = freshness(link("live"), said("ended", state="failed"), NOW, SEOUL)
    assert told.alone.startswith("the feed broke off at")


@for_each("state", get_args(Phase))
@for_each("closed", [0, 5])
@for_each("stale", [0, 5])
def test_every_word_of_a_server_is_one_state(state: Phase, closed: int, stale: int) -> None:
    status = a_message(Status, state=state, closed_until_ms=closed, stale_since_ms=stale)
    running: Data = "stale" if stale else "closed" if closed else "live"
    expected: dict[str, Data] = {"starting": "loading", "ended": "ended", "failed": "ended"}
    assert data_state(status) == expected.get(state, running)


def test_the_market_s_clock_goes_on_where_it_hangs_on_a_wall() -> None:
    word = said("live")
    assert word.market_ms(NOW + 700) == NOW + 700
    assert word.market_ms(NOW - 700) == NOW  # our clock was set back
    assert said("live", played=True).market_ms(NOW + 700) == NOW
    assert Word().market_ms(NOW) == 0


def test_a_bar_that_came_before_the_next_word_moves_a_clock_that_is_played() -> None:
    played, hung = said("live", played=True), said("live")
    for word in (played, hung):
        word.saw(NOW + 5)
    assert played.market_ms(NOW) == NOW + 5
    assert hung.market_ms(NOW) == NOW
    played.take(None, NOW, restarted=True)
    played.take(a_message(Status, played=True, market_ms=7), NOW, restarted=False)
    assert played.market_ms(NOW) == 7


def test_another_run_takes_the_word_of_the_one_before_with_it() -> None:
    word = said("live")
    word.take(None, NOW, restarted=False)
    assert word.status is not None
    word.take(None, NOW, restarted=True)
    assert word.status is None
