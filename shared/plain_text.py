"""Text of others as mere text: what a terminal or a text layout would obey is taken out.

Names come from files, feeds and the wire. An escape sequence in one could move the cursor of a
terminal or write to its clipboard, and an override of the writing direction could make one ticker
read like another.
"""

import re
from typing import Final

# Control characters, of C0 and C1, among them ESC and line breaks; line and paragraph separators;
# marks, embeddings, overrides and isolates of the writing direction (Unicode TR 9); the space
# without a width; the old tags; halves of surrogate pairs, which no encoder takes.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
_BLANKS: Final = frozenset("\t\n\v\f\r\x85\u2028\u2029")


def plain_text(words: str) -> str:
    """Return `words` on one line, without what is obeyed instead of shown; blanks stand for breaks.

    What has nothing of the kind comes back as it is, which is the rule.
    """
    return _UNSAFE.sub(lambda found: " " if found[0] in _BLANKS else "", words)


def plain_lines(words: str) -> str:
    """Return `words` the same way, but with its line breaks."""
    return "\n".join(plain_text(line) for line in words.split("\n"))
