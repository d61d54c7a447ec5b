"""What the protocols of the sandbox have in common: a call, an answer, and the shapes a list can take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal, Protocol, TypeAlias, TypeVar

from core.sandbox.faults import CallKind
from core.sandbox.state import Person, Space, World

Row = TypeVar("Row")
Shapes: TypeAlias = Mapping[str, float]
WriteProblem: TypeAlias = Literal[
    "credential",
    "forbidden",
    "gone",
    "member",
    "full",
    "address",
    "pause",
    "broken",
    "true_up",
    "true_up_400",
    "delinquent",
    "conflict",
]

MAX_PAGE: Final = 100
TRUE_UP: Final = "seat_true_up_pending"
DELINQUENT: Final = "workspace_subscription_delinquent"
SMALL_PAGE: Final = 2


@dataclass(frozen=True, slots=True)
class Call:
    """What a request asks for, independent of the protocol."""

    kind: CallKind
    space: Space
    addresses: tuple[str, ...] = ()
    reference: str = ""
    offset: int = 0
    limit: int = MAX_PAGE
    later: bool = False  # a page after the first
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SimulatedAnswer:
    """A status and a JSON body; None is an empty body."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = "application/json"


class Dialect(Protocol):
    """One upstream protocol, spoken on the shared workspaces."""

    def session(self, space: Space, root: str) -> dict[str, Any]:
        """The credential JSON that an operator would paste."""
        ...

    def read(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: Any
    ) -> Call | SimulatedAnswer:
        """The call that a request stands for, or at once the answer where it stands for none."""
        ...

    def do(self, call: Call, shapes: Shapes) -> SimulatedAnswer:
        """Carry out the call."""
        ...

    def refuse(self, problem: WriteProblem) -> SimulatedAnswer:
        """This protocol's answer to a problem that any protocol has."""
        ...

    def drop(self, call: Call, how: str) -> SimulatedAnswer:
        """Answer yes and invite nobody: without a word, or naming the last address in the way of the fault `how`."""
        ...


def cased(email: str, shapes: Shapes) -> str:
    """The address, or the same one in another spelling of upper and lower case."""
    return email.swapcase() if "other-case" in shapes else email


def visible(people: Iterable[Person], shapes: Shapes, world: World) -> list[Person]:
    """Those who have been there long enough to be listed."""
    lag = timedelta(seconds=shapes.get("list-lag", 0.0))
    now = world.clock.now()
    return [person for person in people if now - person.at >= lag]


def cut_page(rows: list[Row], call: Call, shapes: Shapes) -> tuple[int, list[Row]]:
    """The page size that is used and the rows of this page, as the page faults have them."""
    if "ignores-paging" in shapes:
        return call.limit, rows[: max(call.limit, 1)]
    limit = min(max(call.limit, 1), SMALL_PAGE if "small-pages" in shapes else MAX_PAGE)
    if call.offset and "page-cut" in shapes:
        return limit, []
    start = call.offset - 1 if call.offset and "page-duplicates" in shapes else call.offset
    return limit, rows[start : start + limit]


def total_of(rows: Sequence[Any], page: Sequence[Any], shapes: Shapes) -> int:
    """The total that the list states."""
    return len(page) if "total-is-page" in shapes else len(rows)


def filled(page: list[Row], shapes: Shapes) -> list[Row] | None:
    """The rows, or null where there are none and a fault asks for that."""
    return None if "null-resources" in shapes and not page else page


def whole(query: Mapping[str, str], name: str, default: int) -> int:
    """A whole number among the query's parameters."""
    value = query.get(name, "")
    return int(value) if value.isascii() and value.isdigit() else default
