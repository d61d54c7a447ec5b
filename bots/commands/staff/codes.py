"""Codes that exist: finding them, their batches, handing them out again, switching them off and on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from bots.commands.choices import SWITCH
from bots.commands.command import Argument, Command
from bots.commands.paging import PAGE, cursor, list_head, numbered, page_buttons
from bots.commands.questions import ask, confirm, moments
from bots.commands.request import Request
from bots.commands.staff import handing_on
from bots.commands.staff.generate import whose_they_are
from bots.commands.staff.handing_on import gift_words
from bots.messages import sheets
from bots.messages.reply import Button, File, Reply, Say
from core.actors import SYSTEM, Role
from core.codes import codes as actions
from core.codes import endings
from core.codes.exports import HEADER, export_codes
from core.codes.report import BatchLine, CodeFilter, CodeLine, batch_list, batch_page, code_list, code_page
from core.command_errors import MissingArgument
from core.errors import BadNumber, CodeHasUses, NotFound, Refusal
from core.rules.addresses import Address
from core.rules.codes import CodeText
from core.rules.csv_text import csv_line, txt_line
from core.rules.gifts import SEAT, read_giving
from core.rules.message_text import find_codes
from core.rules.terms import parse_term
from core.service import Core

CODES_PER_PAGE = 10
BATCHES_PER_PAGE = 6
USES_SHOWN = 3
STATUS: dict[str, actions.Status] = {"disable": "disabled", "enable": "active", "delete": "deleted"}
STATES = ("unused", "used", "expired", "disabled")
FILES = ("txt", "csv", "links", "sheet")
MOST_EXPORTED = 100_000
"""Codes in one file that a chat can carry; the command line exports any number."""


async def codes(
    core: Core,
    request: Request,
    *,
    state: str | None,
    address: Address | None,
    last4: str | None,
    pool: str | None,
    team: str | None,
    batch: int | None,
    auto_transfer: str | None,
    page: str | None,
) -> Reply:
    """Codes by any filters together, with who used them and what became of it."""
    given: dict[str, Any] = {"state": state, "last4": last4, "pool": pool, "team": team, "batch": batch}
    given["address"] = address.original if address else None
    wanted = CodeFilter(**{**given, "last4": last4.lstrip("…#") if last4 else None})
    if auto_transfer is not None:
        if last4 is None and batch is not None:
            return await batches(core, request, batch=batch, pool=None, auto_transfer=auto_transfer, page=None)
        if last4 is None:
            raise MissingArgument(name="last4")
        named = await code_list(core, request.actor, wanted, most=6)
        if not named:
            raise NotFound(kind="code", name=f"…{last4}")
        if len(named) > 1:
            items = [_code_line(line) for line in named]
            return Reply("several-codes-narrow", {"code": last4}, items=items, state="refused")
        await endings.set_auto_transfer(core, request.actor, auto_transfer == "on", code_id=named[0].id)
    lines = await code_list(core, request.actor, wanted, after=cursor(page) or 0, most=CODES_PER_PAGE + 1)
    shown = lines[:CODES_PER_PAGE]
    following = shown[-1].id if len(lines) > CODES_PER_PAGE else None
    filters = [
        Button(Say(f"button-codes-{one}"), "codes", {**given, "state": None if one == "all" else one})
        for one in ("all", "unused", "used", "disabled")
        if one != (state or "all")
    ]
    rows = (*page_buttons("codes", given, page, following), tuple(filters))
    if not shown:
        return Reply("codes-none", buttons=rows)
    head = list_head(given, f"code-{state}" if state else None, "codes-oldest")
    return Reply("codes", {"what": head}, items=[one for line in shown for one in _code_lines(line)], buttons=rows)


async def batches(
    core: Core, request: Request, *, batch: int | None, pool: str | None, auto_transfer: str | None, page: str | None
) -> Reply:
    """The batches with their figures, newest first, or one of them with what can be done with it."""
    if auto_transfer is not None:
        if batch is None:
            raise MissingArgument(name="batch")
        await endings.set_auto_transfer(core, request.actor, auto_transfer == "on", batch_id=batch)
    if batch is not None:
        return _one_batch(await batch_page(core, request.actor, batch), request.actor.role)
    before = cursor(page)
    # A chat looks at the latest ones: further back, the number of a batch is known or the command line helps.
    lines = await batch_list(core, request.actor, pool=pool, most=1000)
    left = [line for line in lines if before is None or line.id < before]
    if not (shown := left[:BATCHES_PER_PAGE]):
        key = "batches-none" if pool is None else "batches-none-in-pool"
        return Reply(key, {"pool": pool}, buttons=((Button(Say("button-generate-some"), "generate"),),))
    following = shown[-1].id if len(left) > BATCHES_PER_PAGE else None
    numbers = [numbered(line.id, "batches", "batch") for line in shown]
    rows = (tuple(numbers[:3]), tuple(numbers[3:]), *page_buttons("batches", {"pool": pool}, page, following))
    return Reply("batches", items=[_batch_line(line) for line in shown], buttons=[row for row in rows if row])


async def export(
    core: Core,
    request: Request,
    *,
    batch: int | None,
    file: str,
    pool: str | None,
    unused: bool,
) -> Reply:
    """Codes in full, as a file. Every export is in the audit log."""
    if batch is None and pool is None:
        latest = await batch_list(core, request.actor, most=5)
        kept = {"file": file, "unused": unused or None}
        rows = [
            (Button(Say("button-export-batch", _batch_facts(one)), "export", {**kept, "batch": one.id}, line=one.id),)
            for one in latest
        ]
        return await ask(core, request, "export", "batch", kept, Reply("ask-export-batch", buttons=rows))
    await _refuse_too_large(core, request, batch, pool)
    found = await export_codes(core, request.actor, batch=batch, pool=pool, unused_only=unused)
    name = f"batch-{batch}" if batch is not None else f"pool-{re.sub(r'[^a-z0-9]+', '-', (pool or '').casefold())}"
    if file in {"links", "sheet"}:
        return await handing_on.file_of(core, request, [one async for one in found], file, name)
    parts = ["\ufeff" + csv_line(HEADER)] if file == "csv" else []
    count = 0
    async for one in found:
        parts.append(csv_line([one.code, *one.cells[1:]]) if file == "csv" else txt_line(one.code))
        count += 1
    if not count:
        return Reply("export-nothing")
    attached = File(f"codes-{name}.{file}", "".join(parts).encode())
    return Reply("export", {"count": count}, files=(attached,), replace=False)


async def disable(core: Core, request: Request, *, what: str | None, batch: int | None) -> Reply:
    """Switch codes off, or the unused rest of a batch."""
    return await _switch(core, request, "disable", what, batch)


async def enable(core: Core, request: Request, *, what: str | None, batch: int | None) -> Reply:
    """Switch codes, or a batch, on again."""
    return await _switch(core, request, "enable", what, batch)


async def delete(core: Core, request: Request, *, what: str | None, batch: int | None) -> Reply:
    """Delete codes that nobody has used, or all such codes of a batch; what was used is history."""
    return await _switch(core, request, "delete", what, batch)


async def _switch(
    core: Core, request: Request, command: Literal["disable", "enable", "delete"], what: str | None, batch: int | None
) -> Reply:
    status: actions.Status = STATUS[command]
    if what is not None and (number := re.fullmatch(r"(?:batch|批次)?\s*#?\s*(\d{1,15})", what.strip(), re.IGNORECASE)):
        batch = int(number[1])
    if batch is not None:
        return await _switch_batch(core, request, command, status, batch)
    if what is None:
        return await ask(core, request, command, "what", {}, Reply(f"ask-{command}-what"))
    found = find_codes(what, await core.shapes())
    if found.codes and command == "delete" and not request.confirmed:
        return await _ask_to_delete(core, request, what, found.codes)
    if not found.codes:
        return await _switch_last4(core, request, command, status, what)
    items = []
    for code in found.codes:
        try:
            await actions.set_code_status(core, request.actor, code, status)
            items.append(Say(f"switched-{status}", {"code": code.last4}))
        except Refusal as refusal:
            items.append(Say("switched-not", {"code": code.last4, "why": Say(f"error-{refusal.key}", refusal.facts)}))
    items += [Say("switched-not", {"code": one[-4:], "why": Say("reason-mistyped_code")}) for one in found.mistyped]
    text = "\n".join(code.display for code in found.codes)
    return Reply("switched", {"count": len(found.codes)}, items=items, buttons=_undo(command, {"what": text}))


async def _ask_to_delete(core: Core, request: Request, what: str, codes: Sequence[CodeText]) -> Reply:
    """What would be deleted, and what stays; where all of it stays, nothing is asked."""
    stays = []
    for code in codes:
        try:
            _refuse_to_delete(await code_page(core, request.actor, code))
        except Refusal as refusal:
            if len(codes) == 1:
                raise
            why = Say(f"error-{refusal.key}", refusal.facts)
            stays.append(Say("switched-not", {"code": code.last4, "why": why}))
    if len(stays) == len(codes):
        return Reply("bulk-nothing", more=stays, state="refused")
    question = Reply("delete-codes", {"count": len(codes) - len(stays)}, more=stays)
    return confirm(question, "delete", {"what": what}, label="button-delete-codes")


def _refuse_to_delete(line: CodeLine) -> None:
    """Return if the code may go, as it stands now. Raises: NotFound, CodeHasUses."""
    if line.state == "deleted":
        raise NotFound(kind="code", name=f"…{line.last4}")
    if line.used or line.reserved:
        raise CodeHasUses(count=1)


async def _switch_last4(core: Core, request: Request, command: str, status: Any, what: str) -> Reply:
    """Codes are listed by their last four symbols, so those name one too, where they do."""
    last4 = what.strip().lstrip("…#").upper()
    lines = (
        await code_list(core, request.actor, CodeFilter(last4=last4), most=6)
        if re.fullmatch(r"[0-9A-Z]{4,8}", last4)
        else []
    )
    if not lines:
        raise NotFound(kind="code", name=f"…{last4[-8:]}")
    if len(lines) > 1:
        return Reply("several-codes", {"code": last4}, items=[_code_line(line) for line in lines], state="refused")
    if command == "delete":
        _refuse_to_delete(lines[0])
    if not request.confirmed:
        question = Reply(f"{command}-code", {"code": last4}, items=[_code_line(lines[0])])
        return confirm(question, command, {"what": last4}, danger=command != "enable")
    await actions.set_status_of(core, request.actor, lines[0].id, status)
    item = Say(f"switched-{status}", {"code": last4})
    return Reply("switched", {"count": 1}, items=[item], buttons=_undo(command, {"what": last4}))


async def _switch_batch(core: Core, request: Request, command: str, status: Any, batch: int) -> Reply:
    line = await batch_page(core, request.actor, batch)
    facts = _batch_facts(line)
    if not request.confirmed:
        off = line.voided - line.deleted
        left = {"disable": line.unused, "enable": off, "delete": line.unused + off}[command]
        if not left:
            back = ((Button(Say("button-batch", {"batch": str(line.id)}), "batches", {"batch": line.id}),),)
            nothing = Say("batch-nothing", {**facts, "action": command})
            return Reply(nothing.key, nothing.facts, items=[_batch_line(line)], buttons=back, state="refused")
        question = Reply(f"{command}-batch", facts, items=[_batch_line(line)])
        return confirm(question, command, {"batch": batch}, label=f"button-{command}-rest", danger=command != "enable")
    changed = await actions.set_batch_status(core, request.actor, batch, status)
    return Reply(f"batch-{status}", {**facts, "count": changed}, buttons=_undo(command, {"batch": batch}))


def _undo(command: str, arguments: dict[str, Any]) -> Sequence[Sequence[Button]]:
    if command == "delete":
        return ()
    other = "enable" if command == "disable" else "disable"
    return ((Button(Say(f"button-{other}-again"), other, arguments),),)


async def _refuse_too_large(core: Core, request: Request, batch: int | None, pool: str | None) -> None:
    if batch is not None:
        count = (await batch_page(core, request.actor, batch)).codes
    else:
        count = sum(line.codes for line in await batch_list(core, request.actor, pool=pool, most=100_000))
    if count > MOST_EXPORTED:
        raise BadNumber(name="codes", low=1, high=MOST_EXPORTED)


def _one_batch(line: BatchLine, role: Role) -> Reply:
    facts = {**_batch_facts(line), "maker": _by(line.maker), "made": line.created_at, "term": parse_term(line.term)}
    facts |= {"expires": moments(line.expires_at, "codes-expire", "codes-never-expire")}
    more = [Say("batch-more", facts), Say("batch-moves" if line.auto_transfer else "batch-ends")]
    if line.gives != str(SEAT):
        more = [Say("batch-gives", {**facts, "gives": gift_words(read_giving(line.gives))})]
    more += whose_they_are(line.bearer, line.per_person)
    if line.note:
        more.append(Say("batch-note", {"note": line.note}))
    rows: list[tuple[Button, ...]] = [(Button(Say("button-codes"), "codes", {"batch": line.id}),)]
    if role >= Role.OPERATOR:
        if line.deleted == line.uses:
            return Reply("batch-line", facts, more=more, buttons=(*rows, (Button(Say("button-batches"), "batches"),)))
        exports = [Button(Say(f"button-{one}"), "export", {"batch": line.id, "file": one}) for one in ("csv", "txt")]
        rows[0] += tuple(exports)
        if line.unused <= sheets.MOST:
            rows.append((Button(Say("button-sheet"), "export", {"batch": line.id, "file": "sheet", "unused": "true"}),))
        if line.unused:
            rows.append((Button(Say("button-disable-rest"), "disable", {"batch": line.id}),))
        if line.voided > line.deleted:
            rows.append((Button(Say("button-enable-rest"), "enable", {"batch": line.id}),))
    rows.append((Button(Say("button-batches"), "batches"),))
    return Reply("batch-line", facts, more=more, buttons=rows)


def _by(maker: str) -> str | Say:
    return Say("platform-system") if maker == SYSTEM.key else maker


def _batch_facts(line: BatchLine) -> dict[str, Any]:
    return {
        "batch": str(line.id),
        "label": line.label or Say("no-label"),
        "pool": line.team or line.pool,
        "codes": line.codes,
        "uses": line.uses,
        "used": line.used,
        "unused": line.unused,
        "reserved": line.reserved,
        "off": line.voided - line.deleted,
        "deleted": line.deleted,
        "joined": line.joined,
    }


def _batch_line(line: BatchLine) -> Say:
    return Say("batch-line", _batch_facts(line))


def _code_lines(line: CodeLine) -> list[Say]:
    """A code, and what is unusual about it."""
    ends = [] if line.auto_transfer else [Say("code-ends")]
    return [_code_line(line), *([Say("code-for", {"whose": line.bearer})] if line.bearer else []), *ends]


def _code_line(line: CodeLine) -> Say:
    facts: dict[str, Any] = {
        "code": line.last4,
        "state": Say(f"code-{line.state}"),
        "batch": str(line.batch),
        "pool": line.team or line.pool,
        "used": line.used,
        "most": line.max_uses,
    }
    if not line.uses:
        return Say("code-line" if line.max_uses == 1 else "code-line-many", facts)
    last = line.uses[-1]
    facts |= {"address": last.address, "team": last.team or "–", "more": len(line.uses) - 1}
    facts |= {"lease": Say(f"lease-{last.lease_status or last.state}")}
    return Say("code-line-used", facts)


_SWITCH = (Argument("what", "text", False, rest=True), Argument("batch", "batch", False, word=True))

COMMANDS = (
    Command(
        "codes",
        Role.VIEWER,
        codes,
        "codes",
        (
            Argument(
                "state", "choice", False, STATES, also=(("已用", "used"), ("未用", "unused"), ("已停用", "disabled"))
            ),
            Argument("address", "address", False),
            Argument("last4", "text", False),
            Argument("pool", "pool", False, word=True),
            Argument("team", "team", False, word=True),
            Argument("batch", "batch", False, word=True),
            Argument("auto_transfer", "choice", False, SWITCH, word=True),
            Argument(PAGE, "text", False, word=True),
        ),
    ),
    Command(
        "batches",
        Role.VIEWER,
        batches,
        "codes",
        (
            Argument("batch", "batch", False),
            Argument("pool", "pool", False),
            Argument("auto_transfer", "choice", False, SWITCH, word=True),
            Argument(PAGE, "text", False, word=True),
        ),
    ),
    Command(
        "export",
        Role.OPERATOR,
        export,
        "codes",
        (
            Argument("batch", "batch", False),
            Argument("file", "choice", False, FILES, default="txt"),
            Argument("pool", "pool", False, word=True),
            Argument("unused", "flag", False),
        ),
    ),
    Command("disable", Role.OPERATOR, disable, "codes", _SWITCH, harmful=True),
    Command("enable", Role.OPERATOR, enable, "codes", _SWITCH),
    Command("delete", Role.OPERATOR, delete, "codes", _SWITCH, harmful=True),
)
