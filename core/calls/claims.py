"""Transaction 1 of a call: everything it may cost at most leaves the wallets before a byte is sent.

Twenty calls at once on a wallet that affords one: one is claimed, nineteen are told so and lose nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, cast

import sqlalchemy as sa

from core import attempts
from core.actors import Actor, Role
from core.calls import sponsorship
from core.calls.orders import CallClaim, CallOrder
from core.calls.sponsorship import DailyRoom
from core.credit import plans, wallets
from core.credit.report import spent_today
from core.errors import NotFound, RequestKeyReused
from core.people.people import person_of
from core.rules.money import amount_text, shown_amount, shown_balance
from core.rules.plans import Plan, refuse_model
from core.rules.prices import Prices, TokenBounds, bounds, input_bound, output_bound
from core.rules.prompts import Size, canonical, measure
from core.sources import slots
from core.sources.models import talks
from core.storage import tables as t
from core.storage.chat_tables import turns
from core.storage.column_types import Moment
from core.storage.guards import guard
from core.storage.names import name_key
from core.storage.prepared import Prepared
from core.storage.talk_rows import CallRow, KeyRow, ModelRow
from core.storage.talk_tables import OPEN, calls, keys, models
from core.talk_errors import KeyRevoked, ModelSeesNot, NotEnoughCredit, SpendLimit, Suspended, TooManyAtOnce

if TYPE_CHECKING:
    from core.models.protocol import OutputParameter
    from core.service import Core


def banned(person_id: sa.ColumnElement[Any], now: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Is one of the person's identities banned at present?"""
    live = sa.and_(t.bans.c.lifted_at.is_(None), sa.or_(t.bans.c.until.is_(None), t.bans.c.until > now))
    theirs = sa.and_(t.bans.c.platform == t.identities.c.platform, t.bans.c.identity == t.identities.c.identity)
    return sa.exists().where(t.identities.c.person_id == person_id, theirs, live)


_theirs = sa.and_(
    t.identities.c.person_id == t.people.c.id,
    t.identities.c.platform == sa.bindparam("platform", type_=sa.String()),
    t.identities.c.identity == sa.bindparam("identity", type_=sa.String()),
)
_PERSON = sa.select(
    t.people.c.id,
    t.people.c.standing,
    t.people.c.prefers,
    t.people.c.default_model,
    t.people.c.spend_limit,
    banned(t.people.c.id, sa.bindparam("now", type_=Moment())).label("banned"),
).join_from(t.people, t.identities, _theirs)
_LOCKING = Prepared(_PERSON.with_for_update(key_share=True, of=t.people))
_READING = Prepared(_PERSON)
_MODEL = Prepared(sa.select(models).where(models.c.name_key == sa.bindparam("key"), models.c.enabled))
_INSERT = Prepared(sa.insert(calls).returning(calls.c.id))
_AT_ONCE = Prepared(
    sa.select(sa.func.count().label("number")).where(
        calls.c.person_id == sa.bindparam("person_id"), calls.c.state.in_(OPEN)
    )
)
_NOTHING = sa.or_(calls.c.state == "refused", sa.and_(calls.c.state == "settled", calls.c.finish == "failed"))
_MAKE_WAY = Prepared(
    sa.update(calls)
    .where(calls.c.id == sa.bindparam("call"), calls.c.request_key == sa.bindparam("key"), _NOTHING)
    .values(request_key=calls.c.request_key.concat(":before:").concat(sa.cast(calls.c.id, sa.String)))
)
_BY_KEY = Prepared(sa.select(calls).where(calls.c.request_key == sa.bindparam("request_key")))


@dataclass(frozen=True, slots=True)
class Weighed:
    """A question and who pays for it, how large it is, and what its request key stands for.

    `contents` are that under every key of the vault, the active one first.
    """

    order: CallOrder
    payer: Actor
    size: Size
    contents: Sequence[bytes]


async def weigh(core: Core, order: CallOrder, payer: Actor) -> Weighed:
    """Pure work, done before the transaction; with pictures it may be megabytes, and nobody else waits for it."""
    size = measure(order.messages, order.options, 0 if order.sound is None else len(order.sound.content))
    large = size.images or order.sound is not None
    contents = await asyncio.to_thread(_contents, core, order) if large else _contents(core, order)
    return Weighed(order, payer, size, contents)


def _contents(core: Core, order: CallOrder) -> list[bytes]:
    asked = canonical(order.model or "", order.messages, order.most_output, order.options)
    heard = "" if order.sound is None else hashlib.sha256(order.sound.content).hexdigest()
    return core.vault.digests(f"question:{asked}{heard}")


def earlier(tx: sa.Connection, asked: Weighed) -> CallRow | None:
    """The call that this request key made before, if it did: the same question of the same person.

    Raises: RequestKeyReused.
    """
    row: CallRow | None = _BY_KEY.one_or_none(tx, {"request_key": asked.order.request_key})
    if row is None:
        return None
    payer = {"platform": asked.payer.platform, "identity": asked.payer.identity}
    person = _READING.one_or_none(tx, {**payer, "now": row.made_at})
    if bytes(row.content) not in asked.contents or person is None or row.person_id != person.id:
        raise RequestKeyReused
    return row


def came_to_nothing(row: CallRow) -> bool:
    """No model has answered that call, and it cost nothing."""
    return bool(row.state == "refused" or (row.state == "settled" and row.finish == "failed"))


def make_way(tx: sa.Connection, asked: Weighed) -> None:
    """Let a call that came to nothing leave its request key to a repeat of the same question.

    A unit of its own: whoever claims has locked the person before the key, and this one has locked the key alone.
    Raises: RequestKeyReused.
    """
    row = earlier(tx, asked)
    if row is not None:
        _MAKE_WAY.run(tx, {"call": row.id, "key": row.request_key})


def claim_call(tx: sa.Connection, core: Core, actor: Actor, asked: Weighed, token: str, now: datetime) -> CallClaim:
    """Claim what the question may cost from the payer's wallets, or say why not; nothing is changed then.

    Raises: Suspended, KeyRevoked, NotFound (kind model), ModelNotAllowed, TooManyQuestions, TooManyAtOnce, TooLong,
    ModelSeesNot, SpendLimit, SponsorGone, SponsorLimit, NotEnoughCredit; sqlalchemy's IntegrityError where the request
    key was used before.
    """
    order, payer, size = asked.order, asked.payer, asked.size
    # With the row locked, the calls and wallets of one person are counted one after the other.
    looking = _LOCKING if guard("wallet_claim", payer) else _READING
    who = {"platform": payer.platform, "identity": payer.identity, "now": now}
    person = looking.one_or_none(tx, who)
    if person is None:
        person_of(tx, payer.platform, payer.identity, now)
        person = looking.one(tx, who)
    person_id = person.id
    if person.standing != "active" or person.banned:
        raise Suspended
    plan = plans.plan_of(tx, person_id, now)
    key = _key(tx, order.key_id, person_id, now)
    model = _model(tx, core, order.model or person.default_model)
    refuse_model(plan, model.name, None if key is None else key.models)
    if size.images and "image" not in model.sees:
        raise ModelSeesNot(model=model.name)
    if actor.role < Role.OPERATOR:
        _claim_rate(tx, person_id, plan, key, now)
    rooms = _rooms(tx, person.id, person.spend_limit, key, now)
    if order.sponsored and order.turn_id is not None:
        rooms.append(sponsorship.room(tx, order.turn_id, person_id, now))
    claimed, own_only, spendable = _bounds(tx, core, asked, _Asker(person_id, plan, rooms), model, now)
    if actor.role < Role.OPERATOR:
        _refuse_at_once(tx, person_id, plan)
    prices = prices_of(model)
    row = {
        "request_key": order.request_key,
        "content": asked.contents[0],
        "person_id": person_id,
        "key_id": order.key_id,
        "via": order.via,
        "model_id": model.id,
        "model": model.name,
        "state": "claimed",
        "prices": prices.stored(),
        "claimed": claimed.amount,
        "shortened": claimed.shortened,
        "own_only": own_only,
        "input_bound": claimed.input,
        "output_bound": claimed.output,
        "bytes_in": size.bytes,
        "images": size.images,
        "turn_id": order.turn_id,
        "made_at": now,
        "claim": token,
        "due_at": now + timedelta(seconds=core.settings.talk.claim),
    }
    call_id = int(_INSERT.one(tx, row).id)
    if order.turn_id is not None and order.sound is None:
        tx.execute(sa.update(turns).where(turns.c.id == order.turn_id).values(call_id=call_id))
    only_part = wallets.claim(tx, call_id, spendable, claimed.amount, now) if claimed.amount else None
    return CallClaim(
        call_id=call_id,
        token=token,
        request_key=order.request_key,
        person_id=person_id,
        key_id=order.key_id,
        model_id=model.id,
        model=model.name,
        prices=prices,
        claimed=claimed.amount,
        input_bound=claimed.input,
        output_bound=claimed.output,
        bytes_in=size.bytes,
        images=size.images,
        shortened=claimed.shortened,
        own_only=own_only,
        prefers=person.prefers,
        output_parameter=cast("OutputParameter", model.output_parameter),
        ratio=model.bytes_per_token,
        waits_first=plan.waits_first,
        only_part=only_part,
    )


def prices_of(model: ModelRow) -> Prices:
    """The prices of a model's row."""
    return Prices(
        input=model.price_input,
        cached=model.price_cached,
        output=model.price_output,
        call=model.price_call,
        image=model.price_image,
    )


@dataclass(frozen=True, slots=True)
class _Asker:
    """Whoever pays: their plan, and what their limits of today leave."""

    person_id: int
    plan: Plan
    rooms: Sequence[DailyRoom]


def _bounds(
    tx: sa.Connection, core: Core, asked: Weighed, asker: _Asker, model: ModelRow, now: datetime
) -> tuple[TokenBounds, bool, list[wallets.Purse]]:
    """What to claim, whether only own sources may answer, and the purses to claim it from.

    A limit of today shortens the answer as an empty purse does: a whole claim is far more than most answers cost.
    """
    person_id, plan = asker.person_id, asker.plan
    money, talk, size = core.settings.money, core.settings.talk, asked.size
    tokens_in = input_bound(
        size.messages,
        size.images,
        bytes_per_token=money.claim_bytes_per_token,
        image_tokens=money.image_tokens,
    )
    wanted = output_bound(asked.order.most_output, model.max_output, plan.most_output)
    prices = prices_of(model)
    context = min(model.context, plan.context or model.context)
    if plan.allowance:
        wallets.keep_allowance(tx, person_id, plan, now)
    spendable = (
        [] if prices.free else wallets.purses(tx, person_id, model.quota_group, now, allowance=plan.allowance > 0)
    )
    have = sum(purse.there for purse in spendable)
    narrowest = None if prices.free else min(asker.rooms, key=lambda room: room.left, default=None)
    within = have if narrowest is None else max(0, min(have, narrowest.left))

    def affordable(credit: int) -> TokenBounds:
        return bounds(prices, tokens_in, wanted, size.images, credit, shortest=talk.shortest_output, context=context)

    try:
        found = affordable(within)
    except NotEnoughCredit:
        # Their own account costs them nothing: it is asked without a claim, and no other one is.
        if slots.has_own(tx, model.id, person_id, now):
            return TokenBounds(tokens_in, min(wanted, context - tokens_in), 0), True, []
        least = min(talk.shortest_output, wanted, context - tokens_in)
        needed = prices.cost(tokens_in, least, images=size.images)
        more = _without_history(core, asked.order, prices, least, needed, within)
        if narrowest is None or needed > have:
            raise NotEnoughCredit(needed=shown_amount(needed), left=shown_balance(have), **more) from None
        raise narrowest.refusal(needed=shown_amount(needed), **more) from None
    return found, False, spendable


def _without_history(
    core: Core, order: CallOrder, prices: Prices, least: int, needed: int, within: int
) -> dict[str, str]:
    """What the question may cost without the conversation before it, as a fact, where that makes the difference: it is
    within what there is, or no more than half.
    """
    if not order.history:
        return {}
    money = core.settings.money
    size = measure([*order.messages[: -1 - order.history], order.messages[-1]], order.options)
    tokens_in = input_bound(
        size.messages, size.images, bytes_per_token=money.claim_bytes_per_token, image_tokens=money.image_tokens
    )
    alone = prices.cost(tokens_in, least, images=size.images)
    return {"alone": shown_amount(alone)} if alone <= max(within, needed // 2) else {}


def _key(tx: sa.Connection, key_id: int | None, person_id: int, now: datetime) -> KeyRow | None:
    if key_id is None:
        return None
    mine = sa.and_(keys.c.id == key_id, keys.c.person_id == person_id, keys.c.state == "active")
    still = sa.or_(keys.c.expires_at.is_(None), keys.c.expires_at > now)
    found = sa.select(keys).where(mine, still)
    row = tx.execute(found.with_for_update(read=True) if guard("key_kept", key_id) else found).one_or_none()
    if row is None:
        raise KeyRevoked
    return row


def _model(tx: sa.Connection, core: Core, name: str | None) -> ModelRow:
    wanted = name or core.settings.talk.default_model
    if wanted:
        row: ModelRow | None = _MODEL.one_or_none(tx, {"key": name_key(wanted)})
        if row is None:
            raise NotFound(kind=_missing(tx), name=wanted[:100])
        return row
    only = tx.execute(sa.select(models).where(talks(core)).order_by(models.c.id).limit(2)).all()
    if len(only) != 1:
        raise NotFound(kind="model" if only else _missing(tx), name="")
    return only[0]


def _missing(tx: sa.Connection) -> Literal["model", "models", "models_off"]:
    """What is not there: the one that was wanted, any model, or any that is switched on."""
    enabled = tx.execute(sa.select(models.c.enabled).order_by(models.c.enabled.desc()).limit(1)).scalar_one_or_none()
    return "models" if enabled is None else "model" if enabled else "models_off"


def _claim_rate(tx: sa.Connection, person_id: int, plan: Plan, key: KeyRow | None, now: datetime) -> None:
    attempts.claim_question(tx, f"person:{person_id}", plan.questions, now)
    if key is not None:
        attempts.claim_question(tx, f"key:{key.id}", key.rpm or plan.key_requests, now)


def _refuse_at_once(tx: sa.Connection, person_id: int, plan: Plan) -> None:
    if plan.at_once and _AT_ONCE.one(tx, {"person_id": person_id}).number >= plan.at_once:
        raise TooManyAtOnce(most=plan.at_once)


def _rooms(
    tx: sa.Connection, person_id: int, spend_limit: int | None, key: KeyRow | None, now: datetime
) -> list[DailyRoom]:
    """What a person, and the key that they showed, may still spend within this day (UTC), claims included."""
    rooms = []
    limits = [] if spend_limit is None else [(spend_limit, calls.c.person_id == person_id)]
    if key is not None and key.daily_limit is not None:
        limits.append((key.daily_limit, calls.c.key_id == key.id))
    for limit, mine in limits:
        spent = spent_today(tx, mine, now)
        rooms.append(DailyRoom(limit - spent, partial(SpendLimit, limit=amount_text(limit), spent=shown_amount(spent))))
    return rooms
