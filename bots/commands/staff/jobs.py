"""Bulk work by chat: a dry run, a confirmation, a progress bar, and what became of each line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bots.commands.command import Argument, Command
from bots.commands.paging import numbered
from bots.commands.questions import ask, confirm
from bots.commands.request import Request
from bots.messages.rendering import has_words
from bots.messages.reply import Button, File, Reply, Say
from core import outbox
from core.actors import Role
from core.errors import NothingToDo
from core.jobs import items as bulk_items
from core.jobs import jobs as bulk
from core.jobs import report as reports
from core.jobs.jobs import JobLost, ProgressPlace
from core.jobs.report import JobLine
from core.jobs.selection import Selection, Target
from core.languages import FALLBACK
from core.rules.addresses import Address
from core.rules.csv_text import csv_text
from core.service import Core
from core.teams.report import team_page

SHOWN = 15
"""Lines of a dry run, or failures of a job, that are named in the chat; a file has them all."""
STRANGERS_NAMED = 10
BAR = 20
MOST_SENT = 8_000_000
"""Bytes of a backup that every platform takes as a file."""
REASONS = 6
"""Reasons of lines that failed or were left out, the most frequent first."""


async def resend(core: Core, request: Request, **chosen: Any) -> Reply:
    """Have pending invites mailed again."""
    return await _bulk(core, request, "resend", chosen)


async def cancel_invite(core: Core, request: Request, **chosen: Any) -> Reply:
    """Take pending invites back; their seats are free when that is proved."""
    return await _bulk(core, request, "cancelinvite", chosen)


async def remove(core: Core, request: Request, **chosen: Any) -> Reply:
    """End memberships and take the people out of their teams."""
    return await _bulk(core, request, "remove", chosen)


async def list_jobs(core: Core, request: Request, *, job: int | None, action: str | None) -> Reply:
    """The latest jobs; or one of them, with what failed and why."""
    if job is None:
        lines = await reports.job_list(core, request.actor, most=SHOWN)
        if not lines:
            return Reply("jobs-none")
        numbers = [numbered(one.id, "jobs", "job") for one in lines]
        rows = tuple(tuple(numbers[start : start + 5]) for start in range(0, len(numbers), 5))
        return Reply("jobs", items=[Say("jobs-line", _facts(one)) for one in lines], buttons=rows)
    if action == "cancel":
        await bulk.cancel(core, request.actor, job)
    line = await reports.job(core, request.actor, job)
    if action == "results":
        return await _results(core, request, line)
    failed = await reports.job_results(core, request.actor, job, states=("failed",), most=SHOWN)
    items = [_result(one.address, one.reason) for one in failed]
    shown = progress(line)
    more = list(shown.more)
    if line.failed > len(items):
        more.append(Say("job-more-failed", {"count": line.failed - len(items)}))
    return Reply(shown.key, shown.facts, items=items, more=more, buttons=shown.buttons, state=shown.state)


async def retry(core: Core, request: Request, *, job: int) -> Reply:
    """Do the failed lines of a job again."""
    again = await bulk.retry(core, request.actor, job)
    await _watched(core, request, job)
    see = Button(Say("button-job", {"job": str(job)}), "jobs", {"job": job})
    return Reply("job-retried", {"job": str(job), "count": again}, buttons=((see,),), replace=False)


async def pushed(core: Core, job_id: int) -> Reply | None:
    """A job's progress, as its message shows it."""
    line = await core.read(reports.find_job, job_id)
    return None if line is None else progress(line)


def progress(line: JobLine) -> Reply:
    """How far a job is: a bar, the counts, and what can be done about it."""
    which = {"job": line.id}
    more = []
    for state, why, count in line.reasons[:REASONS]:
        more.append(Say(f"job-{state}-why", {"count": count, "reason": reason_of(why)}))
    figures = line.arguments.get("figures") or {}
    if line.kind == "backup":
        more += _backed_up(line, figures)
    elif figures:
        more.append(Say(f"job-{line.kind}-figures", figures))
    if line.confirming:
        more.append(Say("job-confirming", {"count": line.confirming}))
    over = line.finished_at is not None
    rows: list[tuple[Button, ...]] = []
    if not over and not line.cancelling:
        rows.append((Button(Say("button-job-cancel"), "jobs", {**which, "action": "cancel"}),))
    if over and line.failed:
        rows.append((Button(Say("button-job-retry", {"count": line.failed}), "retry", which, once=True),))
    if over and line.kind == "rotate":
        rows.append((Button(Say("button-rotation"), "rotate"),))
    elif line.kind == "backup" and 0 < figures.get("size", 0) <= MOST_SENT:
        send = {"copy": figures["name"]}
        rows.append((Button(Say("button-backup-send"), "backup", send, replaces=False),))
    elif over and line.kind not in {"announce", "backup"}:
        rows.append((Button(Say("button-job-results"), "jobs", {**which, "action": "results"}),))
    state = "cancelling" if line.cancelling else line.state
    return Reply(f"job-{state}", _facts(line), more=more, buttons=tuple(rows), state="ok" if over else "working")


async def started(
    core: Core, request: Request, job_id: int, count: int, *, merged: bool, key: str = "job-started"
) -> Reply:
    """The answer to a confirmation. Where no message can be pushed, the work is done while one watches."""
    line = await _watched(core, request, job_id)
    if line is not None:
        return progress(line)
    see = Button(Say("button-job", {"job": str(job_id)}), "jobs", {"job": job_id})
    return Reply("job-merged" if merged else key, {"job": str(job_id), "count": count}, buttons=((see,),))


def place_of(request: Request) -> ProgressPlace:
    """The chat that asked, to show the progress in."""
    return ProgressPlace(request.chat.platform, request.chat.aside or request.chat.id, request.language)


def _backed_up(line: JobLine, figures: Mapping[str, Any]) -> list[Say]:
    if "size" in figures:
        size = f"{figures['size'] / 1_000_000:.1f}"
        facts = {"rows": figures["rows"], "megabytes": size, "path": figures["where"]}
        return [Say("backup-made", facts), Say("backup-keys")]
    return [Say("backup-working", {"rows": figures.get("rows", 0)})] if line.finished_at is None else []


async def _bulk(core: Core, request: Request, kind: str, chosen: dict[str, Any]) -> Reply:
    command, kind = kind, "reinvite" if chosen.get("missing") else kind
    addresses: tuple[Address, ...] = chosen["addresses"] or ()
    selection = Selection(
        tuple(address.original for address in addresses),
        chosen["team"],
        chosen["pool"],
        chosen["batch"],
        chosen["older"],
        chosen.get("over"),
    )
    if selection.empty:
        return await ask(core, request, command, "addresses", {}, Reply(f"ask-{command}-addresses"))
    if request.confirmed:
        begun = await bulk.start(core, request.actor, kind, selection, request_key=request.key, place=place_of(request))
        return await started(core, request, begun.job_id, begun.items, merged=begun.merged)
    plan = await bulk.preview(core, request.actor, kind, selection)
    if not plan.targets and not plan.left:
        raise NothingToDo(count=0)
    facts = {"count": len(plan.targets), "left": len(plan.left)}
    items = [_target(one) for one in plan.targets[:SHOWN]]
    if len(plan.targets) > SHOWN:
        items.append(Say("bulk-and-more", {"count": len(plan.targets) - SHOWN}))
    more = [Say("bulk-left", facts)] if plan.left else []
    more += [_result(one.address, one.reason) for one in plan.left[:5]]
    files = _dry_run(kind, [*plan.targets, *plan.left]) if len(plan.targets) + len(plan.left) > SHOWN else ()
    if not plan.targets:
        return Reply("bulk-nothing", facts, more=more, files=files, state="refused")
    if selection.over is not None:
        more += await _strangers(core, request, selection.over, {one.address for one in plan.targets})
    question = Reply(f"bulk-{kind}", facts, items=items, more=more, files=files)
    raw = {
        "addresses": " ".join(selection.addresses) or None,
        "team": selection.team,
        "pool": selection.pool,
        "batch": selection.batch,
        "older": selection.older_days,
        "over": selection.over,
        "missing": "true" if kind == "reinvite" else None,
    }
    if selection.over is not None:
        # Those who were shown, and never more of them than are too many by the time it is done.
        raw["addresses"] = " ".join(one.address for one in plan.targets)
    wish = {name: value for name, value in raw.items() if value is not None}
    return confirm(question, command, wish, danger=command != "resend")


async def _strangers(core: Core, request: Request, team: str, going: Collection[str]) -> list[Say]:
    """Who else takes up seats of a team that has too many without being invited: they stay unless they are named."""
    page = await team_page(core, request.actor, team)
    found = [seat.address for seat in page.seats if seat.stranger and seat.address and seat.address not in going]
    facts = {"team": page.line.name, "count": len(found), "addresses": " ".join(found[:STRANGERS_NAMED])}
    return [Say("bulk-over-strangers", facts)] if found else []


async def _watched(core: Core, request: Request, job_id: int) -> JobLine | None:
    """Work the job off here, showing how far it is; None where its own message does that."""
    if request.chat.platform in outbox.CHATS:
        return None
    while True:
        for claim in await core.write(bulk.claim_due, core, core.now(), most=1, job_id=job_id):
            try:
                await bulk_items.work(core, claim)
            except JobLost:
                break  # a worker has it
        line = await reports.job(core, request.actor, job_id)
        await request.show(progress(line))
        if line.finished_at is not None or line.waiting == line.confirming or line.kind == "announce":
            return line


async def _results(core: Core, request: Request, line: JobLine) -> Reply:
    rows = await reports.job_results(core, request.actor, line.id)
    cells = [(one.address, one.team, one.state, one.reason, one.tries, one.done_at) for one in rows]
    content = csv_text(("address", "team", "result", "reason", "tries", "at"), cells).encode("utf-8-sig")
    file = File(f"job-{line.id}.csv", content)
    return Reply("job-results", {"job": str(line.id), "count": len(rows)}, files=(file,), replace=False)


def _dry_run(kind: str, targets: list[Target]) -> tuple[File, ...]:
    cells = [(one.address, one.team, one.reason or kind) for one in targets]
    return (File(f"{kind}-preview.csv", csv_text(("address", "team", "would"), cells).encode("utf-8-sig")),)


def _target(one: Target) -> Say:
    return Say("bulk-target", {"address": one.address, "team": one.team or "none"})


def _result(address: str, reason: str | None) -> Say:
    return Say("job-result", {"address": address, "reason": reason_of(reason) if reason else ""})


def reason_of(reason: str) -> Say:
    """Why a line failed or was left out, in words where there are some."""
    key = f"reason-{reason}"
    return Say(key) if has_words(key, FALLBACK) else Say("plain", {"text": reason.replace("_", " ")})


def _facts(line: JobLine) -> dict[str, Any]:
    settled = line.total - line.waiting
    filled = BAR * settled // line.total if line.total else BAR
    return {
        "job": str(line.id),
        "kind": Say(f"job-kind-{line.kind}"),
        "state": line.state,
        "bar": "█" * filled + "░" * (BAR - filled),
        "percent": 100 * settled // line.total if line.total else 100,
        "total": line.total,
        "settled": settled,
        "done": line.done,
        "failed": line.failed,
        "skipped": line.skipped,
        "at": line.finished_at or line.created_at,
    }


_WHOM = (
    Argument("addresses", "addresses", False, rest=True),
    Argument("team", "team", False, word=True),
    Argument("pool", "pool", False, word=True),
    Argument("batch", "batch", False, word=True),
    Argument("older", "number", False, low=1, high=3650, word=True),
)

COMMANDS = (
    Command("resend", Role.OPERATOR, resend, "operations", (*_WHOM, Argument("missing", "flag", False))),
    Command("cancelinvite", Role.OPERATOR, cancel_invite, "operations", _WHOM, harmful=True),
    Command(
        "remove",
        Role.ADMIN,
        remove,
        "operations",
        (*_WHOM, Argument("over", "team", False, word=True)),
        harmful=True,
    ),
    Command(
        "jobs",
        Role.VIEWER,
        list_jobs,
        "operations",
        (Argument("job", "number", False, low=1), Argument("action", "choice", False, ("cancel", "results"))),
    ),
    Command("retry", Role.OPERATOR, retry, "operations", (Argument("job", "number", low=1),)),
)
