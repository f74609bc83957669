import numpy as np
import pytest

from models.data.sources import pages


@pytest.mark.parametrize("much", [1, 1 << 26])
def test_an_array_can_be_written_to_wherever_its_pages_are_from(
    much: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_MUCH", much)
    array = pages.untouched((2, 3), np.int32)
    array[:] = [[1, 2, 3], [4, 5, 6]]
    assert array.sum() == 21
    assert array.dtype == np.int32
    assert array.flags.c_contiguous
    assert pages.untouched((0, 3), np.float64).shape == (0, 3)
