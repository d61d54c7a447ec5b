"""Users of a plug-in server: `POST /api/users` makes one with a key, `DELETE /api/users/{id}` ends both."""

from __future__ import annotations

from core.models.subaccounts import calls
from core.models.subaccounts.protocol import Denied, Existing, Made, ParentAccount
from core.providers.http import HttpClient, HttpReply
from core.providers.listing import mapping
from core.providers.protocol import Done, Failure, Listing, Unclear


class Plugin:
    """See `Parent`. The list of users comes in one piece."""

    def __init__(self, account: ParentAccount, client: HttpClient) -> None:
        self._calls = calls.Calls(account, client)

    async def create(self, name: str) -> Made | Denied | Failure:
        reply = await self._calls.make("api", "users", body={"name": name, "prefer_shared": 0})
        if not isinstance(reply, HttpReply):
            return reply
        made = mapping(mapping(reply.json).get("data"))
        return calls.made(made.get("user_id"), made.get("api_key"))

    async def named(self, name: str) -> Listing[Existing] | Failure:
        return calls.of_name(await self.all(), name)

    async def all(self) -> Listing[Existing] | Failure:
        reply = await self._calls.read("api", "users")
        if not isinstance(reply, HttpReply):
            return reply
        users = calls.listed(mapping(reply.json).get("data"), "user_id", "name")
        return users if isinstance(users, Unclear) else Listing(tuple(users.values()))

    async def revoke(self, reference: str) -> Done | Failure:
        return await self._calls.end("DELETE", "api", "users", reference)
