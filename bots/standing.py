"""How the bots of this process stand: who they are, or what keeps them from serving and what to do about it.

One sentence each, said when it begins and shown by `/health/ready` as long as it lasts. What only passes (a platform
that is away, a pause it asks for) is no trouble: it is waited out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import structlog

from bots.messages.rendering import Look, words
from bots.messages.reply import Say

log = structlog.get_logger(__name__)

Trouble: TypeAlias = Literal["token", "conflict", "webhook", "intents", "commands"]

_LONGEST = 1000
AWAY_AFTER = 2


class StandingBoard:
    """The one board of a process. `say` is told each sentence as it becomes true; without it only the log is."""

    def __init__(self, language: str, say: Callable[[str], None] | None = None) -> None:
        self._look = Look(language, "plain", _LONGEST)
        self._say = say
        self._troubles: dict[tuple[str, Trouble], str] = {}

    def online(self, platform: str, name: str, address: str) -> None:
        """The bot serves; people reach it at `address`."""
        log.info("bot_online", platform=platform, name=name)
        if self._say is not None:
            self._say(words(Say(f"standing-{platform}-online", {"name": name, "address": address}), self._look))

    def tell(self, what: Say) -> None:
        """Say something to whoever started the process, and to nobody else."""
        if self._say is not None:
            self._say(words(what, self._look))

    def away(self, platform: str, reason: str, failed: int) -> None:
        """It was not reached `failed` times in a row at the start: said once, when it was no single lost connection."""
        if failed == AWAY_AFTER:
            self.tell(Say("standing-away", {"platform": platform, "reason": reason}))

    def trouble(self, platform: str, what: Trouble, reason: str = "") -> None:
        """Something is wrong until somebody does something. Told once, however often it is met."""
        if (platform, what) in self._troubles:
            return
        sentence = words(Say(f"standing-{platform}-{what}", {"reason": reason[:300]}), self._look)
        self._troubles[platform, what] = sentence
        log.error("bot_in_trouble", platform=platform, trouble=what, reason=reason[:300])
        if self._say is not None:
            self._say(f"✗ {sentence}")

    def well(self, platform: str, *what: Trouble) -> None:
        """These troubles are over."""
        for one in what:
            if self._troubles.pop((platform, one), None) is not None:
                log.info("bot_well_again", platform=platform, trouble=one)

    def troubles(self) -> dict[str, list[str]]:
        """What keeps each platform's bot from serving, in sentences; empty when all is well."""
        found: dict[str, list[str]] = {}
        for (platform, _), sentence in self._troubles.items():
            found.setdefault(platform, []).append(sentence)
        return found
