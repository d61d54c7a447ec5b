"""What one round of a sweep says of itself, without words: those are made in the language of whoever reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
