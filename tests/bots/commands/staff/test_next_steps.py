"""What staff can do after an answer that has nothing for them, and what settings are called."""

from __future__ import annotations

import re

import pytest

from bots.commands.staff.house import SETTINGS
from bots.messages.rendering import Look, has_words, words
from bots.messages.reply import Say
from core.actors import Role
from core.languages import LANGUAGES
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import open_house

ME = "anna@example.com"


@EACH_ON_ONE
async def test_codes_that_were_deleted_are_not_called_off_and_not_offered_again(database_url: str, language: str):
    async with open_house(database_url, seats=8) as house:
        desk = Desk(house, language=language)
        await desk.say("/generate 3")
        [first, *_] = re.findall(r"TEAM(?:-\w{4}){4}", desk.said)
        await desk.say(f"/disable {first}")
        counts = {"batch": "1", "label": desk.words("no-label"), "pool": "default", "codes": 3, "uses": 3, "used": 0}
        counts |= {"reserved": 0, "joined": 0}
        assert desk.words("batch-line", **counts, unused=2, off=1, deleted=0) in await desk.say("/batches 1")
        await desk.say("/delete batch 1")
        await desk.press(desk.words("button-delete-rest"))
        assert desk.words("batch-line", **counts, unused=0, off=0, deleted=3) in await desk.say("/batches")
        await desk.say("/batches 1")
        assert desk.words("button-enable-rest") not in desk.buttons
        assert desk.words("button-csv") not in desk.buttons
        for action in ("enable", "disable", "delete"):
            answer = await desk.say(f"/{action} batch 1")
            assert desk.words("batch-nothing", action=action, batch="1") in answer
            assert list(desk.buttons) == [desk.words("button-batch", batch="1")]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_search_without_a_hit_leads_on(sqlite_url: str, language: str):
    async with open_house(sqlite_url) as house:
        viewer = Desk(house, Role.VIEWER, language=language)
        assert await viewer.say(f"/find {ME}") == viewer.words("found-nothing", query=ME)
        assert list(viewer.buttons) == [viewer.words("button-find-again"), viewer.words("button-leases-of")]
        assert await viewer.press(viewer.words("button-find-again")) == viewer.words("ask-find-what")
        operator = Desk(house, Role.OPERATOR, "43", language=language)
        await operator.say(f"/find {ME}")
        await operator.press(operator.words("button-invite-found", address=ME))
        assert [address for _, address in house.invited()] == [ME]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_setting_that_is_shown_has_a_plain_name_beside_the_one_that_is_typed(
    sqlite_url: str, language: str
):
    async with open_house(sqlite_url) as house:
        desk = Desk(house, Role.ADMIN, language=language)
        for name in (name for names in SETTINGS.values() for name in names):
            assert has_words(f"setting-name-{name.replace('.', '-')}", language), name
        label = desk.words("setting-name-limits-lock")
        panel = await desk.say("/settings limits")
        assert f"{label}: " in panel or f"{label}：" in panel
        assert label in await desk.press(label), "the button says what it is"
        assert desk.words("setting", name="limits.lock", value=desk.words("term-minute", count=15)) in desk.said


async def test_no_seats_at_all_is_said_as_a_sentence(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house, Role.VIEWER)
        assert await desk.say("/leases") == desk.words("leases-nobody")
        assert "ended" in await desk.say("/leases ended")


@pytest.mark.parametrize(("said", "language"), [("zh", "zh-CN"), ("中文", "zh-CN"), ("English", "en"), ("英文", "en")])
async def test_a_language_is_known_by_what_people_call_it(sqlite_url: str, said: str, language: str):
    async with open_house(sqlite_url) as house:
        stranger = Desk(house, Role.ANYONE)
        await stranger.say(f"/language {said}")
        assert stranger.reply.key == "language-chosen"
        assert await house.value("SELECT language FROM people") == language


async def test_help_about_what_is_unknown_or_for_others_says_so(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        stranger = Desk(house, Role.ANYONE)
        assert await stranger.say("/help reedem") == stranger.words(
            "error-unknown_command", name="reedem", nearest="redeem"
        )
        assert await stranger.say("/help generate") == stranger.words(
            "error-not_allowed", role="operator", has="anyone"
        )


@pytest.mark.parametrize("said", ["/transfer", "/transfer bob", f"/transfer {ME}", "/myseat resend"])
async def test_who_has_no_seat_is_told_that_whatever_was_written(sqlite_url: str, said: str):
    async with open_house(sqlite_url) as house:
        stranger = Desk(house, Role.ANYONE)
        assert await stranger.say(said) == stranger.words("myseat-none")


async def test_an_address_with_a_code_is_a_wish_of_its_own_also_where_an_address_was_asked_for(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        [code] = await house.make_codes()
        desk = Desk(house)
        await desk.say("/transfer")
        assert desk.reply.key == "ask-transfer-address"
        await desk.say(f"{ME} {code}")
        assert [address for _, address in house.invited()] == [ME]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_new_address_is_told_as_one_and_not_as_a_move(language: str):
    look = Look(language, "plain", 4096)
    told = {"team": "Blue", "address": ME, "joined": True}
    for step in ("started", "invited", "done"):
        of_an_address = words(Say(f"notice-transfer_{step}", {**told, "cause": "address"}), look)
        assert not re.search("moved|move is|迁", of_an_address), of_an_address
        assert of_an_address != words(Say(f"notice-transfer_{step}", {**told, "cause": "manual"}), look)
    not_yet = words(Say("notice-transfer_done", {**told, "cause": "manual", "joined": False}), look)
    assert ("accept" if language == "en" else "接受") in not_yet


async def test_a_value_that_cannot_be_is_asked_for_again(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house, Role.ADMIN)
        await desk.say("/settings limits.attempts ?")
        await desk.say("many")
        assert desk.reply.key == "error-bad_setting"
        assert desk.words("setting-set", name="limits.attempts", value="12") in await desk.say("12")
        await desk.say("/settings limits.atempts 3")
        assert "/settings" in desk.buttons


async def test_who_cannot_be_moved_is_told_so_whatever_number_of_seats_they_have(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        ann = Desk(house, Role.ANYONE)
        for number, code in enumerate(await house.make_codes(2)):
            await ann.say(f"ann{number}@example.com {code}")
        assert await ann.say("/transfer") == ann.words("error-transfer_refused", reason="not_offered")


async def test_a_long_text_is_not_repeated_in_full(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house, Role.ANYONE)
        assert len(await desk.say("/timezone " + "x" * 3000)) < 600


async def test_an_owner_by_the_configuration_is_not_asked_whether_to_leave(sqlite_url: str):
    async with open_house(sqlite_url, staff={"owners": ["telegram:42"]}) as house:
        owner = Desk(house)
        await owner.say("/leave")
        assert owner.reply.state == "refused"


async def test_help_shows_nothing_that_only_buttons_say(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        assert "as_is" not in await Desk(house, Role.ANYONE).say("/help redeem")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_alert_is_muted_for_hours_written_as_such_and_says_in_words_what_it_is_about(
    sqlite_url: str, language: str
):
    async with open_house(sqlite_url, seats=1) as house:
        [code] = await house.make_codes()
        await house.redeem(ME, code, key="k")
        desk = Desk(house, Role.OPERATOR, language=language)
        await desk.say("/check")
        for hours in ("2h", "2 hours", "2小时"):
            await desk.say(f"/mute 1 {hours}")
            assert desk.reply.key == "alert-muted", hours
        assert "pool:1" not in await desk.say("/alerts 1")
        assert "9" not in await desk.say("/resolve abc"), "there is no highest alert"


@pytest.mark.parametrize("name", ["all", "people", "house"])
async def test_help_opens_a_panel_by_its_name(sqlite_url: str, name: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house)
        await desk.say(f"/help {name}")
        assert desk.reply.state != "refused"
        assert desk.words("button-up") in desk.buttons


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_draft_where_there_is_no_room_says_so(language: str):
    said = words(Say("draft-too-many", {"total": 3, "left": 0, "missing": 3}), Look(language, "plain", 4096))
    assert "0" not in said
