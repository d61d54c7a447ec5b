"""Credentials are tried before they are stored, each adapter's against its own protocol."""

from __future__ import annotations

import json

import pytest

from core.actors import SYSTEM, Actor, Role
from core.errors import NotAllowed
from core.providers.credentials import REASONS
from core.providers.registry import properties_of
from core.teams import credential_checks as team_checks
from core.teams import teams
from tests.architecture.test_texts import LANGUAGES, _messages
from tests.support.house import open_house

PROVIDERS = ["chatgpt", "openai_admin", "scim"]


async def _candidates(house, provider: str, index: int = 1, **changed: object):
    session = {**house.sandbox.sessions(provider)[index], **changed}
    return await teams.preview_teams(house.core, SYSTEM, json.dumps(session), provider=provider)


@pytest.mark.parametrize(
    ("provider", "facts", "seats", "capacity"),
    [
        ("chatgpt", {"name": "Workspace 2", "plan": "team"}, 6, 6),
        ("openai_admin", {"scopes": "users.read, invites.read"}, None, 100),
        ("scim", {"users": "2"}, None, 100),
    ],
)
async def test_what_a_good_credential_shows(provider, facts, seats, capacity, sqlite_url: str):
    async with open_house(sqlite_url, workspaces=2, seats=6, upstream={"timeout": 10.0}) as house:
        house.sandbox.world.join(house.sandbox.world.spaces["ws-2"], "ann@example.com")
        [checked] = await team_checks.check_candidates(house.core, SYSTEM, await _candidates(house, provider))
        assert checked.reason is None
        assert facts.items() <= {**checked.facts}.items()
        assert (checked.seats, checked.members, checked.candidate.capacity) == (seats, 1, capacity)
        assert house.sandbox.ledger()["invites"] == [], "nothing is changed by looking"
        assert await house.value("SELECT count(*) FROM teams") == 2


async def test_more_people_than_the_usual_seats_are_believed(sqlite_url: str):
    async with open_house(sqlite_url, workspaces=2, seats=6, upstream={"timeout": 10.0}) as house:
        for number in range(130):
            house.sandbox.world.join(house.sandbox.world.spaces["ws-2"], f"p{number}@example.com")
        [checked] = await team_checks.check_candidates(house.core, SYSTEM, await _candidates(house, "scim"))
        assert checked.candidate.capacity == 130
        [stated] = await team_checks.check_candidates(house.core, SYSTEM, await _candidates(house, "scim", seats=7))
        assert stated.candidate.capacity == 7, "what the operator wrote stands"


@pytest.mark.parametrize("provider", ["chatgpt", "scim"])
async def test_a_number_that_happens_to_be_the_usual_one_stands_as_well(provider: str, sqlite_url: str):
    async with open_house(sqlite_url, workspaces=2, seats=9, upstream={"timeout": 10.0}) as house:
        for table in ("seats WHERE team_id", "teams WHERE id"):
            await house.execute(f"DELETE FROM {table} = 2")
        usual = properties_of(provider).default_capacity
        given = await _candidates(house, provider, seats=usual)
        [checked] = await team_checks.check_candidates(house.core, SYSTEM, given)
        assert checked.candidate.capacity == usual


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("fault", "reason"),
    [("401", "credential"), ("404", "gone"), ("all:500", "unclear"), ("members:429", "rate_limited")],
)
async def test_why_a_credential_does_not_serve(provider: str, fault: str, reason: str, sqlite_url: str):
    async with open_house(sqlite_url, workspaces=2, upstream={"timeout": 10.0}) as house:
        house.sandbox.set_faults([fault], "ws-2")
        [checked] = await team_checks.check_candidates(house.core, SYSTEM, await _candidates(house, provider))
        assert checked.reason == reason


async def test_a_server_that_is_not_there(sqlite_url: str):
    async with open_house(sqlite_url, workspaces=2) as house:
        wanted = await _candidates(house, "scim", base_url="http://127.0.0.1:9/scim")
        [checked] = await team_checks.check_candidates(house.core, SYSTEM, wanted)
        assert checked.reason == "unreachable"


async def test_what_cannot_be_read_keeps_its_reason_and_strangers_may_not_try(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        wanted = await teams.preview_teams(house.core, SYSTEM, '{"provider":"openai_admin","admin_key":"sk-proj-1"}')
        [checked] = await team_checks.check_candidates(house.core, SYSTEM, wanted)
        assert checked.reason == "credential_wrong_kind"
        with pytest.raises(NotAllowed):
            await team_checks.check_candidates(house.core, Actor("telegram", "1", Role.OPERATOR), wanted)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_fact_has_words(language: str):
    outcomes = ("credential", "gone", "rate_limited", "paused", "unreachable", "unclear")
    known = _messages(language)
    assert {f"reason-{name}" for name in (*REASONS, *outcomes, "repeated_line")} <= known.keys()
    facts = ("name", "plan", "active_until", "scopes", "supports", "users", "group", "members", "seats")
    assert {f"fact-{name}" for name in facts} <= known.keys()


async def test_a_new_credential_of_a_known_team_takes_effect_at_once(database_url: str):
    """Rotation without a stop: the old one has ended, the new one is imported, and people go on."""
    async with open_house(database_url, upstream={"timeout": 10.0}) as house:
        codes = await house.make_codes(3)
        assert (await house.redeem("a@example.com", codes[0], key="a", wait=0)).state == "invited"
        space = house.sandbox.world.spaces["ws-1"]
        house.sandbox.world.revoke(space, renew=True)
        assert (await house.redeem("b@example.com", codes[1], key="b", wait=0)).state == "refused"
        assert await house.value("SELECT health FROM teams") == "expired"
        wanted = await _candidates(house, "chatgpt", index=0)
        assert [one.status for one in wanted] == ["updated"]
        [checked] = await team_checks.check_candidates(house.core, SYSTEM, wanted)
        assert checked.reason is None
        await teams.import_teams(house.core, SYSTEM, [checked.candidate])
        assert (await house.redeem("b@example.com", codes[1], key="b2", wait=0)).state == "invited"
        assert await house.value("SELECT count(*) FROM teams") == 1
        assert len(await house.rows("SELECT id FROM seats WHERE state = 'taken'")) == 2
