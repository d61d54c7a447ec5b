"""The encodings in which editors save the files that Usher reads as text."""

from __future__ import annotations

import codecs
import tomllib
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from pydantic_settings import TomlConfigSettingsSource

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(content: bytes) -> str:
    """The text of a file by its byte order mark, which goes; UTF-8 without one. Raises: UnicodeDecodeError."""
    return content.decode(_of_mark(content))


def encoding_of(file: Path) -> str:
    """The encoding of a file by its first bytes; UTF-8 of one that is not there."""
    try:
        with file.open("rb") as opened:
            return _of_mark(opened.read(4))
    except OSError:
        return "utf-8"


def _of_mark(content: bytes) -> str:
    return next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "utf-8")


class TomlFile(TomlConfigSettingsSource):
    """A TOML file in whichever of these encodings."""

    def _read_file(self, file_path: Path | Traversable) -> dict[str, Any]:
        return tomllib.loads(decoded(file_path.read_bytes()))
