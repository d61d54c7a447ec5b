"""What a changed client sends in the place of a button or a payload is refused, and is no fault of the house."""

from __future__ import annotations

import pytest

from bots.commands.dispatch import dispatch
from bots.commands.request import Chat, Request
from core.actors import Actor, Role
from core.talk import turns
from core.talk.places import Place
from core.teams.report import team_page
from tests.support.credit import open_bank
from tests.support.house import open_house

FORGED = ("\0" * 20, "abcdefghijklmnop\0", "\ud800" * 20, "abcdefghijklmnopq\udfff", "ﷺ" * 20, "x" * 40, "")
ANYBODY = Actor("telegram", "1")


@pytest.mark.parametrize("forged", FORGED)
async def test_a_forged_button_or_payload_is_refused(database_url: str, forged: str) -> None:
    async with open_house(database_url) as house:

        async def answer(text: str = "", pressed: str | None = None) -> str:
            request = Request(ANYBODY, "k", "en", Chat("telegram", "1"), text=text, pressed=pressed)
            reply = await dispatch(house.core, request)
            assert reply is not None
            return reply.key

        assert await answer(pressed=forged) == "error-button_expired"
        assert await answer(text=f"/start {forged}") != "failed"
        assert await answer(text=f"/claim {forged}x") != "failed"
        assert await house.value("SELECT count(*) FROM alerts") == 0


@pytest.mark.parametrize("name", ["Workspace 1\0", "Workspace 1\ud800"])
async def test_a_name_that_no_database_stores_is_looked_for_without_a_fault(database_url: str, name: str) -> None:
    async with open_house(database_url) as house:
        assert (await team_page(house.core, Actor("cli", "x", Role.OWNER), name)).line.name == "Workspace 1"


@pytest.mark.parametrize("text", ["/again " + "x" * 300, "/again nobody"])
async def test_a_model_that_there_is_not_is_asked_nothing(database_url: str, text: str) -> None:
    async with open_bank(database_url) as bank:
        place = Place("telegram", "1", "1", "1")
        await turns.ask(bank.core, ANYBODY, turns.TurnWish("q1", place, "en", text="Hello"))
        await turns.stop(bank.core, ANYBODY, place)
        staff = Actor("telegram", "1", Role.ADMIN)
        reply = await dispatch(bank.core, Request(staff, "k", "en", Chat("telegram", "1"), text=text))
        assert reply is not None
        assert reply.key == "error-not_found"
        assert await bank.value("SELECT count(*) FROM turns") == 1
