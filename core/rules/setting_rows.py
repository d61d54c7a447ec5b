"""Settings that staff may change by command: which they are, what may be written for each, and laying them over the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any, Final, Literal, TypeAlias, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError

from core.errors import BadSetting, BadTerm, NotFound, Refusal
from core.rules import house_texts
from core.rules.spans import SpanUnit, read_span
from core.settings import Settings

SECTIONS: Final = (
    "redemption", "limits", "codes", "health", "sync", "unauthorised", "leases", "transfers", "waitlist", "alerts", "jobs",
    "talk", "sources", "money",
)  # fmt: skip
"""Sections that are looked up at every use, so that a change reaches every process without a start."""
SINGLE: Final = ("shop", "contact")
"""Settings that are in no section."""
TEXTS: Final = "texts"
"""The section of the shop's own words: each is an entry of it, such as `texts.welcome.en`."""
ELSEWHERE: Final = frozenset({"unauthorised.enabled", "talk.enabled", "talk.claim", "sources.lending"})
"""Switched deliberately, by a command of their own or in the file."""
ALSO: Final = ("gateway.fetch_images",)
"""Looked up at every use although their section is not."""
MOST_ENTRIES: Final = 200

Wanted: TypeAlias = Literal["number", "numbers", "list", "switch", "choice", "text", "span"]
"""What a setting takes, for the text of a refusal."""

_ON = frozenset({"on", "yes", "true", "1", "开", "是"})
_OFF = frozenset({"off", "no", "false", "0", "关", "否"})
_NONE = frozenset({"", "-", "–", "none", "empty", "无", "空"})


@cache
def changeable() -> Mapping[str, Any]:
    """The names, as in `limits.attempts`, each with the type of its value."""
    found: dict[str, Any] = dict.fromkeys((*SINGLE, *(f"{TEXTS}.{name}" for name in house_texts.NAMES)), str)
    for section in SECTIONS:
        model = cast("type[BaseModel]", Settings.model_fields[section].annotation)
        for name, field in model.model_fields.items():
            if get_origin(field.annotation) is not dict and f"{section}.{name}" not in ELSEWHERE:
                found[f"{section}.{name}"] = field.annotation
    for full in ALSO:
        section, _, name = full.partition(".")
        found[full] = cast("type[BaseModel]", Settings.model_fields[section].annotation).model_fields[name].annotation
    return found


def setting_named(text: str) -> str:
    """The full name: as it is, or its last part where only one setting has it. Raises: NotFound."""
    wanted = _folded(text.strip())
    names = {name: _folded(name) for name in changeable()}
    fitting = [name for name, folded in names.items() if wanted in {folded, folded.partition(".")[2]} - {""}]
    if len(fitting) != 1:
        raise NotFound(kind="setting", name=text[:60])
    return fitting[0]


def value_of(settings: Settings, name: str) -> Any:
    """The value of a setting; for a text that the shop has not written itself, an empty one."""
    section, _, field = name.partition(".")
    if section == TEXTS:
        return settings.texts.get(field, "")
    if section in SINGLE:
        return getattr(settings, section)
    return getattr(getattr(settings, section), field)


def read_value(settings: Settings, name: str, text: str) -> Any:
    """What somebody wrote as the value of a setting, as it is stored. Raises: BadSetting, or what is wrong with a text."""
    if text_name(name):
        return house_texts.read(text_name(name), text)
    kind = changeable()[name]
    plain = text.strip()
    if name in SINGLE:
        plain = " ".join(plain.split())[: house_texts.LONGEST_LINE]
    given: Any = plain
    if get_origin(kind) is list:
        entries = [] if plain.casefold() in _NONE else re.split(r"[\s,;\uff0c\uff1b、]+", plain)
        given = [entry for entry in entries if entry][:MOST_ENTRIES]
    elif kind is bool:
        if plain.casefold() not in _ON | _OFF:
            raise _bad(name, plain)
        given = plain.casefold() in _ON
    elif (unit := unit_of(name)) is not None:
        try:
            given = read_span(plain, unit) / timedelta(**{f"{unit}s": 1})
        except BadTerm as error:
            raise _bad(name, plain) from error
    try:
        return value_of(with_rows(settings, {name: given}), name)
    except ValidationError as error:
        raise _bad(name, plain) from error


def unit_of(name: str) -> SpanUnit | None:
    """The unit in which the file states a length of time; None for a setting that is none."""
    section, _, field = name.partition(".")
    model = Settings.model_fields[section].annotation
    found = model.model_fields.get(field) if isinstance(model, type) and issubclass(model, BaseModel) else None
    extra = found.json_schema_extra if found is not None else None
    return cast("SpanUnit", extra["unit"]) if isinstance(extra, dict) and "unit" in extra else None


def span_of(name: str, value: Any) -> timedelta | None:
    """A setting's value as a length of time; None for a setting that is none."""
    unit = unit_of(name)
    return None if unit is None else timedelta(**{f"{unit}s": value})


def with_rows(settings: Settings, rows: Mapping[str, Any]) -> Settings:
    """The settings with `rows` over them. Raises: ValidationError, or what is wrong with a text."""
    update: dict[str, Any] = {}
    for name, value in rows.items():
        section, _, field = name.partition(".")
        if section in SINGLE:
            update[section] = str(value)
            continue
        if section == TEXTS:
            update[section] = {**(update.get(section) or settings.texts), field: house_texts.read(field, str(value))}
            continue
        present = update.get(section) or getattr(settings, section)
        update[section] = type(present).model_validate({**present.model_dump(), field: value})
    return settings.model_copy(update=update)


def text_name(name: str) -> str:
    """Which of the shop's own words a setting is, such as `welcome.en`; empty for any other setting."""
    section, _, field = name.partition(".")
    return field if section == TEXTS else ""


def usable(settings: Settings, rows: Mapping[str, Any]) -> dict[str, Any]:
    """The rows that this release understands: one of another release is left alone, and the file's value holds."""
    kept = {}
    for name, value in rows.items():
        try:
            if name in changeable():
                with_rows(settings, {name: value})
                kept[name] = value
        except (ValidationError, Refusal):
            continue
    return kept


def wanted(name: str) -> Wanted:
    """The kind of value that a setting takes."""
    kind = changeable()[name]
    if get_origin(kind) is list:
        return "list" if get_args(kind)[0] is str else "numbers"
    if kind is bool:
        return "switch"
    if get_origin(kind) is Literal:
        return "choice"
    if unit_of(name) is not None:
        return "span"
    return "text" if kind is str else "number"


def _folded(name: str) -> str:
    return name.casefold().replace("-", "_")


def _bad(name: str, text: str) -> BadSetting:
    kind = changeable()[name]
    choices = list(get_args(kind)) if get_origin(kind) is Literal else []
    return BadSetting(name=name, value=text[:80], wanted=wanted(name), choices=choices)
