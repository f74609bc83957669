import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from shared.plain_text import plain_lines, plain_text
from tests.kit.for_each import for_each


@for_each(
    ("given_text", "shown"),
    [
        ("삼성전자 & Co <A>", "삼성전자 & Co <A>"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]52;c;AAAA\x07", "]52;c;AAAA"),
        ("\x9b2J", "2J"),
        ("one\ntwo\ttabbed\r", "one two tabbed "),
        ("abc\u202edcba", "abcdcba"),
        ("\u2066x\u2069\u200b\ufeff", "x"),
        ("half \ud800 pair", "half  pair"),
    ],
)
def test_what_is_obeyed_is_taken_out(given_text: str, shown: str) -> None:
    assert plain_text(given_text) == shown


def test_lines_stay_lines_where_they_may() -> None:
    assert plain_lines("one\ntwo\x1b") == "one\ntwo"


@given(st.text(st.characters(codec=None)))
def test_nothing_of_what_is_left_is_a_control_or_a_surrogate(words: str) -> None:
    left = plain_text(words)
    assert not {unicodedata.category(c) for c in left} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(c) for c in left} & {
        *("LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI", "B"),
    }
    assert plain_text(left) == left
