"""Discord's rate limits, as far as a bot of this size meets them."""

from __future__ import annotations

import time
from collections import defaultdict, deque

GLOBAL_PER_SECOND = 50
MESSAGES_PER_FIVE_SECONDS = 5


class RateLimited(Exception):
    """The sending limits say no. `scope` is user or global."""

    def __init__(self, scope: str, retry_after: float) -> None:
        super().__init__(scope)
        self.scope = scope
        self.retry_after = retry_after


class Limits:
    """Discord's limits as far as bots meet them: 50 requests a second, 5 messages in 5 seconds in a channel."""

    def __init__(self) -> None:
        self._windows: dict[str, deque[float]] = defaultdict(deque)

    def take(self, method: str, parts: list[str]) -> dict[str, str]:
        """Count one request and return the bucket's headers.

        Raises: RateLimited. Interaction callbacks and follow-ups are outside the global limit, as in Discord.
        """
        now = time.monotonic()
        if parts[0] not in ("interactions", "webhooks"):
            self._count("global", GLOBAL_PER_SECOND, 1.0, now, "global")
        if method == "POST" and parts[0] == "channels" and parts[2:] == ["messages"]:
            left, reset = self._count(f"messages:{parts[1]}", MESSAGES_PER_FIVE_SECONDS, 5.0, now, "user")
            return {
                "X-RateLimit-Limit": str(MESSAGES_PER_FIVE_SECONDS),
                "X-RateLimit-Remaining": str(left),
                "X-RateLimit-Reset-After": f"{reset:.3f}",
                "X-RateLimit-Reset": f"{time.time() + reset:.3f}",
                "X-RateLimit-Bucket": "channel-messages",
            }
        return {}

    def _count(self, key: str, most: int, seconds: float, now: float, scope: str) -> tuple[int, float]:
        window = self._windows[key]
        while window and window[0] <= now - seconds:
            window.popleft()
        if len(window) >= most:
            raise RateLimited(scope, round(window[0] + seconds - now, 3))
        window.append(now)
        return most - len(window), window[0] + seconds - now
