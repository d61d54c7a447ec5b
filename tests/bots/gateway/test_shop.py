"""The shop's interface: clients of the system that was there before find themselves at home, and nothing is used twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from bots.gateway.app import OPERATIONS, Gateway
from core.actors import SYSTEM, Actor, Role
from core.alerts import alerts
from core.calls import keys
from core.people import staff
from core.rules.codes import generate
from core.rules.gifts import read_giving
from tests.support.chats import until
from tests.support.house import House, open_house

OWNER = Actor("telegram", "42")
STRANGER = Actor("telegram", "7")
SEATS = ("used_seats", "pending_seats", "available_seats")


@dataclass
class Counter:
    """The gateway before a house with seats."""

    house: House
    base: str
    session: aiohttp.ClientSession

    async def key(self, *scopes: str, of: Actor = OWNER, **limits: Any) -> str:
        name = f"{' '.join(scopes)} {len(await keys.key_list(self.house.core, SYSTEM, everybody=True))}"
        shown, _ = await keys.make_key(self.house.core, SYSTEM, name, keys.KeyRights(scopes, **limits), of=of)
        return shown

    async def ask(self, method: str, path: str, key: str | None = None, **given: Any) -> tuple[int, Any]:
        status, body, _ = await self.whole(method, path, key, **given)
        return status, body

    async def whole(
        self, method: str, path: str, key: str | None = None, *, head: dict[str, str] | None = None, **given: Any
    ) -> tuple[int, Any, Any]:
        headers = {**({"Authorization": f"Bearer {key}"} if key else {}), **(head or {})}
        async with self.session.request(method, self.base + path, headers=headers, **given) as response:
            return response.status, await response.json(), response.headers


@asynccontextmanager
async def open_counter(url: str, *, public: bool = False, **given: Any) -> AsyncIterator[Counter]:
    gateway = {"enabled": True, "port": 0, "public_redeem": public, "document": True, **given.pop("gateway", {})}
    async with open_house(url, gateway=gateway, **given) as house, aiohttp.ClientSession() as session:
        await staff.grant(house.core, SYSTEM, OWNER.key, Role.OWNER)
        stop, served = asyncio.Event(), Gateway(house.core)
        async with asyncio.TaskGroup() as group:
            group.create_task(served.run(stop))
            await until(lambda: _listens(served), 60, "the gateway did not start")
            try:
                yield Counter(house, f"http://127.0.0.1:{served.port}", session)
            finally:
                stop.set()


async def _listens(gateway: Gateway) -> bool:
    return gateway.port != 0


async def test_twenty_at_once_on_one_code_are_one_seat(database_url: str) -> None:
    async with open_counter(database_url, seats=20) as counter:
        [code] = await counter.house.make_codes()
        key = await counter.key("redeem")
        answers = await asyncio.gather(
            *(
                counter.ask("POST", "/api/redeem", key, json={"email": f"p{number}@example.com", "code": code})
                for number in range(20)
            )
        )
        assert sorted(status for status, _ in answers) == [200, *[400] * 19]
        assert {body["success"] for status, body in answers if status == 400} == {False}
        assert len(counter.house.invited()) == 1
        winner = next(number for number, (status, _) in enumerate(answers) if status == 200)
        [code] = await counter.house.make_codes()
        wish = {"email": f"p{winner}.again@example.com", "code": code}
        once = {"Idempotency-Key": "order 1"}
        answers = await asyncio.gather(
            *(counter.ask("POST", "/api/redeem", key, json=wish, head=once) for _ in range(20))
        )
        assert {(status, body["state"], body["redemption_id"]) for status, body in answers} == {
            (200, "invited", answers[0][1]["redemption_id"])
        }, "the same key at once, too, is one wish"
        assert len(counter.house.invited()) == 2
        assert await counter.house.breaches() == []


async def test_the_same_key_gets_the_first_answer_and_the_same_wish_how_it_stands(sqlite_url: str) -> None:
    async with open_counter(sqlite_url) as counter:
        first, second = await counter.house.make_codes(2)
        key = await counter.key("redeem", "verify")
        wish = {"email": "me@example.com", "code": first}
        once = {"Idempotency-Key": "order 1"}
        status, body, head = await counter.whole("POST", "/api/redeem", key, json=wish, head=once)
        assert (status, body["success"], body["state"], body["team"]) == (200, True, "invited", "Workspace 1")
        assert "me@example.com" in body["message"]
        assert head["Cache-Control"] == "no-store"
        for again in (once, {}):
            status, body = await counter.ask("POST", "/api/redeem", key, json=wish, head=again)
            assert (status, body["success"], body["repeated"]) == (200, True, True)
        other = {"email": "me@example.com", "code": second}
        status, body = await counter.ask("POST", "/api/redeem", key, json=other, head=once)
        assert (status, body["code"]) == (422, "request_key_reused")
        assert body["error"].startswith("This Idempotency-Key was sent before")
        assert len(counter.house.invited()) == 1
        status, body = await counter.ask("GET", f"/api/verify?code={second}", key)
        assert (status, body["valid"], body["team"], body["remaining_uses"]) == (200, True, "default", 1)
        status, body = await counter.ask("GET", f"/api/verify?code={first}", key, head={"Accept-Language": "zh"})
        assert (status, body["valid"], body["state"]) == (200, False, "used_up")
        assert "兑换码" in body["error"]


async def test_a_code_is_said_to_give_what_it_gives(sqlite_url: str) -> None:
    given = {"seat": (None, None), "credit:2.5": ("2.5", None), "plan:vip": (None, "vip"), "access": (None, None)}
    async with open_counter(sqlite_url) as counter:
        key = await counter.key("verify", "redeem")
        for gives, (amount, plan) in given.items():
            [code] = await counter.house.make_codes(1, giving=read_giving(gives))
            status, body = await counter.ask("GET", f"/api/verify?code={code}", key)
            assert (status, body["valid"], body["gives"]) == (200, True, gives.partition(":")[0])
            assert (body["amount"], body["plan"]) == (amount, plan)
            # What clients of the system before read stays as it was.
            assert (body["team"], body["remaining_uses"]) == ("default", 1)
            assert {"valid", "team", "remaining_uses", "expires_at"} <= body.keys()
        status, body = await counter.ask("GET", "/api/verify?code=TEAM-0000-0000-0000-0000", key)
        assert (body["valid"], body["gives"], body["amount"], body["plan"]) == (False, None, None, None)


async def test_a_code_that_gives_no_seat_is_said_to_be_good_and_where_it_is_redeemed(database_url: str) -> None:
    limits = {"wrong_codes": 2}
    async with open_counter(database_url, public=True, limits=limits) as counter:
        gifts = ("credit:2.5", "plan:vip", "access")
        codes = [(await counter.house.make_codes(1, giving=read_giving(gives)))[0] for gives in gifts]
        key = await counter.key("redeem", "verify")
        for code, said in zip(codes, ("2.5 credit", "the plan vip", "access"), strict=True):
            for caller in (key, None):
                wish = {"email": "me@example.com", "code": code}
                status, body = await counter.ask("POST", "/api/redeem", caller, json=wish)
                assert (status, body["success"], body["code"]) == (400, False, "code_gives_no_seat")
                assert said in body["error"]
                assert "private chat" in body["error"]
        many = {"email": "me@example.com", "codes": codes}
        status, body = await counter.ask("POST", "/api/redeem/batch", key, json=many, head={"Accept-Language": "zh"})
        assert (status, body["success"], body["fail_count"]) == (200, False, 3)
        assert {one["reason"] for one in body["results"]} == {"code_gives_no_seat"}
        assert ["2.5 额度" in body["results"][0]["message"], "套餐 vip" in body["results"][1]["message"]] == [
            True,
            True,
        ]
        for code in codes:
            _, body = await counter.ask("GET", f"/api/verify?code={code}", key)
            assert (body["valid"], body["remaining_uses"]) == (True, 1)
        # Of one that cannot be redeemed nothing is told, and it counts as a guess.
        await counter.house.execute("UPDATE codes SET status = 'disabled'")
        wish = {"email": "me@example.com", "code": codes[0]}
        status, body = await counter.ask("POST", "/api/redeem", json=wish)
        assert (status, body["code"]) == (400, "code_refused")


async def test_several_codes_in_one_wish_are_answered_one_by_one(sqlite_url: str) -> None:
    async with open_counter(sqlite_url, workspaces=2) as counter:
        first, second = await counter.house.make_codes(2)
        # A text field that was cut into lines has empty ones.
        given = {"email": "me@example.com", "codes": [first, "TEAM-0000-0000-0000-0000", "nonsense", "", second]}
        status, body = await counter.ask("POST", "/api/redeem/batch", await counter.key("redeem"), json=given)
        assert status == 200
        assert (body["success"], body["success_count"], body["fail_count"]) == (True, 2, 3)
        assert [one["success"] for one in body["results"]] == [True, False, False, False, True]
        assert [one["code"] for one in body["results"]] == given["codes"]
        many = {"email": "me@example.com", "codes": ["x"] * 21}
        status, body = await counter.ask("POST", "/api/redeem/batch", await counter.key("redeem"), json=many)
        assert (status, body["code"]) == (400, "invalid_value")


async def test_without_a_key_only_where_that_is_open_and_then_by_address(sqlite_url: str) -> None:
    wish = {"email": "me@example.com", "code": "TEAM-0000-0000-0000-0000"}
    async with open_counter(sqlite_url) as counter:
        for method, path in (("POST", "/api/redeem"), ("GET", "/api/verify?code=x"), ("GET", "/api/admin/stats")):
            status, body = await counter.ask(method, path, json=wish)
            assert (status, body["success"], body["code"]) == (401, False, "key_unknown")
        status, body = await counter.ask("POST", "/admin/login", json={"password": "admin123"})
        assert (status, body["success"], body["code"]) == (410, False, "use_a_key")
    limits = {"attempts": 3, "wrong_codes": 2}
    async with open_counter(sqlite_url, public=True, limits=limits, gateway={"behind": ["127.0.0.1"]}) as counter:
        codes = await counter.house.make_codes(3)
        here, there = {"X-Forwarded-For": "198.51.100.1"}, {"X-Forwarded-For": "6.6.6.6, 198.51.100.2"}
        status, _ = await counter.ask("POST", "/api/redeem", json={**wish, "code": codes[0]}, head=here)
        assert status == 200
        answers = [
            await counter.whole("GET", f"/api/verify?code={bad}", head=here) for bad in (generate() for _ in range(3))
        ]
        locked = [(status, head) for status, _, head in answers if status == 429]
        assert locked
        assert int(locked[0][1]["Retry-After"]) > 60
        status, body = await counter.ask("POST", "/api/redeem", json={**wish, "code": codes[1]}, head=there)
        assert (status, body["success"]) == (200, True), "another address has its own count"
        for _ in range(3):
            status, body = await counter.ask("POST", "/api/redeem", json={**wish, "code": codes[1]}, head=there)
        assert (status, body["code"]) == (429, "too_many_attempts")
        kept = str([tuple(row) for row in await counter.house.rows("SELECT * FROM attempts")])
        kept += str([tuple(row) for row in await counter.house.rows("SELECT platform, identity FROM redemptions")])
        assert "198.51" not in kept


async def test_a_scope_is_no_more_than_its_word(sqlite_url: str) -> None:
    asked = {"body": {"email": "a@example.com", "codes": ["x"], "code": "x", "count": 1}}
    roles = {"figures": {"figures"}, "viewer": {"figures", "viewer", "verify"}, "redeem": {"redeem"}}
    roles["operator"] = {*roles["viewer"], "operator"}
    roles["admin"] = {*roles["operator"], "admin"}
    async with open_counter(sqlite_url) as counter:
        for scope, reach in roles.items():
            key = await counter.key(scope)
            for one in OPERATIONS:
                path = one.path.replace("{code_id}", "999").replace("{alert_id}", "999").replace("{index}", "999")
                given = {"json": asked["body"]} if one.body else {"params": {"code": "x"}} if one.query else {}
                status, body = await counter.ask(one.method, path, key, **given)
                assert (status == 403) == (one.scope not in reach), (scope, one.path, status, body)
                assert status < 500, (scope, one.path, body)


async def test_staff_work_by_program(database_url: str) -> None:
    async with open_counter(database_url, workspaces=2) as counter:
        house = counter.house
        key = await counter.key("admin", "redeem")
        once = {"Idempotency-Key": "spring"}
        wish = {"count": 2, "max_uses": 2, "expires_days": 30, "team_name": "Workspace 1"}
        status, made = await counter.ask("POST", "/api/admin/codes/generate", key, json=wish, head=once)
        assert (status, len(made["codes"])) == (200, 2), made
        again = await counter.ask("POST", "/api/admin/codes/generate", key, json=wish, head=once)
        assert again == (200, made)
        status, body = await counter.ask("POST", "/api/admin/codes/generate", key, json={"count": 500})
        assert (status, body["code"]) == (400, "quota_exceeded")
        _, listed = await counter.ask("GET", "/api/admin/codes?team=Workspace%201&status=active", key)
        assert [one["code"] for one in listed["codes"]] == made["codes"]
        first = listed["codes"][0]
        assert (first["max_uses"], first["used_count"], first["status"]) == (2, 0, "active")
        _, masked = await counter.ask("GET", "/api/admin/codes", await counter.key("viewer"))
        assert all(one["code"].startswith("…") for one in masked["codes"])
        toggles = [
            (await counter.ask("POST", f"/api/admin/codes/{first['id']}/toggle", key, json={}))[1]["status"]
            for _ in range(2)
        ]
        assert toggles == ["disabled", "active"]
        wish = {"email": "me@example.com", "code": first["code"]}
        assert (await counter.ask("POST", "/api/redeem", key, json=wish))[0] == 200
        status, body = await counter.ask("DELETE", f"/api/admin/codes/{first['id']}", key)
        assert (status, body["code"]) == (400, "code_has_uses")
        status, _ = await counter.ask("DELETE", f"/api/admin/codes/{listed['codes'][1]['id']}", key)
        assert status == 200
        status, body = await counter.ask("DELETE", "/api/admin/codes/987654", key)
        assert (status, body["success"]) == (404, False)
        _, body = await counter.ask("GET", "/api/admin/redemptions?limit=5", key)
        assert [(one["email"], one["invite_status"], one["team_name"]) for one in body["redemptions"]] == [
            ("me@example.com", "pending", "Workspace 1")
        ]
        _, body = await counter.ask("GET", "/api/admin/stats", key)
        assert (body["stats"]["total_redemptions"], body["stats"]["pending_invites"]) == (1, 1)
        assert [one["team_name"] for one in body["teams"]] == ["Workspace 1", "Workspace 2"]
        assert [body["teams"][0][name] for name in SEATS] == [0, 1, 3]
        [(_, address)] = house.invited()
        house.sandbox.accept(address)
        status, body = await counter.ask("POST", "/api/admin/leases/sync", key, json={"email": address})
        assert (status, body["teams"][0]["complete"]) == (200, True)
        _, body = await counter.ask("GET", "/api/admin/stats", key)
        assert [body["teams"][0][name] for name in SEATS] == [1, 0, 3]
        _, body = await counter.ask("GET", "/api/admin/leases?email=me@example.com", key)
        assert (body["leases"][0]["status"], body["leases"][0]["team_name"]) == ("active", "Workspace 1")
        move = {"email": address, "force": True}
        status, body = await counter.ask("POST", "/api/admin/leases/transfer", key, json=move)
        assert (status, body["transfers"][0]["to"]) == (200, "Workspace 2"), body
        status, body = await counter.ask("POST", "/api/admin/leases/transfer", key, json={"email": "no@example.com"})
        assert (status, body["success"]) == (404, False)
        assert await house.breaches() == []


async def test_teams_and_alerts_by_program(sqlite_url: str) -> None:
    async with open_counter(sqlite_url) as counter:
        key = await counter.key("admin")
        status, body = await counter.ask("POST", "/api/admin/teams", key, json={"name": "New"})
        assert (status, body["code"]) == (400, "bad_value")
        given = {
            "name": "New",
            "account_id": "ws-new",
            "access_token": "secret-token",
            "email": "o@example.com",
            "seats": 3,
        }
        status, body = await counter.ask("POST", "/api/admin/teams", key, json=given)
        assert (status, body["team"]["name"], body["team"]["total_seats"]) == (200, "New", 3), body
        assert "secret-token" not in str(body)
        number = body["team"]["index"]
        change = {"name": "Newer", "seats": 5, "enabled": False}
        status, body = await counter.ask("PUT", f"/api/admin/teams/{number}", key, json=change)
        assert (body["team"]["name"], body["team"]["total_seats"], body["team"]["state"]) == ("Newer", 5, "disabled")
        _, body = await counter.ask("GET", "/api/admin/teams", key)
        assert [(one["name"], one["email"], one["has_token"]) for one in body["teams"]][-1] == (
            "Newer",
            "o@example.com",
            True,
        )
        assert (await counter.ask("DELETE", f"/api/admin/teams/{number}", key))[0] == 200
        assert (await counter.ask("DELETE", f"/api/admin/teams/{number}", key))[0] == 404
        core = counter.house.core
        await core.write(alerts.raise_alert, "system", "job:9", "error", "job_failed", {"job": "9"}, core.now())
        _, body = await counter.ask("GET", "/api/admin/monitor/dashboard", key)
        assert body["data"]["alert_stats"]["error"] == 1
        _, body = await counter.ask("GET", "/api/admin/monitor/alerts?level=error&limit=5", key)
        [one] = [one for one in body["alerts"] if one["subject"] == "job:9"]
        assert (one["level"], one["resolved_at"], one["metadata"]) == ("error", None, {"job": "9"})
        status, _ = await counter.ask("POST", f"/api/admin/monitor/alerts/{one['id']}/resolve", key, json={})
        assert status == 200
        _, body = await counter.ask("GET", "/api/admin/monitor/alerts?state=resolved", key)
        assert body["alerts"][0]["resolved_by"] == OWNER.key
        status, body = await counter.ask("POST", "/api/admin/monitor/check", key)
        assert (status, body["found"]["checks_failed"]) == (200, 0)


async def test_the_document_is_what_is_served(sqlite_url: str) -> None:
    async with open_counter(sqlite_url) as counter:
        _, found = await counter.ask("GET", "/openapi.json")
        assert found["openapi"] == "3.1.0"
        described = {(method.upper(), path) for path, methods in found["paths"].items() for method in methods}
        assert {(one.method, one.path) for one in OPERATIONS} <= described
        assert ("POST", "/v1/chat/completions") in described
    async with open_counter(sqlite_url, gateway={"document": False}) as counter:
        assert (await counter.ask("GET", "/openapi.json"))[0] == 404
