"""What a code looks like, how one is made, and how a written one is read.

A *native* shape describes codes that Usher makes: a prefix, three to six groups of four symbols, the last of
them the check symbol. An *imported* shape describes codes of another system, which have no check symbol and
are taken as they are.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate, pairwise
from typing import Final

from core.errors import ExampleCode, Mistyped
from core.rules.code_symbols import LONGEST_CHECKED, SYMBOLS, canonical, syndrome, times_alpha

__all__ = [
    "ANYTHING",
    "DEFAULT_SHAPE",
    "FOREIGN",
    "CodeText",
    "Shape",
    "canonical",
    "check_passes",
    "digested",
    "generate",
    "generate_many",
    "imported_shapes",
    "is_example",
    "read_code",
    "read_imported",
]

SHORTEST_IMPORTED: Final = 4
LONGEST_IMPORTED: Final = 64
MOST_IMPORTED_SHAPES: Final = 8
FOREIGN: Final = "sha256:"
"""What stands before the hash of a code that another system has kept only the hash of, in place of its text."""
_JOINING: Final = frozenset("-_.")
_EXAMPLE: Final = canonical("123456789ABCDEFGHJKMNPQ")
"""The body of the code that the texts show as an example; no code of it passes the check with the prefix TEAM."""
_BLOCK: Final = 50_000  # codes made at once: 1.2 MB of text, and one draw of randomness


@dataclass(frozen=True)
class Shape:
    """How codes of one kind are laid out: `prefix`, then groups of so many symbols, joined by dashes.

    `native` shapes end in a check symbol. `Shape("", (), False)` is the wildcard: a code of another system
    about which nothing is known.

    Raises:
        ValueError: a native shape has an unusable prefix, other than 3 to 6 groups of four, or more than 31
            symbols, beyond which the check symbol would miss transpositions.
    """

    prefix: str = "TEAM"
    groups: tuple[int, ...] = (4, 4, 4, 4)
    native: bool = True

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Z0-9]*", self.prefix):
            raise ValueError("a prefix is made of capital letters and digits")
        if any(size < 1 for size in self.groups):
            raise ValueError("a group has at least one symbol")
        if not self.native:
            return
        if not re.fullmatch(r"[A-Z][A-Z0-9]*", self.prefix):
            raise ValueError("the prefix of a native code starts with a letter")
        if not 3 <= len(self.groups) <= 6 or set(self.groups) != {4}:
            raise ValueError("a native code has three to six groups of four symbols")
        if self.length > LONGEST_CHECKED:
            raise ValueError(f"a native code has at most {LONGEST_CHECKED} symbols, prefix included")

    @cached_property
    def canonical_prefix(self) -> str:
        """The prefix as it stands at the front of a canonical code."""
        return canonical(self.prefix)

    @property
    def body_length(self) -> int:
        """Symbols after the prefix, the check symbol included."""
        return sum(self.groups)

    @property
    def length(self) -> int:
        """Symbols of the whole canonical code."""
        return len(self.prefix) + self.body_length

    @property
    def anything(self) -> bool:
        """Is this the wildcard?"""
        return not self.native and not self.prefix and not self.groups

    @property
    def example(self) -> str:
        """The layout for people, as in `TEAM-XXXX-XXXX-XXXX-XXXX`."""
        return "-".join(part for part in (self.prefix, *("X" * size for size in self.groups)) if part)

    @property
    def stored(self) -> str:
        """One line that `Shape.from_stored` reads back, as in `native:TEAM:4-4-4-4`."""
        sizes = "-".join(str(size) for size in self.groups)
        return f"{'native' if self.native else 'imported'}:{self.prefix}:{sizes}"

    @classmethod
    def from_stored(cls, text: str) -> Shape:
        """The shape that `stored` wrote.

        Raises:
            ValueError: not such a line.
        """
        origin, prefix, sizes = text.split(":")
        if origin not in {"native", "imported"}:
            raise ValueError("a stored shape is native or imported")
        return cls(prefix, tuple(int(size) for size in sizes.split("-") if size), origin == "native")

    def fits(self, symbols: str) -> bool:
        """Has `symbols` (canonical) this prefix and length? The check symbol is not looked at."""
        if self.anything:
            return SHORTEST_IMPORTED <= len(symbols) <= LONGEST_IMPORTED
        return len(symbols) == self.length and symbols.startswith(self.canonical_prefix)

    def display(self, symbols: str) -> str:
        """`symbols` (canonical, fitting) with the prefix as the pool spells it and dashes between groups."""
        start = len(self.prefix)
        ends = list(accumulate(self.groups, initial=start))
        parts = [symbols[a:b] for a, b in pairwise(ends)]
        return "-".join(part for part in (self.prefix, *parts) if part) or symbols


DEFAULT_SHAPE: Final = Shape()
ANYTHING: Final = Shape("", (), native=False)


@dataclass(frozen=True)
class CodeText:
    """A code as somebody wrote it: `canonical` to be digested, `display` and `last4` to be shown."""

    canonical: str
    display: str
    last4: str
    shape: Shape

    def __repr__(self) -> str:
        # A code is a bearer right: it must not reach a log through a traceback or a debug line.
        return f"CodeText(…{self.last4})"


def check_passes(symbols: str, shape: Shape) -> bool:
    """Is `symbols` (canonical) a code of the native `shape` without a typing error?"""
    if not shape.native or not shape.fits(symbols) or "U" in symbols[len(shape.prefix) :]:
        return False
    return syndrome(symbols) == 0


def read_code(text: str, shapes: Iterable[Shape]) -> CodeText:
    """Read one code, however it was typed, as a code of the first of `shapes` that has it.

    Native shapes come first: their check symbol tells. A text that only fits an imported shape is accepted
    unchecked, so that codes of another system keep working.

    Raises: Mistyped (facts: expected, the layout that was meant), ExampleCode.
    """
    symbols = canonical(text)
    shapes = tuple(shapes)
    for shape in shapes:
        if check_passes(symbols, shape):
            return _code_text(symbols, shape, text)
    if is_example(symbols, shapes):
        raise ExampleCode(expected=_meant(symbols, shapes).example, code=text[:64])
    for shape in sorted((shape for shape in shapes if not shape.native), key=lambda shape: shape.anything):
        if shape.fits(symbols):
            return _code_text(symbols, shape, text)
    raise Mistyped(expected=_meant(symbols, shapes).example)


def digested(stored: str) -> str:
    """What is digested of a code that is stored as `stored`."""
    return stored if stored.startswith(FOREIGN) else canonical(stored)


def is_example(symbols: str, shapes: Sequence[Shape]) -> bool:
    """Is `symbols` (canonical) what the texts and the help show for a code, with the prefix of any of `shapes`?"""
    for shape in (DEFAULT_SHAPE, *shapes):
        body = symbols[len(shape.prefix) :] if symbols.startswith(shape.canonical_prefix) else ""
        if len(body) >= 8 and (set(body) in ({"X"}, {"0"}) or _EXAMPLE.startswith(body)):
            return True
    return False


def read_imported(text: str, shape: Shape = ANYTHING) -> CodeText:
    """Read one line of another system's list as a code that is taken as it is.

    Characters that reading would drop are refused rather than ignored: two codes that differ only in them
    would become one.

    Raises: Mistyped.
    """
    symbols = canonical(text)
    shown = unicodedata.normalize("NFKC", _plain(text[:1000])).strip()
    kept = [char for char in shown if not (char in _JOINING or unicodedata.category(char) in {"Pd", "Zs"})]
    if len(symbols) != len(kept) or not "".join(kept).isascii() or not shape.fits(symbols):
        raise Mistyped(expected=shape.example)
    return _code_text(symbols, shape, text)


def imported_shapes(texts: Iterable[str]) -> tuple[Shape, ...]:
    """The imported shapes that describe `texts`, the codes of another system, one per code.

    Codes of one layout whose first groups are all alike have that group as prefix. More than 8 layouts are
    no layout: then the answer is the wildcard alone.
    """
    layouts: dict[tuple[int, ...], dict[str, str]] = {}
    several: set[tuple[int, ...]] = set()
    for text in texts:
        parts = [part for part in re.split(r"[^0-9A-Z]+", _plain(text).upper()) if part]
        layout = tuple(len(part) for part in parts)
        if not layout:
            continue
        if layout in layouts:
            several.add(layout)
        firsts = layouts.setdefault(layout, {})
        if len(firsts) < 2:  # one says "a prefix so far", two say "no prefix": more would only cost memory
            firsts.setdefault(canonical(parts[0]), parts[0])
        if len(layouts) > MOST_IMPORTED_SHAPES:
            return (ANYTHING,)
    shapes = []
    for layout, firsts in layouts.items():
        prefixed = len(layout) > 1 and layout in several and len(firsts) == 1
        prefix, groups = (next(iter(firsts.values())), layout[1:]) if prefixed else ("", layout)
        shapes.append(Shape(prefix, groups, native=False))
    return tuple(shapes)


def generate(shape: Shape = DEFAULT_SHAPE, token_bytes: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """One new code in its display form, from a cryptographic source."""
    return _block(shape, 1, token_bytes)[0]


def generate_many(shape: Shape, count: int, token_bytes: Callable[[int], bytes] = secrets.token_bytes) -> Iterator[str]:
    """`count` new codes in their display form, made in blocks: a million take seconds and little memory.

    Codes repeat only by chance (75 bits by default); the unique digest is what rules repeats out.
    """
    for start in range(0, count, _BLOCK):
        yield from _block(shape, min(_BLOCK, count - start), token_bytes)


_SYMBOL_OF_BYTE: Final = bytes(ord(SYMBOLS[byte & 31]) for byte in range(256))
_SEPARATOR: Final = "\n"


@cache
def _weighing(exponent: int) -> bytes:
    """What each random byte's symbol adds to the polynomial at the place of α^`exponent`."""
    return bytes(times_alpha(byte & 31, exponent) for byte in range(256))


def _block(shape: Shape, count: int, token_bytes: Callable[[int], bytes]) -> list[str]:
    """`count` codes, made column by column: all first symbols, all second symbols and so on.

    Each step is one call for all codes (`bytes.translate`, exclusive or of whole columns as one integer),
    which is what makes bulk generation fast. A byte has 8 symbols' worth of equal chances for each of the
    32 symbols, so dropping three bits keeps them uniform.
    """
    if not shape.native:
        raise ValueError("only codes of a native shape can be made")
    template = shape.display(shape.canonical_prefix + "?" * shape.body_length) + _SEPARATOR
    places = [place for place, char in enumerate(template) if char == "?"]
    lines = bytearray(template.encode("ascii") * count)

    random_symbols = len(places) - 1
    noise = token_bytes(random_symbols * count)
    start = times_alpha(syndrome(shape.canonical_prefix), len(places))
    checks = int.from_bytes(bytes([start]) * count, "big")
    for index, place in enumerate(places[:-1]):
        column = noise[index * count : (index + 1) * count]
        lines[place :: len(template)] = column.translate(_SYMBOL_OF_BYTE)
        checks ^= int.from_bytes(column.translate(_weighing(random_symbols - index)), "big")
    lines[places[-1] :: len(template)] = checks.to_bytes(count, "big").translate(_SYMBOL_OF_BYTE)
    return lines.decode("ascii").split(_SEPARATOR)[:-1]


def _code_text(symbols: str, shape: Shape, written: str) -> CodeText:
    # Nothing is known about the layout of a wildcard's code: its own spelling is what its holder recognises.
    display = _plain(written).strip()[: 2 * LONGEST_IMPORTED] if shape.anything else shape.display(symbols)
    return CodeText(symbols, display, symbols[-4:], shape)


def _plain(text: str) -> str:
    """`text` without what cannot be seen, in compatibility form."""
    return "".join(
        unicodedata.normalize("NFKC", char)
        for char in text
        if unicodedata.category(char) not in {"Cf", "Cc", "Cs", "Co", "Cn"}
    )


def _meant(symbols: str, shapes: Sequence[Shape]) -> Shape:
    native = [shape for shape in shapes if shape.native] or [DEFAULT_SHAPE]
    same_prefix = [shape for shape in native if symbols.startswith(shape.canonical_prefix)]
    return min(same_prefix or native, key=lambda shape: abs(shape.length - len(symbols)))
