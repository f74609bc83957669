"""ZeroMQ contexts for tests, which end whatever a test leaves open."""

import contextlib
import warnings
from collections.abc import Iterator

import zmq


@contextlib.contextmanager
def ending_context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    """Yield a context; a socket that is still open afterwards is closed, and is an error.

    To end a context with an open socket takes for ever: no time limit of a test ends that, since
    the wait goes on after each signal. A test that failed before it closed its socket would then
    keep a whole run from ending.
    """
    context = zmq.Context()
    context.setsockopt(zmq.LINGER, 0)
    try:
        yield context
    finally:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            with context:
                pass  # which closes what is open, and tells of it
    if told:
        raise AssertionError("; ".join(str(warning.message) for warning in told))
