"""From the characters that devices send to those that their writers meant.

What a message went through on its way is undone first (backslashes and entities of markup, percent-encoding of links),
then every character is folded on its own. Nothing visible is dropped: a character without a meaning here leaves a mark,
so that a reader of addresses knows that something stood there.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final
from urllib.parse import unquote

HARD: Final = "\x00"
"""Stands where an address was cut out; ends a word and a code."""
UNKNOWN: Final = "\x01"
"""Stands for a visible character that is part of no address and no code."""
HIDDEN: Final = "\x02"
"""Stands for something invisible that may have a meaning: controls, unassigned and private characters."""
SEPARATING_DASH: Final = "\u2014"
ODD_DASH: Final = "\u2010"
"""A dash of another script: joins the groups of a code, and cannot be part of an address."""
STOP: Final = "\u3002"

_AS_WRITTEN: Final = {
    **dict.fromkeys("\u2018\u2019\u02bc\u201b", "'"),  # phones turn the apostrophe of o'brien@ into these
    **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
    **dict.fromkeys("\u2015\u2014\u2e3a\u2e3b\ufe31\ufe58", SEPARATING_DASH),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d", "-"),
    **dict.fromkeys("\u300a\u3008\u300c\u300e\u3010\u3014\u3016\u00ab\u2039", "<"),
    **dict.fromkeys("\u300b\u3009\u300d\u300f\u3011\u3015\u3017\u00bb\u203a", ">"),
    **dict.fromkeys("\u3001\uff64", ","),
    "\uff61": STOP,
    STOP: STOP,
    "\u2026": "...",
    "\ufb01": "fi",
    "\ufb02": "fl",
}
_LINE_ENDS: Final = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_REVERSING: Final = frozenset("\u202d\u202e")
"""Text between these is displayed in another order than it is written, so none of it can be taken at its word."""


class _Folding(dict[int, str]):
    def __missing__(self, point: int) -> str:
        meaning = _fold(chr(point))
        if len(self) < 4096:
            self[point] = meaning
        return meaning


def _fold(char: str) -> str:
    if char in _AS_WRITTEN:
        return _AS_WRITTEN[char]
    if char.isspace():
        return "\n" if char in _LINE_ENDS else " "
    if char in _REVERSING:
        return HIDDEN
    if char in _BLANK_LETTERS:
        return UNKNOWN
    category = unicodedata.category(char)
    # Format characters and selectors show nothing and belong to no address. A composed letter stays composed:
    # without its mark it would be another address.
    if category == "Cf" or char == "\u034f" or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return ""
    if category[0] == "C":
        return HIDDEN
    plain = unicodedata.normalize("NFKC", char)
    if len(plain) != 1:
        # It would become several characters, or a space and a mark: nobody means that in an address.
        return UNKNOWN
    if plain.isascii():
        return plain
    category = unicodedata.category(plain)
    if category == "Pd":
        return ODD_DASH
    return plain if category[0] in "LMN" else UNKNOWN


_FOLDING: Final = _Folding()
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_ENCODED: Final = re.compile(r"\S*%[0-9A-Fa-f]{2}\S*")
_TAG: Final = re.compile(r"</?(?:a|b|i|u|s|p|br|em|strong|code|pre|span|div|td|tr|li|ul|font)\s?/?>", re.IGNORECASE)
_LINK: Final = re.compile(r"\bmailto:|://", re.IGNORECASE)


def fold(text: str) -> str:
    """`text` as it was meant: ASCII where it looks like ASCII, letters of other scripts unchanged, the marks above.

    The Chinese full stop is a dot between two ASCII letters or digits where an address or a domain goes on.
    """
    plain = re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", text)
    plain = _TAG.sub(" ", _ENTITY.sub(lambda entity: html.unescape(entity[0]), plain))
    if "%" in plain:
        plain = _ENCODED.sub(_decoded, plain)
    return re.sub(f"(?<=[0-9A-Za-z]){STOP}(?=[0-9A-Za-z])", ".", plain.translate(_FOLDING))


def _decoded(word: re.Match[str]) -> str:
    """Percent-encoding undone, in links and in words without an at sign. In an address a `%` may mean itself."""
    if _LINK.search(word[0]) or "@" not in word[0]:
        return unquote(word[0])
    return word[0]
