"""Fuzzing led by coverage, with atheris: it keeps what reaches lines that were never reached."""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any, Final

from shared.errors import UnavailableError
from tools.fuzz.campaign import Tally, try_one
from tools.fuzz.dice import Tape
from tools.fuzz.surfaces import Surface

# Whose lines count: what reads the wire. What msgspec does in C is not seen.
LED_BY: Final = (
    "shared.protocol.wire",
    "shared.protocol.envelope",
    "shared.protocol.messages",
    "shared.protocol.answers",
    "shared.protocol.explanations",
    "client.net.sync",
    "client.net.buy_stream",
    "client.net.pending_requests",
    "client.state.inbox",
    "server.protocol.handlers",
    "server.protocol.subscriptions",
)


def run(kind: type[Surface], seconds: int) -> int:
    """Fuzz one reader for so long, and leave as libFuzzer does: with 0 where no fault was found.

    Raises:
        UnavailableError: atheris is not installed.
    """
    atheris = _atheris()
    for name in LED_BY:
        for thing in vars(import_module(name)).values():
            if isinstance(thing, type) and thing.__module__ == name:
                _instrument(atheris, thing)
    surface, tally = kind(), Tally()

    def one(data: bytes) -> None:
        try_one(surface, Tape(data), tally)
        if tally.faults:
            raise AssertionError(tally.faults[0])

    arguments = [sys.argv[0], f"-max_total_time={seconds}", "-max_len=512", "-verbosity=1"]
    atheris.Setup(arguments, one)
    atheris.Fuzz()  # does not return
    return 0


def _instrument(atheris: Any, owner: type) -> None:
    for name, function in list(vars(owner).items()):
        if callable(function) and hasattr(function, "__code__"):
            setattr(owner, name, atheris.instrument_func(function))


def _atheris() -> ModuleType:
    try:
        return import_module("atheris")
    except ImportError as e:
        sentence = "fuzzing led by coverage needs atheris, which is not here: pip install atheris"
        raise UnavailableError(sentence) from e
