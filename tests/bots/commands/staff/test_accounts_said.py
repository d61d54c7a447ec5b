"""Accounts, models and plans by chat: what is asked for where a name is missing, and what is said of nonsense."""

from __future__ import annotations

import pytest

from core.actors import Actor
from core.sources.report import source_list
from tests.support.credit import Desk as Upstreams
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import open_house

LINE = '{"name": "one", "base_url": "https://api.example.com/v1", "api_key": "sk-1", "models": ["small"]'


@EACH_ON_ONE
async def test_a_missing_name_is_asked_for_by_what_it_names(database_url: str, language: str) -> None:
    async with open_house(database_url, workspaces=0) as house:
        desk = Desk(house, language=language)
        for wish, command in (
            ("/models add", "models"),
            ("/plans edit", "plans"),
            ("/sources edit", "sources"),
            ("/source pause", "source"),
        ):
            assert desk.words(f"ask-{command}-name") in await desk.say(wish)
            assert desk.words("ask-name") not in desk.said


@EACH_ON_ONE
async def test_nobody_is_asked_whether_what_is_not_there_shall_go(database_url: str, language: str) -> None:
    async with open_house(database_url, workspaces=0) as house:
        desk = Desk(house, language=language)
        gone = desk.words("error-not_found", kind="source", name="nosuch")
        for wish in ("/sources remove nosuch", "/source remove nosuch"):
            assert gone in await desk.say(wish)
            assert not desk.buttons


@EACH_ON_ONE
async def test_what_is_wrong_with_a_line_is_said_with_its_field(database_url: str, language: str) -> None:
    async with open_house(database_url, workspaces=0) as house:
        desk = Desk(house, language=language)
        field = desk.words("source-field", field="name")
        twice = desk.words("source-unreadable", reason=desk.words("reason-source_twice"), field=field)
        assert twice in await desk.say("/sources add " + LINE + ', "name": "two"}')
        plain = desk.words("source-unreadable", reason=desk.words("reason-source_no_key"), field="")
        assert plain in await desk.say('/sources add {"name": "a", "base_url": "https://api.example.com/v1"}')


@pytest.mark.parametrize("how", ["words", "json"])
@EACH_ON_ONE
async def test_ones_own_account_is_added_in_one_message(database_url: str, language: str, how: str) -> None:
    async with open_house(database_url, workspaces=0, open_model=Upstreams().open) as house:
        desk = Desk(house, language=language)
        await desk.say("/models add small input=0 output=0")
        whole = LINE + "}" if how == "json" else "https://api.example.com/v1 sk-1 small"
        half = '{"base_url": "https://api.example.com/v1", "api_key": "sk-1"}' if how == "json" else whole[:-6]
        none = desk.words("source-unreadable", reason=desk.words("reason-source_no_models"), field="")
        assert none in await desk.say(f"/source add {half}")
        await desk.say(f"/source add {whole}")
        [mine] = await source_list(house.core, Actor("telegram", "42"), own=True)
        assert (mine.base_url, mine.last4) == ("https://api.example.com/v1", "sk-1")
