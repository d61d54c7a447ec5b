"""What staff hand on says what it gives, and nothing is offered that cannot be had."""

from __future__ import annotations

import pytest

from bots.messages import sheets
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import open_house


@EACH_ON_ONE
async def test_a_code_for_credit_is_handed_on_without_a_word_of_seats(database_url: str, language: str) -> None:
    async with open_house(database_url, workspaces=0) as house:
        desk = Desk(house, language=language, platform="discord")
        said = await desk.say("/generate 1 gives=credit:5")
        [code] = [word for word in said.split() if word.startswith("TEAM-")][:1]
        assert desk.words("hand-on-gift", code=code) in said
        page = await desk.say("/batches 1")
        assert desk.words("gives-credit", amount="5", plan="") in page
        assert desk.words("batch-moves") not in page


@EACH_ON_ONE
async def test_a_sheet_is_offered_for_as_many_as_it_takes(database_url: str, language: str) -> None:
    async with open_house(database_url, workspaces=0) as house:
        desk = Desk(house, language=language)
        sheet = desk.words("button-sheet")
        await house.make_codes(240)
        await house.make_codes(241)
        await desk.say("/batches 1")
        assert sheet in desk.buttons
        await desk.say("/batches 2")
        assert sheet not in desk.buttons
        assert await desk.command("export", batch=2, file="sheet") == desk.words("sheet-too-many", count=241, most=240)
        await desk.command("generate", count=241, override=True)
        await desk.press(next(iter(desk.buttons)))
        assert desk.words("button-csv") in desk.buttons
        assert sheet not in desk.buttons


@EACH_ON_ONE
async def test_a_sheet_asks_for_an_address_only_where_each_code_gives_a_seat(
    database_url: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[tuple[str, str]] = []

    def noted(cards: object, title: str, how: str) -> bytes:
        printed.append((title, how))
        return b"%PDF"

    monkeypatch.setattr(sheets, "_sheet", noted)
    async with open_house(database_url, workspaces=0) as house:
        desk = Desk(house, language=language)
        await house.make_codes(2)
        await desk.say("/generate 2 gives=credit:5")
        for chosen in ({"batch": 1}, {"batch": 2}, {"pool": "default"}):
            await desk.command("export", file="sheet", **chosen)
        said = [(desk.words(f"sheet-title{one}"), desk.words(f"sheet-how{one}")) for one in ("", "-gift", "-gift")]
    assert printed == said


async def test_a_table_of_codes_says_what_each_gives(sqlite_url: str) -> None:
    async with open_house(sqlite_url, workspaces=0) as house:
        desk = Desk(house)
        await house.make_codes(1)
        await desk.say("/generate 1 gives=credit:5")
        await desk.command("export", pool="default", file="csv")
        heading, *lines = desk.reply.files[0].content.decode("utf-8-sig").splitlines()
        assert heading.endswith(",gives")
        assert [line.rpartition(",")[2] for line in lines] == ["seat", "credit:5"]


async def test_a_resolved_alert_is_not_muted_and_not_denied(sqlite_url: str) -> None:
    async with open_house(sqlite_url, workspaces=0) as house:
        desk = Desk(house)
        await house.make_codes(3)
        await desk.say("/check")
        await desk.command("resolve", alert=1)
        await desk.command("mute", alert=1, hours=1)
        assert desk.reply.key == "alert-resolved-before"
        await desk.command("mute", alert=7, hours=1)
        assert desk.reply.key == "error-not_found"
