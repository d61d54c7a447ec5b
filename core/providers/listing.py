"""Reading a list whole, or admitting that it was not.

In systems of this kind, lists that were cut, repeated or wrongly empty have led to occupied seats being handed out. So
a reader collects every page, counts, and gives up loudly.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

from core.providers.protocol import Failure, Unavailable, Unclear

Row = TypeVar("Row")
Place = TypeVar("Place", int, str | None)
_MAX_PAGES: Final = 1000
_MILLISECONDS: Final = 10**11  # as seconds, that would be the year 5138
SAME_AGAIN: Final = "incomplete list: the same rows again"


@dataclass(frozen=True, slots=True)
class Page(Generic[Row, Place]):
    """One page: rows with a key that is unique in the list, the total if stated, where the next page starts.

    `following` is None when the upstream says that this was the last page. `doubted`: the total may be the page's own
    and not the list's, which reading one page more decides.
    """

    rows: Mapping[str, Row]
    count: int
    total: int | None
    following: Place | None
    doubted: bool = False


async def read_whole(
    read: Callable[[Place], Awaitable[Page[Row, Place] | Failure]], start: Place
) -> tuple[Row, ...] | Failure:
    """Every row once, in order. Unclear if the counts disagree or the list never ends."""
    seen: dict[str, Row] = {}
    place = start
    doubted = False
    for _ in range(_MAX_PAGES):
        page = await read(place)
        if isinstance(page, Unavailable | Unclear):
            return page
        fresh = len(page.rows.keys() - seen.keys())
        if doubted and not fresh:
            return tuple(seen.values())  # the total was right
        seen.update(page.rows)
        doubted = page.doubted
        if page.total is None and not page.count and place != start:
            # The page before promised more. Without a total, this is the only sign of a list that was cut.
            return Unclear("incomplete list: it ends early")
        complete = page.total is not None and len(seen) >= page.total and not doubted
        if page.following is None or complete or not page.count:
            return _counted(seen, page.total)
        if not fresh:
            return Unclear(SAME_AGAIN)
        place = page.following
    return Unclear("incomplete list: it does not end")


def _counted(seen: dict[str, Row], total: int | None) -> tuple[Row, ...] | Failure:
    if total is not None and len(seen) != total:
        return Unclear(f"incomplete list: {len(seen)} rows of {total}")
    return tuple(seen.values())


def mapping(value: Any) -> Mapping[str, Any]:
    """`value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def text(value: Any) -> str | None:
    """`value` if it is a text with content."""
    return value if isinstance(value, str) and value else None


def count(value: Any) -> int | None:
    """`value` if it is a whole number of things; true and false are not numbers."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def address(value: Any) -> str | None:
    """An e-mail address in the form it is compared in."""
    return value.strip().lower() if isinstance(value, str) and "@" in value else None


def moment(value: Any) -> datetime | None:
    """A point in time (UTC) from ISO 8601 or Unix time, in seconds or milliseconds, else None."""
    try:
        if isinstance(value, str) and len(value) in {10, 13} and value.isascii() and value.isdecimal():
            value = int(value)
        if isinstance(value, str):
            parsed = datetime.fromisoformat(value)
            return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value >= _MILLISECONDS else value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None
