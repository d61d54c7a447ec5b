"""The workspaces behind the sandbox: who is in, who is invited, and a ledger of every invite call.

All three protocols work on this one state, so what is done through one is visible through the others.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final, Literal, TypeAlias

from core.clock import Clock

OWNER_ROLE: Final = "account-owner"
MEMBER_ROLE: Final = "standard-user"
SESSION_DAYS: Final = 90

InviteResult: TypeAlias = Literal["created", "existing", "member", "full", "address"]


@dataclass(slots=True)
class Person:
    """A member, or an invited person; `email` as it was written, keyed by its lower case."""

    id: str
    email: str
    role: str
    at: datetime
    name: str = ""
    invite_id: str | None = None
    active: bool = True
    external_id: str | None = None


@dataclass(slots=True)
class Space:
    """One simulated workspace. The owner is always a member and takes no seat."""

    id: str
    name: str
    token: str
    seats: int
    members: dict[str, Person] = field(default_factory=dict)
    invites: dict[str, Person] = field(default_factory=dict)
    accepted: list[Person] = field(default_factory=list)
    directory: dict[str, Person] = field(default_factory=dict)  # known to SCIM, without a seat
    events: list[dict[str, Any]] = field(default_factory=list)  # what an audit log would show, oldest first
    projects: dict[str, set[str]] = field(default_factory=dict)  # members' ids by project
    revoked: bool = False
    renewals: int = 0
    earlier: tuple[Person, ...] = ()  # the members before the last change
    frozen: tuple[Person, ...] | None = None  # the members when a stale list was switched on

    @property
    def owner(self) -> Person:
        """Whoever holds the workspace; the operator whose credential is used."""
        return next(person for person in self.members.values() if person.role == OWNER_ROLE)

    @property
    def taken(self) -> int:
        """Members that take a seat."""
        return sum(person.role != OWNER_ROLE for person in self.members.values())

    def has_room(self, fewer: int = 0) -> bool:
        """Whether one more person may be invited when a fault makes the workspace have `fewer` seats than it says."""
        return self.taken + len(self.invites) < max(self.seats - fewer, 1)

    def stale_members(self) -> tuple[Person, ...]:
        """The members as they were when a stale list was switched on, or before the last change."""
        return self.frozen if self.frozen is not None else self.earlier or tuple(self.members.values())

    def person(self, reference: str) -> Person | None:
        """A member by id or address."""
        by_address = self.members.get(reference.lower())
        return by_address or next((person for person in self.members.values() if person.id == reference), None)

    def invited(self, reference: str) -> Person | None:
        """A pending invite by id or address."""
        by_address = self.invites.get(reference.lower())
        return by_address or next((person for person in self.invites.values() if person.id == reference), None)


class World:
    """Every workspace and the ledger. Not thread-safe: all of it lives in one event loop."""

    def __init__(self, workspaces: int, seats: int, seed: int, clock: Clock) -> None:
        self._shape = (workspaces, seats)
        self._seed = seed
        self.clock = clock
        self.spaces: dict[str, Space] = {}
        self.calls: list[dict[str, Any]] = []
        self.by_token: dict[str, Space] = {}
        self._numbers = count(1)
        self.reset()

    def reset(self) -> None:
        """Start over: owners only, an empty ledger, the first credentials."""
        workspaces, seats = self._shape
        self.spaces.clear()
        self.by_token.clear()
        self.calls.clear()
        for number in range(1, workspaces + 1):
            space = Space(f"ws-{number}", f"Workspace {number}", "", seats)
            owner = Person(f"user-owner-{number}", f"owner.ws-{number}@example.com", OWNER_ROLE, self.clock.now())
            owner.name = f"Owner {number}"
            space.members[owner.email] = owner
            self.spaces[space.id] = space
            self._issue_token(space)

    def _issue_token(self, space: Space) -> None:
        # Derived, not random: a sandbox that is started again with the same seed knows the sessions it gave out.
        material = f"{self._seed}:{space.id}:{space.renewals}".encode()
        space.token = "sbx-" + hashlib.sha256(material).hexdigest()[:40]
        self.by_token[space.token] = space

    def revoke(self, space: Space, *, renew: bool) -> None:
        """End the workspace's credential; with `renew`, give out another one."""
        self.by_token.pop(space.token, None)
        space.revoked = not renew
        if renew:
            space.renewals += 1
            self._issue_token(space)

    def record(self, space: Space, email: str, *, applied: bool, request_id: str | None = None) -> None:
        """Enter one invite call into the ledger."""
        self.calls.append(
            {
                "workspace": space.id,
                "email": email,
                "at": self.clock.now().isoformat(),
                "request_id": request_id or f"req-{next(self._numbers)}",
                "applied": applied,
            }
        )

    def invite(
        self,
        space: Space,
        email: str,
        *,
        role: str = MEMBER_ROLE,
        fewer: int = 0,
        request_id: str | None = None,
        login: bool = False,
    ) -> tuple[InviteResult, Person | None]:
        """Invite one address (or `login`, a name without one) and enter it into the ledger; a pending one keeps its
        invite.
        """
        key = email.strip().lower()
        person: Person | None = None
        result: InviteResult
        if not login and ("@" not in key or " " in key):
            result = "address"
        elif key in space.members:
            result, person = "member", space.members[key]
        elif key in space.invites:
            result, person = "existing", space.invites[key]
        elif not space.has_room(fewer):
            result = "full"
        else:
            result, person = "created", Person(f"invite-{next(self._numbers)}", email.strip(), role, self.clock.now())
            space.invites[key] = person
            space.directory.pop(key, None)
            self._note(space, "invite.sent", person)
        self.record(space, email, applied=result == "created", request_id=request_id)
        return result, person

    def accept(self, email: str, space_id: str | None = None) -> list[str]:
        """Let an invited person join, in every workspace with a pending invite or in the one named; returns those
        joined.
        """
        joined = []
        for space in self.spaces.values():
            if space_id in {None, space.id} and (invite := space.invites.pop(email.strip().lower(), None)):
                space.accepted.append(invite)
                self._note(space, "invite.accepted", invite)
                self.join(space, invite.email, invite.role, invite_id=invite.id)
                joined.append(space.id)
        return joined

    def join(self, space: Space, email: str, role: str = MEMBER_ROLE, *, invite_id: str | None = None) -> Person:
        """Make somebody a member, whatever the seats say: added by hand, or after accepting an invite."""
        key = email.strip().lower()
        space.earlier = tuple(space.members.values())
        person = Person(f"user-{next(self._numbers)}", email.strip(), role, self.clock.now(), key.partition("@")[0])
        person.invite_id = invite_id
        space.members[key] = person
        space.directory.pop(key, None)
        return person

    def cancel(self, space: Space, email: str) -> Person | None:
        """Withdraw a pending invite."""
        person = space.invites.pop(email.strip().lower(), None)
        if person is not None:
            self._note(space, "invite.deleted", person)
        return person

    def _note(self, space: Space, event: str, person: Person) -> None:
        space.events.append({"type": event, "id": person.id, "email": person.email, "at": self.clock.now()})

    def leave(self, space: Space, person: Person) -> None:
        """Take a member out."""
        space.earlier = tuple(space.members.values())
        del space.members[person.email.lower()]

    def add_foreigner(self, space: Space) -> None:
        """Somebody whom nobody here invited joins, if a seat is free; never the same person twice."""
        email = f"stranger.{space.id}@elsewhere.example.com"
        if email not in space.members and space.has_room():
            self.join(space, email)

    def freeze(self, *, on: bool) -> None:
        """Keep today's members as the list that a stale-list fault goes on showing, or forget them."""
        for space in self.spaces.values():
            space.frozen = tuple(space.members.values()) if on else None

    def ledger(self) -> dict[str, list[dict[str, Any]]]:
        """Every invite call received, every member, every pending invite."""
        return {
            "invites": list(self.calls),
            "members": [
                {"workspace": space.id, "email": person.email, "role": person.role}
                for space in self.spaces.values()
                for person in space.members.values()
            ],
            "pending": [
                {"workspace": space.id, "email": person.email, "role": person.role, "id": person.id}
                for space in self.spaces.values()
                for person in space.invites.values()
            ],
        }

    def expiry(self) -> datetime:
        """When a credential given out now ends."""
        return self.clock.now() + timedelta(days=SESSION_DAYS)
