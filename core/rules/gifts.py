"""What the codes of a batch give: a seat, credit, a plan, or access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from core.command_errors import BadValue
from core.rules.money import amount_text, read_amount

Gives: TypeAlias = Literal["seat", "credit", "plan", "access"]
WAYS: Final = ("seat", "credit:5", "plan:vip", "access")
"""How each is written."""


@dataclass(frozen=True, slots=True)
class Giving:
    """`amount` in micro-credits, `plan` by its name; each where it applies."""

    gives: Gives = "seat"
    amount: int = 0
    plan: str | None = None

    @property
    def stored(self) -> dict[str, Any] | None:
        """The form in which a batch keeps it beside `gives`."""
        if self.gives == "credit":
            return {"amount": self.amount}
        return {"plan": self.plan} if self.plan is not None else None

    def __str__(self) -> str:
        """As it is written: `credit:0.5`, `plan:vip`."""
        if self.gives == "credit":
            return f"credit:{amount_text(self.amount)}"
        return f"plan:{self.plan}" if self.gives == "plan" else self.gives

    @classmethod
    def of(cls, gives: str, gift: Any) -> Giving:
        """Read back what a batch keeps."""
        kept = gift or {}
        return cls(gives, int(kept.get("amount", 0)), kept.get("plan"))  # type: ignore[arg-type]  # a constraint holds the words


SEAT: Final = Giving()


def read_giving(text: str) -> Giving:
    """Read `seat`, `credit:5`, `plan:vip`, `access`. Raises: BadValue, BadAmount."""
    kind, found, rest = text.strip().casefold().partition(":")
    kind, rest = kind.strip(), rest.strip()
    if kind == "credit" and rest:
        return Giving("credit", amount=read_amount(rest))
    if kind == "plan" and rest and len(rest) <= 64 and rest.isprintable():
        return Giving("plan", plan=rest)
    if kind == "seat" and not found:
        return SEAT
    if kind == "access" and not found:
        return Giving("access")
    raise BadValue(name="gives", value=text[:40], examples=list(WAYS))
