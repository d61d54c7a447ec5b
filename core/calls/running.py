"""A call under way, as its own process knows it: between its two transactions."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.calls.orders import CallClaim
from core.rules.endings import Ending, Used
from core.storage.talk_rows import CandidateRow

if TYPE_CHECKING:
    from core.service import Core


class Stopped(Exception):
    """Somebody wants this call to end: the person, or staff by what they changed. `cause` says which."""

    def __init__(self, cause: str = "stop") -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True)
class SoFar:
    """How much of an answer had come at one moment: its bytes, and its sealed text (None where that is stored already).

    More words come while this is being written, so all of it is taken at once before.
    """

    bytes_out: int
    began: bool
    first_token_at: datetime | None
    answer: bytes | None


@dataclass
class Run:
    """A call under way, as its own process knows it."""

    claim: CallClaim
    source: CandidateRow | None = None
    sent: bool = False
    began: bool = False
    all_said: bool = False
    first_token_at: datetime | None = None
    usage: Used | None = None
    ending: Ending | None = None
    ended_by: str | None = None
    reason: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    number: int = 0
    lost: int = 0
    bytes_out: int = 0
    kept: int = -1
    texts: list[str] = field(default_factory=list)
    reasonings: list[str] = field(default_factory=list)
    tool_calls: dict[int, dict[str, str]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What was delivered so far."""
        return "".join(self.texts)

    @property
    def tools(self) -> list[dict[str, str]]:
        """The tools that it calls, in their order."""
        return [self.tool_calls[index] for index in sorted(self.tool_calls)]


async def last_figures(core: Core, run: Run) -> None:
    """Somebody ends a call. Where all was said but what it used, that may still come for a moment; whoever goes on
    speaking is closed at once, so that nothing is generated for nobody.
    """
    if run.all_said and run.usage is None:
        await asyncio.sleep(core.settings.money.usage_grace)
