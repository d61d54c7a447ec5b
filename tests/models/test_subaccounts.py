"""Accounts that a parent makes for others: one promise, three protocols, and never two of a name by our doing."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from core.models.protocol import Account, Finished
from core.models.protocol import CallUnavailable as NoSource
from core.models.registry import PARENTS, open_parent, open_upstream
from core.models.subaccounts.protocol import Denied, Existing, Made, Parent, ParentAccount
from core.providers.http import HttpClient, Limits
from core.providers.protocol import Done, Listing, Unavailable, Unclear
from core.sandbox import Sandbox
from core.sandbox.subaccounts import KINDS, SUBACCOUNT_FAULTS
from tests.models.asking import ask, ending
from tests.models.speaking import fixed, listening, said


@pytest.fixture(params=KINDS)
def kind(request) -> str:
    return request.param


@pytest.fixture
def parent(kind: str, sandbox: Sandbox, http: HttpClient) -> Parent:
    return opened(kind, sandbox, http)


def opened(kind: str, sandbox: Sandbox, http: HttpClient) -> Parent:
    found = next(one for one in sandbox.subaccounts.parents(sandbox.root) if one["adapter"] == kind)
    return open_parent(ParentAccount(found["adapter"], found["base_url"], found["admin_key"]), http)


def test_every_adapter_is_simulated():
    assert set(PARENTS) == set(KINDS)


async def test_a_subaccount_lives_and_ends(parent, sandbox, http):
    made = await parent.create("usher-7")
    assert isinstance(made, Made)
    source = open_upstream(Account("openai_compatible", f"{sandbox.root}/v1", made.api_key), http)
    assert ending(await ask(source)) == Finished("stop")
    assert sandbox.bill()["calls"][0]["account"] == f"account-1/{made.reference}"
    assert await parent.named("usher-7") == Listing((Existing(made.reference, "usher-7"),))
    assert await parent.revoke(made.reference) == Done()
    assert await parent.named("usher-7") == Listing(())
    assert await source.offers() == NoSource("credential", "status 401")
    assert await parent.revoke(made.reference) == Done(), "what is not there any more is done"


async def test_a_list_longer_than_a_page_is_read_whole(parent):
    for number in range(5):
        assert isinstance(await parent.create(f"usher-{number}"), Made)
    for number in range(5):
        found = await parent.named(f"usher-{number}")
        assert isinstance(found, Listing)
        assert len(found.items) == 1
    assert await parent.named("usher") == Listing(())
    everybody = await parent.all()
    assert isinstance(everybody, Listing)
    assert sorted(one.name for one in everybody.items) == [f"usher-{number}" for number in range(5)]


# fault → what the call says, and whether something was made.
ENDS: dict[str, tuple[Any, bool]] = {
    "applied-then-timeout": (Unclear("timed out"), True),
    "applied-then-500": (Unclear("status 500"), True),
    "no-key": (Unclear("an answer without a key"), True),
    "name-taken": (Denied, False),
    "401": (Unavailable("credential", "status 401"), False),
    "403": (Unavailable("credential", "status 403"), False),
    "429": (Unavailable("rate_limited", "status 429", 2.0), False),
    "500": (Unclear("status 500"), False),
    "reset": (Unclear, False),
}


def test_every_fault_stands_in_the_table():
    assert set(ENDS) | {"list-lag"} == set(SUBACCOUNT_FAULTS)


@pytest.mark.parametrize("fault", ENDS)
async def test_how_making_one_ends(fault, kind, sandbox):
    expected, applied = ENDS[fault]
    sandbox.set_faults([f"sub:{fault}=1"])
    async with HttpClient(Limits(connect=20, read=1.5, total=60)) as http:
        parent = opened(kind, sandbox, http)
        answer = await parent.create("usher-7")
        assert answer == expected or (isinstance(expected, type) and isinstance(answer, expected))
        found = await parent.named("usher-7")
    assert isinstance(found, Listing)
    assert len(found.items) == applied
    if fault == "name-taken":
        assert isinstance(answer, Denied)
        assert answer.reason == "taken"


async def test_an_unclear_one_is_found_ended_and_made_anew(parent, sandbox):
    """What the caller does with it: never two of a name, and the second key works."""
    sandbox.set_faults(["applied-then-500=1"])
    assert isinstance(await parent.create("usher-7"), Unclear)
    found = await parent.named("usher-7")
    assert isinstance(found, Listing)
    for one in found.items:
        assert await parent.revoke(one.reference) == Done()
    assert isinstance(await parent.create("usher-7"), Made)
    assert [one["revoked"] for one in sandbox.subaccounts.statement()["subaccounts"]] == [True, False]


async def test_a_list_may_lag_behind(parent, sandbox):
    sandbox.set_faults(["sub:list-lag=3600"])
    assert isinstance(await parent.create("usher-7"), Made)
    assert await parent.named("usher-7") == Listing(())
    sandbox.set_faults([])
    assert len((await parent.named("usher-7")).items) == 1


async def test_an_alias_is_unique_at_a_litellm_proxy(sandbox, http):
    parent = opened("litellm", sandbox, http)
    assert isinstance(await parent.create("usher-7"), Made)
    assert await parent.create("usher-7") == Denied("taken", "status 400")


@pytest.mark.parametrize(
    ("answer", "listed"),
    [
        (said(200, {"data": "x", "keys": 1}), Unclear),
        (said(200, []), Unclear),
        (fixed("<html></html>", 200, Content_Type="text/html"), Unclear),
        (said(500, {}), Unclear),
        (said(404, {"detail": "no"}), Unclear),
        (fixed("<html></html>", 403, Content_Type="text/html"), Unavailable),
    ],
)
async def test_a_list_that_cannot_be_read_says_nothing(kind, http, answer, listed):
    async with listening(answer) as (root, _):
        assert isinstance(await open_parent(ParentAccount(kind, root, "k"), http).named("usher-7"), listed)


async def test_a_row_that_cannot_be_read_may_be_the_one(kind, http):
    for row in ({"name": "usher-7", "key_alias": "usher-7"}, "0a1b", {"id": "..", "token": "..", "user_id": ".."}):
        one_page = {"data": [row], "has_more": False, "keys": [row], "total_pages": 1, "total_count": 1}
        async with listening(said(200, one_page)) as (root, _):
            assert isinstance(await open_parent(ParentAccount(kind, root, "k"), http).named("usher-7"), Unclear)


async def test_a_list_that_goes_on_nowhere_is_no_list(http):
    async with listening(said(200, {"data": [], "has_more": True, "last_id": None})) as (root, _):
        assert isinstance(await open_parent(ParentAccount("openai_admin", root, "k"), http).named("usher-7"), Unclear)


@pytest.mark.parametrize(
    ("reference", "key"),
    [
        ("..", "sk-1"),
        ("r" * 201, "sk-1"),
        ("a\x00", "sk-1"),
        ("a", ""),
        ("a", "sk 1\n"),
        ("a", "é"),
        ("a", "k" * 10**7),
    ],
    ids=["path", "long", "nul", "empty", "line", "letter", "huge"],
)
async def test_what_can_be_neither_kept_nor_sent_is_no_key(kind, http, reference, key):
    told = {"id": reference, "token": reference, "key": key, "api_key": {"value": key}}
    if kind == "plugin":
        told = {"data": {"user_id": reference, "api_key": key}}
    async with listening(said(200, told)) as (root, _):
        assert isinstance(await open_parent(ParentAccount(kind, root, "k"), http).create("usher-7"), Unclear)


@pytest.mark.parametrize(
    "answer",
    [
        said(200, {"success": False}),
        said(200, {"deleted": False}),
        fixed("<html>Sign in</html>", 200, Content_Type="text/html"),
    ],
)
async def test_an_end_is_believed_where_it_says_so(kind, http, answer):
    async with listening(answer) as (root, _):
        assert await open_parent(ParentAccount(kind, root, "k"), http).revoke("a") != Done()


async def test_a_page_that_promises_more_and_stops_is_no_list(http):
    row = {"id": "a", "name": "usher-7", "token": "a", "key_alias": "usher-7"}
    endless = {"data": [row], "has_more": True, "last_id": "a", "keys": [row], "total_pages": 9, "total_count": 9}
    for kind in ("openai_admin", "litellm"):
        async with listening(said(200, endless)) as (root, _):
            found = await open_parent(ParentAccount(kind, root, "k"), http).named("usher-7")
        assert isinstance(found, Unclear)


async def test_a_reference_stays_one_part_of_the_path(kind, http):
    paths: list[str] = []

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        paths.append(request.raw_path)
        return web.json_response({})

    async with listening(answer) as (root, _):
        await open_parent(ParentAccount(kind, root, "k"), http).revoke("../../a?b=c/d")
    assert "/../" not in paths[0]
    assert "?" not in paths[0]


async def test_a_key_of_a_litellm_proxy_is_referred_to_by_its_hash(http):
    told = {"key": "sk-1", "token": "sk-1", "token_id": "0a1b"}
    async with listening(said(200, told)) as (root, _):
        made = await open_parent(ParentAccount("litellm", root, "k"), http).create("usher-7")
    assert made == Made("0a1b", "sk-1")


def test_keys_do_not_show():
    assert "secret" not in repr(ParentAccount("plugin", "https://example.com", "secret")) + repr(Made("a", "secret"))
