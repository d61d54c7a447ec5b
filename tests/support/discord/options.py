"""How a person's client fills in the options of a slash command, and what it does not let them send."""

from __future__ import annotations

import base64
from typing import Any

from tests.support.discord.commands import INTEGER, NUMBER, STRING
from tests.support.discord.form import Json
from tests.support.discord.state import Upload, World
from tests.support.emulator_control import DeskError

BOOLEAN, USER, CHANNEL, ROLE, ATTACHMENT = 5, 6, 7, 8, 11


def fill_options(
    world: World, command: Json, subs: list[str], given: Json, resolved: Json, focused: str | None
) -> list[Json]:
    """Return the `options` of an interaction: the values given, nested in their sub-commands.

    `resolved` is filled with the users, channels and attachments that the values name. With `focused` the option is
    still being typed: nothing is required and its own value is not checked.

    Raises: DeskError for what a client would not send.
    """
    specification = command.get("options", [])
    trail = []
    for sub in subs:
        found = next((o for o in specification if o["name"] == sub and o["type"] in (1, 2)), None)
        if found is None:
            raise DeskError(f"/{command['name']} has no {sub!r}; there are {[o['name'] for o in specification]}")
        trail.append(found)
        specification = found.get("options", [])
    if any(option["type"] in (1, 2) for option in specification):
        raise DeskError(f"choose one of {[option['name'] for option in specification]}")
    known = {option["name"]: option for option in specification}
    if unknown := sorted(set(given) - set(known)):
        raise DeskError(f"/{command['name']} has no options {unknown}; there are {sorted(known)}")
    if focused is not None and not known.get(focused, {}).get("autocomplete"):
        raise DeskError(f"option {focused!r} completes nothing")
    if focused is None:
        missing = [name for name, option in known.items() if option.get("required") and name not in given]
        if missing:
            raise DeskError(f"the client asks for {missing}")
    filled = []
    for name, option in known.items():
        if name not in given:
            continue
        entry: Json = {"name": name, "type": option["type"]}
        if name == focused:
            entry |= {"value": given[name], "focused": True}
        else:
            entry["value"] = _value(world, option, given[name], resolved)
        filled.append(entry)
    for sub in reversed(trail):
        filled = [{"name": sub["name"], "type": sub["type"], "options": filled}]
    return filled


def _value(world: World, option: Json, value: Any, resolved: Json) -> Any:
    name, kind = option["name"], option["type"]
    choices = option.get("choices") or []
    if choices:
        # A person picks by the label that they read.
        for choice in choices:
            labels = (choice["name"], *(choice.get("name_localizations") or {}).values())
            if value == choice["value"] or value in labels:
                return choice["value"]
        raise DeskError(f"{name!r} offers {[choice['name'] for choice in choices]}, not {value!r}")
    if kind == STRING:
        if not isinstance(value, str):
            raise DeskError(f"{name!r} takes text")
        if not (option.get("min_length") or 0) <= len(value) <= (option.get("max_length") or 6000):
            raise DeskError(f"{name!r} does not take {len(value)} characters")
    elif kind in (INTEGER, NUMBER):
        if isinstance(value, bool) or not isinstance(value, int if kind == INTEGER else int | float):
            raise DeskError(f"{name!r} takes a number")
        low, high = option.get("min_value"), option.get("max_value")
        if (low is not None and value < low) or (high is not None and value > high):
            raise DeskError(f"{name!r} takes {low} to {high}")
    elif kind == BOOLEAN and not isinstance(value, bool):
        raise DeskError(f"{name!r} takes yes or no")
    elif kind in (USER, CHANNEL, ROLE, ATTACHMENT):
        return _resolve(world, kind, value, resolved)
    return value


def _resolve(world: World, kind: int, value: Any, resolved: Json) -> str:
    if kind == ATTACHMENT:
        kept = world.keep_attachment(Upload(value["filename"], base64.b64decode(value["data"])))
        resolved.setdefault("attachments", {})[kept["id"]] = kept
        return str(kept["id"])
    if kind == USER:
        resolved.setdefault("users", {})[str(value)] = world.user(str(value))
        partial = {
            k: v for k, v in world.member(world.guild_id, str(value)).items() if k not in ("user", "deaf", "mute")
        }
        resolved.setdefault("members", {})[str(value)] = partial
    elif kind == CHANNEL:
        resolved.setdefault("channels", {})[str(value)] = world.channels[str(value)].public()
    return str(value)


def shown(value: Any) -> str:
    """Return an option's value as the person sees it; a file is its name."""
    return str(value["filename"]) if isinstance(value, dict) else str(value)
