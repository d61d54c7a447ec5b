"""Opening Usher for one command."""

from __future__ import annotations

import gc
import getpass
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from admin_cli import words
from admin_cli.output import USAGE, CommandRefused, invocation
from core.actors import Actor, Role
from core.settings import Settings, load_settings

if TYPE_CHECKING:
    from core.service import Core

PLATFORM = "cli"
AT_WORK = 5_000
"""New objects until the first look for garbage among them. Python's own 700 are meant for small programs."""


def settings() -> Settings:
    """The settings of this invocation. Raises: Misconfigured."""
    return load_settings(invocation.get().config)


def actor() -> Actor:
    """Whoever may read the configuration is an owner; the audit log keeps the name of the account."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry
        name = "unknown"
    return Actor(PLATFORM, name[:100], Role.OWNER)


def read_text(file: Path) -> str:
    """What is in a file, or comes on standard input where it is called `-`, in any usual encoding.

    Raises: CommandRefused, ListUnreadable.
    """
    from core.rules.code_lists import decode_list

    try:
        return decode_list(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
    except OSError as error:
        raise CommandRefused(
            "file_unreadable", words.said("{file} cannot be read ({why}).", file=file, why=error), USAGE
        ) from error


@asynccontextmanager
async def opened(given: Settings | None = None) -> AsyncIterator[Core]:
    """Usher, ready for work; logs go to standard error. Raises: Misconfigured."""
    from core.service import open_core

    chosen = given or settings()
    words.log_to_stderr(chosen)
    async with open_core(chosen) as core:
        loaded()
        if core.database.journal is not None and core.database.journal.directory.exists():
            from core.restores import marks

            await marks.find_ahead(core)
        yield core


def loaded() -> None:
    """From here on garbage is looked for as usual, though not in what is there already: that stays."""
    gc.freeze()
    gc.set_threshold(AT_WORK)
