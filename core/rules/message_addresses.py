"""Cutting addresses out of the words of a message.

The one unforgivable mistake is to take a part of an address for the whole: it would invite somebody else. So
whatever may belong to an address stays with it, and `read_address` refuses what is none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from core.rules.code_symbols import canonical
from core.rules.codes import Shape, check_passes

HARD: Final = "\x00"
"""Stands where an address was, and for every character that ends a word and a code."""

_LONGEST: Final = 320
_ATEXT: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.!#$%&'*+/=?^_`{}~-")
_WRAPPERS: Final = {"'": "'", "*": "*", "_": "_", "~": "~", "`": "`", "{": "}"}
_WRITTEN_TOGETHER: Final = (
    ("\u1100", "\u11ff"),  # Hangul, as single letters
    ("\u2e80", "\ua4cf"),  # Chinese characters, kana, Bopomofo, Yi
    ("\uac00", "\ud7ff"),  # Hangul
    ("\uf900", "\ufaff"),  # more Chinese characters
    ("\U00020000", "\U0003ffff"),
)


def cut_addresses(text: str, shapes: Sequence[Shape]) -> tuple[list[str], str]:
    """The addresses in folded `text`, as written, and the text with a hard end in their places."""
    addresses: dict[str, str] = {}

    def cut(word: re.Match[str]) -> str:
        if "@" not in word[0]:
            return word[0]
        found, rest = _split(word[0], shapes)
        for address in found:
            addresses.setdefault(address.casefold(), address)
        return rest

    rest = re.sub(r"[^\s\x00,;:<>()\[\]\"\\|]+", cut, text)
    found = list(addresses.values())
    # `bob@gmail` deserves "that is no address" when it is all there is, and no attention beside a whole one.
    return [address for address in found if "." in address.rpartition("@")[2]] or found, rest


def _split(word: str, shapes: Sequence[Shape]) -> tuple[list[str], str]:
    if word.count("@") > 1:
        parts = re.split(r"[/&]|-{2,}", word)
        counts = [part.count("@") for part in parts]
        codes = [part for part, count in zip(parts, counts, strict=True) if count == 0]
        if max(counts) > 1 or not all(_verified_code_end(part + HARD, shapes) for part in codes):
            # `a@b@c.com` may mean anybody: it goes back whole, to be refused.
            return [word[:_LONGEST]], HARD
        pieces = [_split(part, shapes) if "@" in part else ([], part) for part in parts]
        return [address for found, _ in pieces for address in found], HARD.join(rest for _, rest in pieces)

    before, _, behind = word.partition("@")
    before, local = _local_part(before, shapes)
    domain, behind = _domain(behind, shapes)
    while local and behind and _WRAPPERS.get(local[0]) == behind[0]:
        local, behind = local[1:], behind[1:]
    domain = domain.rstrip(".-")
    rest = f"{before}{HARD}{behind}"
    if not local or not domain or ("." not in domain and local.startswith("/")):
        # `@name` is a mention and `/command@bot` a command.
        return [], rest
    return [f"{local}@{domain}"[:_LONGEST]], rest


def _local_part(text: str, shapes: Sequence[Shape]) -> tuple[str, str]:
    """Split what stands before an @ into the words before the address and its local part.

    Where words are written together, as in Chinese, a change of script ends a word; in an alphabetic script it
    does not, and `jörg` stays whole.
    """
    start = len(text)
    lowest = max(0, start - _LONGEST)
    together = bool(text) and _is_written_together(text[-1])
    while start > lowest and _belongs(text[start - 1], together=together):
        start -= 1
    before, local = text[:start], text[start:]
    end = _verified_code_end(local, shapes)
    if end:
        before, local = before + local[:end], re.sub(r"^(_|[-.~/=#&*+]+)", "", local[end:])
    return before, local.lstrip(".")


def _domain(text: str, shapes: Sequence[Shape]) -> tuple[str, str]:
    """Split what stands after an @ into the domain and the words behind it."""
    end = _run(text, lambda char: char.isascii() and (char.isalnum() or char in ".-"))
    glued = _code_start(text[:end], shapes)
    if glued:
        return text[:glued], HARD + text[glued:]
    follows = text[end : end + 1]
    _, dot, last = text[:end].rstrip(".-").rpartition(".")
    if dot and len(last) >= 2 and (not follows.isalpha() or _is_written_together(follows)):
        return text[:end], text[end:]
    end = _run(text, lambda char: char in ".-" or unicodedata.category(char)[0] in "LMN")
    return text[:end], text[end:]


def _run(text: str, belongs: Callable[[str], bool]) -> int:
    """How many characters at the start belong, at most the length of an address."""
    text = text[:_LONGEST]
    return next((place for place, char in enumerate(text) if not belongs(char)), len(text))


def _belongs(char: str, *, together: bool) -> bool:
    if char.isascii():
        return char in _ATEXT
    return together or not _is_written_together(char)


def _is_written_together(char: str) -> bool:
    return any(first <= char <= last for first, last in _WRITTEN_TOGETHER)


def _verified_code_end(text: str, shapes: Sequence[Shape]) -> int:
    """Where the code ends that `text` starts with, proved by its check symbol and a mark behind it; 0 for none."""
    for shape in shapes:
        if not shape.native:
            continue
        symbols = ""
        for place, char in enumerate(text[: 2 * shape.length], start=1):
            symbols += canonical(char)
            if len(symbols) >= shape.length:
                follows = text[place : place + 1]
                if check_passes(symbols, shape) and follows and not follows.isalnum():
                    return place
                break
    return 0


def _code_start(domain: str, shapes: Sequence[Shape]) -> int:
    """Where a code starts that is glued to a domain, proved by its check symbol; 0 for none."""
    upper = domain.upper()
    for shape in shapes:
        place = upper.find(shape.prefix) if shape.native else -1
        lengths = (shape.length, shape.length + len(shape.groups))  # without and with dashes
        if place > 0 and any(check_passes(canonical(upper[place : place + length]), shape) for length in lengths):
            return place
    return 0
