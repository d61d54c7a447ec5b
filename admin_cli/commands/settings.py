"""`usher settings`: what is set by command, over the configuration file."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from cyclopts import Parameter

from admin_cli.output import Answer, CommandRefused, Rows
from admin_cli.session import actor, opened


async def settings_(
    name: Annotated[str | None, Parameter(help="As in limits.attempts; without one, all are shown.")] = None,
    *value: Annotated[str, Parameter(help="What it shall be; entries of a list one after the other.")],
    reset: Annotated[bool, Parameter(help="Go by the file again.", negative="")] = False,
) -> Answer:
    """Show the settings that can be changed by command and where each value comes from; set one, or reset it.

    What is set here goes before the file, for every process, within seconds.

    Example: usher settings limits.attempts 20
    """
    from core.upkeep import house_settings

    if reset and (name is None or value):
        raise CommandRefused("usage", "--reset takes the name of one setting and no value.", 2)
    async with opened() as core:
        if name is None:
            found = await house_settings.setting_list(core, actor())
        elif reset:
            found = [await house_settings.reset(core, actor(), name)]
        elif value:
            found = [await house_settings.put(core, actor(), name, " ".join(value))]
        else:
            found = [await house_settings.show(core, actor(), name)]
    rows = [(one.name, _text(one.value), one.source, _text(one.beneath), one.changed_by or "") for one in found]
    headers = ("setting", "value", "from", "without a command", "by")
    return Answer({"settings": [asdict(one) for one in found]}, [Rows(headers, rows)])


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value)
