"""What every model upstream promises, in Usher's words.

An upstream is asked one question at a time and answers with a stream of events. It never raises for anything that
the upstream or the network does: every stream ends with exactly one *ending*, which says what may have happened
there, so that the caller has to decide about each. It opens no transaction, keeps no books and knows no prices.

    async with aclosing(upstream.ask(question)) as events:
        async for event in events:
            ...

A stream is `Sent? Began? (Text | Reasoning | ToolCall | Usage)* AllSaid? Usage* ending`. Three marks in it decide about money:

- before `Sent`, no byte of the question has left this machine;
- before `Began`, nobody was answered anything, and another source may be asked;
- after `Began`, no other source may go on with this answer, and the only endings are `Finished` and `Broke`.

Leaving early is ordinary: closing the generator (leaving `aclosing`, or cancelling the task that iterates) closes the
connection to the upstream at once, so that nothing is generated for nobody. What had been yielded had been delivered.
A generator whose `__anext__` was cancelled is closed, so whoever wants to look up between two events
(a checkpoint, a stop button) does it in a task of its own and not by a time limit around the next event.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias

from core.providers.protocol import TIMED_OUT

OutputParameter: TypeAlias = Literal["max_tokens", "max_completion_tokens"]

FinishReason: TypeAlias = Literal[
    "stop",  # the model had said all
    "length",  # cut at `most_output`, or at what the upstream allows
    "tool_calls",  # it waits for the results of what it called
    "filtered",  # the upstream's filter withheld the rest, or everything
    "other",  # it ended, for a reason that is in no list
]
CallRefusedReason: TypeAlias = Literal[
    "too_long",  # more input, or more input and output, than the model takes
    "filtered",  # the upstream will not have this question
    "parameter",  # an option that this model does not take
    "other",  # refused in words that are not known; says nothing of the source
]
CallUnavailableReason: TypeAlias = Literal[
    "credential",  # rejected (401, 403); believed only after `offers` said the same
    "no_model",  # this source does not have the model
    "rate_limited",  # the source, or its limit group, asked for a pause
    "exhausted",  # its money or quota is used up
    "unreachable",  # no connection, or something in front of the upstream answered: nothing reached a model
]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Most seconds for connecting, until the first token, without a sign of life, and for the whole answer;
    most bytes of one line and of an answer, unpacked. Past one, the answer ends as `CallUnclear` or `Broke`.

    `tail` is how long figures are waited for after the model said that it was done.
    """

    connect: float = 5.0
    first_token: float = 60.0
    silence: float = 60.0
    total: float = 600.0
    tail: float = 5.0
    line: int = 1024 * 1024
    answer: int = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Account:
    """All an upstream needs to be reached: one source. `api_key` is decrypted and must not be logged.

    `base_url` ends where the protocol's paths begin (`https://api.example.com/v1`): https, or http on loopback.
    """

    adapter: str
    base_url: str
    api_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sound:
    """What somebody said. The ending of `name` says in which format `content` is."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """One request to a model. Prompts are people's: neither `messages` nor `options` may be logged.

    `model` is the upstream's own name of it. `messages` are in the shape that OpenAI's chat completions define and go
    on as they are. `most_output` is in tokens and is always sent, under the parameter this model takes. `options`
    (temperature, tools, …) go on as they are, but never replace what the adapter sets itself. `user` is a pseudonym.
    Of a `sound`, what is spoken in it is the answer; then there are no messages, and `most_output` is not sent.
    """

    model: str
    messages: Sequence[Mapping[str, Any]] = field(repr=False)
    most_output: int
    output_parameter: OutputParameter = "max_tokens"
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    user: str | None = None
    sound: Sound | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The question has left; from now on it counts as sent."""


@dataclass(frozen=True, slots=True)
class Began:
    """The first token is here, and follows at once. Comes once, and never for an answer without any content.

    `reference` is the upstream's id of the answer, `model` what it says it answers with; both are its claims.
    """

    reference: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer, never empty. `logprobs` is what the upstream said of it, where that was asked for."""

    text: str = field(repr=False)
    logprobs: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A piece of what the model shows of its thinking, never empty. It is output, and costs like it."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A piece of call number `index`. `id` and `name` come with its first piece, `arguments` (JSON) in pieces."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Usage:
    """What the upstream says it used, in tokens, unchecked: it may be negative, huge or wrong.

    None where it says nothing or no whole number. `cached` is part of `input`, `reasoning` part of `output`.
    May come at any place and several times; the last one counts. Whether it is believed is a rule's business.
    """

    input: int | None = None
    output: int | None = None
    cached: int | None = None
    reasoning: int | None = None


@dataclass(frozen=True, slots=True)
class AllSaid:
    """No more words come; what the upstream counted may. Left out where the ending is here already."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The whole answer is here. Without `Began` before it, it was empty."""

    reason: FinishReason


@dataclass(frozen=True, slots=True)
class CallRefused:
    """Final for this question at any source: nothing was generated, and asking again will not help.

    `parameter` is the option that was not liked, where the upstream names one that was sent, and safe to show.
    """

    reason: CallRefusedReason
    detail: str = ""
    parameter: str | None = None
    abuse: str | None = None


@dataclass(frozen=True, slots=True)
class CallUnavailable:
    """This source cannot answer now and certainly generated nothing; another source may be asked.

    `retry_after` is in seconds from now (1 to 3600), as the upstream stated it, else None. `abuse` is the upstream's word
    where it has shut the account out for what was asked of it.
    """

    reason: CallUnavailableReason
    detail: str = ""
    retry_after: float | None = None
    abuse: str | None = None


@dataclass(frozen=True, slots=True)
class CallUnclear:
    """Broke after the question was sent and before the first token: something may have been generated and billed.

    `retry_after` as above: a 503 may state one.
    """

    detail: str = ""
    retry_after: float | None = None

    @property
    def late(self) -> bool:
        """Nothing else is known to be wrong: it did not come in time."""
        return self.detail == TIMED_OUT


@dataclass(frozen=True, slots=True)
class Broke:
    """Cut, stalled, garbled or too long after the first token. What came before it is good."""

    detail: str = ""


Piece: TypeAlias = Text | Reasoning | ToolCall
CallEnding: TypeAlias = Finished | CallRefused | CallUnavailable | CallUnclear | Broke
Event: TypeAlias = Sent | Began | Piece | Usage | AllSaid | CallEnding


@dataclass(frozen=True, slots=True)
class Offer:
    """One model that a source has. `fraction` of its quota is left (0 to 1) until it `resets_at`; None: not said.

    `limit_group` names what shares that quota, where the upstream tells.
    """

    model: str
    fraction: float | None = None
    resets_at: datetime | None = None
    limit_group: str | None = None


@dataclass(frozen=True, slots=True)
class Offers:
    """A *complete* list of the models that a source has."""

    models: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """What a source says that it was asked since a moment: so many calls, and the tokens of all of them."""

    calls: int
    input: int
    output: int


class Upstream(Protocol):
    """One source, ready to be asked. The contract test in `tests/models` runs on every implementation."""

    def ask(self, question: Question) -> AsyncGenerator[Event, None]:
        """The answer, event by event. Nothing is sent before the first step, and nothing is tried twice."""
        ...

    async def offers(self) -> Offers | CallUnavailable | CallUnclear:
        """The models that this source has. Costs nothing there, so it also tells whether the credential works."""
        ...

    async def tally(self, since: datetime) -> Tally | CallUnavailable | CallUnclear | None:
        """What this source counted for our credential; None where its kind does not tell. Costs nothing there."""
        ...
