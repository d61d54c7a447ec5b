"""Tables as CSV that a spreadsheet shows and never runs."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

_STARTERS: Final = frozenset("=+-@\t\r\n\0|%")
"""First characters that some spreadsheet takes for a formula or a command."""

_GUARD: Final = "'"


def harmless(text: str) -> str:
    """`text` with a quote in front where a spreadsheet would calculate it; full-width signs count as well."""
    if text and unicodedata.normalize("NFKC", text[0])[:1] in _STARTERS:
        return _GUARD + text
    return text


def csv_line(cells: Sequence[Any]) -> str:
    """One line by RFC 4180, ended by CR LF. Times are ISO 8601, None is an empty field, numbers stay numbers."""
    line = io.StringIO()
    csv.writer(line).writerow([_cell(cell) for cell in cells])
    return line.getvalue()


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A whole small table."""
    return "".join((csv_line(header), *(csv_line(row) for row in rows)))


def txt_line(text: str) -> str:
    """One line of a plain list: what could break or hide a part of it is dropped."""
    if not text.isprintable():
        text = "".join(char for char in text if char.isprintable())
    return text + "\n"


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    return harmless(str(value).replace("\0", ""))
