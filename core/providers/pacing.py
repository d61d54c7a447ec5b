"""A team's access to the shared client: a limit on simultaneous calls, and its request budget.

Permission is asked just before each request, so a budget counts requests and not intentions. Waiting for a place takes
no time from the call's own time-out: a call that was never sent must not look like one without an answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from core import telemetry
from core.providers.http import HttpClient, HttpReply, Params
from core.providers.protocol import Failure, Unavailable

Admit: TypeAlias = Callable[[bool], Awaitable[float | None]]
"""None if the next request may go out and is counted, else the seconds until it is worth asking again. A patient
request (True) is let in a little later rather than not at all."""


class PacedClient(HttpClient):
    """`client` for one team. `places` are taken for each request in this order; `admit` is None without a budget."""

    def __init__(
        self, client: HttpClient, provider: str, places: tuple[asyncio.Semaphore, ...], admit: Admit | None
    ) -> None:
        super().__init__(client.limits)
        self.learnt = client.learnt
        self._client = client
        self._provider = provider
        self._places = places
        self._admit = admit

    async def aclose(self) -> None:
        """Does nothing: the connections belong to the shared client."""

    async def call(
        self, method: str, url: str, *, params: Params | None = None, json_body: Any = None, **more: Any
    ) -> HttpReply | Failure:
        """As the shared client's; over the budget `Unavailable("paused")`, with nothing sent."""
        # The pages of one list are worth a moment: one of them refused, and all that were read were read in vain.
        if self._admit is not None and (wait := await self._admit(method == "GET")) is not None:
            telemetry.count("usher_rate_limit_hits", limit=f"budget:{self._provider}")
            return Unavailable("paused", "request budget", retry_after=wait)
        team, everybody = self._places
        async with team, everybody:
            begun = time.monotonic()
            answer = await self._client.call(method, url, params=params, json_body=json_body, **more)
        call = method.lower()
        telemetry.observe("usher_provider_seconds", time.monotonic() - begun, provider=self._provider, call=call)
        telemetry.count("usher_provider_calls", provider=self._provider, call=call, outcome=_outcome(answer))
        return answer


def _outcome(answer: HttpReply | Failure) -> str:
    if isinstance(answer, HttpReply):
        return f"{answer.status // 100}xx"
    return answer.reason if isinstance(answer, Unavailable) else "unclear"
