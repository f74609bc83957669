import msgspec

from client.state.track import HOLDS, NONE_YET, TrackLine, promise_of, track_lines, track_sentence
from shared.protocol.answers import ModelCard
from tests.kit.cards import a_card
from tests.kit.messages import a_message, a_track


def test_a_record_stands_beside_what_was_said_of_it() -> None:
    track = a_track(hit_rate=0.4, claimed=0.45, net_return=-0.0012)
    lines = track_lines(track, (0.019, 0.0151))
    assert lines[0] == TrackLine(
        name="Came true",
        live="40.0%",
        interval="35.0% to 45.0%",
        promised="45.0% said with them",
    )
    assert [line.live for line in lines[1:]] == ["+5.00%", "+0.010", "−0.12%", "1.4 of 1"]
    assert [line.promised for line in lines[1:]] == [
        "1.5% off on the card's test",
        "+0.019 on the card's test",
        "",
        "20 or more says that they part",
    ]
    # With few days nothing is known of an interval, and a card may promise nothing.
    few = track_lines(a_track(hit_low=None, hit_high=None), None)
    assert (few[0].interval, few[1].promised, few[2].promised) == ("", "", "")


def test_it_is_said_when_what_came_true_and_what_was_said_part() -> None:
    assert track_sentence(None) == NONE_YET
    assert track_sentence(a_track(parted=False)) == HOLDS
    assert "made 34.2 of 1" in track_sentence(a_track(parted=True, evidence=34.2))


def test_the_promise_is_that_of_the_card_where_one_can_be_read() -> None:
    card = msgspec.json.encode(a_card("ab" * 32)).decode()
    assert promise_of(a_message(ModelCard, card_json=card)) == (0.0, 0.0)
    assert promise_of(a_message(ModelCard, card_json="{}")) is None
    assert promise_of(a_message(ModelCard, card_json="no card")) is None
