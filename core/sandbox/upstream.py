"""What is simulated, without its server: the workspaces, the model accounts, and the faults that wait to strike."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any, Final

from core.clock import Clock
from core.sandbox import chat_models, chatgpt, openai_admin, scim
from core.sandbox.chat_accounts import ModelHouse
from core.sandbox.chat_faults import Armed, told_apart
from core.sandbox.chat_models import ChatModels
from core.sandbox.dialect import Dialect
from core.sandbox.faults import Fault, FaultUnknown, parse_faults
from core.sandbox.oauth import OAuthProvider
from core.sandbox.state import World
from core.sandbox.subaccounts import Subaccounts

SPOKEN: Final = {"chatgpt": "backend-api", "sandbox": "backend-api", "openai_admin": "v1", "scim": "scim"}


class SimulatedUpstream:
    """`workspaces` workspaces of `seats` seats on one port; `port=0` takes a free one.

    `faults` hold for all of them, `faults_for` for one each. Everything drawn by probability follows `seed`.
    Every answer takes `latency_ms`; what a call does is done when it arrives.

    With `model_accounts` it is a model upstream as well: so many accounts, each with a key of its own, whose models
    say `tokens_per_second` (0: as fast as it goes), and which can make subaccounts. Beside all that stands an OAuth
    provider.
    """

    def __init__(
        self,
        workspaces: int = 50,
        seats: int = 4,
        latency_ms: float = 50,
        faults: Iterable[str] = (),
        seed: int = 1,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        faults_for: Mapping[str, Iterable[str]] | None = None,
        scim_cursor: bool = False,
        clock: Clock | None = None,
        model_accounts: int = 0,
        tokens_per_second: float = 0.0,
    ) -> None:
        self.host = host
        self.port = port
        self.latency = latency_ms / 1000
        self.seed = seed
        clock = clock or Clock()
        self.world = World(workspaces, seats, seed, clock)
        self._initial = (list(faults), {name: list(texts) for name, texts in (faults_for or {}).items()})
        self.armed: dict[str | None, list[Fault]] = {}
        self.random = Random(seed)
        self.dialects: dict[str, Dialect] = {
            "backend-api": chatgpt.ChatGPTDialect(self.world),
            "v1": openai_admin.OpenAIAdminDialect(self.world),
            "scim": scim.ScimDialect(self.world, cursor=scim_cursor),
        }
        self.closing = asyncio.Event()
        house = ModelHouse(model_accounts, seed, clock, tokens_per_second=tokens_per_second)
        self.models = ChatModels(house, self.closing, self.latency)
        self.subaccounts = Subaccounts(house, self.closing, self.latency)
        self.oauth = OAuthProvider(clock, self.latency, seed)
        self.rearm()

    @property
    def root(self) -> str:
        """The server's address, without any protocol's path."""
        return f"http://{self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        """The address that the chatgpt adapter takes."""
        return self.root + chatgpt.PREFIX

    def sessions(self, provider: str = "chatgpt") -> list[dict[str, Any]]:
        """One credential JSON per workspace, as an operator would paste it. Raises: FaultUnknown for a protocol."""
        if provider not in SPOKEN:
            raise FaultUnknown(f"there is no protocol {provider!r}; known are {', '.join(SPOKEN)}")
        dialect = self.dialects[SPOKEN[provider]]
        return [dialect.session(space, self.root) for space in self.world.spaces.values()]

    def sources(self) -> list[dict[str, Any]]:
        """One source per model account, as `usher source import` reads them."""
        return self.models.house.source_lines(self.root + chat_models.PREFIX)

    def bill(self) -> dict[str, Any]:
        """What the model accounts were used for: every call that cost something, and the most that ran at once."""
        return self.models.house.statement()

    def ledger(self) -> dict[str, list[dict[str, Any]]]:
        """Every invite call received, and who is a member or invited now."""
        return self.world.ledger()

    def accept(self, email: str, workspace: str | None = None) -> list[str]:
        """Let the invited person join; returns the workspaces that were joined."""
        return self.world.accept(email, workspace)

    def set_faults(self, faults: Iterable[str], workspace: str | None = None, account: str | None = None) -> None:
        """Replace the faults of everybody, or the additional ones of one workspace or model account.

        A name that workspaces and models both know is meant for both. Raises: FaultUnknown.
        """
        if workspace is not None and workspace not in self.world.spaces:
            raise FaultUnknown(f"there is no workspace {workspace!r}")
        parts = self._parts() if workspace is None else []
        seats, others = told_apart(faults, parts)
        if account is not None:
            if account not in self.models.house.accounts:
                raise FaultUnknown(f"there is no account {account!r}")
            self.models.faults.set(others["chat"], account)
            self.subaccounts.faults.set(others["sub"], account)
            return
        self.armed[workspace] = parse_faults(seats)
        for part in parts:
            part.set(others[part.scope])
        stale = any(fault.name == "stale-members" for known in self.armed.values() for fault in known)
        self.world.freeze(on=stale)

    def rearm(self) -> None:
        """Bring back the faults that were asked for at the start."""
        common, own = self._initial
        self.armed.clear()
        for part in self._parts():
            part.forget()
        self.random = Random(self.seed)
        self.set_faults(common)
        for name, texts in own.items():
            self.set_faults(texts, name)

    def reset(self) -> None:
        """Start over: owners only, an empty ledger, the first credentials and faults."""
        self.world.reset()
        self.models.house.reset()
        self.subaccounts.reset()
        self.oauth.reset()
        self.rearm()

    def described_faults(self) -> list[dict[str, Any]]:
        """The faults that can still strike."""
        seats = [
            {"name": fault.name, "workspace": name, "left": fault.left, "probability": fault.probability}
            for name, known in self.armed.items()
            for fault in known
            if fault.left != 0
        ]
        return [*seats, *(row for part in self._parts() for row in part.described())]

    def _parts(self) -> list[Armed]:
        """The parts beside the workspaces that can have faults."""
        return [self.models.faults, self.subaccounts.faults, self.oauth.faults] if self.models.house.accounts else []
