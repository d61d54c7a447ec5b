"""The faults of the simulated models, and of the OAuth and subaccount endpoints beside them: names, and when they strike.

As for workspaces, `NAME` strikes at every call, `NAME=3` at the next three, `NAME=0.1` at a tenth of them (seeded). A
fault with a measure takes it first: `cut=5` after five chunks, every time; `cut=5*1` once; `cut=5*0.1` at a tenth of
the calls. A name that several parts know applies to all of them, unless `chat:`, `sub:` (subaccounts) or `oauth:`
stands in front.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final, Literal, TypeAlias

from core.sandbox.faults import CATALOGUE, FaultUnknown

SCOPES: Final = ("chat", "sub", "oauth")

ChatFaultStage: TypeAlias = Literal["before", "shape"]


@dataclass(frozen=True, slots=True)
class ChatFaultKind:
    """`before`: this is the answer instead of what was asked; `shape`: the call is let in and the answer takes another
    course.
    """

    stage: ChatFaultStage
    measure: str | None = None
    once: bool = False
    always: bool = False  # also strikes where a list is read


_BEFORE: Final = ChatFaultKind("before")
_SHAPE: Final = ChatFaultKind("shape")
_AFTER: Final = ChatFaultKind("shape", measure="number of chunks")

CHAT_CATALOGUE: Final[Mapping[str, ChatFaultKind]] = {
    # limits of an account or its group
    "429": _BEFORE,
    "429-no-header": _BEFORE,
    "429-date": _BEFORE,
    "429-huge": _BEFORE,
    "insufficient-quota": _BEFORE,
    "fraction-zero": _BEFORE,
    # refusals
    "401-once": ChatFaultKind("before", once=True),
    "401": _BEFORE,
    "403": _BEFORE,
    "403-abuse": _BEFORE,
    "404-model": _BEFORE,
    "400-context": _BEFORE,
    "400-odd": _BEFORE,
    "400-parameter": _SHAPE,  # only a request with `max_tokens` meets it
    # before the first token
    "500": _BEFORE,
    "503": _BEFORE,
    "html-200": _BEFORE,
    "reset": _BEFORE,
    "slow-first": ChatFaultKind("shape", measure="number of milliseconds"),
    "hang-first": _SHAPE,
    # after N chunks
    "cut": _AFTER,
    "stall": _AFTER,
    "error-event": _AFTER,
    "slow": ChatFaultKind("shape", measure="number of milliseconds"),
    # accounting
    "no-usage": _SHAPE,
    "usage-early": _SHAPE,
    "usage-twice": _SHAPE,
    "usage-zero": _SHAPE,
    "usage-negative": _SHAPE,
    "usage-huge": _SHAPE,
    "usage-grows": _SHAPE,
    "cached": ChatFaultKind("shape", measure="number of tokens"),  # so much of the input is said to be cached
    # endings
    "no-done": _SHAPE,
    "done-twice": _SHAPE,
    "after-done": _SHAPE,
    "duplicate-chunks": _SHAPE,
    "empty-answer": _SHAPE,
    "role-only": _SHAPE,
    "filtered": _SHAPE,
    "length": _SHAPE,
    # wire
    "split-utf8": _SHAPE,
    "crlf": _SHAPE,
    "comments": _SHAPE,
    "event-lines": _SHAPE,
    "big-line": _SHAPE,
    "bad-json-chunk": _SHAPE,
    "nan": _SHAPE,
    "wrong-type": _SHAPE,
    "gzip": _SHAPE,
    "gzip-bomb": _SHAPE,
    # behaviour
    "ignores-limit": _SHAPE,
    "ignores-stream": _SHAPE,
    "streams-anyway": _SHAPE,
    "other-model": _SHAPE,
    "tool-call": _SHAPE,
    "reasoning": _SHAPE,
    "generates-on": _SHAPE,
}

# Without a count these are a state of the account, and its list of models answers with them as well.
STANDING: Final = frozenset({"401", "403", "fraction-zero"})


@dataclass(slots=True)
class ChatFault:
    """One fault that was asked for. `left` is None for one that does not run out."""

    name: str
    left: int | None = None
    probability: float | None = None
    measure: float = 0.0

    @property
    def stands(self) -> bool:
        """Whether it is a lasting state rather than a slip at single calls."""
        return self.name in STANDING and self.left is None and self.probability is None


def parse_chat_fault(text: str, catalogue: Mapping[str, ChatFaultKind] = CHAT_CATALOGUE) -> ChatFault:
    """Read `[SCOPE:]NAME[=COUNT|=PROBABILITY]` or `NAME=MEASURE[*COUNT|*PROBABILITY]`. Raises: FaultUnknown."""
    name, equals, value = _parted(text)
    kind = catalogue.get(name)
    if kind is None:
        raise FaultUnknown(f"there is no fault {name!r}; known are {', '.join(catalogue)}")
    if kind.once:
        if equals:
            raise FaultUnknown(f"{text!r}: {name} happens once and takes no number")
        return ChatFault(name, left=1)
    fault = ChatFault(name)
    often, wanted = value, bool(equals)
    if kind.measure is not None:
        measure, star, often = value.partition("*")
        fault.measure = _number(text, measure, f"needs its {kind.measure}, as in {name}=5")
        wanted = bool(star)
    if not wanted:
        return fault
    if "." in often:
        fault.probability = _number(text, often, "wants a probability from 0.0 to 1.0")
        if fault.probability > 1:
            raise FaultUnknown(f"{text!r}: a probability is at most 1.0")
    elif often.isascii() and often.isdigit() and int(often) >= 1:
        fault.left = int(often)
    else:
        raise FaultUnknown(f"{text!r}: wants a count of 1 or more, or a probability with a decimal point")
    return fault


class Armed:
    """The faults of one part of the sandbox, known by `scope`: for all of its accounts, and for single ones."""

    def __init__(self, catalogue: Mapping[str, ChatFaultKind], scope: str, seed: int) -> None:
        self.scope = scope
        self._catalogue = catalogue
        self._seed = seed
        self._faults: dict[str | None, list[ChatFault]] = {}
        self._random = Random(seed)

    def __contains__(self, name: str) -> bool:
        return name in self._catalogue

    @property
    def names(self) -> list[str]:
        """Every fault of this part."""
        return list(self._catalogue)

    def set(self, texts: Iterable[str], account: str | None = None) -> None:
        """Replace the faults of all accounts, or the additional ones of one. Raises: FaultUnknown."""
        self._faults[account] = [parse_chat_fault(text, self._catalogue) for text in texts]

    def forget(self) -> None:
        """No faults, and the dice as at the start."""
        self._faults.clear()
        self._random = Random(self._seed)

    def draw(self, account: str | None, *, calling: bool, more: str | None = None) -> dict[str, float]:
        """The faults that strike one request, by name, with their measures; counts are taken off.

        Of those that answer instead of what was asked, only the first one listed strikes. Where `calling` is False (a
        list is read) only a lasting state of the account applies. `more` are faults that the request itself brought.
        """
        known = [*self._faults.get(account, ()), *(self._faults.get(None, ()) if account is not None else ())]
        if more:
            known = [*(parse_chat_fault(text, self._catalogue) for text in more.split(",")), *known]
        struck: dict[str, float] = {}
        answered = False
        for fault in known:
            kind = self._catalogue[fault.name]
            before = kind.stage == "before"
            if fault.left == 0 or (before and answered) or not (calling or fault.stands or kind.always):
                continue
            if fault.probability is not None and self._random.random() >= fault.probability:
                continue
            if fault.left is not None:
                fault.left -= 1
            struck[fault.name] = fault.measure
            answered = answered or before
        return struck

    def instead(self, struck: Mapping[str, float]) -> str | None:
        """The fault that answers in the place of what was asked, if one struck."""
        return next((name for name in struck if self._catalogue[name].stage == "before"), None)

    def described(self) -> list[dict[str, Any]]:
        """The faults that can still strike, as the control interface shows them."""
        return [
            {
                "name": fault.name,
                "scope": self.scope,
                "account": account,
                "left": fault.left,
                "probability": fault.probability,
            }
            for account, known in self._faults.items()
            for fault in known
            if fault.left != 0
        ]


def told_apart(texts: Iterable[str], parts: Sequence[Armed]) -> tuple[list[str], dict[str, list[str]]]:
    """Split names into the faults of workspaces and those of each part, by scope.

    Raises: FaultUnknown for a name that nobody knows, with all that somebody does.
    """
    seats: list[str] = []
    others: dict[str, list[str]] = {part.scope: [] for part in parts}
    for text in texts:
        name, _, value = _parted(text)
        scope = next((part.scope for part in parts if text.strip().startswith(f"{part.scope}:")), None)
        known = [part.scope for part in parts if name in part and scope in {None, part.scope}]
        if not known and name.rpartition(":")[2] not in CATALOGUE:
            every = dict.fromkeys([*CATALOGUE, *(each for part in parts for each in part.names)])
            raise FaultUnknown(f"there is no fault {text.strip()!r}; known are {', '.join(every)}")
        for each in known:
            others[each].append(text)
        if not known or (scope is None and name in CATALOGUE and "*" not in value):
            seats.append(text)
    return seats, others


def _parted(text: str) -> tuple[str, str, str]:
    """Name, sign and value of a fault, without the scope of a part."""
    whole = text.strip()
    scope = next((scope for scope in SCOPES if whole.startswith(f"{scope}:")), None)
    return whole.removeprefix(f"{scope}:").partition("=")


def _number(text: str, value: str, wanted: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise FaultUnknown(f"{text!r}: {wanted}")
    return number
