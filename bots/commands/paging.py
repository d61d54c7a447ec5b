"""Lists in pages. A page is known by the row it begins after, so that nothing shifts while somebody reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bots.messages.reply import Button, Say

PAGE = "page"
"""The argument that carries the way to a page: the ids that the pages before it ended with, as in `12.24`."""
DEEPEST = 200
"""Pages that the way back remembers."""


def cursor(trail: str | None) -> int | None:
    """The id that this page begins after; None on the first."""
    return _ids(trail)[-1] if _ids(trail) else None


def page_buttons(
    command: str, arguments: Mapping[str, Any], trail: str | None, following: int | None
) -> Sequence[Sequence[Button]]:
    """A row with *back* and *next*, as far as there are such pages; `following` is the id the next one begins after."""
    ids = _ids(trail)
    row = []
    if ids:
        row.append(_button("button-back", command, arguments, ids[:-1]))
    if following is not None:
        row.append(_button("button-next", command, arguments, [*ids, following][-DEEPEST:]))
    return (tuple(row),) if row else ()


def list_head(given: Mapping[str, Any], state: str | None = None, otherwise: str = "list-all") -> Say:
    """What a list was asked for: its filters as they were written, and `state`, the key of its state's name."""
    told = [
        f"#{value}" if name == "batch" else str(value)
        for name, value in given.items()
        if value is not None and name != "state"
    ]
    if not told:
        return Say(state or otherwise)
    rest = Say("list-filtered", {"filters": told})
    return rest if state is None else Say("list-in-state", {"state": Say(state), "rest": rest})


def numbered(number: int, command: str, argument: str) -> Button:
    """The button of a line that stands in a list under this number, which opens it."""
    return Button(Say("plain", {"text": f"#{number}"}), command, {argument: number}, line=number)


def _button(label: str, command: str, arguments: Mapping[str, Any], ids: Sequence[int]) -> Button:
    way = {PAGE: ".".join(str(one) for one in ids)} if ids else {}
    return Button(Say(label), command, {**arguments, **way})


def _ids(trail: str | None) -> list[int]:
    return [int(part) for part in trail.split(".")] if trail and re.fullmatch(r"\d{1,18}(\.\d{1,18})*", trail) else []
