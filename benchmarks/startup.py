"""What `--version` and `--help` of the programs cost, beside an interpreter that does nothing."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from typing import Final

from benchmarks.timing import Measurement, in_turns

_ASKED: Final = {
    "python -c pass": ("-c", "pass"),
    "tickerlens --version": ("-m", "client", "--version"),
    "tickerlens --help": ("-m", "client", "--help"),
    "tickerlens-server --version": ("-m", "server", "--version"),
    "tickerlens-server --help": ("-m", "server", "--help"),
    "tickerlens-models --version": ("-m", "models", "--version"),
    "tickerlens-models --help": ("-m", "models", "--help"),
}


def run(rounds: int) -> list[Measurement]:
    """Time each as a process of its own, in seconds of the processor, not of the wall."""
    calls = {name: _process(arguments) for name, arguments in _ASKED.items()}
    return [
        Measurement(
            title="Processor time of a program that only answers",
            timings=in_turns(calls, rounds, clock=_processor_s),
        )
    ]


def _process(arguments: tuple[str, ...]) -> Callable[[], object]:
    command = [sys.executable, *arguments]
    # As installed programs are, which pip has compiled: the round that is not measured keeps it.
    environ = {name: said for name, said in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return lambda: subprocess.run(  # noqa: S603 - ours
        command, check=True, stdout=subprocess.DEVNULL, env=environ
    )


def _processor_s() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
