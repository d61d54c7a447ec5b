"""Bringing teams in: what was pasted or sent is shown first, may be edited, and is stored on confirmation.

Credentials are taken in private chats only, and every message that held one is deleted where the platform lets us.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from bots.commands.command import Argument, Command
from bots.commands.paging import PAGE, cursor, page_buttons
from bots.commands.questions import CANCEL_BUTTON, ask, confirm, refusal_reply
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.actors import Actor, Role
from core.command_errors import PoolUnnamed
from core.errors import BadInput, BadNumber, ButtonExpired, Refusal
from core.people import drafts
from core.providers.registry import ADAPTERS, ParsedCredential
from core.service import Core
from core.teams.credential_checks import CheckedCredential, check_candidates
from core.teams.pools import default_pool, find_pools
from core.teams.teams import MOST_SEATS, CandidateTeam, import_teams, preview_teams

KIND = "import"
LINES_PER_PAGE = 15
CHECKED_WITHIN = 30.0
"""Seconds for trying the credentials before the preview: somebody waits for it."""
_CREDENTIAL = re.compile(
    r"""["']?(?:access_?token|refresh_?token|admin_key|session_?token)["']?\s*[:=]\s*["']?[\w.-]{12}"""
    r"""|\bsk-admin-[\w-]{12}|\beyJ[\w-]{16,}\.[\w-]{8}""",
    re.IGNORECASE,
)
_EDIT = re.compile(r"(?P<number>\d{1,4}|\*|all|全部)[.:)\uff1a\uff09、]?\s+(?P<rest>\S.*)", re.IGNORECASE)
_SEATS = re.compile(r"(?:(?P<name>.*\S)\s+)?(?P<seats>\d{1,6})\s*(?:seats?|个席位|席位|席|座)?", re.IGNORECASE)


def holds_credential(text: str) -> bool:
    """Does a message hold what lets somebody into a workspace, asked for or not?"""
    return _CREDENTIAL.search(text) is not None


async def holds_teams(core: Core, actor: Actor, text: str) -> bool:
    """Is a file, which nobody asked for, a list of teams that can be brought in?"""
    try:
        return any(one.parsed for one in await preview_teams(core, actor, text, provider=None))
    except Refusal:
        return False


async def import_(
    core: Core, request: Request, *, document: str | None, pool: str | None, provider: str | None
) -> Reply:
    """Show what a paste or a file of credentials holds; nothing is stored yet."""
    if document is None or not document.strip():
        kept = {"pool": pool, "provider": provider}
        return await ask(core, request, "import", "document", kept, Reply("ask-import-document"))
    return await _begin(core, request, document, pool, provider)


async def add_team(
    core: Core,
    request: Request,
    *,
    provider: str,
    credential: str | None,
    address: str | None,
    seats: int | None,
    pool: str | None,
) -> Reply:
    """Bring in one team by answering questions."""
    kept = {"provider": provider, "address": address, "seats": seats, "pool": pool}
    pasted = (credential or "").strip()
    if provider == "scim" and address is None and not pasted.startswith("{"):
        return await ask(core, request, "addteam", "address", kept, Reply("ask-addteam-address"))
    if not pasted:
        question = Reply(f"ask-addteam-credential-{provider.replace('_', '-')}")
        return await ask(core, request, "addteam", "credential", kept, question)
    if not pasted.startswith("{") and provider in {"openai_admin", "scim"}:
        secret = "admin_key" if provider == "openai_admin" else "token"
        pasted = json.dumps({secret: pasted, **({"base_url": address} if address else {})})
    return await _begin(core, request, pasted, pool, provider, seats)


async def draft(
    core: Core,
    request: Request,
    *,
    draft: str | None,
    step: str | None,
    change: str | None,
    pool: str | None,
    page: str | None,
) -> Reply:
    """Go on with an import that was shown: look again, edit, choose the pool, store, forget."""
    if draft is None:
        raise ButtonExpired
    if step == "drop":
        await drafts.drop_draft(core, request.actor, draft)
        return Reply("cancelled")
    content = await drafts.read_draft(core, request.actor, KIND, draft)
    candidates = [_unpacked(one) for one in content["candidates"]]
    if step == "store" and request.confirmed:
        return await _store(core, request, draft, candidates, content["pool"])
    if step == "edit" and change is None:
        question = Reply(
            "ask-importdraft-change", items=[_line(*one) for one in _numbered(candidates)[:LINES_PER_PAGE]]
        )
        return await ask(core, request, "importdraft", "change", {"draft": draft, "step": "edit"}, question)
    if step == "edit" and change is not None:
        try:
            candidates = edited(candidates, change)
        except Refusal as refusal:
            again = await ask(
                core,
                request,
                "importdraft",
                "change",
                {"draft": draft, "step": "edit"},
                Reply(f"error-{refusal.key}", refusal.facts, more=(Say("ask-importdraft-change"),)),
            )
            return replace(again, state="refused")
    if step == "pool" and pool is None:
        return await _which_pool(core, draft)
    if pool is not None:
        content["pool"] = (await default_pool(core, request.actor, pool)).name
    content["candidates"] = [_packed(one) for one in candidates]
    await drafts.change_draft(core, request.actor, KIND, draft, content)
    return await _preview(core, draft, candidates, content["pool"], page)


def edited(candidates: Sequence[CandidateTeam], text: str) -> list[CandidateTeam]:
    """The candidates with new names and seats, as in `2 Blue team 7`, `2 7`, `2 Blue team`, `all 7`; one a line.

    Raises: BadInput for a line that names no candidate, BadNumber for too many seats.
    """
    changed = list(candidates)
    for line in filter(None, (part.strip() for part in re.split(r"[\n;;]", text))):
        wish = _EDIT.fullmatch(line)
        if wish is None:
            raise BadInput
        seats = _SEATS.fullmatch(wish["rest"])
        name = (seats["name"] if seats else wish["rest"].strip()) or None
        number = int(seats["seats"]) if seats else None
        if number is not None and not 1 <= number <= MOST_SEATS:
            raise BadNumber(name="seats", low=1, high=MOST_SEATS)
        single = wish["number"].isdecimal()
        if (single and not 1 <= int(wish["number"]) <= len(changed)) or (not single and name is not None):
            raise BadInput
        for index in [int(wish["number"]) - 1] if single else range(len(changed)):
            one = changed[index]
            renamed = name if one.status == "new" and name else one.name  # a known team keeps its name
            changed[index] = replace(one, name=renamed, capacity=number or one.capacity)
    return changed


async def _begin(
    core: Core, request: Request, document: str, pool: str | None, provider: str | None, seats: int | None = None
) -> Reply:
    try:
        candidates = await preview_teams(core, request.actor, document, provider=provider)
        if seats is not None:
            candidates = [replace(one, capacity=seats, chosen=True) for one in candidates]
        named = await _pool_for(core, request, pool)
        checks = await check_candidates(core, request.actor, candidates, within=CHECKED_WITHIN)
        candidates = [one.candidate for one in checks]
        if not any(one.parsed for one in candidates):
            items = [_line(*one) for one in _numbered(candidates)[:LINES_PER_PAGE]]
            kept = {"pool": pool, "provider": provider}
            again = await ask(core, request, "import", "document", kept, Reply("import-nothing", items=items))
            return replace(again, state="refused", delete_request=True)
        content = {"pool": named or "", "candidates": [_packed(one) for one in candidates]}
        draft_id = await drafts.keep_draft(core, request.actor, KIND, content)
    except Refusal as refusal:
        return refusal_reply(refusal, delete_request=True)
    if named is None:
        return replace(await _which_pool(core, draft_id), delete_request=True, replace=False)
    shown = await _preview(core, draft_id, candidates, named, None)
    return replace(shown, more=(*shown.more, *_found(checks)), delete_request=True, replace=False)


async def _pool_for(core: Core, request: Request, pool: str | None) -> str | None:
    """The pool that new teams come to; None where it has to be chosen. Raises: NotFound."""
    try:
        return (await default_pool(core, request.actor, pool)).name
    except PoolUnnamed:
        return None


async def _which_pool(core: Core, draft: str) -> Reply:
    names = [one.name for one in await core.read(find_pools)]
    rows = [
        (Button(Say("plain", {"text": name}), "importdraft", {"draft": draft, "step": "pool", "pool": name}),)
        for name in names[:20]
    ]
    return Reply("import-which-pool", buttons=(*rows, (CANCEL_BUTTON,)), state="asking")


async def _preview(core: Core, name: str, candidates: Sequence[CandidateTeam], pool: str, trail: str | None) -> Reply:
    start = cursor(trail) or 0
    numbered = _numbered(candidates)
    shown = numbered[start : start + LINES_PER_PAGE]
    following = start + LINES_PER_PAGE if len(numbered) > start + LINES_PER_PAGE else None
    count = {status: sum(one.status == status for one in candidates) for status in ("new", "updated", "invalid")}
    facts = {**count, "pool": pool, "count": count["new"] + count["updated"]}

    def step(label: str, what: str) -> Button:
        return Button(Say(label), "importdraft", {"draft": name, "step": what})

    rows: list[tuple[Button, ...]] = [(step("button-edit-import", "edit"),)]
    if count["new"] and len(await core.read(find_pools)) > 1:
        rows[0] += (step("button-choose-pool", "pool"),)
    rows += [tuple(row) for row in page_buttons("importdraft", {"draft": name}, trail, following)]
    reply = Reply("import-preview", facts, items=[_line(*one) for one in shown], buttons=rows)
    asked = confirm(reply, "importdraft", {"draft": name, "step": "store"}, label="button-store", danger=False)
    store = replace(asked.buttons[-1][0], label=Say("button-store", facts), minutes=drafts.HOURS * 60)
    return replace(asked, buttons=(*asked.buttons[:-1], (store, step("button-cancel", "drop"))))


async def _store(core: Core, request: Request, name: str, candidates: Sequence[CandidateTeam], pool: str) -> Reply:
    imported = await import_teams(core, request.actor, candidates, pool=pool)
    await drafts.drop_draft(core, request.actor, name)
    facts = {"created": imported.created, "updated": imported.updated, "invalid": len(imported.invalid)}
    row = (Button(Say("button-teams"), "teams"), Button(Say("button-generate-some"), "generate"))
    return Reply("imported", {**facts, "pool": pool}, buttons=(row,))


def _numbered(candidates: Sequence[CandidateTeam]) -> list[tuple[int, CandidateTeam]]:
    return list(enumerate(candidates, start=1))


def _line(number: int, one: CandidateTeam) -> Say:
    facts: dict[str, Any] = {"number": str(number)}
    if one.parsed is None:
        return Say("import-invalid", {**facts, "line": str(one.line), "reason": Say(f"reason-{one.reason}")})
    facts |= {"team": one.name or one.parsed.name, "seats": one.capacity or 0, "provider": one.parsed.provider}
    if one.present_capacity not in {None, one.capacity}:
        return Say("import-updated-seats", {**facts, "present": one.present_capacity})
    return Say(f"import-{one.status}", facts)


def _found(checks: Sequence[CheckedCredential]) -> list[Say]:
    """What trying the credentials showed: everything of a single one, of several only what is wrong."""
    wrong = [
        Say("import-check-failed", {"number": str(number), "reason": Say(f"reason-{one.reason}")})
        for number, one in enumerate(checks, start=1)
        if one.reason is not None and one.candidate.parsed is not None
    ]
    left = sum(one.candidate.parsed is not None and not one.tried for one in checks)
    if left:
        wrong.append(Say("import-not-tried", {"count": left}))
    if wrong or len(checks) != 1 or checks[0].reason is not None:
        return wrong
    facts = {**checks[0].facts, "seats": checks[0].seats, "members": checks[0].members}
    found = [
        Say("import-found", {"fact": Say(f"fact-{name}"), "value": _readable(value)})
        for name, value in facts.items()
        if value is not None
    ]
    return [Say("import-check-passed", {"found": found})]


def _readable(value: Any) -> Any:
    """A moment as such, wherever a provider states one as text; anything else as it is stated."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else str(value)
    except ValueError:
        return str(value)


def _packed(one: CandidateTeam) -> dict[str, Any]:
    packed = {name: getattr(one, name) for name in ("line", "status", "reason", "name", "capacity", "present_capacity")}
    if one.parsed is not None:
        parsed = asdict(one.parsed)
        ends = one.parsed.expires_at
        packed["parsed"] = {**parsed, "expires_at": ends.isoformat() if ends else None}
    return packed


def _unpacked(packed: Mapping[str, Any]) -> CandidateTeam:
    parsed = packed.get("parsed")
    if parsed is not None:
        ends = parsed["expires_at"]
        parsed = ParsedCredential(**{**parsed, "expires_at": datetime.fromisoformat(ends) if ends else None})
    return CandidateTeam(**{**packed, "parsed": parsed})


_POOL = Argument("pool", "pool", False, word=True)
_PROVIDERS = tuple(ADAPTERS)
_REAL = tuple(name for name in ADAPTERS if name != "sandbox")
"""What is offered when somebody adds a team by hand; the simulated one comes with files that name it."""

COMMANDS = (
    Command(
        "addteam",
        Role.ADMIN,
        add_team,
        "teams",
        (
            Argument("provider", "choice", choices=_REAL),
            Argument("credential", "document", False),
            Argument("address", "text", False, word=True),
            Argument("seats", "number", False, low=1, high=MOST_SEATS, word=True),
            _POOL,
        ),
    ),
    Command(
        "import",
        Role.ADMIN,
        import_,
        "teams",
        (Argument("document", "document", False), _POOL, Argument("provider", "choice", False, _PROVIDERS, word=True)),
    ),
    Command(
        "importdraft",
        Role.ADMIN,
        draft,
        "teams",
        (
            Argument("draft", required=False),
            Argument("step", "choice", False, ("edit", "pool", "store", "drop")),
            Argument("change", "text", False, rest=True, prose=True),
            _POOL,
            Argument(PAGE, "text", False, word=True),
        ),
        hidden=True,
    ),
)
