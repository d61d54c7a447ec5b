"""What a group has said and who pays there, where the group itself changes."""

from __future__ import annotations

from core.actors import Actor
from core.models.protocol import Usage
from core.people import people
from core.service import Core, open_core
from core.storage import migrate
from core.talk import sponsors, turns
from core.talk.places import Place
from tests.support.credit import open_bank, saying
from tests.support.house import settings_for
from tests.talk.test_attached import HEARING, SOUND, charges, hire_an_ear
from tests.talk.test_turns import ME, QUICK, asked, over, talking

YOU = Actor("telegram", "2")


def group(chat: str) -> Place:
    return Place("telegram", chat, chat, chat.partition("/")[0], private=False)


async def test_a_group_that_gets_another_id_goes_on(database_url: str):
    async with open_bank(database_url, **QUICK) as bank, talking(bank):
        await bank.grant("1")
        for chat in ("-5", "-5/3", "-51"):
            await sponsors.sponsor(bank.core, ME, group(chat), 1_000_000)
            await over(bank, await turns.ask(bank.core, YOU, turns.TurnWish(chat, group(chat), "en", text=chat)))
        # Somebody has already asked under the new id: that goes on there.
        await over(bank, await turns.ask(bank.core, ME, turns.TurnWish("new", group("-9"), "en", text="new")))
        await people.move_chat(bank.core, "telegram", "-5", "-9")
        for chat, before in (("-9", "new"), ("-9/3", "-5/3"), ("-51", "-51")):
            shown = await over(
                bank, await turns.ask(bank.core, YOU, turns.TurnWish(f"{chat}!", group(chat), "en", text="?"))
            )
            assert (shown.state, shown.sponsored) == ("done", True)
            assert asked(bank)[1] == ("user", before)
        assert [one.place for one in await sponsors.sponsored_by(bank.core, ME)] == ["-51", "-9", "-9/3"]
        assert await bank.left("telegram:2") == 0
        await bank.books_balance()


async def test_a_sponsor_pays_for_what_is_spoken_within_the_same_limit(database_url: str):
    async with open_bank(database_url, **HEARING) as bank, talking(bank):
        await hire_an_ear(bank)
        bank.desk.usual = lambda asked: saying("Who?" if asked.sound else "You", usage=Usage(input=6, output=1))(asked)
        await sponsors.sponsor(bank.core, ME, group("-5"), 1_000_000)
        wish = turns.TurnWish("q1", group("-5"), "en", attached=[SOUND])
        shown = await over(bank, await turns.ask(bank.core, YOU, wish))
        assert (shown.text, await charges(bank), await bank.left("telegram:2")) == ("You", 2, 0)
        # Each of the two calls: 6 tokens in, 1 out.
        assert await spent(bank.core) == 16
        # What was not understood is tried again, and paid for again by nobody else.
        await sponsors.sponsor(bank.core, ME, group("-5"), 20)
        wish = turns.TurnWish("q2", group("-5"), "en", attached=[SOUND])
        shown = await over(bank, await turns.ask(bank.core, YOU, wish))
        assert (shown.reason, await charges(bank)) == ("sponsor_limit", 2)
        # Another group's limit is its own, whoever pays in both.
        await sponsors.sponsor(bank.core, ME, group("-6"), 1_000_000)
        assert {one.place: one.spent for one in await sponsors.sponsored_by(bank.core, ME)} == {"-5": 16, "-6": 0}
        await bank.books_balance()


async def test_what_was_paid_before_the_seventeenth_revision_counts(database_url: str):
    async with open_bank(database_url, **QUICK) as bank, talking(bank):
        await bank.grant("1")
        await sponsors.sponsor(bank.core, ME, group("-5"), 1_000_000)
        await over(bank, await turns.ask(bank.core, YOU, turns.TurnWish("q1", group("-5"), "en", text="Who?")))
        there = await spent(bank.core)
        assert there > 0
    await migrate.downgrade_database(database_url, "0016")
    await migrate.upgrade_database(database_url)
    async with open_core(settings_for(database_url)) as core:
        assert await spent(core) == there


async def spent(core: Core) -> int:
    [here] = await sponsors.sponsored_by(core, ME)
    return here.spent
