"""Codes as people really write them: in other scripts, of letters only, and the one from the example."""

from __future__ import annotations

from core.actors import SYSTEM
from core.codes import codes
from core.rules.codes import canonical
from tests.stories.conftest import OpenStory

ME = "me@example.com"
TEAM = "Workspace 1"
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
ALIKE = str.maketrans("ABCEHKMOPTXYabcehkmoptxy", "АВСЕНКМОРТХУавсенкмортху")


async def test_digits_of_another_script_and_letters_that_look_alike(story: OpenStory):
    async with story(seats=4) as chat:
        [code, other] = await chat.house.make_codes(2)
        done = chat.words("redeemed-invited", address=ME, team=TEAM)
        assert done in await chat.say(f"{ME} {code.translate(ARABIC)}")
        two = chat.words("redeemed-invited", address="you@example.org", team=TEAM)
        assert two in await chat.say(f"you@example.org {other.translate(ALIKE)}")


async def test_the_example_sent_back(story: OpenStory):
    async with story() as chat:
        assert chat.words("error-example_code") in await chat.say("TEAM-1234-5678-9ABC-DEFG")
        answer = await chat.say("you@example.com TEAM-1234-5678-9ABC-DEFG")
        assert chat.words("error-example_code") in answer
        assert chat.words("error-example_code") in await chat.say("/verify TEAM-1234-5678-9ABC-DEFG")
        assert await chat.house.value("SELECT count(*) FROM attempts") == 0


async def test_a_code_of_letters_only(story: OpenStory):
    async with story(seats=4) as chat:
        await codes.import_codes(
            chat.house.core, SYSTEM, ["QWERTZUP", "ASDFGHJK", "YXCVBNMQ"], codes.BatchPlan(count=1)
        )
        assert chat.words("redeemed-invited", address="a@example.com", team=TEAM) in await chat.say(
            "a@example.com QWERTZUP"
        )
        answer = await chat.say("/redeem b@example.com asdfghjk")
        assert chat.words("redeemed-invited", address="b@example.com", team=TEAM) in answer
        await chat.say("c@example.com")
        assert chat.words("redeemed-invited", address="c@example.com", team=TEAM) in await chat.say("YXCVBNMQ")


async def test_a_word_of_that_length_is_a_guess_only_where_a_code_is_asked_for(story: OpenStory):
    async with story() as chat:
        await codes.import_codes(chat.house.core, SYSTEM, ["QWERTZUP"], codes.BatchPlan(count=1))
        assert chat.words("not-understood") in await chat.say("whatever")
        guesses = "SELECT coalesce(sum(count), 0) FROM attempts WHERE kind = 'guess'"
        assert await chat.house.value(guesses) == 0
        await chat.say("d@example.com")
        assert chat.words("error-code_refused") in await chat.say("whatever")
        assert await chat.house.value(guesses) == 1
        assert canonical("whatever") == "WHATEVER"


async def test_words_are_looked_up_no_more_often_than_codes_may_be_tried(story: OpenStory):
    async with story(limits={"attempts": 2}) as chat:
        await codes.import_codes(chat.house.core, SYSTEM, ["QWERTZUP"], codes.BatchPlan(count=1))
        for word in ("qwertzua", "qwertzub"):
            assert chat.words("not-understood") in await chat.say(word)
        assert chat.words("not-understood") in await chat.say("QWERTZUP")
