"""What staff do by programs: figures, codes, redemptions, teams, leases, alerts. The core decides; nothing is decided here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pydantic import ConfigDict, Field

from bots.gateway.operations import AskedText, Caller, Given, Nothing, Operation, Told, plain_json
from bots.messages.rendering import has_words
from core.actors import Role
from core.alerts import alerts
from core.alerts import report as alert_report
from core.alerts.report import AlertLine
from core.codes import codes, exports
from core.codes import report as code_report
from core.codes.report import CodeFilter
from core.errors import NotFound
from core.leases import report as lease_report
from core.leases.report import LeaseFilter
from core.redemptions import report as redemption_report
from core.redemptions.report import RedemptionFilter
from core.reports.statistics import statistics
from core.rules.gifts import read_giving
from core.sweeps.alerts import check
from core.sync import sync
from core.teams import report as team_report
from core.transfers import transfers

PAGE: Final = 100
LONGEST: Final = 1_000


class PageAsked(Given):
    """What stands in a URL is text, so numbers are read out of text."""

    model_config = ConfigDict(strict=False, extra="ignore")
    limit: int = Field(PAGE, ge=1, le=LONGEST)


class CodesAsked(PageAsked):
    team: AskedText | None = None
    pool: AskedText | None = None
    status: Literal["active", "unused", "used", "expired", "disabled"] | None = None
    after: int = Field(0, ge=0, le=2**53)


class Generate(Given):
    count: int = Field(ge=1, le=10_000)
    team_name: AskedText | None = None
    pool: AskedText | None = None
    max_uses: int = Field(1, ge=1, le=1_000_000)
    expires_days: int | None = Field(None, ge=1, le=36_500)
    auto_transfer: bool = True
    term: AskedText | None = None
    gives: AskedText = "seat"
    label: str = Field("", max_length=100, pattern=r"^[^\x00]*$")
    note: str = Field("", max_length=500, pattern=r"^[^\x00]*$")


class Toggle(Given):
    status: Literal["active", "disabled"] | None = None


class LeasesAsked(PageAsked):
    email: AskedText | None = None
    which: Literal["live", "expiring", "expired", "pending", "moving", "ended", "all"] | None = None


class OfAddress(Given):
    email: AskedText


class Move(Given):
    email: AskedText
    force: bool = False
    to: AskedText | None = None


class AlertsAsked(PageAsked):
    limit: int = Field(50, ge=1, le=LONGEST)
    level: Literal["info", "warning", "error", "critical"] | None = None
    category: Literal["team_capacity", "transfer_failure", "provider", "database", "security", "system"] | None = None
    state: Literal["open", "resolved", "any"] = "any"


class Resolve(Given):
    resolved_by: AskedText | None = None


class Stats(Told):
    stats: dict[str, Any]
    teams: list[dict[str, Any]]


class CodesTold(Told):
    codes: list[dict[str, Any]]


class Generated(Told):
    message: str
    codes: list[str]
    batch: dict[str, Any]


class Toggled(Told):
    message: str
    status: str


class DoneTold(Told):
    message: str


class Redemptions(Told):
    redemptions: list[dict[str, Any]]


class Leases(Told):
    leases: list[dict[str, Any]]
    total: int


class Synced(Told):
    message: str
    teams: list[dict[str, Any]]


class Moved(Told):
    message: str
    transfers: list[dict[str, Any]]


class Dashboard(Told):
    data: dict[str, Any]


class Alerts(Told):
    alerts: list[dict[str, Any]]
    total: int


class Checked(Told):
    message: str
    found: dict[str, int]


async def stats(caller: Caller, _: Nothing) -> Stats:
    """The figures of the house."""
    found = await statistics(caller.core, caller.actor)
    teams = await team_report.team_list(caller.core, caller.actor)
    figures = {
        "total_codes": found.codes.codes,
        "active_codes": found.codes.unused,
        "used_codes": found.codes.used,
        "total_redemptions": found.redeemed_ever,
        "unique_users": found.people_ever,
        "pending_invites": found.pending,
        "members": found.members,
        "free_seats": found.seats.free,
        "open_alerts": found.alerts_open,
    }
    return Stats(
        stats=figures,
        teams=[
            {
                "team_name": one.name,
                "total_seats": one.capacity,
                # Its clients count a seat as used once its person has joined, and as pending until then.
                "used_seats": max(0, one.taken - one.pending),
                "pending_seats": one.held + min(one.taken, one.pending),
                "available_seats": one.free if one.state == "active" else 0,
                "created_at": one.created_at.isoformat(),
                "pool": one.pool,
                "state": one.state,
            }
            for one in teams
        ],
    )


async def code_list(caller: Caller, given: CodesAsked) -> CodesTold:
    """Codes; their text for those who may generate, and the last four symbols for everybody."""
    core = caller.core
    state = "unused" if given.status == "active" else given.status
    wanted = CodeFilter(team=given.team, pool=given.pool, state=state)
    found = await code_report.code_list(core, caller.actor, wanted, after=given.after, most=given.limit)
    shown: dict[int, str] = {}
    if caller.actor.role >= Role.OPERATOR and found:
        shown = await exports.reveal_codes(core, caller.actor, [one.id for one in found])
    return CodesTold(
        codes=[
            {
                "id": one.id,
                "code": shown.get(one.id, f"…{one.last4}"),
                "last4": one.last4,
                "team_name": one.team,
                "pool": one.pool,
                "max_uses": one.max_uses,
                "used_count": one.used,
                "status": "active" if one.state == "unused" else one.state,
                "batch": one.batch,
                "term": one.term,
                "created_at": _moment(one.created_at),
                "expires_at": _moment(one.expires_at),
                "auto_transfer": one.auto_transfer,
            }
            for one in found
        ]
    )


async def generate(caller: Caller, given: Generate) -> Generated:
    """Make codes, never more than there are free seats for."""
    core = caller.core
    plan = codes.BatchPlan(
        count=given.count,
        uses=given.max_uses,
        pool=given.pool,
        team=given.team_name,
        expires_at=None if given.expires_days is None else core.now() + timedelta(days=given.expires_days),
        term=given.term,
        auto_transfer=given.auto_transfer,
        label=given.label,
        note=given.note,
        giving=read_giving(given.gives),
    )
    batch, made = await codes.generate_list(core, caller.actor, plan, most=core.settings.codes.most_by_chat)
    told = {"id": batch.id, "pool": batch.pool, "team": batch.team, "term": batch.term, "available": batch.available}
    return Generated(message=caller.words("api-generated", count=len(made)), codes=made, batch=told)


async def toggle(caller: Caller, given: Toggle) -> Toggled:
    """Switch a code off, or on again; without a word of what it should be, to the other one."""
    number = caller.number("code_id")
    wanted = given.status
    if wanted is None:
        found = await code_report.code_list(caller.core, caller.actor, CodeFilter(), after=number - 1, most=1)
        if not found or found[0].id != number:
            raise NotFound(kind="code", name=str(number))
        wanted = "active" if found[0].state == "disabled" else "disabled"
    await codes.set_status_of(caller.core, caller.actor, number, wanted)
    return Toggled(message=caller.words(f"api-code-{wanted}"), status=wanted)


async def delete_code(caller: Caller, _: Nothing) -> DoneTold:
    """Delete a code that nobody has used."""
    await codes.set_status_of(caller.core, caller.actor, caller.number("code_id"), "deleted")
    return DoneTold(message=caller.words("api-code-deleted"))


async def redemption_list(caller: Caller, given: PageAsked) -> Redemptions:
    """What was redeemed, the latest first."""
    found = await redemption_report.redemption_list(caller.core, caller.actor, RedemptionFilter(), most=given.limit)
    return Redemptions(
        redemptions=[
            {
                "id": one.id,
                "email": one.address,
                "code": f"…{one.code_last4}",
                "team_name": one.team,
                "redeemed_at": one.at.isoformat(),
                "invite_status": _invite(one.state, one.lease_status),
                "ip_address": None,
                "state": one.state,
                "reason": one.reason,
                "pool": one.pool,
                "team_now": one.team_now,
                "platform": one.platform,
            }
            for one in found
        ]
    )


async def lease_list(caller: Caller, given: LeasesAsked) -> Leases:
    """Who has a seat where, until when."""
    which = given.which or ("all" if given.email else "live")
    wanted = LeaseFilter(which, address=given.email)
    found = await lease_report.lease_list(caller.core, caller.actor, wanted, limit=given.limit)
    return Leases(
        total=found.total,
        leases=[
            {
                "id": one.id,
                "email": one.address,
                "team_name": one.team,
                "pool": one.pool,
                "status": one.status,
                "invited_at": _moment(one.invited_at),
                "joined_at": _moment(one.joined_at),
                "expires_at": _moment(one.expires_at),
                "ended_at": _moment(one.ended_at),
                "transfer_count": one.transfer_count,
                "auto_transfer": one.auto_transfer,
                "moving_to": one.moving_to,
            }
            for one in found.lines
        ],
    )


async def sync_address(caller: Caller, given: OfAddress) -> Synced:
    """Read anew, from the workspaces, how an address stands in them."""
    caller.actor.require(Role.OPERATOR)
    readings = await sync.sync_address(caller.core, caller.actor, given.email)
    told = [{"team_name": one.team, "complete": one.complete} for one in readings]
    return Synced(message=caller.words("api-synced"), teams=told)


async def move(caller: Caller, given: Move) -> Moved:
    """Move an address to another team."""
    found = await transfers.transfer(caller.core, caller.actor, given.email, to=given.to, forced=given.force)
    told = [{"id": one.id, "state": one.state, "from": one.from_team, "to": one.to_team} for one in found]
    return Moved(message=caller.words("api-moving"), transfers=told)


async def dashboard(caller: Caller, _: Nothing) -> Dashboard:
    """How many alerts are open, by level, and the latest of them."""
    found = await alert_report.alert_list(caller.core, caller.actor, state="open", most=LONGEST)
    counts = dict.fromkeys(("critical", "error", "warning", "info"), 0)
    for one in found.lines:
        counts[one.level] += 1
    recent = [_alert(caller, one) for one in found.lines[:10]]
    return Dashboard(data={"alert_stats": counts, "recent_alerts": recent, "timestamp": caller.core.now().isoformat()})


async def alert_list(caller: Caller, given: AlertsAsked) -> Alerts:
    """Alerts, the loudest and latest first."""
    found = await alert_report.alert_list(
        caller.core, caller.actor, state=given.state, level=given.level, category=given.category, most=given.limit
    )
    return Alerts(alerts=[_alert(caller, one) for one in found.lines], total=found.total)


async def resolve(caller: Caller, _: Resolve) -> DoneTold:
    """End an alert, in the name of the key's person."""
    await alerts.resolve(caller.core, caller.actor, caller.number("alert_id"))
    return DoneTold(message=caller.words("api-alert-resolved"))


async def check_now(caller: Caller, _: Nothing) -> Checked:
    """Look now at everything that alerts are raised for."""
    caller.actor.require(Role.OPERATOR)
    found = await check(caller.core)
    counted = {name: value for name, value in found.facts.items() if isinstance(value, int)}
    return Checked(message=caller.words("api-checked"), found=counted)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _invite(state: str, lease: str | None) -> str:
    """The words of the interface that existed before."""
    if state == "refused":
        return "failed"
    return {"active": "accepted", "transferring": "accepted", "ended": "accepted"}.get(lease or "", "pending")


def _alert(caller: Caller, one: AlertLine) -> dict[str, Any]:
    key = f"alert-{one.title}" if has_words(f"alert-{one.title}", "en") else "alert-any"
    plain = {name: value for name, value in one.facts.items() if isinstance(value, (str, int, datetime))}
    return {
        "id": one.id,
        "level": one.level,
        "category": one.category,
        "title": caller.words(f"category-{one.category}"),
        "message": caller.words(key, **{"which": "", "title": one.title, **plain}),
        "metadata": plain_json(one.facts),
        "subject": one.subject,
        "count": one.count,
        "created_at": one.created_at.isoformat(),
        "last_seen_at": one.last_seen_at.isoformat(),
        "resolved_at": _moment(one.resolved_at),
        "resolved_by": one.resolved_by,
    }


OPERATIONS: Final = (
    Operation("GET", "/api/admin/stats", "figures", "The figures of the house.", stats, Stats),
    Operation("GET", "/api/admin/codes", "viewer", "List codes.", code_list, CodesTold, query=CodesAsked),
    Operation("POST", "/api/admin/codes/generate", "operator", "Make codes.", generate, Generated, body=Generate, once=True),
    Operation("POST", "/api/admin/codes/{code_id}/toggle", "operator", "Switch a code off or on.", toggle, Toggled, body=Toggle, once=True),
    Operation("DELETE", "/api/admin/codes/{code_id}", "operator", "Delete a code without uses.", delete_code, DoneTold),
    Operation("GET", "/api/admin/redemptions", "viewer", "List redemptions.", redemption_list, Redemptions, query=PageAsked),
    Operation("GET", "/api/admin/leases", "viewer", "List seats that people have.", lease_list, Leases, query=LeasesAsked),
    Operation("POST", "/api/admin/leases/sync", "operator", "Read how an address stands.", sync_address, Synced, body=OfAddress),
    Operation("POST", "/api/admin/leases/transfer", "operator", "Move an address.", move, Moved, body=Move, once=True),
    Operation("GET", "/api/admin/monitor/dashboard", "figures", "Open alerts.", dashboard, Dashboard),
    Operation("GET", "/api/admin/monitor/alerts", "viewer", "List alerts.", alert_list, Alerts, query=AlertsAsked),
    Operation("POST", "/api/admin/monitor/alerts/{alert_id}/resolve", "operator", "End an alert.", resolve, DoneTold, body=Resolve),
    Operation("POST", "/api/admin/monitor/check", "operator", "Run the checks now.", check_now, Checked),
)  # fmt: skip
