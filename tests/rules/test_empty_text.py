"""What shows nothing is no question."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from core.rules.empty_text import says_nothing

NOTHING = ["", " \n\t", "\u3000", "\u200b", "\u200f\u202e\u2066", "\ufe0f", "\u0301", "\U000e0100", "\ud800", "\x00", "\u2800",
           "\u3164\u115f", "/", "\uff0f", " // ", "\u00ad\ufeff"]  # fmt: skip


@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_what_nobody_sees_says_nothing(text: str):
    assert says_nothing(text)
    assert not says_nothing(f"{text}a{text}")


@pytest.mark.parametrize("text", ["?", "。", "1", "é", "❤️", "👩‍💻", "نعم", "\uf8ff", "\U0001fae8", "…"], ids=ascii)
def test_a_sign_says_something(text: str):
    assert not says_nothing(text)


def test_every_letter_and_number_says_something_but_the_fillers():
    blank = "\u115f\u1160\u3164\uffa0"
    shown = (chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code))[0] in "LNP")
    assert {char for char in shown if says_nothing(char)} == {*blank, "/", "\uff0f"}
