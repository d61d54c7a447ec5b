"""Credit as people write it and as it is stored: whole micro-credits, of which a million make one credit."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Final

from core.talk_errors import BadAmount

MICRO: Final = 1_000_000
MOST: Final = 1_000_000_000 * MICRO
"""A billion credits: beyond it somebody has mistyped, and sums still fit 64 bits."""


def read_amount(text: str, *, least: int = 1, name: str = "amount") -> int:
    """Micro-credits from `5`, `0.5`, `1,5`, `２.５`; at most six decimals. Raises: BadAmount (facts: name, text)."""
    words = unicodedata.normalize("NFKC", text[:40]).strip().replace("_", "")
    if words.count(",") == 1 and "." not in words:
        words = words.replace(",", ".")
    try:
        exact = Decimal(words) * MICRO
    except InvalidOperation:
        raise BadAmount(name=name, text=_shown(text)) from None
    if not exact.is_finite() or exact != exact.to_integral_value() or not least <= exact <= MOST:
        raise BadAmount(name=name, text=_shown(text))
    return int(exact)


_NO_LIMIT: Final = frozenset({"off", "none", "关", "不限"})


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
