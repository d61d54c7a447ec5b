"""Addresses cut out of words: what is certain, what is asked about, what is hidden, and what is left for the codes."""

from __future__ import annotations

import random

import pytest

from core.rules.codes import DEFAULT_SHAPE, generate
from core.rules.message_addresses import MOST_SIGNS, Doubt, cut_addresses
from core.rules.message_folding import HARD, fold

CODE = generate(DEFAULT_SHAPE, random.Random(1).randbytes)


def cut(message: str) -> tuple[list[str], list[Doubt], str]:
    addresses, doubts, rest = cut_addresses(fold(message.replace("CODE", CODE)), (DEFAULT_SHAPE,))
    return addresses, doubts, rest.replace(CODE, "CODE").replace(HARD, "|")


@pytest.mark.parametrize(
    ("message", "addresses", "rest"),
    [
        ("CODE-bob@example.com", ["bob@example.com"], "CODE-|"),
        ("CODE_bob@example.com", ["bob@example.com"], "CODE_|"),
        ("CODE@example.com", [f"{CODE}@example.com"], "|"),
        ("bob@example.comCODE", ["bob@example.com"], "|CODE"),
        ("bob@example.com-CODE", ["bob@example.com"], "|-CODE"),
        ("bob@example.com.CODE", ["bob@example.com"], "|.CODE"),
        ("_a@example.com_", ["a@example.com"], "|_"),
        ("__a@example.com__", ["a@example.com"], "|__"),
        ("''bob@example.com''", ["bob@example.com"], "''|''"),
        ("*'bob@example.com'*", ["bob@example.com"], "*'|'*"),
        ("~bob@example.com~", ["bob@example.com"], "~|~"),
        ("<bob@example.com>谢谢", ["bob@example.com"], "<|>谢谢"),
        ("(bob@example.com).", ["bob@example.com"], "(|)."),
        (" [bob@example.com]_ ", ["bob@example.com"], " [|]_ "),
        ("Ann<bob@example.com> CODE", ["bob@example.com"], "Ann<|> CODE"),
        ("Ann Lee<bob@example.com>, CODE", ["bob@example.com"], "Ann Lee<|>, CODE"),
        ("a..b@example.com", ["a..b@example.com"], "|"),  # no address, and nothing of it is hidden
        ("BOB@example.com bob@EXAMPLE.com", ["BOB@example.com"], "| |"),
        ("bob@example.co谢谢", ["bob@example.co"], "|谢谢"),
        ("bob@gmail bob@yahoo", ["bob@gmail", "bob@yahoo"], "| |"),  # to be told that they are none
        ("bob@gmail ann@example.com", ["ann@example.com"], "| |"),
    ],
)
def test_what_is_certain(message: str, addresses: list[str], rest: str):
    assert cut(message) == (addresses, [], rest)


@pytest.mark.parametrize(
    ("message", "written", "meant"),
    [
        ("CODEbob@example.com", "…bob@example.com", "bob@example.com"),
        # Letters behind a domain that has not ended may be more of it.
        ("bob@example.com.谢谢", "bob@example.com.谢谢", "bob@example.com.谢谢"),
        ("bob@gmail谢谢", "bob@gmail谢谢", "bob@gmail谢谢"),
        ("bob@e.c谢谢", "bob@e.c谢谢", "bob@e.c谢谢"),
        ("x CODEbob@example.com", "…bob@example.com", "bob@example.com"),
        ("'bob@example.com", "'bob@example.com", "bob@example.com"),
        ("_a@example.com__", "a@example.com_", "a@example.com"),
        ("(bob@example.com).x", "(bob@example.com).x", "bob@example.com"),
        ("x(bob@example.com)", "x(bob@example.com)", "bob@example.com"),
        ("A<nn<bob@example.com>", "A<nn<bob@example.com>", "bob@example.com"),
        ("(bob@example.com)xyz", "(bob@example.com)xyz", "bob@example.com"),
        ("(bob@example.com)-x", "(bob@example.com)-x", "bob@example.com"),
        ("bob@example.com---x", "bob@example.com---x", "bob@example.com"),
        ("bob@example---x.com", "bob@example---x.com", "bob@example"),
        ("bob@example.com*", "bob@example.com*", "bob@example.com"),
        # white space around the sign
        ("Ann bob @ example.com now", "bob @ example.com", "bob@example.com"),
        ("x bob@ example.com y", "bob @ example.com", "bob@example.com"),
        ("Ann bob @example.com", "bob @ example.com", "bob@example.com"),
        ("bob@\nexample.com", "bob @ example.com", "bob@example.com"),
        ("bob @ example.com, CODE", "bob @ example.com", "bob@example.com"),
        # written for people
        ("bob (at) example.com", "bob (at) example.com", "bob@example.com"),
        ("bob [AT] example.com", "bob [AT] example.com", "bob@example.com"),
        ("bob AT example dot com", "bob AT example dot com", "bob@example.com"),
        ("bob艾特example.com", "bob艾特example.com", "bob@example.com"),
        ("bob{at}example[dot]com", "bob{at}example[dot]com", "bob@example.com"),
        (f"{'x' * 64}(at)a.com", f"{'x' * 64}(at)a.com", f"{'x' * 64}@a.com"),
        (f"{'x' * 64} (at) a.com", f"{'x' * 64} (at) a.com", f"{'x' * 64}@a.com"),
    ],
)
def test_what_is_asked_about(message: str, written: str, meant: str):
    addresses, doubts, _ = cut(message)
    assert (addresses, doubts) == ([], [Doubt(written, (meant,))])


@pytest.mark.parametrize("message", ["CODE-@example.com", "bob@---", "●@example.com", "bob@*", "bob@●●"])
def test_half_of_an_address_is_asked_about_without_a_reading(message: str):
    addresses, (doubt,), _ = cut(message)
    assert (addresses, doubt.meant, doubt.masked) == ([], (), False)


@pytest.mark.parametrize(
    ("message", "masked"),
    [
        ("a...@example.com", True),
        ("a..@example.com", True),
        ("z**n@example.com", True),
        ("x*bob@example.com", True),
        ("x*@example.com", True),
        ("*@example.com", True),
        ("●●@example.com", True),
        ("x●●bob@example.com", True),
        ("●bob@example.com", False),
        ("bob@example.com**", True),
        ("bob@example.com*x", True),
        ("bob@*x", True),
        ("bob@**", True),
        ("bob@example.com●", False),
        ("bob@example.com●●x", True),
    ],
)
def test_letters_that_were_replaced_are_said_to_be_so(message: str, masked: bool):
    _, (doubt,), _ = cut(message)
    assert doubt.masked is masked


@pytest.mark.parametrize(
    "message",
    [
        "/redeem@UsherBot", "x /redeem@UsherBot", "\n/redeem@UsherBot hi", "@UsherBot", " @x",  # commands and mentions
        "@ example.com", "bob @", "bob @ ", "bob@", "3 @ 5", "3@ 5.50", "bob @ nowhere", "b(b @ example.com",
        "bob @ example..com", "bob@ example.c",
        "bob at example.com", "bob at home", "(at) example dot com", "at example dot com", "bob (at) nowhere",
        f"{'x' * 65}(at)a.com", f"{'x' * 65} (at) a.com", f"{'x' * 70} (at) a.com",
    ],
)  # fmt: skip
def test_what_is_no_address_is_left_alone(message: str):
    addresses, doubts, _ = cut(message)
    assert (addresses, doubts) == ([], [])


@pytest.mark.parametrize("message", ["x/redeem@UsherBot", "//redeem@bot", "a/b@bot"])
def test_a_command_begins_a_word(message: str):
    assert cut(message)[1]


def test_no_more_than_four_readings_are_offered():
    (doubt,) = cut("x=b\u043eb@例子.中国谢谢")[1]
    as_typed = "b\u043eb"
    assert doubt.meant == tuple(
        f"x={name}@{place}" for name in ("bob", as_typed) for place in ("例子.中国", "例子.中国谢谢")
    )


def test_of_very_many_at_signs_the_first_hundred_are_looked_at():
    addresses, _, rest = cut(" ".join(f"CODE a{number}@example.com" for number in range(MOST_SIGNS + 2)))
    assert addresses == [f"a{number}@example.com" for number in range(100)]
    assert rest == "CODE | " * 100 + "CODE|"
    assert len(cut(" ".join(f"a{number}@example.com" for number in range(99)))[0]) == 99


def test_of_a_very_long_word_so_much_is_shown_as_any_address_has():
    (doubt,) = cut("(" * 400 + "bob@example.com" + "x" * 400 + "!")[1]
    assert len(doubt.written) == 320
