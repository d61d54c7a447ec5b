"""How the new teams of a pool are called: a template, as in `{pool}-{date}-{seq3}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date
from typing import Final

from core.command_errors import BadValue

PLACEHOLDERS: Final = ("pool", "date", "provider", "seq", "seq2", "seq3")
"""`seqN` is the lowest number that makes the name a new one, in at least N digits."""
EXAMPLES: Final = ("{pool}-{date}-{seq3}", "{pool} {seq}")
LONGEST: Final = 60
_HOLE = re.compile(r"\{([^{}]*)\}")


def read_template(text: str) -> str:
    """A template that names can be made from. Raises: BadValue for an unknown placeholder, or one without a number."""
    plain = " ".join(text.split())
    holes = _HOLE.findall(plain)
    braces = plain.count("{") == plain.count("}") == len(holes)
    numbered = sum(hole.startswith("seq") for hole in holes) == 1
    if not braces or not set(holes) <= set(PLACEHOLDERS) or not numbered or len(plain) > LONGEST:
        raise BadValue(name="names", value=text[:80], examples=list(EXAMPLES))
    return plain


def make_name(
    template: str, *, pool: str, provider: str, day: date, taken: Collection[str], key: Callable[[str], str]
) -> str:
    """The name of the next team: the lowest number whose name, as `key` compares it, is not `taken`."""
    number = 1
    while True:
        facts = {"pool": pool, "date": day.isoformat(), "provider": provider, "seq": str(number)}
        facts |= {f"seq{digits}": str(number).zfill(digits) for digits in (2, 3)}
        name = template.format_map(facts)
        if key(name) not in taken:
            return name
        number += 1
