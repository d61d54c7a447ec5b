"""A model is found by a part of its name; where several have it, they are offered."""

from __future__ import annotations

from tests.bots.commands.test_clear_sentences import sitting
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import open_house

NAMES = ("sandbox-english", "sandbox-chinese", "sandbox-code", "Sandbox")


@EACH_ON_ONE
async def test_a_word_of_its_name_is_enough(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await sitting(house, language, *NAMES)
        for said, name in (("english", NAMES[0]), ("ＳＡＮＤＢＯＸ chin", NAMES[1]), ("sandbox", "Sandbox")):
            assert await desk.say(f"/model {said}") == desk.words("talk-model-chosen", model=name), "or its whole name"
        assert await desk.say("/model banana") == desk.words("error-not_found", kind="model", name="banana")
        assert desk.words("talk-models-meant", model="sand") in await desk.say("/model sand")
        assert set(NAMES) == set(desk.buttons)
        assert await desk.press(NAMES[2]) == desk.words("talk-model-chosen", model=NAMES[2])


@EACH_ON_ONE
async def test_so_it_is_where_a_question_is_asked_again(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await sitting(house, language, *NAMES)
        await desk.say("/model code")
        await desk.say("tell me of foxes")
        assert desk.words("talk-models-meant", model="ish") not in await desk.say("/again ish")
        assert desk.words("talk-models-meant", model="sandbox-") in await desk.say("/again sandbox-")
        await desk.press(NAMES[1])
        group = Desk(house, desk.role, language=language, private=False)
        assert group.words("talk-models-meant", model="sand") in await group.say("/again sand"), "no secret"
        asked = await house.rows("SELECT model FROM turns ORDER BY id")
        assert [model for (model,) in asked] == [None, NAMES[0], NAMES[1]]
