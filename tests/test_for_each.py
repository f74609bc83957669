import inspect

import pytest

from tests.kit.for_each import for_each


def test_all_cases_are_tried_and_all_that_fail_are_told() -> None:
    tried: list[tuple[int, int, str]] = []

    @for_each(("few", "many"), [(1, 10), (2, 20), (3, 30)])
    def all_are_below_two(few: int, fixture: str, many: int) -> None:
        tried.append((few, many, fixture))
        if few == 3:
            pytest.fail("three")
        assert few < 2

    assert [*inspect.signature(all_are_below_two).parameters] == ["fixture"]
    with pytest.raises(BaseExceptionGroup, match="2 of 3 cases failed") as told:
        all_are_below_two(fixture="made")
    assert tried == [(1, 10, "made"), (2, 20, "made"), (3, 30, "made")]
    assert ["'few': 2" in failure.__notes__[0] for failure in told.value.exceptions] == [1, 0]


def test_decorators_multiply_and_no_cases_are_no_test() -> None:
    tried: list[str] = []

    @for_each("one", "ab")
    @for_each("other", "xy")
    def each(one: str, other: str) -> None:
        tried.append(one + other)

    each()
    assert tried == ["ax", "ay", "bx", "by"]
    with pytest.raises(ValueError, match="there must be cases"):
        for_each("one", [])
