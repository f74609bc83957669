from structlog.testing import capture_logs

from server.locks.presence import SILENT_S, Presence
from tests.kit.still_clock import StillClock


def test_desks_come_by_what_they_ask_and_go_by_silence() -> None:
    clock = StillClock()
    presence = Presence(clock)
    with capture_logs() as said:
        presence.heard("bob")
        presence.heard("ada")
        clock.now_s = SILENT_S
        presence.heard("ada")
        presence.look()
        before = presence.desks
        clock.now_s += 1
        presence.look()
    assert (before, presence.desks) == (("ada", "bob"), ("ada",))
    told = [(line["event"], line["desk"], line["desks"]) for line in said]
    assert told == [
        ("connected", "bob", ("bob",)),
        ("connected", "ada", ("ada", "bob")),
        ("gone", "bob", ("ada",)),
    ]
