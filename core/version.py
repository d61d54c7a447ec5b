"""Which Usher this is."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def usher_version() -> str:
    """The installed version; "0" for a source tree that was never installed. Every request that leaves says it, and
    reading it takes milliseconds.
    """
    try:
        return version("usher")
    except PackageNotFoundError:
        return "0"
