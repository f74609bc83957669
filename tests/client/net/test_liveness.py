import pytest

from client.net.liveness import (
    FIRST_PAUSE_MS,
    LONGEST_PAUSE_MS,
    LONGEST_SILENCE_MS,
    ONE_SIDED_MS,
    PING_MS,
    Liveness,
)
from client.state.health import LATE_MS, LOST_MS


def times_of_renewal(liveness: Liveness, until_ms: int, *, are_over: bool) -> list[int]:
    found = []
    for now_ms in range(0, until_ms, 50):
        if liveness.must_renew(now_ms, are_over=are_over):
            liveness.renewed(now_ms)
            found.append(now_ms)
    return found


def test_a_ping_is_due_at_once_and_then_twice_each_second() -> None:
    liveness = Liveness(0)
    due = [now for now in range(0, 3 * PING_MS, 50) if liveness.is_ping_due(now)]
    assert due == [0, PING_MS, 2 * PING_MS]


def test_at_first_nothing_is_heard() -> None:
    assert Liveness(0).newest_ms is None


def test_what_is_heard_on_one_stream_alone_does_not_make_the_other_live() -> None:
    liveness = Liveness(0)
    liveness.heard_answer(100)
    assert liveness.newest_ms == 100
    liveness.heard_publication(200)
    liveness.heard_answer(5_000)
    assert liveness.newest_ms == 200
    liveness.heard_publication(6_000)
    assert liveness.newest_ms == 5_000


@pytest.mark.parametrize("silent", ["publication", "answer"])
def test_sockets_are_made_anew_soon_when_one_stream_falls_silent(silent: str) -> None:
    liveness = Liveness(0)
    renewed = []
    for now_ms in range(0, 12_000, 50):
        if silent != "publication" or now_ms <= 1_000:
            liveness.heard_publication(now_ms)
        if silent != "answer" or now_ms <= 1_000:
            liveness.heard_answer(now_ms)
        if liveness.must_renew(now_ms, are_over=False):
            liveness.renewed(now_ms)
            renewed.append(now_ms)
    # On new sockets it may be slow in coming, or such that it can never be heard.
    first = 1_000 + ONE_SIDED_MS
    assert renewed == [first]


@pytest.mark.parametrize("silent", ["publication", "answer"])
def test_a_stream_that_was_never_heard_is_given_more_time(silent: str) -> None:
    liveness = Liveness(0)
    for now_ms in range(0, LOST_MS, 50):
        if silent != "publication":
            liveness.heard_publication(now_ms)
        if silent != "answer":
            liveness.heard_answer(now_ms)
        assert not liveness.must_renew(now_ms, are_over=False)
    assert liveness.must_renew(LOST_MS, are_over=False)


def test_sockets_of_a_server_that_is_silent_are_given_more_time() -> None:
    liveness = Liveness(0)
    for now_ms in range(0, 3_000, 50):
        liveness.heard_publication(now_ms)
        liveness.heard_answer(now_ms)
    assert not liveness.must_renew(2_950 + LOST_MS - 50, are_over=False)
    assert liveness.must_renew(2_950 + LOST_MS, are_over=False)


def test_while_both_are_heard_nothing_is_made_anew() -> None:
    liveness = Liveness(0)
    for now_ms in range(0, 10 * LOST_MS, 500):
        liveness.heard_publication(now_ms)
        liveness.heard_answer(now_ms)
        assert not liveness.must_renew(now_ms + 499, are_over=False)


def test_a_server_that_is_away_costs_ever_fewer_sockets() -> None:
    found = times_of_renewal(Liveness(0), 200_000, are_over=False)
    pauses = [later - earlier for earlier, later in zip([0, *found], found, strict=False)]
    assert pauses[:3] == [LOST_MS, 2 * LOST_MS, 4 * LOST_MS]
    assert set(pauses[3:]) == {LONGEST_SILENCE_MS}


def test_sockets_that_were_given_up_are_made_anew_soon_and_never_as_fast_as_they_fail() -> None:
    found = times_of_renewal(Liveness(0), 5_000, are_over=True)
    assert found[0] == FIRST_PAUSE_MS
    assert found[-1] - found[-2] == LONGEST_PAUSE_MS


def test_patience_starts_over_when_both_streams_were_heard_on_the_new_sockets() -> None:
    liveness = Liveness(0)
    times_of_renewal(liveness, 5_000, are_over=True)
    liveness.heard_publication(6_000)
    liveness.heard_answer(6_000)
    liveness.renewed(7_000)
    assert liveness.must_renew(7_000 + 2 * FIRST_PAUSE_MS, are_over=True)


def test_requests_are_late_where_only_what_is_published_is_heard() -> None:
    liveness = Liveness(0)
    assert not liveness.are_requests_late(10_000, LATE_MS)
    liveness.heard_publication(10_000)
    assert liveness.are_requests_late(10_000, LATE_MS)
    liveness.heard_answer(10_000)
    assert not liveness.are_requests_late(10_000, LATE_MS)
