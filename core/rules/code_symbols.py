"""The symbols of a code: how text is folded onto them, and the check symbol.

The alphabet is Crockford's base 32: digits and letters without I, L, O and U.

The check symbol makes the whole code, prefix included, a zero of a polynomial over GF(32):
s0·α^(n-1) + … + s(n-1)·α^0 = 0, with α a generator of the field. Addition is exclusive or. Powers of a
generator differ for the exponents 0…30, so in a code of at most 31 symbols every position has a weight of its
own, none of them zero. Hence

* changing one symbol by d changes the sum by d·α^i, never 0: every substitution is caught;
* swapping two symbols a ≠ b, neighbours or not, changes it by (a-b)·(α^i - α^j), never 0: every
  transposition is caught.

A sum modulo 31 or 37 would need symbols outside the alphabet; here the check symbol is one like the others.
Evaluated by Horner's rule it takes one table of 32 entries.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from core.rules.look_alikes import latin_of

SYMBOLS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LONGEST_CHECKED: Final = 31
"""Symbols, prefix included, up to which the check symbol keeps its promise: the order of α."""

_REDUCTION: Final = 0b100101  # x^5 + x^2 + 1, primitive: x generates all 31 non-zero elements
TIMES_ALPHA: Final = tuple(value << 1 if value < 16 else (value << 1) ^ _REDUCTION for value in range(32))

VALUES: Final = {symbol: value for value, symbol in enumerate(SYMBOLS)} | {"U": SYMBOLS.index("V")}
"""U occurs in prefixes only (a body never holds one) and weighs like V; prefixes are compared as a whole anyway."""

_KEPT: Final = frozenset("0123456789ABCDEFGHJKMNPQRSTUVWXYZ")
_ALIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_REMEMBERED: Final = 4096


class _Folding(dict[int, str]):
    """What one character means in a code: some of `_KEPT`, or nothing.

    Character by character, so that a long run of combining marks cannot make Unicode normalisation
    quadratic, and so that composed and decomposed spellings agree.
    """

    def __missing__(self, point: int) -> str:
        apart = "".join(map(latin_of, unicodedata.normalize("NFKD", chr(point)))).upper()
        meaning = "".join(symbol for symbol in apart.translate(_ALIKE) if symbol in _KEPT)
        if len(self) < _REMEMBERED:
            self[point] = meaning
        return meaning


_FOLDING: Final = _Folding()


def canonical(text: str) -> str:
    """The one spelling of a code, and the only thing that is ever digested.

    Compatibility forms (full-width, circled, …) are resolved, digits of every script are digits, Cyrillic and Greek
    letters are the Latin ones that they look like, case is raised, O reads as 0 and I and L as 1,
    also in the prefix; dashes, spaces, controls, zero-width and all other characters vanish. Idempotent;
    defined for any text, lone surrogates included.
    """
    return text.translate(_FOLDING)


def syndrome(symbols: str) -> int:
    """The polynomial's value at α: 0 for a code whose check symbol is right.

    Raises:
        KeyError: a character is not a symbol.
    """
    total = 0
    for symbol in symbols:
        total = TIMES_ALPHA[total] ^ VALUES[symbol]
    return total


def times_alpha(value: int, exponent: int) -> int:
    """`value`·α^`exponent` in GF(32)."""
    for _ in range(exponent):
        value = TIMES_ALPHA[value]
    return value
