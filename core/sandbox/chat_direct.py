"""The simulated models without a network, for the simulation: the same accounts, answers and bill, in virtual time.

It keeps the promise of `core.models.protocol` as the real adapter does; what differs is how the bytes travel.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from random import Random
from typing import Final

from core.models.protocol import (
    Account,
    Began,
    Broke,
    CallRefused,
    CallUnavailable,
    CallUnclear,
    Event,
    Finished,
    Offer,
    Offers,
    Question,
    Sent,
    Tally,
    Text,
    Usage,
)
from core.sandbox import chat_texts
from core.sandbox.chat_accounts import MODELS, Generation, ModelHouse

DIRECT_FAULTS: Final = (
    "refused",  # no connection
    "lost",  # let in, and broken before the first token
    "429",
    "401",
    "500",
    "cut",  # somewhere, also before the first token
    "stall",
    "no-usage",
    "usage-zero",
    "usage-negative",
    "usage-huge",
    "empty-answer",
)
"""The faults it can be told to draw. All but the first two have the same names in the sandbox over HTTP."""

_INSTEAD: Final[Mapping[str, CallUnavailable]] = {
    "429": CallUnavailable("rate_limited", "status 429", 2.0),
    "401": CallUnavailable("credential", "status 401"),
    "refused": CallUnavailable("unreachable", "connection refused"),
}


class DirectUpstream:
    """One account of a house. `random` draws a fault for each call from `faults`: a name and its probability."""

    def __init__(
        self,
        account: Account,
        house: ModelHouse,
        random: Random,
        faults: Mapping[str, float] | None = None,
        silence: float = 60.0,
    ) -> None:
        self._account = house.by_key(account.api_key)
        self._house = house
        self._random = random
        self._faults = faults if faults is not None else {}
        self._silence = silence

    async def ask(self, question: Question) -> AsyncGenerator[Event, None]:
        """See `Upstream`."""
        fault = self._draw()
        if fault == "refused":
            yield _INSTEAD[fault]
            return
        await asyncio.sleep(0)
        yield Sent()
        await asyncio.sleep(self._house.first)
        let_in = self._let_in(question, fault)
        if not isinstance(let_in, Generation):
            yield let_in
            return
        try:
            good = self._good(let_in, fault)
            for place, token in enumerate(let_in.tokens[:good]):
                await asyncio.sleep(self._house.pace)
                let_in.spend(1)
                if place == 0:
                    yield Began(let_in.id, question.model)
                yield Text(token)
            if fault == "stall":
                await asyncio.sleep(self._silence)
            if fault in {"cut", "stall", "lost"}:
                detail = "timed out" if fault == "stall" else "connection broke"
                yield Broke(detail) if good else CallUnclear(detail)
                return
            let_in.close(aborted=False)
            if fault != "no-usage":
                used = let_in.usage({fault: 0.0})
                yield Usage(used["prompt_tokens"], used["completion_tokens"], 0, 0)
            yield Finished("length" if let_in.reason == "length" else "stop")
        finally:
            let_in.close(aborted=True)

    async def offers(self) -> Offers | CallUnavailable | CallUnclear:
        """See `Upstream`."""
        await asyncio.sleep(0)
        if self._account is None or self._draw() == "401":
            return CallUnavailable("credential", "status 401")
        fraction, resets_at = self._house.fraction(self._account)
        group = None if fraction is None else self._account.group
        return Offers(tuple(Offer(model, fraction, resets_at, group) for model in MODELS))

    async def tally(self, since: datetime) -> Tally | CallUnavailable | CallUnclear | None:
        """See `Upstream`."""
        await asyncio.sleep(0)
        name = "" if self._account is None else self._account.name
        mine = [one for one in self._house.bill if one.account == name and datetime.fromisoformat(one.at) >= since]
        return Tally(len(mine), sum(one.input for one in mine), sum(one.output for one in mine))

    def _let_in(self, question: Question, fault: str) -> Generation | CallUnclear | CallUnavailable | CallRefused:
        if self._account is None or fault in _INSTEAD:
            return _INSTEAD.get(fault, _INSTEAD["401"])
        if fault == "500":
            return CallUnclear("status 500")
        if question.model not in MODELS:
            return CallUnavailable("no_model", "status 404")
        tools = question.options.get("tools")
        used = chat_texts.count_input(question.messages, tools)
        if used > MODELS[question.model]:
            return CallRefused("too_long", "status 400")
        if self._house.fraction(self._account)[0] == 0:
            return CallUnavailable("exhausted", "status 429")
        if (wait := self._house.wait(self._account, used)) is not None:
            return CallUnavailable("rate_limited", "status 429", max(wait, 1.0))
        return self._house.begin(
            self._account, question.model, question.messages, bound=question.most_output, tools=tools
        )

    def _draw(self) -> str:
        for name, probability in self._faults.items():
            if self._random.random() < probability:
                return name
        return ""

    def _good(self, generation: Generation, fault: str) -> int:
        """How many good tokens come before the fault, if it is one that strikes in the middle of an answer."""
        if fault in {"lost", "empty-answer"}:
            generation.tokens = generation.tokens if fault == "lost" else []
            return 0
        return self._random.randrange(len(generation.tokens)) if fault in {"cut", "stall"} else len(generation.tokens)
