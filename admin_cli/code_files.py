"""Codes written to a file while they come: a table or a plain list, its owner's alone."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, TypeVar

from admin_cli import words
from admin_cli.output import UNAVAILABLE, CommandRefused, invocation

T = TypeVar("T")


async def write_codes(
    out: Path,
    header: tuple[str, ...],
    found: AsyncIterator[T],
    cells: Callable[[T], Sequence[Any]],
    plain: Callable[[T], str],
    again: str,
) -> int:
    """Write a table of `cells`, or a plain list, while codes come, so that a million need no memory. Returns how many.

    `again` says where the codes are when the file takes no more. Codes that are being made are made to the end.
    """
    from core.rules.csv_text import csv_line, txt_line

    table = out.suffix.lower() == ".csv"
    written = 0
    file = _open_private(out)
    try:
        with file:
            if table:
                file.write("\ufeff" + csv_line(header))  # without the mark, spreadsheets misread everything but ASCII
            async for one in found:
                file.write(csv_line(cells(one)) if table else txt_line(plain(one)))
                written += 1
                if written % 10_000 == 0 and sys.stderr.isatty() and not invocation.get().json:
                    sys.stderr.write(f"\r{written} …")
    except OSError as error:
        async for _ in found:
            pass
        said = words.said("{out} could not be written ({why}).", out=out, why=error) + f" {again}"
        raise CommandRefused("file_unwritable", said, UNAVAILABLE) from error
    if written >= 10_000 and sys.stderr.isatty() and not invocation.get().json:
        sys.stderr.write("\r")
    return written


def _open_private(out: Path) -> IO[str]:
    """Codes are bearer rights: the file is its owner's alone, also where it was there before."""
    try:
        handle = os.open(out, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    except OSError as error:
        raise CommandRefused(
            "file_unwritable", words.said("{out} could not be written ({why}).", out=out, why=error), 2
        ) from error
    if stat.S_ISREG(os.fstat(handle).st_mode):  # the rights of a terminal or a pipe are not ours to take
        with suppress(PermissionError):
            os.fchmod(handle, 0o600)
    return os.fdopen(handle, "w", encoding="utf-8", newline="")
