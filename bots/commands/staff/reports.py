"""The report of a day or a week, as it comes into a chat by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bots.commands.staff.statistics import draw
from bots.messages import charts
from bots.messages.reply import Button, File, Reply, Say
from core.actors import SYSTEM
from core.reports.statistics import statistics
from core.service import Core

NEED = ("wishes", "alerts", "waiting")
"""What waits for somebody, each with the command that shows it."""
LEADS: Mapping[str, str] = {"wishes": "requests", "alerts": "alerts", "waiting": "pools"}


async def pushed(core: Core, facts: Mapping[str, Any], language: str, timezone: str | None) -> Reply:
    """What came in, what ends this week, and what needs somebody; of a week with pictures."""
    weekly = facts["days"] > 1
    items = [Say("report-came", dict(facts)), *([Say("report-ending", dict(facts))] if facts["ending"] else [])]
    needed = [name for name in NEED if facts[name]]
    items += [Say(f"report-{name}", {"count": facts[name]}) for name in needed]
    rows = tuple((Button(Say(f"button-report-{name}"), LEADS[name]),) for name in needed)
    files: list[File] = []
    if weekly and charts.can_draw():
        found = await statistics(core, SYSTEM, days=int(facts["days"]))
        files = await draw(found, language, timezone or core.settings.timezone)
    return Reply("report-weekly" if weekly else "report-daily", items=items, buttons=rows, files=files, private=False)
