"""Any workspace with SCIM 2.0 (RFC 7643, 7644): a seat is a user resource, or membership of a licence group.

SCIM has no invitations. A provisioned person is a member at once, unless the product's own extension says that
they have yet to accept; `userName` is unique without regard to case, which is what makes a repeat harmless.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from core.providers import http, listing, scim_reading, scim_requests
from core.providers.http import HttpClient, Reply
from core.providers.listing import Page
from core.providers.protocol import (
    Answer,
    Capacity,
    CredentialCheck,
    Done,
    Failure,
    Listing,
    Member,
    PendingInvite,
    Properties,
    Refused,
    Standing,
    Unavailable,
    Unclear,
    Workspace,
)

PAGE_SIZE: Final = 100
MEDIA: Final = "application/scim+json"

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
        self._client = client
        self._base = workspace.base_url.rstrip("/")
        self._group = workspace.credential.get("group")
        self._headers = {"Authorization": f"Bearer {workspace.credential['token']}", "Accept": MEDIA}

    async def invite(self, address: str, *, resend: bool = False) -> Answer:
        """Provision the address, or give a seat back to one that is known but inactive.

        A product mails its invitations itself, so a resend can only make sure that the person is provisioned.
        """
        try:
            body = await scim_requests.user(address)
        except ValueError:  # what the library does not take for an address was never sent
            return Refused("address")
        reply = await self._call("POST", "Users", json_body=body)
        if not isinstance(reply, Reply):
            return reply
        if reply.ok:
            created = listing.mapping(reply.json)
            reference = listing.text(created.get("id"))
            if scim_reading.address_of(created) != address.strip().lower() or reference is None:
                return Unclear("accepted without a user")
            return await self._licensed(reference)
        if reply.status == 409:
            return await self._give_back(address, resend=resend)
        return _refused_user(reply)

    async def cancel_invite(self, invite: PendingInvite) -> Answer:
        """Take back the provisioning of somebody who has not accepted."""
        reference = invite.reference
        if reference is None:
            user = await self._find(invite.address)
            if isinstance(user, Unavailable | Unclear):
                return user
            if user is None:
                return Done()
            reference = str(user["id"])
        if self._group:
            return await self._change_group(reference, add=False)
        return await self._delete(reference, invite.address)

    async def remove_member(self, member: Member) -> Answer:
        """Take the seat away: out of the licence group, else deactivated, else deleted where PATCH is not spoken."""
        if member.is_owner:
            return Refused("not_allowed", "an owner is not removed")
        if self._group:
            return await self._change_group(member.reference, add=False)
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
        if user is None or user.get("active") is False:
            return Standing(None, None)
        if self._group:
            licensed = await self._group_members()
            if not isinstance(licensed, frozenset):
                return licensed
            if user["id"] not in licensed:
                return Standing(None, None)
        return (
            Standing(None, scim_reading.pending(user))
            if scim_reading.waits(user)
            else Standing(scim_reading.member(user), None)
        )

    async def capacity(self) -> Capacity | Failure:
        """SCIM knows no seats."""
        return Capacity(None, None, None)

    async def check_credential(self) -> CredentialCheck | Failure:
        """Discover what the server can do, then read one user: discovery alone may be open to anyone."""
        abilities = await self._discover()
        if not isinstance(abilities, scim_reading.Abilities):
            return abilities
        reply = await self._read("Users", [("startIndex", 1), ("count", 1)])
        if not isinstance(reply, Mapping):
            return reply
        able = [name for name in ("patch", "etag", "cursor") if getattr(abilities, name)]
        facts = {"supports": ", ".join(able), "users": str(listing.count(reply.get("totalResults")) or 0)}
        if self._group:
            group = await self._licence_group()
            if not isinstance(group, Mapping):
                return group
            facts["group"] = self._group
        return CredentialCheck(facts)

    async def _call(
        self,
        method: str,
        *path: str,
        headers: Mapping[str, str] | None = None,
        params: http.Params | None = None,
        json_body: Any = None,
    ) -> Reply | Failure:
        url = "/".join([self._base, *(quote(part, safe="") for part in path)])
        media = {} if json_body is None else {"Content-Type": MEDIA}
        sent = {**self._headers, **media, **(headers or {})}
        return await self._client.call(method, url, headers=sent, params=params, json_body=json_body)

    async def _read(self, what: str, params: Sequence[tuple[str, str | int]]) -> _Json | Failure:
        reply = await self._call("GET", *what.split("/"), params=params)
        if not isinstance(reply, Reply):
            return reply
        if not reply.ok:
            return _generic(reply) or Unclear(f"status {reply.status}")
        return reply.json if isinstance(reply.json, Mapping) else Unclear("answer of another shape")

    async def _discover(self) -> scim_reading.Abilities | Failure:
        known = self._client.learnt.get(("scim", self._base))
        if isinstance(known, scim_reading.Abilities):
            return known
        config = await self._read("ServiceProviderConfig", [])
        if isinstance(config, Unavailable) and config.reason == "gone":
            config = {}  # not every product publishes one
        if not isinstance(config, Mapping):
            return config
        abilities = scim_reading.abilities(config)
        self._client.learnt["scim", self._base] = abilities
        return abilities

    async def _seated(self) -> tuple[_Json, ...] | Failure:
        """Every active user that holds a seat here, each with an id and an address."""
        abilities = await self._discover()
        if not isinstance(abilities, scim_reading.Abilities):
            return abilities
        users = await self._all_users(cursor=abilities.cursor)
        if isinstance(users, Unavailable | Unclear):
            return users
        seated = [user for user in users if user.get("active") is not False]
        if self._group:
            licensed = await self._group_members()
            if not isinstance(licensed, frozenset):
                return licensed
            seated = [user for user in seated if user.get("id") in licensed]
        if any(scim_reading.address_of(user) is None or not listing.text(user.get("id")) for user in seated):
            return Unclear("incomplete list: a user without an address")
        return tuple(seated)

    async def _all_users(self, *, cursor: bool) -> tuple[_Json, ...] | Failure:
        async def by_index(start: int) -> Page[_Json, int] | Failure:
            body = await self._read("Users", [("startIndex", start), ("count", PAGE_SIZE)])
            if not isinstance(body, Mapping):
                return body
            rows, total = scim_reading.resources(body)
            if rows is None or total is None:
                return Unclear("answer of another shape")
            return Page(scim_reading.by_id(rows), len(rows), total, start + len(rows))

        async def by_cursor(place: str | None) -> Page[_Json, str | None] | Failure:
            params: list[tuple[str, str | int]] = [("cursor", place or ""), ("count", PAGE_SIZE)]
            body = await self._read("Users", params)
            if not isinstance(body, Mapping):
                return body
            rows, total = scim_reading.resources(body)
            if rows is None:
                return Unclear("answer of another shape")
            return Page(scim_reading.by_id(rows), len(rows), total, listing.text(body.get("nextCursor")))

        if cursor:
            return await listing.read_whole(by_cursor, None)
        return await listing.read_whole(by_index, 1)

    async def _find(self, address: str) -> _Json | Failure | None:
        """The user of this address, active or not."""
        wanted = address.strip().lower()
        quoted = wanted.replace("\\", "\\\\").replace('"', '\\"')
        body = await self._read(
            "Users", [("filter", f'userName eq "{quoted}"'), ("startIndex", 1), ("count", PAGE_SIZE)]
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
            return Unclear("the filter answered with somebody else")
        return found

    async def _give_back(self, address: str, *, resend: bool) -> Answer:
        """A 409: the user exists. Whoever holds no seat gets one; whoever holds one keeps it."""
        user = await self._find(address)
        if isinstance(user, Unavailable | Unclear):
            return user
        if user is None:
            return Unclear("reported as existing, but not found")
        reference = str(user["id"])
        if user.get("active") is False:
            answer = await self._set_active(reference, address, active=True)
            if answer is None:
                return Refused("not_allowed", "an inactive user cannot be activated")
            return await self._licensed(reference) if isinstance(answer, Done) else answer
        if self._group:
            licensed = await self._group_members()
            if not isinstance(licensed, frozenset):
                return licensed
            if reference not in licensed:
                return await self._change_group(reference, add=True)
        return Done(reference) if scim_reading.waits(user) or resend else Refused("already_member", "status 409")

    async def _licensed(self, reference: str) -> Answer:
        return await self._change_group(reference, add=True) if self._group else Done(reference)

    async def _licence_group(self) -> _Json | Failure:
        quoted = (self._group or "").replace("\\", "\\\\").replace('"', '\\"')
        body = await self._read("Groups", [("filter", f'displayName eq "{quoted}"')])
        if not isinstance(body, Mapping):
            return body
        rows, _ = scim_reading.resources(body)
        match = [row for row in rows or [] if row.get("displayName") == self._group and listing.text(row.get("id"))]
        return match[0] if len(match) == 1 else Unavailable("gone", "no licence group of that name")

    async def _group_members(self) -> frozenset[str] | Failure:
        group = await self._licence_group()
        if not isinstance(group, Mapping):
            return group
        whole = await self._read(f"Groups/{group['id']}", [])
        if not isinstance(whole, Mapping):
            return whole
        members = whole.get("members") or []
        if not isinstance(members, list):
            return Unclear("answer of another shape")
        return frozenset(str(listing.mapping(member).get("value")) for member in members)

    async def _change_group(self, reference: str, *, add: bool) -> Answer:
        group = await self._licence_group()
        if not isinstance(group, Mapping):
            return group
        body = await scim_requests.membership(reference, add=add)
        reply = await self._call("PATCH", "Groups", str(group["id"]), json_body=body)
        if not isinstance(reply, Reply):
            return reply
        if reply.ok:
            return Done(reference)
        if reply.status in {400, 404} and not http.names_an_end(reply):
            return await self._membership_as_read(reference, reply, wanted=add)
        return (None if add else http.refused_change(reply)) or _refused_user(reply)

    async def _membership_as_read(self, reference: str, reply: Reply, *, wanted: bool) -> Answer:
        """Products differ in what they say to a change that changes nothing: the group itself decides."""
        licensed = await self._group_members()
        if not isinstance(licensed, frozenset):
            return licensed
        if (reference in licensed) is wanted:
            return Done(reference)
        return Unclear("status 404") if reply.status == 404 else _refused_user(reply)

    async def _set_active(self, reference: str, address: str, *, active: bool) -> Answer | None:
        """PATCH `active`, against the version just read where the server keeps versions; None: no PATCH here."""
        headers = {}
        abilities = await self._discover()
        if isinstance(abilities, scim_reading.Abilities) and abilities.etag:
            user = await self._read(f"Users/{reference}", [])
            version = listing.mapping(user.get("meta")).get("version") if isinstance(user, Mapping) else None
            if isinstance(version, str) and version.isascii() and version.isprintable():
                headers["If-Match"] = version
        body = await scim_requests.active(active)
        reply = await self._call("PATCH", "Users", reference, headers=headers, json_body=body)
        if not isinstance(reply, Reply):
            return reply
        if reply.ok:
            return Done(reference)
        if reply.status in {405, 501}:
            return None
        if reply.status == 412:
            return Unclear("changed by somebody else meanwhile")
        if reply.status == 404 and not http.names_an_end(reply):
            return Unclear("vanished meanwhile") if active else await self._absent(address)
        return (None if active else http.refused_change(reply)) or _refused_user(reply)

    async def _delete(self, reference: str, address: str) -> Answer:
        reply = await self._call("DELETE", "Users", reference)
        if not isinstance(reply, Reply):
            return reply
        if reply.ok:
            return Done(reference)
        if reply.status == 404 and not http.names_an_end(reply):
            return await self._absent(address)
        return http.refused_change(reply) or _generic(reply) or Refused("not_allowed", f"status {reply.status}")

    async def _absent(self, address: str) -> Answer:
        """A 404 may mean this one or the whole tenant: done only if a reading no longer shows the person."""
        standing = await self.look_up(address)
        if not isinstance(standing, Standing):
            return standing
        return Unclear("not found, but still listed") if standing.known else Done()


def _refused_user(reply: Reply) -> Answer:
    words = http.wording(reply.json)
    if (refusal := http.refusal(words, reply.status)) is not None:
        return refusal
    if (failure := _generic(reply)) is not None:
        return failure
    if reply.status == 400 and any(known in words for known in ("invalidvalue", "username", "email")):
        return Refused("address", "status 400")
    return Refused("not_allowed", f"status {reply.status}")


def _generic(reply: Reply) -> Failure | None:
    """The meaning of a status for the team; here a 404 on a collection is the tenant."""
    return http.failure(reply) or (Unavailable("gone", "status 404") if reply.status == 404 else None)
