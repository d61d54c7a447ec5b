"""What a group has said and who pays there, where the group itself changes."""

from __future__ import annotations

from core.actors import Actor
from core.people import people
from core.talk import sponsors, turns
from core.talk.places import Place
from tests.support.credit import open_bank
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
