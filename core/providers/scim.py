"""Any workspace with SCIM 2.0 (RFC 7643, 7644): a seat is a user resource, or membership of a licence group.

SCIM has no invitations. A provisioned person is a member at once, unless the product's own extension says that
they have yet to accept; `userName` is unique without regard to case, which is what makes a repeat harmless.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from core.providers import http, listing, scim_reading, scim_requests
from core.providers.http import HttpClient, HttpReply
from core.providers.protocol import (
    Capacity,
    CredentialCheck,
    Done,
    Failure,
    Listing,
    Member,
    PendingInvite,
    Properties,
    ProviderAnswer,
    Refused,
    Standing,
    Unavailable,
    Unclear,
    Workspace,
)
from core.providers.scim_group import LicenceGroup, refused
from core.providers.scim_wire import PAGE_SIZE, Wire, generic, quoted

PROPERTIES: Final = Properties(
    list_lag=60.0,  # directories are replicated; the cautious default
    idempotent_by_address=True,  # a second userName is refused with `uniqueness`
    counts_seats=False,
    can_cancel=True,
    can_remove=True,
    default_capacity=100,
    batch_size=1,
    requests_per_minute=120,  # products state their own; this is below all that were found
)

_Json: TypeAlias = Mapping[str, Any]


class Scim:
    """One SCIM tenant, or one licence group in it. See `core.providers.protocol.Provider`."""

    properties: Properties = PROPERTIES

    def __init__(self, workspace: Workspace, client: HttpClient) -> None:
        if workspace.base_url is None:
            raise ValueError("a SCIM workspace has an address of its own")
        self._wire = Wire(client, workspace.base_url, workspace.credential["token"])
        group = workspace.credential.get("group")
        self._group = LicenceGroup(self._wire, group) if group else None

    async def invite(self, address: str, *, resend: bool = False) -> ProviderAnswer:
        """Provision the address, or give a seat back to one that is known but inactive.

        A product mails its invitations itself, so a resend can only make sure that the person is provisioned.
        """
        try:
            body = await scim_requests.user(address)
        except ValueError:  # what the library does not take for an address was never sent
            return Refused("address")
        reply = await self._wire.call("POST", "Users", json_body=body)
        if not isinstance(reply, HttpReply):
            return reply
        if reply.ok:
            created = listing.mapping(reply.json)
            reference = listing.text(created.get("id"))
            if scim_reading.address_of(created) != address.strip().lower() or reference is None:
                return Unclear("accepted without a user", fault="person")
            return await self._licensed(reference)
        if reply.status == 409:
            return await self._give_back(address, resend=resend)
        return refused(reply)

    async def cancel_invite(self, invite: PendingInvite) -> ProviderAnswer:
        """Take back the provisioning of somebody who has not accepted."""
        reference = invite.reference
        if reference is None:
            user = await self._find(invite.address or "")
            if isinstance(user, Unavailable | Unclear):
                return user
            if user is None:
                return Done()
            reference = str(user["id"])
        if self._group:
            return await self._group.change(reference, add=False)
        return await self._delete(reference, invite.address or "")

    async def remove_member(self, member: Member) -> ProviderAnswer:
        """Take the seat away: out of the licence group, else deactivated, else deleted where PATCH is not spoken."""
        if member.is_owner or member.address is None:
            return Refused("not_allowed", "owners and people without an address are not removed")
        if self._group:
            return await self._group.change(member.reference, add=False)
        abilities = await self._discover()
        if not isinstance(abilities, scim_reading.Abilities):
            return abilities
        if not abilities.patch:
            return await self._delete(member.reference, member.address)
        answer = await self._set_active(member.reference, member.address, active=False)
        return await self._delete(member.reference, member.address) if answer is None else answer

    async def pending_invites(self) -> Listing[PendingInvite] | Failure:
        """Provisioned people whom the product reports as not yet joined."""
        users = await self._seated()
        if isinstance(users, Unavailable | Unclear):
            return users
        return Listing(tuple(scim_reading.pending(user) for user in users if scim_reading.waits(user)))

    async def members(self) -> Listing[Member] | Failure:
        """Active people. A fresh tenant is empty, so an empty list is possible here; it must still count to zero."""
        users = await self._seated()
        if isinstance(users, Unavailable | Unclear):
            return users
        return Listing(tuple(scim_reading.member(user) for user in users if not scim_reading.waits(user)))

    async def look_up(self, address: str) -> Standing | Failure:
        """The one user with this `userName`."""
        user = await self._find(address)
        if isinstance(user, Unavailable | Unclear):
            return user
        if user is None or not scim_reading.is_active(user):
            return Standing(None, None)
        if self._group:
            holds = await self._group.holds(str(user["id"]))
            if not isinstance(holds, bool):
                return holds
            if not holds:
                return Standing(None, None)
        return (
            Standing(None, scim_reading.pending(user))
            if scim_reading.waits(user)
            else Standing(scim_reading.member(user), None, self._wire.time())
        )

    async def capacity(self) -> Capacity | Failure:
        """SCIM knows no seats."""
        return Capacity(None, None, None)

    async def check_credential(self) -> CredentialCheck | Failure:
        """Discover what the server can do, then read one user: discovery alone may be open to anyone."""
        abilities = await self._discover()
        if not isinstance(abilities, scim_reading.Abilities):
            return abilities
        reply = await self._wire.read("Users", [("startIndex", 1), ("count", 1)])
        if not isinstance(reply, Mapping):
            return reply
        able = [name for name in ("patch", "etag", "cursor") if getattr(abilities, name)]
        facts = {"supports": ", ".join(able), "users": str(listing.count(reply.get("totalResults")) or 0)}
        if self._group:
            group = await self._group.find()
            if not isinstance(group, Mapping):
                return group
            facts["group"] = self._group.name
        return CredentialCheck(facts)

    async def _discover(self) -> scim_reading.Abilities | Failure:
        known = self._wire.learnt.get(("scim", self._wire.base))
        if isinstance(known, scim_reading.Abilities):
            return known
        config = await self._wire.read("ServiceProviderConfig", [])
        if isinstance(config, Unavailable) and config.reason == "gone":
            config = {}  # not every product publishes one
        if not isinstance(config, Mapping):
            return config
        abilities = scim_reading.abilities(config)
        self._wire.learnt["scim", self._wire.base] = abilities
        return abilities

    async def _seated(self) -> tuple[_Json, ...] | Failure:
        """Every active user who holds a seat here, each with an id."""
        abilities = await self._discover()
        if not isinstance(abilities, scim_reading.Abilities):
            return abilities
        users = await self._wire.users(cursor=abilities.cursor)
        if isinstance(users, Unavailable | Unclear):
            return users
        seated = [user for user in users if scim_reading.is_active(user)]
        if any(not listing.text(user.get("id")) for user in seated):
            return Unclear("incomplete list: a user without an id")
        if self._group:
            licensed = await self._group.holders([str(user["id"]) for user in seated])
            if not isinstance(licensed, frozenset):
                return licensed
            seated = [user for user in seated if user["id"] in licensed]
        return tuple(seated)

    async def _find(self, address: str) -> _Json | Failure | None:
        """The user of this address, active or not."""
        wanted = address.strip().lower()
        body = await self._wire.read(
            "Users", [("filter", f'userName eq "{quoted(wanted)}"'), ("startIndex", 1), ("count", PAGE_SIZE)]
        )
        if not isinstance(body, Mapping):
            return body
        rows, total = scim_reading.resources(body)
        if rows is None or total is None:
            return Unclear("answer of another shape")
        found = next(
            (row for row in rows if scim_reading.address_of(row) == wanted and listing.text(row.get("id"))), None
        )
        if found is None and total > 0:
            return Unclear("the filter answered with somebody else", fault="person")
        return found

    async def _give_back(self, address: str, *, resend: bool) -> ProviderAnswer:
        """After a 409, the user exists: give a seat to one who holds none; one who holds a seat keeps it."""
        user = await self._find(address)
        if isinstance(user, Unavailable | Unclear):
            return user
        if user is None:
            return Unclear("reported as existing, but not found", fault="person")
        reference = str(user["id"])
        if not scim_reading.is_active(user):
            answer = await self._set_active(reference, address, active=True)
            if answer is None:
                return Refused("not_allowed", "an inactive user cannot be activated")
            return await self._licensed(reference) if isinstance(answer, Done) else answer
        if self._group:
            holds = await self._group.holds(reference)
            if not isinstance(holds, bool):
                return holds
            if not holds:
                return await self._group.change(reference, add=True)
        return Done(reference) if scim_reading.waits(user) or resend else Refused("already_member", "status 409")

    async def _licensed(self, reference: str) -> ProviderAnswer:
        return await self._group.change(reference, add=True) if self._group else Done(reference)

    async def _set_active(self, reference: str, address: str, *, active: bool) -> ProviderAnswer | None:
        """PATCH `active`, against the version just read where the server keeps versions; None: no PATCH here."""
        headers = {}
        abilities = await self._discover()
        if isinstance(abilities, scim_reading.Abilities) and abilities.etag:
            user = await self._wire.read(f"Users/{reference}", [])
            version = listing.mapping(user.get("meta")).get("version") if isinstance(user, Mapping) else None
            if isinstance(version, str) and version.isascii() and version.isprintable():
                headers["If-Match"] = version
        body = await scim_requests.active(active)
        reply = await self._wire.call("PATCH", "Users", reference, headers=headers, json_body=body)
        if not isinstance(reply, HttpReply):
            return reply
        if reply.ok:
            return Done(reference)
        if reply.status in {405, 501}:
            return None
        if reply.status == 412:
            return Unclear("changed by somebody else meanwhile", fault="nobody")
        if reply.status == 404 and not http.names_an_end(reply):
            return Unclear("vanished meanwhile", fault="person") if active else await self._absent(address)
        return (
            (None if active else http.refused_change(reply)) or http.conflict(reply) or refused(reply, seating=active)
        )

    async def _delete(self, reference: str, address: str) -> ProviderAnswer:
        reply = await self._wire.call("DELETE", "Users", reference)
        if not isinstance(reply, HttpReply):
            return reply
        if reply.ok:
            return Done(reference)
        if reply.status == 404 and not http.names_an_end(reply):
            return await self._absent(address)
        return (
            http.refused_change(reply)
            or http.conflict(reply)
            or generic(reply)
            or Refused("not_allowed", f"status {reply.status}")
        )

    async def _absent(self, address: str) -> ProviderAnswer:
        """A 404 may mean this one or the whole tenant: done only if a reading no longer shows the person."""
        standing = await self.look_up(address)
        if not isinstance(standing, Standing):
            return standing
        return Unclear("not found, but still listed", fault="person") if standing.known else Done()
