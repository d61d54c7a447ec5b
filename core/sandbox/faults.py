"""The faults that the sandbox can commit, how they are asked for, and when one strikes.

`NAME` strikes at every call in its scope, `NAME=3` at the next three, `NAME=0.1` at a tenth of them (seeded); `list-
lag=SECONDS` and `slow=MS` take a measure instead. A scope in front (`members:500=2`) replaces the usual one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, Literal, TypeAlias

CallKind: TypeAlias = Literal["invite", "members", "pending", "cancel", "remove", "seats", "account"]
FaultStage: TypeAlias = Literal["before", "after", "shape"]

EVERY_CALL: Final[frozenset[CallKind]] = frozenset(
    {"invite", "members", "pending", "cancel", "remove", "seats", "account"}
)
SCOPES: Final[Mapping[str, frozenset[CallKind]]] = {
    "invite": frozenset({"invite"}),
    "members": frozenset({"members"}),
    "pending": frozenset({"pending"}),
    "cancel": frozenset({"cancel"}),
    "remove": frozenset({"remove"}),
    "seats": frozenset({"seats"}),
    "account": frozenset({"account"}),
    "all": EVERY_CALL,
}
_LISTS: Final[frozenset[CallKind]] = frozenset({"members", "pending"})
_INVITE: Final = SCOPES["invite"]


class FaultUnknown(ValueError):
    """A fault that cannot be understood; the message says which and why."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """`before`: answered instead of done; `after`: done, then this happens; `shape`: done, but reported differently."""

    stage: FaultStage
    scope: frozenset[CallKind]
    measure: str | None = None
    once: bool = False


_BEFORE: Final = FaultKind("before", _INVITE)
_AFTER: Final = FaultKind("after", _INVITE)
# Without a count these are a state of the whole workspace, with one they are a slip at the next invites.
STANDING: Final = frozenset({"401", "403", "404"})

CATALOGUE: Final[Mapping[str, FaultKind]] = {
    "applied-then-timeout": _AFTER,
    "applied-then-reset": _AFTER,
    "applied-then-500": _AFTER,
    "reset": _BEFORE,
    "500": _BEFORE,
    "502": _BEFORE,
    "503": _BEFORE,
    "empty-invites": _BEFORE,
    "html-200": _BEFORE,
    "html-403": _BEFORE,
    "partial-batch": _BEFORE,
    "401-once": FaultKind("before", _INVITE, once=True),
    "401": _BEFORE,
    "403": _BEFORE,
    "404": _BEFORE,
    "409-member": _BEFORE,
    "422-full": _BEFORE,
    "422-address": _BEFORE,
    "429": _BEFORE,
    "429-no-header": _BEFORE,
    "429-date": _BEFORE,
    "429-huge": _BEFORE,
    "401-true-up": _BEFORE,
    "400-true-up": _BEFORE,
    "401-delinquent": _BEFORE,
    "errored-objects": _BEFORE,
    "errored-strings": _BEFORE,
    "already-emails": _BEFORE,
    "409-conflict": _BEFORE,
    "list-lag": FaultKind("shape", _LISTS, measure="seconds"),
    "stale-members": FaultKind("shape", SCOPES["members"]),
    "page-cut": FaultKind("shape", _LISTS),
    "page-duplicates": FaultKind("shape", _LISTS),
    "empty-members": FaultKind("shape", SCOPES["members"]),
    "numeric-status": FaultKind("shape", SCOPES["pending"]),
    "other-case": FaultKind("shape", _LISTS | _INVITE),
    "foreign-member": FaultKind("shape", SCOPES["members"]),
    "no-pending-count": FaultKind("shape", SCOPES["seats"]),
    "smaller-capacity": FaultKind("shape", _INVITE | SCOPES["seats"]),
    "null-email": FaultKind("shape", SCOPES["members"] | SCOPES["seats"]),
    "deactivated-member": FaultKind("shape", SCOPES["members"]),
    "join-request": FaultKind("shape", SCOPES["pending"]),
    "seat-types": FaultKind("shape", SCOPES["members"] | SCOPES["seats"]),
    "null-resources": FaultKind("shape", _LISTS),
    "total-is-page": FaultKind("shape", _LISTS),
    "no-group-members": FaultKind("shape", SCOPES["account"]),
    "ignores-paging": FaultKind("shape", _LISTS),
    "slow": FaultKind("shape", EVERY_CALL, measure="milliseconds"),
    "hang": FaultKind("before", EVERY_CALL),
    "bad-json": _AFTER,
    "truncated": _AFTER,
    "wrong-content-type": _AFTER,
    "huge-body": _AFTER,
    "gzip-bomb": _AFTER,
}
_PAGES: Final = frozenset({"page-cut", "page-duplicates"})


@dataclass(slots=True)
class Fault:
    """One fault that was asked for. `left` is None for one that does not run out."""

    name: str
    kind: FaultKind
    scope: frozenset[CallKind]
    left: int | None = None
    probability: float | None = None
    measure: float = 0.0


@dataclass(slots=True)
class Drawn:
    """What strikes one call: at most one event, any number of shapes with their measures."""

    event: str | None = None
    shapes: dict[str, float] = field(default_factory=dict)


def parse_fault(text: str) -> Fault:
    """Read `[scope:]NAME[=COUNT|=PROBABILITY|=MEASURE]`. Raises: FaultUnknown."""
    scope_name, colon, rest = text.strip().rpartition(":")
    name, equals, value = rest.partition("=")
    kind = CATALOGUE.get(name)
    if kind is None:
        raise FaultUnknown(f"there is no fault {name!r}; known are {', '.join(CATALOGUE)}")
    if colon and scope_name not in SCOPES:
        raise FaultUnknown(f"there is no scope {scope_name!r}; known are {', '.join(SCOPES)}")
    fault = Fault(name, kind, SCOPES[scope_name] if colon else kind.scope)
    if kind.measure is not None:
        fault.measure = _number(text, value, f"needs its {kind.measure}, as in {name}=5")
    elif kind.once:
        if equals:
            raise FaultUnknown(f"{text!r}: {name} happens once and takes no number")
        fault.left = 1
    elif equals and "." in value:
        fault.probability = _number(text, value, "wants a probability from 0.0 to 1.0")
        if fault.probability > 1:
            raise FaultUnknown(f"{text!r}: a probability is at most 1.0")
    elif equals:
        if not value.isascii() or not value.isdigit() or int(value) < 1:
            raise FaultUnknown(f"{text!r}: wants a count of 1 or more, or a probability with a decimal point")
        fault.left = int(value)
    if name in STANDING and fault.left is None and not colon:
        fault.scope = EVERY_CALL
    return fault


def parse_faults(texts: Iterable[str]) -> list[Fault]:
    """Read several. Raises: FaultUnknown for the first that cannot be read."""
    return [parse_fault(text) for text in texts]


def _number(text: str, value: str, wanted: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise FaultUnknown(f"{text!r}: {wanted}")
    return number


def draw(faults: Sequence[Fault], kind: CallKind, random: Random, *, first_page: bool = True) -> Drawn:
    """The faults that strike this call; counts are taken off.

    Of several events only the first one listed strikes, and only that one is counted. The two page faults make every
    page small, but strike (and count) only at the second page, because a list of one page cannot be cut.
    """
    drawn = Drawn()
    for fault in faults:
        if kind not in fault.scope or fault.left == 0:
            continue
        if fault.kind.stage != "shape" and drawn.event is not None:
            continue
        if fault.name in _PAGES:
            drawn.shapes["small-pages"] = 1.0
            if first_page:
                continue
        if fault.name == "total-is-page":
            drawn.shapes["small-pages"] = 1.0
        if fault.probability is not None and random.random() >= fault.probability:
            continue
        if fault.left is not None:
            fault.left -= 1
        if fault.kind.stage == "shape":
            drawn.shapes[fault.name] = fault.measure
        else:
            drawn.event = fault.name
    return drawn
