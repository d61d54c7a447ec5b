"""One SCIM server's address and token: requests to it, and its lists read whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from core.providers import http, listing, scim_reading
from core.providers.http import HttpClient, HttpReply
from core.providers.listing import Page
from core.providers.protocol import Failure, Unavailable, Unclear

MEDIA: Final = "application/scim+json"
PAGE_SIZE: Final = 100
MOST_AT_ONCE: Final = 10_000
"""Users asked for in one page of a server that has no second one."""

_Json: TypeAlias = Mapping[str, Any]


class Wire:
    """Requests to one server. What is learnt of the server is kept with the process's client."""

    def __init__(self, client: HttpClient, base_url: str, token: str) -> None:
        self._client = client
        self.base = base_url.rstrip("/")
        self.learnt = client.learnt
        self._headers = {"Authorization": f"Bearer {token}", "Accept": MEDIA}

    def time(self) -> datetime | None:
        """The present time by the server's clock, if it tells."""
        return self._client.clocks.at(self.base)

    async def call(
        self,
        method: str,
        *path: str,
        headers: Mapping[str, str] | None = None,
        params: http.Params | None = None,
        json_body: Any = None,
    ) -> HttpReply | Failure:
        """One request, of any status."""
        url = "/".join([self.base, *(quote(part, safe="") for part in path)])
        media = {} if json_body is None else {"Content-Type": MEDIA}
        sent = {**self._headers, **media, **(headers or {})}
        return await self._client.call(method, url, headers=sent, params=params, json_body=json_body)

    async def read(self, what: str, params: Sequence[tuple[str, str | int]]) -> _Json | Failure:
        """The content of a GET that worked."""
        return _object(await self.call("GET", *what.split("/"), params=params))

    async def users(self, *, cursor: bool) -> tuple[_Json, ...] | Failure:
        """Every user, active or not."""
        return await (listing.read_whole(self._by_cursor, None) if cursor else self._by_index())

    async def _by_cursor(self, place: str | None) -> Page[_Json, str | None] | Failure:
        body = await self.read("Users", [("cursor", place or ""), ("count", PAGE_SIZE)])
        if not isinstance(body, Mapping):
            return body
        rows, total = scim_reading.resources(body)
        if rows is None:
            return Unclear("answer of another shape")
        return Page(scim_reading.by_id(rows), len(rows), total, listing.text(body.get("nextCursor")))

    async def _by_index(self) -> tuple[_Json, ...] | Failure:
        """Page by page; whether a total is only the page's own shows by asking for one page more."""
        honest = ("scim-total", self.base)
        stated = 0

        async def page(start: int) -> Page[_Json, int] | Failure:
            nonlocal stated
            reply = await self.call("GET", "Users", params=[("startIndex", start), ("count", PAGE_SIZE)])
            if (
                start > 1
                and isinstance(reply, HttpReply)
                and reply.status in {400, 404}
                and not http.names_an_end(reply)
            ):
                return Page({}, 0, None, start)  # some refuse an index beyond the end
            body = _object(reply)
            if not isinstance(body, Mapping):
                return body
            rows, total = scim_reading.resources(body)
            if rows is None or total is None:
                return Unclear("answer of another shape")
            stated = max(stated, total)
            if total > len(rows) and rows:
                self.learnt[honest] = True
            doubted = total == len(rows) > 0 and honest not in self.learnt
            return Page(scim_reading.by_id(rows), len(rows), total, start + len(rows), doubted)

        users = await listing.read_whole(page, 1)
        if isinstance(users, Unclear) and users.detail == listing.SAME_AGAIN:
            return await self._at_once(stated)
        return users

    async def _at_once(self, total: int) -> tuple[_Json, ...] | Failure:
        """A server that ignores `startIndex` has a single page: it holds everybody, or the list cannot be read."""
        body = await self.read("Users", [("startIndex", 1), ("count", min(total, MOST_AT_ONCE))])
        if not isinstance(body, Mapping):
            return body
        rows, _ = scim_reading.resources(body)
        found = scim_reading.by_id(rows or [])
        if len(found) != total:
            return Unclear(f"the server ignores startIndex: {len(found)} of {total} users can be read")
        return tuple(found.values())


def generic(reply: HttpReply) -> Failure | None:
    """The meaning of a status for the team; here a 404 on a collection is the tenant."""
    return http.failure(reply) or (Unavailable("gone", "status 404") if reply.status == 404 else None)


def quoted(text: str) -> str:
    """A text as a filter holds it, without the quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _object(reply: HttpReply | Failure) -> _Json | Failure:
    if not isinstance(reply, HttpReply):
        return reply
    if not reply.ok:
        return generic(reply) or Unclear(f"status {reply.status}")
    return reply.json if isinstance(reply.json, Mapping) else Unclear("answer of another shape")
