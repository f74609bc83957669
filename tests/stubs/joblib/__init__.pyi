# What we use of joblib, which ships no types.
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager
from typing import Generic, Literal, ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")

class _Call(Generic[_R]): ...

def cpu_count() -> int: ...
def delayed(function: Callable[_P, _R]) -> Callable[_P, _Call[_R]]: ...
def parallel_config(
    backend: str, *, inner_max_num_threads: int
) -> AbstractContextManager[object]: ...

class Parallel:
    def __init__(
        self,
        n_jobs: int,
        *,
        return_as: Literal["generator_unordered"],
        batch_size: int,
        mmap_mode: Literal["c"],
    ) -> None: ...
    def __call__(self, iterable: Iterable[_Call[_R]]) -> Generator[_R]: ...
