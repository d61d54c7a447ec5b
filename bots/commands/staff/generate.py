"""Making codes: in one line, or step by step with a draft that shows the quota before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from bots.commands.choices import SWITCH
from bots.commands.command import Argument, Command
from bots.commands.questions import CANCEL_BUTTON, CONFIRM_MINUTES, ask, moments, refusal_reply
from bots.commands.request import Request
from bots.commands.staff import handing_on
from bots.commands.staff.handing_on import gift_words
from bots.messages import sheets
from bots.messages.reply import Button, File, Reply, Say
from core.actors import Role
from core.codes import codes as actions
from core.codes.bearers import read_bearer
from core.command_errors import GeneralBound, MissingArgument
from core.errors import QuotaExceeded
from core.rules.code_lists import MOST_USES
from core.rules.csv_text import txt_line
from core.rules.gifts import SEAT, read_giving
from core.rules.terms import Term, parse_term
from core.service import Core
from core.teams.pools import default_pool, find_pools
from core.teams.quota import Room, room

KINDS = ("general", "bound", "temporary")
TEMPORARY_TERM = "24h"
MOST_BY_CHAT = 10_000
MOST_OFFERED = 5
"""Other pools that are offered where the one that was meant is full."""
SUGGESTED = (10, 20, 50, 100)
CodeRows: TypeAlias = tuple[tuple[Button, ...], ...]
EDITABLE = ("count", "uses", "term", "expires", "label", "team")


async def generate(
    core: Core,
    request: Request,
    *,
    count: int | None,
    kind: str | None,
    pool: str | None,
    team: str | None,
    uses: int | None,
    term: Term | None,
    expires: datetime | None,
    label: str | None,
    note: str | None,
    override: bool,
    gives: str | None,
    auto_transfer: str | None,
    whose: str | None,
    per_person: int | None,
) -> Reply:
    """Make codes at once when it is said how many; otherwise begin a draft."""
    wish = _wish(count, kind, pool, team, uses, term, expires, label, note, override, gives, auto_transfer,
                 whose, per_person)  # fmt: skip
    if kind == "general" and team is not None:
        raise GeneralBound(team=team)
    giving = SEAT if gives is None else read_giving(gives)
    if count is None and giving != SEAT:
        question = Reply("generate-how-many-gifts", {"gives": gift_words(giving)})
        return await ask(core, request, "generate", "count", _raw(core, request, wish), question)
    if count is None:
        return await _draft(core, request, wish)
    plan = _plan(core, wish)
    if plan.override and not request.confirmed and request.actor.role >= Role.OWNER:
        where = await _room(core, request, wish)
        if giving == SEAT and plan.count * plan.uses > where.left:
            return _sure(core, request, wish, where)
    try:
        batch, made = await actions.generate_list(core, request.actor, plan, most=core.settings.codes.most_by_chat)
    except QuotaExceeded as refusal:
        return await _too_many(core, request, wish, refusal)
    facts = {
        "batch": str(batch.id),
        "count": batch.count,
        "pool": batch.pool,
        "before": batch.available_before,
        "after": batch.available,
    }
    more = [_what_they_are(batch.uses, parse_term(batch.term), batch.expires_at, batch.team, plan.temporary)]
    if giving != SEAT:
        facts |= {"uses": batch.uses, "gives": gift_words(giving), "term": parse_term(batch.term)}
        more = [Say("codes-give", facts)]
    if not (plan.auto_transfer or plan.temporary) and giving == SEAT:
        more.append(Say("batch-ends"))
    more += whose_they_are(plan.bearer.named, plan.bearer.per_person)
    if plan.override:
        more.append(Say("generated-override"))
    buttons = (
        tuple(
            _export(batch.id, one) for one in ("csv", "txt", "sheet") if one != "sheet" or batch.count <= sheets.MOST
        ),
        (Button(Say("button-batch", {"batch": str(batch.id)}), "batches", {"batch": batch.id}),),
    )
    key = "generated" if giving == SEAT else "generated-gifts"
    if batch.count <= core.settings.codes.shown_in_chat:
        items = [Say("code-text", {"code": code}) for code in made]
        reply = Reply(key, facts, items=items, more=more, buttons=buttons, replace=False)
        return await handing_on.with_one(request, reply, made[0], seat=giving == SEAT) if batch.count == 1 else reply
    content = "".join(txt_line(code) for code in made).encode()
    file = File(f"codes-batch-{batch.id}.txt", content)
    return Reply(key, facts, more=[*more, Say("generated-file")], files=(file,), buttons=buttons, replace=False)


async def draft(
    core: Core,
    request: Request,
    *,
    count: int | None,
    kind: str | None,
    pool: str | None,
    team: str | None,
    uses: int | None,
    term: Term | None,
    expires: datetime | None,
    label: str | None,
    note: str | None,
    override: bool,
    gives: str | None,
    auto_transfer: str | None,
    whose: str | None,
    per_person: int | None,
    edit: str | None,
) -> Reply:
    """Show the draft again, or ask for the part of it that is to be changed."""
    wish = _wish(count, kind, pool, team, uses, term, expires, label, note, override, gives, auto_transfer,
                 whose, per_person)  # fmt: skip
    if edit is not None:
        kept = {name: value for name, value in _raw(core, request, wish).items() if name != edit}
        if edit == "team" and kind in {"general", "bound"}:
            del kept["kind"]  # it follows from whether there is a team
        rows: CodeRows = ()
        if edit not in {"count", "uses"} and wish[edit] is not None:
            rows = ((Button(Say(f"button-clear-{edit}"), "codedraft", kept),),)
        return await ask(core, request, "codedraft", edit, kept, Reply(f"ask-codedraft-{edit}", buttons=rows))
    return await _draft(core, request, wish)


def _wish(*values: Any) -> dict[str, Any]:
    return {argument.name: value for argument, value in zip(_WISH, values, strict=True)}


async def _draft(core: Core, request: Request, wish: Mapping[str, Any]) -> Reply:
    raw = _raw(core, request, wish)
    names = [pool.name for pool in await core.read(find_pools) if pool.enabled]
    if wish["pool"] is None and wish["team"] is None and len(names) > 1:
        by_name = [(Button(Say("plain", {"text": name}), "codedraft", {**raw, "pool": name}),) for name in names[:20]]
        return await ask(core, request, "codedraft", "pool", raw, Reply("generate-which-pool", buttons=by_name))
    where = await _room(core, request, wish)
    left = where.left
    facts = {"pool": where.team or where.pool, "left": left}
    if wish["count"] is None:
        row = tuple(
            Button(Say("plain", {"text": str(number)}), "codedraft", {**raw, "count": number})
            for number in sorted({*(one for one in SUGGESTED if one <= left), *([left] if 0 < left <= 500 else [])})
        )
        ways = () if row else await _ways_on(core, request, wish)
        question = Reply("generate-how-many", facts, buttons=(row,) if row else ways)
        return await ask(core, request, "codedraft", "count", raw, question)
    plan = _plan(core, wish)
    total = plan.count * plan.uses
    after = left - total
    term = parse_term(plan.term or where.term)
    facts |= {"count": plan.count, "total": total, "after": max(0, after), "missing": max(0, -after)}
    facts |= {"label": plan.label or Say("no-label")}
    more = [_what_they_are(plan.uses, term, plan.expires_at, plan.team, plan.temporary)]
    more += whose_they_are(plan.bearer.named, plan.bearer.per_person)
    more.append(Say("draft-fits" if after >= 0 else "draft-too-many", facts))
    make = Button(Say("button-generate", {"count": plan.count}), "generate", raw, once=True, style="primary")
    rows: CodeRows = ((make,),) if after >= 0 else await _ways_on(core, request, wish)
    return Reply("draft", facts, more=more, buttons=(*rows, *_edits(raw, plan.temporary)), state="asking")


def _edits(raw: Mapping[str, str], temporary: bool) -> CodeRows:
    def change(part: str) -> Button:
        return Button(Say(f"button-edit-{part}"), "codedraft", {**raw, "edit": part})

    other = "general" if temporary else "temporary"
    kind = "bound" if temporary and "team" in raw else other
    kept = {name: value for name, value in raw.items() if name not in {"kind", "term"}}
    toggle = Button(Say(f"button-make-{other}"), "codedraft", {**kept, "kind": kind})
    return (
        (change("count"), change("uses"), change("label")),
        (change("term"), change("expires"), change("team")),
        (toggle, CANCEL_BUTTON),
    )


def _plan(core: Core, wish: Mapping[str, Any]) -> actions.BatchPlan:
    kind, team, term = wish["kind"], wish["team"], wish["term"]
    if kind == "bound" and team is None:
        raise MissingArgument(name="team")
    temporary = kind == "temporary"
    return actions.BatchPlan(
        count=wish["count"],
        uses=wish["uses"] or core.settings.codes.max_uses,
        pool=wish["pool"],
        team=team,
        temporary=temporary,
        auto_transfer=wish["auto_transfer"] != "off",
        expires_at=wish["expires"],
        term=str(term) if term is not None else TEMPORARY_TERM if temporary else None,
        label=wish["label"] or "",
        note=wish["note"] or "",
        override=wish["override"],
        bearer=read_bearer(wish["whose"], wish["per_person"]),
        giving=SEAT if wish["gives"] is None else read_giving(wish["gives"]),
    )


def _raw(core: Core, request: Request, wish: Mapping[str, Any]) -> dict[str, str]:
    """The wish as the texts that a button or a dialogue carries."""
    zone = ZoneInfo(request.actor.timezone or core.settings.timezone)
    shown = {name: value for name, value in wish.items() if value not in {None, False, ""}}
    return {
        name: value.astimezone(zone).strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else str(value)
        for name, value in shown.items()
    }


async def _room(core: Core, request: Request, wish: Mapping[str, Any]) -> Room:
    if wish["team"] is not None:
        return await room(core, request.actor, team=wish["team"])
    pool = await default_pool(core, request.actor, wish["pool"])
    return await room(core, request.actor, pool=pool.name)


def _what_they_are(uses: int, term: Term, expires: datetime | None, team: str | None, temporary: bool) -> Say:
    facts = {
        "uses": uses,
        "term": term,
        "expires": moments(expires, "codes-expire", "codes-never-expire"),
        "team": team or "",
    }
    if temporary:
        return Say("codes-temporary", facts)
    return Say("codes-bound" if team else "codes-general", facts)


def whose_they_are(bearer: str, per_person: int | None) -> list[Say]:
    """Whom codes are for, and how many of them one person may use, where that is not anybody and any number."""
    said = [Say("codes-for", {"whose": bearer})] if bearer else []
    return said + ([Say("codes-per-person", {"most": per_person})] if per_person is not None else [])


async def _too_many(core: Core, request: Request, wish: Mapping[str, Any], refusal: QuotaExceeded) -> Reply:
    rows: list[tuple[Button, ...]] = []
    fitting = refusal.facts["available"] // (wish["uses"] or core.settings.codes.max_uses)
    if fitting > 0:
        fewer = {**_raw(core, request, wish), "count": str(fitting)}
        rows.append(
            (Button(Say("button-generate", {"count": fitting}), "generate", fewer, once=True, style="primary"),)
        )
    return refusal_reply(refusal, buttons=(*rows, *await _ways_on(core, request, wish), (CANCEL_BUTTON,)))


def _sure(core: Core, request: Request, wish: Mapping[str, Any], where: Room) -> Reply:
    """More than there is room for is promised only by somebody who has read both numbers."""
    total = wish["count"] * (wish["uses"] or core.settings.codes.max_uses)
    question = Reply("override-sure", {"pool": where.team or where.pool, "left": where.left, "total": total})
    return replace(question, buttons=((_anyway(core, request, wish), CANCEL_BUTTON),), state="asking")


def _anyway(core: Core, request: Request, wish: Mapping[str, Any]) -> Button:
    label = Say("button-override", {"count": wish["count"]})
    anyway = {**_raw(core, request, wish), "override": "true"}
    return Button(label, "generate", anyway, confirmed=True, once=True, minutes=CONFIRM_MINUTES, style="danger")


async def _ways_on(core: Core, request: Request, wish: Mapping[str, Any]) -> CodeRows:
    """Where there is no room: another pool that has some, more teams, or (for owners) all of them anyway."""
    rows: list[tuple[Button, ...]] = []
    pools = await core.read(find_pools)
    here = pools[0].name if len(pools) == 1 and wish.get("team") is None else wish["pool"]
    for pool in pools:
        if len(rows) < MOST_OFFERED and pool.enabled and pool.name != here:
            there = await room(core, request.actor, pool=pool.name)
            if there.left > 0:
                elsewhere = {**_raw(core, request, wish), "pool": pool.name}
                elsewhere.pop("team", None)
                label = Say("button-other-pool", {"pool": pool.name, "left": there.left})
                rows.append((Button(label, "codedraft", elsewhere),))
    if request.actor.role >= Role.ADMIN:
        rows.append((Button(Say("button-import"), "import", {"pool": wish["pool"]}, replaces=False),))
    if request.actor.role >= Role.OWNER and wish["count"] is not None:
        rows.append((_anyway(core, request, wish),))
    return tuple(rows)


def _export(batch: int, kind: str) -> Button:
    return Button(Say(f"button-{kind}"), "export", {"batch": batch, "file": kind})


_WISH = (
    Argument("count", "number", False, low=1, high=MOST_BY_CHAT),
    Argument("kind", "choice", False, KINDS),
    Argument("pool", "pool", False),
    Argument("team", "team", False, word=True),
    Argument("uses", "number", False, low=1, high=MOST_USES, word=True),
    Argument("term", "term", False, word=True),
    Argument("expires", "moment", False, word=True),
    Argument("label", "text", False, word=True),
    Argument("note", "text", False, word=True),
    Argument("override", "flag", False),
    Argument("gives", "text", False, word=True),
    Argument("auto_transfer", "choice", False, SWITCH, word=True),
    Argument("whose", "text", False, word=True, spelled="for", aliases=("for",)),
    Argument("per_person", "number", False, low=1, high=MOST_USES, word=True),
)

COMMANDS = (
    Command("generate", Role.OPERATOR, generate, "codes", _WISH, once=True),
    Command(
        "codedraft", Role.OPERATOR, draft, "codes", (*_WISH, Argument("edit", "choice", False, EDITABLE)), hidden=True
    ),
)
