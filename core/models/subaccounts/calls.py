"""What the three ways of managing subaccounts have in common: the key, and what an answer means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from core.models.subaccounts.protocol import Denied, Made, ParentAccount
from core.providers import http
from core.providers.http import HttpClient, Params, Reply
from core.providers.protocol import Done, Failure, Unclear

_TAKEN: Final = ("already exists", "name_taken", "unique key aliases")


class Calls:
    """One parent's management calls. Nothing is tried twice."""

    def __init__(self, account: ParentAccount, client: HttpClient) -> None:
        self._base = account.base_url
        self._client = client
        self._headers = {"Authorization": f"Bearer {account.admin_key}"}

    async def make(self, *path: str, body: Mapping[str, Any]) -> Reply | Denied | Failure:
        """Ask for something new. A `Reply` is a 2xx."""
        reply = await self._call("POST", *path, body=body)
        if not isinstance(reply, Reply) or reply.ok:
            return reply
        if reply.kind == "json" and reply.status in {400, 409, 422}:
            taken = reply.status == 409 or any(known in http.wording(reply.json) for known in _TAKEN)
            return Denied("taken" if taken else "refused", f"status {reply.status}")
        return http.failure(reply) or Denied("refused", f"status {reply.status}")

    async def read(self, *path: str, params: Params | None = None) -> Reply | Failure:
        """Read a list, or a page of one. A `Reply` is a 2xx."""
        reply = await self._call("GET", *path, params=params)
        if not isinstance(reply, Reply) or reply.ok:
            return reply
        return http.failure(reply) or Unclear(f"status {reply.status}")

    async def end(self, method: str, *path: str, body: Mapping[str, Any] | None = None) -> Done | Failure:
        """End something. It is done when the parent says so, or does not know it any more."""
        reply = await self._call(method, *path, body=body)
        if not isinstance(reply, Reply):
            return reply
        gone = reply.status == 404 and reply.kind == "json" and not http.names_an_end(reply)
        return Done() if reply.ok or gone else http.failure(reply) or Unclear(f"status {reply.status}")

    async def _call(
        self, method: str, *path: str, params: Params | None = None, body: Mapping[str, Any] | None = None
    ) -> Reply | Failure:
        # A reference came from the parent: it is a name there, and must not become another path.
        url = "/".join((self._base, *(quote(part, safe="") for part in path)))
        return await self._client.call(method, url, headers=self._headers, params=params, json_body=body)


def made(reference: Any, api_key: Any) -> Made | Unclear:
    """What an answer says was made. One without a key made something nonetheless, which nobody can use."""
    named = isinstance(reference, str | int) and not isinstance(reference, bool) and str(reference)
    if not named or not isinstance(api_key, str) or not api_key:
        return Unclear("an answer without a key")
    return Made(str(reference), api_key)
