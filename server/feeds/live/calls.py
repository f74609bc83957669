"""Calls of clients that wait: each in a thread of its own, which holds up nobody's end."""

import asyncio
import contextlib
import functools
import threading
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

THREAD: Final = "source-call"


async def called(function: Callable[[], T]) -> T:
    """Return what a function returns that may wait, without waiting in this thread.

    Its thread is a daemon: the interpreter's own pools wait at the end of the program for whatever
    hangs in them.

    Raises:
        Exception: Whatever the function raised.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            told = functools.partial(_set, result, function())
        except Exception as e:  # noqa: BLE001 - it is raised where it was asked for
            told = functools.partial(_fail, result, e)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(told)

    threading.Thread(target=run, name=THREAD, daemon=True).start()
    return await result


def _set(result: "asyncio.Future[T]", value: T) -> None:
    if not result.done():
        result.set_result(value)


def _fail(result: "asyncio.Future[T]", error: Exception) -> None:
    if not result.done():
        result.set_exception(error)
