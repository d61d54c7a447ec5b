"""What touches an address, one sign at a time: what belongs to it, what does not, and what nobody can tell."""

from __future__ import annotations

import random

import pytest

from core.rules.address_neighbours import Side, before_is_understood, behind_is_understood, is_together
from core.rules.codes import DEFAULT_SHAPE, Shape, generate
from core.rules.message_folding import fold

CODE = generate(DEFAULT_SHAPE, random.Random(1).randbytes)
SHAPES = (DEFAULT_SHAPE, Shape("VIP", (4, 4), native=False), Shape("", (4, 4), native=False))
OTHER = "ann@example.com"


def before(left: str, local: str = "bob", right: str = "") -> Side:
    return before_is_understood(_folded(left), _folded(local), _folded(right), SHAPES)


def behind(right: str, left: str = "") -> Side:
    return behind_is_understood(_folded(right), _folded(left), SHAPES)


def _folded(text: str) -> str:
    return fold(text.replace("CODE", CODE).replace("OTHER", OTHER))


@pytest.mark.parametrize(
    "left",
    [
        "",
        "hello ",
        "hello: ",
        ": ",
        # labels
        "email:", "email=", "邮箱:", "邮箱 :", "email :", "email://", "?mail=", "x?m=", "&m=",
        # codes, proven by their check symbol or laid out like one, behind one kind of sign
        "CODE:", "CODE----", "VIP-AB12-CD34:", "VIP-ABCD,", "VIPA1B2,", "TEAM-1234:", "AB12CD34,", "CODE. ", "CODE- ",
        "CODE _ ",
        # another address, and signs that stand in lists
        "OTHER,", "OTHER--", "OTHER|", "OTHER. ", "OTHER _ ",
        # brackets that closed before, around something that is understood
        "【邮箱】", "[email]", "[email]:", "(Anna [email])", "(张三)", "[OTHER]", "[CODE]",
        # words of a script without spaces
        "邮箱", "请给", "x邮箱", "x 请给", "CODE请给", "请给,", "张三,", "是请给，",
        # the end of a sentence, a number of a list, a greeting
        "please invite me. ", "1. ", "1 . ", "hello world . ", "hello . ", "hi. ", "email. ", "谢谢. ", " . ", "zhang - ",
        # one letter is a word in English where it is `a` or `I`
        "a ", "I ", "zhang ",
    ],
)  # fmt: skip
def test_what_stands_before_it_is_no_part_of_it(left: str):
    assert before(left) == Side(True)


def test_scripts_whose_words_are_written_together_begin_and_end_with_these_letters():
    ends = "\u1100\u11ff \u2e80\ua4cf \uac00\ud7ff \uf900\ufaff \U00020000\U0003ffff".split()
    assert all(is_together(letter) for letter in "".join(ends))
    assert not any(is_together(chr(ord(pair[0]) - 1)) or is_together(chr(ord(pair[1]) + 1)) for pair in ends)


@pytest.mark.parametrize("left", ["Ann<", "Ann Lee<", "Ann< x<", "<x y<"])
def test_brackets_keep_a_name_away(left: str):
    assert before(left, right=">" * left.count("<")).understood


@pytest.mark.parametrize(
    ("left", "instead"),
    [
        ("VIPX:", "VIPX."),  # too short for a code, no digit in it, or another layout
        ("VIPABCD,", "VIPABCD."),
        ("VIP1,", "VIP1."),
        ("ABCDEFGH,", "ABCDEFGH."),
        ("AB12CD345,", "AB12CD345."),
        ("https://email:", "email."),  # the name in a link is no label
        ("请,", "请."),
        ("张,", "张."),
        ("Ann <x,", "x."),
        ("zhang. ", "zhang."),
        ("zhang。 ", "zhang."),
        ("Hi there, zhang. ", "zhang."),
        ("please invite me\nzhang. ", "zhang."),  # sentences end on their own line
        ("zhang . ", "zhang."),
        ("é1. ", "é1."),
        ("é1 . ", "é1."),
        ("Hi, all . ", "all."),
        ("please invite\nzhang . ", "zhang."),
        ("zhang- ", "zhang-"),
        ("zhang' ", "zhang'"),
        ("zhang _ ", "zhang_"),
        ("please invite zhang _ ", "zhang_"),  # no sentence ends like that
        ("7 _ ", "7_"),
        ("1- ", "1-"),
        ("z ", "z"),
        ("邮箱:bo ", "bo"),  # the address began before the gap
        ("email=bo ", "bo"),
        ("<bo ", "bo"),
    ],
)
def test_what_stands_before_it_may_be_its_beginning(left: str, instead: str):
    assert before(left) == Side(False, (instead, ""))


@pytest.mark.parametrize("local", [".san", "_san", "-san"])
def test_a_local_part_that_begins_like_none_was_torn_off(local: str):
    assert before("zhang ", local) == Side(False, ("zhang", ""))
    assert before("hi ", local) == Side(True)
    assert before("zhang ", f"san{local[0]}") == Side(True)


@pytest.mark.parametrize(
    "left",
    ["é1请给", "email-", " -", " :", "email::", "e*mail:**", "OTHER-", "OTHER.", "x请给", "是", "张三.", "(张)", "(x)", "]", "A<nn<",
     "hello-CODE-x,-"],
)  # fmt: skip
def test_what_stands_before_it_is_not_understood(left: str):
    assert before(left, right=">>") == Side(False)


def test_the_words_before_a_local_part_of_the_same_script_may_be_a_part_of_it():
    assert before("张三,") == Side(True)
    assert before("张三,", "李四") == Side(False, ("张三.", ""))
    assert before("张三,", "李x") == Side(False, ("张三.", ""))
    assert before("张三,", "x李") == Side(True)


def test_an_at_sign_beside_it_leaves_nothing_to_choose_from():
    assert before("x@") == behind("@x") == Side(False, ())


@pytest.mark.parametrize(
    "right",
    [
        "", " ", "\n", ".", ". ", "!?~", " .", " .é", " .CODE", "CODE", " hello",
        "谢谢", "谢点", "。谢谢", "，谢", "~谢",
        "（我的）", "(CODE)", "[CODE]",
        "-- CODE", "—— CODE", "-— CODE", "---- CODE",
        ". cn and so on", ". ok thanks", ". ok. thanks", ". Cn", ". infos", ". my code", " cn my code", " uk and so on", " de",
        " a", " i", " I am", " m's", " . a", " . cnabc",
        ",CODE", ",VIP-AB12-CD34", ",AB12CD34", ",OTHER", "--OTHER", ",，OTHER", "/OTHER", "----OTHER",
        "&code=", "?code:", ',code"', "，email：",
    ],
)  # fmt: skip
def test_what_stands_behind_it_is_no_part_of_it(right: str):
    assert behind(right) == Side(True)


@pytest.mark.parametrize(
    ("right", "instead"),
    [
        (". cn", ".cn"),
        (". com 5", ".com"),
        (". com é", ".com"),
        (". cn Please invite me", ".cn"),
        (". cn a1", ".cn"),
        (". info", ".info"),
        (", cn", ".cn"),
        ("。 cn", ".cn"),
        (". my CODE", ".my"),
        (" .cn", ".cn"),
        (" .cn.", ".cn"),
        (" .c张", ".c张"),
        (" 。cn", ".cn"),
        (" . cn", ".cn"),
        (" . cn . uk", ".cn.uk"),
        (" uk", ".uk"),
        (" uk Please", ".uk"),
        (" uk 你好 and", ".uk"),
        (" uk Please invite", ".uk"),
        (" uk P please", ".uk"),
        (" m", "m"),
        (" m CODE", "m"),
        (". m", ".m"),
        (". M x", ".M"),
        (",cn", ".cn"),
        (";cn", ".cn"),
        (":cn", ".cn"),
        (",ABCDEFGH", ".ABCDEFGH"),
    ],
)
def test_what_stands_behind_it_may_be_its_end(right: str, instead: str):
    assert behind(right) == Side(False, (instead, ""))


@pytest.mark.parametrize(
    "right",
    ["x", "谢", "点的", "点", "x谢", "谢 谢", "(我)", "(x)", "(我的", ")", "-- hello", "- hello", "- CODE", "— CODE", "=- CODE",
     "|| CODE", "。cn", ". co.uk", " example.org", ",-", ",.cn.", "/cn", ",,cn", "-OTHER", ".OTHER", "/谢", "&code", "=code=",
     "&xyz=", "cn "],
)  # fmt: skip
def test_what_stands_behind_it_is_not_understood(right: str):
    assert behind(right) == Side(False)


@pytest.mark.parametrize(
    ("left", "right", "understood"),
    [("(", ")", True), ("(", "))", False), ("", ")", False), ("<", "> ", True), ("<", ">,", True), ("((", "))", True)],
)
def test_a_bracket_closes_what_was_opened_before(left: str, right: str, understood: bool):
    assert behind(right, left).understood is understood
