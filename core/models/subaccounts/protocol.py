"""What a parent promises: a source that can make accounts of its own for others.

The name of a subaccount is what makes it one: `create` is never repeated blindly. After an `Unclear` the caller reads
`named` back, later than `LIST_LAG`: what stands there was made, and its key, which is told only once, was lost with
the answer, so it is revoked and made anew. No adapter raises for what the upstream or the network does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, TypeAlias

from core.providers.protocol import Done, Failure, Listing

LIST_LAG: Final = 60.0
"""Seconds after which what was made shows in a parent's list. None of the three says; this is what seats wait."""

DeniedReason: TypeAlias = Literal[
    "taken",  # somebody has this name: look it up before anything else
    "refused",  # the parent will not make it, and says so
]


@dataclass(frozen=True, slots=True)
class ParentAccount:
    """How a parent is reached. `admin_key` is decrypted and must not be logged.

    `base_url` ends where the paths of the protocol begin; that of `openai_admin` ends with the project
    (`https://api.openai.com/v1/organization/projects/proj_…`).
    """

    adapter: str
    base_url: str
    admin_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Made:
    """The subaccount is there. `api_key` is told this once."""

    reference: str
    api_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Denied:
    """Nothing was made."""

    reason: DeniedReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Existing:
    """A subaccount that the parent lists. Its key cannot be read any more."""

    reference: str
    name: str


class Parent(Protocol):
    """One parent. The contract test in `tests/models` runs on every adapter."""

    async def create(self, name: str) -> Made | Denied | Failure:
        """Ask for a subaccount of this name. Whether a second one of the name could be made is not promised."""
        ...

    async def named(self, name: str) -> Listing[Existing] | Failure:
        """Every subaccount of exactly this name, from a list that was read whole."""
        ...

    async def all(self) -> Listing[Existing] | Failure:
        """Every subaccount that it has, also those that others asked for, from a list that was read whole."""
        ...

    async def revoke(self, reference: str) -> Done | Failure:
        """End a subaccount and its key. One that is not there any more is done."""
        ...
