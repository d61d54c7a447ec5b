from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.money import MICRO, MOST, amount_text, read_amount, shown_amount, shown_balance
from core.talk_errors import BadAmount


@pytest.mark.parametrize(
    ("text", "micro"),
    [
        ("5", 5_000_000),
        (" 0.5 ", 500_000),
        ("1,5", 1_500_000),
        ("２.５", 2_500_000),
        ("1_000", 1_000_000_000),
        ("0.000001", 1),
        ("0.50000000", 500_000),
        (".5", 500_000),
        ("+5", 5_000_000),
        ("0,125", 125_000),
        ("１２", 12_000_000),
        ("1000000000", MOST),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, micro: int):
    assert read_amount(text) == micro


@pytest.mark.parametrize(
    "text",
    [
        *("", "five", "0", "-1", "0.0000001", "1000000000.000001", "1,000.5", "1,2,3", "nan", "inf", "1e99", "0x10"),
        *("1e999999", "1e3", "1,000", "12,500", "+-5", "--5", "5-", ".", "_", "0.00000100000000000000000000000000001"),
    ],
)
def test_what_is_no_amount_is_named(text: str):
    with pytest.raises(BadAmount) as refused:
        read_amount(text, name="price")
    assert refused.value.facts == {"name": "price", "text": text}


def test_the_least_is_the_callers_and_what_cannot_be_printed_is_left_out():
    assert read_amount("0", least=0) == 0
    for minus in ("-1", "−1", "－１"):
        assert read_amount(minus, least=-MICRO) == -MICRO
    with pytest.raises(BadAmount) as refused:
        read_amount("5\n" + "x" * 60)
    assert refused.value.facts == {"name": "amount", "text": "5" + "x" * 38}


def test_what_stands_behind_the_fortieth_symbol_is_read_too():
    with pytest.raises(BadAmount):
        read_amount("5" + " " * 40 + "0")
    with pytest.raises(BadAmount):
        read_amount("1." + "0" * 60 + "9")
    with pytest.raises(BadAmount):
        read_amount("0" * 300)
    assert read_amount("0" * 50 + "5") == 5 * MICRO


def test_amounts_are_written_exactly_for_programs():
    assert [amount_text(micro) for micro in (0, 1, -1, 500_000, 5 * MICRO, -1_500_000)] == [
        "0", "0.000001", "-0.000001", "0.5", "5", "-1.5",
    ]  # fmt: skip


@given(st.integers(1, MOST))
def test_what_was_written_is_read_back(micro: int):
    assert read_amount(amount_text(micro)) == micro


def test_people_see_what_they_pay_rounded_up_and_what_they_have_rounded_down():
    assert (shown_amount(1), shown_balance(99)) == ("0.0001", "0")
    assert (shown_amount(100), shown_balance(100)) == ("0.0001", "0.0001")
    assert (shown_amount(101), shown_balance(199)) == ("0.0002", "0.0001")
    assert (MICRO, MOST) == (10**6, 10**15)
