"""Where the demo plays; the conversation that is played there knows no more of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.sandbox.server import Sandbox
    from core.service import Core


@dataclass(slots=True)
class Stage:
    """Where the demo plays: `core` on a temporary database, `sandbox` as its upstream, codes of two pools.

    `team_codes` are from the pool with three teams of four seats, `trial_codes` from the one with a single seat; `credit_codes`
    give credit for the sandbox's models, which programs reach below `gateway`.
    """

    core: Core
    sandbox: Sandbox
    team_codes: list[str]
    trial_codes: list[str]
    credit_codes: list[str]
    gateway: str
