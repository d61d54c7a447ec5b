"""What a call may cost at most, before it is made: the amount that is claimed.

The bounds need no tokenizer: no byte-level vocabulary needs more than one token for one byte, and half of that
still covers English, Chinese and code (3.6, 4.5 and 2.5 bytes a token as measured). `core/decisions` has the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.rules.money import shown_amount, shown_balance
from core.talk_errors import NotEnoughCredit, TooLong

PER: Final = 1_000_000
"""Prices of tokens are for so many of them."""
PER_MESSAGE: Final = 8
"""Tokens that a message takes beside its text."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Micro-credits: for a million tokens of input, of cached input and of output; for a call; for an image."""

    input: int = 0
    cached: int = 0
    output: int = 0
    call: int = 0
    image: int = 0

    @property
    def free(self) -> bool:
        """Does a call cost nothing, however much it uses?"""
        return not (self.input or self.cached or self.output or self.call or self.image)

    def stored(self) -> dict[str, int]:
        """As a JSON value."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Prices:
        """From `stored`."""
        return cls(**{name: int(stored.get(name, 0)) for name in cls.__slots__})

    def cost(self, tokens_in: int, tokens_out: int, *, cached: int = 0, images: int = 0) -> int:
        """Micro-credits for this usage, rounded up once. `cached` is a part of `tokens_in`."""
        fresh = max(0, tokens_in - cached)
        by_token = fresh * self.input + min(cached, tokens_in) * self.cached + tokens_out * self.output
        return self.call + images * self.image - (-by_token // PER)


@dataclass(frozen=True, slots=True)
class TokenBounds:
    """The most tokens of a call. `shortened`: the output is less than what was asked for, because of the credit."""

    input: int
    output: int
    amount: int
    shortened: bool = False


def input_bound(sizes: Sequence[int], images: int, *, bytes_per_token: float, image_tokens: int) -> int:
    """The most tokens that this many images, and messages of these many bytes, can be."""
    return sum(-int(-size // bytes_per_token) + PER_MESSAGE for size in sizes) + images * image_tokens


def output_bound(asked: int | None, model: int, plan: int) -> int:
    """The most tokens of the answer: the least of what was asked for, what the model can and what the plan allows."""
    return max(1, min(value for value in (asked, model, plan or None) if value is not None))


def bounds(
    prices: Prices,
    tokens_in: int,
    wanted_out: int,
    images: int,
    have: int,
    *,
    shortest: int,
    context: int,
) -> TokenBounds:
    """What is claimed from wallets that have `have` micro-credits together.

    An output that is not affordable is shortened to what is, down to `shortest` tokens; so is one that does not fit
    into `context` beside the input. Raises: TooLong, NotEnoughCredit (facts: needed, left).
    """
    room = context - tokens_in
    if room < min(shortest, wanted_out):
        raise TooLong(most=context, given=tokens_in)
    wanted_out = min(wanted_out, room)
    whole = prices.cost(tokens_in, wanted_out, images=images)
    if whole <= have:
        return TokenBounds(tokens_in, wanted_out, whole)
    least = min(shortest, wanted_out)
    needed = prices.cost(tokens_in, least, images=images)
    if needed > have:
        raise NotEnoughCredit(needed=shown_amount(needed), left=shown_balance(have))
    # cost(out) <= have exactly when the unrounded price of the tokens is within what is left for tokens.
    for_tokens = (have - prices.call - images * prices.image) * PER - tokens_in * prices.input
    output = min(wanted_out, for_tokens // prices.output)
    return TokenBounds(tokens_in, output, prices.cost(tokens_in, output, images=images), shortened=True)
