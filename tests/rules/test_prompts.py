from __future__ import annotations

from typing import Any

import pytest

from core.rules.prompts import Size, canonical, measure

PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 5_000}}


@pytest.mark.parametrize(
    ("message", "size", "images"),
    [
        ({"role": "user", "content": "hello"}, 5, 0),
        ({"role": "user", "content": "港口"}, 6, 0),
        ({"role": "user", "content": "\ud83d"}, 3, 0),
        ({"role": "assistant", "content": None}, 0, 0),
        ({"role": "user", "content": [{"type": "text", "text": "hi"}, PICTURE]}, 2, 1),
        ({"role": "user", "content": [PICTURE, PICTURE, "odd"]}, 3, 2),
        ({"role": "user", "content": "hi", "name": "ann"}, 5, 0),
        ({"role": "user", "content": [{"type": "text", "text": 5}]}, len('{"type": "text", "text": 5}'), 0),
    ],
)
def test_what_a_message_weighs(message: dict[str, Any], size: int, images: int):
    assert measure([message], {}) == Size((size,), images)


def test_what_goes_along_weighs_too():
    found = measure([{"role": "user", "content": "hi"}], {"tools": [1], "temperature": 0.3})
    assert found == Size((2, len('{"tools": [1]}')), 0)
    assert found.bytes == 2 + len('{"tools": [1]}')
    for name in ("response_format", "functions"):
        assert len(measure([], {name: 1}).messages) == 1


def test_a_repeat_is_known_whatever_the_order_of_its_names():
    first = canonical("song", [{"role": "user", "content": "港"}], 5, {"a": 1, "b": 2})
    assert first == canonical("song", [{"content": "港", "role": "user"}], 5, {"b": 2, "a": 1})
    assert "港" in first
    assert first != canonical("song", [{"role": "user", "content": "港"}], 6, {"a": 1, "b": 2})
