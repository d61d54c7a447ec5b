"""Addresses: one mailbox, one key, however it was typed."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import AddressNotAllowed, BadAddress
from core.rules.addresses import comparison_key, key_of, key_of_listed, mask, read_address, refuse_address

LONGEST = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.com"
"""254 characters, the most that an address may have."""


@pytest.mark.parametrize(
    ("typed", "original", "key"),
    [
        ("Ann.Lee@Example.COM", "Ann.Lee@example.com", "ann.lee@example.com"),
        ("  ann@example.com\n", "ann@example.com", "ann@example.com"),
        ("<ann@example.com>", "ann@example.com", "ann@example.com"),
        ("mailto:ann@example.com", "ann@example.com", "ann@example.com"),
        ("ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ann@example.com", "ann@example.com"),
        ("a\u200bnn@exam\u200eple.com", "ann@example.com", "ann@example.com"),
        ("ann@Bücher.example", "ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
        ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
        ("=ann+tag@example.com", "=ann+tag@example.com", "=ann+tag@example.com"),
        ("JÖRG@example.com", "JÖRG@example.com", "jörg@example.com"),
        ("ann@rehearsal.test", "ann@rehearsal.test", "ann@rehearsal.test"),
        ("MAILTO:ann@example.com", "ann@example.com", "ann@example.com"),
        ("ann@example.com" + " " * 1001, "ann@example.com", "ann@example.com"),
        (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
        (LONGEST, LONGEST, LONGEST),
    ],
)
def test_an_address_is_kept_as_its_owner_writes_it_and_compared_without_case(typed, original, key):
    address = read_address(typed)
    assert (address.original, address.key) == (original, key)


@pytest.mark.parametrize(
    "typed",
    [
        "", "ann", "@example.com", "ann@", "ann@localhost", "a@b@example.com", "ann lee@example.com",
        "ann\n@example.com", '"ann lee"@example.com', "ann@[127.0.0.1]", "ann@example..com", ".ann@example.com",
        "Ann <ann@example.com>", "\ud800@example.com", "a" * 65 + "@example.com", "ann@" + "b" * 64 + ".com",
        "a" * 2000, "<ann@example.com", "ann@example.com>", "ann@example.com" + " " * 1002, "ann@example.com" + "\u0301" * 3000,
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(BadAddress):
        read_address(typed)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("\ud800@example.com", "not text"), ("ann@\udfff.com", "not text"), ("a" * 1017, "too long")],
)
def test_the_operator_reads_why(typed, reason):
    with pytest.raises(BadAddress) as refused:
        read_address(typed)
    assert refused.value.facts["reason"] == reason


def test_one_character_more_than_the_most_is_refused():
    with pytest.raises(BadAddress):
        read_address(LONGEST.replace(".com", "d.com"))


def test_an_endless_run_of_marks_is_refused_at_once():
    started = time.process_time()
    with pytest.raises(BadAddress):
        read_address("a" + "\u0301\u0316" * 500_000 + "@example.com")
    assert time.process_time() - started < 1


@given(st.text())
def test_any_text_is_an_address_or_refused(text):
    try:
        address = read_address(text)
    except BadAddress:
        return
    assert read_address(address.original) == address


@given(st.one_of(st.emails(), st.builds("{}@example.com".format, st.text(min_size=1, max_size=20))))
def test_reading_is_final_and_blind_to_case(text):
    try:
        address = read_address(text)
    except BadAddress:
        return
    assert read_address(address.original) == address
    assert comparison_key(address.key) == address.key
    assert key_of(address.original.swapcase()) == address.key or not address.original.isascii()
    assert read_address(unicodedata.normalize("NFD", address.original)).key == address.key


@given(st.text())
def test_a_strange_member_of_an_upstream_list_is_somebody_too(text):
    assert key_of(text) == key_of(key_of(text)) or "@" in text


def test_the_upstreams_spelling_of_an_address_has_the_same_key():
    assert key_of("ANN@BÜCHER.example ") == read_address("ann@xn--bcher-kva.example").key
    assert key_of("Service Account") == "service account"
    assert key_of("x" * 2000) == "x" * 1016
    assert comparison_key("İ@example.com") == "i@example.com"
    assert key_of_listed("Ann@example.com", "m-1") == "ann@example.com"
    assert [key_of_listed(address, "m-1") for address in (None, "")] == ["#m-1", "#m-1"]


def test_without_lists_every_address_is_welcome():
    refuse_address(read_address("ann@example.com"))


@pytest.mark.parametrize("typed", ["ann@example.com", "ann@lab.example.org", "ann@bücher.example"])
def test_domains_on_the_allow_list_are_welcome(typed):
    refuse_address(read_address(typed), allowed_domains=["Example.com", "*.example.org", "bücher.example"])


@pytest.mark.parametrize("typed", ["ann@example.net", "ann@example.org", "ann@notexample.com", "ann@sub.example.com"])
def test_other_domains_are_not(typed):
    with pytest.raises(AddressNotAllowed) as refused:
        refuse_address(read_address(typed), allowed_domains=["example.com", "*.example.org"])
    assert refused.value.facts == {"domains": ["*.example.org", "example.com"]}


@pytest.mark.parametrize("entry", ["ann@example.com", "ANN@Example.com", "example.com", "@example.com"])
def test_the_block_list_goes_before_the_allow_list(entry):
    with pytest.raises(AddressNotAllowed):
        refuse_address(read_address("Ann@example.com"), allowed_domains=["example.com"], blocked=[entry])


@pytest.mark.parametrize("entry", ["bob@example.com", "ple.com", "", "*.example.com", "a..b", "ü..b"])
def test_the_block_list_blocks_nobody_else(entry):
    refuse_address(read_address("ann@example.com"), blocked=[entry])


def test_a_mask_shows_a_letter_and_the_domain():
    assert mask(read_address("Ann@example.com")) == "A***@example.com"
    assert mask("bob@example.com") == "b***@example.com"
    assert mask("no address") == "***"
    assert mask("b\u202eob@example.com") == "b***@example.com"
    assert mask("\u202ebob@example.com") == "***@example.com"
    assert "ann" not in repr(read_address("ann@example.com"))
    assert str(read_address("ann@example.com")) == "ann@example.com"
