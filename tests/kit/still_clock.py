"""A clock that stands still, for tests of deadlines."""


class StillClock:
    """Time goes on when a test says so.

    Attributes:
        now_s: What it shows, seconds.
    """

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s
