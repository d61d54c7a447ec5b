"""How large a question is, in bytes and images: what its claim is computed from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Size:
    """`messages` are bytes of UTF-8, one number each; what goes along with them (tools, a schema) counts as one more."""

    messages: tuple[int, ...]
    images: int

    @property
    def bytes(self) -> int:
        """All of it."""
        return sum(self.messages)


SOUND_PART = 25
"""Bytes of a sound that count like one of text. The smallest usual encoding of speech takes 750 bytes a second, and
models count 10 tokens a second (gpt-4o-transcribe) or none: at two bytes a token this bounds them.
"""


def measure(messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any], sound: int = 0) -> Size:
    """The size of a question in the shape of chat completions.

    The data of an image counts as an image, not as text. `sound` is the size in bytes of what is to be transcribed.
    """
    images = 0
    sizes = []
    for message in messages:
        size = 0
        for name, value in message.items():
            if name == "content" and isinstance(value, Sequence) and not isinstance(value, str):
                parts = [part for part in value if isinstance(part, Mapping)]
                images += sum(part.get("type") == "image_url" for part in parts)
                size += sum(_bytes(part) for part in value if not _is_image(part))
            elif name != "role":
                size += _bytes(value)
        sizes.append(size)
    beside = {name: options[name] for name in ("tools", "response_format", "functions") if name in options}
    if beside:
        sizes.append(_bytes(beside))
    if sound:
        sizes.append(-(-sound // SOUND_PART))
    return Size(tuple(sizes), images)


def canonical(model: str, messages: Sequence[Mapping[str, Any]], most: int | None, options: Mapping[str, Any]) -> str:
    """One canonical spelling of a question, to tell a repeat of it from another question."""
    asked = {"model": model, "messages": list(messages), "most": most, "options": dict(options)}
    return json.dumps(asked, sort_keys=True, ensure_ascii=False, default=str)


def _is_image(part: Any) -> bool:
    return isinstance(part, Mapping) and part.get("type") == "image_url"


def _bytes(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, Mapping) and value.get("type") == "text" and isinstance(value.get("text"), str):
        value = value["text"]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return len(text.encode("utf-8", "surrogatepass"))
