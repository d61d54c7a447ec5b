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


def user_agent(contact: str = "") -> str:
    """The User-Agent of requests: ours, never a browser's. `contact` is where a provider can reach the operator."""
    reach = f"; {contact}" if contact and contact.isascii() and contact.isprintable() else ""
    return f"usher/{usher_version()} (+workspace seat manager{reach})"
