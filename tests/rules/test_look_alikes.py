"""Letters that look like Latin ones, digits of any script."""

from __future__ import annotations

import pytest

from core.rules.look_alikes import in_latin, latin_of


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("TEAM-1", "TEAM-1"),
        ("ТЕАМ", "TEAM"),  # Cyrillic
        ("ΤΕΑΜ", "TEAM"),  # Greek
        ("bоb", "bob"),
        ("кмтвн", "kmtbh"),
        ("ℓıɡɑ", "liga"),
        ("٠١٢٣٤٥٦٧٨٩", "0123456789"),
        ("०९", "09"),
        ("五", "五"),  # a number, yet a word
        ("②", "②"),
        ("x²", "x²"),
        ("春ü", "春ü"),
        ("", ""),
    ],
)
def test_what_looks_like_latin_becomes_it(text: str, latin: str):
    assert in_latin(text) == latin


def test_one_character_at_a_time():
    assert [latin_of(char) for char in "aа0٠五-"] == ["a", "a", "0", "0", "五", "-"]
