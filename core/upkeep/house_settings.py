"""Settings by command: rows over the file, the same for every process, with who set them and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.errors import BadSetting, Misconfigured
from core.rules import setting_rows
from core.settings import Settings
from core.storage import tables as t
from core.storage.database import dialect_insert

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its value, where that comes from, and what the value would be without a row."""

    name: str
    value: Any
    source: Literal["command", "file", "default"]
    beneath: Any
    changed_by: str | None = None
    changed_at: datetime | None = None


async def setting_list(core: Core, actor: Actor) -> list[Setting]:
    """All settings that can be changed by command, and the shop's own texts that exist. Raises: NotAllowed."""
    actor.require(Role.ADMIN)
    rows = {row.name: row for row in await core.read(_rows)}
    found = [_setting(core, name, rows.get(name)) for name in setting_rows.changeable()]
    return [one for one in found if one.value or not setting_rows.text_name(one.name)]


async def text_list(core: Core, actor: Actor) -> list[Setting]:
    """The shop's own texts, each in every language; empty where the usual text is used. Raises: NotAllowed."""
    actor.require(Role.ADMIN)
    rows = {row.name: row for row in await core.read(_rows)}
    return [_setting(core, name, rows.get(name)) for name in setting_rows.changeable() if setting_rows.text_name(name)]


def tried(core: Core, actor: Actor, name: str, text: str) -> tuple[str, Any]:
    """The full name of a setting and the value that `text` would give it; nothing is changed.

    Raises: NotAllowed, NotFound, BadSetting, or what is wrong with a text.
    """
    actor.require(Role.ADMIN)
    name = setting_rows.setting_named(name)
    return name, setting_rows.read_value(core.configured, name, text)


async def show(core: Core, actor: Actor, name: str) -> Setting:
    """One setting, by its name or the last part of it. Raises: NotAllowed, NotFound."""
    actor.require(Role.ADMIN)
    name = setting_rows.setting_named(name)
    rows = {row.name: row for row in await core.read(_rows)}
    return _setting(core, name, rows.get(name))


async def put(core: Core, actor: Actor, name: str, text: str) -> Setting:
    """Set it; other processes use it within seconds. Raises: as `tried`."""
    name, value = tried(core, actor, name, text)
    try:
        core.refuse_rows({name: value})
    except Misconfigured as wrong:
        raise BadSetting(name=name, value=text[:80], wanted=setting_rows.wanted(name), choices=[]) from wrong
    await core.write(_put, actor, name, value, core.now())
    await core.refresh_settings()
    return await show(core, actor, name)


async def reset(core: Core, actor: Actor, name: str) -> Setting:
    """Use the file's value again. Raises: NotAllowed, NotFound."""
    actor.require(Role.ADMIN)
    name = setting_rows.setting_named(name)
    await core.write(_reset, actor, name, core.now())
    await core.refresh_settings()
    return await show(core, actor, name)


def _rows(tx: sa.Connection) -> list[Any]:
    return list(tx.execute(sa.select(t.setting_rows).order_by(t.setting_rows.c.name)))


def _setting(core: Core, name: str, row: Any) -> Setting:
    beneath = setting_rows.value_of(core.configured, name)
    value = setting_rows.value_of(core.settings, name)
    if row is not None:
        return Setting(name, value, "command", beneath, row.changed_by, row.changed_at)
    usual = setting_rows.value_of(_DEFAULTS, name)
    return Setting(name, value, "default" if beneath == usual else "file", beneath)


def _put(tx: sa.Connection, actor: Actor, name: str, value: Any, now: datetime) -> None:
    before = tx.execute(sa.select(t.setting_rows.c.value).where(t.setting_rows.c.name == name)).scalar_one_or_none()
    values = {"value": value, "changed_at": now, "changed_by": actor.key}
    statement = dialect_insert(t.setting_rows, tx).values(name=name, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
    was, is_ = {name: _shown(before)}, {name: _shown(value)}
    audit.record(tx, actor, "setting.changed", "setting", None, now, before=was, after=is_)


def _reset(tx: sa.Connection, actor: Actor, name: str, now: datetime) -> None:
    gone = sa.delete(t.setting_rows).where(t.setting_rows.c.name == name).returning(t.setting_rows.c.value)
    row = tx.execute(gone).one_or_none()
    if row is not None:
        was = {name: _shown(row.value)}
        audit.record(tx, actor, "setting.reset", "setting", None, now, before=was)


def _shown(value: Any) -> Any:
    """The value as the audit log shows it: for a list only its length, because it may hold addresses."""
    return f"{len(value)} entries" if isinstance(value, list) else value


_DEFAULTS = Settings.model_construct()
