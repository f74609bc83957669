import msgspec
import numpy as np
import pytest

from models.calibration.static import Calibration, softmax


def test_float32_logits_come_out_as_float64() -> None:
    raw = np.array([[0.1, 0.2, 0.3]], np.float32)
    calibrated = Calibration(scale=(2, 2, 2), bias=(0, 1, 0)).apply(raw)
    assert calibrated.dtype == np.float64
    np.testing.assert_array_equal(calibrated, raw.astype(np.float64) * 2 + [0, 1, 0])


def test_softmax_of_huge_logits_is_finite() -> None:
    np.testing.assert_array_equal(softmax(np.array([[1e4, 0.0, -1e4]])), [[1, 0, 0]])


def test_a_scale_of_zero_and_an_unknown_field_are_refused() -> None:
    for text in (b'{"scale":[0,1,1]}', b'{"gamma":1}'):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(text, type=Calibration)
