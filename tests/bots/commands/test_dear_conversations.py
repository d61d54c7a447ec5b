"""A question is dear because of what was said before it: that is said, with the way to a new conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from bots.commands.member.answered import pushed
from bots.messages.rendering import Look, Rendered, render
from core.actors import Actor
from core.credit import grants
from core.rules.money import read_amount
from core.talk import conversations, turns
from core.talk.places import Place
from tests.support.credit import Bank, open_bank, saying
from tests.support.desk import EACH_ON_ONE
from tests.talk.test_turns import HERE, ME, QUICK, over, talking, wish

SHORT: dict[str, Any] = {"talk": {**QUICK["talk"], "shortest_output": 16}}
WHY = {"en": "because the model reads this whole conversation again", "zh-CN": "模型都要重新读完整段对话"}
NEW = {"en": "➕ New conversation", "zh-CN": "➕ 新对话"}


@asynccontextmanager
async def long_talk(url: str) -> AsyncIterator[Bank]:
    """One long question has its answer; the credit left pays for a short one that is asked alone."""
    async with open_bank(url, **SHORT) as bank, talking(bank):
        await bank.grant("0.0042")
        bank.desk.usual = saying("A long answer. " * 300)
        first = await over(bank, await turns.ask(bank.core, ME, wish("q1", "word " * 100)))
        assert first.state == "done"
        yield bank


async def told(bank: Bank, kept: turns.Kept, language: str) -> Rendered:
    await over(bank, kept)
    reply = await pushed(bank.core, kept.turn_id)
    assert reply is not None
    return render(replace(reply, unit="credit"), Look(language, "plain", 4096))


@EACH_ON_ONE
async def test_the_conversation_so_far_is_said_to_be_what_makes_it_dear(database_url: str, language: str):
    async with long_talk(database_url) as bank:
        refused = await told(bank, await turns.ask(bank.core, ME, wish("q2", "And now?")), language)
        [text] = refused.texts
        assert WHY[language] in text
        # 4 tokens of text and 8 beside them at 1, 16 of the answer at 2 credits a million.
        assert "0.0001" in text
        assert [key.label for key in refused.keys[0]][1:] == [NEW[language]]
        await conversations.begin(bank.core, ME, HERE)
        assert (await over(bank, await turns.ask(bank.core, ME, wish("q3", "And now?")))).state == "done"


@EACH_ON_ONE
async def test_so_it_is_where_ones_own_limit_stands_in_the_way(database_url: str, language: str):
    async with long_talk(database_url) as bank:
        await bank.grant("1")
        spent = await bank.value("SELECT sum(charged) FROM calls")
        await grants.set_spend_limit(bank.core, ME, int(spent) + read_amount("0.0002"))
        [text] = (await told(bank, await turns.ask(bank.core, ME, wish("q2", "And now?")), language)).texts
        assert WHY[language] in text


@EACH_ON_ONE
async def test_what_is_dear_alone_or_nothing_without_it_is_not_blamed_on_it(database_url: str, language: str):
    async with long_talk(database_url) as bank:
        dear = await told(bank, await turns.ask(bank.core, ME, wish("q2", "word " * 1500)), language)
        assert WHY[language] not in dear.texts[0]
        begun = await conversations.begin_from(bank.core, ME, wish("q3"))
        assert WHY[language] not in (await told(bank, begun, language)).texts[0], "a summary is of what was said"


@EACH_ON_ONE
async def test_in_a_group_nothing_of_what_somebody_has_is_said(database_url: str, language: str):
    group = Place("telegram", "-7", "-7", "-7", private=False)
    async with open_bank(database_url, **SHORT) as bank, talking(bank):
        await bank.grant("0.0042")
        bank.desk.usual = saying("A long answer. " * 300)
        await over(bank, await turns.ask(bank.core, ME, replace(wish("q1", "word " * 100), place=group)))
        poor = Actor("telegram", "2")
        kept = await turns.ask(bank.core, poor, replace(wish("q2", "And I?"), place=group))
        [text] = (await told(bank, kept, language)).texts
        assert {"en": "The longer a conversation gets", "zh-CN": "对话越长"}[language] in text
        assert "0" not in text
