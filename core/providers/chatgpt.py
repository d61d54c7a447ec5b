"""A ChatGPT Business (formerly Team) workspace, asked with its operator's own access token.

There is no documented member API: these are the web console's endpoints as seen in public code, not
verified live. So everything that is read is checked, and what does not fit is Unclear instead of guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote

from core.providers import chatgpt_reading as reading
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

BASE_URL: Final = "https://chatgpt.com/backend-api"
ROLE: Final = "standard-user"
PAGE_SIZE: Final = 100  # as seen in use; the default is 25

PROPERTIES: Final = Properties(
    list_lag=60.0,  # a fresh invite was seen missing from the lists for about a minute
    idempotent_by_address=True,  # a pending address that is invited again keeps its one invite
    counts_seats=True,
    can_cancel=True,
    can_remove=True,
    default_capacity=4,
    batch_size=1,
    requests_per_minute=120,  # no stated limit; ours is a polite one
)

_Json: TypeAlias = Mapping[str, Any]


class ChatGPT:
    """One workspace. See `core.providers.protocol.Provider` for what each call promises."""

    properties: Properties = PROPERTIES

    def __init__(self, workspace: Workspace, client: HttpClient) -> None:
        self._client = client
        self._account = workspace.external_id
        self._base = (workspace.base_url or BASE_URL).rstrip("/")
        self._headers = {
            "Authorization": f"Bearer {workspace.credential['access_token']}",
            "chatgpt-account-id": workspace.external_id,
        }

    async def invite(self, address: str, *, resend: bool = False) -> ProviderAnswer:
        """Done only if the answer names this address; a full team and a member are told apart by text and status."""
        body = {"email_addresses": [address], "role": ROLE, "resend_emails": resend}
        reply = await self._call("POST", self._path("invites"), json_body=body)
        if not isinstance(reply, HttpReply):
            return reply
        answer = await self._said(reply.json, address)
        # An error may carry the same lists; what it says of the whole team goes before what it says of one address.
        telling = reply.ok or (reply.status in {400, 409, 422} and not http.names_an_end(reply))
        if answer is not None and (telling or isinstance(answer, Done)):
            return answer
        if reply.ok:
            return Unclear("accepted without an invite", fault="person")
        words = http.wording(reply.json)
        return (
            http.refusal(words, reply.status)
            or http.conflict(reply)
            or _generic(reply)
            or _refused_by_status(reply.status)
        )

    async def cancel_invite(self, invite: PendingInvite) -> ProviderAnswer:
        """Withdraw a pending invite; one that a complete reading no longer shows counts as done."""
        reply = await self._call("DELETE", self._path("invites"), json_body={"email_address": invite.address})
        if not isinstance(reply, HttpReply):
            return reply
        if reply.ok:
            return Done(invite.reference)
        if reply.status in {404, 409} and not http.names_an_end(reply):
            return await self._gone_from_list(invite.address, "invite", reply)
        return http.refused_change(reply) or _generic(reply) or Refused("not_allowed", f"status {reply.status}")

    async def remove_member(self, member: Member) -> ProviderAnswer:
        """Take a member out; never the owner. One that a complete reading no longer shows counts as done."""
        if member.is_owner or member.address is None:
            return Refused("not_allowed", "the owner and people without an address are not removed")
        reply = await self._call("DELETE", self._path("users", member.reference))
        if not isinstance(reply, HttpReply):
            return reply
        if reply.ok:
            return Done(member.reference)
        if reply.status in {404, 409} and not http.names_an_end(reply):
            return await self._gone_from_list(member.address, "member", reply)
        return http.refused_change(reply) or _generic(reply) or Refused("not_allowed", f"status {reply.status}")

    async def pending_invites(self) -> Listing[PendingInvite] | Failure:
        """Every invite that still holds a seat: those listed as accepted are left out."""
        rows = await listing.read_whole(lambda offset: self._page("invites", offset), 0)
        if isinstance(rows, Unavailable | Unclear):
            return rows
        return reading.invites(rows)

    async def members(self) -> Listing[Member] | Failure:
        """Every member, the owner among them."""
        people = await self._people()
        return people if isinstance(people, Unavailable | Unclear) else Listing(tuple(people[0]))

    async def look_up(self, address: str) -> Standing | Failure:
        """Both lists, whole: what `query` matches is stated nowhere, and a wrong "absent" would cost a second invite.

        The invites are read first: somebody who accepts in between then appears at least among the members.
        """
        invites = await self.pending_invites()
        if not isinstance(invites, Listing):
            return invites
        members = await self.members()
        if not isinstance(members, Listing):
            return members
        wanted = address.strip().lower()
        return Standing(
            next((member for member in members.items if member.address == wanted), None),
            next((invite for invite in invites.items if invite.address == wanted), None),
            self._client.clocks.at(self._base),
        )

    async def capacity(self) -> Capacity | Failure:
        """The subscription's own counts of the kind of seat that is bought; `pending` is sometimes missing."""
        reply = await self._read(f"{self._base}/subscriptions", {"account_id": self._account})
        if not isinstance(reply, Mapping):
            return reply
        return reading.capacity(reply)

    async def check_credential(self) -> CredentialCheck | Failure:
        """Whether the token reaches this workspace, with its name and plan."""
        reply = await self._read(f"{self._base}/accounts/check/v4-2023-04-27", {})
        if not isinstance(reply, Mapping):
            return reply
        accounts = reply.get("accounts")
        if not isinstance(accounts, Mapping):
            return Unclear("answer without accounts")
        mine = accounts.get(self._account)
        if not isinstance(mine, Mapping):
            return Unavailable("gone", "the credential does not reach this workspace")
        account, entitlement = listing.mapping(mine.get("account")), listing.mapping(mine.get("entitlement"))
        facts = {
            "name": listing.text(account.get("name")),
            "plan": listing.text(account.get("plan_type")),
            "active_until": listing.text(entitlement.get("expires_at")),
        }
        return CredentialCheck({key: value[:200] for key, value in facts.items() if value})

    def _path(self, *parts: str) -> str:
        return "/".join([self._base, "accounts", *(quote(part, safe="") for part in (self._account, *parts))])

    async def _call(self, method: str, url: str, **what: Any) -> HttpReply | Failure:
        return await self._client.call(method, url, headers=self._headers, **what)

    async def _read(self, url: str, params: Mapping[str, str | int]) -> _Json | Failure:
        reply = await self._call("GET", url, params=params)
        if not isinstance(reply, HttpReply):
            return reply
        if not reply.ok:
            return _generic(reply) or Unclear(f"status {reply.status}")
        return reply.json if isinstance(reply.json, Mapping) else Unclear("answer of another shape")

    async def _page(self, what: Literal["invites", "users"], offset: int) -> Page[_Json, int] | Failure:
        reply = await self._read(self._path(what), {"offset": offset, "limit": PAGE_SIZE, "query": ""})
        if not isinstance(reply, Mapping):
            return reply
        items, total = reply.get("items"), listing.count(reply.get("total"))
        if items is None and total == 0:
            items = []
        if not isinstance(items, list) or total is None or not all(isinstance(item, Mapping) for item in items):
            return Unclear("answer of another shape")
        name = "email_address" if what == "invites" else "email"
        rows = {str(item.get("id") or item.get(name)): item for item in items}
        # A full page whose total is its own may be a server's mistake: one page more decides.
        doubted = total == len(items) >= (listing.count(reply.get("limit")) or PAGE_SIZE) and offset == 0
        return Page(rows, len(items), total, offset + len(items), doubted or (total == len(items) and offset > 0))

    async def _people(self) -> tuple[list[Member], list[Member]] | Failure:
        rows = await listing.read_whole(lambda offset: self._page("users", offset), 0)
        if isinstance(rows, Unavailable | Unclear):
            return rows
        if not rows:
            # The owner is always a member, so an empty list is not this workspace's.
            return Unclear("incomplete list: not even the owner")
        return reading.people(rows)

    async def _said(self, body: Any, address: str) -> ProviderAnswer | None:
        """What an answer says of the address. "Already a member" is looked up before it is believed."""
        answer = reading.named(body, address)
        # A member may be listed among the errors too: nothing is wrong with their address.
        if not reading.known_member(body, address) or (answer is not None and answer != Refused("address")):
            return answer
        people = await self._people()
        if isinstance(people, Unavailable | Unclear):
            return Unclear("reported as a member", fault="person")
        wanted = address.strip().lower()
        if any(member.address == wanted for member in people[0]):
            return Refused("already_member", "reported as a member, and listed")
        if any(member.address == wanted for member in people[1]):
            return Refused("not_allowed", "deactivated in this workspace")
        return Unclear("reported as a member, but not listed", fault="person")

    async def _gone_from_list(
        self, address: str | None, what: Literal["invite", "member"], reply: HttpReply
    ) -> ProviderAnswer:
        """A 404 may mean this one or the whole workspace: done only if a complete reading no longer shows it."""
        standing = await self.look_up(address or "")
        if not isinstance(standing, Standing):
            return standing
        if (standing.invite if what == "invite" else standing.member) is None:
            return Done()
        return http.conflict(reply) or Unclear(f"not found, but still listed: {what}", fault="person")


def _refused_by_status(status: int) -> ProviderAnswer:
    if status == 422:
        return Refused("address", "status 422")
    return Refused("not_allowed", f"status {status}")


def _generic(reply: HttpReply) -> Failure | None:
    """The meaning of a status for the team; here a 404 on an account's own path is the account."""
    return http.failure(reply) or (Unavailable("gone", "status 404") if reply.status == 404 else None)
