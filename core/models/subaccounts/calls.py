"""What the three ways of managing subaccounts have in common: the key, and what an answer means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from core.models.subaccounts.protocol import Denied, Existing, Made, ParentAccount
from core.providers import http
from core.providers.http import HttpClient, HttpReply, Params
from core.providers.listing import mapping
from core.providers.protocol import Done, Failure, Listing, Unclear

LONGEST_REFERENCE: Final = 200
"""Characters, as many as the column has."""
LONGEST_KEY: Final = 4096
"""Characters; a header carries it."""
_TAKEN: Final = ("already exists", "name_taken", "unique key aliases")


class Calls:
    """One parent's management calls. Nothing is tried twice."""

    def __init__(self, account: ParentAccount, client: HttpClient) -> None:
        self._base = account.base_url
        self._client = client
        self._headers = {"Authorization": f"Bearer {account.admin_key}"}

    async def make(self, *path: str, body: Mapping[str, Any]) -> HttpReply | Denied | Failure:
        """Ask for something new. An `HttpReply` is a 2xx."""
        reply = await self._call("POST", *path, body=body)
        if not isinstance(reply, HttpReply) or reply.ok:
            return reply
        if reply.kind == "json" and reply.status in {400, 409, 422}:
            taken = reply.status == 409 or any(known in http.wording(reply.json) for known in _TAKEN)
            return Denied("taken" if taken else "refused", f"status {reply.status}")
        return http.failure(reply) or Denied("refused", f"status {reply.status}")

    async def read(self, *path: str, params: Params | None = None) -> HttpReply | Failure:
        """Read a list, or a page of one. An `HttpReply` is a 2xx."""
        reply = await self._call("GET", *path, params=params)
        if not isinstance(reply, HttpReply) or reply.ok:
            return reply
        return http.failure(reply) or Unclear(f"status {reply.status}")

    async def end(self, method: str, *path: str, body: Mapping[str, Any] | None = None) -> Done | Failure:
        """End something. It is done when the parent says so, or does not know it any more."""
        reply = await self._call(method, *path, body=body)
        if not isinstance(reply, HttpReply):
            return reply
        gone = reply.status == 404 and reply.kind == "json" and not http.names_an_end(reply)
        told = mapping(reply.json)
        if reply.kind == "other" or told.get("success") is False or told.get("deleted") is False:
            return http.failure(reply) or Unclear("a success that is none")
        return Done() if reply.ok or gone else http.failure(reply) or Unclear(f"status {reply.status}")

    async def _call(
        self, method: str, *path: str, params: Params | None = None, body: Mapping[str, Any] | None = None
    ) -> HttpReply | Failure:
        # A reference came from the parent: it is a name there, and must not become another path.
        url = "/".join((self._base, *(quote(part, safe="") for part in path)))
        return await self._client.call(method, url, headers=self._headers, params=params, json_body=body)


def made(reference: Any, api_key: Any) -> Made | Unclear:
    """What an answer says was made. One without a key made something nonetheless, which nobody can use."""
    known = reference_of(reference)
    if known is None or not isinstance(api_key, str) or not _is_bare(api_key, LONGEST_KEY):
        return Unclear("an answer without a key")
    return Made(known, api_key)


def reference_of(value: Any) -> str | None:
    """The name that a parent has for one of its subaccounts; None where it could be neither stored nor part of a path."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    reference = str(value)
    return reference if _is_bare(reference, LONGEST_REFERENCE) and reference.strip(".") else None


def listed(rows: Any, reference: str, name: str) -> dict[str, Existing] | Unclear:
    """The rows of a list, by their references. A row without one may be what is looked for: the list says nothing."""
    if not isinstance(rows, list):
        return Unclear("not a list of subaccounts")
    found = {}
    for row in map(mapping, rows):
        known = reference_of(row.get(reference))
        if known is None:
            return Unclear("a list with a row that refers to nothing")
        found[known] = Existing(known, str(row.get(name)))
    return found


def of_name(found: Listing[Existing] | Failure, name: str) -> Listing[Existing] | Failure:
    """Of a whole list those that are called exactly so."""
    return Listing(tuple(one for one in found.items if one.name == name)) if isinstance(found, Listing) else found


def _is_bare(value: str, longest: int) -> bool:
    """One word of visible ASCII, as a header and a column take it."""
    return 0 < len(value) <= longest and value.isascii() and value.isprintable() and " " not in value
