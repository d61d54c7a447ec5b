"""What every adapter promises, in Usher's words.

An adapter speaks one upstream's protocol for one team. It never raises for anything the upstream or the network does:
every call ends in one of the answers below, so the caller has to decide about each of them. It opens no transaction and
knows no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Generic, Literal, Protocol, TypeAlias, TypeVar

T = TypeVar("T")

RefusedReason: TypeAlias = Literal["address", "full", "already_member", "not_allowed"]
UnavailableReason: TypeAlias = Literal[
    "credential",  # the credential was rejected (401/403 for the whole team)
    "gone",  # the workspace is deactivated or does not exist
    "rate_limited",  # the upstream asked for a pause
    "paused",  # our own breaker or budget holds the call back; nothing was sent
    "undecipherable",  # the stored credential cannot be decrypted; nothing was sent
    "unreachable",  # refused connection, DNS or TLS failure: certainly nothing was sent
    "untrusted",  # its certificate is not trusted by this machine: certainly nothing was sent
    "unpaid",  # the workspace's bill is open: no seat can be had until that is settled; the credential is good
]
ProviderFault: TypeAlias = Literal[
    "team",  # says something about the upstream as a whole, and counts against the team
    "person",  # a whole answer that says nothing of one address: counts against the team once per address
    "nobody",  # a passing conflict of changes made at the same time
]


UNBOUGHT_SEATS: Final = frozenset({"usage_based", "automation"})
"""Kinds of seat that nobody pays for in advance, so that none of the bought ones is taken."""


@dataclass(frozen=True, slots=True)
class Done:
    """The upstream confirmed the effect. `reference` is its id of the invite, where it gives one.

    `remark` is the key of what staff should know about this upstream, found out on the way.
    """

    reference: str | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Final for this address in this team: nothing was applied and a repeat will not help."""

    reason: RefusedReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """This team cannot serve now and certainly applied nothing; another team may be asked.

    `retry_after` is in seconds from now, as the upstream stated it, else None.
    """

    reason: UnavailableReason
    detail: str = ""
    retry_after: float | None = None

    @property
    def fault(self) -> ProviderFault:
        """Always the team's: it says nothing about any address."""
        return "team"


TIMED_OUT: Final = "timed out"
"""The detail of an `Unclear` that means only "too late"."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """The effect is unknown: time-out, dropped connection, 5xx, HTML with 200, an empty result."""

    detail: str = ""
    fault: ProviderFault = "team"

    @property
    def reason(self) -> None:
        """None that is known."""

    @property
    def retry_after(self) -> None:
        """The upstream asked for no pause."""


ProviderAnswer: TypeAlias = Done | Refused | Unavailable | Unclear


@dataclass(frozen=True, slots=True)
class PendingInvite:
    """An invite that holds a seat. `address` is None where the upstream keeps it to itself."""

    address: str | None
    reference: str | None
    invited_at: datetime | None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who can work in the workspace; deactivated people are not members.

    Without an `address` a member counts as a seat, and is never matched with anybody nor removed. `seat_type` is the
    kind of seat where an upstream has several.
    """

    address: str | None
    reference: str
    role: str | None
    joined_at: datetime | None
    name: str | None = None
    is_owner: bool = False
    seat_type: str | None = None

    def takes_a_seat(self, bought: str | None) -> bool:
        """Whether this is a seat of the kind that is `bought`; None where the upstream does not say."""
        return self.seat_type is None or (self.seat_type == bought if bought else self.seat_type not in UNBOUGHT_SEATS)


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A *complete* list: every page was read and the counts agree. A cut list is never a Listing."""

    items: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the upstream shows of one address: at most one of each. `at` is when, by its own clock, if it tells."""

    member: Member | None
    invite: PendingInvite | None
    at: datetime | None = field(default=None, compare=False)

    @property
    def known(self) -> bool:
        return self.member is not None or self.invite is not None


@dataclass(frozen=True, slots=True)
class Capacity:
    """Seats as the upstream counts them. Each is None where it does not say.

    `seat_type` is the kind of seat that the numbers are about, where an upstream has several. `unpaid` is True while
    its bill is open.
    """

    seats: int | None
    in_use: int | None
    pending: int | None
    active_until: datetime | None = None
    seat_type: str | None = None
    unpaid: bool = False


@dataclass(frozen=True, slots=True)
class CredentialCheck:
    """The credential works. `facts` are safe to show: account name, plan, scopes found."""

    facts: Mapping[str, str]
    expires_at: datetime | None = None


Failure: TypeAlias = Unavailable | Unclear


@dataclass(frozen=True, slots=True)
class Properties:
    """What is true of one upstream, declared once and used by redemption, sync and alerts."""

    list_lag: float  # seconds a fresh invite may be missing from the lists
    idempotent_by_address: bool  # inviting the same address again creates no second invite
    counts_seats: bool  # capacity() tells something
    can_cancel: bool
    can_remove: bool
    default_capacity: int
    batch_size: int  # addresses in one invite call of ours; one, so that an unclear answer is about one person
    requests_per_minute: int  # the budget we keep to; the upstream's stated limit where there is one. 0: none


@dataclass(frozen=True, slots=True)
class Workspace:
    """All an adapter needs to reach one team. `credential` is decrypted and must not be logged."""

    provider: str
    external_id: str
    credential: Mapping[str, str]
    base_url: str | None = None

    def __repr__(self) -> str:
        return f"Workspace({self.provider}, {self.external_id})"


class Provider(Protocol):
    """One team's upstream. The contract test in `tests/providers` runs on every adapter."""

    properties: Properties

    async def invite(self, address: str, *, resend: bool = False) -> ProviderAnswer:
        """Ask the upstream to invite `address`. `resend` asks it to mail a pending invite again."""
        ...

    async def cancel_invite(self, invite: PendingInvite) -> ProviderAnswer: ...

    async def remove_member(self, member: Member) -> ProviderAnswer: ...

    async def pending_invites(self) -> Listing[PendingInvite] | Failure: ...

    async def members(self) -> Listing[Member] | Failure: ...

    async def look_up(self, address: str) -> Standing | Failure:
        """What the upstream shows of one address, by the cheapest *complete* reading it offers."""
        ...

    async def capacity(self) -> Capacity | Failure: ...

    async def check_credential(self) -> CredentialCheck | Failure: ...
