"""Answers that public clients have met, in more variants than the sandbox has: what each adapter makes of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import pytest
from aiohttp import web

from core.providers.http import HttpClient
from core.providers.protocol import (
    Capacity,
    Done,
    Listing,
    Member,
    Provider,
    Refused,
    Standing,
    Unavailable,
    Unclear,
    Workspace,
)
from core.providers.registry import open_provider
from core.providers.scim_group import HIDDEN
from core.sandbox import Sandbox
from tests.providers import contract
from tests.providers.contract import NEW

Answers: TypeAlias = Callable[[web.BaseRequest], Awaitable[tuple[int, Any]]]


@pytest.fixture
async def upstream(http: HttpClient) -> AsyncIterator[Callable[..., Awaitable[Provider]]]:
    """`await upstream(answers)`: an adapter whose server answers so; `{(method, end of path): (status, body)}`."""
    runners = []

    async def opened(answers: dict[tuple[str, str], tuple[int, Any]], name: str = "chatgpt") -> Provider:
        async def handle(request: web.BaseRequest) -> web.Response:
            for (method, ending), (status, body) in answers.items():
                if request.method == method and request.path.endswith(ending):
                    return web.json_response(body, status=status)
            return web.json_response({"detail": "nothing here"}, status=500)

        runner = web.ServerRunner(web.Server(handle))
        await runner.setup()
        runners.append(runner)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        credential = {"access_token": "t", "admin_key": "t", "token": "t"}
        return open_provider(Workspace(name, "ws-1", credential, f"http://127.0.0.1:{port}"), http)

    yield opened
    for runner in runners:
        await runner.cleanup()


TRUE_UP = {"code": "seat_true_up_pending", "message": "1 additional seat needed"}
INVITES = ("POST", "/invites")


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        # A seat has to be bought first, however it is said.
        (401, {"detail": TRUE_UP}, Refused("full", "status 401")),
        (401, {"error": TRUE_UP}, Refused("full", "status 401")),
        (401, {"detail": "seat_true_up_pending"}, Refused("full", "status 401")),
        (400, {"detail": "1 additional seat needed"}, Refused("full", "status 400")),
        (400, {"detail": "You need to purchase more seats."}, Refused("full", "status 400")),
        (400, {"detail": "This workspace is full."}, Refused("full", "status 400")),
        (400, {"errored_emails": [NEW], "error": TRUE_UP}, Refused("full", "status 400")),
        (200, {"account_invites": [], "errored_emails": [{"email": NEW, "error": TRUE_UP}]}, Refused("full", "status 422")),
        # The bill is open.
        (401, {"error": {"code": "workspace_subscription_delinquent"}}, Unavailable("unpaid", "status 401")),
        (402, {"detail": "Payment is required."}, Unavailable("unpaid", "status 402")),
        (403, {"detail": {"code": "workspace_subscription_delinquent"}}, Unavailable("unpaid", "status 403")),
        (402, {"detail": {"code": "deactivated_workspace"}}, Unavailable("gone", "status 402")),
        (404, {"detail": {"code": "workspace_not_found"}}, Unavailable("gone", "status 404")),
        # The credential is what it always was.
        (401, {"error": {"code": "token_revoked"}}, Unavailable("credential", "status 401")),
        (401, {"errored_emails": [NEW], "error": {"code": "token_expired"}}, Unavailable("credential", "status 401")),
        # One address is refused, in every shape of the list.
        (200, {"errored_emails": [{"email_address": NEW, "error": "bad"}]}, Refused("address")),
        (200, {"errored_emails": [{"email": NEW.upper()}]}, Refused("address")),
        (200, {"errored_emails": [{"address": NEW, "reason": "bad"}]}, Refused("address")),
        (200, {"errored_emails": [NEW]}, Refused("address")),
        (200, {"errored_emails": {NEW: "not deliverable"}}, Refused("address")),
        (200, {"errored_emails": [{"error": "not deliverable"}]}, Refused("address")),
        (400, {"errored_emails": [NEW]}, Refused("address")),
        (422, {"errored_emails": [{"email": NEW, "error": "bad"}]}, Refused("address")),
        (200, {"errored_emails": [{"email": NEW, "error": "Too many requests"}]}, Unavailable("rate_limited", "named as an error", 60.0)),
        # … and nobody is refused for somebody else.
        (200, {"errored_emails": ["other@people.example"]}, Unclear("accepted without an invite", "person")),
        (200, {"account_invites": None, "errored_emails": None}, Unclear("accepted without an invite", "person")),
        (200, [], Unclear("accepted without an invite", "person")),
        # What was done is done, whatever is said beside it.
        (200, {"account_invites": [{"id": "i", "email": NEW}]}, Done("i")),
        (400, {"account_invites": [{"id": "i", "email_address": NEW}], "error": TRUE_UP}, Done("i")),
        # Changes at the same time get in each other's way.
        (409, {"detail": "Conflict."}, Unclear("a passing conflict", "nobody")),
        (409, {}, Unclear("a passing conflict", "nobody")),
        (409, {"detail": "User is already in workspace."}, Refused("already_member", "status 409")),
    ],
)  # fmt: skip
async def test_what_an_invite_is_answered(upstream, status, body, answer):
    provider = await upstream({INVITES: (status, body)})
    assert await provider.invite(NEW) == answer


@pytest.mark.parametrize(
    "address",
    [
        "account_deactivated@people.example",
        "seat_true_up_pending@people.example",
        "workspace.delinquent@people.example",
        "token_expired@people.example",
        "no.seats+already_member@people.example",
        "no-seats@already_member.example",
    ],
)
@pytest.mark.parametrize("name", ["chatgpt", "openai_admin"])
async def test_what_a_mailbox_is_called_says_nothing_of_the_team(upstream, name, address):
    body = {"error": {"message": f"'{address}' is not a valid email ({address})."}}
    provider = await upstream({INVITES: (422, body)}, name)
    assert await provider.invite(address) == Refused("address", "status 422")


def person(number: int, **more: Any) -> dict[str, Any]:
    role = "account-owner" if number == 0 else "standard-user"
    return {"id": f"user-{number}", "email": f"p{number}@people.example", "role": role, **more}


async def listed(upstream, rows: list[dict[str, Any]], what: str = "users", **more: Any) -> Provider:
    empty = {"items": [], "total": 0, "limit": 100, "offset": 0}
    body = {"items": rows, "total": len(rows), "limit": 100, "offset": 0}
    other = "invites" if what == "users" else "users"
    answers = {("GET", f"/{what}"): (200, body), ("GET", f"/{other}"): (200, empty)}
    return await upstream({**answers, ("POST", "/invites"): (200, more)})


async def test_who_is_reported_as_a_member_is_looked_up(upstream):
    rows = [person(0), person(1), person(2, deactivated_time="2026-05-01T00:00:00Z")]
    for known, answer in {
        "p1@people.example": Refused("already_member", "reported as a member, and listed"),
        "P1@people.example": Refused("already_member", "reported as a member, and listed"),
        "p2@people.example": Refused("not_allowed", "deactivated in this workspace"),
        "p3@people.example": Unclear("reported as a member, but not listed", "person"),
    }.items():
        provider = await listed(upstream, rows, already_member_emails=[known.lower()], account_invites=[])
        assert await provider.invite(known) == answer
        provider = await listed(upstream, rows, already_member_emails=[known], errored_emails=[known])
        assert await provider.invite(known) == answer


@pytest.mark.parametrize("active", [False, "False", "false"])
async def test_a_truth_value_may_be_written_as_a_text(upstream, active):
    rows = [{"id": "1", "userName": "a@people.example", "active": active}, {"id": "2", "userName": "b@people.example"}]
    answers = {
        ("GET", "/Users"): (200, {"Resources": rows, "totalResults": 2}),
        ("GET", "/ServiceProviderConfig"): (404, {}),
    }
    members = await (await upstream(answers, "scim")).members()
    assert isinstance(members, Listing)
    assert [member.reference for member in members.items] == ["2"]


async def test_members_without_an_address_count_and_match_nobody(upstream):
    provider = await listed(upstream, [person(0), person(1, email=None), person(2, email=""), person(3, email="none")])
    members = await provider.members()
    assert isinstance(members, Listing)
    assert [(one.address, one.reference) for one in members.items[1:]] == [(None, f"user-{n}") for n in (1, 2, 3)]
    assert await provider.look_up("") == Standing(None, None)
    assert await provider.look_up("none") == Standing(None, None)
    for nameless in members.items[1:]:
        assert isinstance(await provider.remove_member(nameless), Refused)


async def test_only_the_inactive_are_left_out(upstream):
    rows = [person(0), person(1, deactivated_time=None), person(2, deactivated_time="2026-05-01T00:00:00Z")]
    members = await (await listed(upstream, rows)).members()
    assert isinstance(members, Listing)
    assert [member.reference for member in members.items] == ["user-0", "user-1"]


@pytest.mark.parametrize(
    "row", [{"status": "requested"}, {"status": "Request"}, {"type": "join_request"}, {"is_request": True}]
)
async def test_who_asks_to_be_let_in_was_not_invited(upstream, row):
    invite = {"id": "i-1", "email_address": "a@people.example", "role": "standard-user"}
    provider = await listed(upstream, [invite, {"id": "i-2", "email_address": "b@people.example", **row}], "invites")
    pending = await provider.pending_invites()
    assert isinstance(pending, Listing)
    assert [one.address for one in pending.items] == ["a@people.example"]


async def test_an_invite_by_link_holds_a_seat_without_an_address(upstream):
    provider = await listed(upstream, [{"id": "i-1", "email_address": None}, {"id": "i-2"}], "invites")
    pending = await provider.pending_invites()
    assert isinstance(pending, Listing)
    assert [(one.address, one.reference) for one in pending.items] == [(None, "i-1"), (None, "i-2")]


SUBSCRIPTION = {"seats_in_use": 79, "seats_entitled": 8, "pending_invites": 1}


def kind(name: str, paid: int | None, held: int | None, available: int | None) -> dict[str, Any]:
    return {"type": name, "paid": paid, "held": held, "available": available}


@pytest.mark.parametrize(
    ("kinds", "seats", "in_use", "bought"),
    [
        (None, 8, 79, None),
        ([], 8, 79, None),
        ("much", 8, 79, None),
        ([kind("usage_based", 0, 71, None), kind("default", 8, 8, 0)], 8, 8, "default"),
        ([kind("prolite", 30, 2, 28), kind("default", 8, 5, 3)], 8, 5, "default"),
        ([kind("prolite", 30, 2, 28), kind("default", 0, 0, 0)], 30, 2, "prolite"),
        ([kind("default", None, 5, 3)], 8, 5, "default"),
        ([kind("usage_based", 0, 71, None)], 8, 79, None),
    ],
)
async def test_seats_of_the_kind_that_is_bought(upstream, kinds, seats, in_use, bought):
    provider = await upstream({("GET", "/subscriptions"): (200, {**SUBSCRIPTION, "seat_capacity": kinds})})
    assert await provider.capacity() == Capacity(seats, in_use, 1, None, bought)


async def test_an_open_bill_is_told_with_the_seats(upstream):
    provider = await upstream({("GET", "/subscriptions"): (200, {**SUBSCRIPTION, "is_delinquent": True})})
    assert (await provider.capacity()).unpaid


@pytest.mark.parametrize(
    ("kind_of_seat", "bought", "takes"),
    [
        (None, None, True),
        (None, "default", True),
        ("default", None, True),
        ("default", "default", True),
        ("prolite", "default", False),
        ("prolite", None, True),
        ("usage_based", None, False),
        ("automation", "default", False),
    ],
)
def test_whose_seat_is_counted(kind_of_seat, bought, takes):
    assert Member("a@b", "r", None, None, seat_type=kind_of_seat).takes_a_seat(bought) is takes


async def many(sandbox: Sandbox, count: int) -> None:
    space = sandbox.world.spaces["ws-1"]
    space.seats = 1000
    for number in range(count):
        sandbox.world.join(space, f"many-{number}@people.example")


@pytest.mark.parametrize("name", ["chatgpt", "scim"])
@pytest.mark.parametrize("count", [1, 2, 3, 99, 100, 101, 230])
async def test_a_total_that_is_the_pages_own_cuts_no_list(opened, sandbox, name, count):
    await many(sandbox, count - 1)  # and the owner
    sandbox.set_faults(["total-is-page"])
    members = await opened(name).members()
    assert isinstance(members, Listing), members
    assert len(members.items) == count


async def test_a_server_that_ignores_paging_is_read_at_once_or_named(opened, sandbox):
    await many(sandbox, 229)
    sandbox.set_faults(["ignores-paging"])
    assert len((await opened("scim").members()).items) == 230
    for name in ("chatgpt", "openai_admin"):
        assert await opened(name).members() == Unclear("incomplete list: the same rows again")


async def test_one_that_gives_no_more_than_a_page_is_told_apart_from_a_broken_one(upstream):
    rows = [{"id": str(number), "userName": f"p{number}@people.example"} for number in range(100)]
    body = {"totalResults": 250, "itemsPerPage": 100, "startIndex": 1, "Resources": rows}
    provider = await upstream({("GET", "/Users"): (200, body), ("GET", "/ServiceProviderConfig"): (404, {})}, "scim")
    assert await provider.members() == Unclear("the server ignores startIndex: 100 of 250 users can be read")


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"totalResults": 0, "Resources": None}, 0),
        ({"totalResults": 0}, 0),
        ({"totalResults": 0, "Resources": []}, 0),
        ({"totalResults": 3, "Resources": None}, None),
        ({"totalResults": 3}, None),
        ({}, None),
        ({"Resources": {}}, None),
    ],
)
async def test_null_is_empty_and_nothing_else_is(upstream, body, count):
    provider = await upstream({("GET", "/Users"): (200, body), ("GET", "/ServiceProviderConfig"): (404, {})}, "scim")
    members = await provider.members()
    assert (len(members.items) if isinstance(members, Listing) else None) == count


async def test_no_invites_at_all_may_be_null(opened, sandbox):
    sandbox.set_faults(["null-resources"])
    for name in ("chatgpt", "openai_admin"):
        assert await opened(name).pending_invites() == Listing(())
    assert await opened("scim").look_up("nobody@people.example") == Standing(None, None)


async def test_a_group_that_hides_its_members_is_found_out_at_the_first_invite(opened, sandbox):
    contract.set_stage(sandbox)
    sandbox.set_faults(["no-group-members"])
    provider = opened("scim", group="Seats")
    first = await provider.invite(NEW)
    assert isinstance(first, Done)
    assert first.remark == HIDDEN
    again = await provider.invite("second@people.example")
    assert isinstance(again, Done)
    assert again.remark is None, "once is enough"
    assert (await provider.look_up(NEW)).invite is not None
    sandbox.accept(NEW)
    members, pending = await provider.members(), await provider.pending_invites()
    assert len(members.items) == 4
    assert len(pending.items) == 4
    member = await contract.found_member(provider, NEW)
    assert isinstance(await provider.remove_member(member), Done)
    assert await provider.look_up(NEW) == Standing(None, None)
    assert len((await provider.members()).items) == 3


async def test_a_fresh_process_asks_before_it_believes_that_a_group_is_empty(opened, sandbox):
    contract.set_stage(sandbox)
    sandbox.set_faults(["no-group-members"])
    assert len((await opened("scim", group="Seats").members()).items) == 3


async def test_a_group_that_shows_its_members_is_not_asked_for_each(opened, sandbox):
    provider = opened("scim", group="Seats")
    first = await provider.invite(NEW)
    assert isinstance(first, Done)
    assert first.remark is None


@pytest.mark.parametrize("name", ["chatgpt", "openai_admin", "scim"])
@pytest.mark.parametrize("call", ["cancel", "remove"])
async def test_a_conflict_is_nobodys_fault(opened, sandbox, name, call):
    contract.set_stage(sandbox)
    provider = opened(name)
    aim = await contract.aim_at(provider, call)
    sandbox.set_faults([f"{call}:409-conflict"])
    answer = await contract.make(provider, call, aim)
    assert isinstance(answer, Unclear)
    assert answer.fault == "nobody"
    sandbox.set_faults([])
    assert isinstance(await contract.make(provider, call, aim), Done), "repeated after a pause"
