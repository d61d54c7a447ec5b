"""What nobody had foreseen: the log has it, staff are alerted, and the person gets a number to name it by."""

from __future__ import annotations

import sqlalchemy as sa
import structlog

from bots.messages.reply import Reply
from core.alerts import alerts
from core.service import Core

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
