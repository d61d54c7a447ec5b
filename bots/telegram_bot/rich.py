"""What a model wrote as a rich message of Telegram: tables, formulas and deep lists are shown as such.

Made of blocks rather than of markup, so that nothing has to be escaped and nothing can be torn. Used only where plain
markup would show less: old clients have a placeholder for rich messages, and their limits are young.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from aiogram.types import (
    InputRichBlockBlockQuotation,
    InputRichBlockDivider,
    InputRichBlockList,
    InputRichBlockListItem,
    InputRichBlockMathematicalExpression,
    InputRichBlockParagraph,
    InputRichBlockPreformatted,
    InputRichBlockSectionHeading,
    InputRichBlockTable,
    InputRichMessage,
    RichBlockTableCell,
    RichTextBold,
    RichTextCode,
    RichTextItalic,
    RichTextMathematicalExpression,
    RichTextStrikethrough,
    RichTextUrl,
)

from bots.messages.markdown import Block, Span, spans_text, without_breaks

MOST_BLOCKS = 500
"""Blocks of one message, with those inside, items and rows; as Telegram's documentation has it, like the next two."""
MOST_LEVELS = 16
MOST_COLUMNS = 20
PLAIN_LEVELS = 3
"""Lists and quotes in one another that plain text shows well enough."""

_URL = re.compile(r"(https?://[^\s<>\"'\\]*[^\s<>\"'\\.,;:!?)\]])", re.IGNORECASE)
_FORMULA = re.compile(r"\$\$(.+)\$\$|\$(.+)\$|\\\((.+)\\\)|\\\[(.+)\\\]", re.DOTALL)
_OWN_LINE = ("$$", "\\[")
_AROUND: dict[str, Any] = {"strong": RichTextBold, "em": RichTextItalic, "strike": RichTextStrikethrough}


def rich_message(blocks: Sequence[Block]) -> InputRichMessage | None:
    """These blocks as a rich message; None where plain markup shows as much, or where Telegram takes no so large one."""
    every = list(_every(blocks, 1))
    if not any(one.kind == "table" or depth > PLAIN_LEVELS or _formulas(one) for one, depth in every):
        return None
    shown = [made for made in map(_block, blocks) if made is not None]
    count = sum(1 + len(one.items) + len(one.rows) for one, _ in every)
    levels = max(2 * depth + _span_levels(_all_spans(one)) for one, depth in every)
    columns = max((len(row) for one, _ in every for row in one.rows), default=0)
    if not shown or count > MOST_BLOCKS or levels > MOST_LEVELS or columns > MOST_COLUMNS:
        return None
    # What Telegram finds by itself are mentions and commands, which a model's text must not have.
    return InputRichMessage(blocks=shown, skip_entity_detection=True)


def _every(blocks: Sequence[Block], depth: int) -> Iterator[tuple[Block, int]]:
    """All blocks, also those inside others, and how deep they are."""
    for block in blocks:
        yield block, depth
        for inside in (block.blocks, *block.items):
            yield from _every(inside, depth + 1)


def _all_spans(block: Block) -> tuple[Span, ...]:
    return (*block.spans, *(span for row in block.rows for cell in row for span in cell))


def _formulas(block: Block) -> bool:
    return any(span.kind == "formula" for span in _flat(_all_spans(block)))


def _flat(spans: Sequence[Span]) -> Iterator[Span]:
    for span in spans:
        yield span
        yield from _flat(span.spans)


def _span_levels(spans: Sequence[Span]) -> int:
    return max((1 + _span_levels(span.spans) for span in spans), default=0)


def _block(block: Block) -> Any:
    """One block; None for one in which nothing can be seen."""
    if block.kind == "rule":
        return InputRichBlockDivider()
    if block.kind == "quote":
        inside = _inside(block.blocks)
        return InputRichBlockBlockQuotation(blocks=inside) if inside else None
    if block.kind == "list":
        return _list(block)
    if block.kind == "table":
        return _table(block)
    if block.kind == "code":
        word = re.sub(r"[^\w+#.-]", "", block.word.partition(" ")[0])[:20]
        return InputRichBlockPreformatted(text=block.text, language=word or None) if block.text.strip() else None
    if not spans_text(block.spans).strip():
        return None
    if block.kind == "heading":
        return InputRichBlockSectionHeading(text=_text(without_breaks(block.spans)), size=min(6, max(1, block.number)))
    if len(block.spans) == 1 and block.spans[0].kind == "formula" and block.spans[0].text.startswith(_OWN_LINE):
        return InputRichBlockMathematicalExpression(expression=_expression(block.spans[0].text))
    return InputRichBlockParagraph(text=_text(block.spans))


def _inside(blocks: Sequence[Block]) -> list[Any]:
    return [made for made in map(_block, blocks) if made is not None]


def _list(block: Block) -> Any:
    items = []
    for place, item in enumerate(block.items):
        number = block.number + place if block.number else None
        inside = _inside(item) or [InputRichBlockParagraph(text="–")]
        items.append(InputRichBlockListItem(blocks=inside, value=number, type=None if number is None else "1"))
    return InputRichBlockList(items=items) if items else None


def _table(block: Block) -> Any:
    columns = max((len(row) for row in block.rows), default=0)
    cells = [
        [_cell(row[place] if place < len(row) else (), head=number == 0) for place in range(columns)]
        for number, row in enumerate(block.rows)
    ]
    return InputRichBlockTable(cells=cells, is_bordered=True) if columns else None


def _cell(spans: Sequence[Span], *, head: bool) -> RichBlockTableCell:
    text = _text(without_breaks(spans)) if spans_text(spans).strip() else None
    return RichBlockTableCell(align="left", valign="top", text=text, is_header=head or None)


def _text(spans: Sequence[Span]) -> Any:
    return [piece for span in spans for piece in _pieces(span)]


def _pieces(span: Span) -> Iterator[Any]:
    if span.kind == "break":
        yield "\n"
    elif span.kind == "formula":
        yield RichTextMathematicalExpression(expression=_expression(span.text))
    elif span.kind == "code":
        yield RichTextCode(text=span.text) if span.text.strip() else span.text
    elif span.kind == "link":
        seen = spans_text(span.spans).strip()
        yield RichTextUrl(text=_without_links(span.spans) if seen else span.url, url=span.url)
    else:
        inside = [*_linked(span.text), *_text(span.spans)]
        if span.kind in _AROUND and spans_text((span,)).strip():
            yield _AROUND[span.kind](text=inside)
        else:
            yield from inside


def _linked(text: str) -> Iterator[Any]:
    """Addresses that stand in the text as they are lead where they say; nothing else does."""
    for number, piece in enumerate(_URL.split(text)):
        if piece:
            yield RichTextUrl(text=piece, url=piece) if number % 2 else piece


def _without_links(spans: Sequence[Span]) -> str:
    """What a link is called: it leads to one place."""
    return "".join(" " if span.kind == "break" else span.text + _without_links(span.spans) for span in spans)


def _expression(formula: str) -> str:
    """What is between the marks of a formula."""
    found = _FORMULA.fullmatch(formula)
    return next((one for one in (found.groups() if found else ()) if one), formula).strip()
