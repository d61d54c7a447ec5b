"""Models: the names people ask for, with prices and limits; changed by command, without a restart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core import audit
from core.actors import Actor, Role
from core.command_errors import BadValue
from core.errors import BadChoice, BadNumber, NameTaken, NotFound
from core.rules.endings import learned_ratio
from core.storage.database import dialect_insert
from core.storage.names import is_called, name_key, renamed
from core.storage.talk_rows import ModelRow
from core.storage.talk_tables import calls, models
from core.talk_errors import ModelNotPriced

if TYPE_CHECKING:
    from core.service import Core

PARAMETERS: Final = ("max_tokens", "max_completion_tokens")
SEES: Final = ("text", "image", "file")
MOST_TOKENS: Final = 100_000_000
NOT_PRICED: Final = 0
"""The context of a model that only a source has named: the model waits, disabled, until staff give it prices."""
CONTEXT: Final = 128_000
MAX_OUTPUT: Final = 16_384
"""Tokens of input and output together, and of output alone, where nobody says: usual values of current models."""
LEARN_FROM: Final = 200


@dataclass(frozen=True, slots=True)
class Model:
    """A model's row. Prices are micro-credits for 1,000,000 tokens, for a call and for an image."""

    id: int
    name: str
    quota_group: str
    context: int
    max_output: int
    price_input: int
    price_cached: int
    price_output: int
    price_call: int
    price_image: int
    output_parameter: str
    sees: Sequence[str]
    bytes_per_token: float
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewModel:
    """What a model is made with, in the units of `Model`. Cached input costs what input costs, if it is not said."""

    price_input: int
    price_output: int
    price_cached: int | None = None
    price_call: int = 0
    price_image: int = 0
    group: str = ""
    context: int = CONTEXT
    max_output: int = MAX_OUTPUT
    output_parameter: str = "max_tokens"
    sees: Sequence[str] = ("text",)


async def add_model(core: Core, actor: Actor, name: str, made: NewModel) -> Model:
    """Make a model. Raises: NotAllowed, NameTaken, BadChoice, BadNumber."""
    actor.require(Role.ADMIN)
    values: dict[str, Any] = {
        **renamed(_name(name)),
        "quota_group": _name(made.group, "group") if made.group else "",
        "context": made.context,
        "max_output": made.max_output,
        "price_input": made.price_input,
        "price_cached": made.price_input if made.price_cached is None else made.price_cached,
        "price_output": made.price_output,
        "price_call": made.price_call,
        "price_image": made.price_image,
        "output_parameter": made.output_parameter,
        "sees": list(dict.fromkeys(made.sees)),
    }
    _check(values)
    try:
        return await core.write(_insert, actor, values, core.now())
    except IntegrityError:
        raise NameTaken(kind="model", name=values["name"]) from None


async def change_model(core: Core, actor: Actor, name: str, **changes: Any) -> Model:
    """Change prices, limits, group or `enabled`. Calls under way keep the prices at which they were claimed.

    A model that waits for its prices can be asked as soon as it has those of input and output. Raises: NotAllowed,
    NotFound, BadChoice, BadNumber, ModelNotPriced.
    """
    actor.require(Role.ADMIN)
    if changes.get("quota_group"):
        changes["quota_group"] = _name(changes["quota_group"], "group")
    if "sees" in changes:
        changes["sees"] = list(dict.fromkeys(changes["sees"]))
    _check(changes)
    return await core.write(_change, actor, name, changes, core.now())


async def list_models(core: Core, *, enabled: bool = False) -> list[Model]:
    """All models by name, or those that can be asked."""
    return await core.read(_list, enabled)


def talks(core: Core) -> sa.ColumnElement[bool]:
    """The models to talk with: switched on, and not made for transcription."""
    hears = core.settings.talk.transcription_model
    return sa.and_(models.c.enabled, models.c.name_key != name_key(hears)) if hears else models.c.enabled == sa.true()


def model_named(tx: sa.Connection, name: str) -> Model:
    """Raises: NotFound."""
    row = tx.execute(sa.select(models).where(is_called(models, name))).one_or_none()
    if row is None:
        raise NotFound(kind="model", name=name[:100])
    return _model(row)


def open_model(tx: sa.Connection, name: str) -> Model:
    """A model that can be asked. Raises: NotFound."""
    found = model_named(tx, name)
    if not found.enabled:
        raise NotFound(kind="model", name=name[:100])
    return found


def numbers_of(tx: sa.Connection, wanted: Iterable[str], now: datetime) -> dict[str, int]:
    """The numbers of models by the keys of their names. A model that nobody has added yet is made, and waits for its
    prices.
    """
    names = list(wanted)
    waiting = {"context": NOT_PRICED, "max_output": 0, "sees": ["text"], "enabled": False, "created_at": now}
    for name in names:
        made = dialect_insert(models, tx).on_conflict_do_nothing(index_elements=["name_key"])
        tx.execute(made, {**renamed(name), **waiting})
    found = sa.select(models.c.id, models.c.name_key).where(models.c.name_key.in_([name_key(name) for name in names]))
    return {row.name_key: row.id for row in tx.execute(found)}


def learn(tx: sa.Connection) -> int:
    """Take each model's bytes per token over from its latest exact calls. Returns how many models changed."""
    changed = 0
    for row in tx.execute(sa.select(models.c.id, models.c.bytes_per_token)).all():
        exact = tx.execute(
            sa.select(calls.c.bytes_out, calls.c.tokens_out)
            .where(
                calls.c.model_id == row.id,
                calls.c.finish == "whole",
                calls.c.estimated.is_(sa.false()),
                calls.c.tokens_out > 0,
                calls.c.bytes_out > 0,
            )
            .order_by(calls.c.id.desc())
            .limit(LEARN_FROM)
        ).all()
        if not exact:
            continue
        ratio = round(learned_ratio([(one.bytes_out, one.tokens_out) for one in exact]), 3)
        if ratio != row.bytes_per_token:
            tx.execute(sa.update(models).where(models.c.id == row.id).values(bytes_per_token=ratio))
            changed += 1
    return changed


def _name(text: str, kind: str = "model") -> str:
    name = text.strip()
    if not 1 <= len(name) <= (100 if kind == "model" else 64) or not name.isprintable() or " " in name:
        raise BadValue(name=kind, value=text[:80], examples=["small", "vendor/large"])
    return name


def _check(values: Mapping[str, Any]) -> None:
    for name in ("context", "max_output"):
        if name in values and not 1 <= values[name] <= MOST_TOKENS:
            raise BadNumber(name=name, low=1, high=MOST_TOKENS)
    if values.get("output_parameter", "max_tokens") not in PARAMETERS:
        raise BadChoice(name="output_parameter", value=values["output_parameter"], choices=list(PARAMETERS))
    for one in values.get("sees", ()):
        if one not in SEES:
            raise BadChoice(name="sees", value=one, choices=list(SEES))


def _insert(tx: sa.Connection, actor: Actor, values: dict[str, Any], now: datetime) -> Model:
    """Insert a model, or give its prices to one that a source has named already: from now on it can be asked."""
    waiting = sa.and_(is_called(models, values["name"]), models.c.context == NOT_PRICED)
    priced = sa.update(models).where(waiting).values(enabled=True, **values).returning(models)
    row = tx.execute(priced).one_or_none()
    if row is None:
        row = tx.execute(sa.insert(models).values(created_at=now, **values).returning(models)).one()
    audit.record(tx, actor, "model.added", "model", row.id, now, after=values)
    return _model(row)


def _change(tx: sa.Connection, actor: Actor, name: str, changes: dict[str, Any], now: datetime) -> Model:
    before = model_named(tx, name)
    if not changes:
        return before
    if before.context == NOT_PRICED:
        if {"price_input", "price_output"} <= changes.keys():
            usual = {"context": CONTEXT, "max_output": MAX_OUTPUT, "price_cached": changes["price_input"]}
            changes = {**usual, "enabled": True, **changes}
        elif changes.get("enabled"):
            raise ModelNotPriced(name=before.name)
    row = tx.execute(sa.update(models).where(models.c.id == before.id).values(**changes).returning(models)).one()
    shown = {key: getattr(before, key) for key in changes}
    audit.record(tx, actor, "model.changed", "model", before.id, now, before=shown, after=changes)
    return _model(row)


def _list(tx: sa.Connection, enabled: bool) -> list[Model]:
    statement = sa.select(models).order_by(models.c.name)
    if enabled:
        statement = statement.where(models.c.enabled)
    return [_model(row) for row in tx.execute(statement)]


def _model(row: ModelRow) -> Model:
    return Model(**{name: getattr(row, name) for name in Model.__slots__})
