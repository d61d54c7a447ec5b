"""Who is forgotten stays forgotten: in the journal, and when a backup from before is restored."""

from __future__ import annotations

import random
from pathlib import Path

from core.actors import SYSTEM, Role
from core.credit import gifts
from core.leases import leases
from core.people import people
from core.people.privacy import erase_person
from core.restores import reconcile
from core.rules.codes import read_code
from core.rules.gifts import Giving
from core.storage.journal import Journal
from core.upkeep import retention
from tests.people.test_privacy import everything
from tests.restores.history import History, restored
from tests.restores.test_reconcile import other_url  # noqa: F401 - a fixture
from tests.support.moved import open_moved_house

ME, LATER = "me.myself@example.com", "later@example.com"


async def test_neither_a_backup_nor_the_journal_brings_back_who_is_forgotten(
    database_url: str,
    other_url: str,  # noqa: F811 - the fixture
    tmp_path: Path,
):
    directory = tmp_path / "journal"
    async with open_moved_house(database_url, journal={"directory": str(directory)}) as house:
        core = house.core
        me = await people.recognise(core, "telegram", "4711", chat_id="4711")
        newcomer = await people.recognise(core, "telegram", "4712", chat_id="4712")
        first, second, third = await house.make_codes(3)
        [gift] = await house.make_codes(1, giving=Giving("credit", 1_000_000))
        await house.redeem(ME, first, key="telegram:1:1", actor=me)
        await leases.end(core, SYSTEM, ME)
        history = History(house, random.Random(1), [])
        backup = await history.back_up(tmp_path / "backup.db")
        house.clock.move(hours=2)
        await house.redeem(LATER, second, key="telegram:1:2", actor=newcomer)
        texts = [read_code(gift, await core.shapes())]
        await gifts.take_gifts(core, newcomer, texts, request_key="telegram:1:3", seats_follow=False)
        await house.redeem("kept@example.com", third, key="telegram:1:4")
        await leases.end(core, SYSTEM, LATER, forced=True)
        for person in (me, newcomer):
            await erase_person(core, person)
        journal = Journal(directory, core.vault)
        assert "4712" in str(list(journal.read())), "today's file is still being written"
        async with restored(history, backup, other_url, directory) as again:
            await reconcile.reconcile(again.core, SYSTEM, do=True, apart=0.0)
            # How often somebody has tried is kept as long as it counts.
            there = "\n".join(
                line for line in (await everything(again)).splitlines() if not line.startswith('["telegram:47')
            )
            for word in (ME, LATER, "4711", "4712"):
                assert word not in there, word
            assert "kept@example.com" in there
            assert await again.breaches() == []
        house.clock.move(days=3)
        await retention.forget(core)
        lines = str(list(journal.read()))
        for word in (ME, LATER, "4711", "4712"):
            assert word not in lines, word
        assert "kept@example.com" in lines
        assert "{}" not in lines
        assert (await people.recognise(core, "telegram", "4712")).role is Role.ANYONE
