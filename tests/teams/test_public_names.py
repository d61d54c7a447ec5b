"""A pool has a name for staff, and may have another one that people read."""

from __future__ import annotations

from bots.terminal_chat.chat import TerminalChat
from core.actors import SYSTEM, Role
from core.teams import pools
from tests.support.house import open_house


async def test_people_read_the_public_name_and_staff_go_on_with_theirs(database_url: str):
    async with open_house(database_url, seats=1, workspaces=1) as house:
        codes = await house.make_codes(3)
        staff = TerminalChat(house.core, identity="staff", role=Role.OWNER)
        person = TerminalChat(house.core, identity="ann")

        async def said(chat: TerminalChat, text: str) -> str:
            return (await chat.send(text))[-1].text

        shown = await said(staff, "/pool set default public Gold seats stock=on")
        assert "Gold seats" in shown
        assert "**default**".strip("*") in shown
        assert "Gold seats" in await said(person, f"/verify {codes[0]}")
        assert "Gold seats" in await said(person, "/stock")
        assert "default" in await said(staff, f"/verify {codes[0]}")
        await house.redeem("first@example.com", codes[0], key="first")
        full = await said(person, f"ann@example.com {codes[1]}")
        assert "default" not in full
        [join] = [label for label in person.labels if "wait" in label.lower()]
        assert "Gold seats" in (await person.press(join))[-1].text
        assert "Gold seats" in await said(person, "/myseat")
        assert (await pools.change_pool(house.core, SYSTEM, "default", public_name=None)).public_name is None
        assert "default" in await said(person, "/stock")
