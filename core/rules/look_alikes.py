"""Letters and digits of other scripts that look like, or stand for, those of an ASCII text."""

from __future__ import annotations

import unicodedata
from typing import Final

_CYRILLIC: Final = dict(zip("АВЕЅІЈКМНОРСТУХԚԜҮаеѕіјорсухԛԝһӏ", "ABESIJKMHOPCTYXQWYaesijopcyxqwhl", strict=True))
_GREEK: Final = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹαικνορυχϲ", "ABEZHIKMNOPTYXCaikvopuxc", strict=True))
_OTHER: Final = {
    "ı": "i",
    "ɑ": "a",
    "ɡ": "g",
    "ℓ": "l",
    "\u04c0": "I",
    "к": "k",
    "м": "m",
    "т": "t",
    "в": "b",
    "н": "h",
}
_LATIN: Final = _CYRILLIC | _GREEK | _OTHER


def in_latin(text: str) -> str:
    """`text` with Latin letters in place of those that look like them, and digits of every script in ASCII."""
    return text if text.isascii() else "".join(map(latin_of, text))


def latin_of(char: str) -> str:
    """The Latin letter that `char` looks like, or the ASCII digit that it is; `char` itself where it is neither."""
    if char.isascii():
        return char
    if char in _LATIN:
        return _LATIN[char]
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)
