"""Credit as people write it and as it is stored: whole micro-credits, of which a million make one credit."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from core.talk_errors import BadAmount

MICRO: Final = 1_000_000
MOST: Final = 1_000_000_000 * MICRO
"""A billion credits: beyond it somebody has mistyped, and sums still fit 64 bits."""


_WRITTEN: Final = re.compile(r"(?P<sign>[+-]?)(?=[.,]?[0-9])(?P<whole>[0-9]*)(?:[.,](?P<part>[0-9]{0,6})0*)?")
_THOUSANDS: Final = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
"""A thousand to some, one to others: whoever writes that may not mean what would be read."""
_LONGEST: Final = 200


def read_amount(text: str, *, least: int = 1, name: str = "amount") -> int:
    """Micro-credits from `5`, `0.5`, `1,5`, `２.５`; at most six decimals. Raises: BadAmount (facts: name, text)."""
    words = unicodedata.normalize("NFKC", text).strip().replace("_", "").replace("−", "-")
    plain = "".join(str(unicodedata.decimal(char, char)) for char in words[:_LONGEST])
    written = _WRITTEN.fullmatch(plain)
    if written is None or _THOUSANDS.fullmatch(plain) or len(words) > _LONGEST:
        raise BadAmount(name=name, text=_shown(text))
    micro = int(written["whole"] or 0) * MICRO + int((written["part"] or "").ljust(6, "0"))
    signed = -micro if written["sign"] == "-" else micro
    if not least <= signed <= MOST:
        raise BadAmount(name=name, text=_shown(text))
    return signed


_NO_LIMIT: Final = frozenset(
    {"off", "none", "unlimited", "关", "关闭", "不限", "不限制", "无限", "无限制", "取消限额", "取消上限"}
)


def read_limit(text: str) -> int | None:
    """A limit in micro-credits; None for `off`. A limit of nothing is refused. Raises: BadAmount."""
    return None if text.strip().casefold() in _NO_LIMIT else read_amount(text)


def micro_of(credit: float) -> int:
    """Micro-credits of an amount in the settings."""
    return round(credit * MICRO)


def amount_text(micro: int) -> str:
    """The exact decimal: `5`, `0.5`, `-0.000001`. What scripts read."""
    whole, rest = divmod(abs(micro), MICRO)
    decimals = f"{rest:06d}".rstrip("0")
    return f"{'-' if micro < 0 else ''}{whole}{'.' if decimals else ''}{decimals}"


def shown_amount(micro: int) -> str:
    """For people: at most four decimals, rounded up to what they pay; never zero for a positive amount."""
    step = MICRO // 10_000
    return amount_text(-(-micro // step) * step)


def shown_balance(micro: int) -> str:
    """For people: at most four decimals, rounded down, so that they have at least what is shown."""
    step = MICRO // 10_000
    return amount_text(micro // step * step)


def _shown(text: str) -> str:
    return "".join(char for char in text[:40] if char.isprintable())
