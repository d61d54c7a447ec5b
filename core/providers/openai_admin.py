"""An API-platform organization, through its documented Admin API.

The specification declares no error statuses for these calls, so they are read generically. There is no resend and
no idempotency key: an address that is invited twice may have two invites, so a repeat always follows a reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from core.providers import http, listing
from core.providers.http import HttpClient, HttpReply
from core.providers.listing import Page
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

BASE_URL: Final = "https://api.openai.com/v1"
ROLE: Final = "reader"
OWNER_ROLE: Final = "owner"
PAGE_SIZE: Final = 100  # the documented maximum
AUDITED: Final = ("invite.sent", "invite.accepted", "invite.deleted")

PROPERTIES: Final = Properties(
    list_lag=60.0,  # nothing is stated; the cautious default
    idempotent_by_address=False,
    counts_seats=False,
    can_cancel=True,
    can_remove=True,
    default_capacity=100,
    batch_size=1,
    requests_per_minute=60,  # no published limit for these calls
)

_Json: TypeAlias = Mapping[str, Any]


class OpenAIAdmin:
    """One organization. See `core.providers.protocol.Provider` for what each call promises."""

    properties: Properties = PROPERTIES

    def __init__(self, workspace: Workspace, client: HttpClient) -> None:
        self._client = client
        self._base = f"{(workspace.base_url or BASE_URL).rstrip('/')}/organization"
        self._headers = {"Authorization": f"Bearer {workspace.credential['admin_key']}"}
        self._projects = [name for name in workspace.credential.get("projects", "").split(",") if name]

    async def invite(self, address: str, *, resend: bool = False) -> ProviderAnswer:
        """Invite with the smallest role, and into the credential's projects where it names some.

        A resend withdraws the pending invite and makes another, as there is no other way. Somebody who is in the
        organization already is let into the projects and stays "already a member": who was there before must not be
        taken out when a membership ends.
        """
        if resend and (hindrance := await self._withdraw(address)) is not None:
            return hindrance
        body: dict[str, Any] = {"email": address, "role": ROLE}
        if self._projects:
            body["projects"] = [{"id": project, "role": "member"} for project in self._projects]
        reply = await self._call("POST", "invites", json_body=body)
        if not isinstance(reply, HttpReply):
            return reply
        if reply.ok:
            invite = listing.mapping(reply.json)
            if listing.address(invite.get("email")) == address.strip().lower() and listing.text(invite.get("id")):
                return Done(listing.text(invite.get("id")))
            return Unclear("accepted without an invite", fault="person")
        refused = _refused_invite(reply)
        if isinstance(refused, Refused) and refused.reason == "already_member":
            return await self._into_projects(address) or refused
        return refused

    async def cancel_invite(self, invite: PendingInvite) -> ProviderAnswer:
        """Delete a pending invite; an accepted one cannot be deleted."""
        if invite.reference is None:
            return await self._withdraw(invite.address or "") or Done()
        reply = await self._call("DELETE", "invites", invite.reference)
        return await self._deleted(reply, invite.address, invite.reference, want_invite=True)

    async def remove_member(self, member: Member) -> ProviderAnswer:
        """Take a user out of the organization; never an owner."""
        if member.is_owner or member.address is None:
            return Refused("not_allowed", "owners and people without an address are not removed")
        reply = await self._call("DELETE", "users", member.reference)
        return await self._deleted(reply, member.address, member.reference, want_invite=False)

    async def pending_invites(self) -> Listing[PendingInvite] | Failure:
        """Every invite that can still be accepted."""
        rows = await self._list("invites")
        if isinstance(rows, Unavailable | Unclear):
            return rows
        invites: dict[str, PendingInvite] = {}
        for row in rows:
            address = listing.address(row.get("email"))
            if row.get("status") not in {"accepted", "expired"}:
                invites[address or f"#{row.get('id')}"] = PendingInvite(
                    address,
                    listing.text(row.get("id")),
                    listing.moment(row.get("created_at")),
                    listing.text(row.get("role")),
                )
        return Listing(tuple(invites.values()))

    async def members(self) -> Listing[Member] | Failure:
        """Every person; service accounts are none. Whoever holds the key is among them."""
        rows = await self._list("users")
        if isinstance(rows, Unavailable | Unclear):
            return rows
        if not rows:
            return Unclear("incomplete list: not even an owner")
        return _people(rows)

    async def look_up(self, address: str) -> Standing | Failure:
        """Invites whole, then the users: found by `emails[]` where that suffices, else by reading all of them.

        Only an address that neither shows is looked for in the audit log, which has been seen to be quicker than
        the lists. The log is not open to every key, and its silence proves nothing.
        """
        invites = await self.pending_invites()
        if not isinstance(invites, Listing):
            return invites
        wanted = address.strip().lower()
        # Described as the array `emails`; the vendor's own clients send an array with brackets.
        filtered = await self._list("users", (("emails[]", wanted),))
        if isinstance(filtered, Unavailable | Unclear):
            return filtered
        members = _people(filtered)
        if isinstance(members, Listing) and not any(member.address == wanted for member in members.items):
            members = await self.members()  # a filter that found nothing may be a filter that does not work
        if not isinstance(members, Listing):
            return members
        member = next((member for member in members.items if member.address == wanted), None)
        invite = next((invite for invite in invites.items if invite.address == wanted), None)
        if member is None and invite is None:
            invite = await self._audited(wanted)
        return Standing(member, invite, self._client.clocks.at(self._base))

    async def capacity(self) -> Capacity | Failure:
        """An organization does not count seats."""
        return Capacity(None, None, None)

    async def check_credential(self) -> CredentialCheck | Failure:
        """Whether the key is an admin key; `facts["scopes"]` says what it may read."""
        scopes = []
        refusal: Failure | None = None
        for what in ("users", "invites"):
            reply = await self._call("GET", what, params={"limit": 1})
            if not isinstance(reply, HttpReply):
                return reply
            if reply.ok:
                scopes.append(f"{what}.read")
            else:
                refusal = _generic(reply) or Unclear(f"status {reply.status}")
                if reply.status != 403:
                    return refusal
        if refusal is not None and not scopes:
            return refusal
        return CredentialCheck({"scopes": ", ".join(scopes)})

    async def _call(self, method: str, *path: str, **what: Any) -> HttpReply | Failure:
        url = "/".join([self._base, *(quote(part, safe="") for part in path)])
        return await self._client.call(method, url, headers=self._headers, **what)

    async def _list(self, what: str, narrowed: Sequence[tuple[str, str]] = ()) -> tuple[_Json, ...] | Failure:
        async def page(after: str | None) -> Page[_Json, str | None] | Failure:
            params: list[tuple[str, str | int]] = [("limit", PAGE_SIZE), *narrowed]
            if after is not None:
                params.append(("after", after))
            reply = await self._call("GET", what, params=params)
            if not isinstance(reply, HttpReply):
                return reply
            if not reply.ok:
                return _generic(reply) or Unclear(f"status {reply.status}")
            return _page(listing.mapping(reply.json))

        return await listing.read_whole(page, None)

    async def _into_projects(self, address: str) -> Refused | None:
        """Add a member to the credential's projects; returns those that failed. Being in one already is no failure."""
        shut = []
        for project in self._projects:
            body = {"email": address, "role": "member"}
            reply = await self._call("POST", "projects", project, "users", json_body=body)
            if not isinstance(reply, HttpReply) or not (reply.ok or reply.status == 409):
                shut.append(project)
        return Refused("already_member", f"not let into {', '.join(shut)}"[:200]) if shut else None

    async def _withdraw(self, address: str) -> ProviderAnswer | None:
        """Delete the pending invite of an address, if there is one; returns an answer only if that failed."""
        invites = await self.pending_invites()
        if not isinstance(invites, Listing):
            return invites
        pending = next((invite for invite in invites.items if invite.address == address.strip().lower()), None)
        if pending is None or pending.reference is None:
            return None
        answer = await self.cancel_invite(pending)
        return None if isinstance(answer, Done) else answer

    async def _deleted(
        self, reply: HttpReply | Failure, address: str | None, reference: str, *, want_invite: bool
    ) -> ProviderAnswer:
        if not isinstance(reply, HttpReply):
            return reply
        if reply.ok:
            done = reply.kind == "empty" or listing.mapping(reply.json).get("deleted") is True
            return Done(reference) if done else Unclear("accepted without a deletion")
        if reply.status == 404 and not http.names_an_end(reply):
            return await self._absent(address or "", want_invite=want_invite)
        return (
            http.refused_change(reply)
            or http.conflict(reply)
            or _generic(reply)
            or Refused("not_allowed", f"status {reply.status}")
        )

    async def _absent(self, address: str, *, want_invite: bool) -> ProviderAnswer:
        """A 404 may mean this one or all of it: done only if a complete reading no longer shows it."""
        standing = await self.look_up(address)
        if not isinstance(standing, Standing):
            return standing
        still = standing.invite if want_invite else standing.member
        return Done() if still is None else Unclear("not found, but still listed", fault="person")

    async def _audited(self, address: str) -> PendingInvite | None:
        """An invite of this address among the last 100 events that was neither accepted nor deleted since."""
        kinds = [("event_types[]", kind) for kind in AUDITED]
        reply = await self._call("GET", "audit_logs", params=[("limit", PAGE_SIZE), *kinds])
        if not isinstance(reply, HttpReply) or not reply.ok:
            return None
        events = listing.mapping(reply.json).get("data")
        ended: set[str | None] = set()
        for event in events if isinstance(events, list) else []:  # the newest first
            kind = listing.mapping(event).get("type")
            detail = listing.mapping(listing.mapping(event).get(str(kind)))
            reference = listing.text(detail.get("id"))
            if kind in {"invite.accepted", "invite.deleted"}:
                ended.add(reference)
            elif kind == "invite.sent" and reference not in ended:
                sent_to = listing.address(listing.mapping(detail.get("data")).get("email"))
                if sent_to == address:
                    return PendingInvite(address, reference, listing.moment(event.get("effective_at")))
        return None


def _page(body: _Json) -> Page[_Json, str | None] | Failure:
    data, more = body.get("data"), body.get("has_more")
    if data is None and more is False:
        data = []
    if not isinstance(data, list) or not isinstance(more, bool) or not all(isinstance(row, Mapping) for row in data):
        return Unclear("answer of another shape")
    rows = {str(row.get("id")): row for row in data}
    last = listing.text(body.get("last_id")) or (str(data[-1].get("id")) if data else None)
    return Page(rows, len(data), None, last if more else None)


def _people(rows: Sequence[_Json]) -> Listing[Member] | Failure:
    members = []
    for row in rows:
        address, reference = listing.address(row.get("email")), listing.text(row.get("id"))
        if row.get("is_service_account") is True:
            continue
        if reference is None:
            return Unclear("incomplete list: a member without an id")
        role = listing.text(row.get("role"))
        members.append(
            Member(
                address,
                reference,
                role,
                listing.moment(row.get("added_at")),
                listing.text(row.get("name")),
                is_owner=role == OWNER_ROLE,
            )
        )
    return Listing(tuple(members))


def _refused_invite(reply: HttpReply) -> ProviderAnswer:
    words = http.wording(reply.json)
    if reply.status in {400, 409, 422} and "invited" in words:
        return Unclear("reported as invited before", fault="person")  # the pending list will tell
    if (refusal := http.refusal(words, reply.status)) is not None:
        return refusal
    if (failure := http.conflict(reply) or _generic(reply)) is not None:
        return failure
    if reply.status in {400, 422} and "email" in words:
        return Refused("address", f"status {reply.status}")
    return Refused("not_allowed", f"status {reply.status}")


def _generic(reply: HttpReply) -> Failure | None:
    """The meaning of a status for the team; here a 404 on a collection is the organization."""
    return http.failure(reply) or (Unavailable("gone", "status 404") if reply.status == 404 else None)
