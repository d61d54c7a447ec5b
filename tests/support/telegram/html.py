"""Telegram's `parse_mode=HTML`, really parsed: what the Bot API refuses, this refuses, in the same words.

Offsets and lengths of entities count UTF-16 units; positions in error texts count UTF-8 bytes, as Telegram's do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Entity = dict[str, Any]

ENTITY_OF_TAG = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
CHARACTER_REFERENCES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
LINK_SCHEMES = frozenset({"http", "https", "tg", "ton", "tonsite", "mailto", "tel", ""})


class BadEntities(Exception):
    """The text cannot be parsed; the message is Telegram's."""


@dataclass
class _OpenTag:
    name: str
    at_byte: int
    offset: int
    text_from: int
    attributes: dict[str, str] = field(default_factory=dict)


def utf16_length(text: str) -> int:
    """How many UTF-16 units `text` has, the unit in which Telegram counts."""
    return len(text) + sum(character > "\uffff" for character in text)


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.text: list[str] = []
        self.offset = 0
        self.open: list[_OpenTag] = []
        self.entities: list[Entity] = []

    def parse(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            character = self.source[self.at]
            if character == "&":
                self._emit(self._character_reference())
            elif character != "<":
                self._emit(character)
                self.at += 1
            elif self.source.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise BadEntities(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        # The outermost entity comes first where two begin at one place, as in Telegram's answers; inner ones end first.
        self.entities.reverse()
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.text), self.entities

    def _emit(self, text: str) -> None:
        self.text.append(text)
        self.offset += utf16_length(text)

    def _byte(self, position: int) -> int:
        return len(self.source[:position].encode("utf-8", "surrogatepass"))

    def _character_reference(self) -> str:
        """Decode the reference at the cursor and pass it; an unknown one stays as it is written."""
        end = self.at + 1
        numeric = self.source.startswith("#", end)
        while end < len(self.source) and (self.source[end].isalnum() or (numeric and end == self.at + 1)):
            end += 1
        name = self.source[self.at + 1 : end]
        if numeric:
            digits, base = (name[2:], 16) if name[1:2] in ("x", "X") else (name[1:], 10)
            try:
                decoded = chr(int(digits, base)) if int(digits, base) else ""
            except (ValueError, OverflowError):
                decoded = ""
        else:
            decoded = CHARACTER_REFERENCES.get(name, "")
        if not decoded:
            self.at += 1
            return "&"
        self.at = end + self.source.startswith(";", end)
        return decoded

    def _start_tag(self) -> None:
        begin = self.at
        where = f"at byte offset {self._byte(begin)}"
        self.at += 1
        name = self._until(" \t\r\n>").lower()
        if self.at >= len(self.source):
            raise BadEntities(f"Unclosed start tag {where}")
        if name not in ENTITY_OF_TAG:
            raise BadEntities(f'Unsupported start tag "{name}" {where}')
        attributes = self._attributes(name, where)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise BadEntities(f'Tag "span" must have class "tg-spoiler" {where}')
        if name == "tg-time" and not attributes.get("unix", "").isdecimal():
            raise BadEntities(f'Tag "tg-time" must have a valid attribute "unix" {where}')
        self.open.append(_OpenTag(name, self._byte(begin), self.offset, len(self.text), attributes))

    def _attributes(self, tag: str, where: str) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            self._skip_spaces()
            if self.at >= len(self.source):
                raise BadEntities(f"Unclosed start tag {where}")
            if self.source[self.at] == ">":
                self.at += 1
                return found
            name = self._until(" \t\r\n=>").lower()
            if not name:
                raise BadEntities(f'Empty attribute name in the tag "{tag}" {where}')
            self._skip_spaces()
            if not self.source.startswith("=", self.at):
                found[name] = ""
                continue
            self.at += 1
            self._skip_spaces()
            found[name] = self._attribute_value(where)

    def _attribute_value(self, where: str) -> str:
        quote = self.source[self.at : self.at + 1]
        if quote not in ("'", '"'):
            value = self._until(" \t\r\n>")
            if not value:
                raise BadEntities(f"Unexpected end of name token {where}")
            return value
        self.at += 1
        value = ""
        while self.at < len(self.source) and self.source[self.at] != quote:
            if self.source[self.at] == "&":
                value += self._character_reference()
            else:
                value += self.source[self.at]
                self.at += 1
        if self.at >= len(self.source):
            raise BadEntities(f"Unclosed start tag {where}")
        self.at += 1
        return value

    def _end_tag(self) -> None:
        where = f"at byte offset {self._byte(self.at)}"
        if not self.open:
            raise BadEntities(f"Unexpected end tag {where}")
        self.at += 2
        name = self._until(" \t\r\n>").lower()
        self._skip_spaces()
        if not self.source.startswith(">", self.at):
            raise BadEntities(f"Unclosed end tag {where}")
        self.at += 1
        opened = self.open.pop()
        if name and name != opened.name:
            raise BadEntities(f'Unmatched end tag {where}, expected "</{opened.name}>", found "</{name}>"')
        self._close(opened)

    def _close(self, opened: _OpenTag) -> None:
        length = self.offset - opened.offset
        if not length:
            return
        entity: Entity = {"type": ENTITY_OF_TAG[opened.name], "offset": opened.offset, "length": length}
        if opened.name == "a":
            url = opened.attributes.get("href") or "".join(self.text[opened.text_from :])
            if urlsplit(url).scheme.lower() not in LINK_SCHEMES:
                return  # Telegram drops a link it does not like and keeps its text.
            entity["url"] = url
        elif opened.name == "blockquote" and "expandable" in opened.attributes:
            entity["type"] = "expandable_blockquote"
        elif opened.name == "tg-emoji":
            entity["custom_emoji_id"] = opened.attributes.get("emoji-id", "")
        elif opened.name == "tg-time":
            entity["unix_time"] = int(opened.attributes["unix"])
            entity["date_time_format"] = opened.attributes.get("format", "")
        self.entities.append(entity)

    def _until(self, stops: str) -> str:
        begin = self.at
        while self.at < len(self.source) and self.source[self.at] not in stops:
            self.at += 1
        return self.source[begin : self.at]

    def _skip_spaces(self) -> None:
        while self.at < len(self.source) and self.source[self.at].isspace():
            self.at += 1


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Return the plain text of `source` and its entities.

    Raises: BadEntities, with Telegram's wording, for an unknown, unmatched or unclosed tag.
    """
    return _Parser(source).parse()
