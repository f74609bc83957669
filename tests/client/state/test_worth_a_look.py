import numpy as np

from client.state.worth_a_look import WorthALook
from shared.contract import Float32
from tests.kit.spreads import a_spread

ALL = np.ones(3, np.bool_)


def up(*confidences: float) -> Float32:
    return np.array(confidences, np.float32)


def test_a_buy_is_let_go_later_than_it_is_taken() -> None:
    worth, spread = WorthALook(), a_spread(0.0, 1.0, buy_from=0.9)
    worth.move(np.full(3, -1))
    seen = []
    for first in (0.89, 0.91, 0.89, 0.87, 0.89):
        worth.take(up(first, 0.95, 0.5), ALL, spread)
        seen.append(worth.strong.tolist())
    assert [row[0] for row in seen] == [False, True, True, False, False]
    assert [row[1:] for row in seen] == [[True, False]] * 5
    worth.take(up(0.95, 0.95, 0.95), ~ALL, spread)
    assert not worth.strong.any()


def test_what_the_user_wants_comes_before_the_card_and_without_one_all_are_strong() -> None:
    worth, spread = WorthALook(), a_spread(0.0, 1.0, buy_from=0.9)
    assert worth.least(spread) == 0.9
    worth.wanted = 0.4
    worth.move(np.full(3, -1))
    worth.take(up(0.41, 0.39, 0.5), ALL, spread)
    assert worth.strong.tolist() == [True, False, True]
    assert worth.is_strong(0.41, spread)
    assert not worth.is_strong(0.39, spread)
    worth.take(up(0.1, 0.2, 0.3), ALL, None)
    assert worth.strong.all()
    assert worth.is_strong(0.1, None)


def test_strong_buys_go_with_their_rows() -> None:
    worth, spread = WorthALook(), a_spread(0.0, 1.0, buy_from=0.9)
    worth.move(np.full(3, -1))
    worth.take(up(0.95, 0.5, 0.5), ALL, spread)
    worth.move(np.array([2, -1, 0]))
    assert worth.strong.tolist() == [False, False, True]
