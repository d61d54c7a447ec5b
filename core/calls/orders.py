"""What is asked for, what came of it, and the right to settle it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import sqlalchemy as sa

from core.credit.wallets import ClaimedPart
from core.models.protocol import Piece, Sound
from core.rules.prices import Prices


@dataclass(frozen=True, slots=True)
class CallOrder:
    """One question to a model. `request_key` makes a repeat of it the same question.

    `messages` and `options` are in the shape of chat completions, without what Usher sets itself. Without a `model`
    the person's own choice answers, or the configured one. `most_output` is in tokens. `key_id` is the key that the
    asker showed. `turn_id` is the turn that it answers, `sponsored` whether a group's sponsor pays. `wait` is how many
    seconds it may wait for a free account, where that is not the usual time. With a `sound` what is spoken in it is to
    be written down for that turn, and there are no messages. `history` is how many of the messages before the last are a
    conversation without which it could be asked as well. `again`: what came to nothing and cost nothing is no
    answer, and its repeat is asked anew.
    """

    request_key: str
    messages: Sequence[Mapping[str, Any]] = field(repr=False)
    via: str
    model: str | None = None
    most_output: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    key_id: int | None = None
    wait: float | None = None
    turn_id: int | None = None
    sponsored: bool = False
    again: bool = False
    sound: Sound | None = field(default=None, repr=False)
    history: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """No account is free yet; `before` others wait for the same model."""

    before: int


@dataclass(frozen=True, slots=True)
class OpenedCall:
    """The claim stands. `shortened`: the credit affords only `most_output` tokens, fewer than were wanted."""

    call_id: int
    model: str
    most_output: int
    shortened: bool


CallProgress: TypeAlias = OpenedCall | Waiting | Piece
Deliver: TypeAlias = Callable[[CallProgress], Awaitable[None]]
"""Called with what happens, in its order. It raises `Gone` when nobody listens any more."""


class Gone(Exception):
    """Whoever asked has left: nothing more is generated for them."""


class CallClaimLost(Exception):
    """Another process has settled the call; what this one learned is no longer its business."""


async def unheard(progress: CallProgress) -> None:
    """Nobody watches; the answer is read when it is whole."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears a call while it runs. `stop` ends it in the person's name, `leave` because this process ends.

    What `deliver` raises ends it, too.
    """

    deliver: Deliver = unheard
    stop: asyncio.Event | None = None
    leave: asyncio.Event | None = None

    @property
    def stopped(self) -> bool:
        """Has the person ended it?"""
        return self.stop is not None and self.stop.is_set()

    @property
    def leaving(self) -> bool:
        """Does this process end?"""
        return self.leave is not None and self.leave.is_set()


NOBODY_HEARS: Final = Listener()


CallState: TypeAlias = Literal["settled", "refused", "claimed", "sending", "streaming"]


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call stands. Money is in micro-credits; `text` is what was delivered, None where it is not kept.

    `finish` is how it ended (`core.rules.endings`), `reason` the key of a refusal with its `facts`; `ended_by` is what
    the model says why it stopped (stop, length, tool_calls, filtered). `repeated`: it had been asked before.
    """

    call_id: int | None
    state: CallState
    model: str
    text: str | None = field(default=None, repr=False)
    source: str | None = None
    finish: str | None = None
    reason: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    claimed: int = 0
    charged: int = 0
    absorbed: int = 0
    estimated: bool = False
    shortened: bool = False
    tokens: Mapping[str, int] = field(default_factory=dict)
    made_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    reasoning: str | None = field(default=None, repr=False)
    tool_calls: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class CallClaim:
    """The right to settle one call, until it is taken over.

    `only_part` is all that it claimed, where that is of one wallet; `waits_first` is of the asker's plan.
    """

    call_id: int
    token: str
    request_key: str
    person_id: int
    key_id: int | None
    model_id: int
    model: str
    prices: Prices
    claimed: int
    input_bound: int
    output_bound: int
    bytes_in: int
    images: int
    shortened: bool
    own_only: bool
    prefers: Literal["dedicated", "shared"]
    output_parameter: Literal["max_tokens", "max_completion_tokens"]
    ratio: float
    waits_first: bool = False
    only_part: ClaimedPart | None = None


Also: TypeAlias = Callable[[sa.Connection, Answer], None]
"""What has to commit together with the settlement: the turn that it answers, the notice that tells of it."""
