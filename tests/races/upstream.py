"""The upstream of a meeting, in memory: it is in one process, and a second one asks it from a distance."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from core.clock import MovedClock
from core.providers.protocol import ProviderAnswer, Unclear
from tests.simulation.upstream import Place, Upstream

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


class Prompt(Upstream):
    """An upstream without a network and without faults: a call is answered at once, or by nothing that helps."""

    silent = False

    def __init__(self, clock: MovedClock) -> None:
        def seconds() -> float:
            return (clock.now() - START).total_seconds()

        time = SimpleNamespace(time=seconds, random=SimpleNamespace(uniform=lambda *_: 0.0))
        super().__init__(time, 100, clock.now, lambda _: None, calm=True)  # type: ignore[arg-type]  # all that it asks

    async def call(self, name: str, effect: Callable[[], Any]) -> Any:
        await asyncio.sleep(0)
        answer = effect()
        return Unclear("lost") if self.silent else answer


class Distant(Prompt):
    """The upstream that another process has. `ask` gets the name of a method and its arguments there."""

    def __init__(self, clock: MovedClock, ask: Callable[..., Any]) -> None:
        super().__init__(clock)
        self._ask = ask

    def there(self, workspace: str) -> dict[str, str]:
        return self._ask("there", workspace)

    def invite(self, workspace: str, address: str) -> ProviderAnswer:
        return self._ask("invite", workspace, address)

    def accept(self, workspace: str, address: str) -> None:
        self._ask("accept", workspace, address)

    def leave(self, workspace: str, address: str) -> ProviderAnswer:
        return self._ask("leave", workspace, address)

    def listed(self, workspace: str) -> dict[str, Place]:
        return self._ask("listed", workspace)
