"""Keys: shown once, never wider than their person's role, gone with it, and gone at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.actors import SYSTEM, Actor, Role
from core.calls import bearers, keys
from core.credit import grants
from core.errors import BadChoice, NameTaken, NotAllowed, NotFound
from core.people import links, locks, people, privacy, staff
from core.rules.keys import PREFIX, SCOPES, is_key, whole_key
from core.service import open_core
from core.talk_errors import KeyUnknown, Suspended, TooManyKeys, TooManyWrongKeys
from core.upkeep import rotation
from core.vault import fresh_key
from tests.support.credit import open_bank
from tests.support.house import KEY, settings_for

PERSON = Actor("telegram", "1")
OTHER = Actor("telegram", "2")
HERE = "203.0.113.7"


def test_a_key_is_told_from_a_mistyped_one_by_itself() -> None:
    key = whole_key("a" * 40)
    assert is_key(key)
    for place in range(len(PREFIX), len(key)):
        assert not is_key(key[:place] + ("b" if key[place] != "b" else "c") + key[place + 1 :])
    for wrong in ("", key[:-1], key + "a", key.replace("sk-ush-", "sk-"), f" {key}", key.replace("a", "ａ")):
        assert not is_key(wrong)


async def test_a_key_is_stored_as_a_digest_and_ends_at_once(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        core = bank.core
        await grants.give(core, SYSTEM, PERSON, "vip", reason="a test")
        key, line = await keys.make_key(core, PERSON, "laptop")
        assert (line.last4, line.scopes, line.state) == (key[-4:], ["chat"], "active")
        for row in await bank.rows("SELECT * FROM keys") + await bank.rows("SELECT * FROM audit_log"):
            assert key[len(PREFIX) : -4] not in str(tuple(row))
        found = await bearers.find_bearer(core, key, HERE)
        assert (found.actor.key, found.actor.role, [*found.scopes]) == ("telegram:1", Role.ANYONE, ["chat"])
        assert await bank.value("SELECT count(*) FROM keys WHERE last_used_at IS NOT NULL") == 1
        with pytest.raises(NameTaken):
            await keys.make_key(core, PERSON, "LapTop")
        with pytest.raises(NotFound):
            await keys.set_key_state(core, OTHER, "laptop", "revoked")
        await keys.set_key_state(core, PERSON, "laptop", "paused")
        with pytest.raises(KeyUnknown):
            await bearers.find_bearer(core, key, HERE)
        assert (await bank.ask("q", key_id=line.id)).reason == "key_revoked"
        await keys.set_key_state(core, PERSON, key[-4:], "active")
        await bearers.find_bearer(core, key, HERE)
        await keys.set_key_state(core, PERSON, str(line.id), "revoked")
        with pytest.raises(KeyUnknown):
            await bearers.find_bearer(core, key, HERE)
        with pytest.raises(NotFound):
            await keys.set_key_state(core, SYSTEM, str(line.id), "active")
        ended, _ = await keys.make_key(
            core, PERSON, "short", keys.KeyRights(expires_at=core.now() - timedelta(seconds=1))
        )
        with pytest.raises(KeyUnknown):
            await bearers.find_bearer(core, ended, HERE)


async def test_a_plan_says_how_many_also_to_many_at_once(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        with pytest.raises(TooManyKeys):
            await keys.make_key(bank.core, PERSON, "none")
        await grants.give(bank.core, SYSTEM, PERSON, "vip", reason="a test")
        made = await asyncio.gather(
            *(keys.make_key(bank.core, PERSON, f"key {number}") for number in range(9)), return_exceptions=True
        )
        assert sum(isinstance(one, TooManyKeys) for one in made) == 4
        assert await keys.revoke_all_keys(bank.core, PERSON) == 5
        assert await keys.key_list(bank.core, PERSON) == []


async def test_what_a_key_had_of_a_role_goes_with_the_role(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        core = bank.core
        for scope, role in SCOPES.items():
            if role > Role.ANYONE:
                with pytest.raises(NotAllowed):
                    await keys.make_key(core, SYSTEM, scope, keys.KeyRights(scopes=[scope]), of=PERSON)
        with pytest.raises(BadChoice):
            await keys.make_key(core, SYSTEM, "odd", keys.KeyRights(scopes=["owner"]), of=PERSON)
        await staff.grant(core, SYSTEM, PERSON.key, Role.OPERATOR)
        plain, _ = await keys.make_key(core, PERSON, "plain")
        key, _ = await keys.make_key(core, PERSON, "shop", keys.KeyRights(scopes=["operator", "verify"]))
        figures, _ = await keys.make_key(core, PERSON, "figures", keys.KeyRights(scopes=["figures"]))
        with pytest.raises(NotAllowed):
            await keys.make_key(core, PERSON, "above", keys.KeyRights(scopes=["admin"]))
        found = await bearers.find_bearer(core, key, HERE)
        assert (found.actor.role, sorted(found.scopes)) == (Role.OPERATOR, ["operator", "verify"])
        found.require("viewer")
        found.require("figures")
        with pytest.raises(NotAllowed):
            found.require("chat")
        with pytest.raises(NotAllowed):
            (await bearers.find_bearer(core, figures, HERE)).require("viewer")
        await staff.grant(core, SYSTEM, PERSON.key, Role.VIEWER)
        with pytest.raises(KeyUnknown):
            await bearers.find_bearer(core, key, HERE)
        (await bearers.find_bearer(core, figures, HERE)).require("figures")
        await staff.revoke(core, SYSTEM, PERSON.key)
        await staff.grant(core, SYSTEM, PERSON.key, Role.OPERATOR)
        for gone in (key, figures):
            with pytest.raises(KeyUnknown):
                await bearers.find_bearer(core, gone, HERE)
        await bearers.find_bearer(core, plain, HERE)
        # Whoever writes past all that still has no more than the person has.
        await bank.execute("UPDATE keys SET scopes = '[\"admin\"]', role = 'anyone'")
        assert (await bearers.find_bearer(core, plain, HERE)).scopes == frozenset()


async def test_a_key_follows_its_person(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        core = bank.core
        for one in (PERSON, OTHER):
            await people.recognise(core, one.platform, one.identity, chat_id=one.identity)
            await grants.give(core, SYSTEM, one, "vip", reason="a test")
        key, _ = await keys.make_key(core, OTHER, "laptop")
        await grants.set_standing(core, SYSTEM, OTHER, "suspended", reason="x")
        with pytest.raises(Suspended):
            await bearers.find_bearer(core, key, HERE)
        await grants.set_standing(core, SYSTEM, OTHER, "active", reason="x")
        await locks.ban(core, SYSTEM, OTHER.key, "spam", None)
        with pytest.raises(Suspended):
            await bearers.find_bearer(core, key, HERE)
        await locks.unban(core, SYSTEM, OTHER.key)
        token, _ = await links.issue_link(core, PERSON)
        link = await links.find_link(core, OTHER, token)
        assert link is not None
        await links.agree(core, OTHER, link.id)
        await links.join(core, PERSON, link.id)
        assert [one.name for one in await keys.key_list(core, PERSON)] == ["laptop"]
        await bearers.find_bearer(core, key, HERE)
        await privacy.erase_person(core, PERSON)
        with pytest.raises(KeyUnknown):
            await bearers.find_bearer(core, key, HERE)
        assert [tuple(row) for row in await bank.rows("SELECT name, person_id FROM keys")] == [("erased", None)]


async def test_guessing_is_slowed_down_by_where_it_comes_from_and_told(database_url: str) -> None:
    async with open_bank(database_url, gateway={"wrong_keys_per_minute": 3}) as bank:
        core = bank.core
        await grants.give(core, SYSTEM, PERSON, "vip", reason="a test")
        key, _ = await keys.make_key(core, PERSON, "laptop")
        guesses = [whole_key(f"{number:040}") for number in range(40)]
        for guess in guesses[:3]:
            with pytest.raises(KeyUnknown):
                await bearers.find_bearer(core, guess, HERE)
        assert await bank.value("SELECT count(*) FROM alerts") == 0
        with pytest.raises(TooManyWrongKeys):
            await bearers.find_bearer(core, guesses[3], HERE)
        await bearers.find_bearer(core, key, HERE)  # who has the right one is not shut out with them
        assert await bank.value("SELECT count FROM alerts WHERE title = 'keys_guessed'") == 1
        for number, guess in enumerate(guesses[4:30]):
            with pytest.raises(KeyUnknown):
                await bearers.find_bearer(core, guess, f"198.51.100.{number}")
        assert await bank.value("SELECT count FROM alerts WHERE title = 'keys_guessed'") == 2, "from many places"
        before = await bank.value("SELECT count(*) FROM attempts")
        for mistyped in (key[:-1] + ("a" if key[-1] != "a" else "b"), "sk-of-somebody-else"):
            with pytest.raises(KeyUnknown):
                await bearers.find_bearer(core, mistyped, "192.0.2.1")
        assert await bank.value("SELECT count(*) FROM attempts") == before
        assert HERE not in str([tuple(row) for row in await bank.rows("SELECT identity FROM attempts")])


async def test_a_key_outlives_the_key_of_the_vault_that_it_was_made_under(sqlite_url: str) -> None:
    older, newer = {"k1": KEY}, {"k1": KEY, "k2": fresh_key()}
    async with open_bank(sqlite_url, vault={"active": "k1", "keys": older}) as bank:
        await grants.give(bank.core, SYSTEM, PERSON, "vip", reason="a test")
        key, _ = await keys.make_key(bank.core, PERSON, "laptop")
    async with open_core(settings_for(sqlite_url, vault={"active": "k2", "keys": newer})) as core:
        assert (await rotation.rotate_keys(core, SYSTEM)).left["keys"] == 1
        await bearers.find_bearer(core, key, HERE)
        assert "keys" not in (await rotation.rotation_left(core, SYSTEM)).left
    only = {"active": "k2", "keys": {"k2": newer["k2"]}}
    async with open_core(settings_for(sqlite_url, vault=only)) as core:
        await bearers.find_bearer(core, key, HERE)
