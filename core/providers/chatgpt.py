"""A ChatGPT Business (formerly Team) workspace, asked with its operator's own access token.

There is no documented member API: these are the web console's endpoints as seen in public code, not
verified live. So everything that is read is checked, and what does not fit is Unclear instead of guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote

from core.providers import http, listing
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

BASE_URL: Final = "https://chatgpt.com/backend-api"
ROLE: Final = "standard-user"
OWNER_ROLE: Final = "account-owner"
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

_INVITED_WORDS: Final = ("already invited", "already been invited", "pending invite")
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

    async def invite(self, address: str, *, resend: bool = False) -> Answer:
        """Done only if the answer names this address; a full team and a member are told apart by text and status."""
        body = {"email_addresses": [address], "role": ROLE, "resend_emails": resend}
        reply = await self._call("POST", self._path("invites"), json_body=body)
        if not isinstance(reply, Reply):
            return reply
        if reply.ok:
            return _outcome(reply.json, address)
        words = http.wording(reply.json)
        return http.refusal(words, reply.status) or _generic(reply) or _refused_by_status(reply.status)

    async def cancel_invite(self, invite: PendingInvite) -> Answer:
        """Withdraw a pending invite; one that a complete reading no longer shows counts as done."""
        reply = await self._call("DELETE", self._path("invites"), json_body={"email_address": invite.address})
        if not isinstance(reply, Reply):
            return reply
        if reply.ok:
            return Done(invite.reference)
        if reply.status in {404, 409} and not http.names_an_end(reply):
            return await self._gone_from_list(invite.address, "invite")
        return http.refused_change(reply) or _generic(reply) or Refused("not_allowed", f"status {reply.status}")

    async def remove_member(self, member: Member) -> Answer:
        """Take a member out; never the owner. One that a complete reading no longer shows counts as done."""
        if member.is_owner:
            return Refused("not_allowed", "the owner cannot be removed")
        reply = await self._call("DELETE", self._path("users", member.reference))
        if not isinstance(reply, Reply):
            return reply
        if reply.ok:
            return Done(member.reference)
        if reply.status == 404 and not http.names_an_end(reply):
            return await self._gone_from_list(member.address, "member")
        return http.refused_change(reply) or _generic(reply) or Refused("not_allowed", f"status {reply.status}")

    async def pending_invites(self) -> Listing[PendingInvite] | Failure:
        """Every invite that still holds a seat: those listed as accepted are left out."""
        rows = await listing.read_whole(lambda offset: self._page("invites", offset), 0)
        if isinstance(rows, Unavailable | Unclear):
            return rows
        invites: dict[str, PendingInvite] = {}
        for row in rows:
            address = listing.address(row.get("email_address"))
            if address is None:
                return Unclear("incomplete list: an invite without an address")
            if not _accepted(row.get("status")):
                invites[address] = PendingInvite(
                    address,
                    listing.text(row.get("id")),
                    listing.moment(row.get("created_time")),
                    listing.text(row.get("role")),
                )
        return Listing(tuple(invites.values()))

    async def members(self) -> Listing[Member] | Failure:
        """Every member, the owner among them."""
        rows = await listing.read_whole(lambda offset: self._page("users", offset), 0)
        if isinstance(rows, Unavailable | Unclear):
            return rows
        if not rows:
            # The owner is always a member: nobody at all is an answer about something else.
            return Unclear("incomplete list: not even the owner")
        members = []
        for row in rows:
            address, reference = listing.address(row.get("email")), listing.text(row.get("id"))
            if address is None or reference is None:
                return Unclear("incomplete list: a member without an address")
            role = listing.text(row.get("role"))
            members.append(
                Member(
                    address,
                    reference,
                    role,
                    listing.moment(row.get("created_time")),
                    listing.text(row.get("name")),
                    is_owner=role == OWNER_ROLE,
                )
            )
        return Listing(tuple(members))

    async def look_up(self, address: str) -> Standing | Failure:
        """Both lists whole: what `query` matches is nowhere stated, and a wrong "absent" would cost a second invite.

        The invites are read first: whoever accepts in between is then seen at least among the members.
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
        )

    async def capacity(self) -> Capacity | Failure:
        """The subscription's own counts; `pending` is sometimes missing."""
        reply = await self._read(f"{self._base}/subscriptions", {"account_id": self._account})
        if not isinstance(reply, Mapping):
            return reply
        return Capacity(
            seats=listing.count(reply.get("seats_entitled")),
            in_use=listing.count(reply.get("seats_in_use")),
            pending=listing.count(reply.get("pending_invites")),
            active_until=listing.moment(reply.get("active_until")),
        )

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

    async def _call(self, method: str, url: str, **what: Any) -> Reply | Failure:
        return await self._client.call(method, url, headers=self._headers, **what)

    async def _read(self, url: str, params: Mapping[str, str | int]) -> _Json | Failure:
        reply = await self._call("GET", url, params=params)
        if not isinstance(reply, Reply):
            return reply
        if not reply.ok:
            return _generic(reply) or Unclear(f"status {reply.status}")
        return reply.json if isinstance(reply.json, Mapping) else Unclear("answer of another shape")

    async def _page(self, what: Literal["invites", "users"], offset: int) -> Page[_Json, int] | Failure:
        reply = await self._read(self._path(what), {"offset": offset, "limit": PAGE_SIZE, "query": ""})
        if not isinstance(reply, Mapping):
            return reply
        items, total = reply.get("items"), listing.count(reply.get("total"))
        if not isinstance(items, list) or total is None or not all(isinstance(item, Mapping) for item in items):
            return Unclear("answer of another shape")
        name = "email_address" if what == "invites" else "email"
        rows = {str(item.get("id") or item.get(name)): item for item in items}
        return Page(rows, len(items), total, offset + len(items))

    async def _gone_from_list(self, address: str, what: Literal["invite", "member"]) -> Answer:
        """A 404 may mean this one or the whole workspace: done only if a complete reading no longer shows it."""
        standing = await self.look_up(address)
        if not isinstance(standing, Standing):
            return standing
        still = standing.invite if what == "invite" else standing.member
        return Done() if still is None else Unclear(f"not found, but still listed: {what}")


def _outcome(body: Any, address: str) -> Answer:
    """What a 2xx says of the one address: named as invited, named as an error, or silently dropped."""
    if not isinstance(body, Mapping):
        return Unclear("answer of another shape")
    for invite in _rows(body.get("account_invites")):
        if listing.address(invite.get("email_address")) == address.strip().lower():
            return Done(listing.text(invite.get("id")))
    for errored in _rows(body.get("errored_emails")):
        if listing.address(errored.get("email")) == address.strip().lower():
            return _errored(http.wording(errored.get("error")))
    return Unclear("accepted without an invite")


def _errored(words: str) -> Answer:
    if any(known in words for known in _INVITED_WORDS):
        return Unclear("reported as invited before")  # the pending list will tell
    return http.refusal(words, 422) or Refused("address")


def _refused_by_status(status: int) -> Answer:
    if status == 409:
        return Refused("already_member", "status 409")
    if status == 422:
        return Refused("address", "status 422")
    return Refused("not_allowed", f"status {status}")


def _generic(reply: Reply) -> Failure | None:
    """The meaning of a status for the team; here a 404 on an account's own path is the account."""
    return http.failure(reply) or (Unavailable("gone", "status 404") if reply.status == 404 else None)


def _accepted(status: Any) -> bool:
    """Only text says so for certain. Numbers are nowhere explained (2 was seen for pending): a seat stays counted."""
    return isinstance(status, str) and status.lower() in {"accepted", "joined", "completed"}


def _rows(value: Any) -> list[_Json]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
