from collections.abc import Callable

import pytest

from shared.protocol.envelope import Message
from tests.kit.messages import a_message


@pytest.fixture(scope="session")
def a() -> Callable[..., Message]:
    """Build a valid message of a kind; a test names only the fields it is about."""
    return a_message
