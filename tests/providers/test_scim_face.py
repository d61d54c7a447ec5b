"""The sandbox's SCIM face says of itself what a standard client asks first, and refuses what it does not do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from scim2_models import ResourceType, Schema, ServiceProviderConfig

from core.sandbox import Sandbox

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
EXTENSION = "urn:usher:params:scim:schemas:sandbox:2.0:User"


@pytest.fixture
async def ask(sandbox: Sandbox) -> AsyncIterator[Any]:
    """`await ask(method, path, body)`: status and body."""
    session = sandbox.sessions("scim")[0]
    headers = {"Authorization": f"Bearer {session['token']}"}
    async with aiohttp.ClientSession(headers=headers) as http:

        async def asked(method: str, path: str, body: Any = None) -> tuple[int, Any]:
            async with http.request(method, session["base_url"] + path, json=body) as answer:
                return answer.status, await answer.json(content_type=None) if answer.status != 204 else None

        yield asked


async def test_what_it_says_of_itself_is_what_the_standard_describes(ask):
    _, config = await ask("GET", "/ServiceProviderConfig")
    assert ServiceProviderConfig.model_validate(config).patch
    _, listed = await ask("GET", "/Schemas")
    schemas = {one["id"]: Schema.model_validate(one) for one in listed["Resources"]}
    assert {USER, EXTENSION} <= set(schemas)
    _, listed = await ask("GET", "/ResourceTypes")
    for one in listed["Resources"]:
        kind = ResourceType.model_validate(one)
        assert kind.schema_ in schemas
        assert await ask("GET", f"/ResourceTypes/{kind.id}") == (200, one)
    for urn in schemas:
        status, one = await ask("GET", f"/Schemas/{urn}")
        assert (status, one["id"]) == (200, urn)
    assert (await ask("GET", "/Schemas/nothing"))[0] == 404


@pytest.mark.parametrize("endpoint", ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_what_is_only_read_is_not_changed(ask, method, endpoint):
    status, error = await ask(method, endpoint, {})
    assert status == 405
    assert error["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert error["status"] == "405"


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/Users"), ("DELETE", "/Users"), ("POST", "/Groups"), ("DELETE", "/Groups/seats")]
)
async def test_what_is_not_done_there_is_405_and_what_is_nowhere_404(ask, method, path):
    assert (await ask(method, path, {}))[0] == 405
    assert (await ask(method, "/Nothing", {}))[0] == 404


async def test_a_user_is_made_read_in_part_replaced_changed_and_taken_away(ask):
    wanted = {
        "schemas": [USER],
        "userName": "ann@people.example",
        "active": True,
        "externalId": "7",
        "displayName": "Ann",
    }
    status, made = await ask("POST", "/Users", wanted)
    assert status == 201
    assert {name: made[name] for name in wanted if name != "schemas"}.items() <= wanted.items()
    place = f"/Users/{made['id']}"
    assert set((await ask("GET", f"{place}?attributes=displayName"))[1]) == {"schemas", "id", "displayName"}
    assert "displayName" not in (await ask("GET", f"{place}?excludedAttributes=displayName"))[1]
    changed = {"schemas": [PATCH], "Operations": [{"op": "Replace", "value": {"displayName": "Anna"}}]}
    assert (await ask("PATCH", place, changed))[1]["displayName"] == "Anna"
    removed = {"schemas": [PATCH], "Operations": [{"op": "remove", "path": "displayName"}]}
    assert "displayName" not in (await ask("PATCH", place, removed))[1]
    assert (await ask("PUT", place, {**wanted, "displayName": "Ann B."}))[1]["displayName"] == "Ann B."
    assert (await ask("PUT", place, {**wanted, "userName": "b@people.example"}))[1]["scimType"] == "mutability"
    found = (await ask("POST", "/.search", {"filter": 'userName eq "ANN@people.example"'}))[1]
    assert [one["id"] for one in found["Resources"]] == [made["id"]]
    assert await ask("DELETE", place) == (204, None)
    assert (await ask("GET", place))[0] == 404
