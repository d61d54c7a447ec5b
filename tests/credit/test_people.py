"""Credit follows its person: when two identities become one, when somebody takes their data along, or is erased."""

from __future__ import annotations

import sqlalchemy as sa

from core.actors import SYSTEM, Actor, Role
from core.calls.orders import CallProgress, OpenedCall
from core.credit import grants
from core.credit.report import wallet_of
from core.people import people, staff
from core.people.credit_privacy import join_credit
from core.people.privacy import erase_person, export_person
from core.reports.doctor import examine
from core.storage.all_tables import metadata
from tests.support.credit import Bank, open_bank

ONE, TWO = Actor("telegram", "1"), Actor("discord", "2")


async def well(bank: Bank) -> None:
    await bank.books_balance()
    assert [finding for finding in await examine(bank.core, SYSTEM) if finding.breaches] == []


async def test_two_people_who_become_one_have_together_what_they_had(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        await bank.grant("2", "discord:2")
        await bank.grant("vip", "discord:2")
        ids = [
            await bank.core.write(people.person_of, who.platform, who.identity, bank.core.now()) for who in (ONE, TWO)
        ]
        await bank.core.write(join_credit, ids[1], ids[0], bank.core.now())
        found = await wallet_of(bank.core, ONE, ONE)
        assert (found.credit, found.plan.name) == (3_000_000, "vip")
        await well(bank)


async def test_what_a_call_gives_back_follows_its_asker(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        await bank.grant("2", "discord:2")
        ids = [
            await bank.core.write(people.person_of, who.platform, who.identity, bank.core.now()) for who in (ONE, TWO)
        ]

        async def join(progress: CallProgress) -> None:
            if isinstance(progress, OpenedCall):
                await bank.core.write(join_credit, ids[0], ids[1], bank.core.now())

        answer = await bank.ask("q1", deliver=join)
        assert 0 < answer.charged < answer.claimed
        assert await bank.left("discord:2") == 3_000_000 - answer.charged
        await well(bank)


async def test_whoever_gave_or_took_credit_is_forgotten_in_the_books(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        admin, staff_member = Actor("telegram", "470815"), Actor("discord", "150847")
        for who in (admin, staff_member):
            await bank.core.write(people.person_of, who.platform, who.identity, bank.core.now())
            await staff.grant(bank.core, SYSTEM, who.key, Role.ADMIN)
            signed_in = await people.recognise(bank.core, who.platform, who.identity, chat_id=who.identity)
            await grants.give(bank.core, signed_in, ONE, "3", reason="a test")
            await grants.give(bank.core, signed_in, ONE, "-1", reason="a test")
        before = await bank.value("SELECT count(*) FROM ledger WHERE actor LIKE 'telegram:%'")
        assert before == 2
        await staff.revoke(bank.core, SYSTEM, admin.key)
        await erase_person(bank.core, admin)
        assert await bank.value("SELECT count(DISTINCT actor) FROM ledger WHERE actor LIKE 'erased:%'") == 1
        assert await bank.value("SELECT count(*) FROM ledger WHERE actor LIKE 'discord:150847'") == 2

        def everything(tx: sa.Connection) -> str:
            return str([tx.execute(sa.select(table)).all() for table in metadata.sorted_tables])

        assert "470815" not in await bank.core.read(everything)
        await well(bank)


async def test_an_erased_person_leaves_the_books_and_nothing_else(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        await bank.add_source("mine", owner="telegram:1", api_key="sk-very-secret")
        await bank.ask("q1", actor=ONE)
        exported = await export_person(bank.core, ONE)
        assert [one["charged"] for one in exported["calls"]] == [0]  # by their own account
        assert exported["wallets"][0]["left"] == 1_000_000
        await erase_person(bank.core, ONE)
        assert await bank.value("SELECT count(*) FROM wallets WHERE person_id IS NOT NULL") == 0
        assert await bank.value("SELECT count(*) FROM calls WHERE person_id IS NOT NULL OR answer IS NOT NULL") == 0
        assert await bank.value("SELECT length(credential) FROM sources WHERE removed_at IS NOT NULL") == 0
        assert await bank.value("SELECT count(*) FROM ledger") > 0
        await well(bank)
        await bank.grant("1")  # somebody new under the same identity
        assert await bank.left() == 1_000_000
