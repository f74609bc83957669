import numpy as np
import pytest

from server.journal import known_buys
from server.journal.known_buys import KnownBuys


def test_the_newest_buys_are_known_and_the_oldest_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(known_buys, "_MOST", 3)
    found = KnownBuys()
    found.add(("A", "B", "A"), np.array([1, 1, 2]))
    found.add(("A", "B"), np.array([1, 1]))  # again
    assert found.unknown(("A", "C", "B", "A"), np.array([1, 1, 2, 2])).tolist() == [
        *(False, True, True, False)
    ]
    found.add(("C",), np.array([3]))
    assert found.unknown(("A", "A", "C"), np.array([1, 2, 3])).tolist() == [True, False, False]
