import datetime

import numpy as np
import polars as pl
import pytest

from models.data.sources.fixed_times import FIXED_FORMS, FixedForm, fixed_ms
from models.data.sources.stamps import read_stamps
from shared.errors import DataError

LAYOUTS = {
    "YYYY-MM-DD HH:MM:SS": "%Y-%m-%d %H:%M:%S",
    "YYYY-MM-DD": "%Y-%m-%d",
    "YYYY-MM-DDTHH:MM:SS": "%Y-%m-%dT%H:%M:%S",
    "YYYY-MM-DD HH:MM": "%Y-%m-%d %H:%M",
}

forms = pytest.mark.parametrize("form", FIXED_FORMS, ids=lambda form: form.name)


def written(form: FixedForm, n: int) -> list[str]:
    seconds = np.random.default_rng(form.width).integers(-2_000_000_000, 4_000_000_000, n)
    epoch = datetime.datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock, of no zone
    moments = [epoch + datetime.timedelta(seconds=int(s)) for s in seconds]
    return [moment.strftime(LAYOUTS[form.name]) for moment in moments]


def cells(texts: list[str], form: FixedForm) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.frombuffer("".join(texts).encode("latin-1"), np.uint8).reshape(-1, form.width)


@forms
def test_times_are_those_that_the_reader_of_texts_finds(form: FixedForm) -> None:
    texts = written(form, 35_000)  # of which not one shares its date with the one before
    told = read_stamps(pl.Series(texts), "")
    wall_ms = fixed_ms(cells(texts, form), form)
    assert wall_ms is not None
    assert np.array_equal(wall_ms, told.wall_ms)
    assert (form.name, form.grain) == (told.form, told.grain)


@forms
def test_of_a_byte_out_of_place_nothing_is_read_that_the_texts_do_not_say(form: FixedForm) -> None:
    rng = np.random.default_rng(1)
    read = 0
    for text in written(form, 600):
        place = int(rng.integers(form.width))
        odd = text[:place] + str(rng.choice(list("0123456789:-/ T.\xff\x01"))) + text[place + 1 :]
        wall_ms = fixed_ms(cells([text, odd, text], form), form)
        if wall_ms is None:
            continue
        read += 1
        try:
            told = read_stamps(pl.Series([text, odd, text]), "")
        except DataError:
            pytest.fail(f"{odd!r} was read as {wall_ms[1]}")
        assert np.array_equal(wall_ms, told.wall_ms), odd
    assert read > 20


def test_the_31st_of_february_and_the_25th_hour_are_no_times() -> None:
    form = FIXED_FORMS[0]
    for odd in ("2024-02-31 09:00:00", "2024-02-01 25:00:00", "2024-02-01 09:60:00"):
        assert fixed_ms(cells(["2024-02-01 09:00:00", odd], form), form) is None


def test_no_row_is_no_time() -> None:
    form = FIXED_FORMS[0]
    wall_ms = fixed_ms(np.zeros((0, form.width), np.uint8), form)
    assert wall_ms is not None
    assert len(wall_ms) == 0
