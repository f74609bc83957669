import re

import pytest

from client.state.hangul import key_letter, pattern


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ㅅㅅ", ["삼성전자", "신성", "상사"]),
        ("삼ㅅ", ["삼성전자"]),
        ("사", ["삼성전자", "상사"]),
        ("삼서", ["삼성전자"]),
        ("삼성", ["삼성전자"]),
        ("성삼", []),
        ("ㅆ", ["쌍용"]),
        ("a.b", ["a.b"]),
    ],
)
def test_what_was_begun_finds_names(typed: str, found: list[str]) -> None:
    names = ["삼성전자", "신성", "상사", "쌍용", "a.b", "axb"]
    assert [name for name in names if re.search(pattern(typed), name)] == found


def test_korean_letters_name_their_keys() -> None:
    typed = "".join(key_letter(letter) for letter in "ㅁㅊㅡㅆ1x")
    assert typed == "acmT1x"
