"""A person who wants to stay or to move, and staff who look after moves that do not get on."""

from __future__ import annotations

from core.actors import SYSTEM, Role
from core.leases import extensions
from core.people import people
from core.rules.terms import parse_term
from core.sync import sync
from core.teams import pools
from tests.stories.conftest import OpenStory

ME = "me@example.com"


async def test_staying_and_moving(story: OpenStory):
    async with story(workspaces=2) as chat:
        house = chat.house
        [code] = await house.make_codes(term="30d")
        assert ME in await chat.say(f"{ME} {code}")
        house.sandbox.accept(ME)
        await sync.sync_all(house.core, SYSTEM)

        # A wish to stay longer waits for staff, a typed wish to move is not offered here.
        await chat.say("/myseat")
        answer = await chat.press(chat.label("stay"))
        assert chat.words("myseat-stay-asked", team="Workspace 1", term=parse_term("30d")) in answer
        assert chat.words("error-transfer_refused", reason="not_offered", most=0) in await chat.say("/transfer")
        await pools.change_pool(house.core, SYSTEM, "default", transfer_requests=True, transfers_allowed=1)
        shown = await chat.say("/myseat")
        assert chat.words("myseat-moves-left", team="Workspace 1", count=1) in shown
        [wish] = await extensions.wishes(house.core, SYSTEM)
        facts = {"team": "Workspace 1", "term": parse_term("30d"), "address": ME, "since": wish.created_at}
        assert chat.words("myseat-asked-stay", **facts) in shown

        # The same person as staff: the wish is decided, the move is planned and cannot get on, and is looked after.
        token, _ = await people.issue_token(house.core, SYSTEM, Role.OPERATOR)
        await chat.say(f"/claim {token}")
        answer = await chat.say("/requests")
        assert chat.words("requests", count=1).split("\n")[0] in answer
        answer = await chat.press(chat.words("button-request-approve", mark="⏩", number="1"))
        assert ME in answer
        assert await house.value("SELECT state FROM extension_requests") == "approved"
        await house.execute("UPDATE seats SET open = false WHERE team_id = 2")
        await chat.say(f"/transfer {ME}")
        await chat.press(chat.label("transfer-now"))
        answer = await chat.say("/transfers")
        assert ME in answer
        assert chat.words("moved-planned") in answer
        assert ME in await chat.press(chat.words("button-transfer-retry", number="1"))
        await chat.say("/transfers cancel 1")
        assert chat.words("transfer-cancelled", number="1") in await chat.press(chat.label("confirm"))
        # What was told meanwhile may arrive with it.
        assert chat.words("transfers-none", what=chat.words("transfers-open")) in await chat.say("/transfers")
