from shared.throttle import Throttle


def test_each_kind_is_let_through_once_in_a_while() -> None:
    times = iter((100.0, 100.0, 105.0, 105.0, 110.0, 114.9, 115.0))
    throttle = Throttle(10.0, lambda: next(times))
    kinds = ("bad", "bad", "bad", "unknown", "bad", "unknown", "unknown")
    said = [throttle.lets(kind) for kind in kinds]
    assert said == [True, False, False, True, True, False, True]
