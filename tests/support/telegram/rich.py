"""Rich messages as Telegram takes them: blocks with their fields, and the limits of its documentation.

Where Telegram would repair or ignore something, this refuses it. Only blocks are understood: the house sends no other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.support.telegram.html import utf16_length
from tests.support.telegram.rules import Json, bad_request, refuse_broken_text

MOST_CHARACTERS = 32_768
MOST_BLOCKS = 500
MOST_LEVELS = 16
MOST_COLUMNS = 20

BLOCKS = {
    "paragraph": {"text"},
    "heading": {"text", "size"},
    "pre": {"text", "language"},
    "divider": set(),
    "mathematical_expression": {"expression"},
    "list": {"items"},
    "blockquote": {"blocks", "credit"},
    "table": {"cells", "is_bordered", "is_striped", "caption", "is_compact"},
}
AROUND = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler", "code", "subscript", "superscript"})


def body(given: Any) -> Json:
    """The field `rich_message` of a message that was made of `given`, or Telegram's refusal."""
    if not isinstance(given, dict) or len({"html", "markdown", "blocks"} & given.keys()) != 1:
        raise bad_request("exactly one of the fields html, markdown and blocks must be used")
    unknown = given.keys() - {"blocks", "is_rtl", "skip_entity_detection"}
    if unknown:
        raise bad_request(f"rich message field {min(unknown)} is not understood here")
    check = _Check()
    check.blocks(given["blocks"], 1)
    if check.characters > MOST_CHARACTERS or check.count > MOST_BLOCKS:
        raise bad_request("rich message is too long")
    return {"rich_message": {"blocks": [_received(one) for one in given["blocks"]]}}


class _Check:
    def __init__(self) -> None:
        self.characters = 0
        self.count = 0

    def blocks(self, blocks: Any, level: int) -> None:
        if not isinstance(blocks, list) or not blocks:
            raise bad_request("rich message must be non-empty")
        for one in blocks:
            self.block(one, level)

    def block(self, block: Any, level: int) -> None:
        kind = block.get("type") if isinstance(block, dict) else None
        if kind not in BLOCKS:
            raise bad_request(f"can't parse rich block: type {kind} is not supported")
        if block.keys() - BLOCKS[kind] - {"type"}:
            raise bad_request(f"can't parse rich block {kind}: unknown field")
        self._deeper(level)
        self.count += 1
        if kind in {"paragraph", "heading", "pre"}:
            self.text(block.get("text"), level + 1)
            if not flat(block["text"]).strip():
                raise bad_request(f"rich block {kind} must be non-empty")
        if kind == "heading" and block.get("size") not in range(1, 7):
            raise bad_request("rich block heading has an invalid size")
        if kind == "mathematical_expression":
            self._written(block.get("expression"))
        if kind == "blockquote":
            self.blocks(block.get("blocks"), level + 1)
        if kind == "list":
            self._items(block.get("items"), level + 1)
        if kind == "table":
            self._cells(block.get("cells"), level + 1)

    def _items(self, items: Any, level: int) -> None:
        if not isinstance(items, list) or not items:
            raise bad_request("rich block list must be non-empty")
        for item in items:
            self.count += 1
            if item.keys() - {"blocks", "value", "type", "has_checkbox", "is_checked"}:
                raise bad_request("can't parse rich block list item: unknown field")
            if item.get("type", "1") not in ("a", "A", "i", "I", "1") or not isinstance(item.get("value", 1), int):
                raise bad_request("rich block list item has an invalid label")
            self.blocks(item.get("blocks"), level + 1)

    def _cells(self, rows: Any, level: int) -> None:
        if not isinstance(rows, list) or not rows or len({len(row) for row in rows}) != 1:
            raise bad_request("rich block table must be non-empty, with rows of one length")
        if not 1 <= len(rows[0]) <= MOST_COLUMNS:
            raise bad_request("rich block table has too many columns")
        self.count += len(rows)
        for cell in (one for row in rows for one in row):
            if cell.get("align") not in ("left", "center", "right") or cell.get("valign") not in (
                "top",
                "middle",
                "bottom",
            ):
                raise bad_request("rich block table cell has an invalid alignment")
            if "text" in cell:
                self.text(cell["text"], level + 1)

    def text(self, text: Any, level: int) -> None:
        if isinstance(text, str):
            self._written(text)
        elif isinstance(text, list):
            for one in text:
                self.text(one, level)
        elif not isinstance(text, dict):
            raise bad_request("can't parse rich text")
        elif text.get("type") in AROUND or text.get("type") == "url":
            self._deeper(level)
            if text.keys() - {"type", "text", "url"}:
                raise bad_request("can't parse rich text: unknown field")
            if text["type"] == "url" and urlsplit(str(text.get("url"))).scheme not in ("http", "https"):
                raise bad_request("rich text has an invalid URL")
            self.text(text.get("text"), level + 1)
        elif text.get("type") == "mathematical_expression":
            self._deeper(level)
            self._written(text.get("expression"))
        else:
            raise bad_request("can't parse rich text: type is not supported")

    def _written(self, text: Any) -> None:
        if not isinstance(text, str) or not text:
            raise bad_request("rich text must be non-empty")
        refuse_broken_text(text)
        self.characters += utf16_length(text)

    def _deeper(self, level: int) -> None:
        if level > MOST_LEVELS:
            raise bad_request("rich message is nested too deeply")


def _received(block: Json) -> Json:
    """A block as a message has it: items of lists have got their labels."""
    made = dict(block)
    if "blocks" in made:
        made["blocks"] = [_received(one) for one in made["blocks"]]
    if "items" in made:
        made["items"] = [
            item
            | {"label": f"{item['value']}." if "value" in item else "•"}
            | {"blocks": [_received(one) for one in item["blocks"]]}
            for item in made["items"]
        ]
    return made


def flat(text: Any) -> str:
    """What a rich text says."""
    if isinstance(text, list):
        return "".join(flat(one) for one in text)
    return text if isinstance(text, str) else str(text.get("expression") or flat(text.get("text", "")))


def addresses(value: Any) -> Iterator[str]:
    """Where the links of a rich message lead."""
    if isinstance(value, dict):
        if value.get("type") == "url":
            yield str(value["url"])
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from addresses(one)


def text_of(message: Json) -> str:
    """What a person reads in a rich message."""
    return "\n\n".join(_block_text(one) for one in message["blocks"])


def _block_text(block: Json) -> str:
    if block["type"] == "list":
        return "\n".join(f"{item['label']} {text_of(item)}" for item in block["items"])
    if block["type"] == "table":
        return "\n".join(" | ".join(flat(cell.get("text", "")) for cell in row) for row in block["cells"])
    if block["type"] == "blockquote":
        return text_of(block)
    return flat(block.get("text", block.get("expression", "———")))
