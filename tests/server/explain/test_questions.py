import pytest

from server.explain.questions import Asker, FairQueue, Question
from shared.explaining import MapKind, OfferedMethod

METHOD = OfferedMethod(
    name="made", title="Made", columns=8, signed=True, kind=MapKind.SHARE, note=""
)


def a_question(sender: bytes, request_id: int, asked_s: float = 0.0) -> Question:
    asker = Asker(sender, request_id)
    return Question(asker=asker, method=METHOD, frames=[], asked_s=asked_s)


def filled(*askers: tuple[bytes, int], of_one: int = 64, of_all: int = 1_024) -> FairQueue:
    queue = FairQueue(of_one, of_all)
    assert [queue.put(a_question(*asker)) for asker in askers] == [None] * len(askers)
    return queue


def taken(queue: FairQueue) -> list[Asker]:
    return [queue.take().asker for _ in range(len(queue))]


def test_clients_take_turns_each_in_its_own_order() -> None:
    queue = filled((b"a", 1), (b"a", 2), (b"a", 3), (b"b", 1), (b"c", 1), (b"b", 2))
    assert taken(queue) == [
        *[(b"a", 1), (b"b", 1), (b"c", 1)],
        *[(b"a", 2), (b"b", 2)],
        (b"a", 3),
    ]


def test_who_comes_beside_a_flood_waits_for_one_of_its_questions_at_most() -> None:
    queue = filled(*[(b"flood", i) for i in range(50)])
    assert queue.take().asker == (b"flood", 0)
    assert queue.put(a_question(b"honest", 1)) is None
    assert [queue.take().asker.sender for _ in range(2)] == [b"flood", b"honest"]


def test_one_client_has_no_more_room_than_its_own() -> None:
    queue = filled((b"a", 1), (b"a", 2), (b"b", 1), of_one=2)
    third = a_question(b"a", 3)
    assert queue.put(third) is third
    assert queue.put(a_question(b"b", 2)) is None
    assert len(queue) == 4


def test_without_room_the_longest_queue_gives_way() -> None:
    queue = filled((b"a", 1), (b"a", 2), (b"a", 3), of_all=3)
    turned_away = queue.put(a_question(b"b", 1))
    assert turned_away is not None
    assert turned_away.asker == (b"a", 3)
    # Now nobody has two more than another one: who asks for more has to wait.
    for sender in (b"a", b"b"):
        more = a_question(sender, 9)
        assert queue.put(more) is more
    assert taken(queue) == [(b"a", 1), (b"b", 1), (b"a", 2)]


def test_what_had_its_turn_for_nothing_is_the_next_again() -> None:
    queue = filled((b"a", 1), (b"a", 2), (b"b", 1))
    queue.put_back(queue.take())
    assert taken(queue) == [(b"a", 1), (b"b", 1), (b"a", 2)]
    queue.put_back(a_question(b"c", 1))
    assert taken(queue) == [(b"c", 1)]


def test_what_is_chosen_waits_no_longer() -> None:
    queue = filled((b"a", 1), (b"b", 1), (b"a", 2))
    found = queue.take_where(lambda question: question.asker.request_id == 1)
    assert [question.asker for question in found] == [(b"a", 1), (b"b", 1)]
    assert len(queue) == 1
    assert Asker(b"a", 1) not in queue
    assert Asker(b"a", 2) in queue
    assert taken(queue) == [(b"a", 2)]


def test_an_empty_queue_has_no_next() -> None:
    with pytest.raises(KeyError):
        FairQueue(1, 1).take()
