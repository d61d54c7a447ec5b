"""An event loop in which time costs nothing and whatever could run next is drawn by lot, from a seed.

The same seed gives the same turns, so a run that went wrong goes wrong again in the same way.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import selectors
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

CANCELLED_AT_MOST = 5
"""Times that what is left at the end of a play is cancelled."""


class Stuck(AssertionError):
    """Nothing is ready and nothing is timed: whoever waits would wait for ever."""


class _Selector(selectors.SelectSelector):
    """Instead of waiting, lets the time pass. No socket is ever asked: a simulation has none."""

    loop: SimulatedLoop

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise Stuck
        if timeout > 0:
            self.loop.pass_time(timeout)
        return []


class _Task(asyncio.Task[Any]):
    """A task that a set keeps in the order of its making, not of its address in memory."""

    numbers = itertools.count()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.number = next(self.numbers)
        super().__init__(*args, **kwargs)

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        return self is other


class SimulatedLoop(asyncio.SelectorEventLoop):
    """`random` is the only chance there is; whoever simulates draws from it, too."""

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._now = 0.0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)
        _Task.numbers = itertools.count()
        self.set_task_factory(lambda loop, coroutine, **options: _Task(coroutine, loop=loop, **options))

    def time(self) -> float:
        return self._now

    def pass_time(self, seconds: float) -> None:
        """Nothing happens for so long."""
        self._now += seconds

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        """There are no threads: what would run in one runs here and now."""
        done: asyncio.Future[T] = self.create_future()
        done.set_result(func(*args))
        return done

    def play(self, main: Coroutine[Any, Any, T]) -> T:
        """Run to the end, cancel what is left and close the loop."""
        random.seed(self.random.random())  # jitter in the product is drawn from the module's generator
        try:
            return self.run_until_complete(main)
        finally:
            # A task of a process that is dead may shield what it does last, and wait for it once more.
            for _ in range(CANCELLED_AT_MOST):
                left = sorted((task for task in asyncio.all_tasks(self) if isinstance(task, _Task)), key=hash)
                if not left:
                    break
                for task in left:
                    task.cancel()
                self.run_until_complete(asyncio.wait(left, timeout=60.0))
            self.close()

    def _run_once(self) -> None:
        # Timers that are due in this turn become ready inside; drawing before and leaving their order to the heap is
        # enough, because every wake-up passes through `_ready` once more.
        waiting = list(self._ready)
        self.random.shuffle(waiting)
        self._ready.clear()
        self._ready.extend(waiting)
        super()._run_once()  # type: ignore[misc]
