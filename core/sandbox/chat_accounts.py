"""The accounts behind the simulated models: keys, limits, quotas, who is running calls, and a bill of every call.

The bill is what a provider would charge, so it also holds output that was generated and reached nobody.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

from core.clock import Clock
from core.sandbox import chat_texts
from core.sandbox.faults import FaultUnknown

MODELS: Final[Mapping[str, int]] = {
    "sandbox-small": 8_192,
    "sandbox-large": 128_000,
    **{f"sandbox-{kind}": 32_000 for kind in chat_texts.KINDS},
}
"""Every model and the tokens that fit into it, input and output together."""

DEFAULT_OUTPUT: Final = 4_096
LIMITS: Final = ("rpm", "tpm", "quota", "quota_seconds", "used")
_MINUTE: Final = timedelta(minutes=1)
_PER_GROUP: Final = 2


@dataclass(slots=True)
class Meter:
    """What an account, or its whole group together, may use. None means no limit."""

    rpm: int | None = None
    tpm: int | None = None
    quota: int | None = None  # tokens until `resets_at`
    quota_seconds: float = 5 * 3600
    used: int = 0
    resets_at: datetime | None = None
    recent: deque[tuple[datetime, int]] = field(default_factory=deque)

    def fraction(self, now: datetime) -> float | None:
        """How much of the quota is left, from 0 to 1."""
        if self.quota is None:
            return None
        self._renew(now)
        return max(0.0, 1 - self.used / self.quota)

    def wait(self, now: datetime, tokens: int) -> float | None:
        """Seconds until a request of so many tokens fits into the minute, or None if it does now."""
        while self.recent and now - self.recent[0][0] >= _MINUTE:
            self.recent.popleft()
        full = self.rpm is not None and len(self.recent) >= self.rpm
        spent = sum(each for _, each in self.recent)
        if not full and (self.tpm is None or not self.recent or spent + tokens <= self.tpm):
            return None
        return (self.recent[0][0] + _MINUTE - now).total_seconds()

    def take(self, now: datetime, tokens: int) -> None:
        """Count a request that was let in."""
        self.recent.append((now, tokens))
        self.spend(now, tokens)

    def spend(self, now: datetime, tokens: int) -> None:
        """Count tokens against the quota."""
        self._renew(now)
        self.used += tokens

    def _renew(self, now: datetime) -> None:
        if self.resets_at is None or now >= self.resets_at:
            self.used = 0
            self.resets_at = now + timedelta(seconds=self.quota_seconds)


@dataclass(slots=True)
class ModelAccount:
    """One account of the simulated provider."""

    name: str
    key: str
    group: str
    tier: str = "paid"
    concurrency: int = 4  # what its source line says; the sandbox counts what really runs, and refuses nothing
    meter: Meter = field(default_factory=Meter)
    running: int = 0
    peak: int = 0
    parent: str | None = None  # which account made this one


@dataclass(slots=True)
class Entry:
    """One line of the bill. `billed` is in tokens; it grows while the answer is being made."""

    id: str
    account: str
    model: str
    input: int
    output: int
    billed: int
    aborted: bool
    at: str
    open: bool = True


class Generation:
    """One answer being generated. A token is billed to the account in the moment in which it is taken."""

    def __init__(
        self, house: ModelHouse, account: ModelAccount, entry: Entry, tokens: Sequence[str], reason: str
    ) -> None:
        self.account = account
        self.entry = entry
        self.tokens = tokens
        self.reason = reason
        self._house = house
        account.running += 1
        account.peak = max(account.peak, account.running)

    @property
    def id(self) -> str:
        """The answer's own id, as the client sees it."""
        return self.entry.id

    def spend(self, tokens: int) -> None:
        """Bill tokens of output."""
        self.entry.output += tokens
        self.entry.billed += tokens
        self._house.charge(self.account, tokens)

    def usage(self, struck: Mapping[str, float], *, reasoning: int = 0) -> dict[str, Any]:
        """The usage that the provider reports: the truth, unless a fault makes it lie."""
        used, made = self.entry.input, self.entry.output
        if "usage-zero" in struck:
            used = made = 0
        elif "usage-negative" in struck:
            used, made = -used, -made
        elif "usage-huge" in struck:
            used, made = used + 10**12, made + 10**12
        return {
            "prompt_tokens": used,
            "completion_tokens": made,
            "total_tokens": used + made,
            "prompt_tokens_details": {"cached_tokens": max(0, min(used, int(struck.get("cached", 0))))},
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        }

    def close(self, *, aborted: bool, rest: bool = False) -> None:
        """The call has ended. `aborted`: nobody got all of it; `rest`: the model goes on to the end and bills that too."""
        if not self.entry.open:
            return
        if rest:
            self.spend(max(0, len(self.tokens) - self.entry.output))
        self.entry.open = False
        self.entry.aborted = aborted
        self.account.running -= 1


class ModelHouse:
    """All accounts and the bill. Not thread-safe: all of it lives in one event loop.

    Every two accounts share a limit group. `tokens_per_second` of 0 is as fast as it goes.
    """

    def __init__(
        self, accounts: int, seed: int, clock: Clock, *, tokens_per_second: float = 0.0, first_token_ms: float = 0.0
    ) -> None:
        self.clock = clock
        self.seed = seed
        self.pace = 1 / tokens_per_second if tokens_per_second else 0.0
        self.first = first_token_ms / 1000
        self._size = accounts
        self.accounts: dict[str, ModelAccount] = {}
        self.groups: dict[str, Meter] = {}
        self.bill: list[Entry] = []
        self.tells_usage = True
        self.refused: list[dict[str, Any]] = []
        self._numbers = count(1)
        self.reset()

    def reset(self) -> None:
        """Start over: the same accounts and keys, no limits, an empty bill."""
        self.bill.clear()
        self.refused.clear()
        self.accounts.clear()
        self.groups.clear()
        for number in range(1, self._size + 1):
            name, group = f"account-{number}", f"org-{(number + _PER_GROUP - 1) // _PER_GROUP}"
            # Derived, not random: a sandbox that is started again with the same seed knows the keys it gave out.
            digest = hashlib.sha256(f"{self.seed}:models:{name}".encode()).hexdigest()
            self.accounts[name] = ModelAccount(name, f"sk-sbx-{digest[:40]}", group)
            self.groups.setdefault(group, Meter())

    def limit(self, limits: Mapping[str, Any], *, account: str | None = None, group: str | None = None) -> None:
        """Set limits of an account or a group; None lifts one. Raises: FaultUnknown for a limit that does not exist."""
        own = self.accounts.get(account or "")
        known = own.meter if own is not None else self.groups.get(group or "")
        if known is None:
            raise FaultUnknown('"account" or "group" is missing or unknown')
        for name, value in limits.items():
            least = 0 if name == "used" else 1
            if name not in LIMITS or (value is not None and (type(value) is not int or value < least)):
                raise FaultUnknown(f"{name!r} wants a whole number of {least} or more, or null")
            setattr(known, name, value)

    def by_key(self, key: str) -> ModelAccount | None:
        """The account that this key belongs to."""
        return next((account for account in self.accounts.values() if account.key == key), None)

    def source_lines(self, base_url: str) -> list[dict[str, Any]]:
        """One source per account, as an operator would write it down."""
        return [
            {
                "name": account.name,
                "base_url": base_url,
                "api_key": account.key,
                "models": list(MODELS),
                "tier": account.tier,
                "limit_group": account.group,
                "concurrency": account.concurrency,
            }
            for account in self.accounts.values()
            if account.parent is None
        ]

    def adopt(self, name: str, key: str, parent: ModelAccount) -> None:
        """An account that another one made: a key of its own, the same limit group."""
        self.accounts[name] = ModelAccount(name, key, parent.group, parent.tier, parent=parent.name)

    def fraction(self, account: ModelAccount) -> tuple[float | None, datetime | None]:
        """The share that is left, of the account's own quota or its group's, whichever is less, and when that one
        resets.
        """
        now = self.clock.now()
        left = [
            (fraction, meter.resets_at)
            for meter in (account.meter, self.groups[account.group])
            if (fraction := meter.fraction(now)) is not None
        ]
        return min(left, key=lambda one: one[0]) if left else (None, None)

    def wait(self, account: ModelAccount, tokens: int) -> float | None:
        """Seconds that a limit of the account or of its group asks for, or None."""
        now = self.clock.now()
        waits = [meter.wait(now, tokens) for meter in (account.meter, self.groups[account.group])]
        return max((wait for wait in waits if wait is not None), default=None)

    def begin(
        self, account: ModelAccount, model: str, messages: Sequence[Any], *, bound: int, tools: Any = None
    ) -> Generation:
        """Let a call in: from now on its input is billed."""
        tokens = chat_texts.answer(model, messages, self.seed, account.name)
        reason = "length" if len(tokens) > bound else "stop"
        return self._let_in(account, model, chat_texts.count_input(messages, tools), tokens[:bound], reason)

    def hear(self, account: ModelAccount, model: str, sound: bytes) -> Generation:
        """Let a transcription in: from now on its audio is billed."""
        tokens = chat_texts.split(chat_texts.spoken(sound))
        return self._let_in(account, model, chat_texts.count_sound(sound), tokens, "stop")

    def _let_in(self, account: ModelAccount, model: str, used: int, tokens: Sequence[str], reason: str) -> Generation:
        now = self.clock.now()
        entry = Entry(
            f"chatcmpl-{next(self._numbers)}", account.name, model, used, 0, used, aborted=False, at=now.isoformat()
        )
        self.bill.append(entry)
        for meter in (account.meter, self.groups[account.group]):
            meter.take(now, used)
        return Generation(self, account, entry, tokens, reason)

    def charge(self, account: ModelAccount, tokens: int) -> None:
        """Count output against the quotas."""
        now = self.clock.now()
        for meter in (account.meter, self.groups[account.group]):
            meter.spend(now, tokens)

    def refuse(self, account: str, status: int, reason: str) -> None:
        """Note a call that was refused and cost nothing."""
        self.refused.append(
            {"account": account, "status": status, "reason": reason, "at": self.clock.now().isoformat()}
        )

    def statement(self) -> dict[str, Any]:
        """The bill, the most calls that each account ran at once, and the calls that were refused."""
        return {
            "calls": [asdict(entry) for entry in self.bill],
            "peak_parallel": {account.name: account.peak for account in self.accounts.values()},
            "refused": list(self.refused),
        }
