"""Many small cases of one behaviour as one test, which tells of every case that fails."""

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import pytest

Test: TypeAlias = Callable[..., None]


def for_each(names: str | Sequence[str], cases: Iterable[Any]) -> Callable[[Test], Test]:
    """Return what makes of a test one that goes through all cases.

    `pytest.mark.parametrize` makes a test of each case, which costs some milliseconds more than
    the case itself. Fixtures are the same for all cases here, so a case must leave them as they
    were.

    Args:
        names: Of the argument that a case has, or of several.
        cases: Their values; tuples where there are several names. At least one.
    """
    told = [names] if isinstance(names, str) else names
    values = list(cases)
    if not values:
        raise ValueError(f"there must be cases of {names}")

    def of_all(test: Test) -> Test:
        @functools.wraps(test)
        def test_all(**fixtures: Any) -> None:
            failed: list[BaseException] = []
            for value in values:
                arguments = dict(zip(told, value if len(told) > 1 else (value,), strict=True))
                try:
                    test(**arguments, **fixtures)
                # Whatever is wrong with a case is told, once all are tried.
                except (Exception, pytest.fail.Exception) as failure:  # noqa: BLE001
                    failure.add_note(f"in the case {arguments!r:.2000}")
                    failed.append(failure)
            if failed:
                raise BaseExceptionGroup(f"{len(failed)} of {len(values)} cases failed", failed)

        signature = inspect.signature(test)
        others = [p for name, p in signature.parameters.items() if name not in told]
        vars(test_all)["__signature__"] = signature.replace(parameters=others)
        return test_all

    return of_all
