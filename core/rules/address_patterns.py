"""Lists of addresses and domains as people write them: `example.com`, `@example.com`, `*.example.com`, `*@example.com`."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from core.setting_faults import SettingFault

_LABEL: Final = re.compile(r"[a-z0-9*_]([a-z0-9*_-]*[a-z0-9*_])?")
_LOCAL: Final = re.compile(r"[^\s@\\/:;,\"()<>\[\]]+")


def covers(pattern: str, key: str, domain: str) -> bool:
    """Does `pattern` mean the address with this comparison `key` in this `domain` (lower case, ASCII)?

    A domain alone, or behind an @ with nothing or a `*` before it, means every address in it; `*.d` means every
    domain below `d`, `.d` also `d` itself, and `d.*` the same name in every country. A `*` stands for anything.
    """
    local, place = _compiled(pattern)
    if place is None or place.fullmatch(domain) is None:
        return False
    return local is None or local.fullmatch(key.rpartition("@")[0]) is not None


def fault_of(pattern: str) -> SettingFault | None:
    """Why `pattern` can never mean an address, as the end of a sentence; None where it can."""
    plain = _plain(pattern)
    if not plain:
        return SettingFault("is empty")
    if plain.startswith("/") or re.search(r"[\\()\[\]^$+?|]", plain.rpartition("@")[2]):
        return SettingFault('is no domain and no address; patterns are written like "*.example.com"')
    local, at, domain = plain.rpartition("@")
    if at and local and not _LOCAL.fullmatch(local):
        return SettingFault("is no address")
    if domain == "*":
        return None
    labels = _ascii(domain.removeprefix(".")).split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        return SettingFault("is no domain")
    if len(labels) < 2:
        below = 'names no domain that mail goes to; "*.{domain}" means all below it'
        return SettingFault(below, domain=domain) if domain else SettingFault("names no domain")
    return None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    """What the local part and the domain must match; None before the @ for any, None behind it for no domain at all."""
    if fault_of(pattern) is not None:
        return None, None
    local, _, domain = _plain(pattern).rpartition("@")
    if domain.startswith("."):
        below = re.escape(_ascii(domain[1:])).replace(r"\*", ".+")
        place = rf"(?:.+\.)?{below}"
    else:
        place = re.escape(_ascii(domain)).replace(r"\*", ".+")
    name = None if local in {"", "*"} else re.compile(re.escape(local).replace(r"\*", ".*"))
    return name, re.compile(place)


def _plain(pattern: str) -> str:
    return unicodedata.normalize("NFKC", pattern).strip().casefold()


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    import idna  # late: the command line starts without it

    labels = []
    for label in domain.split("."):
        try:
            labels.append(label if label.isascii() else idna.encode(label, uts46=True).decode("ascii"))
        except idna.IDNAError:
            labels.append("\x00")  # matches nothing, and is named as no domain
    return ".".join(labels)
