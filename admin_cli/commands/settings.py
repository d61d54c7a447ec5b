"""`usher settings`: what is set by command, over the configuration file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from admin_cli import words
from admin_cli.output import CommandAnswer, CommandRefused, Rows, read_by_people
from admin_cli.session import actor, opened

if TYPE_CHECKING:
    from core.rules.house_texts import Places
    from core.upkeep.house_settings import Setting


async def settings_(
    name: Annotated[str | None, Parameter(help="As in limits.attempts; without one, all are shown.")] = None,
    *value: Annotated[str, Parameter(help="What it shall be; entries of a list one after the other.")],
    preview: Annotated[bool, Parameter(help="Show how a text would be read, and change nothing.", negative="")] = False,
    reset: Annotated[bool, Parameter(help="Go by the file again.", negative="")] = False,
) -> CommandAnswer:
    """Show the settings that can be changed by command and where each value comes from; set one, or reset it.

    What is set here goes before the file, for every process, within seconds.

    `usher settings texts` lists what the shop says in its own words: its name, the welcome, the mails, a tutorial.

    Example: usher settings limits.attempts 20
    Example: usher settings welcome.en "Welcome to {shop}!" --preview
    """
    from core.rules import house_texts, setting_rows
    from core.upkeep import house_settings

    if reset and (name is None or value):
        raise CommandRefused("usage", words.said("--reset takes the name of one setting and no value."), 2)
    if preview and not value:
        raise CommandRefused("usage", words.said("--preview takes the name of a text and the text."), 2)
    async with opened() as core:
        if preview and name is not None:
            from bots.messages import shop_words

            full, text = house_settings.tried(core, actor(), name, " ".join(value))
            which = setting_rows.text_name(full)
            if not which:
                raise CommandRefused("usage", words.said("--preview is for texts, such as welcome.en."), 2)
            said = shop_words.preview(setting_rows.with_rows(core.settings, {full: text}), which, core.now())
            return CommandAnswer({"name": full, "preview": said}, [said])
        if name == setting_rows.TEXTS and not value:
            return _texts(await house_settings.text_list(core, actor()), house_texts.places_of)
        if name is None:
            found = await house_settings.setting_list(core, actor())
        elif reset:
            found = [await house_settings.reset(core, actor(), name)]
        elif value:
            found = [await house_settings.put(core, actor(), name, " ".join(value))]
        else:
            found = [await house_settings.show(core, actor(), name)]
    rows = [
        (one.name, _text(one.name, one.value), _source(one), _text(one.name, one.beneath), one.changed_by or "")
        for one in (found if read_by_people() else ())
    ]
    headers = ("setting", "value", "from", "without a command", "by")
    return CommandAnswer({"settings": [asdict(one) for one in found]}, [Rows(headers, rows)])


def _texts(found: Sequence[Setting], places_of: Callable[[str], Places]) -> CommandAnswer:
    """The shop's own words, with what has to stand and what may stand in each."""
    headers = ("text", "value", "from", "has to have", "may have")
    told, rows = [], []
    for one in found:
        name = one.name.partition(".")[2]
        places = places_of(name)
        needed, free = [[f"{{{place}}}" for place in some] for some in (places.needed, places.free)]
        told.append({**asdict(one), "needed": needed, "free": free})
        rows.append((name, _text(one.name, one.value), _source(one), " ".join(needed), " ".join(free)))
    return CommandAnswer({"texts": told}, [Rows(headers, rows)])


def _source(one: Setting) -> str:
    """Where a value comes from. The file counts with what goes over it when Usher starts, such as the environment."""
    return words.value("state", "configuration" if one.source == "file" else one.source)


def _text(name: str, value: Any) -> str:
    from core.rules.setting_rows import span_of

    if (span := span_of(name, value)) is not None:
        return words.span(span) if span else "0"
    if isinstance(value, bool):
        return words.value("state", "on" if value else "off")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value).replace("\n", "\\n")
