from collections.abc import Callable

import polars as pl
import pytest

from models.data.sources.coded import coded
from tests.kit.for_each import for_each


def enum() -> pl.Enum:
    return pl.Enum(["C", "A", "B", "D"])


@for_each("kind", [pl.String, pl.Categorical, enum])
@for_each("texts", [["A", "A", "B", "B"], ["B", "A", "B", "C"], ["A"], []])
def test_codes_say_the_texts_again(kind: Callable[[], pl.DataType], texts: list[str]) -> None:
    distinct, code = coded(pl.Series(texts, dtype=pl.String).cast(kind()))
    assert [distinct[i] for i in code.tolist()] == texts
    assert sorted(distinct) == sorted(set(texts))


@pytest.mark.parametrize("kind", [pl.String, pl.Categorical])
def test_a_missing_text_is_an_empty_one(kind: pl.DataType) -> None:
    distinct, code = coded(pl.Series([None, "A", None], dtype=pl.String).cast(kind))
    assert [distinct[i] for i in code.tolist()] == ["", "A", ""]
