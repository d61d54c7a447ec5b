"""How fast a chat platform may be written to: a bucket of permissions that fills at a steady rate."""

from __future__ import annotations

import asyncio
from collections import deque


class Pace:
    """`rate` a second on average, `burst` at once. Waiting is in order of arrival."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at: float | None = None

    async def wait(self) -> None:
        """Return when one more is allowed."""
        pause = self.take(asyncio.get_running_loop().time())
        if pause > 0:
            await asyncio.sleep(pause)

    def take(self, now: float) -> float:
        """Take one permission; returns the seconds until it holds."""
        if self._at is not None:
            self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        self._left -= 1
        return max(0.0, -self._left / self._rate)

    @property
    def idle(self) -> bool:
        """Is the bucket as good as full, so that it may be forgotten?"""
        return self._left >= self._burst - 1


class Window:
    """At most `rate` within any second, however they come: what a platform counts is a window, and no average.

    A bucket of `rate` permissions would let twice as many through within its first second.
    """

    MARGIN = 1.03
    """How much longer than a second the window is, since messages take not all equally long to arrive."""

    def __init__(self, rate: float) -> None:
        most = max(1, int(rate))
        self._seconds = self.MARGIN * most / rate
        self._sent: deque[float] = deque(maxlen=most)
        self._turn = asyncio.Lock()

    async def wait(self) -> None:
        """Return when one more is allowed. Waiting is in order of arrival."""
        clock = asyncio.get_running_loop().time
        async with self._turn:
            pause = self._sent[0] + self._seconds - clock() if len(self._sent) == self._sent.maxlen else 0.0
            if pause > 0:
                await asyncio.sleep(pause)
            # When it really goes, and not when it might have: a process that was held up must not catch up at once.
            self._sent.append(clock())

    def take_spare(self) -> bool:
        """Take a permission if less than half of them are used; nobody waits."""
        now = asyncio.get_running_loop().time()
        half = ((self._sent.maxlen or 1) + 1) // 2
        if len(self._sent) >= half and self._sent[-half] > now - self._seconds:
            return False
        self._sent.append(now)
        return True


class Paces:
    """One pace for everything and one for each chat."""

    def __init__(self, rate: float, chat_rate: float, *, chat_burst: float = 5) -> None:
        self._all = Window(rate)
        self._chat_rate = chat_rate
        self._chat_burst = chat_burst
        self._chats: dict[str, Pace] = {}

    async def wait_for_all(self) -> None:
        """Return when one more message may go out, wherever to: an answer is as fast as its question."""
        await self._all.wait()

    def take_spare(self) -> bool:
        """One more message that nothing depends on, if there is room for it now."""
        return self._all.take_spare()

    async def wait(self, chat: str) -> None:
        """Return when `chat` may get one more message that nobody asked for; `wait_for_all` is not in it."""
        pace = self._chats.setdefault(chat, Pace(self._chat_rate, self._chat_burst))
        await pace.wait()
        if len(self._chats) > 10_000:
            self._chats = {name: one for name, one in self._chats.items() if not one.idle}
