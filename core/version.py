"""Which Usher this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def usher_version() -> str:
    """The installed version; "0" for a source tree that was never installed."""
    try:
        return version("usher")
    except PackageNotFoundError:
        return "0"
