"""Is there anything in a text that somebody could read? Invisible signs are no question, and nobody pays for one."""

from __future__ import annotations

import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"})
"""Categories that show nothing by themselves: controls, directions, halves of pairs, spaces, marks on a letter."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers and a pattern without dots, which count as letters and symbols, and are blank."""
_SLASHES = frozenset("/\uff0f")
"""What a command begins with; without a name behind it, it is none, and no question either."""


def says_nothing(text: str) -> bool:
    """Is all of it invisible, or a slash at most?"""
    return all(char in _BLANK or char in _SLASHES or unicodedata.category(char) in _UNSEEN for char in text)
