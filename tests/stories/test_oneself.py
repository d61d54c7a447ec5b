"""What a person may ask and decide about themselves."""

from __future__ import annotations

import json

import pytest

from core.actors import SYSTEM, Role
from core.people import links, people, report
from core.rules.terms import parse_term
from core.teams import pools
from tests.stories.conftest import OpenStory

ME = "me@example.com"
TEAM = "Workspace 1"


async def test_hello_and_help(story: OpenStory):
    async with story() as chat:
        assert await chat.say("/start") == chat.words("welcome")
        assert chat.buttons == [chat.label(name) for name in ("redeem", "how")]
        answer = await chat.press(chat.label("how"))
        assert "/redeem" in answer
        assert "/claim" in answer
        assert "/addteam" not in answer, "the menu of staff is for staff"
        assert "/redeem ADDRESS CODES" in await chat.say("/help redeem")


async def test_my_seat_from_nothing_to_joined(story: OpenStory):
    async with story() as chat:
        assert await chat.say("/myseat") == chat.words("myseat-none")
        [code] = await chat.house.make_codes()
        await chat.say(f"{ME} {code}")
        answer = await chat.say("/myseat")
        assert chat.words("myseat", count=1) in answer
        assert f"{ME}" in answer
        assert TEAM in answer
        assert chat.words("until-term", term=parse_term("1mo")) in answer


async def test_an_invitation_is_sent_again(story: OpenStory):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        await chat.say(f"{ME} {code}")
        await chat.say("/myseat")
        said = chat.words("myseat-sent-recently", address=ME, team=TEAM, until="|").partition("|")[0]
        assert (await chat.press(chat.label("resend-mine"))).startswith(said)
        await chat.house.execute("UPDATE leases SET last_sent_at = NULL")
        await chat.say("/myseat")
        answer = await chat.press(chat.label("resend-mine"))
        assert answer == chat.words("myseat-resent", address=ME, team=TEAM)
        assert {address for _, address in chat.house.invited()} == {ME}


async def test_another_address_is_asked_of_staff(story: OpenStory):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        await chat.say(f"{ME} {code}")
        await chat.house.execute("UPDATE leases SET status = 'active', joined_at = invited_at")
        await chat.say("/myseat")
        assert await chat.press(chat.label("other-address")) == chat.words("ask-myseat-address")
        other = "new@example.com"
        assert await chat.say(other) == chat.words("myseat-address-asked", address=other)
        assert await chat.house.value("SELECT state FROM transfers") == "asked"
        shown = await chat.say("/myseat")
        assert other in shown, "what one has asked for is shown until it is decided"
        assert [address for _, address in chat.house.invited()] == [ME], "nobody is invited before staff agree"


async def test_being_moved_where_the_pool_allows_it(story: OpenStory):
    async with story(workspaces=2) as chat:
        [code] = await chat.house.make_codes()
        await pools.change_pool(chat.house.core, SYSTEM, "default", transfer_requests=True)
        await chat.say(f"{ME} {code}")
        await chat.house.execute("UPDATE leases SET status = 'active', joined_at = invited_at")
        await chat.say("/myseat")
        assert await chat.press(chat.label("move")) == chat.words("myseat-move", address=ME, team=TEAM)
        # Where the platform can write first, the notice of the move may be there at once as well.
        assert chat.words("myseat-moving") in await chat.press(chat.label("confirm"))
        assert [workspace for workspace, _ in chat.house.invited()] == sorted(
            {workspace for workspace, _ in chat.house.invited()}
        )
        assert len(chat.house.invited()) == 2


async def test_verifying_uses_nothing(story: OpenStory):
    async with story() as chat:
        [code, other] = await chat.house.make_codes(2)
        facts = {"code": code[-4:], "pool": "default", "left": 1, "most": 1}
        for _ in range(7):
            assert chat.words("verify-valid", **facts) in await chat.say(f"/verify {code}")
        await chat.press(chat.label("redeem-this"))
        await chat.say(ME)
        assert chat.words("verify-used-up", **facts) in await chat.say(f"/verify {code}")
        await chat.house.redeem("first@example.com", other, key="first")
        stranger = await chat.say(f"/verify {other}")
        assert stranger == chat.words("error-code_refused")
        known = await chat.say(f"/verify {other} first@example.com")
        assert chat.words("verify-used-up", code=other[-4:], pool="default") in known


async def test_the_stock_is_shown_where_the_pool_wants_it(story: OpenStory):
    async with story(seats=3) as chat:
        assert await chat.say("/stock") == chat.words("stock-hidden")
        await pools.change_pool(chat.house.core, SYSTEM, "default", show_stock=True)
        assert chat.words("stock-line", pool="default", free=3, waiting=0) in await chat.say("/stock")


async def test_another_language_from_now_on(story: OpenStory):
    async with story() as chat:
        await chat.say("/language")
        other = "zh-CN" if chat.language == "en" else "en"
        chat.language = other
        assert await chat.press(chat.words(f"choice-{other}")) == chat.words("language-chosen")
        await chat.restart()
        assert await chat.say("/myseat") == chat.words("myseat-none")


async def test_what_is_stored_can_be_taken_along_and_erased(story: OpenStory):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        await chat.say(f"{ME} {code}")
        assert await chat.say("/privacy") == chat.words("privacy")
        await chat.press(chat.label("export"))
        [(name, content)] = chat.files
        stored = json.loads(content)
        assert name == "my-data.json"
        assert [one["address"] for one in stored["leases"]] == [ME]
        assert code not in content.decode()
        await chat.say("/privacy")
        assert await chat.press(chat.label("erase")) == chat.words("privacy-erase")
        assert await chat.press(chat.label("erase-confirm")) == chat.words("privacy-erased", kept=1)
        assert await chat.say("/myseat") == chat.words("myseat-kept", count=1)
        assert not await chat.house.rows("SELECT 1 FROM redemptions WHERE address = :me", me=ME)
        assert await chat.house.rows("SELECT 1 FROM leases WHERE address = :me AND platform = 'erased'", me=ME)


async def test_changing_ones_mind_about_erasing(story: OpenStory):
    async with story() as chat:
        await chat.say("/privacy")
        await chat.press(chat.label("erase"))
        assert await chat.press(chat.label("keep")) == chat.words("cancelled")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMIN])
async def test_signing_in_with_a_token(story: OpenStory, role: Role):
    async with story() as chat:
        token, _ = await people.issue_token(chat.house.core, SYSTEM, role)
        answer = await chat.say(f"/claim {token}")
        assert answer.startswith(chat.words("signed-in", role=chat.words(f"role-{role.label}")))
        assert await chat.house.value("SELECT role FROM people") == role.label
        assert token not in str(await chat.house.rows("SELECT * FROM staff_tokens"))


async def test_wrong_tokens_lock_the_door(story: OpenStory):
    async with story() as chat:
        token, _ = await people.issue_token(chat.house.core, SYSTEM, Role.OWNER)
        for number in range(5):
            assert await chat.say(f"/claim guess-number-{number}") == chat.words("error-claim_token_refused")
        said = chat.words("error-sign_in_locked", until="|").partition("|")[0]
        assert (await chat.say(f"/claim {token}")).startswith(said)


async def test_the_way_to_another_site(story: OpenStory):
    place = {"authorize": "https://x.example/a", "token": "https://x.example/t", "user_info": "https://x.example/u"}
    site = {"client_id": "usher", "client_secret": "secret", **place}
    gateway = {"enabled": True, "port": 0, "public_url": "https://usher.example"}
    async with story(sso={"linuxdo": site}, gateway=gateway) as chat:
        await chat.say("/link")
        answer = await chat.press(next(one for one in chat.buttons if "linuxdo" in one))
        assert "https://x.example/a?response_type=code&client_id=usher" in answer
        assert "https%3A%2F%2Fusher.example%2Foauth%2Flinuxdo%2Fcallback" in answer
        assert "secret" not in answer
        assert chat.words("error-site_unknown", site="nowhere", sites=["linuxdo"], count=1) in await chat.say(
            "/link nowhere"
        )
        assert chat.words("error-outside_refused", site="linuxdo", reason="not_linked") in await chat.say(
            "/link unlink linuxdo"
        )


async def test_one_person_on_two_platforms(story: OpenStory):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        await chat.say(f"{ME} {code}")
        other = await people.recognise(chat.house.core, "elsewhere", "900")
        token, _ = await links.issue_link(chat.house.core, other)
        answer = await chat.say(f"/claim {token}")
        assert "elsewhere:900" in answer, "whoever agrees knows to whom"
        assert not (await report.my_seat(chat.house.core, other)).seats
        assert await chat.press(chat.label("link")) == chat.words("link-agreed", identity="elsewhere:900")
        wanted = await links.wanted(chat.house.core, other)
        assert wanted is not None
        assert not (await report.my_seat(chat.house.core, other)).seats, "the other side was not asked yet"
        joined = await links.join(chat.house.core, other, wanted.id)
        assert joined == wanted.other
        assert [seat.address for seat in (await report.my_seat(chat.house.core, other)).seats] == [ME]


async def test_staff_commands_are_refused_in_the_core(story: OpenStory):
    async with story() as chat:
        from bots.commands.catalogue import catalogue

        staff = [command.name for command in catalogue() if command.role > Role.ANYONE]
        for name in staff[:10]:
            answer = await chat.say(f"/{name}")
            assert answer == chat.words("error-not_allowed", role="staff")
