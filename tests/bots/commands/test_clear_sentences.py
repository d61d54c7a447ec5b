"""What was mistyped, or says nothing, gets one clear sentence and the next step, and costs nothing."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bots.commands.catalogue import find_command, nearest
from bots.commands.dispatch import dispatch
from bots.commands.meant import MEANT
from bots.commands.member.answered import pushed
from bots.commands.request import Chat, Request
from bots.messages.reply import Reply
from core.actors import SYSTEM, Role
from core.credit import grants
from core.sources import models, sources
from core.storage.chat_tables import turns as table
from core.talk import turns
from core.talk.places import Place
from core.talk_errors import NothingAsked
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import House, open_house

ACCOUNT = {"name": "main", "base_url": "http://127.0.0.1:1/v1", "api_key": "sk-1", "models": ["small", "large"]}
UNSEEN = ["\u200b", "\u200f\u202e", "\ufe0f", "/", "\uff0f", "/ask \u200b", "\u2800", "\ud800", "\x00"]


async def sitting(house: House, language: str, *names: str) -> Desk:
    for name in names or ("small",):
        await models.add_model(house.core, SYSTEM, name, models.NewModel(price_input=1_000_000, price_output=2_000_000))
    await sources.add_source(house.core, SYSTEM, {**ACCOUNT, "models": [*(names or ("small",))]})
    sat = Desk(house, Role.ANYONE, language=language)
    await grants.give(house.core, SYSTEM, sat._actor(), "1", reason="a test")
    return sat


@EACH_ON_ONE
async def test_what_shows_nothing_is_not_asked(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await sitting(house, language)
        for said in UNSEEN:
            await desk.say(said)
            asks = desk.reply.key == "ask-ask-text"
            assert asks or desk.said == desk.words("error-nothing_asked"), (said, desk.said)
            if asks:
                await desk.say("/cancel")
        here = Place("telegram", "42", "42", "42")
        with pytest.raises(NothingAsked):
            await turns.ask(house.core, desk._actor(), turns.TurnWish("k", here, "en", text="\u200b"))
        assert await house.value("SELECT count(*) FROM turns") == 0
        assert await house.value("SELECT count(*) FROM messages") == 0
        await desk.say("/ help")
        assert await house.value("SELECT count(*) FROM turns") == 0, "a known name behind a slash is a command"
        await desk.say("/ or not, that is the question")
        assert await house.value("SELECT count(*) FROM turns") == 1


@EACH_ON_ONE
async def test_names_of_elsewhere_lead_to_ours(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await sitting(house, language)
        await desk.say("tell me of foxes")
        assert desk.words("error-unknown_command", name="title", nearest="chats rename") in await desk.say("/title")
        await desk.press("/chats rename")
        assert desk.reply.key == "chats-ask-title"
        assert "Foxes" in await desk.say("Foxes")
        assert "Wolves" in await desk.say("/chats rename Wolves")
        await desk.say("/regenerate")
        await desk.press("/again")
        assert desk.reply.key in {"talk-asked-again", "talk-waits"}
        await desk.say("/limit")
        await desk.press("/wallet limit")
        assert desk.reply.key == "wallet-limit-ask"


def test_each_name_of_elsewhere_leads_to_something_there_is():
    for name, ours in MEANT.items():
        command, _, word = ours.partition(" ")
        found = find_command(command)
        assert found is not None
        assert found.role == Role.ANYONE
        assert nearest(name, Role.ANYONE) == ours
        assert find_command(name) is None
        action = found.argument("action")
        assert not word or found.argument(word) is not None or (action is not None and word in action.choices), ours


@EACH_ON_ONE
async def test_what_cannot_be_meant_is_said_in_one_sentence(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await sitting(house, language)
        await desk.say("tell me of foxes")
        assert await desk.say("/again nope really") == desk.words("error-not_found", kind="model", name="nope really")
        await desk.say("/usage banana")
        assert desk.words("ask-any", argument=desk.words("label-window")) not in desk.said
        assert desk.words("choice-7d") in desk.buttons
        # What looks like a wish for a summary, and may be a title.
        await desk.say("/new from nowhere")
        assert desk.said == desk.words("talk-new-from-what", title="from nowhere")
        assert await house.value("SELECT count(*) FROM conversations") == 1
        called, summary = desk.words("button-new-called", title="from nowhere"), desk.words("button-new-from")
        assert {called, summary} <= desk.buttons.keys()
        buttons = dict(desk.buttons)
        assert desk.words("talk-new", title="from nowhere") == await desk.press(called)
        await desk.say("/chats resume 1")
        desk.buttons = buttons
        assert await desk.press(summary) == desk.words("error-not_found", kind="summary", name="")


@EACH_ON_ONE
async def test_ones_own_limit_is_shown_and_changed_where_it_stands_in_the_way(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await sitting(house, language)
        assert desk.words("wallet-limited", limit="", spent="").partition("：")[0] not in await desk.say("/wallet")
        await desk.say("/wallet limit")
        assert desk.said == desk.words("wallet-limit-ask", limit="", spent="0")
        await desk.say("banana")
        assert desk.reply.key == "error-bad_amount"
        await desk.say("0.00001")
        assert desk.said == desk.words("wallet-limit-set", limit="0.00001"), "not rounded to nothing"
        assert desk.words("wallet-limited", limit="0.00001", spent="0") in await desk.say("/wallet")
        await desk.press(desk.words("button-wallet-limit"))
        assert desk.said == desk.words("wallet-limit-ask", limit="0.00001", spent="0")
        await desk.press(desk.words("button-limit-off"))
        assert await house.value("SELECT count(*) FROM people WHERE spend_limit IS NOT NULL") == 0
        assert await house.value("SELECT count(*) FROM turns") == 0, "no amount was taken for a question"


@EACH_ON_ONE
async def test_a_question_waits_until_a_model_is_chosen(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await sitting(house, language, "small", "large")
        for key in ("one", "one", "two"):
            assert desk.words("talk-choose-model") in await desk.say(f"question {key}", key=key)
        assert await house.value("SELECT count(*) FROM messages") == 2, "brought again it is the same question"
        assert await house.value("SELECT count(*) FROM turns") == 0
        buttons = dict(desk.buttons)
        await desk.press("large", key="pressed")
        assert desk.said == desk.words("talk-model-chosen", model="large")
        assert desk.reply.turn is not None
        again, desk.buttons = desk.reply.turn, buttons
        await desk.press("large", key="pressed")
        assert desk.reply.turn == again
        asked = "SELECT question_id FROM turns ORDER BY id"
        assert [row[0] for row in await house.rows(asked)] == [1, 2]
        assert desk.words("talk-model-chosen", model="small") == await desk.say("/model small")
        assert await house.value("SELECT count(*) FROM turns") == 2, "nothing waits any more"


@EACH_ON_ONE
async def test_nothing_of_a_question_or_of_instructions_is_cut(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await sitting(house, language)
        question = "def f():\n    return  1\n" + "long " * 700 + "end"
        await desk.say(f"/ask {question}")
        assert await house.value("SELECT size FROM messages") == len(question.encode()), "each space and line of it"
        begins = "Keep this"
        await desk.say(f"/instructions {begins}")
        assert desk.reply.key == "instructions-set"
        assert begins in await desk.say("/instructions")
        await desk.say(f"/instructions {'x' * 4001}")
        assert desk.reply.key == "error-bad_length"
        await desk.say("/cancel")
        assert begins in await desk.say("/instructions"), "what is too long is refused, and changes nothing"
        await desk.say(f"/new {'t' * 81}")
        assert desk.reply.key == "error-bad_length"


@EACH_ON_ONE
async def test_what_was_done_with_a_conversation_is_said_and_archived_ones_are_found(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await sitting(house, language)
        assert await desk.say("/chats") == desk.words("chats-none", words="", archived=0)
        await desk.say("tell me of foxes")
        for action in ("star", "unstar", "archive", "unarchive", "resume", "archive"):
            assert desk.words("chats-page", done=action) in await desk.say(f"/chats {action} 1")
        assert await desk.say("/chats") == desk.words("chats-none", words="", archived=1)
        assert "tell me of foxes" in await desk.press(desk.words("button-chats-archived", count=1))
        await desk.press("#1 ")
        assert desk.words("button-chats-unarchive") in desk.buttons


@EACH_ON_ONE
async def test_another_wording_that_shows_nothing_is_not_offered(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await sitting(house, language)

        async def write(text: str, edited: str = "") -> Reply | None:
            chat = Chat("telegram", "42")
            request = Request(desk._actor(), f"{text}{edited}", language, chat, text=text, message="10", edited=edited)
            return await dispatch(house.core, request)

        await write("tell me of foxes")
        assert await write("\u200b", "10") is None
        offered = await write("tell me of wolves", "10")
        assert offered is not None
        assert offered.key == "talk-reworded"


@EACH_ON_ONE
async def test_what_a_stop_before_the_first_word_costs_is_said(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await sitting(house, language)
        await desk.say("tell me of foxes")
        assert desk.reply.turn is not None
        await desk.say("/stop")
        free = await pushed(house.core, desk.reply.turn or 1)
        assert free is not None
        assert free.key == "talk-failed-stopped-free"
        await house.core.write(_paid)
        paid = await pushed(house.core, 1)
        assert paid is not None
        assert (paid.key, paid.facts) == ("talk-failed-stopped-paid", {"credit": "0.0003"})


def _paid(tx: sa.Connection) -> None:
    tx.execute(sa.update(table).values(facts={"charged": 233}))


@EACH_ON_ONE
async def test_a_title_that_was_cut_shows_that_there_was_more(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await sitting(house, language)
        await desk.say("tell me of foxes, " * 10)
        assert f"{('tell me of foxes, ' * 10)[:59].rstrip()}…" in await desk.say("/chats")
        assert any(label.endswith("…") and len(label) <= 43 for label in desk.buttons)
        await desk.say("/new")
        await desk.say("wolves")
        assert "wolves ·" in await desk.say("/chats")
