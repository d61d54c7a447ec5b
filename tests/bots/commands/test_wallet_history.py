"""The history of a wallet: every page adds up, to the last decimal, and each line says what it was for."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from bots.commands.dispatch import dispatch
from bots.commands.request import Chat, Request
from bots.messages.rendering import Look, Rendered, render
from core.actors import SYSTEM, Role
from core.calls import calls
from core.calls.orders import CallOrder
from core.credit import plans
from core.models.protocol import Usage
from core.talk import conversations, turns
from core.talk.places import Place
from tests.support.credit import Bank, open_bank, saying
from tests.support.desk import EACH_ON_ONE
from tests.talk.test_turns import HERE, ME, QUICK, over, talking, wish

AMOUNT = re.compile(r"[+−]\d+(?:\.\d+)?")
STOCK = re.compile(r"\*?\*?(\d+(?:\.\d+)?)\*?\*?")
HEAD = {"en": "You have", "zh-CN": "现在可用"}
GROUP = Place("telegram", "-7", "-7", "-7", private=False)
OLDER = {"en": "Next ›", "zh-CN": "下一页 ›"}


class Reader:
    """Reads the history of `ME` as a person does."""

    def __init__(self, bank: Bank, language: str) -> None:
        self.bank, self.language, self.keys, self.text = bank, language, {}, ""  # type: ignore[var-annotated]
        self._asks = 0

    async def say(self, text: str = "", *, press: str = "") -> list[str]:
        self._asks += 1
        told = {"pressed": self.keys[press]} if press else {"text": text}
        actor = replace(ME, role=Role.ANYONE)
        request = Request(actor, f"r{self._asks}", self.language, Chat("telegram", "1"), **told)
        reply = await dispatch(self.bank.core, request)
        assert reply is not None
        shown: Rendered = render(reply, Look(self.language, "plain", 4096))
        self.keys = {key.label: key.nonce for row in shown.keys for key in row}
        [self.text] = shown.texts
        return self.text.split("\n")

    def adds_up(self) -> tuple[Decimal, Decimal]:
        """What there was after and before the lines shown; they are the difference."""
        head, *lines, foot = [line for line in self.text.split("\n") if line.strip()]
        moved = sum(Decimal(AMOUNT.findall(line)[0].replace("−", "-")) for line in lines)
        after = Decimal(STOCK.findall(head)[0])
        found = STOCK.findall(foot)
        before = Decimal(found[0]) if found else Decimal(0)
        assert after == before + moved, self.text
        return after, before


@EACH_ON_ONE
async def test_all_that_is_shown_adds_up_and_says_what_it_was_for(database_url: str, language: str):
    async with open_bank(database_url, **QUICK) as bank, talking(bank):
        reader = Reader(bank, language)
        await reader.say("/wallet lines")
        assert reader.text == {"en": "There is no history yet.", "zh-CN": "还没有任何收支。"}[language]
        await bank.grant("0.5")
        bank.desk.usual = saying("Yes", usage=Usage(input=7, output=3))
        await over(bank, await turns.ask(bank.core, ME, wish("q1", "Where do foxes live?")))
        await over(bank, await turns.ask(bank.core, ME, replace(wish("g1", "And here?"), place=GROUP)))
        order = CallOrder("c1", [{"role": "user", "content": "hi"}], "cli")
        await calls.ask(bank.core, SYSTEM, order, payer=ME)
        await reader.say("/wallet lines")
        after, before = reader.adds_up()
        assert after * 1_000_000 == await bank.left()
        assert before == 0
        for said in {
            "en": ["for “Where do foxes live?”", "for a question in a group", "for a question\n", "given by staff"],
            "zh-CN": ["对话“Where do foxes live?”", "群里的提问", "提问\n", "由工作人员给予"],
        }[language]:
            assert said in reader.text
        [here] = await conversations.chat_list(bank.core, ME, HERE)
        await conversations.delete(bank.core, ME, here.id)
        await reader.say("/wallet lines")
        assert {"en": "for a conversation that has been deleted", "zh-CN": "已删除的对话"}[language] in reader.text
        reader.adds_up()


@EACH_ON_ONE
async def test_older_lines_are_a_button_away(database_url: str, language: str):
    async with open_bank(database_url, **QUICK) as bank:
        reader = Reader(bank, language)
        for number in range(1, 34):
            await bank.grant(f"0.{number:06d}")
        await reader.say("/wallet lines")
        pages = [reader.adds_up()]
        while OLDER[language] in reader.keys:
            await reader.say(press=OLDER[language])
            pages.append(reader.adds_up())
        assert len(pages) == 3
        assert all(older[0] == newer[1] for newer, older in pairwise(pages)), "page after page"
        assert pages[-1][1] == 0
        assert {"en": "Before that, there was nothing.", "zh-CN": "在此之前没有额度。"}[language] in reader.text


@EACH_ON_ONE
async def test_so_do_an_allowance_and_an_answer_in_progress(database_url: str, language: str):
    async with open_bank(database_url, **QUICK) as bank:
        reader = Reader(bank, language)
        await plans.set_plan(bank.core, SYSTEM, "free", allowance=1_000_000, per_hour=3_600_000_000)
        await bank.grant("0.5")
        await reader.say("/wallet lines")
        assert {"en": "+1 refilled since", "zh-CN": "+1 此后恢复"}[language] in reader.text, "it is there unasked"
        reader.adds_up()
        await bank.ask("q1")
        await bank.execute('UPDATE wallets SET claimed = 4000, "left" = "left" - 4000 WHERE kind = \'credit\'')
        await reader.say("/wallet lines")
        assert {"en": "−0.004 set aside", "zh-CN": "−0.004 为正在"}[language] in reader.text
        assert {"en": "as the allowance of your plan", "zh-CN": "套餐限额"}[language] in reader.text
        reader.adds_up()


@EACH_ON_ONE
async def test_what_would_be_shown_as_nothing_is_not_listed(database_url: str, language: str):
    async with open_bank(database_url, **QUICK) as bank:
        reader = Reader(bank, language)
        await bank.grant("0.00005")
        await reader.say("/wallet")
        assert {"en": "with no end date", "zh-CN": "长期有效"}[language] in reader.text, "the plan"
        assert "\n\n" not in reader.text
        await bank.grant("1")
        await reader.say("/wallet")
        assert "\n\n1 " in reader.text
