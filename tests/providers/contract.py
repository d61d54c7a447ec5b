"""How the contract's calls are made and worded, for whichever adapter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.providers.protocol import (
    Capacity,
    CredentialCheck,
    Done,
    Failure,
    Listing,
    Member,
    PendingInvite,
    Provider,
    ProviderAnswer,
    Refused,
    Standing,
    Unavailable,
    Unclear,
)
from core.sandbox import Sandbox

NEW = "new@people.example"
MEMBER = "member-1@people.example"
PENDING = "pending-1@people.example"
LATE = "late@people.example"


@dataclass(frozen=True)
class Row:
    fault: str
    call: str
    answers: dict[str, str]
    upstream: str


def rows_of(table: str) -> list[Row]:
    """Read the table: one row a line, columns between bars; a ditto mark repeats the column to the left."""
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.strip().splitlines()]
    head, rows = lines[0], lines[2:]
    made = []
    for cells in rows:
        assert len(cells) == len(head), cells
        for place in range(3, len(cells) - 1):
            if cells[place] == '"':
                cells[place] = cells[place - 1]
        made.append(Row(cells[0], cells[1], dict(zip(head[2:-1], cells[2:-1], strict=True)), cells[-1]))
    return made


def set_stage(sandbox: Sandbox) -> None:
    """An owner, two members and three pending invites in a workspace of eight seats."""
    world, space = sandbox.world, sandbox.world.spaces["ws-1"]
    for number in (1, 2):
        world.invite(space, f"member-{number}@people.example")
        world.accept(f"member-{number}@people.example")
    for number in (1, 2, 3):
        world.invite(space, f"pending-{number}@people.example")
    world.calls.clear()


def scoped(fault: str, call: str) -> list[str]:
    """The fault aimed at the call of the row; an invite gets it in its usual scope."""
    if call == "invite":
        return [fault]
    if call in {"members", "pending", "look_up"}:
        return [f"members:{fault}", f"pending:{fault}"]
    return [f"{'all' if call == 'check' else call}:{fault}"]


async def aim_at(provider: Provider, call: str) -> Member | PendingInvite | None:
    """Whom the call is about, as read while all was well."""
    if call == "cancel":
        return await found_invite(provider, PENDING)
    return await found_member(provider, MEMBER) if call == "remove" else None


async def make(provider: Provider, call: str, aim: Member | PendingInvite | None) -> object:
    match call:
        case "invite":
            return await provider.invite(NEW)
        case "members":
            return await provider.members()
        case "pending":
            return await provider.pending_invites()
        case "look_up":
            return await provider.look_up(PENDING)
        case "cancel":
            assert isinstance(aim, PendingInvite)
            return await provider.cancel_invite(aim)
        case "remove":
            assert isinstance(aim, Member)
            return await provider.remove_member(aim)
        case "seats":
            return await provider.capacity()
        case "check":
            return await provider.check_credential()
    raise AssertionError(call)


async def found_invite(provider: Provider, address: str) -> PendingInvite:
    listed = await provider.pending_invites()
    assert isinstance(listed, Listing), listed
    return next(invite for invite in listed.items if invite.address == address)


async def found_member(provider: Provider, address: str) -> Member:
    listed = await provider.members()
    assert isinstance(listed, Listing), listed
    return next(member for member in listed.items if member.address == address)


def worded(answer: ProviderAnswer | Failure | Any) -> str:
    match answer:
        case Done():
            return "done"
        case Refused(reason=reason):
            return f"refused {reason}"
        case Unavailable(reason="rate_limited", retry_after=seconds):
            return f"rate_limited {seconds:.0f} s"
        case Unavailable(reason=reason):
            return f"unavailable {reason}"
        case Unclear():
            return "unclear"
        case Listing(items=items):
            known = [item.address for item in items if item.address is not None]
            assert all(address == address.lower() for address in known)
            assert len({*known}) == len(known)
            return f"list of {len(items)}"
        case Standing(member=member, invite=invite):
            return "member" if member else "invited" if invite else "absent"
        case Capacity(seats=None):
            return "not counted"
        case Capacity(seats=seats, pending=pending):
            return f"{seats} seats, {'?' if pending is None else pending} pending"
        case CredentialCheck():
            return "valid"
    raise AssertionError(answer)


def upstream_effect(sandbox: Sandbox) -> str:
    """What the call did in the workspace, whatever was answered."""
    space = sandbox.world.spaces["ws-1"]
    done = []
    if NEW in space.invites:
        done.append("invited")
    if PENDING not in space.invites:
        done.append("withdrawn")
    if MEMBER not in space.members:
        done.append("removed")
    calls = [call for call in sandbox.ledger()["invites"] if call["email"] == NEW]
    assert [call["applied"] for call in calls].count(True) == ("invited" in done)
    return ", ".join(done) or "nothing"
