"""The house itself: who is staff, backups, the encryption key, what works by itself, and how it is set up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from bots.commands.command import Argument, Command
from bots.commands.questions import CANCEL_BUTTON, ask, confirm, refusal_reply
from bots.commands.request import Request
from bots.commands.staff import jobs
from bots.commands.staff.strangers import dry_run
from bots.messages.rendering import has_words
from bots.messages.reply import Brief, Button, File, Reply, Say
from bots.messages.rounds import came_of
from core.actors import Role
from core.command_errors import BadValue, MissingArgument
from core.errors import BadChoice, NotFound
from core.jobs import chores
from core.languages import FALLBACK
from core.people import people
from core.people import staff as actions
from core.people.staff import StaffLine
from core.service import Core
from core.sweeps import control as sweeps
from core.sweeps import schedule
from core.sweeps.report import SweepStatus, sweep_list
from core.sync.strangers import was_seen
from core.upkeep import backups, clock_watch, rotation

ROLES = ("viewer", "operator", "admin", "owner")
ACTIONS = ("list", "grant", "revoke", "token")
_MENTION = re.compile(r"(?:<@!?)?(\d{1,20})>?", re.ASCII)
STRANGERS = "unauthorised"
"""The sweep that takes people out: before it does, somebody looks at whom."""


async def staff(core: Core, request: Request, *, action: str | None, role: str | None, identity: str | None) -> Reply:
    """Who may do what; give somebody a role, take it away, or make a sign-in token."""
    if action is None and role is not None:
        action = "grant"
    if action is None and identity is not None:
        raise MissingArgument(name="action")
    if action in {None, "list"}:
        return await _staff_list(core, request)
    if action == "token":
        if role is None:
            return _ask_role({"action": "token"}, Reply("ask-staff-token"))
        token, until = await people.issue_token(core, request.actor, Role.named(role))
        facts = {"token": token, "role": Say(f"role-{role}"), "until": until}
        link = request.chat.deep_link(token) if request.chat.deep_link is not None else None
        shown = [Say("staff-token-link", {"link": link})] if link else []
        return Reply("staff-token", facts, more=shown, replace=False)
    if identity is None:
        given = {"action": action, **({"role": role} if role else {})}
        return await ask(core, request, "staff", "identity", given, Reply(f"ask-staff-{action}"))
    identity = _as_identity(request, identity)
    try:
        actions.read_identity(identity)
    except BadValue as refusal:
        return _by_token(refusal, action or "", role)
    if action == "grant" and role is None:
        return _ask_role({"action": "grant", "identity": identity}, Reply("ask-staff-role", {"identity": identity}))
    facts = {"identity": identity, "role": Say(f"role-{role or 'anyone'}")}
    wish = {"action": action, "identity": identity, **({"role": role} if role else {})}
    if not request.confirmed:
        others = await actions.also_known_as(core, request.actor, identity)
        more = [Say("staff-grant-also", {"others": others})] if others else []
        question = Reply(f"staff-{action}", facts, more=more)
        return confirm(question, "staff", wish, label=f"button-{action}", danger=action == "revoke" or role == "owner")
    if action == "grant":
        await actions.grant(core, request.actor, identity, Role.named(role or ""))
        return await _staff_list(core, request, Say("staff-granted", facts))
    await actions.revoke(core, request.actor, identity)
    return await _staff_list(core, request, Say("staff-revoked", facts))


def _as_identity(request: Request, written: str) -> str:
    """A mention of Discord's, or a number alone, which is one of the platform that it is written on."""
    mentioned = _MENTION.fullmatch(written.strip())
    if mentioned is None:
        return written
    return f"{request.chat.platform}:{mentioned[1]}"


def _by_token(refusal: BadValue, action: str, role: str | None) -> Reply:
    """A name is nobody for certain: whoever is meant claims the role with a token."""
    if action != "grant" or ":" in refusal.facts["value"]:
        return refusal_reply(refusal, buttons=((Button(Say("button-staff"), "staff"),),))
    wish = {"action": "token", **({"role": role} if role else {})}
    token = Button(Say("button-staff-token-instead"), "staff", wish, style="primary")
    return Reply("staff-by-token", {"name": refusal.facts["value"]}, buttons=((token, CANCEL_BUTTON),), state="refused")


async def leave(core: Core, request: Request) -> Reply:
    """Give up one's own role."""
    request.actor.require(Role.VIEWER)
    role = Say(f"role-{request.actor.role.label}")
    refused_anyway = request.actor.key in core.settings.staff.owners
    if not request.confirmed and not refused_anyway:
        return confirm(Reply("leave", {"role": role}), "leave", {}, label="button-leave-staff")
    await actions.leave(core, request.actor)
    return Reply("left-staff", {"role": role}, menu=True)


async def backup(core: Core, request: Request, *, copy: str | None) -> Reply:
    """Copy everything into a new file as a job, which says where it is; or hand such a file out."""
    if copy is not None:
        content = await backups.read_backup(core, request.actor, copy)
        if len(content) > jobs.MOST_SENT:
            return Reply("backup-too-large", {"file": copy}, state="refused")
        return Reply("backup-sent", {"file": copy}, files=(File(copy, content),), replace=False)
    begun = await chores.start(core, request.actor, "backup", request_key=request.key, place=jobs.place_of(request))
    return await jobs.started(core, request, begun.job_id, begun.items, merged=begun.merged, key="job-begun")


async def rotate(core: Core, request: Request) -> Reply:
    """Say what is under an older key; once confirmed, write it anew under the active one, as a job."""
    left = await rotation.rotation_left(core, request.actor)
    if not request.confirmed:
        return _rotation_left(left)
    begun = await chores.start(core, request.actor, "rotate", request_key=request.key, place=jobs.place_of(request))
    return await jobs.started(core, request, begun.job_id, begun.items, merged=begun.merged, key="job-begun")


async def sweep(core: Core, request: Request, *, action: str | None, name: str | None) -> Reply:
    """What works by itself: when it ran, what came of it, when it is due; run one now, pause it, let it go on."""
    # Other things keep their place among the sweeps, such as who fetches a bot's messages: none of them may be paused.
    found = [one for one in await sweep_list(core, request.actor) if schedule.named(one.name) is not None]
    if action == "confirm":
        confirmed = await clock_watch.confirm(core, request.actor)
        return Reply("sweep-confirmed" if confirmed else "sweep-nothing-held")
    if action == "dry":
        if name not in {None, STRANGERS}:
            raise BadChoice(name="name", value=name or "", choices=[STRANGERS])
        return await dry_run(core, request)
    if name is None and action is None:
        return _sweeps(core, found)
    if name is None:
        row = [Button(_sweep_name(one.name), "sweep", {"action": action, "name": one.name}) for one in found]
        rows = tuple(tuple(row[start : start + 2]) for start in range(0, len(row), 2))
        return Reply(f"ask-sweep-{action}", buttons=rows, state="asking")
    name = name.casefold()
    if schedule.named(name) is None:
        raise NotFound(kind="sweep", name=name)
    if all(one.name != name for one in found):
        return Reply("sweeps-none")  # no worker has begun it yet
    if action == "run":
        await sweeps.run_soon(core, request.actor, name)
    elif (
        action == "resume" and name == STRANGERS and not request.confirmed and not await core.read(was_seen, core.now())
    ):
        first = Button(Say("button-see-strangers"), "sweep", {"action": "dry", "name": name})
        question = Reply("sweep-unseen", buttons=((first,),))
        return confirm(question, "sweep", {"action": action, "name": name}, label="button-sweep-resume")
    elif action is not None:
        await sweeps.pause(core, request.actor, name, paused=action == "pause")
    one = next((each for each in await sweep_list(core, request.actor) if each.name == name), None)
    if one is None:
        raise NotFound(kind="sweep", name=name)
    told = [Say(f"sweep-told-{action}")] if action else []
    which = {"name": name}
    turn = "resume" if one.paused else "pause"
    look = (Button(Say("button-see-strangers"), "sweep", {"action": "dry", **which}),)
    rows = (
        (
            Button(Say("button-sweep-run"), "sweep", {"action": "run", **which}),
            Button(Say(f"button-sweep-{turn}"), "sweep", {"action": turn, **which}),
        ),
        *((look,) if name == STRANGERS else ()),
        (Button(Say("button-look-again"), "sweep", which), Button(Say("button-sweeps"), "sweep")),
    )
    return Reply("sweep", {"name": _sweep_name(name)}, items=told, more=[_sweep_line(core, one)], buttons=rows)


async def _staff_list(core: Core, request: Request, told: Say | None = None) -> Reply:
    lines = await actions.staff_list(core, request.actor)
    rows = (
        (
            Button(Say("button-staff-token"), "staff", {"action": "token"}),
            Button(Say("button-staff-grant"), "staff", {"action": "grant"}),
        ),
        (Button(Say("button-staff-revoke"), "staff", {"action": "revoke"}),),
    )
    items = [_staff_line(line) for line in lines]
    if told is not None:
        return Reply(told.key, told.facts, items=items, buttons=rows)
    return Reply("staff", {"count": len(lines)}, items=items, buttons=rows)


def _staff_line(line: StaffLine) -> Say:
    since = Say("staff-configured") if line.configured or line.since is None else Say("since", {"moment": line.since})
    return Say("staff-line", {"who": list(line.identities), "role": Say(f"role-{line.role}"), "since": since})


def _ask_role(wish: dict[str, Any], question: Reply) -> Reply:
    row = [Button(Say(f"role-{one}"), "staff", {**wish, "role": one}) for one in ROLES]
    cancel = Button(Say("button-cancel"), "cancel")
    return Reply(question.key, question.facts, buttons=(tuple(row[:2]), tuple(row[2:]), (cancel,)), state="asking")


def _rotation_left(left: rotation.Rotation) -> Reply:
    items = [Say(f"rotate-left-{kind}", {"count": count}) for kind, count in left.left.items()]
    facts = {"active": left.active}
    if not left.left.keys() & {"codes", "teams", "sources", "hooks", "texts"}:
        return Reply("rotate-nothing", facts, items=items, more=list(_what_remains(left)))
    return confirm(Reply("rotate", facts, items=items, more=[Say("rotate-how")]), "rotate", {}, danger=False)


def _what_remains(done: rotation.Rotation) -> Iterator[Say]:
    if done.complete:
        yield Say("rotate-complete")
    elif done.keep_until is not None:
        yield Say("rotate-keep", {"until": done.keep_until})
    elif done.left:
        yield Say("rotate-again", {"count": sum(done.left.values())})


def _sweeps(core: Core, found: Sequence[SweepStatus]) -> Reply:
    if not found:
        return Reply("sweeps-none")
    buttons = [Button(_sweep_name(one.name), "sweep", {"name": one.name}) for one in found]
    rows = tuple(tuple(buttons[start : start + 3]) for start in range(0, len(buttons), 3))
    idle = [Say("sweeps-late")] if any(one.late for one in found) and not any(one.running for one in found) else []
    return Reply("sweeps", items=[_sweep_line(core, one) for one in found], more=idle, buttons=rows)


def _sweep_line(core: Core, one: SweepStatus) -> Say:
    now = core.now()
    mark = "off" if one.paused else "expired" if one.failed else "active"
    facts = {
        "name": _sweep_name(one.name),
        "key": one.name,
        "mark": Say(f"mark-{mark}"),
        "at": Brief(one.finished_at, now) if one.finished_at else Say("sweep-never"),
        "seconds": "–" if one.seconds is None else f"{one.seconds:.1f}",
        "next": Say("sweep-paused") if one.paused else Brief(one.due_at, now),
        "outcome": came_of(one.outcome, one.facts),
    }
    return Say("sweep-line-running" if one.running else "sweep-line-late" if one.late else "sweep-line", facts)


def _sweep_name(name: str) -> Say:
    key = f"sweep-name-{name}"
    return Say(key) if has_words(key, FALLBACK) else Say("plain", {"text": name})


COMMANDS = (
    Command(
        "sweep",
        Role.ADMIN,
        sweep,
        "operations",
        (
            Argument("action", "choice", False, ("run", "pause", "resume", "confirm", "dry")),
            Argument("name", "text", False),
        ),
    ),
    Command(
        "staff",
        Role.OWNER,
        staff,
        "staff",
        (
            Argument("action", "choice", False, ACTIONS),
            Argument("role", "choice", False, ROLES),
            Argument("identity", "text", False),
        ),
    ),
    Command("leave", Role.VIEWER, leave, "staff", harmful=True),
    Command("backup", Role.OWNER, backup, "staff", (Argument("copy", "text", False),)),
    Command("rotate", Role.OWNER, rotate, "staff"),
)
