"""What comes with questions: when a sound cannot be written down, when its process dies, and when the person goes."""

from __future__ import annotations

from bots.gateway.problems import of_reason
from core.actors import SYSTEM
from core.calls import calls
from core.calls.orders import CallOrder
from core.models.protocol import CallUnclear, Finished, Question, Sound, Usage
from core.people.privacy import erase_person, export_person
from core.sources import models
from core.talk import rewording, turns
from core.talk.attached import AttachedContent
from core.talk.exporting import save_chat
from tests.support.credit import Bank, failing, open_bank, saying
from tests.talk.test_turns import HERE, ME, QUICK, over, talking, wish

SOUND = AttachedContent("voice", "voice.ogg", b"OggS" + b"\x80\x81" * 300)
PICTURE = AttachedContent("image", "fox.png", b"\x89PNG\r\n\x1a\n" + bytes(200))
LIST = AttachedContent("file", "list.csv", "狐,2".encode())
HEARING = {**QUICK, "talk": {**QUICK["talk"], "transcription_model": "ear"}}


async def hire_an_ear(bank: Bank) -> None:
    await bank.grant("1")
    await models.add_model(bank.core, SYSTEM, "ear", models.NewModel(price_input=1_000_000, price_output=2_000_000))
    await bank.add_source("listener", models=["ear"])


async def charges(bank: Bank) -> int:
    return int(await bank.value("SELECT count(*) FROM ledger WHERE kind = 'charge'"))


async def test_a_sound_that_nobody_can_write_down_costs_nothing_and_may_be_tried_again(database_url: str):
    async with open_bank(database_url, **HEARING) as bank, talking(bank):
        await hire_an_ear(bank)
        bank.desk.usual = failing(CallUnclear("no"), sent=True)
        shown = await over(bank, await turns.ask(bank.core, ME, wish("q1", "Listen", attached=[SOUND])))
        assert (shown.state, shown.reason, await charges(bank)) == ("failed", "upstream_failed", 0)
        # Silence is no question either.
        bank.desk.usual = failing(Finished("stop"), sent=True)
        shown = await over(bank, await turns.again(bank.core, ME, wish("q2")))
        assert (shown.state, shown.reason, await charges(bank)) == ("failed", "nothing_heard", 0)
        bank.desk.usual = lambda asked: saying("Who?" if asked.sound else "You", usage=Usage(input=6, output=1))(asked)
        shown = await over(bank, await turns.again(bank.core, ME, wish("q3")))
        assert (shown.text, bank.desk.questions[-1].messages[-1]["content"]) == ("You", "Listen\n\nWho?")
        # Written down once: another answer to it costs one call.
        count = len(bank.desk.questions)
        await over(bank, await turns.again(bank.core, ME, wish("q4")))
        assert (len(bank.desk.questions), await charges(bank)) == (count + 1, 3)
        await bank.books_balance()


async def test_words_that_were_paid_for_are_not_paid_for_again(database_url: str):
    """The process died between writing down and asking: the next one asks, and listens no second time."""
    heard: list[Question] = []

    def answer(asked: Question):
        if asked.sound:
            heard.append(asked)
            return saying("Who?", usage=Usage(input=6, output=1))(asked)
        return saying("You", usage=Usage(input=6, output=1), pause=0.3)(asked)

    async with open_bank(database_url, **HEARING) as bank:
        await hire_an_ear(bank)
        bank.desk.usual = answer
        kept = await turns.ask(bank.core, ME, wish("q1", attached=[SOUND]))
        async with talking(bank):
            while len(bank.desk.questions) < 2:
                await bank.value("SELECT 1")
        # It left in the middle; whoever goes on with the turn finds words where the sound was.
        async with talking(bank):
            await over(bank, kept)
        assert len(heard) == 1
        await bank.books_balance()


async def test_what_came_along_is_taken_along_and_goes_with_the_person(database_url: str):
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        await turns.ask(bank.core, ME, wish("q1", attached=[PICTURE, LIST]))
        await turns.ask(bank.core, ME, wish("q1", attached=[PICTURE, LIST]))
        assert await bank.value("SELECT count(*) FROM attachments") == 2, "the same message again is the same question"
        saved = await save_chat(bank.core, ME, HERE, "md")
        assert saved.content.endswith("\n\n[fox.png]\n\n[list.csv]\n")
        assert '"files": [' in (await save_chat(bank.core, ME, HERE, "json")).content
        taken = str(await export_person(bank.core, ME))
        assert "fox.png" in taken
        assert "狐,2" in taken
        await erase_person(bank.core, ME)
        assert await bank.value("SELECT count(*) FROM attachments") == 0


async def test_a_picture_for_a_model_that_sees_none_is_refused_before_anything_is_claimed(database_url: str):
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    question = [{"role": "user", "content": [picture]}]
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        answer = await bank.ask("q1", messages=question)
        assert (answer.state, answer.reason, answer.claimed) == ("refused", "model_sees_not", 0)
        assert of_reason("model_sees_not", answer.facts, bank.core.now()).code == "unsupported_parameter"
        assert not bank.desk.questions
        await models.change_model(bank.core, SYSTEM, "small", sees=("text", "image"))
        assert (await bank.ask("q2", messages=question)).finish == "whole"


async def test_another_wording_of_a_question_is_about_the_same_picture(database_url: str):
    async with open_bank(database_url, **QUICK) as bank, talking(bank):
        await bank.grant("1")
        await models.change_model(bank.core, SYSTEM, "small", sees=("text", "image"))
        await over(bank, await turns.ask(bank.core, ME, wish("q1", "Who?", message="5", attached=[PICTURE, LIST])))
        number = await rewording.reword(bank.core, ME, HERE, "5", "Whose?", None)
        await over(bank, await turns.again(bank.core, ME, wish("q2"), answer_id=number))
        [first], [second] = (one.messages for one in bank.desk.questions)
        assert first["content"][0]["text"].startswith("Who?\n\nlist.csv:")
        assert second["content"][0]["text"].startswith("Whose?\n\nlist.csv:")
        assert first["content"][1] == second["content"][1]
        sizes = await bank.rows("SELECT size, images FROM messages WHERE role = 'user' ORDER BY id")
        assert [tuple(row) for row in sizes] == [(sizes[0].size, 1), (sizes[0].size + 2, 1)]


async def test_another_model_that_writes_down_finds_what_the_first_one_heard(database_url: str):
    """The operator names another one between a kill and the next try: the turn ends, whatever it was asked before."""
    async with open_bank(database_url, **HEARING) as bank:
        await hire_an_ear(bank)
        await models.add_model(bank.core, SYSTEM, "ears", models.NewModel(price_input=0, price_output=0))
        await bank.add_source("another", models=["ears"])
        kept = await turns.ask(bank.core, ME, wish("q1", attached=[SOUND]))
        bank.desk.usual = failing(CallUnclear("no"), sent=True)
        number = await bank.value("SELECT id FROM attachments")
        order = CallOrder(f"turn:q1:heard:{number}:1", (), "chat", "ears", sound=Sound("voice.ogg", SOUND.content))
        assert (await calls.ask(bank.core, ME, order)).state == "settled"
        async with talking(bank):
            shown = await over(bank, kept)
        assert (shown.state, shown.reason) == ("failed", "upstream_failed")
