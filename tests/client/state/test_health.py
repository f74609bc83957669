import pytest

from client.state.health import LATE_MS, LOST_MS, Heard, State, link_health

HERE = "tcp://127.0.0.1:5555"


@pytest.mark.parametrize(
    ("silent_ms", "state"),
    [
        (0, "live"),
        (LATE_MS - 1, "live"),
        (LATE_MS, "late"),
        (LOST_MS - 1, "late"),
        (LOST_MS, "lost"),
    ],
)
def test_the_age_of_the_newest_message_decides(silent_ms: int, state: State) -> None:
    health = link_health(Heard(newest_ms=1_000, endpoint=HERE), 1_000 + silent_ms)
    assert health.state == state
    assert health.age_ms == silent_ms


def test_a_server_never_heard_is_not_lost_but_awaited() -> None:
    health = link_health(Heard(endpoint=HERE), 1_000_000)
    assert health.state == "connecting"
    assert health.age_ms is None
    assert HERE in health.sentence


def test_a_goodbye_means_lost_at_once() -> None:
    health = link_health(Heard(newest_ms=1_000, goodbye=True, endpoint=HERE), 1_000)
    assert health.state == "lost"
    assert "stopped" in health.sentence


def test_trouble_is_said_unless_all_is_well() -> None:
    heard = Heard(newest_ms=0, trouble="torch is missing")
    assert link_health(heard, LOST_MS).sentence == "torch is missing"
    assert link_health(heard, 0).sentence == "live"


def test_a_silent_server_is_named_with_the_seconds() -> None:
    assert "for 3 s" in link_health(Heard(newest_ms=0, endpoint=HERE), 3_900).sentence
