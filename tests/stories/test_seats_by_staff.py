"""Staff seat people without codes, and take in who is there already."""

from __future__ import annotations

from core.actors import SYSTEM
from core.sync import sync
from tests.stories.conftest import OpenStory

OWNERS = {"staff": {"owners": ["telegram:7", "discord:7", "terminal:person-7"]}}


async def test_inviting_and_taking_in(story: OpenStory):
    async with story(workspaces=2, seats=3, **OWNERS) as chat:
        house = chat.house
        house.sandbox.set_faults(["foreign-member"])
        await sync.sync_all(house.core, SYSTEM)
        house.sandbox.set_faults([])

        # Somebody is invited into a team, another one wherever there is room; asking twice invites once.
        answer = await chat.say('/invite ann@example.com "Workspace 2" term=30d')
        assert (
            chat.words("invite-invited", address="ann@example.com", team="Workspace 2", term="").split("\n")[0]
            in answer
        )
        again = await chat.say("/invite ann@example.com default")
        assert chat.words("invite-already-member", address="ann@example.com", team="Workspace 2") in again
        assert "bob@example.com" in await chat.say("/invite bob@example.com Workspace 1 1 month")
        assert chat.words("error-not_found", kind="place", name="nowhere") in await chat.say(
            "/invite cem@example.com nowhere"
        )
        assert await house.rows("SELECT term FROM leases ORDER BY id") == [("30d",), ("1mo",)]
        assert "…" not in await chat.say("/codes"), "nobody has such a code"

        # What is left is promised to codes.
        await house.make_codes(2)
        answer = await chat.say("/invite cem@example.com default")
        assert chat.words("invite-quota_exceeded", free_seats=2, unused_uses=2) in answer
        assert "cem@example.com" in await chat.say("/invite cem@example.com default override")

        # Members found upstream: shown first, then they are like everybody.
        answer = await chat.say("/adopt Workspace 1 term=1mo moves=no")
        assert chat.words("adopt", count=1) in answer
        assert chat.words("adopt-then-ends") in answer
        assert await house.value("SELECT count(*) FROM leases WHERE status = 'active'") == 0
        assert chat.words("adopted", count=1) in await chat.press(chat.label("adopt"))
        assert await house.value("SELECT count(*) FROM leases WHERE status = 'active' AND NOT auto_transfer") == 1
        assert chat.words("adopt-no-strangers", who="Workspace 1") in await chat.say("/adopt Workspace 1")
