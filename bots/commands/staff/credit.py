"""`/plans`, `/calls`, `/money` and `/grant`: credit as staff see and give it."""

from __future__ import annotations

import re
from typing import Any

from bots.commands.choices import label_of
from bots.commands.command import Argument, Command
from bots.commands.dates import WINDOW_WORDS
from bots.commands.paging import PAGE, cursor, list_head, page_buttons
from bots.commands.questions import ask
from bots.commands.request import Request
from bots.messages import charts
from bots.messages.rendering import Look, words
from bots.messages.reply import Brief, Button, File, Reply, Say
from core.actors import Role
from core.calls.report import WAYS, CallLine, call_list, call_page
from core.command_errors import MissingArgument
from core.credit import grants, plans
from core.credit.report import Money, wallet_of
from core.credit.report import money as money_report
from core.errors import NotFound
from core.rules.csv_text import csv_text
from core.rules.money import amount_text, read_amount, shown_amount, shown_balance
from core.rules.plans import Plan
from core.rules.terms import UNLIMITED, Term
from core.service import Core
from core.sources.report import source_page

WINDOWS = {"7d": 7, "30d": 30}
PER_PAGE = 10
CSV_HEADER = ("source", "ended", "questions", "charged", "billed", "lost")
MOST = 100_000_000


async def plans_(
    core: Core,
    request: Request,
    *,
    action: str | None,
    name: str | None,
    allowance: str | None,
    per_hour: str | None,
    questions: int | None,
    at_once: int | None,
    most_output: int | None,
    keys: int | None,
) -> Reply:
    """The plans; one of them; adding one; changing one, as whoever gives figures means."""
    figures = (allowance, per_hour, questions, at_once, most_output, keys)
    if action is None and any(one is not None for one in figures):
        action = "edit"
    if action in {"add", "edit"}:
        request.actor.require(Role.ADMIN)
        if name is None:
            raise MissingArgument(name="name")
        given: dict[str, Any] = {
            "allowance": None if allowance is None else read_amount(allowance, least=0, name="allowance"),
            "per_hour": None if per_hour is None else read_amount(per_hour, least=0, name="per_hour"),
            "questions": questions,
            "at_once": at_once,
            "most_output": most_output,
            "keys": keys,
        }
        changes = {key: value for key, value in given.items() if value is not None}
        made = await plans.set_plan(core, request.actor, name, new=action == "add", **changes)
        return Reply("plan-set", _plan(made), private=False)
    if name is not None:
        return Reply("plan", _plan(await core.read(plans.plan_named, name)), private=False)
    every = await core.read(plans.all_plans)
    return Reply("plans", {"count": len(every)}, items=[Say("plan-line", _plan(one)) for one in every], private=False)


async def calls(
    core: Core, request: Request, *, who: str | None, source: str | None, state: str | None, page: str | None
) -> Reply:
    """Questions to models, newest first, by any filters together; or one of them, by its number."""
    if who is not None and (number := re.fullmatch(r"#?(\d{1,15})", who, re.ASCII)):
        one = await call_page(core, request.actor, int(number[1]))
        tried = [
            Say(
                "call-attempt",
                {"source": each.source, "outcome": each.outcome, "loss": "yes" if each.possible_loss else "no"},
            )
            for each in one.tried
        ]
        return Reply("call", _call(one, core), items=tried)
    if who is not None and source is None and ":" not in who and await _is_source(core, request, who):
        who, source = None, who
    person = grants.read_identity(who) if who is not None else None
    found = await call_list(
        core, request.actor, person=person, source=source, state=state, before=cursor(page), most=PER_PAGE + 1
    )
    shown = found[:PER_PAGE]
    given = {"who": who, "source": source, "state": state}
    rows = page_buttons("calls", given, page, shown[-1].id if len(found) > PER_PAGE else None)
    if not shown:
        return Reply("calls-none", buttons=rows)
    head = list_head({"who": who, "source": source}, state and label_of("calls", state))
    return Reply("calls", {"filter": head}, items=[Say("call-line", _call(one, core)) for one in shown], buttons=rows)


async def _is_source(core: Core, request: Request, name: str) -> bool:
    try:
        await source_page(core, request.actor, name)
    except NotFound:
        return False
    return True


async def money(core: Core, request: Request, *, window: str | None, file: str | None) -> Reply:
    """What was granted, charged and lost, by source and ending, as text, as a picture and as a table."""
    window = window or "7d"
    found = await money_report(core, request.actor, days=WINDOWS[window])
    if file == "csv":
        lines = [
            (
                one.source,
                one.finish,
                one.calls,
                amount_text(one.charged),
                amount_text(one.billed),
                amount_text(one.loss),
            )
            for one in found.lines
        ]
        content = ("\ufeff" + csv_text(CSV_HEADER, lines)).encode()
        attached = File(f"money-{window}.csv", content)
        return Reply("money-csv", {"days": WINDOWS[window]}, files=(attached,), replace=False, private=False)
    facts: dict[str, Any] = {
        name: shown_amount(getattr(found, name))
        for name in ("granted", "refilled", "expired", "charged", "absorbed", "claimed_now", "left_now")
    }
    facts |= {"loss": shown_amount(found.loss), "days": WINDOWS[window]}
    lossy = sorted((one for one in found.lines if one.loss), key=lambda one: -one.loss)[:10]
    items = [
        Say("money-line", {
            "source": one.source, "finish": Say(f"finish-{one.finish}"), "calls": one.calls, "loss": shown_amount(one.loss),
        })
        for one in lossy
    ]  # fmt: skip
    other = "30d" if window == "7d" else "7d"
    row = (
        Button(Say(f"button-usage-{other}"), "money", {"window": other}),
        Button(Say("button-csv"), "money", {"window": window, "file": "csv"}),
    )
    picture = await _draw(found, request.language, request.actor.timezone or core.settings.timezone, WINDOWS[window])
    files = (File("money.png", picture, image=True),)
    return Reply("money", facts, items=items, files=files, buttons=(row,), private=False)


async def grant(
    core: Core, request: Request, *, person: str | None, what: str | None, term: Term | None, reason: str | None
) -> Reply:
    """Give somebody credit or a plan, with the reason that the audit keeps."""
    given = {"person": person, "what": what, "term": str(term) if term else None, "reason": reason}
    if person is not None:
        grants.read_identity(person)  # before anything is asked about somebody who cannot be
    for name in ("person", "what", "reason"):
        if given[name] is None:
            kept = {key: value for key, value in given.items() if value is not None}
            return await ask(core, request, "grant", name, kept, Reply(f"ask-grant-{name}"))
    to = grants.read_identity(str(person))
    done = await grants.give(core, request.actor, to, str(what), reason=str(reason), term=term or UNLIMITED)
    wallet = await wallet_of(core, request.actor, to, lines=0)
    facts = {
        "person": to.key,
        "amount": amount_text(abs(done.amount)),
        "plan": done.plan or "",
        "ends": Say("gift-until", {"until": done.until}) if done.until else Say("gift-for-ever"),
        "credit": shown_balance(wallet.credit),
    }
    key = "granted-plan" if done.plan else "granted-back" if done.amount < 0 else "granted"
    return Reply(key, facts)


async def _draw(found: Money, language: str, timezone: str, days: int) -> bytes:
    def say(key: str, **facts: Any) -> str:
        return words(Say(key, facts), Look(language, "plain", 10_000, timezone))

    figures = {"granted": found.granted, "charged": found.charged, "billed": found.charged + found.loss}
    rows = [charts.FunnelRow(say(f"chart-{name}"), max(0, value) // 1000) for name, value in figures.items()]
    rows.append(charts.FunnelRow(say("chart-loss"), max(0, found.loss) // 1000))
    labels = charts.FunnelLabels(say("chart-money"), say("chart-money-under", days=days), say("chart-nothing-yet"))
    return await charts.funnel_chart(rows if any(row.count for row in rows) else [], labels)


def _plan(one: Plan) -> dict[str, Any]:
    return {
        "name": one.name,
        "allowance": shown_balance(one.allowance),
        "per_hour": shown_balance(one.per_hour),
        "questions": one.questions,
        "at_once": one.at_once,
        "most": one.most_output,
        "keys": one.keys,
        "models": list(one.models) if one.models is not None else "",
    }


def _call(one: CallLine, core: Core) -> dict[str, Any]:
    ended = f"finish-{one.finish}" if one.finish else f"call-{one.state}"
    return {
        "call": str(one.id),
        "at": Brief(one.made_at, core.now()),
        "person": one.person or "",
        "model": one.model,
        "source": one.source or "",
        "ended": Say(ended),
        "reason": one.reason or "",
        "tokens": one.tokens_in + one.tokens_out,
        "claimed": shown_amount(one.claimed),
        "charged": f"{'≈ ' if one.estimated else ''}{shown_amount(one.charged)}",
        "loss": shown_amount(max(0, one.billed - one.charged)),
    }


COMMANDS = (
    Command(
        "plans",
        Role.VIEWER,
        plans_,
        "models",
        (
            Argument("action", "choice", False, ("show", "add", "edit")),
            Argument("name", required=False),
            Argument("allowance", required=False, word=True),
            Argument("per_hour", required=False, word=True),
            Argument("questions", "number", False, low=0, high=MOST, word=True),
            Argument("at_once", "number", False, low=0, high=MOST, word=True),
            Argument("most_output", "number", False, low=1, high=MOST, word=True),
            Argument("keys", "number", False, low=0, high=1000, word=True),
        ),
    ),
    Command(
        "calls",
        Role.VIEWER,
        calls,
        "models",
        (
            Argument("who", required=False),
            Argument("source", required=False, word=True),
            Argument("state", "choice", False, WAYS),
            Argument(PAGE, required=False),
        ),
    ),
    Command(
        "money",
        Role.VIEWER,
        money,
        "models",
        (
            Argument("window", "choice", False, tuple(WINDOWS), also=WINDOW_WORDS),
            Argument("file", "choice", False, ("csv",)),
        ),
    ),
    Command(
        "grant",
        Role.OPERATOR,
        grant,
        "models",
        (
            Argument("person", required=False),
            Argument("what", required=False),
            Argument("term", "term", False, aliases=("term",)),
            Argument("reason", required=False, rest=True, prose=True),
        ),
        once=True,
    ),
)
