import numpy as np

from models.data.growth import grown


def test_rows_of_zeros_come_behind() -> None:
    more = grown(np.array([[1.0, 2.0]], dtype=np.float32), 3)
    assert more.tolist() == [[1, 2], [0, 0], [0, 0]]
    assert more.dtype == np.float32
