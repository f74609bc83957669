from itertools import pairwise

import pytest

from models.data import blocks as module
from models.data.blocks import blocks


@pytest.mark.parametrize("n", [0, 1, 3, 4, 7])
def test_each_row_is_in_one_block_and_what_is_beyond_in_two(
    n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ROWS", 3)
    rows = list(range(n))
    assert [row for own in blocks(n) for row in rows[own]] == rows
    pairs = [pair for own in blocks(n, beyond=1) for pair in pairwise(rows[own])]
    assert pairs == list(pairwise(rows))
