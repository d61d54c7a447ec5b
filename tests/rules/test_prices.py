from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.prices import Prices, TokenBounds, bounds, input_bound, output_bound
from core.talk_errors import NotEnoughCredit, TooLong

SONG = Prices(input=3_000_000, cached=300_000, output=15_000_000)
"""3 credits a million tokens in, 0.3 cached, 15 out: three micro-credits a token, and so on."""


@pytest.mark.parametrize(
    ("used", "micro"),
    [
        ({"tokens_in": 0, "tokens_out": 0}, 0),
        ({"tokens_in": 1, "tokens_out": 0}, 3),
        ({"tokens_in": 0, "tokens_out": 1}, 15),
        ({"tokens_in": 10, "tokens_out": 0, "cached": 1}, 28),  # 27.3, rounded up once
        ({"tokens_in": 10, "tokens_out": 0, "cached": 10}, 3),
        ({"tokens_in": 10, "tokens_out": 0, "cached": 11}, 3),
    ],
)
def test_what_tokens_cost(used: dict[str, int], micro: int):
    assert SONG.cost(**used) == micro


def test_calls_and_images_cost_what_they_say():
    assert Prices(call=7, image=100).cost(1_000, 1_000, images=3) == 307
    assert Prices(input=1).cost(1, 0) == 1  # a millionth of a micro-credit is one, not nothing
    assert Prices(input=1).cost(1_000_001, 0) == 2


@pytest.mark.parametrize("name", ["input", "cached", "output", "call", "image"])
def test_one_price_is_enough_to_cost_something(name: str):
    assert not Prices(**{name: 1}).free
    assert Prices().free
    assert Prices.of(Prices(**{name: 9}).stored()) == Prices(**{name: 9})
    assert Prices.of({}) == Prices()


def test_bounds_count_every_message_and_image():
    assert input_bound([], 0, bytes_per_token=2.0, image_tokens=1_000) == 0
    assert input_bound([0], 0, bytes_per_token=2.0, image_tokens=1_000) == 8
    assert input_bound([4, 5], 2, bytes_per_token=2.0, image_tokens=1_000) == 2 + 8 + 3 + 8 + 2_000


def test_the_answer_is_as_long_as_the_shortest_of_three_allows():
    assert output_bound(None, 300, 200) == 200
    assert output_bound(100, 300, 200) == 100
    assert output_bound(500, 300, 0) == 300  # 0: the plan sets no bound
    assert output_bound(0, 300, 200) == 1
    assert output_bound(-5, 300, 200) == 1


def ask(
    have: int, *, tokens_in: int = 100, wanted: int = 1_000, context: int = 10_000, prices: Prices = SONG
) -> TokenBounds:
    return bounds(prices, tokens_in, wanted, 0, have, shortest=64, context=context)


def test_what_is_affordable_is_claimed_whole():
    assert ask(15_300) == TokenBounds(100, 1_000, 15_300)
    assert ask(15_299) == TokenBounds(100, 999, 15_285, shortened=True)


def test_down_to_the_shortest_answer_and_no_further():
    least = 300 + 64 * 15
    assert ask(least) == TokenBounds(100, 64, least, shortened=True)
    with pytest.raises(NotEnoughCredit) as refused:
        ask(least - 1)
    assert refused.value.facts == {"needed": "0.0013", "left": "0.0012"}, "as the wallet shows it"
    # Whoever wants less than the shortest needs less, too.
    assert ask(300 + 5 * 15, wanted=5) == TokenBounds(100, 5, 375)
    with pytest.raises(NotEnoughCredit):
        ask(300 + 5 * 15 - 1, wanted=5)


def test_the_call_and_its_images_are_paid_before_the_tokens_of_the_answer():
    prices = Prices(output=1_000_000, call=40, image=10)
    assert bounds(prices, 0, 1_000, 2, 160, shortest=64, context=10_000) == TokenBounds(0, 100, 160, shortened=True)


def test_the_context_holds_question_and_answer():
    assert ask(10**9, context=1_100).output == 1_000
    assert ask(10**9, context=1_099).output == 999
    assert ask(10**9, context=164).output == 64
    with pytest.raises(TooLong) as refused:
        ask(10**9, context=163)
    assert refused.value.facts == {"most": 163, "given": 100}
    assert ask(10**9, context=101, wanted=1).output == 1


@given(
    prices=st.builds(
        Prices, *[st.integers(0, 10**8)] * 2, st.integers(1, 10**8), st.integers(0, 999), st.integers(0, 999)
    ),
    tokens_in=st.integers(0, 5_000),
    wanted=st.integers(1, 5_000),
    images=st.integers(0, 3),
    have=st.integers(0, 10**9),
)
def test_a_shortened_answer_is_the_longest_that_is_affordable(
    prices: Prices, tokens_in: int, wanted: int, images: int, have: int
):
    try:
        found = bounds(prices, tokens_in, wanted, images, have, shortest=64, context=100_000)
    except NotEnoughCredit:
        assert prices.cost(tokens_in, min(64, wanted), images=images) > have
        return
    assert found.amount == prices.cost(tokens_in, found.output, images=images) <= have
    assert found.shortened == (found.output < wanted)
    if found.shortened:
        assert prices.cost(tokens_in, found.output + 1, images=images) > have
