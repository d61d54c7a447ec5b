"""Finding addresses and codes in what a person writes.

The text is folded character by character onto a small alphabet, addresses are cut out, and the rest is read as runs of
letters and digits. Every step looks at each character a bounded number of times, so the time is linear in the length of
the text, and nothing in it can raise. Taking an ordinary word for a code would count as a wrong guess: if in doubt, a
word is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from core.rules.code_symbols import canonical
from core.rules.codes import ANYTHING, LONGEST_IMPORTED, CodeText, Shape, check_passes, is_example
from core.rules.look_alikes import in_latin
from core.rules.message_addresses import Doubt, cut_addresses
from core.rules.message_folding import HARD, HIDDEN, ODD_DASH, SEPARATING_DASH, fold

_LONGEST_SHOWN: Final = 64
_MOST_RUNS: Final = 64  # of one token: more than any code has


@dataclass(frozen=True, slots=True)
class Found:
    """What a message holds, each thing once and in the order of first appearance.

    `addresses` were read for certain and are not checked yet; `doubtful` ones were not, so nobody goes on with one of
    them before asking. `mistyped` are texts that were meant as codes, fit to be shown again.
    """

    addresses: tuple[str, ...]
    codes: tuple[CodeText, ...]
    mistyped: tuple[str, ...]
    doubtful: tuple[Doubt, ...] = ()

    def __bool__(self) -> bool:
        """Is there anything in it?"""
        return bool(self.addresses or self.codes or self.mistyped or self.doubtful)


def find_codes(text: str, shapes: Iterable[Shape]) -> Found:
    """Find the addresses and codes in a free message.

    Understood are line breaks, commas, Chinese punctuation, lower case, spaces and missing dashes inside codes,
    full-width letters, invisible characters, letters and digits of other scripts in codes, links and markup, and
    surrounding words in any script. Never raises; the time is linear in the length of `text`. How many codes are
    too many is for the caller to say.
    """
    shapes = tuple(dict.fromkeys(shapes))
    addresses, doubtful, rest = cut_addresses(fold(text), shapes)
    codes, mistyped = _Reader(_for_codes(rest), shapes).read()
    return Found(tuple(addresses), codes, mistyped, tuple(doubtful))


_MARKS: Final = str.maketrans({SEPARATING_DASH: " ", ODD_DASH: "-", HIDDEN: ""})
_WORD_OF_OTHERS: Final = re.compile(r"[^\W_]*[^\W_\x00-\x7f][^\W_]*")


def _for_codes(text: str) -> str:
    """Words that look like ASCII become ASCII. A check symbol proves a code; nothing proves an address."""
    plain = re.sub(r"-{3,}", " ", text.translate(_MARKS))
    return plain if plain.isascii() else _WORD_OF_OTHERS.sub(_in_latin, plain)


def _in_latin(word: re.Match[str]) -> str:
    latin = in_latin(word[0])
    return latin if latin.isascii() else word[0]


@dataclass(slots=True)
class _Run:
    """Letters and digits without a gap, in capitals and as `written`. `gap` stands before: `-`, space, newline or a hard
    end.
    """

    text: str
    symbols: str
    gap: str
    written: str


@dataclass(slots=True)
class _Reading:
    """Symbols gathered from a run on: `next_run` is the first unread one, `left` what is unread of the last."""

    symbols: str
    next_run: int
    left: str
    tight: bool
    one_line: bool


def _runs(text: str) -> Iterable[_Run]:
    end = 0
    for match in re.finditer(r"[0-9A-Za-z]+", text):
        between = text[end : match.start()]
        # Marks that people put inside codes join; commas, brackets, other scripts and the like do not.
        if end == 0 or between.strip("-_. \n"):
            gap = HARD
        else:
            gap = "\n" if "\n" in between else " " if " " in between else "-"
        word = match[0].upper()
        yield _Run(word, canonical(word), gap, match[0])
        end = match.end()


def words_as_codes(text: str, shapes: Iterable[Shape]) -> tuple[CodeText, ...]:
    """The words of `text` that could be codes of another system although they look like words, such as `QWERTZUP`.

    Of words of unknown layout only the longest. For where a code is asked for, or is known to be there.
    """
    shapes = tuple(dict.fromkeys(shape for shape in shapes if not shape.native))
    if not shapes:
        return ()
    _, _, rest = cut_addresses(fold(text), shapes)
    reader = _Reader(_for_codes(rest), shapes)
    tokens: list[list[_Run]] = []
    place = 0
    while place < len(reader.runs):
        tokens.append(reader.token(place))
        place += len(tokens[-1])
    found: dict[str, CodeText] = {}
    for token in tokens:
        symbols, sizes = "".join(run.symbols for run in token), tuple(len(run.text) for run in token)
        for shape in shapes:
            laid_out = sizes in {shape.groups, (shape.body_length,), (len(shape.prefix), *shape.groups)}
            if not shape.anything and shape.fits(symbols) and laid_out:
                found.setdefault(symbols, CodeText(symbols, shape.display(symbols), symbols[-4:], shape))
    if found or ANYTHING not in shapes:
        return tuple(found.values())
    longest = max(tokens, key=lambda token: sum(len(run.text) for run in token), default=[])
    symbols, written = "".join(run.symbols for run in longest), "-".join(run.written for run in longest)
    return (CodeText(symbols, written, symbols[-4:], ANYTHING),) if ANYTHING.fits(symbols) else ()


class _Reader:
    """Reads the runs of one text from left to right."""

    def __init__(self, text: str, shapes: Sequence[Shape]) -> None:
        self.native = [shape for shape in shapes if shape.native]
        self.prefixed = [shape for shape in shapes if not shape.native and shape.prefix]
        self.bare = [shape for shape in shapes if not shape.native and not shape.prefix and shape.groups]
        self.anything = any(shape.anything for shape in shapes)
        self.prefixes = tuple({shape.canonical_prefix for shape in shapes if shape.prefix})
        self.runs = list(_runs(text))
        self.codes: dict[str, CodeText] = {}
        self.mistyped: dict[str, None] = {}

    def read(self) -> tuple[tuple[CodeText, ...], tuple[str, ...]]:
        """Everything found, each once."""
        place = 0
        while place < len(self.runs):
            place = self._prefixed_at(place) or self._bare_at(place) or self._mistyped_at(place) or self._rest_at(place)
        return tuple(self.codes.values()), tuple(self.mistyped)

    # Each of the following returns the place to go on from, or 0 when nothing of its kind starts here.

    def _prefixed_at(self, place: int) -> int:
        """A code with a prefix: text that stands together before text that is spread, and proven before unproven."""
        here = self.runs[place].symbols
        if not any(here.startswith(prefix) or prefix.startswith(here) for prefix in self.prefixes):
            return 0
        native = [(shape, reading) for shape in self.native if (reading := self._gather(place, shape))]
        foreign = [(shape, reading) for shape in self.prefixed if (reading := self._gather(place, shape))]
        proven = [(shape, reading) for shape, reading in native if check_passes(reading.symbols, shape)]
        in_order = (
            *((shape, reading) for shape, reading in proven if reading.tight and not reading.left),
            *((shape, reading) for shape, reading in foreign if reading.tight and not reading.left),
            *((shape, reading) for shape, reading in proven if not reading.left),
            *((shape, reading) for shape, reading in foreign if self._in_groups(place, reading, shape)),
            *proven,
        )
        if not in_order:
            return 0
        shape, reading = in_order[0]
        self._keep(reading.symbols, shape)
        if not reading.left:
            return reading.next_run
        # Codes written without a gap: the rest of this run is read next.
        self.runs[reading.next_run - 1] = _Run(reading.left, canonical(reading.left), HARD, reading.left)
        return reading.next_run - 1

    def _gather(self, place: int, shape: Shape) -> _Reading | None:
        """As many symbols as the shape has, from here on; None if the text ends early or has another prefix."""
        prefix = shape.canonical_prefix
        symbols, tight, one_line = "", True, True
        for index in range(place, min(len(self.runs), place + _MOST_RUNS)):
            run = self.runs[index]
            missing = shape.length - len(symbols)
            if index > place:
                spread = run.gap != "-"
                if run.gap == HARD or (spread and (len(run.symbols) > missing or self._starts_code(run))):
                    return None  # the word after a gap is not cut: its front is no part of this code
                tight = tight and not spread
                one_line = one_line and run.gap != "\n"
            symbols += run.symbols[:missing]
            if not symbols.startswith(prefix) and not prefix.startswith(symbols):
                return None
            if len(symbols) == shape.length:
                return _Reading(symbols, index + 1, run.text[missing:], tight, one_line)
        return None

    def _starts_code(self, run: _Run) -> bool:
        """Does another code start here? A group of four may begin like a short prefix without being one."""
        return run.symbols in self.prefixes or (len(run.symbols) > 4 and run.symbols.startswith(self.prefixes))

    def _in_groups(self, place: int, reading: _Reading, shape: Shape) -> bool:
        """Is a spread reading on one line, in runs of the sizes of the shape's groups?"""
        sizes = tuple(len(run.text) for run in self.runs[place : reading.next_run])
        whole = (len(shape.prefix), *shape.groups), (len(shape.prefix) + shape.groups[0], *shape.groups[1:])
        return reading.one_line and not reading.left and sizes in whole

    def _bare_at(self, place: int) -> int:
        """A code of an imported layout without prefix. Without digits or dashes it is a word."""
        if not self.bare:
            return 0
        token = self.token(place)
        sizes = tuple(len(run.text) for run in token)
        digits = _has_digit(run.text for run in token)
        for shape in self.bare:
            if digits and sizes in {shape.groups, (shape.body_length,)}:
                self._keep("".join(run.symbols for run in token), shape)
                return place + len(token)
        return 0

    def _mistyped_at(self, place: int) -> int:
        """Something meant as a native code: it starts like one and has some of its layout."""
        if self.anything:
            return 0  # then it may be a code of the other system
        for shape in self.native:
            prefix = shape.canonical_prefix
            if not self.runs[place].symbols.startswith(prefix):
                continue
            token = self.token(place)
            parts = [self.runs[place].text[len(prefix) :], *(run.text for run in token[1:])]
            parts = [part for part in parts if part]
            length = sum(map(len, parts))
            in_fours = len(parts) >= 2 and {len(part) for part in parts} == {4}
            if in_fours or length == shape.body_length or (length >= 4 and _has_digit(parts)):
                return self._report(place, len(token))
            reading = self._gather(place, shape)
            if reading and self._in_groups(place, reading, shape):
                runs = self.runs[place : reading.next_run]
                if _has_digit([run.text for run in runs]):
                    return self._report(place, len(runs))
        return 0

    def _rest_at(self, place: int) -> int:
        """A word that fits no shape: a code only where any text may be one, a typing error if it is laid out like a
        code.
        """
        token = self.token(place)
        following = (index for index, run in enumerate(token) if index > 0 and run.symbols.startswith(self.prefixes))
        if self.prefixes:
            token = token[: next(following, len(token))]
        parts = [run.text for run in token]
        if self.anything and _has_digit(parts) and 6 <= sum(map(len, parts)) <= LONGEST_IMPORTED:
            written = "-".join(run.written for run in token)
            self._keep("".join(run.symbols for run in token), ANYTHING, written)
            return place + len(token)
        body = parts if len(parts[0]) == 4 else parts[1:]
        if self.native and 3 <= len(body) <= 7 and {len(part) for part in body} == {4} and _has_digit(parts):
            return self._report(place, len(token))
        return place + len(token)

    def token(self, place: int) -> list[_Run]:
        """The runs from here on that dashes join, up to one that starts a code of its own."""
        end = place + 1
        while end < min(len(self.runs), place + _MOST_RUNS):
            if self.runs[end].gap != "-" or self._starts_code(self.runs[end]):
                break
            end += 1
        return self.runs[place:end]

    def _keep(self, symbols: str, shape: Shape, display: str = "") -> None:
        if not shape.native and is_example(symbols, self.native):
            self.mistyped.setdefault((display or shape.display(symbols))[:_LONGEST_SHOWN])
            return
        self.codes.setdefault(symbols, CodeText(symbols, display or shape.display(symbols), symbols[-4:], shape))

    def _report(self, place: int, count: int) -> int:
        shown = "-".join(run.text for run in self.runs[place : place + count])
        self.mistyped.setdefault(shown[:_LONGEST_SHOWN])
        return place + count


def _has_digit(parts: Iterable[str]) -> bool:
    return any("0" <= char <= "9" for part in parts for char in part)
