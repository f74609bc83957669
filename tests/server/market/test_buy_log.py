import numpy as np

from server.market.buy_log import BuyMemory
from server.protocol.sequencer import Sequencer
from shared.protocol.messages import Buy
from tests.kit.messages import a_message

STAMPS = Sequencer("run", "net@01234567")
ANSWER = STAMPS.answer(0, 99)


def said(memory: BuyMemory, stamps: Sequencer, *symbols: str) -> None:
    n = len(symbols)
    buy = a_message(
        Buy,
        stamp=stamps.published("buy", 7, 1_000),
        symbols=symbols,
        confidence=np.full(n, 0.5, np.float32),
        last=np.arange(1.0, n + 1),
        bar_ms=np.full(n, 7, np.int64),
    )
    memory.add(buy)


def test_all_is_remembered_oldest_first() -> None:
    memory, stamps = BuyMemory(), Sequencer("run", "net@01234567")
    said(memory, stamps, "A", "B")
    said(memory, stamps, "A")
    log = memory.after(0, ANSWER)
    assert log.symbols == ("A", "B", "A")
    assert log.sequence.tolist() == [1, 1, 2]
    assert log.last.tolist() == [1.0, 2.0, 1.0]
    assert log.made_ms.tolist() == [1_000] * 3
    assert (log.complete, log.buy_sequence) == (True, 2)


def test_only_what_came_after_is_said() -> None:
    memory, stamps = BuyMemory(), Sequencer("run", "net@01234567")
    for symbol in "ABC":
        said(memory, stamps, symbol)
    assert memory.after(2, ANSWER).symbols == ("C",)
    assert memory.after(3, ANSWER).symbols == ()
    assert memory.after(3, ANSWER).complete


def test_a_log_that_forgot_says_so() -> None:
    memory, stamps = BuyMemory(kept=2), Sequencer("run", "net@01234567")
    said(memory, stamps, "A", "B")
    assert memory.after(0, ANSWER).complete
    said(memory, stamps, "C")  # "A" of message 1 is forgotten now
    assert memory.after(0, ANSWER).symbols == ("B", "C")
    assert not memory.after(0, ANSWER).complete
    assert memory.after(1, ANSWER).complete


def test_an_empty_log_is_complete() -> None:
    log = BuyMemory().after(0, ANSWER)
    assert (log.symbols, log.complete, log.buy_sequence) == ((), True, 0)
