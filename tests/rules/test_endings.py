from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.rules.endings import (
    ENDINGS,
    FREE,
    LEARNED_FROM,
    START_RATIO,
    Bill,
    Delivered,
    Used,
    believable,
    estimated_input,
    estimated_output,
    learned_ratio,
    settle,
)
from core.rules.prices import Prices

PRICES = Prices(input=1_000_000, cached=100_000, output=2_000_000)
"""One micro-credit a token of input, a tenth for what is cached, two a token of output."""
CALL = Delivered("whole", sent=True, input_bound=100, output_bound=200, bytes_in=300, bytes_out=150)
"""A hundred tokens of input and fifty of output, at three bytes a token."""


def bill(ending: str = "whole", usage: Used | None = None, *, claimed: int = 500, **given: Any) -> Bill:
    call = replace(CALL, ending=ending, usage=usage, **given)  # type: ignore[arg-type]
    return settle(PRICES, claimed, 3.0, call)


def bill_of(charged: int, billed: int, tokens_in: int, tokens_out: int = 0, **given: Any) -> Bill:
    known: dict[str, Any] = {"absorbed": 0, "estimated": False, "doubted": False} | given
    return Bill(charged, billed=billed, tokens_in=tokens_in, tokens_out=tokens_out, **known)


@pytest.mark.parametrize("ending", ["whole", "stopped", "left", "cut", "killed"])
def test_what_came_is_paid_as_the_upstream_counts_it(ending: str):
    paid = bill(ending, Used(90, 40, cached=20, reasoning=7))
    assert paid == bill_of(70 + 2 + 80, 152, 90, 40, tokens_cached=20, tokens_reasoning=7)
    assert bill(ending, Used(90, 40)) == bill_of(170, 170, 90, 40, tokens_cached=0, tokens_reasoning=0)


@pytest.mark.parametrize("ending", ["whole", "stopped", "left", "cut", "killed"])
def test_without_usage_it_is_estimated(ending: str):
    assert bill(ending) == bill_of(200, 200, 100, 50, estimated=True)


def test_what_is_beyond_the_claim_is_the_houses():
    paid = bill(claimed=150)
    assert (paid.charged, paid.absorbed, paid.billed) == (150, 50, 200)
    assert bill(claimed=200).absorbed == 0


def test_what_an_upstream_wrote_beyond_its_bound_is_the_houses_where_it_arrived():
    beyond = Used(100, 400)
    paid = bill(usage=beyond, bytes_out=1_200)
    assert (paid.charged, paid.absorbed, paid.billed) == (500, 400, 900)
    assert (paid.doubted, paid.estimated, paid.tokens_out) == (True, True, 200)
    assert bill(usage=beyond, bytes_out=600).billed == 900, "half of it bears it out"
    for usage, size in (
        (beyond, 599),
        (Used(-1, 400), 1_200),
        (Used(201, 400), 1_200),
        (Used(100, None), 1_200),
        (Used(100, 10**12), 1_200),
    ):
        paid = bill(usage=usage, bytes_out=size)
        assert (paid.billed, paid.absorbed) == (500, 0), usage
    assert bill(usage=Used(None, 400), bytes_out=1_200).billed == 900


@pytest.mark.parametrize("ending", sorted(FREE))
def test_what_failed_costs_nothing(ending: str):
    assert set(ENDINGS) >= FREE
    assert bill(ending, Used(90, 3), bytes_out=0) == bill_of(0, 96, 90, 3)
    read = 100 if ending == "empty" else 0
    assert bill(ending, bytes_out=0) == bill_of(0, read, read)
    assert bill(ending, bytes_out=0, sent=False) == bill_of(0, 0, 0)


def test_leaving_before_the_first_token_pays_the_question_if_it_had_left():
    assert bill("left_early", sent=False) == bill_of(0, 0, 0)
    assert bill("left_early", bytes_out=0) == bill_of(100, 100, 100, estimated=True)
    assert bill("left_early", Used(80, 9), bytes_out=0) == bill_of(80, 80, 80)
    assert bill("left_early", bytes_out=0, claimed=60) == bill_of(60, 100, 100, estimated=True)


def test_what_an_upstream_counts_as_nothing_is_nothing():
    assert bill(usage=Used(0, 50), bytes_in=0) == bill_of(100, 100, 0, 50)
    assert bill(usage=Used(90, 0), bytes_out=0) == bill_of(90, 90, 90, 0)


def test_what_other_sources_may_have_billed_is_noted_and_not_charged():
    for ending in ENDINGS:
        with_loss, without = bill(ending, lost=2), bill(ending)
        assert (with_loss.charged, with_loss.billed - without.billed) == (without.charged, 200)
    assert bill("left_early", lost=2, sent=False).billed == 200
    assert Delivered("whole", True, 100, 200, 300, 150, images=0, image_tokens=0, lost=0, usage=None) == CALL


@pytest.mark.parametrize(
    ("usage", "given", "believed"),
    [
        (None, {}, False),
        (Used(None, 5), {}, False),
        (Used(5, None), {}, False),
        (Used(-1, 50), {}, False),
        (Used(100, -1), {}, False),
        (Used(100, -1), {"bytes_out": 0}, False),
        (Used(100, 11), {"output_bound": 10}, True),  # exactly a tenth more than there could be
        (Used(0, 50), {}, False),
        (Used(0, 50), {"sent": False}, True),
        (Used(0, 50), {"bytes_in": 0}, True),
        (Used(1, 50), {}, True),
        (Used(200, 50), {}, True),
        (Used(201, 50), {}, False),
        (Used(100, 220), {}, True),
        (Used(100, 221), {}, False),
        (Used(100, 5), {}, True),  # a tenth of the fifty that arrived
        (Used(100, 4), {}, False),
        (Used(100, 0), {"bytes_out": 0}, True),
    ],
)
def test_usage_is_believed_within_its_bounds(usage: Used | None, given: dict[str, Any], believed: bool):
    assert believable(replace(CALL, usage=usage, **given), 3.0) is believed
    assert bill(usage=usage, **given).doubted == (usage is not None and not believed)


def test_cached_tokens_are_never_more_than_all_and_never_less_than_none():
    assert bill(usage=Used(90, 40, cached=91)).tokens_cached == 90
    assert bill(usage=Used(90, 40, cached=-5)).tokens_cached == 0
    assert bill(usage=Used(90, 40, reasoning=-5)).tokens_reasoning == 0
    assert bill(usage=Used(90, 40, reasoning=220)).tokens_reasoning == 220
    assert bill(usage=Used(90, 40, reasoning=221)).tokens_reasoning == 220, "never more than output could be"


def test_estimates_round_up_and_stop_at_the_bounds():
    assert estimated_input(replace(CALL, bytes_in=4), 3.0) == 2
    assert estimated_input(replace(CALL, bytes_in=0), 3.0) == 1
    assert estimated_input(replace(CALL, bytes_in=303), 3.0) == 100
    assert estimated_input(replace(CALL, bytes_in=3, images=2, image_tokens=10), 3.0) == 21
    assert estimated_output(replace(CALL, bytes_out=0), 3.0) == 0
    assert estimated_output(replace(CALL, bytes_out=1), 3.0) == 1
    assert estimated_output(replace(CALL, bytes_out=601), 3.0) == 200


def test_the_ratio_is_the_median_of_the_latest_within_reason():
    assert learned_ratio([]) == learned_ratio([(0, 5), (5, 0)]) == START_RATIO
    assert learned_ratio([(4, 1), (6, 1), (9, 3)]) == 4
    assert learned_ratio([(1, 1)]) == 1
    assert learned_ratio([(1, 10)]) == 0.5
    assert learned_ratio([(90, 1)]) == 20
    assert learned_ratio([(4, 1)] * LEARNED_FROM + [(8, 1)] * (LEARNED_FROM + 2)) == 4
    assert (START_RATIO, LEARNED_FROM) == (3.0, 200)
