"""How much of a conversation fits."""

from __future__ import annotations

import pytest

from core.rules.windows import newest_fitting, room, tokens


@pytest.mark.parametrize(
    ("context", "output", "left"),
    [
        (1000, 200, 700),
        (1000, 500, 400),
        (1000, 501, 400),  # an answer has at most half of the context
        (1001, 600, 400),  # 500 for the answer, and a tenth, rounded up, to spare
        (1, 0, 0),
        (0, 100, 0),
    ],
)
def test_room_beside_an_answer(context: int, output: int, left: int):
    assert room(context, output) == left


@pytest.mark.parametrize(
    ("size", "images", "most"), [(0, 0, 8), (30, 0, 18), (31, 0, 19), (30, 1, 118), (30, 2, 218), (0, 3, 308)]
)
def test_the_most_tokens_of_a_message(size: int, images: int, most: int):
    assert tokens(size, images, bytes_per_token=3, image_tokens=100) == most


@pytest.mark.parametrize(
    ("sizes", "most", "fitting"),
    [
        ([5, 5, 5], 15, 3),
        ([5, 5, 5], 14, 2),
        ([5, 5, 5], 10, 2),
        ([5, 5, 5], 9, 1),
        ([1, 1, 50], 10, 1),  # the question itself always goes along
        ([50, 1, 1], 10, 2),
        ([7], 0, 1),
        ([], 10, 0),
        ([0, 0], 0, 2),
    ],
)
def test_the_newest_go_first(sizes: list[int], most: int, fitting: int):
    assert newest_fitting(sizes, most) == fitting
