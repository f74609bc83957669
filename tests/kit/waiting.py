"""How long a test waits for what must come, and how."""

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

LIMIT_S: Final = 100.0  # only a fault takes as long, however busy the machine is
LIMIT_MS: Final = 100_000
_LOOK_AGAIN_S: Final = 0.005

T = TypeVar("T")


def wait_for(look: Callable[[], T | None]) -> T:
    """Return the first answer of `look` that is true; in between the cores are free."""
    pause = threading.Event()
    give_up = time.monotonic() + LIMIT_S
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < give_up, "it never came"
        pause.wait(_LOOK_AGAIN_S)
