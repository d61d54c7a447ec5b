"""Alerts in the chats: listed, resolved, muted, checked for, and pushed into the chats that want them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from bots.commands.command import Argument, Command
from bots.commands.paging import numbered
from bots.commands.request import Request
from bots.commands.staff import tables
from bots.commands.staff.requests import decision
from bots.messages import audited
from bots.messages.alert_words import what_it_says
from bots.messages.rendering import has_words
from bots.messages.reply import Button, Reply, Say
from core import outbox
from core.actors import SYSTEM, Role
from core.alerts import alerts as actions
from core.alerts import report as reports
from core.alerts import subscriptions
from core.alerts.report import AlertLine, AlertState
from core.alerts.subscriptions import AlertWish
from core.command_errors import BadValue
from core.errors import BadChoice, NotFound
from core.languages import FALLBACK, LANGUAGES
from core.rules.alerts import Category, Level
from core.rules.hours import DailyHours
from core.rules.zones import read_zone
from core.service import Core
from core.sweeps import alerts as checks
from core.sweeps import runner

LEVELS = tuple(level.value for level in Level)
CATEGORIES = tuple(category.value for category in Category)
STATES = ("open", "resolved", "any")
OFF = "off"
LIST = "list"
PER_PAGE = 10
REMEDIES: Mapping[str, Sequence[tuple[str, str, Mapping[str, Any]]]] = {
    "code_requests": (("button-see-requests", "requests", {}),),
    "pool_full": (("button-import", "import", {}), ("button-teams", "teams", {})),
    "pool_capacity": (("button-import", "import", {}), ("button-teams", "teams", {})),
    "pool_few_seats": (("button-import", "import", {}), ("button-pools", "pools", {})),
    "pool_overcommitted": (("button-import", "import", {}), ("button-codes", "codes", {"state": "unused"})),
    "team_full": (("button-import", "import", {}), ("button-teams", "teams", {})),
    "team_capacity": (("button-import", "import", {}), ("button-teams", "teams", {})),
    "expired_leases": (("button-see-expired", "leases", {"which": "expired"}),),
    "redemptions_unclear": (("button-see-unclear", "settle", {}),),
    "team_expired": (("button-import", "import", {}), ("button-clean-up", "cleanup", {})),
    "team_gone": (("button-clean-up", "cleanup", {}),),
    "credential_ends": (("button-import", "import", {}),),
    "sweep_late": (("button-sweeps", "sweep", {}),),
    "too_many_strangers": (("button-see-strangers", "sweep", {"action": "dry", "name": "unauthorised"}),),
    "strangers_unseen": (("button-see-strangers", "sweep", {"action": "dry", "name": "unauthorised"}),),
    "transfer_stuck": (("button-see-transfers", "leases", {"which": "moving"}),),
    "wrong_code_burst": (("button-see-locks", "locks", {}),),
}
"""Alert → label, command and arguments of the buttons that lead to its remedy."""


async def list_alerts(
    core: Core,
    request: Request,
    *,
    alert: int | None,
    level: str | None,
    category: str | None,
    state: AlertState | None,
    file: str | None,
    page: int,
) -> Reply:
    """The open alerts, the loudest first; or one of them with everything about it."""
    if alert is not None:
        return _details(await reports.alert(core, request.actor, alert), core.now())
    found = await reports.alert_list(
        core,
        request.actor,
        state=state or "open",
        level=level,
        category=category,
        most=tables.MOST if file else None,
    )
    if file is not None:
        return tables.sheet("alerts", found.lines)
    chosen = {"level": level, "category": category, "state": state}
    wish = {name: value for name, value in chosen.items() if value is not None}
    pages = max(1, -(-len(found.lines) // PER_PAGE))
    page = min(page, pages)
    shown = found.lines[(page - 1) * PER_PAGE : page * PER_PAGE]
    check = Button(Say("button-check"), "check")
    if not shown:
        # That none of one kind is open says nothing of the others.
        filtered = level is not None or category is not None
        row = (Button(Say("button-alerts"), "alerts"), check) if filtered else (check,)
        return Reply("alerts-none", {"state": "any" if filtered else state or "open"}, buttons=(row,), private=False)
    turn = []
    if page > 1:
        turn.append(Button(Say("button-back"), "alerts", {**wish, "page": page - 1}))
    if page < pages:
        turn.append(Button(Say("button-next"), "alerts", {**wish, "page": page + 1}))
    numbers = [numbered(one.id, "alerts", "alert") for one in shown]
    rows = [tuple(numbers[start : start + 5]) for start in range(0, len(numbers), 5)]
    facts = {"total": found.total, "shown": len(found.lines), "state": state or "open", "page": page, "pages": pages}
    items = [Say("alerts-line", _line_facts(one)) for one in shown]
    return Reply("alerts", facts, items=items, buttons=(*rows, tuple(turn), (check,)), private=False)


async def resolve(core: Core, request: Request, *, alert: int) -> Reply:
    """Close an alert; the messages that told of it say so from then on."""
    done = await actions.resolve(core, request.actor, alert)
    key = "alert-resolved-before" if done.again else "alert-resolved"
    facts = {"alert": str(alert), "by": _who(done.by)}
    if not done.again and await checks.stands(core, alert):
        line = await reports.alert(core, request.actor, alert)
        return Reply("alert-resolved-stands", {**facts, **_line_facts(line)}, private=False, replace=False)
    return Reply(key, facts, private=False, toast=request.pressed is not None)


async def mute(core: Core, request: Request, *, alert: int, hours: int) -> Reply:
    """Push nothing more about an alert for a while, unless it becomes critical."""
    try:
        until = await actions.mute(core, request.actor, alert, hours)
    except NotFound:
        line = await reports.alert(core, request.actor, alert)  # as it was, if there ever was one
        facts = {"alert": str(alert), "by": _who(line.resolved_by or "")}
        return Reply("alert-resolved-before", facts, private=False, toast=request.pressed is not None)
    facts = {"alert": str(alert), "until": until, "hours": hours}
    return Reply("alert-muted", facts, private=False, toast=request.pressed is not None)


async def check(core: Core, request: Request) -> Reply:
    """Run every check now."""
    try:
        await runner.run_now(core, "alerts")
    except runner.SweepRunning:
        return Reply("check-running", private=False, replace=False)
    opened = await reports.alert_list(core, request.actor)
    see = Button(Say("button-alerts"), "alerts")
    return Reply("checked", {"count": opened.total}, buttons=((see,),), private=False, replace=False)


async def subscribe(
    core: Core,
    request: Request,
    *,
    level: str | None,
    categories: str | None,
    quiet: str | None,
    zone: str | None,
    language: str | None,
    report: str | None,
) -> Reply:
    """Push alerts into this chat, or say what is pushed here."""
    chat = request.chat
    request.actor.require(Role.ADMIN)
    if chat.platform not in outbox.CHATS and level != LIST:
        return Reply("subscribe-no-chat", state="refused", private=False)
    if level == OFF:
        return await unsubscribe(core, request)
    if level == LIST:
        return await _who_hears(core, request)
    present = await reports.subscription(core, chat.platform, chat.id)
    if (
        present is not None
        and present.unreachable_since is None
        and not any((level, categories, quiet, zone, language, report))
    ):
        return _subscribed("subscription", present)
    here = (
        (read_zone(zone) if zone else None)
        or (present.timezone if present else None)
        or request.actor.timezone
        or core.settings.timezone
    )
    at = _report_at(report, present)
    wish = AlertWish(
        level=Level(level or (present.level if present else Level.WARNING)),
        categories=_categories(categories, present.categories if present else []),
        quiet=_quiet(quiet, here, present),
        report_at=at,
        zone=read_zone(here) if at is not None else None,
        language=language or (present.language if present else None) or request.language,
    )
    await subscriptions.subscribe(core, request.actor, chat.platform, chat.id, wish)
    now = await reports.subscription(core, chat.platform, chat.id)
    if now is None:
        raise NotFound(kind="subscription", name="")
    return _subscribed("subscribed", now)


async def _who_hears(core: Core, request: Request) -> Reply:
    """Every chat that alerts are pushed into, and what it hears."""
    lines = await reports.subscription_list(core, request.actor)
    if not lines:
        return Reply("subscriptions-none", private=False)
    items = []
    for one in lines:
        about = [Say(f"category-{name}") for name in one.categories] or Say("subscription-every-category")
        quiet = f"{one.quiet} {one.timezone or 'UTC'}" if one.quiet else "–"
        facts = {"chat": f"{one.platform}:{one.chat_id}", "level": Say(f"level-{one.level}"), "about": about}
        key = "subscriptions-line" if one.unreachable_since is None else "subscriptions-line-unreachable"
        facts |= {"quiet": quiet, "report": f"{one.report_at} {one.timezone or 'UTC'}" if one.report_at else "–"}
        items.append(Say(key, {**facts, "maker": one.maker, "since": one.unreachable_since}))
    return Reply("subscriptions", {"count": len(lines)}, items=items)


async def unsubscribe(core: Core, request: Request) -> Reply:
    """Push nothing more into this chat."""
    await subscriptions.unsubscribe(core, request.actor, request.chat.platform, request.chat.id)
    return Reply("unsubscribed", private=False)


async def pushed(core: Core, alert_id: int, *, edit: bool) -> Reply | None:
    """An alert as it is pushed, as it stands now. None where nobody needs to be told any more."""
    alert = await core.read(reports.find_alert, alert_id)
    if alert is None:
        return None
    if alert.resolved_at is not None and not edit and Level(alert.level) < Level.ERROR:
        return None  # over before its turn came, or before the quiet hours ended
    return _message(alert, core.now())


def _message(alert: AlertLine, now: datetime) -> Reply:
    more = []
    if alert.count > 1:
        more.append(Say("alert-seen", {"count": alert.count, "since": alert.created_at, "last": alert.last_seen_at}))
    if alert.resolved_at is not None:
        more.append(Say("alert-over", {"by": _who(alert.resolved_by), "at": alert.resolved_at}))
        return Reply("alert-message-resolved", _line_facts(alert), more=tuple(more), private=False)
    if alert.muted_until is not None and alert.muted_until > now:
        more.append(Say("alert-silent", {"until": alert.muted_until}))
    which = {"alert": alert.id}
    first = (
        Button(Say("button-resolve"), "resolve", which, owner="*", style="primary"),
        Button(Say("button-mute"), "mute", which, owner="*"),
    )
    second = (
        Button(Say("button-check"), "check", owner="*"),
        Button(Say("button-details"), "alerts", which, owner="*"),
    )
    rows = (*remedies(alert), first, second)
    return Reply("alert-message", _line_facts(alert), more=tuple(more), buttons=rows, private=False)


def remedies(alert: AlertLine) -> list[tuple[Button, ...]]:
    """What can be done about the condition itself, in one tap each."""
    if alert.title == "address_change_asked":
        return [decision("address", int(alert.facts["transfer"]), owner="*")]
    if alert.title == "extension_asked":
        return [decision("extension", int(alert.facts["wish"]), owner="*")]
    lead = REMEDIES.get(alert.title)
    if lead is None:
        return []
    return [
        tuple(Button(Say(label), command, arguments, owner="*", replaces=False) for label, command, arguments in lead)
    ]


def _subject(named: str) -> str | Say:
    """What an alert is about, by the word for such a row; other subjects are names already."""
    kind, _, number = named.partition(":")
    known = number.isdecimal() and has_words(f"kind-{kind}", FALLBACK)
    return (audited.subject(kind, int(number)) if known else None) or named


def _details(alert: AlertLine, now: datetime) -> Reply:
    message = _message(alert, now)
    facts = {
        "category": Say(f"category-{alert.category}"),
        "subject": _subject(alert.subject),
        "since": alert.created_at,
    }
    more = (Say("alert-about", {**facts, "last": alert.last_seen_at, "count": alert.count}), *message.more[-1:])
    if alert.resolved_at is None and alert.count > 1:
        more = more[:1] if len(message.more) == 1 else more
    buttons = message.buttons[:-1]
    return Reply(message.key, message.facts, more=more, buttons=buttons, private=False, replace=False)


def _line_facts(alert: AlertLine) -> dict[str, Any]:
    return {
        "alert": str(alert.id),
        "level": alert.level,
        "loud": Say(f"level-{alert.level}"),
        "category": Say(f"category-{alert.category}"),
        "what": what_it_says(alert.title, alert.facts),
        "count": alert.count,
        "last": alert.last_seen_at,
        "state": "resolved" if alert.resolved_at else "open",
    }


def _who(key: str | None) -> Any:
    return Say("alert-by-itself") if key in {None, SYSTEM.key} else key


def _categories(text: str | None, present: list[str]) -> frozenset[Category]:
    if text is None:
        return frozenset(Category(name) for name in present)
    names = [name for name in re.split(r"[\s,,、;]+", text.casefold().replace("-", "_")) if name]
    wrong = [name for name in names if name not in {*CATEGORIES, "all"}]
    if wrong:
        raise BadChoice(name="categories", value=wrong[0][:40], choices=["all", *CATEGORIES])
    return frozenset() if "all" in names else frozenset(Category(name) for name in names)


def _quiet(text: str | None, zone: str, present: reports.SubscriptionLine | None) -> DailyHours | None:
    wanted = (present.quiet if present else None) if text is None else text
    if wanted is None or wanted.casefold() in {OFF, "none"}:
        return None
    try:
        return DailyHours.parse(wanted, zone)
    except ValueError as fault:
        raise BadValue(name="quiet", value=wanted[:40], examples=["22:00-08:00", OFF]) from fault


def _report_at(wanted: str | None, present: reports.SubscriptionLine | None) -> time | None:
    """The time of day that was asked for; without a word what it was, `off` for none. Raises: BadValue."""
    given = wanted if wanted is not None else (present.report_at if present else None)
    if given is None or given.casefold() == OFF:
        return None
    try:
        return time.fromisoformat(given.strip().zfill(5))
    except ValueError as fault:
        raise BadValue(name="report", value=given[:40], examples=["08:00", OFF]) from fault


def _subscribed(key: str, line: reports.SubscriptionLine) -> Reply:
    facts = {"level": Say(f"level-{line.level}")}
    more = [Say("subscription-category", {"category": Say(f"category-{name}")}) for name in line.categories]
    more = more or [Say("subscription-every-category")]
    if line.quiet:
        more.append(Say("subscription-quiet", {"hours": line.quiet, "zone": line.timezone or "UTC"}))
    if line.report_at:
        more.append(Say("subscription-report", {"at": line.report_at, "zone": line.timezone or "UTC"}))
    stop = Button(Say("button-unsubscribe"), "subscribe", {"level": OFF})
    return Reply(key, facts, items=more, buttons=((stop,),), private=False)


_WHICH = Argument("alert", "number", low=1)

COMMANDS = (
    Command(
        "alerts",
        Role.VIEWER,
        list_alerts,
        "alerts",
        (
            Argument("level", "choice", False, LEVELS),
            Argument("category", "choice", False, CATEGORIES),
            Argument("state", "choice", False, STATES),
            tables.FILE,
            Argument("alert", "number", False, low=1),
            Argument("page", "number", False, low=1, high=1000, default=1, word=True),
        ),
        public=True,
    ),
    Command("resolve", Role.OPERATOR, resolve, "alerts", (_WHICH,), public=True),
    Command(
        "mute",
        Role.OPERATOR,
        mute,
        "alerts",
        (_WHICH, Argument("hours", "number", False, low=1, high=720, default=1)),
        public=True,
    ),
    Command("check", Role.OPERATOR, check, "alerts", public=True),
    Command(
        "subscribe",
        Role.ADMIN,
        subscribe,
        "alerts",
        (
            Argument("level", "choice", False, (*LEVELS, OFF, LIST)),
            Argument("categories", "text", False, word=True),
            Argument("quiet", "text", False, word=True),
            Argument("zone", "text", False, word=True),
            Argument("language", "choice", False, LANGUAGES, word=True),
            Argument("report", "text", False, word=True),
        ),
        public=True,
    ),
    Command("unsubscribe", Role.ADMIN, unsubscribe, "alerts", public=True, hidden=True),
)
