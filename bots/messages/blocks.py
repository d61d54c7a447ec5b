"""Printing a model's blocks: Telegram's HTML, Discord's markdown, a terminal, plain text; in parts that fit a message.

A part is cut between blocks; a block that is too long itself is cut into smaller ones of its kind, so that no markup
is ever torn.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from bots.messages.markdown import Block, Span, spans_text, without_breaks

Markup: TypeAlias = Literal["telegram", "discord", "ansi", "plain"]

DEEPEST = 12
"""Levels of lists that are indented."""
SHORTEST_CUT = 200
"""Characters that a piece of a torn paragraph has at least."""


def parts(blocks: Sequence[Block], markup: Markup, limit: int) -> list[str]:
    """The blocks as messages of at most `limit` characters each."""
    return [text for text, _ in printed(blocks, markup, limit)]


def printed(blocks: Sequence[Block], markup: Markup, limit: int) -> list[tuple[str, tuple[Block, ...]]]:
    """The blocks as messages of at most `limit` characters each, and the blocks that each was printed from."""
    pages: list[tuple[str, tuple[Block, ...]]] = []
    page = ""
    held: list[Block] = []
    for block in blocks:
        for piece in _fitting(block, markup, limit):
            shown = print_block(piece, markup)
            joint = "\n\n" if page and shown else ""
            if len(page) + len(joint) + len(shown) > limit:
                pages.append((page, tuple(held)))
                page, joint, held = "", "", []
            page += joint + shown
            held.append(piece)
    return [*pages, (page, tuple(held))] if page.strip() else pages


def print_block(block: Block, markup: Markup) -> str:
    """One block as text."""
    return _PRINTERS[markup].block(block, 0)


def _fitting(block: Block, markup: Markup, limit: int) -> Iterator[Block]:
    """The block, or smaller ones that say the same."""
    if len(print_block(block, markup)) <= limit:
        yield block
        return
    smaller = list(_cut(block, max(SHORTEST_CUT, limit // 3)))
    if len(smaller) < 2:
        # Markup alone may be longer than its text: then the text has to do.
        flat = spans_text(block.spans) or block.text
        step = max(1, limit // 8)
        for start in range(0, len(flat), step):
            yield Block("paragraph", spans=(Span("text", flat[start : start + step]),))
        return
    for one in smaller:
        yield from _fitting(one, markup, limit)


def _cut(block: Block, most: int) -> Iterator[Block]:
    if block.kind == "code":
        yield from (replace(block, text=text) for text in _cut_lines(block.text, most))
    elif block.kind == "quote":
        one = len(block.blocks) == 1
        inside = _cut(block.blocks[0], most) if one else iter(block.blocks)
        yield from (replace(block, blocks=(each,)) for each in inside)
    elif block.kind == "list":
        yield from _cut_list(block, most)
    elif block.kind == "table":
        yield from _cut_table(block)
    else:
        yield from (replace(block, spans=tuple(spans)) for spans in _cut_spans(block.spans, most))


def _cut_list(block: Block, most: int) -> Iterator[Block]:
    if len(block.items) > 1:
        for place, item in enumerate(block.items):
            yield replace(block, items=(item,), number=block.number and block.number + place)
    else:
        [item] = block.items
        yield from item if len(item) > 1 else (one for each in item for one in _cut(each, most))


def _cut_table(block: Block) -> Iterator[Block]:
    if len(block.rows) > 2:
        half = len(block.rows) // 2 + 1
        yield replace(block, rows=block.rows[:half])
        yield replace(block, rows=(block.rows[0], *block.rows[half:]))
    else:
        yield from (Block("paragraph", spans=cell) for row in block.rows for cell in row)


def _cut_lines(text: str, most: int) -> Iterator[str]:
    page: list[str] = []
    size = 0
    for whole in text.split("\n"):
        for start in range(0, max(1, len(whole)), most):
            line = whole[start : start + most]
            if page and size + len(line) > most:
                yield "\n".join(page)
                page, size = [], 0
            page.append(line)
            size += len(line) + 1
    if page:
        yield "\n".join(page)


def _cut_spans(spans: Sequence[Span], most: int) -> Iterator[list[Span]]:
    page: list[Span] = []
    size = 0
    for span in _short_spans(spans, most):
        length = len(spans_text((span,)))
        if page and size + length > most:
            yield page
            page, size = [], 0
        page.append(span)
        size += length
    if page:
        yield page


def _short_spans(spans: Sequence[Span], most: int) -> Iterator[Span]:
    for span in spans:
        if len(spans_text((span,))) <= most:
            yield span
        elif span.spans:
            yield from (replace(span, text="", spans=(one,)) for one in _short_spans(span.spans, most))
        else:
            yield from (replace(span, text=piece) for piece in _cut_text(span.text, most))


def _cut_text(text: str, most: int) -> Iterator[str]:
    while len(text) > most:
        at = text.rfind(" ", most // 2, most) + 1 or most
        yield text[:at]
        text = text[at:]
    yield text


class Printer:
    """How one platform writes blocks. What it does not write otherwise is plain text."""

    def escape(self, text: str) -> str:
        return text

    def strong(self, text: str) -> str:
        return text

    def em(self, text: str) -> str:
        return text

    def strike(self, text: str) -> str:
        return text

    def code(self, text: str) -> str:
        return text

    def link(self, text: str, url: str) -> str:
        return text if url in text else f"{text} ({self.escape(url)})"

    def fence(self, text: str, word: str) -> str:  # noqa: ARG002 - for those who colour languages
        return text

    def quote(self, text: str) -> str:
        return "\n".join(f"> {line}" for line in text.split("\n"))

    def heading(self, text: str, level: int) -> str:  # noqa: ARG002 - for those who have sizes
        return self.strong(text)

    rule = "———"

    def spans(self, spans: Sequence[Span]) -> str:
        return "".join(self.span(one) for one in spans)

    def span(self, span: Span) -> str:
        inside = self.escape(span.text) + self.spans(span.spans)
        if span.kind == "break":
            return "\n"
        if span.kind in {"code", "formula"}:
            return self.code(span.text)
        if span.kind == "link":
            return self.link(inside, span.url)
        around: dict[str, Callable[[str], str]] = {"strong": self.strong, "em": self.em, "strike": self.strike}
        return around[span.kind](inside) if span.kind in around and inside.strip() else inside

    def blocks(self, blocks: Sequence[Block], depth: int, between: str = "\n\n") -> str:
        return between.join(self.block(one, depth) for one in blocks)

    def block(self, block: Block, depth: int) -> str:
        if block.kind == "heading":
            return self.heading(self.spans(without_breaks(block.spans)), block.number)
        if block.kind == "code":
            return self.fence(block.text, block.word)
        if block.kind == "quote":
            return self.quote(self.blocks(block.blocks, depth))
        if block.kind == "list":
            return "\n".join(self.item(block, place, item, depth) for place, item in enumerate(block.items))
        if block.kind == "table":
            return self.fence(_grid(block), "")
        return self.rule if block.kind == "rule" else self.spans(block.spans)

    def item(self, block: Block, place: int, item: Sequence[Block], depth: int) -> str:
        mark = f"{block.number + place}. " if block.number else "• "
        inside = self.blocks(item, depth + 1, "\n")
        indent = "  " if depth < DEEPEST else ""
        if any(one.kind in {"code", "table", "quote"} for one in item):
            return mark + inside  # what is shown as it is must not be indented
        return mark + inside.replace("\n", "\n" + indent)


class Telegram(Printer):
    def escape(self, text: str) -> str:
        return html.escape(text, quote=True)

    def strong(self, text: str) -> str:
        return f"<b>{text}</b>"

    def em(self, text: str) -> str:
        return f"<i>{text}</i>"

    def strike(self, text: str) -> str:
        return f"<s>{text}</s>"

    def code(self, text: str) -> str:
        return f"<code>{self.escape(text)}</code>" if text.strip() else self.escape(text)

    def link(self, text: str, url: str) -> str:
        return f'<a href="{html.escape(url, quote=True)}">{text}</a>' if text.strip() else self.escape(url)

    def fence(self, text: str, word: str) -> str:
        if not text.strip():
            return self.escape(text)
        name = re.sub(r"[^\w+#.-]", "", word.partition(" ")[0])[:20]
        inside = self.escape(text)
        return f'<pre><code class="language-{name}">{inside}</code></pre>' if name else f"<pre>{inside}</pre>"

    def quote(self, text: str) -> str:
        # Telegram takes no quote within a quote.
        inside = text.replace("<blockquote>", "").replace("</blockquote>", "")
        return f"<blockquote>{inside}</blockquote>" if inside.strip() else inside

    def heading(self, text: str, level: int) -> str:  # noqa: ARG002 - there is one size
        return self.strong(re.sub("</?b>", "", text)) if text.strip() else text


class Discord(Printer):
    rule = "———"

    def escape(self, text: str) -> str:
        escaped = re.sub(r"([\\*_~`|>#\[\]()<:-])", r"\\\1", text)
        return re.sub(r"@(?=everyone|here)", "@\u200b", escaped)

    def strong(self, text: str) -> str:
        return f"**{text}**"

    def em(self, text: str) -> str:
        return f"*{text}*"

    def strike(self, text: str) -> str:
        return f"~~{text}~~"

    def code(self, text: str) -> str:
        return f"`` {text} ``" if "`" in text else f"`{text}`" if text.strip() else text

    def link(self, text: str, url: str) -> str:
        shown = f"<{url}>"
        return shown if self.escape(url) == text else f"{text} ({shown})"

    def fence(self, text: str, word: str) -> str:
        name = re.sub(r"[^\w+#.-]", "", word.partition(" ")[0])[:20]
        inside = text.replace("```", "`\u200b`\u200b`")
        return f"```{name}\n{inside}\n```"

    def heading(self, text: str, level: int) -> str:
        return f"{'#' * min(3, max(1, level))} {text}"


class Ansi(Printer):
    def strong(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[22m"

    def em(self, text: str) -> str:
        return f"\x1b[3m{text}\x1b[23m"

    def strike(self, text: str) -> str:
        return f"\x1b[9m{text}\x1b[29m"

    def code(self, text: str) -> str:
        return f"\x1b[36m{text}\x1b[39m"

    def fence(self, text: str, word: str) -> str:  # noqa: ARG002 - a terminal colours no languages
        return "\n".join(f"\x1b[36m  {line}\x1b[39m" for line in text.split("\n"))


_PRINTERS: dict[str, Printer] = {"telegram": Telegram(), "discord": Discord(), "ansi": Ansi(), "plain": Printer()}


def _grid(block: Block) -> str:
    """A table as text, in columns of one width."""
    rows = [[spans_text(without_breaks(cell)).strip() for cell in row] for row in block.rows]
    columns = max((len(row) for row in rows), default=0)
    rows = [[*row, *[""] * (columns - len(row))] for row in rows]
    widths = [max((_width(row[place]) for row in rows), default=0) for place in range(columns)]
    lines = [
        " | ".join(cell + " " * (widths[place] - _width(cell)) for place, cell in enumerate(row)).rstrip()
        for row in rows
    ]
    if len(lines) > 1:
        lines.insert(1, "-+-".join("-" * width for width in widths))
    return "\n".join(lines)


def _width(text: str) -> int:
    """Places that a text takes where every letter is equally wide; Chinese ones take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
