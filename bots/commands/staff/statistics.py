"""`/stats`: the house in figures, as text, as pictures and as a table."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date

from bots.commands.command import Argument, Command
from bots.commands.dates import WINDOW_WORDS
from bots.commands.request import Request
from bots.messages import charts
from bots.messages.formatting import babel_locale, harmless, mask
from bots.messages.rendering import Look, has_words, words
from bots.messages.reply import Button, File, Reply, Say
from core import outbox
from core.actors import Role
from core.languages import FALLBACK
from core.notices import panels
from core.people import people
from core.reports.statistics import SeatFigures, Source, Statistics, statistics
from core.rules.csv_text import csv_text
from core.service import Core

WINDOWS = {"7d": 7, "30d": 30}
POOLS_SHOWN = 8
TEAMS_LISTED = 5
CSV_HEADER = ("section", "name", "figure", "value")


async def stats(
    core: Core, request: Request, *, window: str | None, pool: str | None, file: str | None, live: str | None
) -> Reply:
    """How the house is doing: standing figures, the last days, the fullest teams; or one message that keeps saying so."""
    window = window or "7d"
    if live is not None:
        return await _live(core, request, live, {"window": window, "pool": pool})
    found = await statistics(core, request.actor, days=WINDOWS[window], pool=pool)
    name = found.pool or "all"
    if file == "csv":
        content = ("\ufeff" + csv_text(CSV_HEADER, csv_rows(found))).encode()
        attached = File(f"usher-{window}-{found.at:%Y-%m-%d}.csv", content)
        return Reply("stats-csv", {"days": found.days}, files=(attached,), replace=False, private=False)
    if empty(found):
        return Reply("stats-empty", private=False)
    timezone = request.actor.timezone or core.settings.timezone
    pictures = await draw(found, request.language, timezone) if charts.can_draw() else []
    return Reply(
        "stats",
        {"pool": Say("stats-all") if found.pool is None else found.pool, "at": found.at},
        items=told(found),
        more=(alarm(found),) if charts.can_draw() else (alarm(found), Say("stats-no-pictures")),
        files=[replace(one, name=f"{name}-{one.name}") for one in pictures],
        buttons=_buttons(window, found),
        private=False,
    )


async def _live(core: Core, request: Request, live: str, wish: Mapping[str, Any]) -> Reply:
    """Begin to keep a message of this chat up to date, or stop it."""
    chat = request.chat
    if chat.platform not in outbox.CHATS:
        return Reply("stats-live-nowhere", state="refused")
    # An answer for the asker alone, in a server, speaks of the channel that it was asked in.
    alone = chat.private and chat.aside is None
    recipient = request.actor.identity if alone else outbox.in_chat(chat.platform, chat.id)
    if live == "unpin":
        ended = await panels.unpin(core, request.actor, recipient)
        return Reply("stats-unpinned" if ended else "stats-not-pinned", private=False)
    if wish["pool"] is not None:
        await statistics(core, request.actor, days=1, pool=wish["pool"])  # there has to be such a pool
    await panels.pin(core, request.actor, recipient, wish, request.language)
    return Reply("stats-pinned", private=False)


async def pushed(core: Core, facts: Mapping[str, Any]) -> Reply | None:
    """The figures as a live panel shows them; None where it shows them already, or its maker is no staff any more."""
    platform, _, identity = str(facts["maker"]).partition(":")
    maker = await people.recognise(core, platform, identity)
    if maker.role < Role.VIEWER or maker.ban is not None:
        return None
    found = await statistics(core, maker, days=WINDOWS[facts["window"]], pool=facts["pool"])
    head = {"pool": Say("stats-all") if found.pool is None else found.pool, "at": found.at}
    reply = Reply("stats", head, items=told(found), more=(alarm(found), Say("stats-live")), private=False)
    return None if mark(reply) == facts["shown"] else reply


def mark(reply: Reply) -> str:
    """Changes whenever the figures do; the moment of looking is none of them."""
    return hashlib.sha256(repr((reply.items, reply.more)).encode()).hexdigest()[:32]


def empty(found: Statistics) -> bool:
    """Is there nothing to say about the whole house: no team, no code, nobody?"""
    return found.pool is None and not (found.teams or found.codes.uses or found.invited_ever)


def told(found: Statistics) -> list[Say]:
    """The figures as lines to read, the most wanted first."""
    items = [
        Say("stats-codes", _codes(found)),
        Say("stats-seats", _seats(found.seats)),
        Say("stats-people", _people(found)),
    ]
    items.append(Say("stats-window", _window(found)))
    if found.acceptance is not None:
        items.append(Say("stats-acceptance", _acceptance(found)))
    if found.pool is None and len(found.pools) > 1:
        items.append(Say("stats-pools-heading"))
        items += [
            Say("stats-pool", {"pool": line.pool, "room": max(0, line.generatable), **_seats(line.seats)})
            for line in sorted(found.pools, key=lambda one: one.seats.share, reverse=True)[:POOLS_SHOWN]
        ]
    if found.fullest:
        items.append(Say("stats-teams-heading", {"count": found.teams}))
        items += [
            Say("stats-team", {"team": _shown(line.team), **_seats(line.seats)})
            for line in found.fullest[:TEAMS_LISTED]
        ]
    if found.platforms or found.batches:
        items.append(Say("stats-sources-heading"))
    if found.platforms:
        items.append(Say("stats-platforms", {"platforms": [_origin(one) for one in found.platforms]}))
    items += [
        Say("stats-batch", {"batch": str(one.batch), "label": one.name or Say("no-label"), "count": one.count})
        for one in found.batches
    ]
    return items


def _origin(of: Source) -> Say:
    named = has_words(key := f"platform-{of.name}", FALLBACK)
    return Say("stats-platform", {"platform": Say(key) if named else of.name, "count": of.count})


def alarm(found: Statistics) -> Say:
    """What was loud lately."""
    loud = found.alerts.get("error", 0) + found.alerts.get("critical", 0)
    return Say("stats-alerts", {"raised": sum(found.alerts.values()), "loud": loud, "open": found.alerts_open})


async def draw(found: Statistics, language: str, timezone: str) -> list[File]:
    """Trend, utilisation and funnel as pictures, without those that would show nothing.

    They are drawn off the loop, and the same figures only once.
    """

    def say(key: str, **facts: Any) -> str:
        return words(Say(key, facts), Look(language, "plain", 10_000, timezone))

    where = harmless(found.pool, most=40) if found.pool else say("chart-all-pools")
    under = say("chart-under", days=found.days, pool=where)
    pictures = []
    if any(one.redeemed or one.joined for one in found.trend):
        trend = await charts.trend_chart(
            [charts.TrendPoint(_day(one.day, language), one.redeemed, one.joined) for one in found.trend],
            charts.TrendLabels(
                say("chart-trend"), under, say("chart-redeemed"), say("chart-joined"), say("chart-nothing-yet")
            ),
        )
        pictures.append(File("trend.png", trend, image=True, caption=Say("stats-window", _window(found))))
    rows = [_row(_shown(line.team), line.seats) for line in found.fullest]
    if found.teams > len(rows) and rows:
        rows = rows[: charts.MOST_ROWS - 1]
        rows.append(_rest(say("chart-others", count=found.teams - len(rows)), found.seats, rows))
    if rows:
        seats = await charts.utilisation_chart(
            rows,
            charts.UtilisationLabels(
                say("chart-seats"),
                say(
                    "chart-seats-under", pool=where, used=found.seats.held + found.seats.taken, total=found.seats.total
                ),
                say("chart-taken"),
                say("chart-held"),
                say("chart-free"),
                say("chart-others", count=0),
                say("chart-no-teams"),
            ),
        )
        pictures.append(File("seats.png", seats, image=True, caption=Say("stats-seats", _seats(found.seats))))
    if found.codes.uses:
        funnel = await charts.funnel_chart(
            [
                charts.FunnelRow(say("funnel-uses"), found.codes.uses),
                charts.FunnelRow(say("funnel-invited"), found.invited_ever),
                charts.FunnelRow(say("funnel-joined"), found.joined_ever),
            ],
            charts.FunnelLabels(say("chart-funnel"), say("chart-funnel-under", pool=where), say("chart-nothing-yet")),
        )
        pictures.append(File("funnel.png", funnel, image=True, caption=Say("stats-people", _people(found))))
    return pictures


def csv_rows(found: Statistics) -> list[Sequence[Any]]:
    """One line per figure, so that a spreadsheet can filter and pivot them."""
    rows: list[Sequence[Any]] = [
        ("all", found.pool or "", "at", found.at),
        ("all", found.pool or "", "days", found.days),
    ]
    figures = {name: getattr(found, name) for name in (
        "pending", "members", "redeemed_ever", "invited_ever", "joined_ever", "people_ever", "redeemed", "people", "refused", "invited", "accepted",
        "joined", "median_seconds", "acceptance", "teams", "alerts_open",
    )}  # fmt: skip
    rows += [("all", found.pool or "", name, value) for name, value in figures.items()]
    for name in ("codes", "uses", "unused", "used", "expired", "disabled"):
        rows += [("codes", line.pool, name, getattr(line.codes, name)) for line in found.pools]
    for name in ("total", "free", "closed", "held", "taken", "share"):
        rows += [("pool seats", line.pool, name, getattr(line.seats, name)) for line in found.pools]
        rows += [("team seats", line.team, name, getattr(line.seats, name)) for line in found.fullest]
    rows += [("pool", line.pool, "generatable", line.generatable) for line in found.pools]
    for day in found.trend:
        rows += [
            ("day", day.day.isoformat(), "redeemed", day.redeemed),
            ("day", day.day.isoformat(), "joined", day.joined),
        ]
    rows += [("platform", one.name, "redeemed", one.count) for one in found.platforms]
    rows += [("batch", f"#{one.batch} {one.name}", "used", one.count) for one in found.batches]
    rows += [("alerts 24h", level, "raised", count) for level, count in sorted(found.alerts.items())]
    return rows


def _buttons(window: str, found: Statistics) -> Sequence[Sequence[Button]]:
    other = "30d" if window == "7d" else "7d"
    kept = {"window": window, "pool": found.pool}
    first = (
        Button(Say(f"button-window-{other}"), "stats", {**kept, "window": other}),
        Button(Say("button-refresh"), "stats", kept),
        Button(Say("button-table"), "stats", {**kept, "file": "csv"}),
    )
    if found.pool is not None:
        return (first, (Button(Say("button-all-pools"), "stats", {"window": window}),))
    names = [line.pool for line in found.pools] if len(found.pools) > 1 else []
    pools = [Button(Say("plain", {"text": name}), "stats", {**kept, "pool": name}) for name in names[:6]]
    return tuple(row for row in (first, tuple(pools[:3]), tuple(pools[3:])) if row)


def _codes(found: Statistics) -> dict[str, Any]:
    made = found.codes
    names = ("codes", "uses", "unused", "used", "expired", "disabled")
    return {**{name: getattr(made, name) for name in names}, "many": made.uses != made.codes}


def _seats(seats: SeatFigures) -> dict[str, Any]:
    return {
        "seats": seats.total,
        "used": seats.held + seats.taken,
        "taken": seats.taken,
        "held": seats.held,
        "free": seats.free,
        "closed": seats.closed,
        "share": _percent(seats.share),
    }


def _people(found: Statistics) -> dict[str, Any]:
    return {
        "redeemed": found.redeemed_ever,
        "people": found.people_ever,
        "members": found.members,
        "pending": found.pending,
    }


def _window(found: Statistics) -> dict[str, Any]:
    return {
        "days": found.days,
        "redeemed": found.redeemed,
        "people": found.people,
        "joined": found.joined,
        "refused": found.refused,
    }


def _acceptance(found: Statistics) -> dict[str, Any]:
    return {
        "share": _percent(found.acceptance or 0.0),
        "median": Say("no-median") if found.median_seconds is None else _length(found.median_seconds),
    }


def _length(seconds: float) -> Say:
    """A length of time in the one unit that is easiest to grasp."""
    span = timedelta(seconds=seconds)
    if span < timedelta(minutes=1):
        return Say("length-seconds", {"count": max(1, round(seconds))})
    if span < timedelta(hours=2):
        return Say("length-minutes", {"count": round(seconds / 60)})
    if span < timedelta(days=3):
        return Say("length-hours", {"count": round(seconds / 3600)})
    return Say("length-days", {"count": round(seconds / 86_400)})


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _day(day: date, language: str) -> str:
    # Short, so that neighbours on the axis keep apart.
    return format_date(day, "M/d" if language == "zh-CN" else "d MMM", locale=babel_locale(language))


def _shown(team: str) -> str:
    """A team is often called by its owner's address, which is nothing for a group."""
    return mask(team) if "@" in team else team


def _row(name: str, seats: SeatFigures) -> charts.UtilisationRow:
    return charts.UtilisationRow(name, seats.taken, seats.held, seats.free + seats.closed)


def _rest(name: str, seats: SeatFigures, rows: Sequence[charts.UtilisationRow]) -> charts.UtilisationRow:
    taken = seats.taken - sum(row.taken for row in rows)
    held = seats.held - sum(row.held for row in rows)
    free = seats.free + seats.closed - sum(row.free for row in rows)
    return charts.UtilisationRow(name, max(0, taken), max(0, held), max(0, free))


COMMANDS = (
    Command(
        "stats",
        Role.VIEWER,
        stats,
        "figures",
        (
            Argument("window", "choice", False, tuple(WINDOWS), also=WINDOW_WORDS),
            Argument("file", "choice", False, ("csv",)),
            Argument("live", "choice", False, ("pin", "unpin")),
            Argument("pool", "pool", False),
        ),
        public=True,
    ),
)
