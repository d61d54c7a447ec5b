"""What is said where something is not done: the words of a refusal, and a number for what nobody had foreseen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog

from bots.messages.reply import Reply, Say, spans
from core.alerts import alerts
from core.command_errors import UnknownCommand
from core.errors import Banned, NotAllowed, Refusal
from core.service import Core

LONGEST_SHOWN = 320
"""Characters of what somebody wrote that a refusal repeats: the longest address there is."""

log = structlog.get_logger(__name__)


async def failed(core: Core, fault: Exception, reference: str) -> Reply:
    """Something that was not foreseen: the log has it under the number that the person sees."""
    try:
        await core.write(_alert, core, type(fault).__name__, reference)
    except Exception:
        log.exception("alert_not_raised", reference=reference)
    return Reply("failed", {"reference": reference}, state="failed", private=False)


def _alert(tx: sa.Connection, core: Core, kind: str, reference: str) -> None:
    facts = {"kind": kind, "reference": reference}
    alerts.raise_alert(tx, "system", f"error:{kind}", "error", "unexpected_error", facts, core.now())


def shortened(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a refusal, with enough of a long text that somebody wrote to know it again."""
    return {
        name: f"{value[:LONGEST_SHOWN]}…" if isinstance(value, str) and len(value) > LONGEST_SHOWN else value
        for name, value in facts.items()
    }


def refused(refusal: Refusal, now: datetime) -> Reply:
    """The words for a refusal, with what can be done about it."""
    # What somebody typed is theirs; that a command is for staff may be read by the whole group.
    private = bool(refusal.facts.keys() & {"address", "addresses", "code", "name", "value", "text"})
    private = private and not isinstance(refusal, UnknownCommand)
    facts = shortened(refusal.facts if isinstance(refusal, Banned) else spans(refusal.facts, now))
    if isinstance(refusal, NotAllowed) and facts["role"] != "person":
        facts["role"] = Say(f"role-{facts['role']}")
    return Reply(f"error-{refusal.key}", facts, state="refused", private=private or isinstance(refusal, Banned))
