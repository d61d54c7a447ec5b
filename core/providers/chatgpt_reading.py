"""What a ChatGPT Business workspace answers, read forgivingly: public clients have met each of these shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from core.providers import http, listing
from core.providers.http import DEFAULT_PAUSE
from core.providers.protocol import (
    UNBOUGHT_SEATS,
    Capacity,
    Done,
    Listing,
    Member,
    PendingInvite,
    ProviderAnswer,
    Refused,
    Unavailable,
    Unclear,
)

OWNER_ROLE: Final = "account-owner"
USUAL_SEAT: Final = "default"
"""The kind of seat that an invite takes."""

_INVITED_WORDS: Final = ("already invited", "already been invited", "pending invite")
_LATER_WORDS: Final = ("too many requests", "rate limit", "rate_limit", "try again later")
_REQUESTED: Final = frozenset({"requested", "request", "join_request", "pending_request", "awaiting_approval"})
_Json: TypeAlias = Mapping[str, Any]


def named(body: Any, address: str) -> ProviderAnswer | None:
    """What an answer to an invite says of the one address it was about; None if it does not name that address."""
    if not isinstance(body, Mapping):
        return None
    wanted = address.strip().lower()
    for invite, who in _entries(body.get("account_invites")):
        if who == wanted:
            return Done(listing.text(invite.get("id")))
    for errored, who in _entries(body.get("errored_emails")):
        # Only one address is ever sent, so an error that names nobody is about that one.
        if who in {wanted, None}:
            return _errored(http.wording([errored, body.get("error"), body.get("detail")]))
    return None


def known_member(body: Any, address: str) -> bool:
    """Whether an answer to an invite lists the address among those who are members already."""
    listed = _entries(body.get("already_member_emails")) if isinstance(body, Mapping) else ()
    return any(who == address.strip().lower() for _, who in listed)


def invites(rows: Sequence[_Json]) -> Listing[PendingInvite]:
    """The invites that hold a seat: not those that were accepted, nor people who only ask to be let in."""
    read: dict[str, PendingInvite] = {}
    for row in rows:
        address = listing.address(row.get("email_address") or row.get("email"))
        if not _accepted(row.get("status")) and not _requested(row):
            read[address or f"#{row.get('id')}"] = PendingInvite(
                address,
                listing.text(row.get("id")),
                listing.moment(row.get("created_time")),
                listing.text(row.get("role")),
            )
    return Listing(tuple(read.values()))


def people(rows: Sequence[_Json]) -> tuple[list[Member], list[Member]] | Unclear:
    """Those who can work in the workspace, and those who were deactivated there."""
    active: list[Member] = []
    inactive: list[Member] = []
    for row in rows:
        reference = listing.text(row.get("id")) or listing.text(row.get("account_user_id"))
        if reference is None:
            return Unclear("incomplete list: a member without an id")
        role = listing.text(row.get("role"))
        member = Member(
            listing.address(row.get("email")),
            reference,
            role,
            listing.moment(row.get("created_time")),
            listing.text(row.get("name")),
            is_owner=role == OWNER_ROLE,
            seat_type=listing.text(row.get("seat_type")),
        )
        (inactive if row.get("deactivated_time") else active).append(member)
    return active, inactive


def capacity(body: _Json) -> Capacity:
    """The seats of the kind that is bought; people on another kind take none of them."""
    seats = listing.count(body.get("seats_entitled"))
    in_use = listing.count(body.get("seats_in_use"))
    bought = _bought(body.get("seat_capacity"))
    if bought is not None:
        paid, held, free = (listing.count(bought.get(name)) for name in ("paid", "held", "available"))
        seats = paid if paid is not None else held + free if held is not None and free is not None else seats
        in_use = held
    return Capacity(
        seats=seats,
        in_use=in_use,
        pending=listing.count(body.get("pending_invites")),
        active_until=listing.moment(body.get("active_until")),
        seat_type=listing.text(bought.get("type")) if bought is not None else None,
        unpaid=body.get("is_delinquent") is True,
    )


def _bought(kinds: Any) -> _Json | None:
    """The kind of seat that an invite would take: the usual one, else the one that most were paid for."""
    if not isinstance(kinds, list):
        return None
    known = [kind for kind in kinds if isinstance(kind, Mapping) and kind.get("type") not in UNBOUGHT_SEATS]
    usual = [kind for kind in known if kind.get("type") == USUAL_SEAT and listing.count(kind.get("paid")) != 0]
    return max(usual or known, key=lambda kind: listing.count(kind.get("paid")) or 0, default=None)


def _errored(words: str) -> ProviderAnswer:
    if any(known in words for known in _INVITED_WORDS):
        return Unclear("reported as invited before", fault="person")  # the pending list will tell
    if any(known in words for known in _LATER_WORDS):
        return Unavailable("rate_limited", "named as an error", DEFAULT_PAUSE)
    if any(code in words for code in http.UNPAID_CODES):
        return Unavailable("unpaid", "named as an error")
    return http.refusal(words, 422) or Refused("address")


def _entries(value: Any) -> Iterator[tuple[_Json, str | None]]:
    """Entries of a list of addresses, each with its address: objects, plain texts, or texts keyed by address."""
    if isinstance(value, Mapping):
        value = [{"email": who, "error": why} for who, why in value.items()]
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, str):
            yield {"error": entry}, listing.address(entry)
        elif isinstance(entry, Mapping):
            names = (entry.get(name) for name in ("email_address", "email", "address"))
            yield entry, next((found for name in names if (found := listing.address(name))), None)


def _accepted(status: Any) -> bool:
    """Only text says so for certain. Numbers are explained nowhere (2 was seen for pending), so the seat stays counted."""
    return isinstance(status, str) and status.lower() in {"accepted", "joined", "completed"}


def _requested(row: _Json) -> bool:
    """Somebody who asks to be let in was not invited and holds no seat."""
    said = (row.get(name) for name in ("status", "type", "kind"))
    return row.get("is_request") is True or any(isinstance(one, str) and one.lower() in _REQUESTED for one in said)
