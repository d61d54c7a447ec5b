"""The slash commands: all of the catalogue, registered once, in two languages, completed for those who may see."""

import asyncio

import discord as library
import pytest

from bots.commands.catalogue import catalogue, find_command
from bots.commands.command import Argument, Command
from bots.commands.member.redeeming import stock as start
from bots.discord_bot.components import view_of
from bots.discord_bot.events import slash_of
from bots.discord_bot.registration import register
from bots.discord_bot.tree import (
    COMPLETED,
    FILE,
    FluentTranslator,
    arranged,
    build_tree,
    fingerprint,
    is_required,
    payload,
    whole_payload,
)
from bots.messages.rendering import Look, render
from bots.messages.reply import Button, Reply, Say
from core.actors import SYSTEM, Role
from core.people import links, people
from tests.support.discord.chat import plain
from tests.support.discord.house import open_discord_house, running
from tests.support.discord.state import text_of

SLASH = library.AppCommandType.chat_input.value
STRING, INTEGER, BOOLEAN, ATTACHMENT = 3, 4, 5, 11
OFFERED = [command for command in catalogue() if not command.hidden]
KINDS = {"number": INTEGER, "batch": INTEGER, "flag": BOOLEAN, "document": ATTACHMENT}


@pytest.fixture
async def owner(usher):
    """Person 7 is an owner."""
    await usher.core.write(people.person_of, "discord", "7", usher.core.now())
    await usher.house.execute("UPDATE people SET role = 'owner'")


@pytest.fixture
async def registered():
    """What is registered, by name."""
    entries = await payload(build_tree(another_client()), FluentTranslator())
    return {one["name"]: one for one in entries if one["type"] == SLASH}


async def test_what_is_registered_is_what_the_catalogue_holds(discord, registered):
    known = {one["name"]: one for one in await discord.commands() if one["type"] == SLASH}
    assert set(known) == set(registered) == {command.name for command in OFFERED}
    assert {name: one["options"] for name, one in known.items()} == {
        name: one["options"] for name, one in registered.items()
    }


@pytest.mark.parametrize("command", OFFERED, ids=lambda command: command.name)
async def test_every_command_has_its_arguments(registered, command):
    options = {one["name"]: one for one in registered[command.name]["options"]}
    files = {FILE} if command.attaches else set()
    assert set(options) == {argument.name for argument in command.arguments} | files
    assert all(options[name]["type"] == ATTACHMENT and not options[name].get("required") for name in files)
    for argument in command.arguments:
        option = options[argument.name]
        assert option["type"] == KINDS.get(argument.kind, STRING)
        choices = list(argument.choices) if argument.kind == "choice" else []
        assert [one["value"] for one in option.get("choices", [])] == choices
        assert option.get("required", False) == is_required(command, argument)
        if argument.kind == "number":
            assert option["min_value"] == (1 if argument.low is None else argument.low)
            assert argument.high is None or option["max_value"] == argument.high


@pytest.mark.parametrize("command", OFFERED, ids=lambda command: command.name)
async def test_every_command_is_described_in_both_languages(registered, command):
    entry = registered[command.name]
    described = [entry, *entry["options"]]
    for one in described:
        assert one["name_localizations"].get("zh-CN"), one["name"]
        assert one["description_localizations"].get("zh-CN"), one["name"]
        assert len(one["description"]) <= 100


async def test_only_strangers_commands_are_offered_to_everybody(discord):
    offered = {one["name"]: one["default_member_permissions"] for one in await discord.commands()}
    for command in OFFERED:
        assert (offered[command.name] is None) == (command.role is Role.ANYONE)


async def test_no_bound_is_beyond_what_discord_lets_anybody_say(registered):
    bounds = [
        option[key]
        for entry in registered.values()
        for option in entry["options"]
        for key in ("min_value", "max_value")
        if key in option
    ]
    assert len(bounds) > 10
    assert max(map(abs, bounds)) == 2**53 - 1


async def test_more_commands_than_discord_takes_are_grouped():
    many = [Command(f"own-{n}", Role.ANYONE, start, "seats") for n in range(20)]
    many += [Command(f"staff-{n}", Role.ADMIN, start, "teams", (Argument("team", "team"),)) for n in range(90)]
    entries = list(arranged(many))
    assert len(entries) == 20 + 4
    listed = await payload(build_tree(another_client(), many), FluentTranslator())
    groups = [one for one in listed if one["options"] and one["options"][0]["type"] == 1]
    assert [one["name"] for one in groups] == ["teams", "teams2", "teams3", "teams4"]
    assert sum(len(one["options"]) for one in groups) == 90
    assert all(len(one["options"]) <= 25 for one in groups)


async def test_they_are_registered_again_only_when_they_have_changed(sqlite_url):
    async with open_discord_house(sqlite_url) as usher, running(usher.core, usher.discord) as other:
        await usher.discord.wait_connected(2)
        tree = await payload(build_tree(another_client()), FluentTranslator())
        app = int((await usher.discord.place())["app"])
        assert await register(usher.core, other.sender, tree, app) == 0
        assert len(await usher.discord.recorded_calls("PUT /applications/")) == 1
        await usher.house.execute('UPDATE facts SET value = \'{"mark": "older", "until": null}\'')
        assert await register(usher.core, other.sender, tree, app) == 1
        assert len(await usher.discord.recorded_calls("PUT /applications/")) == 2


async def test_of_many_processes_one_registers(database_url):
    async with open_discord_house(database_url) as usher:
        app = int((await usher.discord.place())["app"])
        await usher.house.execute("DELETE FROM facts")
        tree = await payload(build_tree(another_client()), FluentTranslator())
        done = await asyncio.gather(*(register(usher.core, usher.bot.sender, tree, app) for _ in range(5)))
        assert sorted(done) == [0, 0, 0, 0, 1]


async def test_the_payload_is_worded_once_for_everybody_and_once_for_people():
    for ours in (False, True):
        once = await whole_payload(another_client(), people=ours)
        assert once == await payload(build_tree(another_client(), people=ours), FluentTranslator())
        assert await whole_payload(another_client(), people=ours) is once
    assert await whole_payload(another_client(), people=False) != once


async def test_in_chosen_servers_only(sqlite_url):
    guild = 4194304000
    async with open_discord_house(sqlite_url, discord={"guild_ids": [guild]}) as usher:
        await usher.discord.wait_call("/guilds/")
        assert await usher.discord.commands() == []
        assert len(await usher.discord.commands(str(guild))) == len(OFFERED) + 1, "and the menu of a person"
        assert await usher.discord.run("start")


async def test_the_fingerprint_sees_every_change():
    one = await payload(build_tree(another_client(), catalogue()[:3]), FluentTranslator())
    two = await payload(build_tree(another_client(), catalogue()[:4]), FluentTranslator())
    assert fingerprint(one) != fingerprint(two)
    assert fingerprint(one) == fingerprint([dict(entry) for entry in one])


def another_client():
    """To describe commands with, which the bot's own client already does."""
    return library.Client(intents=library.Intents.none())


def completed():
    return [
        (command, argument)
        for command in OFFERED
        for argument in command.arguments
        if argument.kind in COMPLETED and argument.kind != "term" and command.role > Role.ANYONE
    ]


async def test_staff_is_shown_what_may_be_meant_and_nobody_else(usher, discord, owner):
    await usher.house.make_codes(1, label="Autumn")
    code = (await usher.house.make_codes())[0]
    await usher.house.redeem("ada@example.com", code, key="k1")
    wanted = {
        "pool": ("def", "default"),
        "team": ("space 1", "Workspace 1"),
        "batch": ("autumn", 1),
        "address": ("ada", "ada@example.com"),
    }
    for command, argument in completed():
        typed, value = wanted[argument.kind]
        offered = await discord.complete(command.name, argument.name, typed)
        assert value in [one["value"] for one in offered], f"{command.name} {argument.name}"
        assert await discord.complete(command.name, argument.name, typed, user=8) == []
    assert not await discord.rejections()


async def test_terms_and_open_choices_are_suggested_in_the_readers_language(discord):
    terms = await discord.complete("generate", "term", "", locale="zh-CN")
    assert {"name": "1 个月", "value": "1mo"} in terms
    assert [one["value"] for one in await discord.complete("announce", "to", "staff")] == ["staff"]


async def test_where_a_pool_may_stand_beside_the_choices_pools_are_suggested_too(discord, owner):
    offered = await discord.complete("announce", "to", "")
    assert [one["value"] for one in offered] == ["everyone", "staff", "default"]
    assert [one["value"] for one in await discord.complete("announce", "to", "def")] == ["default"]
    assert [one["value"] for one in await discord.complete("announce", "to", "", user=8)] == ["everyone", "staff"]


@pytest.mark.parametrize("typed", ["\x00", "work\ud800", "\u202eW", "%_\\"])
async def test_whatever_is_typed_is_answered(discord, owner, typed):
    assert isinstance(await discord.complete("team", "name", typed), list)


async def test_what_everybody_may_type_completes_no_address(discord):
    registered = {one["name"]: one for one in await discord.commands()}
    assert not any(one.get("autocomplete") for one in registered["redeem"]["options"])


async def test_staff_commands_are_refused_in_the_core_whatever_the_menu_shows(usher, discord):
    for number, command in enumerate(OFFERED):
        if command.role is Role.ANYONE or any(is_required(command, one) for one in command.arguments):
            continue
        answer = await discord.run(command.name, user=100 + number)
        assert "staff" in answer["content"], command.name
    assert not await discord.rejections()


async def test_signing_in_linking_and_the_lock(usher, discord):
    token, _ = await people.issue_token(usher.core, SYSTEM, Role.ADMIN)
    answer = await discord.run("claim", {"token": token})
    assert answer["flags"] & 64
    assert await usher.house.value("SELECT role FROM people") == "admin"
    other = await people.recognise(usher.core, "telegram", "70")
    linked, _ = await links.issue_link(usher.core, other)
    answer = await discord.run("claim", {"token": linked}, user=8)
    assert "telegram:70" in plain(text_of(answer))
    await discord.wait_answer(await discord.press("Yes, both are me", user=8))
    wanted = await links.wanted(usher.core, other)
    assert wanted is not None
    assert await links.join(usher.core, other, wanted.id) == "discord:8"
    owner_of = "SELECT person_id FROM identities WHERE platform = :platform AND identity = :identity"
    here = await usher.house.value(owner_of, platform="discord", identity="8")
    there = await usher.house.value(owner_of, platform="telegram", identity="70")
    assert here == there
    for number in range(5):
        await discord.run("claim", {"token": f"guess-{number}"}, user=10)
    good, _ = await people.issue_token(usher.core, SYSTEM, Role.OWNER)
    await discord.run("claim", {"token": good}, user=10)
    assert await usher.house.value("SELECT used_at FROM staff_tokens WHERE role = 'owner'") is None


async def test_an_owner_from_the_configuration(sqlite_url):
    async with open_discord_house(sqlite_url, staff={"owners": ["discord:7"]}) as usher:
        answer = await usher.discord.run("help", {"panel": "codes"})
        shown = " ".join(one["description"] for one in answer["embeds"])
        assert "/generate" in shown
        other = await usher.discord.run("help", user=8)
        assert "/generate" not in " ".join(one["description"] for one in other["embeds"])


async def test_a_long_list_is_one_select_and_the_rest_stays_buttons():
    rows = [(Button(Say("plain", {"text": f"Team {number}"}), "team", nonce=f"n{number}"),) for number in range(9)]
    cancel = (Button(Say("button-cancel"), "cancel", nonce="c"),)
    for listed, items in ((rows, 2), (rows[:4], 5)):
        reply = Reply("teams", buttons=(*listed, cancel))
        view = view_of(reply, render(reply, Look("en", "discord", 2000)), "en")
        assert view is not None
        assert len(view.children) == items
        chosen = [one.value for child in view.children for one in getattr(child, "options", ())]
        assert chosen == ([f"n{number}" for number in range(9)] if items == 2 else [])


async def test_staff_find_a_person_from_the_persons_menu():
    entries = await payload(build_tree(another_client()), FluentTranslator())
    [menu] = [one for one in entries if one["type"] == library.AppCommandType.user.value]
    assert menu["name_localizations"]["zh-CN"] == "查找此人"
    assert menu["default_member_permissions"] == library.Permissions(manage_guild=True).value
    name, options = slash_of({"type": 2, "name": menu["name"], "target_id": "77"})
    assert (name, [one["value"] for one in options]) == ("find", ["discord:77"])
    command = find_command(name)
    assert command is not None
    assert command.argument(options[0]["name"]) is not None
