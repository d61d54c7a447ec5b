"""What is typed to press a button: the number of the line that it belongs to, else the next number that no line has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, count
from string import ascii_lowercase
from typing import TYPE_CHECKING

from bots.commands.catalogue import find_command

if TYPE_CHECKING:
    from bots.messages.rendering import Key
    from bots.messages.reply import Reply

NUMBERS = ("number", "alert", "job")
"""Facts that a line of a list begins with."""
BATCHES = frozenset({"batch-line", "stats-batch"})
"""Lines that begin with the number of a batch; elsewhere it stands at the end."""
NEVER_A_NUMBER = frozenset({"choice", "pool", "team", "address", "addresses", "code", "codes"})
"""Kinds of what is asked for, of which none is a small number."""


def lines_of(reply: Reply, keys: Sequence[Key]) -> frozenset[int]:
    """The numbers that stand before the lines of a list. The page of one thing is none: all of its buttons are about it."""
    named = [item.facts.get(name) for item in reply.items for name in NUMBERS]
    named += [item.facts.get("batch") for item in reply.items if item.key in BATCHES]
    lines = frozenset(int(one) for one in map(str, named) if one.isdecimal())
    return lines if len(lines) > 1 or any(key.line is not None for key in keys) else frozenset()


def asks_for_numbers(reply: Reply) -> bool:
    """May the answer to what is asked be a number, so that a typed one is the answer and no button?"""
    command = None if reply.asks is None else find_command(reply.asks[0])
    argument = None if command is None or reply.asks is None else command.argument(reply.asks[1])
    return argument is not None and argument.kind not in NEVER_A_NUMBER


def signs_of(keys: Sequence[Key], lines: frozenset[int], *, letters: bool) -> list[str]:
    """What is typed for each of the keys. Of a line with several, each has a letter behind the number."""
    of_line = Counter(key.line for key in keys if key.line is not None)
    free = _letters() if letters else (str(number) for number in count(1) if number not in {*lines, *of_line})
    before: Counter[int] = Counter()
    signs = []
    for key in keys:
        if key.line is None:
            signs.append(next(free))
            continue
        several = ascii_lowercase[before[key.line] % 26] if of_line[key.line] > 1 else ""
        signs.append(f"{key.line}{several}")
        before[key.line] += 1
    return signs


def _letters() -> Iterator[str]:
    return chain(ascii_lowercase, (f"{one}{other}" for one in ascii_lowercase for other in ascii_lowercase))
