"""Lines gathered into messages."""

from __future__ import annotations

from collections.abc import Sequence


def pages_of(blocks: Sequence[Sequence[str]], limit: int) -> list[str]:
    """Lines gathered into messages: a break between blocks is an empty line, and no line is torn while it fits."""
    pages: list[str] = []
    page = ""
    for block in blocks:
        for number, line in enumerate(block):
            for piece in _pieces(line, limit):
                joint = "" if not page else "\n\n" if number == 0 else "\n"
                if len(page) + len(joint) + len(piece) > limit:
                    pages.append(page)
                    page, joint = "", ""
                page += joint + piece
    return [*pages, page] if page else pages


def _pieces(line: str, limit: int) -> list[str]:
    """A line that is longer than a whole message is broken at a space; no text of ours is, so no mark is torn."""
    pieces = []
    while len(line) > limit:
        cut = line.rfind("\n", 1, limit)
        cut = cut if cut > 0 else line.rfind(" ", 1, limit)
        cut = cut if cut > 0 else limit
        pieces.append(line[:cut])
        line = line[cut:].lstrip()
    return [*pieces, line]
