"""What each ending of a call costs: one published rule, for every front end.

The person never pays more than was claimed; what the upstream used beyond it is the house's.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Final, Literal, TypeAlias

from core.rules.prices import Prices

Ending: TypeAlias = Literal[
    "whole",  # the whole answer came
    "stopped",  # by the person or by staff, after the first token
    "left",  # the client left after the first token
    "left_early",  # the client left, or the person stopped, before the first token
    "cut",  # the upstream broke or stalled after the first token
    "killed",  # its process died after the first token: what was delivered is known from the last checkpoint
    "failed",  # anything before the first token
    "refused",  # the upstream will not answer this question
    "empty",  # a whole answer without content
]
"""How a call ended."""
ENDINGS: Final[tuple[Ending, ...]] = (
    "whole", "stopped", "left", "left_early", "cut", "killed", "failed", "refused", "empty",
)  # fmt: skip

FREE: Final = frozenset({"failed", "refused", "empty"})
"""Endings that cost the person nothing."""

INPUT_TOLERANCE: Final = 2
OUTPUT_TOLERANCE: Final = 1.1
LEAST_SHARE: Final = 0.1
"""Usage is believed up to this many times the bounds, and down to this share of the output that arrived."""

BORNE_OUT: Final = 0.5
"""The share of the output beyond its bound that must have arrived before the house believes that it is billed."""

START_RATIO: Final = 3.0
LEARNED_FROM: Final = 200
"""Bytes of output per token before anything is learned, and how many exact calls the ratio is the median of."""


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens as an upstream states them. None: it said nothing, or nothing whole."""

    input: int | None
    output: int | None
    cached: int | None = None
    reasoning: int | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What is known of a call when it ends. `sent`: the question had left. `lost` are earlier sources that may have
    billed the question and answered nothing.
    """

    ending: Ending
    sent: bool
    input_bound: int
    output_bound: int
    bytes_in: int
    bytes_out: int
    images: int = 0
    image_tokens: int = 0
    lost: int = 0
    usage: Used | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """Micro-credits: `charged` to the person, `absorbed` beyond the claim, `billed` by the upstreams as far as known.

    `doubted`: usage came and was not believed.
    """

    charged: int
    absorbed: int
    billed: int
    estimated: bool
    doubted: bool
    tokens_in: int
    tokens_out: int
    tokens_cached: int = 0
    tokens_reasoning: int = 0


def settle(prices: Prices, claimed: int, ratio: float, call: Delivered) -> Bill:
    """The bill of a call. `ratio` is the model's learned bytes per token."""
    guessed_in = estimated_input(call, ratio)
    guessed_out = estimated_output(call, ratio)
    usage = call.usage if believable(call, ratio) else None
    doubted = call.usage is not None and usage is None
    lost = call.lost * prices.cost(guessed_in, 0, images=call.images)
    if call.ending in FREE:
        # The upstream counts what it read, also where nobody is charged for it.
        read = usage is not None or (call.ending == "empty" and call.sent)
        tokens_in, tokens_out = _tokens(usage, guessed_in, 0) if read else (0, 0)
        billed = prices.cost(tokens_in, tokens_out, images=call.images) if read else 0
        return Bill(0, 0, billed + lost, estimated=False, doubted=doubted, tokens_in=tokens_in, tokens_out=tokens_out)
    if call.ending == "left_early":
        if not call.sent:
            return Bill(0, 0, lost, estimated=False, doubted=doubted, tokens_in=0, tokens_out=0)
        tokens_in = guessed_in if usage is None or usage.input is None else usage.input
        cost = prices.cost(tokens_in, 0, images=call.images)
        charged = min(cost, claimed)
        return Bill(
            charged, 0, cost + lost, estimated=usage is None, doubted=doubted, tokens_in=tokens_in, tokens_out=0
        )
    tokens_in, tokens_out = _tokens(usage, guessed_in, guessed_out)
    cached = 0 if usage is None else max(0, min(usage.cached or 0, tokens_in))
    most_out = int(call.output_bound * OUTPUT_TOLERANCE)
    cost = prices.cost(tokens_in, tokens_out, cached=cached, images=call.images)
    charged = min(cost, claimed)
    billed = max(cost, _beyond_the_bound(prices, call, ratio))
    return Bill(
        charged=charged,
        absorbed=max(0, billed - claimed),
        billed=billed + lost,
        estimated=usage is None,
        doubted=doubted,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        tokens_cached=cached,
        tokens_reasoning=0 if usage is None else max(0, min(usage.reasoning or 0, most_out)),
    )


def _beyond_the_bound(prices: Prices, call: Delivered, ratio: float) -> int:
    """What an upstream bills that has gone on beyond the bound it was given: it says so, and what arrived bears it out.

    The person does not pay for that, and the house has to know of it.
    """
    usage = call.usage
    if usage is None or usage.output is None or usage.output <= call.output_bound * OUTPUT_TOLERANCE:
        return 0
    if call.bytes_out / ratio < usage.output * BORNE_OUT:
        return 0
    tokens_in = estimated_input(call, ratio) if usage.input is None else usage.input
    if not 0 <= tokens_in <= call.input_bound * INPUT_TOLERANCE:
        return 0
    return prices.cost(tokens_in, usage.output, images=call.images)


def believable(call: Delivered, ratio: float) -> bool:
    """Whole numbers, within the bounds and a little, and not far less than what arrived."""
    usage = call.usage
    if usage is None or usage.input is None or usage.output is None or usage.input < 0 or usage.output < 0:
        return False
    if call.bytes_out and usage.output < LEAST_SHARE * (call.bytes_out / ratio):
        return False
    if call.sent and usage.input == 0 and call.bytes_in:
        return False
    return usage.input <= call.input_bound * INPUT_TOLERANCE and usage.output <= call.output_bound * OUTPUT_TOLERANCE


def estimated_input(call: Delivered, ratio: float) -> int:
    """Tokens of the question by the learned ratio, never beyond its bound."""
    guess = -int(-call.bytes_in // ratio) + call.images * call.image_tokens
    return min(max(1, guess), call.input_bound)


def estimated_output(call: Delivered, ratio: float) -> int:
    """Tokens of what was delivered by the learned ratio, never beyond its bound."""
    return min(-int(-call.bytes_out // ratio), call.output_bound) if call.bytes_out else 0


def learned_ratio(exact: list[tuple[int, int]]) -> float:
    """Bytes per token, from (bytes, tokens) of the latest exact calls: their median."""
    ratios = [size / tokens for size, tokens in exact[:LEARNED_FROM] if tokens > 0 and size > 0]
    return min(20.0, max(0.5, median(ratios))) if ratios else START_RATIO


def _tokens(usage: Used | None, guessed_in: int, guessed_out: int) -> tuple[int, int]:
    if usage is None:
        return guessed_in, guessed_out
    return usage.input or 0, usage.output or 0
