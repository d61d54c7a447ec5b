"""The columns of the tables of credit and talk that are read often; see `core.storage.rows`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from core.storage.rows import SourceRow


class ModelRow(Protocol):
    """One row of `models`."""

    id: int
    name: str
    name_key: str
    quota_group: str
    context: int
    max_output: int
    price_input: int
    price_cached: int
    price_output: int
    price_call: int
    price_image: int
    output_parameter: str
    sees: Any
    bytes_per_token: float
    enabled: bool
    created_at: datetime


class WalletRow(Protocol):
    """One row of `wallets`."""

    id: int
    person_id: int | None
    kind: str
    quota_group: str
    pool_id: int
    left: int
    claimed: int
    cap: int | None
    per_hour: int | None
    refilled_at: datetime | None
    expires_at: datetime | None
    origin: str
    created_at: datetime


class KeyRow(Protocol):
    """One row of `keys`."""

    id: int
    person_id: int | None
    digest: bytes
    last4: str
    name: str
    scopes: Any
    role: str
    models: Any
    daily_limit: int | None
    rpm: int | None
    expires_at: datetime | None
    state: str
    last_used_at: datetime | None
    created_at: datetime


class CallRow(Protocol):
    """One row of `calls`."""

    id: int
    request_key: str
    content: bytes
    person_id: int | None
    key_id: int | None
    via: str
    model_id: int | None
    model: str
    source_id: int | None
    state: str
    finish: str | None
    reason: str | None
    facts: Any
    prices: Any
    claimed: int
    charged: int
    absorbed: int
    billed: int
    estimated: bool
    shortened: bool
    own_only: bool
    input_bound: int
    output_bound: int
    bytes_in: int
    bytes_out: int
    tokens_in: int
    tokens_cached: int
    tokens_out: int
    tokens_reasoning: int
    images: int
    attempts: int
    answer: bytes | None
    turn_id: int | None
    beside: bytes | None
    made_at: datetime
    first_token_at: datetime | None
    ended_at: datetime | None
    stop_wanted_at: datetime | None
    claim: str | None
    due_at: datetime | None


class ConversationRow(Protocol):
    """One row of `conversations`."""

    id: int
    reference: str
    person_id: int
    platform: str
    place: str
    is_current: bool
    title: bytes | None
    instructions: bytes | None
    model: str | None
    head_id: int | None
    pinned: bool
    left_out_told: bool
    archived_at: datetime | None
    created_at: datetime
    changed_at: datetime


class MessageRow(Protocol):
    """One row of `messages`."""

    id: int
    reference: str
    conversation_id: int
    parent_id: int | None
    role: str
    state: str
    person_id: int
    content: bytes
    size: int
    images: int
    model: str | None
    call_id: int | None
    version: int
    made_at: datetime


class AttachmentRow(Protocol):
    """One row of `attachments`."""

    id: int
    reference: str
    message_id: int
    kind: str
    name: bytes
    content: bytes
    size: int


class TurnRow(Protocol):
    """One row of `turns`."""

    id: int
    request_key: str
    conversation_id: int
    question_id: int
    from_id: int | None
    answer_id: int | None
    call_id: int | None
    person_id: int
    platform: str
    identity: str
    payer: str | None
    place: str
    recipient: str
    language: str
    model: str | None
    shown: str | None
    state: str
    reason: str | None
    facts: Any
    tries: int
    stop_wanted_at: datetime | None
    claim: str | None
    due_at: datetime
    made_at: datetime
    ended_at: datetime | None


class SealedMessage(Protocol):
    """Of a message, what is needed to read it."""

    reference: str
    content: bytes


class SealedTitle(Protocol):
    """Of a conversation, what is needed to read its title."""

    reference: str
    title: bytes | None


class NamedCall(CallRow, Protocol):
    """A call with the name of its source."""

    source: str | None


class CandidateRow(SourceRow, Protocol):
    """A source that may answer, with what it calls the model, and how many of its places are taken."""

    upstream_name: str
    busy: int
