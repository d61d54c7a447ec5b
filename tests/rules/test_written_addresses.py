"""Slips on the way to a large provider, and texts that hold one address."""

from __future__ import annotations

import pytest

from core.errors import AddressDoubtful, AddressMasked, AddressUnlikely, BadAddress, SeveralAddresses
from core.rules.addresses import read_address
from core.rules.known_domains import KNOWN, OTHERS, nearest_known
from core.rules.written_addresses import read_as_is, read_written, refuse_unlikely


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("163.con", "163.com"), ("gmial.com", "gmail.com"), ("gmail.co", "gmail.com"), ("gmai.com", "gmail.com"),
        ("gmaill.com", "gmail.com"), ("gnail.com", "gmail.com"), ("gmailcom", "gmail.com"), ("gmail", "gmail.com"),
        ("hotmial.com", "hotmail.com"), ("outlok.com", "outlook.com"), ("yahooo.com", "yahoo.com"), ("qq.con", "qq.com"),
        ("qqq.com", "qq.com"), ("qq.cm", "qq.com"), ("qqcom", "qq.com"), ("foxmial.com", "foxmail.com"),
        ("126.cm", "126.com"), ("sina.con", "sina.com"), ("yahoo.co.uk", None), ("gmail.com", None), ("mail.com", None),
        ("ymail.com", None), ("q.com", None), ("gmx.us", None), ("hq.com", None), ("example.com", None), ("xx.com", None),
        ("localhost", None), ("", None), ("gm.com", None), ("bol.com", None), ("163.net", None), ("hotmail.gr", None),
    ],
)  # fmt: skip
def test_one_slip_away(written: str, meant: str | None):
    assert nearest_known(written) == meant


def test_no_known_domain_is_asked_about():
    assert [domain for domain in KNOWN | OTHERS if nearest_known(domain) is not None] == []


def test_staff_may_add_to_them():
    assert nearest_known("acme.exmple") is None
    assert nearest_known("acme.exmple", ["acme.example"]) == "acme.example"


def test_a_slip_is_refused_with_what_is_likelier():
    with pytest.raises(AddressUnlikely) as refused:
        refuse_unlikely(read_address("Ann@gmial.com"))
    assert refused.value.facts == {"written": "Ann@gmial.com", "meant": ["Ann@gmail.com"]}


@pytest.mark.parametrize(
    ("text", "fault", "meant"),
    [
        (
            "zhang,san@163.con",
            AddressDoubtful,
            ["zhang.san@163.com", "zhang.san@163.con", "san@163.com", "san@163.con"],
        ),
        ("bob@gmail", AddressDoubtful, ["bob@gmail.com"]),
        ("a@example.com b@example.com", SeveralAddresses, ["a@example.com", "b@example.com"]),
        ("a***@example.com", AddressMasked, []),
    ],
)
def test_what_a_person_has_to_choose_between(text: str, fault: type[BadAddress], meant: list[str]):
    with pytest.raises(fault) as refused:
        read_written(text)
    assert refused.value.facts["meant"] == meant


@pytest.mark.parametrize("text", ["", "hello", "bob@localhost", "bob@@example.com", "@example.com"])
def test_a_text_without_an_address(text: str):
    with pytest.raises(BadAddress):
        read_written(text)


def test_as_it_is_written():
    assert read_as_is("bob@163.con").original == "bob@163.con"
    assert read_as_is("x=bob@example.com TEAM-1234").original == "x=bob@example.com"
    with pytest.raises(AddressDoubtful):
        read_as_is("bob@@example.com")
    with pytest.raises(AddressMasked):
        read_as_is("a•••@example.com or so")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Ann@Example.com", "Ann@example.com"),
        ("please invite ann@example.com, thanks", "ann@example.com"),
        ("ann@example.com ANN@example.com", "ann@example.com"),
        ("ann@example.com bob@nowhere", "ann@example.com"),  # the other one is none
    ],
)
def test_the_one_address_of_a_text(text: str, address: str):
    assert read_written(text).original == address


@pytest.mark.parametrize(
    ("text", "written"),
    [("a***@example.com b***@example.org", "a***@example.com"), ("x=a@example.com y=b@example.org", "x=a@example.com")],
)
def test_the_first_in_doubt_is_shown(text: str, written: str):
    with pytest.raises(BadAddress) as refused:
        read_written(text)
    assert refused.value.facts["written"] == written
