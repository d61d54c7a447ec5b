"""Lines of the audit log in words: what was done, to what, and by whom.

The names in the log (`batch.generated`) never change, so that scripts and filters may rely on them. People read these
words in their place; what has none, such as a line of another version, is shown by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bots.messages.rendering import has_words
from bots.messages.reply import Say
from core.languages import FALLBACK
from core.rules.money import amount_text

NOBODY: Final = ("system", "erased")
"""Platforms of actors that are no person to be looked up."""
MOST: Final = 8
"""Changes that are told of one line."""
LONGEST: Final = 80
"""Characters of one value."""
UNTOLD: Final = frozenset({"limit_group_id", "name_key", "title"})
"""Facts that only the code itself reads; the number beside an alert leads to what it says."""
WORDED: Final = frozenset(
    {"by", "categories", "cause", "finish", "for", "from", "gives", "health", "kind", "level", "policy", "prefers"}
    | {"reason", "role", "standing", "state", "status", "tier"}
)
"""Facts whose values are names of the code's own. Anything else was named by somebody, and stays as it was written."""
KINDS: Final = {"categories": "category", "for": "lock", "status": "lease"}
"""Facts whose values have words already, by the kind of text; the others go by their own name."""
AMOUNTS: Final = frozenset(
    {
        "allowance",
        "credit_limit",
        "per_hour",
        "price_cached",
        "price_call",
        "price_image",
        "price_input",
        "price_output",
    }
)
"""Facts that are numbers of micro-credits."""
MOMENTS: Final = frozenset({"expires_at", "joined_at", "until"})


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
        if name in UNTOLD:
            continue
        if name in before and name in after:
            if before[name] != new:
                facts = {"name": _name(name), "old": _value(name, before[name]), "new": _value(name, new)}
                said.append(Say("change-from", facts))
        elif new not in (None, "", []):
            said.append(Say("change-given", {"name": _name(name), "value": _value(name, new)}))
    return said[:MOST]


def _name(name: str) -> Say:
    return _worded(f"change-of-{name}", name)


def _value(name: str, value: Any) -> Any:
    if isinstance(value, bool):
        return Say("choice-yes" if value else "choice-no")
    if value in (None, "", []):
        return "–"
    if isinstance(value, list | tuple):
        return [Say("plain", {"text": _value(name, one)}) for one in value]
    if name in AMOUNTS and isinstance(value, int):
        return amount_text(value)
    text = str(value)
    if name in MOMENTS:
        return _moment(text)
    if name == "language":
        return _worded(f"language-{text}", text)
    return _word(name, text) if name in WORDED else text[:LONGEST]


def _moment(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text[:LONGEST]


def _word(name: str, text: str) -> Say | str:
    """A state and the like in words; what a person wrote as a reason stays what it is."""
    keys = (f"value-{name}-{text}", f"{KINDS.get(name, name)}-{text}", f"value-{text}", f"choice-{text}")
    named = text.replace("-", "_").isidentifier()
    return next((Say(key) for key in keys if named and has_words(key, FALLBACK)), text[:LONGEST])


def _worded(key: str, name: str) -> Say:
    return Say(key) if has_words(key, FALLBACK) else Say("plain", {"text": name})
