"""What people write into a list of domains means what they mean, or is said to mean nothing."""

from __future__ import annotations

import pytest

from core.errors import AddressNotAllowed
from core.rules.address_patterns import fault_of
from core.rules.addresses import read_address, refuse_address


def covered(pattern: str, address: str) -> bool:
    try:
        refuse_address(read_address(address), allowed_domains=[pattern])
    except AddressNotAllowed:
        return False
    return True


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("mailinator.com", "ann@mailinator.com"),
        ("@mailinator.com", "ann@mailinator.com"),
        ("*@mailinator.com", "ann@mailinator.com"),
        (" *@Mailinator.COM ", "ann@mailinator.com"),
        ("*.example.com", "ann@a.b.example.com"),
        (".example.com", "ann@example.com"),
        (".example.com", "ann@mail.example.com"),
        ("yopmail.*", "ann@yopmail.co.uk"),
        ("*.edu", "ann@mit.edu"),
        ("@*.edu", "ann@mit.edu"),
        ("mail*.example.com", "ann@mail7.example.com"),
        ("ann@example.com", "Ann@example.com"),
        ("temp-*@example.com", "temp-7@example.com"),
        ("bücher.example", "ann@xn--bcher-kva.example"),
        ("*", "ann@example.com"),
    ],
)
def test_it_means_what_it_says(pattern: str, address: str):
    assert fault_of(pattern) is None
    assert covered(pattern, address)
    with pytest.raises(AddressNotAllowed):
        refuse_address(read_address(address), blocked=[pattern])


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("mailinator.com", "ann@mailinator.com.example"),
        ("*.example.com", "ann@example.com"),
        ("*.example.com", "ann@notexample.com"),
        ("yopmail.*", "ann@my.yopmail.com"),
        ("temp-*@example.com", "tempest@example.com"),
        ("ann@example.com", "bann@example.com"),
    ],
)
def test_it_means_no_more_than_it_says(pattern: str, address: str):
    assert not covered(pattern, address)
    refuse_address(read_address(address), blocked=[pattern])


@pytest.mark.parametrize(
    "pattern", ["", "  ", "/temp/", "com", "@", "ann@", "*.", "a..b", "exa mple.com", "http://example.com", "(a|b).com",
                "^temp", "ü..b", "ann@bob@example.com", "example.com/path", "-example.com"]
)  # fmt: skip
def test_what_can_never_match_is_said_to_be_so(pattern: str):
    assert fault_of(pattern) is not None
    refuse_address(read_address("ann@example.com"), blocked=[pattern])


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("", "is empty"),
        ("/ann@example.com", 'is no domain and no address; patterns are written like "*.example.com"'),
        ("ann@exa(mple|m).com", 'is no domain and no address; patterns are written like "*.example.com"'),
        ("ann@bob@example.com", "is no address"),
        ("example..com", "is no domain"),
        ("-ü.com", "is no domain"),
        ("com", 'names no domain that mail goes to; "*.com" means all below it'),
        ("@", "is no domain"),
    ],
)
def test_the_sentence_says_what_is_wrong(pattern: str, fault: str):
    assert fault_of(pattern) == fault
