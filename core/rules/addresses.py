"""E-mail addresses: reading, comparing, allowing, and showing them to those who should not see them whole."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from core.errors import AddressNotAllowed, BadAddress
from core.rules.address_patterns import covers

LONGEST_ADDRESS: Final = 254  # RFC 5321, without the angle brackets
LONGEST_LOCAL_PART: Final = 64
_INVISIBLE: Final = frozenset({"Cf", "Cc", "Co", "Cn"})
_WHITE: Final = " \t\r\n\v\f"


@dataclass(frozen=True, slots=True)
class Address:
    """An address that can be written to.

    `original` goes to the provider: the local part as its owner wrote it, the domain in lower case and in its
    ASCII (IDNA) form. `key` is for comparison: the same mailbox has the same key, however it was typed.
    """

    original: str
    key: str

    @property
    def domain(self) -> str:
        """In lower case and ASCII (IDNA)."""
        return self.original.rpartition("@")[2]

    def __repr__(self) -> str:
        return f"Address({mask(self.original)})"

    def __str__(self) -> str:
        return self.original


def read_address(text: str) -> Address:
    """Read an address by its syntax; whether it receives mail only the invitation can tell.

    Forgiven: surrounding white space, angle brackets, `mailto:`, full-width letters, invisible characters. The reserved
    domain `.test` is accepted, because rehearsals need addresses that reach nobody. Raises: BadAddress (facts: reason,
    one line in English for the operator).
    """
    # Imported late: the command line starts without it.
    from email_validator import EmailNotValidError, validate_email

    # Longer input is refused before normalisation, which takes quadratic time on a run of combining marks.
    if len(text) > 4 * LONGEST_ADDRESS:
        raise BadAddress(reason="too long")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise BadAddress(reason="not text")
    wanted = unicodedata.normalize("NFKC", text).strip()
    wanted = "".join(char for char in wanted if char in _WHITE or unicodedata.category(char) not in _INVISIBLE).strip()
    if wanted[:7].lower() == "mailto:":
        wanted = wanted[7:]
    if wanted.startswith("<") and wanted.endswith(">"):
        wanted = wanted[1:-1].strip()
    try:
        valid = validate_email(wanted, check_deliverability=False, test_environment=True)
    except EmailNotValidError as fault:
        raise BadAddress(reason=str(fault)) from None
    original = f"{valid.local_part}@{valid.ascii_domain.lower()}"
    if len(original) > LONGEST_ADDRESS or len(valid.local_part) > LONGEST_LOCAL_PART:
        raise BadAddress(reason="too long")
    return Address(original, comparison_key(original))


def comparison_key(address: str) -> str:
    """`address` in the simple lower case of each letter, composed (NFC).

    No more than that: `ß` is not `ss`, and `ς` is not `σ`, for these are two mailboxes to a mail server.
    """
    lower = "".join(char.lower()[:1] for char in unicodedata.normalize("NFC", address))
    return unicodedata.normalize("NFC", lower)


def key_of(text: str) -> str:
    """The key of an address as an upstream lists it, in whatever spelling; never raises.

    Text that is no address is compared letter by letter, so that a strange member still counts as somebody.
    """
    try:
        return read_address(text).key
    except BadAddress:
        return comparison_key(text[: 4 * LONGEST_ADDRESS]).strip()


def refuse_address(address: Address, allowed_domains: Collection[str] = (), blocked: Collection[str] = ()) -> None:
    """Return if `address` may be invited, else raise.

    Both lists hold addresses, domains and patterns of them (`core.rules.address_patterns`). `allowed_domains` is
    empty when every domain is welcome; `blocked` goes before it.

    Raises: AddressNotAllowed (facts: domains, the allow-list).
    """
    if any(covers(entry, address.key, address.domain) for entry in blocked):
        raise AddressNotAllowed(domains=sorted(allowed_domains))
    if allowed_domains and not any(covers(entry, address.key, address.domain) for entry in allowed_domains):
        raise AddressNotAllowed(domains=sorted(allowed_domains))


def mask(address: Address | str) -> str:
    """`a***@d.com`: enough for an owner to recognise, too little to write to."""
    local, at, domain = str(address).rpartition("@")
    first = local[:1] if local[:1].isprintable() else ""
    return f"{first}***@{domain}" if at else "***"


NAMELESS = "#"
"""The first character of the key of somebody whose address the upstream hides; no address begins with it."""


def key_of_listed(address: str | None, reference: str | None) -> str:
    """What a listed member or invite is counted by: the address as it is compared, else the upstream's own id."""
    return key_of(address) if address else f"{NAMELESS}{reference}"
