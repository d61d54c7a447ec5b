from __future__ import annotations

import pytest

from core.command_errors import BadValue
from core.rules.gifts import SEAT, Giving, read_giving
from core.talk_errors import BadAmount


@pytest.mark.parametrize(
    ("text", "giving", "kept"),
    [
        ("seat", SEAT, None),
        (" SEAT ", SEAT, None),
        ("credit:5", Giving("credit", amount=5_000_000), {"amount": 5_000_000}),
        ("Credit : 0.5", Giving("credit", amount=500_000), {"amount": 500_000}),
        ("plan:vip", Giving("plan", plan="vip"), {"plan": "vip"}),
        ("plan:" + "p" * 64, Giving("plan", plan="p" * 64), {"plan": "p" * 64}),
        ("access", Giving("access"), None),
    ],
)
def test_what_a_code_gives_is_read_kept_and_written(text: str, giving: Giving, kept: object):
    assert read_giving(text) == giving
    assert giving.stored == kept
    assert Giving.of(giving.gives, giving.stored) == giving
    assert read_giving(str(giving)) == giving


@pytest.mark.parametrize(
    "text", ["", "credit", "credit:", "plan", "plan: ", "plan:" + "p" * 65, "plan:a\x07b", "seat:", "access:x", "gold"]
)
def test_what_no_code_gives_is_refused_with_what_it_may(text: str):
    with pytest.raises(BadValue) as refused:
        read_giving(text)
    assert refused.value.facts["name"] == "gives"
    assert refused.value.facts["examples"] == ["seat", "credit:5", "plan:vip", "access"]


def test_an_amount_that_is_none_is_named_as_one():
    with pytest.raises(BadAmount):
        read_giving("credit:five")
