"""`config.example.toml` is the manual of the settings: all of them, their real defaults, a word about each."""

from __future__ import annotations

import re
import tomllib
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr

from core.settings import Settings
from tests.architecture.source import REPOSITORY

EXAMPLE = REPOSITORY / "config.example.toml"
SETTING = re.compile(r"^(?P<off>#\s?)?(?P<key>[a-z][a-z0-9_]*)\s*=\s*(?P<value>.+)$")
HEADER = re.compile(r"^#?\s?\[(?P<section>[a-z_.]+)\]\s*$")


@dataclass(frozen=True)
class Line:
    name: str
    active: bool
    value: Any
    explained: bool


def _example() -> Iterator[Line]:
    """Every setting of the example, those behind a `#` included."""
    section, before = "", ""
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if header := HEADER.match(line):
            section = header["section"] + "."
        elif setting := SETTING.match(line):
            try:
                value = tomllib.loads(f"value = {setting['value']}")["value"]
            except tomllib.TOMLDecodeError:
                before = line  # a sentence of prose that happens to hold an equals sign
                continue
            explained = before.startswith("#") or "#" in setting["value"]
            yield Line(section + setting["key"], not setting["off"], value, explained)
        before = line


def _settings(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting with its default; a section is not a setting."""
    for name, field in model.model_fields.items():
        inner = _section(field.annotation)
        if inner is not None:
            yield from _settings(inner, f"{prefix}{name}.")
        else:
            yield prefix + name, field.get_default(call_default_factory=True)


def _section(annotation: Any) -> type[BaseModel] | None:
    choices = get_args(annotation) if get_origin(annotation) in {Union, types.UnionType} else (annotation,)
    return next((each for each in choices if isinstance(each, type) and issubclass(each, BaseModel)), None)


SETTINGS = dict(_settings())


def test_every_setting_is_in_the_example_and_nothing_else():
    # A table that people fill with names of their own (vault.keys) is met by any line inside it.
    tables = {name for name, default in SETTINGS.items() if isinstance(default, dict)}
    listed = {next((table for table in tables if line.name.startswith(f"{table}.")), line.name) for line in _example()}
    assert listed == SETTINGS.keys()


def test_the_example_shows_each_default_and_says_what_it_means():
    assert not [line.name for line in _example() if not line.explained], "no comment before or beside it"
    assert not {line.name: (line.value, SETTINGS.get(line.name)) for line in _example() if not _shows_default(line)}


def _shows_default(line: Line) -> bool:
    default = SETTINGS.get(line.name)
    if default is None or isinstance(default, (dict, SecretStr)):
        return not line.active or isinstance(line.value, str)  # what has no default is shown, not set
    return default == [] or bool(line.value == default)
