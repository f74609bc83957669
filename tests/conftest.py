import contextlib
import gc
import logging
import os
import sys
from collections.abc import Iterator
from typing import Any, Final

import execnet
import hypothesis
import pytest

from tests.kit.live_server import LiveServer, StartServer
from tests.kit.warm_forks import forks_at_hand
from tests.kit.warm_python import PLACE

# Before any test imports Qt: the suite needs no screen.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Before any test imports torch, and for the programs that tests start: several tests run at once,
# and threads that wait for a busy core are slower than one alone.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Likewise: a file of bars is small, and handing it to more threads takes longer than reading it.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
# Likewise: servers of tests keep nothing in the user's own folders, and begin with nothing.
os.environ.setdefault("TICKERLENS_SERVER__JOURNAL", "off")
# What is compiled once is compiled for every process of the suite, and for the next run: tests are
# hundreds of modules whose asserts are rewritten, and each program that a test starts loads ours.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# How long an example takes says how busy the machine is, and nothing of the code.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


# The executable that becomes a worker.
OF_WORKERS: Final = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """Have programs started quickly, for all workers at once."""
    told: dict[str, str] | None = getattr(config, "workerinput", None)
    if told is not None:  # this is a worker, started by another
        sys.executable = told["python"]
        return
    if config.option.collectonly:  # nothing runs
        return
    forks = contextlib.ExitStack()
    config.add_cleanup(forks.close)
    os.environ[PLACE] = forks.enter_context(forks_at_hand())
    forks.callback(os.environ.pop, PLACE)
    if (config.getoption("numprocesses", None) or 0) > 1:
        config.stash[OF_WORKERS] = forks.enter_context(forks_at_hand(config.args))


def pytest_xdist_auto_num_workers() -> int:
    """Return one more than there are cores: a test that waits for a program leaves it its core."""
    if hasattr(os, "sched_getaffinity"):  # a container may have fewer than the machine
        return len(os.sched_getaffinity(0)) + 1
    return (os.cpu_count() or 1) + 1


def pytest_xdist_setupnodes(config: pytest.Config, specs: list[execnet.XSpec]) -> None:
    """Fork the workers from one process, which has loaded what all of them load."""
    python = config.stash.get(OF_WORKERS, None)
    for spec in specs:
        spec.python = python


def pytest_configure_node(node: Any) -> None:
    """Tell a worker which `python` it is: a fork would start forks where it says the same."""
    node.workerinput["python"] = sys.executable


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect without looking for garbage, and never look at what was loaded meanwhile again.

    That is hundreds of thousands of objects of libraries, all of which live until the end.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        _join_loggers_of_torch()
        gc.freeze()
        gc.enable()


def _join_loggers_of_torch() -> None:
    # Torch has forty loggers that pass nothing on, and pytest gives each of them a handler and
    # takes it away again, six times a test: a third of what an empty test costs.
    for name, logger in logging.root.manager.loggerDict.items():
        if name.startswith("torch") and isinstance(logger, logging.Logger):
            logger.propagate = True


@pytest.fixture
def start_server() -> Iterator[StartServer]:
    """Start servers that end with the test; `--publish` is any free port unless given."""
    servers: list[LiveServer] = []

    def start(*flags: str, publish: str = "tcp://127.0.0.1:*", requests: str = "") -> LiveServer:
        more = ("--requests", requests) if requests else ()
        servers.append(LiveServer("--publish", publish, *more, *flags))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
