import pytest
import zmq

from tests.kit.contexts import ending_context


def test_a_context_whose_sockets_are_closed_ends() -> None:
    with ending_context() as context, context.socket(zmq.PAIR):
        pass
    assert context.closed


def test_a_socket_that_is_left_open_is_told_and_does_not_keep_the_run_from_ending() -> None:
    with pytest.raises(AssertionError, match="unclosed socket"), ending_context() as context:
        left = context.socket(zmq.PAIR)
    assert left.closed
    assert context.closed


def test_what_failed_before_is_what_is_told() -> None:
    left: list[zmq.Socket[bytes]] = []

    def fail() -> None:
        with ending_context() as context:
            left.append(context.socket(zmq.PAIR))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert left[0].closed
