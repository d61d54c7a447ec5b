"""Finding a person, reading what happened, and the house in figures."""

from __future__ import annotations

import csv
import io
import struct

import pytest

from core.actors import SYSTEM, Actor, Role
from core.people import people
from core.rules.addresses import read_address
from core.rules.codes import read_code
from core.waitlist import waitlist
from tests.support.desk import Desk
from tests.support.house import open_house

ANNA = "anna@example.com"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_a_person_is_found_by_address_code_and_chat(database_url: str, language: str):
    async with open_house(database_url, workspaces=2, seats=1) as house:
        codes = await house.make_codes(4)
        me = Actor("telegram", "777000123")
        await people.recognise(house.core, "telegram", "777000123", chat_id="777000123")
        await house.redeem(ANNA, codes[0], key="a", actor=me)
        await house.redeem("bert@example.com", codes[1], key="b")
        await house.redeem(ANNA.replace("anna", "carl"), codes[2], key="c", actor=me)
        await waitlist.join(house.core, me, read_address(ANNA), read_code(codes[3], await house.core.shapes()))
        desk = Desk(house, Role.VIEWER, language=language)
        for what in (ANNA, "ANNA@Example.COM", codes[0], codes[0][-4:], f"…{codes[0][-4:]}", "telegram:777000123"):
            answer = await desk.say(f"/find {what}")
            assert ANNA in answer, what
            assert "Workspace 1" in answer
            assert desk.words("found-history-heading") in answer
        answer = await desk.say("/find 777000123")
        assert (
            desk.words("found-identity", platform="telegram", identity="777000123", role=desk.words("role-anyone"))
            in answer
        )
        assert desk.words("reason-no_seats") in answer
        await desk.say(f"/find {codes[0][-4:]}")
        assert "777000123" in await desk.press(ANNA)
        assert desk.words("found-nothing", query="zed@example.com") in await desk.say("/find zed@example.com")
        assert desk.words("found-nothing", query="zed") in await desk.say("/find zed")
        assert desk.words("error-bad_address") in await desk.say("/find a@b")
        assert desk.words("ask-find-what") in await desk.say("/find")
        assert ANNA in await desk.say(ANNA)


async def test_a_member_nobody_invited_is_found_too(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        await house.execute("UPDATE seats SET state = 'taken', occupant = 'guest@example.com' WHERE id = 2")
        desk = Desk(house, Role.VIEWER)
        assert desk.words("found-stranger", team="Workspace 1") in await desk.say("/find guest@example.com")


async def test_whoever_of_staff_seated_somebody_is_not_shown_as_that_person(database_url: str):
    async with open_house(database_url) as house:
        desk = Desk(house, identity="42")
        await people.set_language(house.core, desk._actor(), "en")
        await desk.say("/invite bert@example.com")
        assert desk.reply.key == "invite-invited"
        assert "telegram:42" not in await desk.say("/find bert@example.com")
        [code] = await house.make_codes()
        await house.redeem("anna@example.com", code, key="own", actor=Actor("telegram", "42"))
        assert "telegram:42" in await desk.say("/find anna@example.com")


async def test_redemptions_are_read_page_by_page_and_filtered(database_url: str):
    async with open_house(database_url, seats=8) as house:
        for number, code in enumerate(await house.make_codes(11)):
            await house.redeem(f"p{number}@example.com", code, key=f"k{number}")
        desk = Desk(house, Role.VIEWER)
        first = await desk.say("/redemptions")
        assert first.count("❌") == 3
        assert first.count("✅") == 7
        assert (await desk.press(desk.words("button-next"))).count("✅") == 1
        assert (await desk.say("/redemptions refused")).count(desk.words("reason-no_seats")) == 3
        assert "p3@example.com" in await desk.say("/redemptions p3@example.com since 1d")
        assert desk.words("redemptions-none") in await desk.say("/redemptions unclear")
        assert desk.words("error-not_found", kind="pool", name="x") in await desk.say("/redemptions pool x")


async def test_the_audit_log_tells_who_did_what(database_url: str):
    async with open_house(database_url) as house:
        desk = Desk(house, Role.ADMIN)
        await desk.say("/editteam Workspace 1 seats 9")
        await desk.say("/generate 1")
        answer = await desk.say("/audit")
        assert "seats 4 → 9" in answer
        assert "telegram:42" in answer
        assert desk.words("audited-batch-generated") in answer
        only = await desk.say("/audit team actor telegram:42 since 1d")
        assert desk.words("audited-team-changed") in only
        assert desk.words("audited-batch-generated") not in only
        assert desk.words("audited-team-created") not in only
        assert desk.words("audited-team-created") in await desk.say('/audit subject "team 1"')
        assert desk.words("audit-none") in await desk.say("/audit nothing")
        assert desk.words("error-not_allowed", role="admin", has="operator") in await Desk(house, Role.OPERATOR).say(
            "/audit"
        )


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_statistics_come_as_text_pictures_and_a_table(sqlite_url: str, language: str):
    async with open_house(sqlite_url, workspaces=14, seats=3) as house:
        for number, code in enumerate(await house.make_codes(6, label="=spring")):
            await house.redeem(f"p{number}@example.com", code, key=f"k{number}")
        desk = Desk(house, Role.VIEWER, language=language)
        answer = await desk.say("/stats")
        seats = {"used": 6, "seats": 42, "share": "14%", "taken": 6, "held": 0, "free": 36, "closed": 0}
        assert desk.words("stats-seats", **seats) in answer
        assert desk.words("stats-teams-heading", count=14) in answer
        assert desk.words("stats-batch", batch="1", label="=spring", count=6) in answer
        assert len(answer.splitlines()) < 30, "a phone shows it on one screen or two"
        pictures = desk.reply.files
        assert [file.name for file in pictures] == ["all-trend.png", "all-seats.png", "all-funnel.png"]
        for file in pictures:
            assert file.image
            assert struct.unpack(">I", file.content[16:20])[0] == 1080
        assert desk.words("stats-window", days=30, redeemed=6, people=6, joined=0, refused=0) in await desk.press(
            desk.words("button-window-30d")
        )
        await desk.press(desk.words("button-table"))
        name, text = desk.file()
        assert name.startswith("usher-30d-")
        rows = {(row["section"], row["name"], row["figure"]): row["value"] for row in csv.DictReader(io.StringIO(text))}
        assert rows["all", "", "redeemed"] == "6"
        assert rows["batch", "#1 =spring", "used"] == "6"
        assert rows["team seats", "Workspace 1", "taken"] == "3"
        assert desk.words("error-not_found", kind="pool", name="nowhere") in await desk.say("/stats nowhere")


async def test_statistics_of_an_empty_house(sqlite_url: str):
    async with open_house(sqlite_url, workspaces=0) as house:
        desk = Desk(house)
        for line in (
            "/stats",
            "/stats 30d",
            "/pools",
            "/teams",
            "/codes",
            "/batches",
            "/redemptions",
            "/audit",
            "/generate",
        ):
            assert await desk.say(line)
        assert SYSTEM.role is Role.OWNER


async def test_in_a_group_no_team_is_called_by_its_owners_address(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        await house.execute("UPDATE teams SET name = 'owner@example.com'")
        answer = await Desk(house, private=False).say("/stats")
        assert "owner@example.com" not in answer
        assert "o***@example.com" in answer


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_people_and_teams_are_found_by_a_part(sqlite_url: str, language: str):
    async with open_house(sqlite_url, workspaces=2) as house:
        [code] = await house.make_codes()
        await house.redeem(ANNA, code, key="a")
        desk = Desk(house, Role.VIEWER, language=language)
        assert desk.words("found-alike", query="na@exam") in await desk.say("/find na@exam")
        assert ANNA in await desk.press(ANNA)
        assert desk.reply.key == "found"
        await desk.say("/team space 2")
        assert desk.reply.key == "error-not_found"
        await desk.press("Workspace 2")
        assert "Workspace 2" in desk.said
        assert desk.reply.state != "refused"
