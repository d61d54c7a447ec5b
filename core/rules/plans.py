"""Plans: what somebody may do, and the two that are there from the start."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.rules.terms import Term, ends_at
from core.talk_errors import ModelNotAllowed


@dataclass(frozen=True, slots=True)
class Plan:
    """Limits: `questions` a minute, `at_once` side by side, `key_requests` a minute; `most_output`, `context` in tokens.

    `allowance` is the cap of a wallet that refills by `per_hour` (micro-credits; 0: there is none). `models` are the
    names that may be used, None all of them.
    """

    name: str
    allowance: int = 0
    per_hour: int = 0
    questions: int = 10
    at_once: int = 1
    keys: int = 0
    key_requests: int = 0
    most_output: int = 4_096
    context: int = 32_000
    models: Sequence[str] | None = None
    waits_first: bool = False


FREE: Final = Plan("free")
VIP: Final = Plan(
    "vip",
    questions=30,
    at_once=3,
    keys=5,
    key_requests=60,
    most_output=16_384,
    context=200_000,
    waits_first=True,
)
STANDARD: Final = {plan.name: plan for plan in (FREE, VIP)}
"""The plan of that name until staff change it."""


def refuse_model(plan: Plan, model: str, own: Sequence[str] | None = None) -> None:
    """Return if the plan, and the models that a key is limited to, allow it, in whatever spelling. Raises:
    ModelNotAllowed.
    """
    for allowed in (plan.models, own):
        if allowed is not None and _folded(model) not in {_folded(one) for one in allowed}:
            raise ModelNotAllowed(model=model)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def extended(until: datetime | None, term: Term, now: datetime) -> datetime | None:
    """When a membership ends after one more term, which starts at its present end if that is still to come."""
    start = until if until is not None and until > now else now
    return ends_at(term, start)
