"""What people really write to the bot, and that nothing they write can upset it."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.codes import ANYTHING, DEFAULT_SHAPE, Shape, canonical, generate, generate_many
from core.rules.message_text import Found, find_codes, words_as_codes

# The same codes in every process: they stand in the names of tests that are spread over several.
A, B, C = (generate(DEFAULT_SHAPE, random.Random(seed).randbytes) for seed in (1, 2, 3))
POOL = Shape("POOL", (4, 4, 4))
OLDER = Shape("TEAM", (4, 4, 4), native=False)
BARE = Shape("", (4, 4, 4), native=False)


def wrong(code: str) -> str:
    return code[:-1] + ("0" if code[-1] != "0" else "1")


def full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def find(text: str, *shapes: Shape) -> Found:
    return find_codes(text, shapes or (DEFAULT_SHAPE,))


def shown(found: Found) -> list[str]:
    return [code.display for code in found.codes]


@pytest.mark.parametrize(
    "message",
    [
        f"{A} bob@example.com",
        f"bob@example.com {A}",
        f"bob@example.com\n{A}",
        f"/redeem {A} bob@example.com",
        f"我的码是 {A.lower()} 谢谢，邮箱是bob@example.com",
        f"我的码是{A.lower()}谢谢，邮箱bob@example.com谢谢",
        f"邮箱：bob@example.com；兑换码：{A}。",
        f"code={A}&email: bob@example.com",
        f"Hi! my code is {A}, please invite <bob@example.com>. Thanks",
        f"{A}----bob@example.com",
        f"{A}|bob@example.com",
        f"{A}/bob@example.com",
        f"bob@example.com/{A}",
        f"bob@example.com{A}",
        f"**{A}** `bob@example.com`",
        f"mailto:bob@example.com ({A})",
        f"https://t.me/UsherBot?start={A} bob@example.com",
        f"bob@example.com {A.replace('-', '%2D')}",
        f"bob@example.com {A.replace('-', '%20')}",
        full_width(f"{A} bob@example.com"),
        "\u200b".join(f"{A} bob@example.com"),
        f"\u202e{A}\u202c \u2066bob@example.com\u2069",
        f"{A.replace('-', ' ')} bob@example.com",
        f"{A.replace('-', '')} bob@example.com",
        f"{A.replace('-', '–')} bob@example.com",
        f"{A.replace('-', '—')} bob@example.com",
        f"{A.replace('-', chr(10))}\nbob@example.com",
        f"{' '.join(A)} bob@example.com",
        f"{A} 👍 bob@example.com 🙏",
        f"{A} {A.lower()} {A.replace('-', '')} bob@example.com BOB@example.com",
    ],
)
def test_one_address_and_one_code_in_any_dress(message):
    found = find(message)
    assert found.addresses == ("bob@example.com",)
    assert shown(found) == [A]
    assert found.mistyped == ()


@pytest.mark.parametrize("between", [" ", "\n", ",", "，", "、", "; ", "\r\n\r\n", " / ", "", "\t", "|", " and "])
def test_several_codes_in_the_order_in_which_they_were_written(between):
    assert shown(find(between.join([B, A, C]))) == [B, A, C]


def test_twenty_five_codes_are_all_returned_so_that_the_caller_can_say_too_many():
    assert len(find("\n".join(generate_many(DEFAULT_SHAPE, 25))).codes) == 25


def test_codes_of_two_pools_in_one_message():
    other = generate(POOL)
    assert shown(find(f"{other} {A}", DEFAULT_SHAPE, POOL)) == [other, A]


@pytest.mark.parametrize(
    "message",
    [
        wrong(A),
        wrong(A).lower(),
        wrong(A).replace("-", " "),
        A[:-1],
        A[:14],
        "TEAM-12O4",
        "ABCD-EFGH-1234-5678",
        f"TEAN{A[4:]}",
    ],
)
def test_what_was_meant_as_a_code_is_reported_as_mistyped(message):
    found = find(f"bob@example.com {message}")
    assert found.codes == ()
    assert len(found.mistyped) == 1
    assert canonical(found.mistyped[0]) == canonical(message)


def test_words_that_stand_below_each_other_are_no_typing_error():
    assert find(wrong(A).replace("-", " ")).mistyped
    assert find(wrong(A).replace("-", "\n")).mistyped == ()


def test_a_typing_error_does_not_spoil_its_neighbours():
    found = find(f"{A} {wrong(B)} {C} {B[:-1]} {A}")
    assert shown(found) == [A, C]
    assert found.mistyped == (wrong(B), B[:-1])


@pytest.mark.parametrize(
    "message",
    [
        "hello",
        "my team is cool and likes it",
        "team work with good luck",
        "team-work",
        "a team-building day for the whole team",
        "TEAM",
        "team 2",
        "call 555-1234-5678 or +86 138 0013 8000",
        "2026-11-21 09:00-22:00",
        "@UsherBot",
        "/start@UsherBot",
        "3.14 @ 5",
        "谢谢",
        "",
    ],
)
def test_ordinary_words_are_no_codes(message):
    assert find(message) == Found((), (), ())


def test_codes_of_an_older_system_among_new_ones():
    found = find(f"TEAM-ABCD-EFGH-JKMN {A} team wxyz 2345 6789 and wxyz-2345-6789", DEFAULT_SHAPE, OLDER, BARE)
    assert shown(found) == ["TEAM-ABCD-EFGH-JKMN", A, "TEAM-WXYZ-2345-6789", "WXYZ-2345-6789"]


def test_words_in_the_layout_of_an_imported_code_stay_words():
    assert find("an open-book-exam", DEFAULT_SHAPE, BARE).codes == ()


def test_with_the_wildcard_anything_with_a_digit_may_be_a_code():
    found = find(f"hello there vip-2024-gold {A} bob@example.com", DEFAULT_SHAPE, ANYTHING)
    assert shown(found) == ["vip-2024-gold", A], "as written: another system may have kept the hash of just that"


# Addresses: better none than somebody else's


@pytest.mark.parametrize(
    ("message", "addresses"),
    [
        ("jörg@example.com", ("jörg@example.com",)),
        ("jo\u0308rg@example.com", ("jo\u0308rg@example.com",)),
        ("o’brien@example.com", ("o'brien@example.com",)),
        ("bob–smith@example.com", ("bob-smith@example.com",)),
        ("first.last+tag@mail.example.co.uk.", ("first.last+tag@mail.example.co.uk",)),
        ("=cmd()@example.com", ()),
        ("a@example.com/b@example.com", ("a@example.com", "b@example.com")),
        ("a@example.com b@example.org", ("a@example.com", "b@example.org")),
        ("bob@gmail", ("bob@gmail",)),
        ("bob@gmail ann@example.com", ("ann@example.com",)),
        ("bob@bücher.example", ("bob@bücher.example",)),
        ("张三@例子.中国", ("张三@例子.中国",)),
        ("bob@例子.中国", ("bob@例子.中国",)),
        ("'bob@example.com'", ("bob@example.com",)),
        ("_bob@example.com", ("_bob@example.com",)),
        ('"a b"@example.com', ()),
        ("@example.com", ()),
    ],
)
def test_an_address_is_found_whole_or_not_at_all(message, addresses):
    assert find(message).addresses == addresses


@pytest.mark.parametrize("message", ["a@b@example.com", "bob@@example.com", f"{A}@b@example.com"])
def test_an_at_sign_too_many_may_mean_anybody(message):
    found = find(message)
    assert found.addresses == ()
    assert [doubt.meant for doubt in found.doubtful] in ([(), ()], [()])


def test_the_local_part_is_never_shortened_to_somebody_elses():
    long = "x" * 400 + "bob@example.com"
    (address,) = find(long).addresses
    assert len(address.partition("@")[0]) > 64


# Anything whatsoever


SHAPES = st.lists(st.sampled_from([DEFAULT_SHAPE, POOL, OLDER, BARE, ANYTHING, Shape("T", (4, 4, 4))]), unique=True)
PIECES = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.characters(),
        st.sampled_from(
            [A, B, wrong(C), "TEAM", "team-", "@", "bob@", "@x.com", "-", "\x00", "\ud800", "\U0001f600", "，", "----"]
        ),
    ),
    max_size=30,
).map("".join)


@given(PIECES, SHAPES)
def test_no_text_upsets_it(text, shapes):
    found = find_codes(text, shapes)
    assert all(code.shape in shapes for code in found.codes)
    assert len({code.canonical for code in found.codes}) == len(found.codes)
    assert all(len(shown_again) <= 64 for shown_again in found.mistyped)


@given(
    st.lists(st.sampled_from([A, B, C]), unique=True, max_size=3),
    st.sampled_from([" ", "\n", ", ", "，", " 和 ", " and "]),
    st.sampled_from(["", "bob@example.com"]),
    st.booleans(),
)
def test_what_was_written_is_what_is_found(codes, between, address, lower):
    text = between.join([*codes, address] if address else codes)
    found = find(text.lower() if lower else text)
    assert shown(found) == codes
    assert found.addresses == ((address,) if address else ())


@pytest.mark.parametrize(
    "piece",
    [
        A + " ",
        "a@",
        "a-",
        "team ",
        "t ",
        "te am ",
        "a@x.com ",
        "a@x.com/",
        wrong(A) + "-",
        "a",
        "-",
        "@",
        "\u0301\u0316",
        "1-TEAM-",
    ],
)
def test_the_time_grows_with_the_length_and_no_faster(piece):
    shapes = (DEFAULT_SHAPE, POOL, OLDER, BARE)

    def seconds(length: int) -> float:
        text = ("a" + piece * length)[:length]
        started = time.process_time()
        find_codes(text, shapes)
        return time.process_time() - started

    seconds(1_000)
    short, long = min(seconds(8_000) for _ in range(3)), min(seconds(64_000) for _ in range(2))
    # Eight times the text: a quadratic reader would take sixty-four times as long.
    assert long < 24 * short + 0.05


def test_ten_thousand_codes_in_one_message():
    codes = list(generate_many(DEFAULT_SHAPE, 10_000))
    assert shown(find("\n".join(codes))) == codes


# Where each rule ends


@pytest.mark.parametrize(
    ("message", "shapes", "codes", "mistyped"),
    [
        ("a1b2c", (ANYTHING,), [], ()),
        ("a1b2c3", (ANYTHING,), ["a1b2c3"], ()),
        ("a1" * 32, (ANYTHING,), ["a1" * 32], ()),
        ("a1" * 32 + "b", (ANYTHING,), [], ()),
        ("AB12-CD34", (DEFAULT_SHAPE,), [], ()),
        ("AB12-CD34-EF56", (DEFAULT_SHAPE,), [], ("AB12-CD34-EF56",)),
        ("-".join(["AB12"] * 7), (DEFAULT_SHAPE,), [], ("-".join(["AB12"] * 7),)),
        ("-".join(["AB12"] * 8), (DEFAULT_SHAPE,), [], ()),
        ("TEAM-12", (DEFAULT_SHAPE,), [], ()),
        ("TEAM-XXXX-XXXX-XXXX", (DEFAULT_SHAPE, OLDER), [], ("TEAM-XXXX-XXXX-XXXX",)),  # what the help shows
        ("team wxyz 2345 6789", (OLDER,), ["TEAM-WXYZ-2345-6789"], ()),
        ("team wxy z2345 6789", (OLDER,), [], ()),  # spread, and not in the groups of its layout
    ],
)
def test_what_is_a_code_and_what_was_meant_as_one(message, shapes, codes, mistyped):
    found = find(message, *shapes)
    assert (shown(found), found.mistyped) == (codes, mistyped)


def test_what_the_check_symbol_proves_goes_before_a_layout_of_others():
    alike = Shape("TEAM", (4, 4, 4, 4), native=False)
    for message, shape in ((A, DEFAULT_SHAPE), (wrong(A), alike)):
        assert [code.shape for code in find(message, alike, DEFAULT_SHAPE).codes] == [shape]


WORDS = Shape("ABC", (4, 4), native=False)


@pytest.mark.parametrize(
    ("said", "shape", "code"),
    [
        ("QWERTZUPASDF", BARE, "QWERTZUPASDF"),
        ("my QWER-TZUP-ASDF", BARE, "QWERTZUPASDF"),
        ("QWER-TZUPASDF", BARE, None),
        ("QWERTZUPASD", BARE, None),
        ("ABC-QWER-TZUP", WORDS, "ABCQWERTZUP"),
        ("QWER-TZUP", WORDS, None),
        ("QWERTZUP is it", ANYTHING, "QWERTZUP"),
        ("it is QWERTZUP", ANYTHING, "QWERTZUP"),
        ("QWERTZUP YXCVBNM", ANYTHING, "QWERTZUP"),
        ("ann@example.com QWERTZUP", ANYTHING, "QWERTZUP"),
        ("is it", ANYTHING, None),
        ("", ANYTHING, None),
        ("QWERTZUPASDF", DEFAULT_SHAPE, None),
    ],
)
def test_where_a_code_is_asked_for_a_word_may_be_one(said: str, shape: Shape, code: str | None):
    found = [(one.canonical, one.last4) for one in words_as_codes(said, [shape])]
    assert found == ([] if code is None else [(code, code[-4:])])
