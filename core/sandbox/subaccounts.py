"""Parents that make accounts for others, in three protocols: users of a plug-in, keys of litellm, service accounts.

All three work on one list. A key that is given out here is also a key of the simulated models.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import count
from typing import Any, Final

from aiohttp import web

from core.sandbox import wire
from core.sandbox.chat_accounts import ModelAccount, ModelHouse
from core.sandbox.chat_faults import Armed, ChatFaultKind
from core.sandbox.dialect import SimulatedAnswer

KINDS: Final = ("plugin", "litellm", "openai_admin")
PAGE: Final = 2
"""Rows of one page, so that every list is longer than one."""

_EVENT: Final = ChatFaultKind("before")
SUBACCOUNT_FAULTS: Final[Mapping[str, ChatFaultKind]] = {
    "applied-then-timeout": _EVENT,
    "applied-then-500": _EVENT,
    "name-taken": _EVENT,
    "no-key": ChatFaultKind("shape"),
    "list-lag": ChatFaultKind("shape", measure="number of seconds", always=True),
    "401": _EVENT,
    "403": _EVENT,
    "429": _EVENT,
    "500": _EVENT,
    "reset": _EVENT,
}


@dataclass(slots=True)
class Subaccount:
    """One account that was made. `key` is told only once, to whoever made it."""

    reference: str
    parent: str
    kind: str
    name: str
    key: str
    made_at: datetime
    revoked: bool = False


class Subaccounts:
    """Answers the management calls of every parent. `closing` ends what hangs on purpose; `latency` is in seconds."""

    def __init__(self, house: ModelHouse, closing: asyncio.Event, latency: float) -> None:
        self.faults = Armed(SUBACCOUNT_FAULTS, "sub", house.seed)
        self.made: list[Subaccount] = []
        self._house = house
        self._closing = closing
        self._latency = latency
        self._numbers = count(1)

    def reset(self) -> None:
        """Start over: no account was made."""
        self.made.clear()
        self._numbers = count(1)

    def admin_key(self, account: ModelAccount) -> str:
        """The key that management calls need."""
        digest = hashlib.sha256(f"{self._house.seed}:admin:{account.name}".encode()).hexdigest()
        return f"sk-sbx-admin-{digest[:32]}"

    def parents(self, root: str) -> list[dict[str, Any]]:
        """The address of each parent, by protocol."""
        return [
            {
                "name": account.name,
                "adapter": kind,
                "base_url": base_of(kind, root),
                "admin_key": self.admin_key(account),
            }
            for account in self._house.accounts.values()
            if account.parent is None
            for kind in KINDS
        ]

    def statement(self) -> dict[str, Any]:
        """Every account that was ever made, without its key."""
        rows = [asdict(one) | {"made_at": one.made_at.isoformat()} for one in self.made]
        return {"subaccounts": [{name: value for name, value in row.items() if name != "key"} for row in rows]}

    def speaks(self, path: str) -> bool:
        """Whether a path belongs to a parent, and there are any."""
        return bool(self._house.accounts) and _kind_of(path) is not None

    async def handle(self, request: web.BaseRequest, body: Any) -> web.StreamResponse:
        """Answer one management call."""
        kind = _kind_of(request.path) or ""
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        parent = next((one for one in self._house.accounts.values() if self.admin_key(one) == given), None)
        await asyncio.sleep(self._latency)
        if parent is None:
            return wire.response(_error(401, "invalid_api_key"))
        making = request.method == "POST" and not request.path.endswith(("/delete", "/regenerate-key"))
        struck = self.faults.draw(parent.name, calling=making)
        event = self.faults.instead(struck)
        if event in {"401", "403", "429", "500"}:
            return wire.response(_error(int(event), "refused", {"Retry-After": "2"} if event == "429" else None))
        if event == "reset":
            return wire.reset(request)
        if event == "name-taken":
            return wire.response(_taken(kind))
        answer = self._do(request, kind, parent, body if isinstance(body, dict) else {}, struck)
        if event == "applied-then-timeout":
            await self._closing.wait()
            return wire.reset(request)
        return wire.response(_error(500, "internal") if event == "applied-then-500" else answer)

    def _do(
        self,
        request: web.BaseRequest,
        kind: str,
        parent: ModelAccount,
        body: Mapping[str, Any],
        struck: Mapping[str, float],
    ) -> SimulatedAnswer:
        mine = [one for one in self.made if (one.parent, one.kind, one.revoked) == (parent.name, kind, False)]
        now = self._house.clock.now()
        listed = [one for one in mine if (now - one.made_at).total_seconds() >= struck.get("list-lag", 0.0)]
        match kind, request.method, request.path.strip("/").split("/"):
            case "plugin", "POST", ["api", "users"]:
                return self._make(kind, parent, body.get("name"), struck, 200)
            case "plugin", "GET", ["api", "users"]:
                return SimulatedAnswer(200, {"success": True, "data": [_user(one) for one in listed]})
            case "plugin", "DELETE", ["api", "users", reference]:
                return self._revoke(mine, reference, {"success": True})
            case "litellm", "POST", ["key", "generate"]:
                if any(one.name == body.get("key_alias") for one in mine):
                    return _taken(kind)
                return self._make(kind, parent, body.get("key_alias"), struck, 200)
            case "litellm", "GET", ["key", "list"]:
                return _keys(listed, request.query)
            case "litellm", "POST", ["key", "delete"]:
                keys = body.get("keys")
                reference = keys[0] if isinstance(keys, list) and keys else ""
                return self._revoke(mine, reference, {"deleted_keys": [reference]})
            case "openai_admin", "POST", [*_, "service_accounts"]:
                return self._make(kind, parent, body.get("name"), struck, 201)
            case "openai_admin", "GET", [*_, "service_accounts"]:
                return _service_accounts(listed, request.query)
            case "openai_admin", "DELETE", [*_, "service_accounts", reference]:
                deleted = {"object": "organization.project.service_account.deleted", "id": reference, "deleted": True}
                return self._revoke(mine, reference, deleted)
        return _error(404, "not_found")

    def _make(
        self, kind: str, parent: ModelAccount, name: Any, struck: Mapping[str, float], status: int
    ) -> SimulatedAnswer:
        if not isinstance(name, str) or not name:
            return _error(400, "missing_name")
        number = next(self._numbers)
        key = "sk-sbx-sub-" + hashlib.sha256(f"{self._house.seed}:{number}:{name}".encode()).hexdigest()[:32]
        one = Subaccount(f"sub-{number}", parent.name, kind, name, key, self._house.clock.now())
        self.made.append(one)
        self._house.adopt(f"{parent.name}/{one.reference}", key, parent)
        return SimulatedAnswer(status, _made(one, told="no-key" not in struck))

    def _revoke(self, mine: Iterable[Subaccount], reference: str, answer: Mapping[str, Any]) -> SimulatedAnswer:
        one = next((one for one in mine if one.reference == reference), None)
        if one is None:
            return _error(404, "not_found")
        one.revoked = True
        self._house.accounts.pop(f"{one.parent}/{one.reference}", None)
        return SimulatedAnswer(200, dict(answer))


def base_of(kind: str, root: str) -> str:
    """The base URL that an adapter of this kind takes; for service accounts the project is part of it."""
    return f"{root}/v1/organization/projects/proj_1" if kind == "openai_admin" else root


def _kind_of(path: str) -> str | None:
    if path == "/api/users" or path.startswith("/api/users/"):
        return "plugin"
    if path.startswith("/key/"):
        return "litellm"
    return "openai_admin" if "/service_accounts" in path and path.startswith("/v1/organization/projects/") else None


def _user(one: Subaccount) -> dict[str, Any]:
    return {"user_id": one.reference, "name": one.name, "status": 1}


def _made(one: Subaccount, *, told: bool) -> dict[str, Any]:
    match one.kind:
        case "plugin":
            return {"success": True, "data": _user(one) | ({"api_key": one.key} if told else {})}
        case "litellm":
            return {"key_alias": one.name, "token": one.reference, "token_id": one.reference} | (
                {"key": one.key} if told else {}
            )
    account = {"object": "organization.project.service_account", "id": one.reference, "name": one.name}
    key = {"object": "organization.project.service_account.api_key", "value": one.key, "name": "Secret Key"}
    return account | {"role": "member", "api_key": key if told else None}


def _keys(listed: list[Subaccount], query: Mapping[str, str]) -> SimulatedAnswer:
    wanted = [one for one in listed if query.get("key_alias") in {None, one.name}]
    page = int(query.get("page", "1"))
    rows = [{"token": one.reference, "key_alias": one.name} for one in wanted[(page - 1) * PAGE : page * PAGE]]
    pages = -(-len(wanted) // PAGE)
    return SimulatedAnswer(200, {"keys": rows, "total_count": len(wanted), "current_page": page, "total_pages": pages})


def _service_accounts(listed: list[Subaccount], query: Mapping[str, str]) -> SimulatedAnswer:
    start = next((place for place, one in enumerate(listed, 1) if one.reference == query.get("after")), 0)
    rows = [{"id": one.reference, "name": one.name} for one in listed[start : start + PAGE]]
    last = rows[-1]["id"] if rows else None
    more = start + PAGE < len(listed)
    return SimulatedAnswer(200, {"object": "list", "data": rows, "last_id": last, "has_more": more})


def _taken(kind: str) -> SimulatedAnswer:
    if kind == "litellm":
        return _error(400, "Key with this alias already exists. Unique key aliases across all keys are required.")
    return _error(409, "name_taken")


def _error(status: int, code: str, headers: Mapping[str, str] | None = None) -> SimulatedAnswer:
    return SimulatedAnswer(
        status, {"error": {"message": code, "type": "invalid_request_error", "code": code}}, headers or {}
    )
