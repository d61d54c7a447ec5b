"""What may come with a question: pictures, text files, spoken words. Recognised by content, not by name."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

InputKind: TypeAlias = Literal["image", "file", "voice"]

IMAGES: Final[Mapping[str, tuple[bytes, ...]]] = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
}
"""Kinds of images that models take, and how each begins."""
_NO_TEXT: Final = (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x7fELF", b"Rar!", b"7z\xbc\xaf", b"OggS", b"ID3")
"""How common files begin that are no text, although some decoder would turn them into letters."""
_IN_TEXT: Final = frozenset("\t\n\r\f\v\b\x1b\x1a\ufeff")
"""Control characters that text files do contain."""
LONGEST_NAME: Final = 100


def image_type(content: bytes) -> str | None:
    """The media type of a picture, by how it begins; None for anything else."""
    for media, beginnings in IMAGES.items():
        if content.startswith(beginnings) and (media != "image/webp" or content[8:12] == b"WEBP"):
            return media
    return None


def begins_like_no_text(content: bytes) -> bool:
    """Is it a document, an archive, a sound or a picture?"""
    return content.startswith(_NO_TEXT) or image_type(content) is not None


def reads_like_text(text: str) -> bool:
    """Did a decoder find letters, and not bytes of another kind?"""
    odd = (char for char in text if unicodedata.category(char) == "Cc" and char not in _IN_TEXT)
    return next(odd, None) is None and "\ufffd" not in text


def plain_name(name: str) -> str:
    """The name of a file as it may stand in a prompt and a message: one line, no path, nothing invisible."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return " ".join("".join(char for char in last if char.isprintable() and char not in '`"').split())[:LONGEST_NAME]


def quoted(name: str, text: str) -> str:
    """A text file as it stands in a question: named, and fenced by more backticks than it contains in a row."""
    run = longest = 0
    for char in text:
        run = run + 1 if char == "`" else 0
        longest = max(longest, run)
    fence = "`" * max(3, longest + 1)
    return f"{name}:\n{fence}\n{text.rstrip()}\n{fence}"
