"""Lines of the audit log in words: what was done, to what, and by whom.

The names in the log (`batch.generated`) never change, so that scripts and filters may rely on them. People read these
words in their place; what has none, such as a line of another version, is shown by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bots.messages.rendering import has_words
from bots.messages.reply import Say
from core.languages import FALLBACK

NOBODY: Final = ("system", "erased")
"""Platforms of actors that are no person to be looked up."""
MOST: Final = 8
"""Changes that are told of one line."""
LONGEST: Final = 80
"""Characters of one value."""


def action(name: str) -> Say:
    """What was done."""
    return _worded(f"audited-{name.replace('.', '-')}", name)


def subject(kind: str, number: int | None) -> Say | None:
    """The row that it was done to; None where there is only one of its kind."""
    if number is None:
        return None
    return Say("audit-subject", {"kind": _worded(f"kind-{kind}", kind), "number": str(number)})


def actor(key: str) -> Say:
    """Who did it."""
    platform = key.partition(":")[0]
    return Say(f"audit-actor-{platform}") if platform in NOBODY else Say("audit-actor-other", {"actor": key})


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Say]:
    """What was different, as far as a line has room for it: seats 4 → 5, health healthy."""
    said = []
    for name in [*after, *(name for name in before if name not in after)]:
        new = after.get(name)
        if name in before and name in after:
            if before[name] != new:
                said.append(Say("change-from", {"name": _name(name), "old": _value(before[name]), "new": _value(new)}))
        elif new is not None:
            said.append(Say("change-given", {"name": _name(name), "value": _value(new)}))
    return said[:MOST]


def _name(name: str) -> Say:
    return _worded(f"change-of-{name}", name)


def _value(value: Any) -> Say | str:
    if isinstance(value, bool):
        return Say("choice-yes" if value else "choice-no")
    text = "–" if value is None else str(value)
    key = f"choice-{text}"
    return Say(key) if text.isidentifier() and has_words(key, FALLBACK) else text[:LONGEST]


def _worded(key: str, name: str) -> Say:
    return Say(key) if has_words(key, FALLBACK) else Say("plain", {"text": name})
