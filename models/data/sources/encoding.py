"""The text of files, in whichever encoding."""

from typing import Final

from models.data.sources import names
from models.data.sources.dialect import DELIMITERS, PREAMBLE, SAMPLE, split
from shared.errors import DataError

# UTF-8 first; then what Korean, Chinese and Japanese exchanges and Excel write.
_ENCODINGS: Final = ("cp949", "gb18030", "shift_jis", "cp1252")


def as_utf8(content: bytes, label: str) -> bytes:
    """Return the text as UTF-8 without a mark at its head.

    Raises:
        DataError: It is empty, or no text in an encoding that is known.
    """
    if not content.strip():
        raise DataError(f"{label} is empty")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16").encode()
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in content[:SAMPLE]:
        raise DataError(f"{label} is not text")
    try:
        content.decode()
    except UnicodeDecodeError:
        return _decoded(content, label).encode()
    return content


def _decoded(content: bytes, label: str) -> str:
    # Many encodings can decode the same bytes; the right one makes names that are known.
    fallback = None
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        lines = text[:SAMPLE].splitlines()[:PREAMBLE]
        if any(names.is_header(split(line, d)) for line in lines for d in DELIMITERS):
            return text
        fallback = fallback or text
    if fallback is None:
        raise DataError(f"{label} is neither UTF-8 nor in an encoding that is known")
    return fallback
