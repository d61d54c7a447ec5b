"""Database URLs as people write them, made into the ones that are used."""

from __future__ import annotations

import os
from pathlib import Path

_DRIVERS = {
    "postgresql://": "postgresql+asyncpg://",
    "postgres://": "postgresql+asyncpg://",
    "sqlite://": "sqlite+aiosqlite://",
}


def database_url(url: str) -> str:
    """A database URL as people write it, with the driver that Usher uses."""
    for plain, driver in _DRIVERS.items():
        if url.startswith(plain):
            return driver + url.removeprefix(plain)
    return url


def beside(url: str, config: Path | None) -> str:
    """The URL with its driver; a relative SQLite path of the configuration file is relative to that file."""
    scheme, found, place = url.partition(":///")
    url = database_url(url)
    if (
        found
        and scheme.startswith("sqlite")
        and config is not None
        and place
        and not place.startswith((":memory:", "/", "file:"))
        and "USHER_DATABASE__URL" not in os.environ
    ):
        return f"sqlite+aiosqlite:///{(config.parent / place).resolve()}"
    return url
