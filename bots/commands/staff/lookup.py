"""Looking things up: a person on one screen, redemptions, and who changed what."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from bots.commands.command import Argument, Command
from bots.commands.paging import PAGE, cursor, list_head, page_buttons
from bots.commands.questions import ask
from bots.commands.request import Request
from bots.commands.staff import tables
from bots.commands.staff.credit import calls
from bots.commands.staff.teams import team
from bots.messages import audited
from bots.messages.rendering import Look, has_words, words
from bots.messages.reply import Brief, Button, Reply, Say
from core.actors import Role
from core.codes.report import CodeLine
from core.errors import BadAddress, NotFound
from core.languages import FALLBACK
from core.redemptions.report import (
    AuditFilter,
    AuditLine,
    RedemptionFilter,
    RedemptionLine,
    audit_list,
    redemption_list,
)
from core.reports.completion import completions
from core.reports.lookup import Findings, FoundLease, HistoryStep, find
from core.rules.addresses import Address
from core.rules.terms import Term, ends_at, parse_term
from core.service import Core

REDEMPTIONS_PER_PAGE = 10
AUDIT_PER_PAGE = 12
PEOPLE_SHOWN = 6
AT_ONCE = 1000
STATES = ("invited", "already_member", "refused", "unclear", "sending")
SINCE = ("24h", "7d", "30d")
SETTLED = frozenset({"asked", "done", "failed", "cancelled"})


async def find_(core: Core, request: Request, *, what: str | None) -> Reply:
    """Everything about an address, a code, the last four symbols of one or of a key, or a chat identity."""
    if what is None:
        return await ask(core, request, "find", "what", {}, Reply("ask-find-what"))
    if number := re.fullmatch(r"(?:call|问题|提问)[ _#]*(\d{1,18})", what.strip().casefold()):
        return await calls(core, request, who=number[1], source=None, state=None, page=None)
    try:
        found = await find(core, request.actor, what)
    except (BadAddress, NotFound):
        if (alike := await _alike(core, request, what)) is not None:
            return alike
        raise
    if found.empty:
        return await _alike(core, request, what) or _nothing(request, found.query)
    live = [line for line in found.leases if line.ended_at is None]
    over = [line for line in found.leases if line.ended_at is not None]
    now = core.now()
    items = [said for line in live for said in (_lease(line, now), *_noted(line.note, line.team))]
    items += [_code(line) for line in found.codes]
    items += [
        Say("found-waiting", {"address": one.address, "pool": one.pool, "since": Brief(one.since, now)})
        for one in found.waiting
    ]
    items += [Say("found-key", {"last4": one.last4, "person": one.person, "state": one.state}) for one in found.keys]
    items += [Say("found-stranger", {"team": team}) for team in found.strangers]
    items += [
        Say("found-identity", {"platform": one.platform, "identity": one.identity, "role": Say(f"role-{one.role}")})
        for one in found.identities[:PEOPLE_SHOWN]
    ]
    items += [said for note in dict.fromkeys(one.note for one in found.identities) for said in _noted(note)]
    if found.history:
        items += [Say("found-history-heading"), *(_event(event, now) for event in found.history)]
    facts = {"query": found.query, "live": len(live), "over": len(over), "redemptions": len(found.redemptions)}
    return Reply("found", facts, items=items, buttons=_what_to_do(request, found, live))


def _nothing(request: Request, query: str) -> Reply:
    """Nothing was found: what else may be looked for, and a seat for whoever has none."""
    rows: list[tuple[Button, ...]] = [
        (Button(Say("button-find-again"), "find"), Button(Say("button-leases-of"), "leases"))
    ]
    if request.actor.role >= Role.OPERATOR and "@" in query:
        rows.insert(0, (Button(Say("button-invite-found", {"address": query}), "invite", {"address": query}),))
    return Reply("found-nothing", {"query": query}, buttons=rows, state="refused")


async def _alike(core: Core, request: Request, part: str) -> Reply | None:
    """The addresses with a seat, and the teams, that have `part` in them, to choose from; None where there are none."""
    found = [one for one, _ in await completions(core, request.actor, "address", part)][:PEOPLE_SHOWN]
    rows = [(Button(Say("plain", {"text": one}), "find", {"what": one}),) for one in found]
    teams = (await completions(core, request.actor, "team", part))[:PEOPLE_SHOWN]
    whole = part.strip().casefold()
    for shown, name in teams:
        if whole in {name.casefold(), shown.casefold().removeprefix(f"{name.casefold()} · ")}:
            return await team(core, request, name=name, file=None, page=None)
    rows += [(Button(Say("plain", {"text": shown}), "team", {"name": name}),) for shown, name in teams]
    return Reply("found-alike", {"query": part}, buttons=rows, state="asking") if rows else None


async def redemptions(
    core: Core,
    request: Request,
    *,
    state: str | None,
    address: Address | None,
    pool: str | None,
    since: Term | None,
    file: str | None,
    page: str | None,
) -> Reply:
    """Redemptions by any filters together, newest first."""
    wanted = RedemptionFilter(state, pool, address.original if address else None, _ago(core, since))
    if file is not None:

        async def earlier(before: int | None) -> list[RedemptionLine]:
            return await redemption_list(core, request.actor, wanted, before=before, most=AT_ONCE)

        return tables.sheet("redemptions", await tables.whole(earlier))
    most = REDEMPTIONS_PER_PAGE + 1
    lines = await redemption_list(core, request.actor, wanted, before=cursor(page), most=most)
    given = {"state": state, "address": wanted.address, "pool": pool, "since": str(since) if since else None}
    shown = lines[:REDEMPTIONS_PER_PAGE]
    following = shown[-1].id if len(lines) > REDEMPTIONS_PER_PAGE else None
    others = tuple(
        Button(Say(f"button-redemptions-{one}"), "redemptions", {**given, "state": None if one == "all" else one})
        for one in ("all", "invited", "refused", "unclear")
        if one != (state or "all")
    )
    rows = (*page_buttons("redemptions", given, page, following), others)
    if not shown:
        return Reply("redemptions-none", buttons=rows)
    head = list_head(given, f"state-{state.replace('_', '-')}" if state else None)
    items = [_redemption(line, core.now()) for line in shown]
    return Reply("redemptions", {"what": head}, items=items, buttons=rows)


async def audit(
    core: Core,
    request: Request,
    *,
    action: str | None,
    actor: str | None,
    subject: str | None,
    since: Term | None,
    file: str | None,
    page: str | None,
) -> Reply:
    """Who changed what, newest first."""
    wanted = AuditFilter(actor, action, subject, _ago(core, since))
    if file is not None:

        async def earlier(before: int | None) -> list[AuditLine]:
            return await audit_list(core, request.actor, wanted, before=before, most=AT_ONCE)

        found = await tables.whole(earlier)
        look = Look(request.language, "plain", 1000)
        said = [words(audited.action(line.action), look) for line in found]
        return tables.sheet("audit", found, beside={"action_in_words": said})
    lines = await audit_list(core, request.actor, wanted, before=cursor(page), most=AUDIT_PER_PAGE + 1)
    given = {"action": action, "actor": actor, "subject": subject, "since": str(since) if since else None}
    shown = lines[:AUDIT_PER_PAGE]
    following = shown[-1].id if len(lines) > AUDIT_PER_PAGE else None
    rows = [*page_buttons("audit", given, page, following)]
    if since is None:
        rows.append(tuple(Button(Say(f"button-since-{one}"), "audit", {**given, "since": one}) for one in SINCE))
    if not shown:
        return Reply("audit-none", buttons=rows)
    items = [said for line in shown for said in _audit(line, core.now())]
    return Reply("audit", {"what": list_head(given)}, items=items, buttons=rows)


def _lease(line: FoundLease, now: datetime) -> Say:
    facts: dict[str, Any] = {
        "address": line.address,
        "team": line.team,
        "seat": str(line.seat) if line.seat else "–",
        "status": Say(f"lease-{line.status}"),
        "code": Say("found-lease-code", {"code": line.code_last4}) if line.code_last4 else "",
    }
    since = line.joined_at or line.invited_at
    if since is None:
        return Say("found-lease-held", facts)
    facts["since"] = Brief(since, now)
    if line.expires_at is not None:
        facts["until"] = Say("found-until", {"moment": Brief(line.expires_at, now)})
    else:
        facts["until"] = Say("found-until-term", {"term": parse_term(line.term)})
    return Say("found-lease", facts)


def _noted(note: str | None, team: str = "none") -> list[Say]:
    return [Say("found-note", {"text": note, "team": team})] if note else []


def _code(line: CodeLine) -> Say:
    facts = {
        "code": line.last4,
        "state": Say(f"code-{line.state}"),
        "batch": str(line.batch),
        "pool": line.team or line.pool,
        "used": line.used,
        "most": line.max_uses,
    }
    return Say("found-code", facts)


def _event(event: HistoryStep, now: datetime) -> Say:
    facts = {
        "at": Brief(event.at, now),
        "address": event.address,
        "team": event.team or Say("event-next-seat"),
        "detail": event.detail or "",
    }
    if event.what in {"refused", "failed"}:
        facts["detail"] = _reason(event.detail)
    elif event.what == "ended":
        facts["detail"] = _word("removed", event.detail)
    elif event.what in {"moved", "removed"}:
        facts["detail"] = _word(event.what, event.detail)
    elif event.what == "readdressed":
        facts["detail"] = _word("readdressed", event.detail if event.detail in SETTLED else "moving")
    return Say(f"event-{event.what}", facts)


def _redemption(line: RedemptionLine, now: datetime) -> Say:
    facts: dict[str, Any] = {
        "at": Brief(line.at, now),
        "address": line.address,
        "code": line.code_last4,
        "team": line.team or "–",
        "lease": Say(f"lease-{line.lease_status}") if line.lease_status else "",
        "now": line.team_now or "–",
        "reason": _reason(line.reason),
    }
    key = {"invited": "invited", "already_member": "member", "refused": "refused"}.get(line.state, "open")
    moved = "-moved" if line.team_now != line.team and key in {"invited", "member"} else ""
    return Say(f"redemption-{key}{moved}", facts)


def _audit(line: AuditLine, now: datetime) -> list[Say]:
    facts = {
        "at": Brief(line.at, now),
        "action": audited.action(line.action),
        "subject": audited.subject(line.subject, line.subject_id) or "",
        "actor": audited.actor(line.actor),
    }
    change = audited.changes(line.before, line.after)
    return [Say("audit-line", facts), *([Say("audit-change", {"change": change})] if change else [])]


def _what_to_do(request: Request, found: Findings, live: list[FoundLease]) -> list[tuple[Button, ...]]:
    """The next steps for whoever was found, as far as the role reaches them."""
    rows: list[tuple[Button, ...]] = []
    if found.kind != "address":
        addresses = list(dict.fromkeys([*(line.address for line in live), *(one.address for one in found.redemptions)]))
        rows += [(Button(Say("plain", {"text": one}), "find", {"what": one}),) for one in addresses[:PEOPLE_SHOWN]]
        if found.identities:
            who = f"{found.identities[0].platform}:{found.identities[0].identity}"
            rows.append((Button(Say("button-calls"), "calls", {"who": who}),))
        return rows
    row: list[Button] = []
    if request.actor.role >= Role.OPERATOR:
        if any(line.status == "invited" for line in live):
            row.append(Button(Say("button-resend-seat"), "resend", {"addresses": found.query}))
        if live:
            steps = ("transfer", "extend", "end")
            row += [Button(Say(f"button-{name}-seat"), name, {"address": found.query}) for name in steps]
    rows += [tuple(row[start : start + 2]) for start in range(0, len(row), 2)]
    if found.redemptions:
        rows.append((Button(Say("button-redemptions"), "redemptions", {"address": found.query}),))
    return rows


def _reason(reason: str | None) -> Say | str:
    if not reason:
        return ""
    return Say(f"reason-{reason}") if has_words(f"reason-{reason}", FALLBACK) else reason.replace("_", " ")


def _word(what: str, detail: str | None) -> Say | str:
    key = f"{what}-{detail}".replace("_", "-")
    return Say(key) if has_words(key, FALLBACK) else (detail or "").replace("_", " ")


def _ago(core: Core, since: Term | None) -> datetime | None:
    """The moment so long ago."""
    if since is None or (later := ends_at(since, core.now())) is None:
        return None
    return core.now() - (later - core.now())


_SINCE = Argument("since", "term", False, word=True)
_PAGE = Argument(PAGE, "text", False, word=True)

COMMANDS = (
    Command("find", Role.VIEWER, find_, "figures", (Argument("what", "text", False, rest=True),)),
    Command(
        "redemptions",
        Role.VIEWER,
        redemptions,
        "figures",
        (
            Argument("state", "choice", False, STATES),
            Argument("address", "address", False),
            Argument("pool", "pool", False, word=True),
            _SINCE,
            tables.FILE,
            _PAGE,
        ),
    ),
    Command(
        "audit",
        Role.ADMIN,
        audit,
        "operations",
        (
            Argument("action", "text", False),
            Argument("actor", "text", False, word=True),
            Argument("subject", "text", False, word=True),
            _SINCE,
            tables.FILE,
            _PAGE,
        ),
    ),
)
