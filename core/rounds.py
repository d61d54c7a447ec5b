"""What one round of a sweep says of itself, without words: those are made in the language of whoever reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

C = TypeVar("C")

DONE = "done"
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Round:
    """`facts` say by name how much was done; of a round that failed, its `error`.

    `outcome` is `done`, `failed`, or the name of what kept anything from being done. Both have words in every
    language: `did-NAME` for a count, `round-OUTCOME` for an outcome.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = DONE


async def work_off(
    claim: Callable[[int], Awaitable[Sequence[C]]],
    work: Callable[[C], Coroutine[Any, Any, None]],
    *,
    together: int,
    every: float | None = None,
) -> None:
    """Claim what is due and work on it, at most `together` at once, until nothing is left.

    As soon as there is room more is claimed, and every so many seconds in any case. `work` raises nothing. Raises:
    what claiming raises, but only after everything that runs has come to its end: its claims are still good.
    """
    running: set[asyncio.Task[None]] = set()
    failed: Exception | None = None
    async with asyncio.TaskGroup() as group:
        while True:
            room = together - len(running)
            try:
                claims = await claim(room) if room and failed is None else []
            except Exception as error:  # noqa: BLE001 - raised below
                failed, claims = error, []
            running |= {group.create_task(work(one)) for one in claims}
            if not running:
                break
            _, running = await asyncio.wait(running, timeout=every, return_when=asyncio.FIRST_COMPLETED)
    if failed is not None:
        raise failed
