"""Lists as files: what a chat shows page by page, whole and for a spreadsheet."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypeVar

from bots.commands.command import Argument
from bots.messages.reply import File, Reply
from core.rules.csv_text import csv_text

MOST: Final = 20_000
"""Lines of one file: what a chat carries and a phone opens."""
FILE: Final = Argument("file", "choice", False, ("csv",), word=True)
Line = TypeVar("Line")


async def whole(page: Callable[[int | None], Awaitable[Sequence[Line]]]) -> list[Line]:
    """Every line, newest first, from pages that each begin before the number of the last line."""
    lines: list[Line] = []
    before: int | None = None
    while len(lines) < MOST and (found := await page(before)):
        lines += found
        before = found[-1].id  # type: ignore[attr-defined]  # every list that has pages has numbers
    return lines[:MOST]


def sheet(name: str, lines: Sequence[Any], *, beside: Mapping[str, Sequence[str]] = MappingProxyType({})) -> Reply:
    """The lines as a table with a column for each of their fields, and behind them those of `beside`."""
    if not lines:
        return Reply("file-nothing")
    columns = [field.name for field in dataclasses.fields(lines[0])]
    cells = [
        [*(_cell(getattr(line, column)) for column in columns), *more]
        for line, *more in zip(lines, *beside.values(), strict=True)
    ]
    content = csv_text([*columns, *beside], cells).encode("utf-8-sig")
    return Reply("file-csv", {"count": len(lines)}, files=(File(f"{name}.csv", content),), replace=False)


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str | datetime):
        return value
    if isinstance(value, Mapping):
        return "; ".join(f"{name}={_cell(one)}" for name, one in value.items())
    return "; ".join(str(_cell(one)) for one in value) if isinstance(value, Sequence) else str(value)
