"""Service accounts of a project, by the documented Admin API. Their names are not unique there."""

from __future__ import annotations

from typing import Any, Final

from core.models.subaccounts import calls
from core.models.subaccounts.protocol import Denied, Existing, Made, ParentAccount
from core.providers import listing
from core.providers.http import HttpClient, HttpReply
from core.providers.listing import Page, mapping, text
from core.providers.protocol import Done, Failure, Listing, Unclear

PAGE_SIZE: Final = 100


class ServiceAccounts:
    """See `Parent`. The key's value is in the answer to its making, and nowhere else."""

    def __init__(self, account: ParentAccount, client: HttpClient) -> None:
        self._calls = calls.Calls(account, client)

    async def create(self, name: str) -> Made | Denied | Failure:
        reply = await self._calls.make("service_accounts", body={"name": name})
        if not isinstance(reply, HttpReply):
            return reply
        made = mapping(reply.json)
        return calls.made(made.get("id"), mapping(made.get("api_key")).get("value"))

    async def named(self, name: str) -> Listing[Existing] | Failure:
        return calls.of_name(await self.all(), name)

    async def all(self) -> Listing[Existing] | Failure:
        async def page(after: str | None) -> Page[Existing, str | None] | Failure:
            params: dict[str, str | int] = {"limit": PAGE_SIZE} | ({} if after is None else {"after": after})
            reply = await self._calls.read("service_accounts", params=params)
            if not isinstance(reply, HttpReply):
                return reply
            body = mapping(reply.json)
            accounts, more, last = (
                calls.listed(body.get("data"), "id", "name"),
                body.get("has_more"),
                body.get("last_id"),
            )
            if isinstance(accounts, Unclear):
                return accounts
            if not isinstance(more, bool) or (more and text(last) is None):
                return Unclear("a list that does not say whether it goes on, or where")
            return Page(accounts, len(body["data"]), None, text(last) if more else None)

        rows: Any = await listing.read_whole(page, None)
        return Listing(rows) if isinstance(rows, tuple) else rows

    async def revoke(self, reference: str) -> Done | Failure:
        return await self._calls.end("DELETE", "service_accounts", reference)
