"""What somebody has and what it was spent on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bots.commands.command import Argument, Command
from bots.commands.dates import WINDOW_WORDS
from bots.commands.member.answered import LIMIT_BUTTON
from bots.commands.member.conversations import titled
from bots.commands.member.my_seat import REDEEM_BUTTON
from bots.commands.member.sponsoring import sponsor
from bots.commands.paging import PAGE, cursor, page_buttons
from bots.commands.questions import ask
from bots.commands.request import Request
from bots.messages import charts
from bots.messages.rendering import Look, words
from bots.messages.reply import Brief, Button, File, Reply, Say
from core.actors import Role
from core.command_errors import MissingArgument
from core.credit import grants
from core.credit.report import UsageLine, Wallet, WalletLine, usage_of, wallet_of
from core.rules.csv_text import csv_text
from core.rules.money import amount_text, read_limit, shown_amount, shown_balance
from core.service import Core
from core.talk import choosing
from core.talk.statements import StatementLine, statement
from core.talk_errors import BadAmount

WINDOWS = {"7d": 7, "30d": 30, "key": 30}
"""Days that are looked at; by key instead of by model, where that is asked for."""
LINES_SHOWN = 15
CSV_HEADER = ("day", "model", "key", "questions", "tokens_in", "tokens_out", "credit")


async def wallet(core: Core, request: Request, *, action: str | None, amount: str | None, page: str | None) -> Reply:
    """The asker's credit, allowances and plan; what happened to them; their own limit; a group that they pay for."""
    if action is None and amount is not None:
        raise MissingArgument(name="action")
    if action == "limit":
        return await _limit(core, request, amount)
    if action == "sponsor":
        return await sponsor(core, request, amount)
    if action == "lines":
        return await _history(core, request, page)
    found = await wallet_of(core, request.actor, request.actor, lines=0)
    return shown(found, core.now())


async def _history(core: Core, request: Request, page: str | None) -> Reply:
    """What came and went, with what there was before and after: all that is shown adds up, to the last decimal."""
    found = await statement(core, request.actor, before=cursor(page), most=LINES_SHOWN)
    now = core.now()
    following = found.lines[-1].id if found.more else None
    rows = (*page_buttons("wallet", {"action": "lines"}, page, following), (_do("button-wallet"),))
    if not found.lines and not found.unwritten and page is None:
        return Reply("wallet-no-lines", buttons=rows)
    under_way = [Say("wallet-line-claimed", {"amount": f"−{amount_text(found.claimed)}"})] if found.claimed else []
    if found.unwritten:
        key = "wallet-line-refilling" if found.unwritten > 0 else "wallet-line-ended"
        under_way.append(Say(key, {"amount": _signed(found.unwritten)}))
    facts = {"credit": amount_text(found.after), "page": "first" if page is None else "older"}
    before = Say("wallet-before", {"credit": amount_text(found.before), "any": "yes" if found.before else "no"})
    return Reply("wallet-lines", facts, items=[*under_way, *(_line(one, now) for one in found.lines)], more=[before],
                 buttons=rows)  # fmt: skip


async def _limit(core: Core, request: Request, amount: str | None) -> Reply:
    """The asker's own limit: how it stands, another one, or none."""
    fault: BadAmount | None = None
    if amount is not None:
        try:
            limit = read_limit(amount)
        except BadAmount as bad:
            fault = bad
        else:
            await grants.set_spend_limit(core, request.actor, limit)
            if limit is None:
                return Reply("wallet-limit-off", buttons=((_do("button-wallet"),),))
            return Reply("wallet-limit-set", {"limit": amount_text(limit)}, buttons=((_do("button-wallet"),),))
    found = await wallet_of(core, request.actor, request.actor, lines=0)
    facts = _limited(found)
    off = Button(Say("button-limit-off"), "wallet", {"action": "limit", "amount": "off"})
    question = Reply("wallet-limit-ask", facts, buttons=((off,),) if found.limit is not None else ())
    if fault is not None:
        question = replace(question, key=f"error-{fault.key}", facts=fault.facts, more=[Say("wallet-limit-ask", facts)])
    return await ask(core, request, "wallet", "amount", {"action": "limit"}, question)


def _limited(found: Wallet) -> dict[str, str]:
    """The facts about somebody's own limit."""
    return {"limit": "" if found.limit is None else amount_text(found.limit), "spent": shown_amount(found.spent)}


def shown(found: Wallet, now: Any) -> Reply:
    """A wallet for its owner."""
    items = [_purse(one, now) for one in found.purses if shown_balance(one.left) != "0" or one.cap]
    more = [Say("wallet-limited", _limited(found))] if found.limit is not None else []
    facts = {
        "credit": shown_balance(found.credit),
        "claimed": shown_amount(found.claimed),
        "held": "yes" if found.claimed else "no",
        "plan": found.plan.name,
        "ends": Say("gift-until", {"until": found.plan_until}) if found.plan_until else Say("gift-for-ever"),
    }
    rows = ((_do("button-wallet-lines", "lines"), Button(Say("button-usage"), "usage")), (REDEEM_BUTTON, LIMIT_BUTTON))
    return Reply("wallet", facts, items=items, more=more, buttons=rows)


async def usage(core: Core, request: Request, *, window: str | None, file: str | None) -> Reply:
    """The asker's questions of the last days, as text, as a picture and as a table."""
    window = window or "7d"
    found = await usage_of(core, request.actor, request.actor, days=WINDOWS[window])
    if file == "csv":
        content = ("\ufeff" + csv_text(CSV_HEADER, _rows(found))).encode()
        attached = File(f"usage-{window}.csv", content)
        return Reply("usage-csv", {"days": WINDOWS[window]}, files=(attached,), replace=False)
    other = "30d" if window == "7d" else "7d"
    by_key = window != "key" and any(one.key for one in found)
    buttons = (
        Button(Say(f"button-usage-{other}"), "usage", {"window": other}),
        *((Button(Say("button-usage-key"), "usage", {"window": "key"}),) if by_key else ()),
        Button(Say("button-csv"), "usage", {"window": window, "file": "csv"}),
    )
    if not found:
        return Reply("usage-none", {"days": WINDOWS[window]}, buttons=(buttons[:1],))
    facts = {
        "days": WINDOWS[window],
        "calls": sum(one.calls for one in found),
        "credit": shown_amount(sum(one.charged for one in found)),
    }
    groups: dict[str, list[UsageLine]] = {}
    for one in found:
        groups.setdefault(one.key if window == "key" else one.model, []).append(one)
    items = [
        Say("usage-line", {
            "model": (Say("usage-of-key", {"last4": name}) if name else Say("usage-in-chats"))
            if window == "key" else name,
            "calls": sum(one.calls for one in lines),
            "tokens": sum(one.tokens_in + one.tokens_out for one in lines),
            "credit": shown_amount(sum(one.charged for one in lines)),
        })
        for name, lines in groups.items()
    ]  # fmt: skip
    picture = await _draw(found, request.language, request.actor.timezone or core.settings.timezone, WINDOWS[window])
    return Reply("usage", facts, items=items, files=(File("usage.png", picture, image=True),), buttons=(buttons,))


async def _draw(found: Sequence[UsageLine], language: str, timezone: str, days: int) -> bytes:
    def say(key: str, **facts: Any) -> str:
        return words(Say(key, facts), Look(language, "plain", 10_000, timezone))

    by_day: dict[str, list[UsageLine]] = {}
    for one in sorted(found, key=lambda line: line.day):
        by_day.setdefault(one.day, []).append(one)
    points = [
        charts.TrendPoint(day[5:], sum(one.calls for one in lines), sum(one.tokens_out for one in lines) // 1000)
        for day, lines in by_day.items()
    ]
    labels = charts.TrendLabels(
        say("chart-usage"), say("chart-usage-under", days=days), say("chart-questions"), say("chart-thousand-tokens"),
        say("chart-nothing-yet"),
    )  # fmt: skip
    return await charts.trend_chart(points, labels)


def _rows(found: Sequence[UsageLine]) -> list[tuple[Any, ...]]:
    return [
        (one.day, one.model, one.key, one.calls, one.tokens_in, one.tokens_out, amount_text(one.charged))
        for one in found
    ]


def _purse(one: WalletLine, now: Any) -> Say:
    facts: dict[str, Any] = {"left": shown_balance(one.left), "group": one.group}
    if one.cap is not None:
        facts |= {"cap": shown_balance(one.cap), "per_hour": shown_balance(one.per_hour or 0)}
        return Say(f"wallet-{one.kind}", facts)
    if one.expires_at is not None:
        return Say("wallet-ending", {**facts, "until": Brief(one.expires_at, now)})
    return Say("wallet-lasting", facts)


def _line(one: StatementLine, now: Any) -> Say:
    about = titled(one.about) if one.kind == "chat" else one.about
    back = "yes" if one.amount < 0 else "no"
    facts = {"at": Brief(one.at, now), "amount": _signed(one.amount), "about": about, "back": back}
    return Say(f"wallet-line-{one.kind}", facts)


def _signed(amount: int) -> str:
    return f"{'−' if amount < 0 else '+'}{amount_text(abs(amount))}"


def _do(label: str, action: str | None = None) -> Button:
    return Button(Say(label), "wallet", {"action": action} if action else {})


COMMANDS = (
    Command(
        "wallet",
        Role.ANYONE,
        wallet,
        "credit",
        (
            Argument(
                "action",
                "choice",
                False,
                ("show", "lines", "limit", "sponsor"),
                also=(("限额", "limit"), ("上限", "limit"), ("赞助", "sponsor")),
            ),
            Argument("amount", required=False),
            Argument(PAGE, "text", False, word=True),
        ),
        aloud=frozenset({"sponsor"}),
        offered=choosing.has_models,
    ),
    Command(
        "usage",
        Role.ANYONE,
        usage,
        "credit",
        (
            Argument("window", "choice", False, tuple(WINDOWS), also=(*WINDOW_WORDS, ("keys", "key"))),
            Argument("file", "choice", False, ("csv",)),
        ),
        offered=choosing.has_models,
    ),
)
