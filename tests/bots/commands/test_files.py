"""Files that nobody asked for, where there is somebody to ask: teams are brought in, secrets are nobody's question."""

from __future__ import annotations

import json

from core.actors import SYSTEM, Role
from core.sources import models
from tests.bots.commands.staff.test_teams import session
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import open_house

TEAMS = json.dumps(session(1))


@EACH_ON_ONE
async def test_a_list_of_teams_is_brought_in_and_never_asked_about(database_url: str, language: str):
    async with open_house(database_url, language=language) as house:
        await models.add_model(house.core, SYSTEM, "small", models.NewModel(price_input=0, price_output=0))
        staff = Desk(house, Role.ADMIN, language=language)
        answer = await staff.say("what is this?", file=TEAMS)
        assert staff.words("import-preview", new=1, updated=0, invalid=0, pool="default") in answer
        somebody = Desk(house, Role.ANYONE, identity="43", language=language)
        assert somebody.words("credential-from-anyone") in await somebody.say("what is this?", file=TEAMS)
        assert somebody.deletes()
        assert await house.value("SELECT count(*) FROM turns") == 0
        # Anything else of theirs is a question like everybody's; it is kept with its file.
        await staff.say("add these up", file="1\n2\n3\n")
        await somebody.say("", file="1\n2\n3\n")
        assert await house.value("SELECT count(*) FROM turns") == 2
        assert await house.value("SELECT count(*) FROM attachments WHERE kind = 'file'") == 2
        large = "x" * 1_100_000
        said = somebody.words("error-file_too_large", kind="file", name="teams.jsonl", most="1.02")
        assert said in await somebody.say("", file=large)
