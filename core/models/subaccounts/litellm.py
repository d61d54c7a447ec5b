"""Virtual keys of a litellm proxy. A key's alias is unique there, so the second of a name is refused."""

from __future__ import annotations

from typing import Any, Final

from core.models.subaccounts import calls
from core.models.subaccounts.protocol import Denied, Existing, Made, ParentAccount
from core.providers import listing
from core.providers.http import HttpClient, HttpReply
from core.providers.listing import Page, count, mapping
from core.providers.protocol import Done, Failure, Listing, Unclear

PAGE_SIZE: Final = 100


class Litellm:
    """See `Parent`. A key is referred to by its hash, which the proxy calls its token."""

    def __init__(self, account: ParentAccount, client: HttpClient) -> None:
        self._calls = calls.Calls(account, client)

    async def create(self, name: str) -> Made | Denied | Failure:
        reply = await self._calls.make("key", "generate", body={"key_alias": name})
        if not isinstance(reply, HttpReply):
            return reply
        made = mapping(reply.json)
        # `token` has been the key itself in some versions of the proxy; `token_id` is its hash in all of them.
        return calls.made(made.get("token_id") or made.get("token"), made.get("key"))

    async def named(self, name: str) -> Listing[Existing] | Failure:
        # The proxy may look for a part of the alias.
        return calls.of_name(await self._listed(key_alias=name), name)

    async def all(self) -> Listing[Existing] | Failure:
        return await self._listed()

    async def _listed(self, **only: str) -> Listing[Existing] | Failure:
        async def page(number: int) -> Page[Existing, int] | Failure:
            params: dict[str, str | int] = {**only, "return_full_object": "true", "size": PAGE_SIZE, "page": number}
            reply = await self._calls.read("key", "list", params=params)
            if not isinstance(reply, HttpReply):
                return reply
            body = mapping(reply.json)
            keys, pages = calls.listed(body.get("keys"), "token", "key_alias"), count(body.get("total_pages"))
            if isinstance(keys, Unclear) or pages is None:
                return keys if isinstance(keys, Unclear) else Unclear("a page of how many is not said")
            following = number + 1 if number < pages else None
            return Page(keys, len(body["keys"]), count(body.get("total_count")), following)

        rows: Any = await listing.read_whole(page, 1)
        return Listing(rows) if isinstance(rows, tuple) else rows

    async def revoke(self, reference: str) -> Done | Failure:
        return await self._calls.end("POST", "key", "delete", body={"keys": [reference]})
