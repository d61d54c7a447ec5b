"""Lines of the audit log in words: what was done, to what, and by whom.

The names in the log (`batch.generated`) never change, so that scripts and filters may rely on them. People read these
words in their place; what has none, such as a line of another version, is shown by its name.
"""

from __future__ import annotations

from bots.messages.rendering import has_words
from bots.messages.reply import Say
from core.languages import FALLBACK

NOBODY = ("system", "erased")
"""Platforms of actors that are no person to be looked up."""


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


def _worded(key: str, name: str) -> Say:
    return Say(key) if has_words(key, FALLBACK) else Say("plain", {"text": name})
