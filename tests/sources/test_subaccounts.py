"""Accounts that a source makes for people: one for each, whatever is killed, unclear, or asked for twice at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.util import await_only

from core.actors import SYSTEM, Actor, Role
from core.calls import calls
from core.calls.orders import CallOrder
from core.credit import grants
from core.errors import NotAllowed, NotFound
from core.models.source_lines import SourceUnreadable
from core.models.subaccounts.protocol import Made
from core.people import privacy
from core.providers.protocol import Unclear
from core.sandbox.subaccounts import KINDS
from core.service import open_core
from core.sources import own, sources, subaccounts
from core.sources import parents as parent_rows
from core.sources.report import parent_list, parents_for, subaccount_list
from core.sources.subaccounts import GivenSubaccount
from core.talk_errors import LendingOff, SubaccountRefused
from core.upkeep import rotation
from core.vault import fresh_key
from tests.support.credit import HELLO
from tests.support.house import KEY, settings_for
from tests.support.parents import Parents, line, open_parents

ANNA, BEN = Actor("telegram", "1"), Actor("discord", "2")
LAG = 61.0


async def had(parents: Parents, who: Actor = ANNA) -> GivenSubaccount:
    """What somebody has now, as they are told."""
    given = await subaccounts.give(parents.bank.core, who, "main")
    assert not given.new
    return given


@pytest.mark.parametrize("kind", KINDS)
async def test_it_answers_its_person_and_ends_with_it(database_url: str, kind: str) -> None:
    async with open_parents(database_url, kind, concurrency=2, rpm=7) as parents:
        core = parents.bank.core
        assert await parents_for(core, ANNA) == ["main"]
        given = await subaccounts.give(core, ANNA, "main")
        assert (given.state, given.new) == ("ready", True)
        assert await had(parents) == GivenSubaccount("main", "ready", given.source)
        assert await parents_for(core, ANNA) == []
        assert await parents.works(str(given.source))
        row = await core.read(sources.source_named, str(given.source))
        assert (row.concurrency, row.rpm, row.shared) == (2, 7, False)
        answer = await calls.ask(core, SYSTEM, CallOrder("q", HELLO, "test"), payer=ANNA)
        assert (answer.source, answer.charged) == (given.source, 0)
        assert parents.sandbox.bill()["calls"][0]["account"] == f"account-1/{parents.there()[0]}"
        with pytest.raises(LendingOff):
            await sources.lend(core, ANNA, str(given.source), True)
        await own.remove_own(core, ANNA, str(given.source))
        assert await parents.states() == ["ending"]
        await parents.later()
        assert (await parents.states(), parents.there()) == (["revoked"], [])
        assert (await subaccounts.give(core, ANNA, "main")).new
        assert await parents.breaches() == []


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("plugin", "applied-then-500"),
        ("litellm", "applied-then-timeout"),
        ("openai_admin", "no-key"),
        ("plugin", "500"),
    ],
)
async def test_what_stays_unclear_is_one_in_the_end(database_url: str, kind: str, fault: str) -> None:
    # Where nothing ever comes it is waited for; all that comes afterwards has as long on a machine that stands still.
    async with open_parents(database_url, kind, timeout=8.0 if "timeout" in fault else 20.0) as parents:
        parents.sandbox.set_faults([f"sub:{fault}=1"])
        assert (await subaccounts.give(parents.bank.core, ANNA, "main")).state == "unclear"
        parents.sandbox.set_faults([])
        assert (await had(parents)).state == "unclear"
        await parents.later()
        assert await parents.states() == ["unclear"], "nobody looks before the list can be believed"
        await parents.later(LAG)
        given = await had(parents)
        assert (given.state, await parents.states()) == ("ready", ["ready"])
        assert len(parents.there()) == 1
        assert await parents.works(str(given.source))
        assert await parents.bank.value("SELECT count(*) FROM notices WHERE template = 'subaccount_ready'") == 1
        assert await parents.breaches() == []


async def test_a_list_that_lags_is_not_believed(sqlite_url: str) -> None:
    async with open_parents(sqlite_url, "plugin") as parents:
        parents.sandbox.set_faults(["sub:applied-then-500=1"])
        await subaccounts.give(parents.bank.core, ANNA, "main")
        parents.sandbox.set_faults(["sub:401=3"])
        await parents.later(LAG)
        assert await parents.states() == ["unclear"], "a parent that refuses to answer has said nothing"
        parents.sandbox.set_faults([])
        await parents.later(200)
        assert (await parents.states(), len(parents.there())) == (["ready"], 1)


@pytest.mark.parametrize(("fault", "reason"), [("401", "unavailable"), ("429", "unavailable")])
async def test_what_certainly_was_not_made_is_refused_and_may_be_asked_for_again(
    sqlite_url: str, fault: str, reason: str
) -> None:
    async with open_parents(sqlite_url) as parents:
        parents.sandbox.set_faults([f"sub:{fault}=1"])
        with pytest.raises(SubaccountRefused) as refused:
            await subaccounts.give(parents.bank.core, ANNA, "main")
        assert refused.value.facts["reason"] == reason
        assert (await parents.states(), parents.asked()) == (["failed"], 0)
        assert (await subaccounts.give(parents.bank.core, ANNA, "main")).new


@pytest.mark.parametrize("kind", ["plugin", "litellm"])
async def test_two_people_at_once_and_one_of_them_twice(database_url: str, kind: str) -> None:
    async with open_parents(database_url, kind) as parents:
        core = parents.bank.core
        given = await asyncio.gather(
            *(subaccounts.give(core, who, "main") for who in (ANNA, BEN, ANNA, BEN, ANNA, ANNA))
        )
        assert sum(one.new for one in given) == 2
        assert parents.asked() == len(parents.there()) == 2
        assert await parents.states() == ["ready", "ready"]
        assert (await had(parents)).source != (await had(parents, BEN)).source


async def test_one_of_the_name_from_before_a_restore_is_replaced(sqlite_url: str) -> None:
    async with open_parents(sqlite_url) as parents:
        await subaccounts.give(parents.bank.core, ANNA, "main")
        for statement in ("DELETE FROM subaccounts", "UPDATE sources SET removed_at = created_at WHERE name <> 'main'"):
            await parents.bank.execute(statement)
        assert (await subaccounts.give(parents.bank.core, ANNA, "main")).state == "unclear"
        await parents.later()
        assert (await had(parents)).state == "ready"
        assert (parents.asked(), len(parents.there())) == (2, 1)


async def test_whoever_is_overtaken_ends_what_it_made(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that stood still between its claim and the answer: another one has settled meanwhile."""
    async with open_parents(sqlite_url, "plugin") as parents:
        core = parents.bank.core
        claim = await core.write(subaccounts._claim, core, ANNA, ANNA, "main", core.now())
        assert isinstance(claim, subaccounts.SubaccountClaim)
        await parents.later(10)
        await parents.later(LAG)
        assert await parents.states() == ["ready"]
        late = subaccounts.SubaccountClaim(claim.token, claim.id, claim.row, claim.parent, late=True)
        with pytest.raises(subaccounts.SubaccountLost):
            await subaccounts._create(core, late, claim.row.sent_at)
        assert parents.asked() == 1, "one that stood still for so long asks for nothing any more"

        async def in_vain(reference: str) -> Unclear:
            return Unclear("away")

        held_up = core.parent(claim.parent)
        held_up.revoke = in_vain  # type: ignore[method-assign]
        monkeypatch.setattr(subaccounts, "_opened", lambda *_: held_up)
        with pytest.raises(subaccounts.SubaccountLost):
            await subaccounts._create(core, late, core.now())
        monkeypatch.undo()
        assert (parents.asked(), len(parents.there())) == (2, 2)
        await parents.later()
        assert (await parents.states(), len(parents.there())) == (["ready", "revoked"], 1)
        assert await parents.works(str((await had(parents)).source))


async def test_an_older_one_of_the_name_hides_none_that_is_not_listed_yet(sqlite_url: str) -> None:
    """Service accounts may share a name: finding one says nothing of the one that was asked for just now."""
    async with open_parents(sqlite_url, "openai_admin") as parents:
        core = parents.bank.core
        await subaccounts.give(core, ANNA, "main")
        for statement in ("DELETE FROM subaccounts", "UPDATE sources SET removed_at = created_at WHERE name <> 'main'"):
            await parents.bank.execute(statement)
        parents.sandbox.subaccounts.made[0].made_at -= timedelta(hours=1)
        parents.sandbox.set_faults(["sub:list-lag=600"])
        claim = await core.write(subaccounts._claim, core, ANNA, ANNA, "main", core.now())
        assert isinstance(claim, subaccounts.SubaccountClaim)
        # The process dies with the answer.
        assert isinstance(await core.parent(claim.parent).create(claim.row.name), Made)
        await parents.later(10)
        assert (await parents.states(), parents.asked()) == (["unclear"], 2)
        parents.sandbox.set_faults([])
        await parents.later(LAG)
        assert (await parents.states(), parents.asked(), len(parents.there())) == (["ready"], 3, 1)


@pytest.mark.parametrize("whose", ["the house's", "somebody's", "one's own"])
async def test_a_parent_that_answers_with_what_is_known_gives_nothing(
    sqlite_url: str, whose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_parents(sqlite_url, "plugin") as parents:
        core = parents.bank.core
        first = await subaccounts.give(core, BEN, "main")
        if whose == "one's own":
            line = {"name": "mine", "base_url": f"{parents.sandbox.root}/v1", "models": ["small"], "api_key": "sk-mine"}
            await sources.add_source(core, SYSTEM, line, owner=ANNA)
        keys = {"the house's": "sk-main", "somebody's": parents.sandbox.subaccounts.made[0].key, "one's own": "sk-mine"}

        async def create(name: str) -> Made:
            return Made("sub-9", keys[whose])

        strange = core.parent(await core.read(parent_rows.parent_named, "main", for_all=True))
        strange.create = create  # type: ignore[method-assign]
        monkeypatch.setattr(subaccounts, "_opened", lambda *_: strange)
        assert (await subaccounts.give(core, ANNA, "main")).state == "unclear"
        for _ in range(6):
            await parents.later(4000)
        assert await parents.states() == ["ready", "unclear"]
        assert await parents.works(str(first.source)), "nobody else's is touched"
        told = "SELECT count(*) FROM alerts WHERE title = 'subaccount_stuck' AND resolved_at IS NULL"
        assert await parents.bank.value(told) == 1
        monkeypatch.undo()
        await parents.later(4000)
        assert await parents.states() == ["ready", "ready"]
        assert await parents.breaches() == []


async def test_one_that_is_to_be_revoked_is_not_switched_on_again(sqlite_url: str) -> None:
    async with open_parents(sqlite_url) as parents:
        core = parents.bank.core
        given = await subaccounts.give(core, ANNA, "main")
        await sources.remove_source(core, SYSTEM, "main")
        assert await parents.states() == ["ending"]
        with pytest.raises(NotFound):
            await own.pause_own(core, ANNA, str(given.source), resume=True)
        with pytest.raises(NotFound):
            await sources.change_source(core, SYSTEM, str(given.source), enabled=True)
        assert not (await core.read(sources.source_named, str(given.source))).enabled


async def test_a_parent_that_is_removed_meanwhile_keeps_none(postgres_url: str) -> None:
    """Whichever comes first: nobody has one of a parent that is gone."""
    async with open_parents(postgres_url) as parents:
        core = parents.bank.core
        asked = asyncio.Event()

        def asks(tx: sa.Connection) -> object:
            found = subaccounts._claim(tx, core, ANNA, ANNA, "main", core.now())
            asked.set()
            await_only(asyncio.sleep(0.5))  # the other one is at it
            return found

        async def removes() -> None:
            await asked.wait()
            await sources.remove_source(core, SYSTEM, "main")

        claim, _ = await asyncio.gather(core.write(asks), removes())
        assert isinstance(claim, subaccounts.SubaccountClaim)
        assert await parents.states() == ["ending"]
        with pytest.raises(subaccounts.SubaccountLost):
            await subaccounts._create(core, claim, core.now())
        assert parents.there() == []
        await parents.later()
        await parents.later(LAG)
        assert set(await parents.states()) == {"revoked"}


@pytest.mark.parametrize("how", ["erased", "suspended", "parent removed"])
async def test_it_is_revoked_until_the_parent_confirms_it(database_url: str, how: str) -> None:
    async with open_parents(database_url) as parents:
        core = parents.bank.core
        given = await subaccounts.give(core, ANNA, "main")
        if how == "erased":
            assert (await privacy.export_person(core, ANNA))["subaccounts"][0]["state"] == "ready"
            await privacy.erase_person(core, ANNA)
        elif how == "suspended":
            await grants.set_standing(core, SYSTEM, ANNA, "suspended", reason="a test")
        else:
            await sources.remove_source(core, SYSTEM, "main")
        parents.sandbox.set_faults(["sub:list-lag=3600"])
        await parents.later()
        if how == "suspended":
            with pytest.raises(SubaccountRefused):
                await had(parents)
        assert parents.there() == [], "it is known by its reference, whatever the list shows"
        assert await parents.states() == ["revoked"]
        with pytest.raises(NotFound):
            await core.read(sources.source_named, str(given.source))
        left = await parents.bank.value("SELECT last4 FROM parents")
        assert (left == "") == (how == "parent removed")
        assert await parents.breaches() == []


async def test_a_parent_that_does_not_answer_is_told_of_and_asked_on(sqlite_url: str) -> None:
    async with open_parents(sqlite_url) as parents:
        given = await subaccounts.give(parents.bank.core, ANNA, "main")
        await own.remove_own(parents.bank.core, ANNA, str(given.source))
        parents.sandbox.subaccounts.admin_key = lambda account: "another"  # type: ignore[method-assign]
        for _ in range(6):
            await parents.later(4000)
        assert await parents.states() == ["ending"]
        told = "SELECT count(*) FROM alerts WHERE title = 'subaccount_stuck' AND resolved_at IS NULL"
        assert await parents.bank.value(told) == 1
        del parents.sandbox.subaccounts.admin_key
        await parents.later(4000)
        assert (await parents.states(), parents.there()) == (["revoked"], [])
        assert await parents.bank.value(told) == 0


async def test_its_parents_key_changes_under_a_new_one_of_the_vault(sqlite_url: str) -> None:
    async with open_parents(sqlite_url) as parents:
        new = fresh_key()
        both = {"active": "k2", "keys": {"k1": KEY, "k2": new}}
        async with open_core(settings_for(sqlite_url, vault=both), clock=parents.clock) as core:
            assert (await rotation.rotation_left(core, SYSTEM)).left["parents"] == 1
            assert "parents" not in (await rotation.rotate_keys(core, SYSTEM)).left
        only = settings_for(sqlite_url).model_copy(
            update={"vault": settings_for(sqlite_url, vault={"active": "k2", "keys": {"k2": new}}).vault}
        )
        async with open_core(only, clock=parents.clock) as core:
            assert (await subaccounts.give(core, ANNA, "main")).state == "ready"


async def test_who_may_ask(sqlite_url: str) -> None:
    async with open_parents(sqlite_url, for_all=False) as parents:
        core = parents.bank.core
        assert await parents_for(core, ANNA) == []
        with pytest.raises(NotFound):
            await subaccounts.give(core, ANNA, "main")
        with pytest.raises(NotAllowed):
            await subaccounts.give(core, ANNA, "main", to=BEN)
        staff = Actor("telegram", "9", Role.OPERATOR)
        assert (await subaccounts.give(core, staff, "main", to=ANNA)).state == "ready"
        [parent] = await parent_list(core, staff)
        assert (parent.adapter, parent.ready, parent.under_way) == ("litellm", 1, 0)
        [one] = await subaccount_list(core, staff)
        assert (one.person, one.parent, one.state) == ("telegram:1", "main", "ready")


UNREADABLE: list[tuple[dict[str, Any], str]] = [
    ({"adapter": "other"}, "source_unknown_adapter"),
    ({"base_url": "http://example.com"}, "source_bad_address"),
    ({"base_url": "https://10.0.0.1"}, "source_private_place"),
    ({"admin_key": ""}, "source_no_key"),
    ({"for_all": 1}, "source_bad_value"),
    ({"concurrency": 0}, "source_bad_value"),
    ({"colour": "red"}, "source_unknown_field"),
]


async def test_a_parent_that_cannot_be_read(sqlite_url: str) -> None:
    async with open_parents(sqlite_url) as parents:
        for changed, reason in UNREADABLE:
            with pytest.raises(SourceUnreadable) as fault:
                await sources.add_source(parents.bank.core, SYSTEM, line(parents.sandbox, "litellm", **changed))
            assert fault.value.reason_key == reason
        mine = line(parents.sandbox, "litellm") | {"name": "mine"}
        with pytest.raises(SourceUnreadable):
            await sources.add_source(parents.bank.core, SYSTEM, mine, owner=ANNA)
