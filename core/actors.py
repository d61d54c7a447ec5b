"""Who asks, with which role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from core.errors import Banned, NotAllowed


class Role(IntEnum):
    """Each role may do all that the ones before it may."""

    ANYONE = 0
    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3
    OWNER = 4

    @property
    def label(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, label: str) -> Role:
        return cls[label.strip().upper()]


@dataclass(frozen=True, slots=True)
class Ban:
    """Why somebody may do nothing here, and until when; no end is for good."""

    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Actor:
    """One identity on one platform. `identity` is the platform's stable id, never a user name.

    `beside` is a second name that its tries count under: where somebody comes from who can be a new one at any time.
    """

    platform: str
    identity: str
    role: Role = Role.ANYONE
    person_id: int | None = None
    language: str | None = None
    ban: Ban | None = None
    timezone: str | None = None
    beside: str | None = None

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.identity}"

    @property
    def counted(self) -> tuple[str, ...]:
        """The names that tries count under, in the order in which they are taken."""
        return (self.key,) if self.beside is None else (self.beside, self.key)

    def require(self, role: Role) -> None:
        """Return if this actor is not banned and its role reaches `role`, else raise Banned or NotAllowed."""
        if self.ban is not None:
            raise Banned(reason=self.ban.reason, until=self.ban.until, for_good=self.ban.until is None)
        if self.role < role:
            raise NotAllowed(role=role.label, has=self.role.label)


SYSTEM = Actor("system", "usher", Role.OWNER)
"""What a sweep does in nobody's name."""
