"""From the characters that devices send to those that were meant."""

from __future__ import annotations

import pytest

from core.rules.message_folding import HIDDEN, ODD_DASH, SEPARATING_DASH, STOP, UNKNOWN, fold


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("plain text-1", "plain text-1"),
        ("", ""),
        # what can be seen, and stands for something of ASCII
        ("ｂｏｂ＠ｅ", "bob@e"),
        ("o’b‘ʼ‛", "o'b'''"),
        ("“a”„‟", '"a"""'),
        ("‐‑‒–−﹣－", "-------"),
        ("—―⸺", SEPARATING_DASH * 3),
        ("〈《「」》〉«»‹›", "<<<>>><><>"),
        ("、､", ",,"),
        ("…", "..."),
        ("ﬁﬂ", "fifl"),
        ("①", "1"),
        # and what does not
        ("😀", UNKNOWN),
        ("●", UNKNOWN),
        ("ﷺ", UNKNOWN),
        ("㏂", UNKNOWN),
        ("¨", UNKNOWN),  # a space and a mark
        ("ㅤ\u2800", UNKNOWN * 2),
        ("᐀", ODD_DASH),
        ("é", "é"),
        ("e\u0301", "e\u0301"),
        ("谢и٣", "谢и٣"),
        # white space
        ("a\tb\u3000c\u00a0d", "a b c d"),
        ("a\rb\u2028c\x85d\x1ee", "a\nb\nc\nd\ne"),
        # what cannot be seen: some of it means nothing, the rest may
        ("a\u200bb\u00adc\ufe0fd\ufe00e\u034ff", "abcdef"),
        ("a\U000e0100b\U000e01efc", "abc"),
        ("a\U000e00ffb", f"a{HIDDEN}b"),
        ("a\U000e01f0b", f"a{HIDDEN}b"),
        ("a\ufdd0b\ue000c\x07d", f"a{HIDDEN}b{HIDDEN}c{HIDDEN}d"),
        ("a\u202db\u202ec\u202cd", f"a{HIDDEN}b{HIDDEN}cd"),
        # the stop of Chinese, between two letters of ASCII and elsewhere
        ("a。b｡1", "a.b.1"),
        ("a。谢", f"a{STOP}谢"),
        ("。a。", f"{STOP}a{STOP}"),
        # what messages went through on their way
        (r"a\_b\*c\d", r"a_b*c" + "\\d"),
        ("&lt;a&#64;b&#x40;c&amp;&;", "<a@b@c&&;"),
        ("<b>a</B><br/>c<x>", " a  c<x>"),
        ("a%40b c%20d", "a@b c d"),
        ("a@b%40c", "a@b%40c"),
        ("mailto:a@b%20c", "mailto:a@b c"),
        ("https://x?m=a@b%20c", "https://x?m=a@b c"),
        ("100% a%4", "100% a%4"),
    ],
)
def test_it_is_read_as_it_was_meant(text: str, meant: str):
    assert fold(text) == meant


def test_a_character_means_the_same_the_second_time():
    many = "".join(chr(point) for point in range(0x4E00, 0x4E00 + 6_000))
    assert fold(many) == fold(many) == many
