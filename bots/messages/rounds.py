"""What came of a sweep's last round, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bots.messages.reply import Say
from core.rounds import DONE


def came_of(outcome: str | None, facts: Mapping[str, Any]) -> Say:
    """What a round did, each count in words of its own; or why it did nothing (`core.rounds`)."""
    if outcome is None:
        return Say("plain", {"text": "–"})
    deeds = [Say(f"did-{name}", {"count": count}) for name, count in facts.items() if count]
    if outcome != DONE or not deeds:
        return Say(f"round-{outcome}", facts)
    return Say("round-deeds", {"deeds": deeds})
