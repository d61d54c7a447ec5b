"""What became of one line of a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

ItemState: TypeAlias = Literal["done", "failed", "skipped", "pending"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A pending line is looked at again; `passing` says that it failed in a way that passes."""

    state: ItemState
    reason: str | None = None
    passing: bool = False
    retry_after: float | None = None
