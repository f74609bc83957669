from client.state.type_ahead import PAUSE_S, TypeAhead

ROWS = [("005930", "삼성전자"), ("AAPL", "Apple"), ("AMD", "Advanced"), ("000660", "SK hynix")]


def test_typing_goes_to_what_begins_so() -> None:
    typed = TypeAhead()
    assert typed.find("a", 10.0, ROWS, -1) == 1
    assert typed.find("m", 10.2, ROWS, 1) == 2
    assert typed.find("x", 10.4, ROWS, 2) is None
    assert typed.find("s", 10.4 + PAUSE_S, ROWS, 2) == 3
    assert typed.find("ㅅ", 20.0, ROWS, 3) == 0
    korean = [typed.find(key, 30 + i / 10, ROWS, 0) for i, key in enumerate("ㅁㅡㅇ")]
    assert korean == [1, 2, 2]  # the keys of amd


def test_one_letter_again_goes_on_to_the_next() -> None:
    typed = TypeAhead()
    found = [
        typed.find("a", 10 + i / 10, ROWS, current) for i, current in ((0, -1), (1, 1), (2, 2))
    ]
    assert found == [1, 2, 1]
    assert TypeAhead().find("a", 0.0, [], -1) is None
