"""Everything the adapters send is what the upstream's published description allows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from scim2_models import Context, Group, PatchOp, User

from core.providers.http import HttpClient, HttpReply, Limits
from core.providers.protocol import Failure, Workspace
from core.providers.registry import open_provider, parse_session
from core.sandbox import Sandbox
from tests.providers import contract


class Recording(HttpClient):
    """The real client, with a note of what went out."""

    def __init__(self) -> None:
        super().__init__(Limits(total=5))
        self.sent: list[tuple[str, str, list[tuple[str, str | int]], Any]] = []

    async def call(self, method: str, url: str, **what: Any) -> HttpReply | Failure:
        params = what.get("params") or []
        self.sent.append(
            (method, url, list(params.items() if isinstance(params, dict) else params), what.get("json_body"))
        )
        return await super().call(method, url, **what)


async def everything(name: str, **more: Any) -> tuple[str, Recording]:
    """Make every call an adapter has, and return the base address and what was sent."""
    async with Sandbox(workspaces=1, seats=8, latency_ms=0) as sandbox, Recording() as http:
        contract.set_stage(sandbox)
        parsed = parse_session({**sandbox.sessions(name)[0], **more}, name)
        provider = open_provider(
            Workspace(parsed.provider, parsed.external_id, parsed.credential, parsed.base_url), http
        )
        for call in ("check", "seats", "members", "pending", "look_up", "invite", "cancel", "remove"):
            answer = await contract.make(provider, call, await contract.aim_at(provider, call))
            assert "un" not in contract.worded(answer)[:2], (call, answer)
        await provider.invite(contract.NEW, resend=True)
        await provider.look_up("nobody@people.example")
        sandbox.world.join(sandbox.world.spaces["ws-1"], contract.MEMBER)  # taken out above
        await provider.invite(contract.MEMBER)
        return str(parsed.base_url), http


# Method, path and the parameters or fields that the API reference gives, required ones marked by an asterisk.
ADMIN_API = {
    ("GET", r"/organization/invites"): {"limit", "after"},
    ("POST", r"/organization/invites"): {"email*", "role*", "projects"},
    ("DELETE", r"/organization/invites/[\w-]+"): set(),
    ("GET", r"/organization/users"): {"limit", "after", "emails[]"},
    ("DELETE", r"/organization/users/[\w-]+"): set(),
    ("POST", r"/organization/projects/[\w-]+/users"): {"role*", "user_id", "email"},
    ("GET", r"/organization/audit_logs"): {"limit", "after", "before", "event_types[]", "effective_at[gte]"},
}


async def test_the_admin_api_gets_only_what_it_describes():
    base, http = await everything("openai_admin", projects=["proj_1"])
    seen = set()
    for method, url, params, body in http.sent:
        path = url.removeprefix(base)
        key = next(key for key in ADMIN_API if key[0] == method and re.fullmatch(key[1], path))
        seen.add(key)
        given = {name for name, _ in params} | set(body or {})
        assert given <= {name.rstrip("*") for name in ADMIN_API[key]}, (method, url, given)
        assert {name.rstrip("*") for name in ADMIN_API[key] if name.endswith("*")} <= given
        limit = dict(params).get("limit", 1)
        assert isinstance(limit, int)
        assert 1 <= limit <= 100
        if body is not None and "/projects/" in path:
            assert body["role"] in {"owner", "member"}
            assert ("email" in body) != ("user_id" in body)
        elif body is not None:
            assert body["role"] in {"owner", "reader"}
            assert body["projects"] == [{"id": "proj_1", "role": "member"}]
    assert seen == set(ADMIN_API)


@pytest.mark.parametrize("more", [{}, {"group": "Seats"}], ids=["users", "licence-group"])
async def test_scim_bodies_are_valid_resources_and_patches(more):
    base, http = await everything("scim", **more)
    bodies = [(method, url.removeprefix(base), body) for method, url, _, body in http.sent if body is not None]
    assert {method for method, _, _ in bodies} == {"POST", "PATCH"}
    for method, path, body in bodies:
        if method == "POST":
            assert path == "/Users"
            user: Any = User.model_validate(body, scim_ctx=Context.RESOURCE_CREATION_REQUEST)
            assert user.active is True
            assert user.user_name
        else:
            patches: dict[str, Any] = {"Users": PatchOp[User], "Groups": PatchOp[Group]}
            patch = patches[path.split("/")[1]].model_validate(body, scim_ctx=Context.RESOURCE_PATCH_REQUEST)
            assert len(patch.operations) == 1
    for _, url, params, _ in http.sent:
        assert {name for name, _ in params} <= {"filter", "startIndex", "count", "cursor"}, url


CONSOLE = {
    ("POST", r"/accounts/[\w-]+/invites"): {"email_addresses", "role", "resend_emails"},
    ("GET", r"/accounts/[\w-]+/invites"): {"offset", "limit", "query"},
    ("DELETE", r"/accounts/[\w-]+/invites"): {"email_address"},
    ("GET", r"/accounts/[\w-]+/users"): {"offset", "limit", "query"},
    ("DELETE", r"/accounts/[\w-]+/users/[\w-]+"): set(),
    ("GET", r"/subscriptions"): {"account_id"},
    ("GET", r"/accounts/check/v4-2023-04-27"): set(),
}


async def test_the_chatgpt_adapter_sends_what_was_seen_in_use():
    base, http = await everything("chatgpt")
    seen = set()
    for method, url, params, body in http.sent:
        key = next(key for key in CONSOLE if key[0] == method and re.fullmatch(key[1], url.removeprefix(base)))
        seen.add(key)
        assert {name for name, _ in params} | set(body or {}) == CONSOLE[key]
    assert seen == set(CONSOLE)
