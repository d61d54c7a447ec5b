"""What SCIM resources say, read forgivingly: products differ in what they add and leave out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from core.providers import listing
from core.providers.protocol import Member, PendingInvite

_Json: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Abilities:
    """What `ServiceProviderConfig` announces; without one, the RFC's usual ground."""

    patch: bool = True
    etag: bool = False
    cursor: bool = False


def abilities(config: _Json) -> Abilities:
    """Read a `ServiceProviderConfig`; RFC 9865 is where `pagination` comes from."""
    return Abilities(
        patch=_supported(config, "patch", otherwise=True),
        etag=_supported(config, "etag", otherwise=False),
        cursor=listing.mapping(config.get("pagination")).get("cursor") is True,
    )


def resources(body: _Json) -> tuple[list[_Json] | None, int | None]:
    """The rows and the total of a list; None for rows of another shape. Null is empty (RFC 7643, 2.5)."""
    rows = body.get("Resources")
    if rows is None:
        stated = listing.count(body.get("totalResults"))
        return ([], stated) if stated is not None or "Resources" in body else (None, None)
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        return None, None
    return rows, listing.count(body.get("totalResults"))


def by_id(rows: Sequence[_Json]) -> dict[str, _Json]:
    """The rows by id."""
    return {str(row.get("id")): row for row in rows}


def address_of(user: _Json) -> str | None:
    """`userName` where it is an address, else the primary e-mail address."""
    name = listing.address(user.get("userName"))
    if name is not None:
        return name
    emails = user.get("emails")
    known = [listing.mapping(email) for email in emails] if isinstance(emails, list) else []
    known.sort(key=lambda email: email.get("primary") is not True)
    return next((found for email in known if (found := listing.address(email.get("value")))), None)


def is_active(user: _Json) -> bool:
    """Whether the person is enabled, which is assumed if nothing is said. Some servers write true and false as texts."""
    return str(user.get("active")).casefold() != "false"


def waits(user: _Json) -> bool:
    """Whether the product's own extension says that the person was invited and has not joined."""
    extensions = [value for key, value in user.items() if key.lower().startswith("urn:") and isinstance(value, Mapping)]
    return any(
        str(value).lower() in {"invited", "pending", "provisioned"}
        for extension in extensions
        for key, value in extension.items()
        if key.lower() in {"status", "membershipstatus", "invitationstatus"}
    )


def pending(user: _Json) -> PendingInvite:
    """A user who has not joined yet."""
    created = listing.moment(listing.mapping(user.get("meta")).get("created"))
    return PendingInvite(address_of(user), str(user["id"]), created, _role(user))


def member(user: _Json) -> Member:
    """A user who has joined. SCIM does not say when: `created` is the moment of provisioning."""
    role = _role(user)
    return Member(
        address_of(user),
        str(user["id"]),
        role,
        None,
        listing.text(user.get("displayName")),
        is_owner=role is not None and "owner" in role.lower(),
    )


def _role(user: _Json) -> str | None:
    roles = user.get("roles")
    first = listing.mapping(roles[0]) if isinstance(roles, list) and roles else {}
    return listing.text(first.get("value"))


def _supported(config: _Json, feature: str, *, otherwise: bool) -> bool:
    value = listing.mapping(config.get(feature)).get("supported")
    return value if isinstance(value, bool) else otherwise
