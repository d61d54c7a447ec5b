"""What an alert says, in the words that its facts have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bots.messages.rendering import has_words
from bots.messages.reply import Say
from core.languages import FALLBACK
from core.rules.terms import parse_term

_NAMED = {"reason": "reason", "error": "reason", "state": "moved", "kind": "job-kind", "sweep": "sweep-name"}
"""Facts of alerts that are names of the code's own, and the kind of text that says what each means."""


def what_it_says(title: str, facts: Mapping[str, Any]) -> Say:
    """The text of an alert; one whose words are missing is shown by its name."""
    if not has_words(f"alert-{title}", FALLBACK):
        return Say("alert-any", {"title": title})
    said = {name: _worded(name, value) for name, value in facts.items()}
    if facts.get("full"):
        said["which"] = Say("alert-full-teams", {"teams": facts["teams"], "more": facts["full"] - len(facts["teams"])})
    return Say(f"alert-{title}", {"which": "", **said})


def _worded(name: str, value: Any) -> Any:
    """A fact of an alert: what the code calls by a name of its own has words, too."""
    if name == "term":
        return parse_term(value)
    kinds = [_NAMED[name], "errno"] if name in _NAMED else []
    return next((Say(key) for kind in kinds if has_words(key := f"{kind}-{value}", FALLBACK)), value)
