from server.protocol.sequencer import Sequencer


def test_each_kind_is_counted_by_itself_from_one() -> None:
    stamps = Sequencer("run", "net@01234567")
    kinds = ("buy", "status", "buy")
    assert [stamps.published(kind, 5, 9).sequence for kind in kinds] == [1, 1, 2]
    assert [stamps.newest(kind) for kind in ("buy", "status", "bar")] == [2, 1, 0]


def test_an_answer_counts_nothing() -> None:
    stamps = Sequencer("run", "net@01234567")
    stamp = stamps.answer(5, 9)
    assert (stamp.sequence, stamp.newest_bar_ms, stamp.made_ms) == (0, 5, 9)
    assert (stamp.run_id, stamp.model_id) == ("run", "net@01234567")
    assert stamps.published("buy", 5, 9).sequence == 1
