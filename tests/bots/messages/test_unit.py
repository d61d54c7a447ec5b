"""What the shop calls its credit stands behind every amount of it, in every chat and for programs."""

from __future__ import annotations

import re

import pytest

from bots.messages.rendering import LOCALES, Look, words
from bots.messages.reply import Say
from bots.terminal_chat.chat import TerminalChat
from core.languages import LANGUAGES
from core.upkeep import house_settings
from tests.bots.test_painting import furnish, on_telegram
from tests.support.credit import Desk
from tests.support.house import House, open_house
from tests.support.programs import open_door
from tests.upkeep.test_house_settings import ADMIN

USUAL = {"en": "credit", "zh-CN": "额度"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_called_credit_unless_the_shop_says_otherwise(language: str) -> None:
    line = Say("wallet-lasting", {"left": "5"})
    assert f"5 {USUAL[language]}" in words(line, Look(language, "plain", 1000))
    assert "5 ★points" in words(line, Look(language, "plain", 1000, unit="★points"))
    assert "5 &lt;b&gt;" in words(line, Look(language, "telegram", 1000, unit="<b>")), "and is no markup"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_calls_an_amount_credit_by_itself(language: str) -> None:
    after = re.compile(r"\{ \$\w+ \}(?:\*\*)? " + USUAL[language] + r"\b(?! for)")
    for path in LOCALES.glob(f"*.{language}.ftl"):
        assert not after.findall(path.read_text(encoding="utf-8")), path.name


async def test_a_command_names_it_and_every_wallet_says_so(sqlite_url: str) -> None:
    async with open_house(sqlite_url, workspaces=0, open_model=Desk().open) as house:
        await furnish(house, "terminal:anna")
        await house_settings.put(house.core, ADMIN, "money.unit", "points")
        said = await _said(house, "/wallet", "/model")
        assert "1 points" in said
        assert "1 points per million" in said
        await house_settings.reset(house.core, ADMIN, "unit")
        assert "points" not in await _said(house, "/wallet")


async def test_a_running_bot_goes_by_it_in_answers_and_in_what_it_tells(sqlite_url: str) -> None:
    async with on_telegram(sqlite_url, Desk()) as chat:
        await house_settings.put(chat.house.core, ADMIN, "money.unit", "points")
        assert "1 points" in await chat.say("/wallet")
        assert "1 points per million" in await chat.say("/model")


async def test_programs_are_told_it_as_well(sqlite_url: str) -> None:
    async with open_door(sqlite_url, money={"unit": "points"}) as door:
        assert (await door.ask("GET", "/v1/wallet", await door.key()))[1]["currency"] == "points"


async def _said(house: House, *lines: str) -> str:
    chat = TerminalChat(house.core, identity="anna")
    return "\n".join([shown.text for line in lines for shown in await chat.send(line)])
