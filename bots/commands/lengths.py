"""Lengths and moments of time as people write them, of several words, known by their looks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from core.errors import BadTerm
from core.rules.terms import parse_term

MOST_WORDS: Final = 6
"""Words that a length may have."""


def is_term(text: str) -> bool:
    """Is it a length of time?"""
    try:
        parse_term(text)
    except BadTerm:
        return False
    return True


def is_moment(text: str) -> bool:
    """Is it a date with a time, or a length of time from now?"""
    return re.fullmatch(r"\d{4}[-/]\d{1,2}[-/]\d{1,2} \d{1,2}:\d{2}", text) is not None or is_term(text)


_FIGURES: Final = "0123456789一二两三四五六七八九十半"
READERS: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType({"term": is_term, "moment": is_moment})
"""Kinds of argument whose value of several words is known by its looks."""


def term_within(words: Sequence[str]) -> slice | None:
    """Where among the words a length of time stands, as many of them as belong to it; one that begins with a figure."""
    for start, word in enumerate(words):
        for size in range(min(MOST_WORDS, len(words) - start), 0, -1):
            if word and word[0] in _FIGURES and is_term(" ".join(words[start : start + size])):
                return slice(start, start + size)
    return None
