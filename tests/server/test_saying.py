import itertools
from collections.abc import Iterator

import zmq

from server.market.cycle import Utterance
from server.protocol.publisher import Publisher
from server.saying import Saying
from shared.protocol.messages import Published
from tests.kit.house import DAY_MS, FULL, SYMBOLS, Context, House, bars
from tools.fuzz.seeds import follower


def test_what_a_batch_says_leaves_room_between_its_parts(context: Context) -> None:
    clock = itertools.count(step=0.0006)
    told: list[object] = []
    with context.socket(zmq.XPUB) as socket:
        publisher = Publisher(socket, "tcp://127.0.0.1:*", SYMBOLS)
        talk = Saying(publisher, told.extend, lambda: next(clock))
        message = _status(House(follower()))
        parts: Iterator[Utterance] = iter([[message]] * 5)
        talk.begin(parts)
        after = [len(told)]
        while talk.busy:
            talk.go_on()
            after.append(len(told))
        talk.go_on()  # nothing is left, and nothing comes of it
    assert after == [2, 4, 5]
    assert (talk.cycles, round(talk.cycle_ms, 1)) == (1, 4.8)


def test_rows_come_first_and_what_is_looked_at_in_parts() -> None:
    house = House(follower())
    house.fill()
    parts = house.parts(bars(FULL + 1, (101.0, 100.0, 100.0)), 0, 1, 2)
    kinds = [[type(message).__name__ for message in part] for part in parts]
    assert kinds == [["Confidence", "Buy"], ["Heatmaps"], ["Bar"] * 3]


def _status(house: House) -> Published:
    return house.cycle.status("live", DAY_MS)
