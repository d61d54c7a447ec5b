"""`/models` and `/sources`: what people can ask, for how much, and the accounts behind it."""

from __future__ import annotations

from typing import Any

from bots.commands.command import Argument, Command
from bots.commands.questions import ask, confirm
from bots.commands.request import Request
from bots.messages.reply import Brief, Button, Reply, Say
from core.actors import Role
from core.command_errors import MissingArgument
from core.credit.grants import read_identity
from core.models.source_lines import MAX_CONCURRENCY, SourceUnreadable, read_source
from core.rules.money import amount_text, read_amount
from core.service import Core
from core.sources import models as model_rows
from core.sources import sources as source_rows
from core.sources import subaccounts
from core.sources.report import ParentTally, SourceLine, parent_list, source_list, source_page
from core.sources.sweep import read_source as read_now

SHOWN = 30
SWITCH = {"on": True, "off": False}


async def models(
    core: Core,
    request: Request,
    *,
    action: str | None,
    name: str | None,
    input: str | None,  # noqa: A002 - as it is written in the chat
    output: str | None,
    cached: str | None,
    group: str | None,
    context: int | None,
    most: int | None,
    enabled: str | None,
) -> Reply:
    """The models with their prices; one of them; adding one; changing one, as whoever gives figures means."""
    figures = (input, output, cached, group, context, most, enabled)
    if action is None and any(one is not None for one in figures):
        action = "edit"
    if action in {"add", "edit"}:
        request.actor.require(Role.ADMIN)
        if name is None:
            raise MissingArgument(name="name")
        given: dict[str, Any] = {
            "price_input": _price(input),
            "price_output": _price(output),
            "price_cached": _price(cached),
            "context": context,
            "max_output": most,
        }
        given = {key: value for key, value in given.items() if value is not None}
        if action == "add":
            for price in ("input", "output"):
                if f"price_{price}" not in given:
                    raise MissingArgument(name=price)
            new = model_rows.NewModel(group=group or "", **given)
            made = await model_rows.add_model(core, request.actor, name, new)
        else:
            given |= {} if group is None else {"quota_group": group}
            given |= {} if enabled is None else {"enabled": SWITCH[enabled]}
            made = await model_rows.change_model(core, request.actor, name, **given)
        return Reply("model-set", _model(made), private=False)
    if name is not None:
        found = await core.read(model_rows.model_named, name)
        return Reply("model", _model(found), private=False)
    every = await model_rows.list_models(core)
    if not every:
        return Reply("models-none", private=False)
    items = [Say("model-line", _model(one)) for one in every[:SHOWN]]
    return Reply("models", {"count": len(every)}, items=items, private=False)


async def sources(
    core: Core,
    request: Request,
    *,
    action: str | None,
    name: str | None,
    line: str | None,
    model: str | None,
    person: str | None,
    **limits: Any,
) -> Reply:
    """The accounts with their places and health; one of them; adding, changing, switching, reading or removing one;
    having one of them make an account for a person.
    """
    if action is None and any(one is not None for one in limits.values()):
        action = "edit"
    if action in {"add", "give"}:
        return await (_add(core, request, line) if action == "add" else _give(core, request, name, person))
    if action is not None and action != "show" and name is None:
        raise MissingArgument(name="name")
    if name is None:
        every = await source_list(core, request.actor)
        if not every:
            return Reply("sources-none", private=False)
        items = [Say("source-line", _source(one, core)) for one in every[:SHOWN]]
        return Reply("sources", {"count": len(every)}, items=items, private=False)
    if action in {"enable", "disable"}:
        enabled = action == "enable"
        if model is not None:
            await source_rows.change_offer(core, request.actor, name, model, enabled)
        else:
            await source_rows.change_source(core, request.actor, name, enabled=enabled)
    elif action == "edit":
        await source_rows.change_source(core, request.actor, name, **_limits(**limits))
    elif action == "check":
        request.actor.require(Role.OPERATOR)
        await read_now(core, await core.read(source_rows.source_named, name))
    elif action == "remove":
        request.actor.require(Role.ADMIN)
        await core.read(source_rows.source_named, name)
        if not request.confirmed:
            wish = {"action": "remove", "name": name}
            return confirm(Reply("source-remove", {"source": name}), "sources", wish)
        await source_rows.remove_source(core, request.actor, name)
        return Reply("source-removed", {"source": name})
    makes = await parent_list(core, request.actor, name)
    return _page(await source_page(core, request.actor, name), core, makes)


def _limits(
    *,
    places: int | None,
    weight: int | None,
    rpm: int | None,
    tpm: int | None,
    budget: str | None,
    tier: str | None,
    group: str | None,
) -> dict[str, Any]:
    """What is to be changed of an account; 0 is no limit, and `-` no group."""
    plain: dict[str, Any] = {"concurrency": places, "weight": weight, "tier": tier}
    given: dict[str, Any] = {key: value for key, value in plain.items() if value is not None}
    given |= {key: value or None for key, value in {"rpm": rpm, "tpm": tpm}.items() if value is not None}
    if budget is not None:
        given["daily_budget"] = read_amount(budget, least=0, name="budget") or None
    if group is not None:
        given["limit_group"] = "" if group.strip() in {"-", "–", "—"} else group
    if not given:
        raise MissingArgument(name="places")
    return given


async def _add(core: Core, request: Request, line: str | None) -> Reply:
    request.actor.require(Role.ADMIN)
    if line is None:
        return await ask(core, request, "sources", "line", {"action": "add"}, Reply("ask-sources-line"))
    try:
        one = read_source(line)
    except SourceUnreadable as fault:
        field = Say("source-field", {"field": fault.field}) if fault.field else ""
        facts = {"field": field, "reason": Say(f"reason-{fault.reason_key}")}
        return Reply("source-unreadable", facts, state="refused", delete_request=True)
    await source_rows.add_source(core, request.actor, one)
    found = await source_page(core, request.actor, one.name)
    await read_now(core, await core.read(source_rows.source_named, one.name))
    return Reply("source-added", _source(found, core), delete_request=True)


async def _give(core: Core, request: Request, name: str | None, person: str | None) -> Reply:
    for missing, value in (("name", name), ("person", person)):
        if value is None:
            raise MissingArgument(name=missing)
    given = await subaccounts.give(core, request.actor, name or "", to=read_identity(person or ""))
    facts = {"parent": given.parent, "source": given.source or "", "person": person, "state": given.state}
    return Reply("source-given", facts)


def _page(one: SourceLine, core: Core, makes: list[ParentTally]) -> Reply:
    items = [
        Say(
            "source-offer",
            {
                "model": offer.model,
                "upstream": offer.upstream_name,
                "percent": "" if offer.fraction is None else str(round(offer.fraction * 100)),
                "state": "on" if offer.enabled else "off",
            },
        )
        for offer in one.models
    ]
    other = "disable" if one.enabled else "enable"
    limits = {"weight": one.weight, "rpm": one.rpm or 0, "tpm": one.tpm or 0, "group": one.limit_group or ""}
    budget = "" if one.daily_budget is None else amount_text(one.daily_budget)
    items.append(Say("source-limits", {**limits, "budget": budget}))
    for each in makes:
        facts = {"protocol": each.adapter, "for_all": "yes" if each.for_all else "no"}
        items.append(Say("source-makes", {**facts, "ready": each.ready, "open": each.under_way}))
    row = (
        Button(Say("button-source-check"), "sources", {"action": "check", "name": one.name}),
        Button(Say(f"button-source-{other}"), "sources", {"action": other, "name": one.name}),
    )
    return Reply("source", _source(one, core), items=items, buttons=(row,), private=False)


def _model(one: model_rows.Model) -> dict[str, Any]:
    return {
        "name": one.name,
        "group": one.quota_group,
        "input": amount_text(one.price_input),
        "output": amount_text(one.price_output),
        "context": one.context,
        "most": one.max_output,
        "state": "on" if one.enabled else "new" if one.context == model_rows.NOT_PRICED else "off",
    }


def _source(one: SourceLine, core: Core) -> dict[str, Any]:
    rests = [at for at in (one.paused_until, one.group_paused_until) if at is not None and at > core.now()]
    state = "off" if not one.enabled else one.health if one.health != "healthy" else "resting" if rests else "well"
    return {
        "source": one.name,
        "owner": one.owner or "",
        "shared": "yes" if one.shared else "no",
        "tier": one.tier,
        "group": one.limit_group or "",
        "busy": one.busy,
        "places": one.concurrency,
        "state": state,
        "until": Brief(max(rests), core.now()) if rests else "",
        "error": one.last_error or "",
        "last4": one.last4,
        "models": [offer.model for offer in one.models],
    }


def _price(text: str | None) -> int | None:
    return None if text is None else read_amount(text, least=0, name="price")


COMMANDS = (
    Command(
        "models",
        Role.VIEWER,
        models,
        "models",
        (
            Argument("action", "choice", False, ("show", "add", "edit")),
            Argument("name", required=False),
            Argument("input", required=False, word=True),
            Argument("output", required=False, word=True),
            Argument("cached", required=False, word=True),
            Argument("group", required=False, word=True),
            Argument("context", "number", False, low=1, high=model_rows.MOST_TOKENS, word=True),
            Argument("most", "number", False, low=1, high=model_rows.MOST_TOKENS, word=True),
            Argument("enabled", "choice", False, ("on", "off"), word=True),
        ),
    ),
    Command(
        "sources",
        Role.VIEWER,
        sources,
        "models",
        (
            Argument(
                "action", "choice", False, ("show", "add", "edit", "enable", "disable", "check", "give", "remove")
            ),
            Argument("name", required=False),
            Argument("line", "document", False, prose=True),
            Argument("model", required=False, word=True),
            Argument("places", "number", False, low=1, high=MAX_CONCURRENCY, word=True),
            Argument("weight", "number", False, low=1, high=1000, word=True),
            Argument("rpm", "number", False, low=0, high=1_000_000, word=True),
            Argument("tpm", "number", False, low=0, high=1_000_000_000, word=True),
            Argument("budget", required=False, word=True),
            Argument("tier", "choice", False, ("free", "paid"), word=True),
            Argument("group", required=False, word=True),
            Argument("person", required=False, word=True),
        ),
    ),
)
