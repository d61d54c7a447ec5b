"""The columns of each table that is read often, so that strict mypy knows them where a function takes a row.

SQLAlchemy's rows answer by name and so satisfy these classes. A test compares each class with its table, so that no
column is ever in only one of them. A function takes the whole row's type only if it is given the whole row.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol


class LeaseRow(Protocol):
    """One row of `leases`."""

    id: int
    address: str
    address_key: str
    pool_id: int
    team_id: int
    seat_id: int | None
    status: str
    redemption_id: int | None
    transfer_id: int | None
    term: str
    auto_transfer: bool
    temporary: bool
    protected: bool
    platform: str | None
    identity: str | None
    language: str | None
    invite_reference: str | None
    created_at: datetime
    invited_at: datetime | None
    joined_at: datetime | None
    expires_at: datetime | None
    warned_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    note: str | None
    transfer_count: int
    absent_reads: int
    claim: str | None
    due_at: datetime | None
    sends: int
    first_sent_at: datetime | None
    last_sent_at: datetime | None
    unclear_since: datetime | None


class RedemptionRow(Protocol):
    """One row of `redemptions`."""

    id: int
    request_key: str
    content: bytes
    code_id: int | None
    code_last4: str
    pool_id: int | None
    address: str
    address_key: str
    state: str
    reason: str | None
    facts: Any
    chosen_team_id: int | None
    lease_id: int | None
    platform: str
    identity: str
    language: str | None
    created_at: datetime
    settled_at: datetime | None


class TeamRow(Protocol):
    """One row of `teams`."""

    id: int
    pool_id: int
    name: str
    name_key: str
    provider: str
    external_id: str
    base_url: str | None
    credential: bytes
    credential_expires_at: datetime | None
    owner_address: str | None
    capacity: int
    capacity_learned: int | None
    enabled: bool
    health: str
    failures: int
    members_failures: int
    members_failures_since: datetime | None
    paused_until: datetime | None
    breaker_opened: int
    unhealthy_since: datetime | None
    last_error: str | None
    last_invited_at: datetime | None
    read_at: datetime | None
    read_due_at: datetime | None
    count_apart: int | None
    created_at: datetime
    removed_at: datetime | None


class TransferRow(Protocol):
    """One row of `transfers`."""

    id: int
    lease_id: int
    target_lease_id: int | None
    target_team_id: int | None
    address: str | None
    cause: str
    forced: bool
    skip_acceptance: bool
    state: str
    attempts: int
    reason: str | None
    requested_by: str
    created_at: datetime
    grace_ends_at: datetime | None
    finished_at: datetime | None
    claim: str | None
    due_at: datetime | None


class SeatRow(Protocol):
    """One row of `seats`."""

    id: int
    team_id: int
    pool_id: int
    number: int
    team_created_at: datetime
    state: str
    occupant: str | None
    occupied_at: datetime | None
    open: bool
    held_until: datetime | None
    absent_reads: int
    seen_reads: int
    protected: bool
    grandfathered: bool


class RemovalRow(Protocol):
    """One row of `removals`."""

    id: int
    team_id: int
    lease_id: int | None
    transfer_id: int | None
    address: str
    address_key: str
    cause: str
    state: str
    attempts: int
    absent_reads: int
    reason: str | None
    requested_by: str
    created_at: datetime
    sent_at: datetime | None
    finished_at: datetime | None
    claim: str | None
    due_at: datetime | None


class JobRow(Protocol):
    """One row of `jobs`."""

    id: int
    kind: str
    arguments: Any
    fingerprint: str
    state: str
    maker: str
    platform: str | None
    chat_id: str | None
    message_ref: str | None
    language: str | None
    tries: int
    cancel_wanted: bool
    claim: str | None
    due_at: datetime
    created_at: datetime
    finished_at: datetime | None


class SourceRow(Protocol):
    """One row of `sources`."""

    id: int
    name: str
    name_key: str
    adapter: str
    base_url: str
    credential: bytes
    fingerprint: bytes
    last4: str
    owner_id: int | None
    shared: bool
    tier: str
    limit_group_id: int | None
    weight: int
    concurrency: int
    rpm: int | None
    tpm: int | None
    daily_budget: int | None
    day: int | None
    spent: int
    enabled: bool
    health: str
    failures: int
    paused_until: datetime | None
    breaker_opened: int
    unhealthy_since: datetime | None
    last_error: str | None
    checked_at: datetime | None
    created_at: datetime
    removed_at: datetime | None


class CodeOfBatch(Protocol):
    """A code with what its batch says of the seats that it gives."""

    id: int
    batch_id: int
    pool_id: int
    team_id: int | None
    term: str
    auto_transfer: bool
    temporary: bool


class SuspendedCode(CodeOfBatch, Protocol):
    """A code of a suspended batch, which may have been used before."""

    digest: bytes


class BatchLimit(Protocol):
    """A code with how many of its batch one person may use."""

    batch_id: int
    per_person: int | None


class LimitedCode(BatchLimit, Protocol):
    """And how many codes were used in a day, counted where a day is limited."""

    used_today: int


class CountedCode(Protocol):
    """A code with its counters."""

    id: int
    max_uses: int
    used: int
    reserved: int


class FoundCode(CodeOfBatch, LimitedCode, Protocol):
    """A code with its batch and pool, and what an address has got by it so far."""

    status: str
    expires_at: datetime | None
    suspended_at: datetime | None
    for_another: bool
    has_uses: bool
    leaves_kept: bool
    restored: bool
    policy: str
    team_choice: bool
    next_redemption: int | None
    mine: int | None
    my_state: str | None
    my_lease: int | None
    asked_before: int | None
    live_lease: int | None


class TeamOfPool(TeamRow, Protocol):
    """A team with the name of its pool."""

    pool: str


class TeamOfSeat(TeamOfPool, Protocol):
    """A team where a seat is held for an address, with the number of the lease that will go with it."""

    seat_id: int
    next_lease: int | None
    leaving: bool


class PlacedLease(LeaseRow, Protocol):
    """A lease with the name of its team."""

    team: str
