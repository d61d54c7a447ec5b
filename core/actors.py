"""Who asks, with which role."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from core.errors import NotAllowed


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
class Actor:
    """One identity on one platform. `identity` is the platform's stable id, never a user name."""

    platform: str
    identity: str
    role: Role = Role.ANYONE
    person_id: int | None = None
    language: str | None = None

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.identity}"

    def require(self, role: Role) -> None:
        """Return if this actor's role reaches `role`, else raise NotAllowed."""
        if self.role < role:
            raise NotAllowed(role=role.label)


SYSTEM = Actor("system", "usher", Role.OWNER)
"""What a sweep does in nobody's name."""
