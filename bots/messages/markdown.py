"""What a model has written, read once into a tree of our own: `bots.messages.blocks` prints it for each platform.

Nothing of a model's text is markup but what is read here, HTML least of all. Half an answer is read like a whole one,
and what the reader would drop is kept as plain text instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

AT_ONCE = 8_000
"""Characters that are parsed together: a parser takes more than twice as long for twice as many brackets."""
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")
HTTP = re.compile(r"https?://[^\s<>\"'\\]+\Z", re.IGNORECASE)
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")

SpanKind: TypeAlias = Literal["text", "strong", "em", "strike", "code", "formula", "link", "break"]
BlockKind: TypeAlias = Literal["paragraph", "heading", "code", "quote", "list", "table", "rule"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text: `text` of a leaf, or the spans inside. `url` of a link is http or https.

    A formula is kept with the marks around it: most platforms show it as it is written.
    """

    kind: SpanKind
    text: str = ""
    spans: tuple[Span, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph and whatever else stands between empty lines.

    `spans` of a paragraph or heading, `text` of code with its language in `word`, `blocks` of a quote, `items` of a
    list (numbered from `number`, 0: with dots), `rows` of a table, the first of which is its head.
    """

    kind: BlockKind
    spans: tuple[Span, ...] = ()
    text: str = ""
    word: str = ""
    number: int = 0
    blocks: tuple[Block, ...] = ()
    items: tuple[tuple[Block, ...], ...] = ()
    rows: tuple[tuple[tuple[Span, ...], ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote, as it came and as it was read."""

    text: str
    blocks: tuple[Block, ...]
    most: int = 3
    """Messages that it may take."""


def parse(text: str) -> tuple[Block, ...]:
    """The blocks of a text. Costs time for long ones: call it on a thread where somebody waits."""
    blocks: list[Block] = []
    for piece in _pieces(cleaned(text)):
        read = _read(piece)
        # A parser stops at a depth, and drops what is deeper: then the text stands as it was written.
        blocks += read if _letters(_all_text(read)) >= _letters(piece) else _plain(piece)
    return tuple(blocks)


def cleaned(text: str) -> str:
    """Without control characters, turned directions and halves of characters, which no chat should ever be sent."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    kept = []
    for char in text:
        if char in "\n\t" or char.isprintable():
            kept.append(char)
        elif unicodedata.category(char) == "Cs":
            kept.append("\ufffd")
        elif unicodedata.category(char) in {"Cf", "Zs", "Co", "Cn"} and char not in BIDI:
            kept.append(char)
    return "".join(kept)


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces of a length that is parsed in a moment, cut between blocks; a cut fence is opened again."""
    piece: list[str] = []
    size = 0
    fence: re.Match[str] | None = None
    for whole in text.split("\n"):
        for line in _lengths(whole):
            cut = size + len(line) > AT_ONCE or (size > AT_ONCE // 2 and not line.strip() and fence is None)
            if piece and cut:
                yield "\n".join(piece)
                piece, size = [fence[0]] if fence is not None else [], 0
            piece.append(line)
            size += len(line) + 1
            found = FENCE.match(line)
            if found is not None:
                ends = fence is not None and found[1][0] == fence[1][0] and len(found[1]) >= len(fence[1])
                fence = (None if ends and not found[2].strip() else fence) if fence is not None else found
    if piece:
        yield "\n".join(piece)


def _lengths(line: str) -> Iterator[str]:
    for start in range(0, max(1, len(line)), AT_ONCE):
        yield line[start : start + AT_ONCE]


def _read(text: str) -> list[Block]:
    """The blocks of a piece. A block of which something would be dropped (what stands beside the columns of a table)
    is text as it was written.
    """
    tokens, lines = _parser().parse(text), text.split("\n")
    blocks: list[Block] = []
    at = 0
    while at < len(tokens):
        start, end = tokens[at].map or (0, 0)
        block, at = _block(tokens, at)
        written = "\n".join(lines[start:end])
        read = [] if block is None else [block]
        blocks += read if _letters(_all_text(read)) >= _letters(written) else _plain(written)
    return blocks


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 60})
    parser.enable(["table", "strikethrough"]).disable(["reference", "entity", "html_block", "html_inline"])
    parser.inline.ruler.before("escape", "formula", _formula)
    return parser


_FORMULA = re.compile(
    r"\$\$(?=\S)(.+?)\$\$|\$(?=[^\s$])([^$\n]+?)(?<=\S)\$(?!\d)|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL
)


def _formula(state: StateInline, silent: bool) -> bool:
    """The stars and underscores of a formula are no markup."""
    if state.src[state.pos] not in "$\\":
        return False
    found = _FORMULA.match(state.src, state.pos, state.posMax)
    if found is None or (found[2] is not None and not re.search(r"[\\^_={}]", found[2])):
        return False  # sums of money are no formulas
    if not silent:
        token = state.push("formula", "code", 0)
        token.content = found[0]
    state.pos = found.end()
    return True


def _blocks(tokens: Sequence[Token], at: int, until: str) -> tuple[list[Block], int]:
    """The blocks up to the token of type `until`, and where the next one is."""
    blocks: list[Block] = []
    while at < len(tokens) and tokens[at].type != until:
        block, at = _block(tokens, at)
        if block is not None:
            blocks.append(block)
    return blocks, at + 1


def _block(tokens: Sequence[Token], at: int) -> tuple[Block | None, int]:
    token = tokens[at]
    if token.type in {"paragraph_open", "heading_open"}:
        kind: BlockKind = "paragraph" if token.type == "paragraph_open" else "heading"
        level = int(token.tag[1]) if kind == "heading" else 0
        return Block(kind, spans=_spans(tokens[at + 1]), number=level), at + 3
    if token.type in {"fence", "code_block"}:
        return Block("code", text=token.content.removesuffix("\n"), word=token.info.strip()), at + 1
    if token.type == "blockquote_open":
        inside, at = _blocks(tokens, at + 1, "blockquote_close")
        return Block("quote", blocks=tuple(inside)), at
    if token.type in {"bullet_list_open", "ordered_list_open"}:
        return _list(tokens, at)
    if token.type == "table_open":
        return _table(tokens, at)
    if token.type == "hr":
        return Block("rule"), at + 1
    return None, at + 1


def _list(tokens: Sequence[Token], at: int) -> tuple[Block, int]:
    token = tokens[at]
    ordered = token.type == "ordered_list_open"
    number = int(token.attrs.get("start", 1)) if ordered else 0
    end = token.type.replace("open", "close")
    items = []
    at += 1
    while at < len(tokens) and tokens[at].type != end:
        inside, at = _blocks(tokens, at + 1, "list_item_close")
        items.append(tuple(inside))
    return Block("list", items=tuple(items), number=max(1, number) if ordered else 0), at + 1


def _table(tokens: Sequence[Token], at: int) -> tuple[Block, int]:
    rows: list[tuple[tuple[Span, ...], ...]] = []
    row: list[tuple[Span, ...]] = []
    while at < len(tokens) and tokens[at].type != "table_close":
        token = tokens[at]
        if token.type == "inline":
            row.append(_spans(token))
        elif token.type == "tr_close":
            rows.append(tuple(row))
            row = []
        at += 1
    return Block("table", rows=tuple(rows)), at + 1


_AROUND: dict[str, SpanKind] = {"strong_open": "strong", "em_open": "em", "s_open": "strike"}


def _spans(inline: Token) -> tuple[Span, ...]:
    stack: list[tuple[SpanKind, str, list[Span]]] = [("text", "", [])]
    for token in inline.children or ():
        if token.type in _AROUND:
            stack.append((_AROUND[token.type], "", []))
        elif token.type == "link_open":
            stack.append(("link", str(token.attrs.get("href", "")), []))
        elif token.type in {"strong_close", "em_close", "s_close", "link_close"}:
            kind, url, inside = stack.pop()
            stack[-1][2].append(_around(kind, url, tuple(inside)))
        else:
            stack[-1][2].append(_leaf(token))
    return tuple(stack[0][2])


def _around(kind: SpanKind, url: str, inside: tuple[Span, ...]) -> Span:
    if kind != "link":
        return Span(kind, spans=inside)
    if HTTP.match(url):
        return Span("link", spans=inside or (Span("text", url),), url=url)
    # Wherever else it leads, it is text.
    return Span("text", spans=(*inside, Span("text", f" ({url})"))) if url else Span("text", spans=inside)


def _leaf(token: Any) -> Span:
    if token.type in {"code_inline", "formula"}:
        return Span("code" if token.type == "code_inline" else "formula", token.content)
    if token.type in {"softbreak", "hardbreak"}:
        return Span("break")
    if token.type == "image":
        url = str(token.attrs.get("src", ""))
        return _around("link", url, (Span("text", token.content or url),))
    return Span("text", token.content)


def _plain(text: str) -> list[Block]:
    blocks = []
    for part in re.split(r"\n[ \t]*\n", text):
        spans: list[Span] = []
        for line in part.split("\n"):
            spans += [Span("break"), Span("text", line)] if spans else [Span("text", line)]
        if part.strip():
            blocks.append(Block("paragraph", spans=tuple(spans)))
    return blocks


def _letters(text: str) -> int:
    return sum(char.isalpha() for char in text)


def _all_text(blocks: Sequence[Block]) -> str:
    return "".join(_block_text(block) for block in blocks)


def _block_text(block: Block) -> str:
    cells = "".join(spans_text(cell) for row in block.rows for cell in row)
    items = "".join(_all_text(item) for item in block.items)
    return block.word + block.text + spans_text(block.spans) + _all_text(block.blocks) + items + cells


def spans_text(spans: Sequence[Span]) -> str:
    """The text of spans without any markup; a link has its address in brackets."""
    parts = []
    for span in spans:
        if span.kind == "break":
            parts.append("\n")
            continue
        inside = spans_text(span.spans)
        parts.append(span.text + inside)
        if span.kind == "link" and span.url not in inside:
            parts.append(f" ({span.url})")
    return "".join(parts)


def without_breaks(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The spans in one line."""
    return tuple(
        Span("text", " ") if span.kind == "break" else replace(span, spans=without_breaks(span.spans)) for span in spans
    )
