"""What staff write about credit, and what is said of it."""

from __future__ import annotations

import re
from typing import get_args

from sqlalchemy import CheckConstraint

from admin_cli.chinese_values import VALUES
from bots.commands.choices import label_of
from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from bots.terminal_chat.chat import TerminalChat
from core.actors import SYSTEM, Role
from core.calls import keys
from core.calls.report import STATES, WAYS
from core.credit import grants
from core.languages import LANGUAGES
from core.rules.endings import ENDINGS, Ending
from core.storage.talk_tables import calls
from tests.bots.test_painting import furnish
from tests.support.credit import Desk
from tests.support.house import open_house


async def test_a_plan_is_given_for_the_time_that_is_named_and_credit_is_taken_back(sqlite_url: str) -> None:
    async with open_house(sqlite_url, workspaces=0, open_model=Desk().open) as house:
        await furnish(house, "telegram:7")
        chat = TerminalChat(house.core, identity="admin", role=Role.ADMIN)
        said = (await chat.send("/grant telegram:7 vip 1 month for a friend"))[-1].text
        assert "with no end date" not in said
        assert await house.rows("SELECT until_at IS NOT NULL FROM memberships") == [(1,)]
        said = (await chat.send("/grant telegram:7 -0.25 given twice"))[-1].text
        assert said == "✅ 0.25 credit was taken back from telegram:7, who now has 0.75."


async def test_calls_are_found_by_person_source_or_state(sqlite_url: str) -> None:
    async with open_house(sqlite_url, workspaces=0, open_model=Desk().open) as house:
        await furnish(house, "terminal:admin")
        chat = TerminalChat(house.core, identity="admin", role=Role.ADMIN)
        await chat.send("/ask Hello there")
        for line in ("/calls main", "/calls terminal:admin", "/calls settled", "/calls whole main"):
            assert "small" in (await chat.send(line))[-1].text, line
        assert "settled" in (await chat.send("/calls settled"))[-1].text.partition("\n")[0]
        chinese = TerminalChat(house.core, identity="admin", role=Role.ADMIN, language="zh-CN")
        assert "已结算" in (await chinese.send("/calls 已结算"))[-1].text.partition("\n")[0]
        assert "does not work" in (await chat.send("/calls nobody"))[-1].text
        assert (await chat.send("/calls"))[-1].text.partition("\n")[0] == "Questions (newest first):"
        assert "main: answered" in (await chat.send("/calls 1"))[-1].text
        assert "main：已回答" in (await chinese.send("/calls 1"))[-1].text
        assert "付费" in (await chinese.send("/sources main"))[-1].text


async def test_calls_are_found_by_every_state_and_ending_that_the_core_knows(sqlite_url: str) -> None:
    """What a call can be is said once, where it is stored; every front end asks for all of it."""
    stored = next(
        str(one.sqltext)
        for one in calls.constraints
        if isinstance(one, CheckConstraint) and one.name == "ck_calls_state"
    )
    assert set(re.findall("'(.+?)'", stored)) == set(STATES)
    assert set(WAYS) == {*STATES, *get_args(Ending)} == {*STATES, *ENDINGS}
    async with open_house(sqlite_url, workspaces=0, open_model=Desk().open) as house:
        await furnish(house, "terminal:admin")
        for language in LANGUAGES:
            chat = TerminalChat(house.core, identity="admin", role=Role.ADMIN, language=language)
            for way in WAYS:
                label = words(Say(label_of("calls", way)), Look(language, "plain", 100))
                for line in (f"/calls {way}", f"/calls {label}", f"/calls state={label}"):
                    assert (await chat.send(line))[-1].key == "calls-none", line
            refused = (await chat.send("/calls state=invited"))[-1].text
            said = [words(Say(label_of("calls", way)), Look(language, "plain", 100)) for way in WAYS]
            assert not [one for one in said if one not in refused], refused
    assert not [way for way in WAYS if way not in VALUES]


async def test_taking_back_a_link_shows_which_there_are(sqlite_url: str) -> None:
    async with open_house(sqlite_url, workspaces=0, open_model=Desk().open) as house:
        await furnish(house, "terminal:anna")
        chat = TerminalChat(house.core, identity="anna")
        assert (await chat.send("/share take back"))[-1].text == (await chat.send("/share list"))[-1].text
        await chat.send("/ask Hello there")
        await chat.send("/share 3")
        assert (await chat.send("/share back"))[-1].buttons


async def test_a_key_is_found_by_its_last_symbols(sqlite_url: str) -> None:
    async with open_house(sqlite_url, workspaces=0, open_model=Desk().open) as house:
        await furnish(house, "telegram:7")
        person = grants.read_identity("telegram:7")
        await grants.give(house.core, SYSTEM, person, "vip", reason="a test")
        _, made = await keys.make_key(house.core, SYSTEM, "test", keys.KeyRights(["chat"]), of=person)
        chat = TerminalChat(house.core, identity="admin", role=Role.ADMIN)
        said = (await chat.send(f"/find {made.last4}"))[-1].text
        assert f"🔑 …{made.last4}: a key of telegram:7, in use" in said
