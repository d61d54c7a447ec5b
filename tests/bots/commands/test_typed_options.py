"""Typed options come in any combination: what one of them says is done, asked about or refused, and never passed over."""

from __future__ import annotations

import pytest

from bots.commands.catalogue import catalogue
from bots.commands.choices import called, label_of
from bots.messages.rendering import has_words
from core.actors import SYSTEM, Role
from core.calls import keys
from core.credit import plans
from core.languages import LANGUAGES
from core.sources import models
from core.teams import pools
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import House, open_house


@EACH_ON_ONE
async def test_figures_without_an_action_change_what_they_are_given_for(database_url: str, language: str) -> None:
    async with open_house(database_url, workspaces=0) as house:
        desk = Desk(house, language=language)
        await models.add_model(house.core, SYSTEM, "small", models.NewModel(price_input=1, price_output=2, context=100))
        await desk.command("plans", name="free", questions=7)
        assert (await house.core.read(plans.plan_named, "free")).questions == 7
        await desk.command("models", name="small", context=200)
        assert await house.value("SELECT context FROM models WHERE name = 'small'") == 200
        await desk.command("plans", questions=9)
        assert desk.reply.asks == ("plans", "name")


@EACH_ON_ONE
async def test_what_is_given_without_an_action_is_asked_about(database_url: str, language: str) -> None:
    async with open_house(database_url, workspaces=0, gateway={"enabled": True}) as house:
        desk = Desk(house, language=language)
        assert desk.words("ask-wallet-action") in await desk.command("wallet", amount="5")
        assert desk.words("ask-staff-action") in await desk.command("staff", identity="telegram:43")
        await desk.command("staff", identity="telegram:43", role="viewer")
        assert desk.reply.key == "staff-grant"
        assert desk.words("ask-hooks-action") in await desk.command("hooks", address="3")
        await desk.command("subscribe", zone="nowhere")
        assert desk.reply.key == "error-bad_value"


@EACH_ON_ONE
async def test_nothing_is_asked_about_somebody_or_something_that_cannot_be(database_url: str, language: str) -> None:
    async with open_house(database_url, workspaces=0, gateway={"enabled": True}) as house:
        desk = Desk(house, language=language)
        for name, options in (("grant", {"person": "nobody"}), ("note", {"about": "nobody"})):
            await desk.command(name, **options)
            assert desk.reply.key == "error-bad_value"
        await desk.command("keys", action="revoke", name="nothing")
        assert desk.reply.key == "error-not_found"
        person = Desk(house, Role.ANYONE, "43", language)
        none = person.words("error-too_many_keys", most=0)
        assert none in await person.command("keys", action="new")
        assert none in await person.command("keys")
        assert person.words("button-key-new") not in person.buttons
        await plans.set_plan(house.core, SYSTEM, "free", keys=1)
        await person.command("keys", action="new")
        assert person.reply.asks == ("keys", "name")
        await keys.make_key(house.core, person._actor(), "mine")
        await person.command("keys", action="revoke", name="MINE")
        assert person.reply.key == "key-revoke"


@EACH_ON_ONE
async def test_what_a_pool_is_given_for_another_action_leads_to_that(database_url: str, language: str) -> None:
    async with open_house(database_url) as house:
        desk = Desk(house, language=language)
        await desk.command("pool", action="add", name="other")
        said = await desk.command("pool", name="default", into="other")
        assert desk.words("label-into") in said
        assert "=" not in said
        await desk.press(desk.words("choice-merge"))
        assert desk.reply.key == "pool-merge"
        await desk.command("pool", name="default", prefix="ABCD")
        assert desk.reply.key == "pool-misplaced"


@EACH_ON_ONE
async def test_seats_of_teams_that_are_switched_off_are_counted_with_their_pool(
    database_url: str, language: str
) -> None:
    async with open_house(database_url, workspaces=2, seats=4) as house:
        desk = Desk(house, language=language)
        closed = {"en": "4 free · 4 out of service", "zh-CN": "4 空闲 · 4 不可用"}[language]
        assert closed not in await desk.command("pools")
        await desk.command("disableteam", name="Workspace 1")
        assert closed in await desk.command("pools")
        assert closed in await desk.command("pool", name="default")


async def test_a_command_without_arguments_asks_for_none(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        desk = Desk(house)
        assert "leave out" not in await desk.say("/help stock")
        assert "leave" in await desk.say("/help redeem")


async def test_showing_conversations_shows_them_all(sqlite_url: str) -> None:
    async with open_house(sqlite_url, workspaces=0) as house:
        await models.add_model(house.core, SYSTEM, "small", models.NewModel(price_input=1, price_output=2, context=100))
        desk = Desk(house)
        assert await desk.command("chats", action="show") == await desk.command("chats")


def test_choices_are_called_by_their_own_words_in_every_language() -> None:
    for command in catalogue():
        for argument in command.arguments:
            for choice in argument.choices:
                key = label_of(command.name, choice)
                assert key == f"choice-{choice}" or all(has_words(key, language) for language in LANGUAGES)


@pytest.mark.parametrize(
    ("choice", "word"),
    [("decline", "拒绝"), ("resume", "打开"), ("revoke", "撤销"), ("open", "未解除"), ("rename", "改名")],
)
def test_every_word_for_a_choice_is_understood(choice: str, word: str) -> None:
    assert word in called(choice)


@pytest.mark.parametrize("line", ["/generate -1", "/jobs -1"])
async def test_a_number_below_nothing_is_a_number_and_no_name(sqlite_url: str, line: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house)
        await desk.say(line)
        assert desk.reply.key == "error-bad_number"


@EACH_ON_ONE
async def test_a_pool_is_renamed_by_the_name_it_has(database_url: str, language: str) -> None:
    async def names(house: House) -> list[str]:
        return sorted([row.name for row in await house.rows("SELECT name FROM pools")])

    async with open_house(database_url, workspaces=0) as house:
        desk = Desk(house, language=language)
        [only] = await names(house)
        await pools.change_pool(house.core, SYSTEM, only, name="vip")
        # One pool, and two things that may be meant: neither is done unasked.
        assert desk.words("pool-rename-which", pool="vip") in await desk.say("/pool rename vip gold")
        assert await names(house) == ["vip"]
        await desk.press(desk.words("button-pool-rename", name="vip gold"))
        assert await names(house) == ["vip gold"]
        await desk.say("/pool rename vip gold to silver")
        assert await names(house) == ["silver"]
        await desk.say("/pool rename Early birds")
        assert await names(house) == ["Early birds"]
        await pools.create_pool(house.core, SYSTEM, "vip")
        await desk.say("/pool rename VIP gold")
        assert await names(house) == ["Early birds", "gold"]
        await desk.say("/pool rename early birds 改为 late birds")
        assert await names(house) == ["gold", "late birds"]
        # What was said goes along with the question which pool is meant.
        assert desk.words("ask-pool-set") in await desk.say("/pool rename bronze")
        await desk.say("gold")
        assert await names(house) == ["bronze", "late birds"]
