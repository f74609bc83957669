"""Korean as it is typed: initials that stand for syllables, and keys that stand for letters."""

import re
from typing import Final

# Unicode 16, 3.12 "Conjoining Jamo Behavior": a syllable is
# 0xAC00 + (initial × 21 + vowel) × 28 + final.
_FIRST: Final = 0xAC00
_LAST: Final = 0xD7A3
_FINALS: Final = 28
_PER_INITIAL: Final = 21 * _FINALS
_INITIALS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
# KS X 5002, two-set layout: which Latin key writes a letter.
_LETTERS: Final = "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ"
_KEYS: Final = dict(zip(_LETTERS, "qwertyuiopasdfghjklzxcvbnm", strict=True))
_SHIFTED: Final = dict(zip("ㅃㅉㄸㄲㅆㅒㅖ", "QWERTOP", strict=True))


def key_letter(typed: str) -> str:
    """Return the Latin letter of the key that typed a Korean one; anything else as it is."""
    return (_KEYS | _SHIFTED).get(typed, typed)


def pattern(words: str) -> str:
    """Return a regular expression that finds what somebody meant by `words` while typing.

    `ㅅㅅ` and `삼ㅅ` find 삼성, and so do `사` and `삼서`, which are on the way to it: a letter
    stands for every syllable that it begins, a last syllable without a final for those with one.
    """
    parts = [_begun_by(letter) for letter in words]
    if words and _is_open(words[-1]):
        start = ord(words[-1])
        parts[-1] = f"[{chr(start)}-{chr(start + _FINALS - 1)}]"
    return "".join(parts)


def _begun_by(letter: str) -> str:
    place = _INITIALS.find(letter)
    if place < 0 or letter in _VOWELS:
        return re.escape(letter)
    start = _FIRST + place * _PER_INITIAL
    return f"[{letter}{chr(start)}-{chr(start + _PER_INITIAL - 1)}]"


def _is_open(letter: str) -> bool:
    return _FIRST <= ord(letter) <= _LAST and (ord(letter) - _FIRST) % _FINALS == 0
