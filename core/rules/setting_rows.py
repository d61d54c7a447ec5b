"""Settings that staff may change by command: which they are, what may be written for each, and laying them over the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Literal, TypeAlias, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError

from core.errors import BadSetting, NotFound
from core.settings import Settings

SECTIONS: Final = (
    "redemption", "limits", "codes", "health", "sync", "unauthorised", "leases", "transfers", "waitlist", "alerts", "jobs",
)  # fmt: skip
"""Sections that are looked up at every use, so that a change reaches every process without a start."""
ELSEWHERE: Final = frozenset({"unauthorised.enabled"})
"""Switched with care by a command of its own, or in the file."""
MOST_ENTRIES: Final = 200

Wanted: TypeAlias = Literal["number", "list", "switch", "choice", "text"]
"""What a setting takes, for the text of a refusal."""

_ON = frozenset({"on", "yes", "true", "1", "开", "是"})
_OFF = frozenset({"off", "no", "false", "0", "关", "否"})
_NONE = frozenset({"", "-", "–", "none", "empty", "无", "空"})


@cache
def changeable() -> Mapping[str, Any]:
    """The names, as in `limits.attempts`, each with the type of its value."""
    found = {}
    for section in SECTIONS:
        model = cast("type[BaseModel]", Settings.model_fields[section].annotation)
        for name, field in model.model_fields.items():
            if get_origin(field.annotation) is not dict and f"{section}.{name}" not in ELSEWHERE:
                found[f"{section}.{name}"] = field.annotation
    return found


def setting_named(text: str) -> str:
    """The full name: as it is, or its last part where only one setting has it. Raises: NotFound."""
    wanted = text.strip().casefold().replace("-", "_")
    fitting = [name for name in changeable() if name == wanted or name.partition(".")[2] == wanted]
    if len(fitting) != 1:
        raise NotFound(kind="setting", name=text[:60])
    return fitting[0]


def value_of(settings: Settings, name: str) -> Any:
    """What a setting is."""
    section, _, field = name.partition(".")
    return getattr(getattr(settings, section), field)


def read_value(settings: Settings, name: str, text: str) -> Any:
    """What somebody wrote as the value of a setting, as it is stored. Raises: BadSetting."""
    kind = changeable()[name]
    plain = text.strip()
    given: Any = plain
    if get_origin(kind) is list:
        entries = [] if plain.casefold() in _NONE else re.split(r"[\s,;\uff0c\uff1b、]+", plain)
        given = [entry for entry in entries if entry][:MOST_ENTRIES]
    elif kind is bool:
        if plain.casefold() not in _ON | _OFF:
            raise _bad(name, plain)
        given = plain.casefold() in _ON
    try:
        return value_of(with_rows(settings, {name: given}), name)
    except ValidationError as error:
        raise _bad(name, plain) from error


def with_rows(settings: Settings, rows: Mapping[str, Any]) -> Settings:
    """The settings with `rows` over them. Raises: ValidationError."""
    update: dict[str, Any] = {}
    for name, value in rows.items():
        section, _, field = name.partition(".")
        present = update.get(section) or getattr(settings, section)
        update[section] = type(present).model_validate({**present.model_dump(), field: value})
    return settings.model_copy(update=update)


def usable(settings: Settings, rows: Mapping[str, Any]) -> dict[str, Any]:
    """The rows that this release understands: one of another release is left alone, and the file's value stands."""
    kept = {}
    for name, value in rows.items():
        try:
            if name in changeable():
                with_rows(settings, {name: value})
                kept[name] = value
        except ValidationError:
            continue
    return kept


def wanted(name: str) -> Wanted:
    """What kind of value a setting takes."""
    kind = changeable()[name]
    if get_origin(kind) is list:
        return "list"
    if kind is bool:
        return "switch"
    if get_origin(kind) is Literal:
        return "choice"
    return "text" if kind is str else "number"


def _bad(name: str, text: str) -> BadSetting:
    kind = changeable()[name]
    choices = list(get_args(kind)) if get_origin(kind) is Literal else []
    return BadSetting(name=name, value=text[:80], wanted=wanted(name), choices=choices)
