"""Staff hear of what needs attention, settle it from the chat, and do bulk work there."""

from __future__ import annotations

from typing import Any

import pytest

from core.actors import SYSTEM
from core.jobs.sweep import work_off
from core.people import people
from tests.stories.conftest import OpenStory
from tests.support.chats import Chat
from tests.support.discord.chat import plain
from tests.support.discord.emulator import text_of

OWNERS = {"staff": {"owners": ["telegram:7", "discord:7", "terminal:person-7"]}}


async def fill(chat: Chat, count: int) -> list[str]:
    """Somebody redeems a code for each of `count` people."""
    names = [f"person{number}@example.com" for number in range(count)]
    for name in names:
        [code] = await chat.house.make_codes()
        await chat.house.redeem(name, code, key=f"fill {name}")
    return names


async def older(chat: Chat) -> None:
    """As if the invites had been sent yesterday."""
    await chat.house.execute("UPDATE leases SET last_sent_at = created_at, invited_at = created_at")
    past = "created_at - 86400000000" if "sqlite" in chat.house.url else "created_at - interval '1 day'"
    await chat.house.execute(f"UPDATE leases SET last_sent_at = {past}, invited_at = {past}")


async def heard(chat: Chat, part: str) -> str:
    """What came by itself into the chat that was subscribed; on Discord that is a channel of the server."""
    if chat.platform != "discord":
        return await chat.told(part)
    discord: Any = vars(chat)["discord"]
    message = await discord.wait_message(lambda one: part in plain(text_of(one)))
    return plain(text_of(message))


async def test_an_alert_comes_by_itself_and_is_resolved_with_one_press(story: OpenStory):
    async with story(workspaces=1, seats=4, **OWNERS) as chat:
        answer = await chat.say("/subscribe warning")
        if not chat.pushes:
            assert answer == chat.words("subscribe-no-chat")
        else:
            assert chat.words("subscription-every-category") in answer
        await fill(chat, 4)
        answer = await chat.say("/check")
        assert chat.words("checked", count=1) in answer
        last = await chat.house.value("SELECT max(id) FROM alerts")
        full = chat.words("alert-full-teams", teams="Workspace 1", more=0)
        what = chat.words("alert-pool_full", pool="default", occupied=4, seats=4, which=full)
        if chat.pushes:
            assert what in await heard(chat, what)
            await chat.press(chat.label("resolve"))
            by = {"telegram": "telegram:7", "discord": "discord:7"}[chat.platform]
            assert what in await heard(chat, chat.words("alert-over", by=by, at="").split(by)[0] + by)
        assert what in await chat.say("/alerts any")
        if not chat.pushes:
            assert await chat.say(f"/resolve {last}") == chat.words("alert-resolved-stands", alert=str(last), what=what)
        assert what in await chat.say(f"/alerts alert={last}")
        resolved = await chat.house.rows("SELECT id FROM alerts WHERE resolved_at IS NOT NULL")
        assert [row[0] for row in resolved] == [last]
        again = await chat.say("/check")
        assert chat.words("checked", count=0) in again, "it was closed, and has not been over since"


async def test_an_alert_is_muted_and_the_list_is_filtered(story: OpenStory):
    async with story(workspaces=1, seats=4, **OWNERS) as chat:
        await fill(chat, 4)
        await chat.say("/check")
        assert chat.words("alerts", total=1, state="open", pages=1) in await chat.say("/alerts")
        assert chat.words("alerts", total=1, state="open", pages=1) in await chat.say("/alerts critical")
        assert await chat.say("/alerts security") == chat.words("alerts-none", state="any")
        assert chat.words("alerts", total=1, state="open", pages=1) in await chat.press(chat.label("alerts"))
        await chat.say("/mute 1 2")
        assert await chat.house.value("SELECT count(*) FROM alerts WHERE muted_until IS NOT NULL") == 1
        assert chat.words("error-not_found", kind="alert", name="99") in await chat.say("/resolve 99")


async def test_invitations_are_mailed_again_in_bulk(story: OpenStory):
    async with story(workspaces=2, seats=4, **OWNERS) as chat:
        names = await fill(chat, 5)
        await older(chat)
        answer = await chat.say("/resend " + " ".join([*names[:4], "nobody@example.com"]))
        assert chat.words("bulk-resend", count=4) in answer
        assert chat.words("bulk-left", left=1) in answer
        answer = await chat.press(chat.label("confirm"))
        if chat.pushes:
            assert answer.startswith(chat.words("job-started", job="1", count=4))
            await work_off(chat.house.core)
            kind = chat.words("job-kind-resend")
            assert kind in await chat.told(
                chat.words("job-done", job="1", kind=kind, bar="█" * 20, percent=100).split("\n")[0]
            )
        else:
            assert "4" in answer
        assert len(chat.house.sandbox.ledger()["invites"]) == 9
        listed = await chat.say("/jobs")
        assert chat.words("job-kind-resend") in listed
        await chat.say("/jobs 1 results")
        [(name, content)] = chat.files
        assert name == "job-1.csv"
        assert content.decode("utf-8-sig").count("done") == 4


async def test_who_is_asked_for_and_what_is_confirmed(story: OpenStory):
    async with story(workspaces=1, seats=4, **OWNERS) as chat:
        await fill(chat, 1)
        assert chat.words("ask-remove-addresses") in await chat.say("/remove")
        answer = await chat.say("person0@example.com")
        assert chat.words("bulk-remove", count=1) in answer
        assert await chat.press(chat.label("cancel")) == chat.words("cancelled")
        assert await chat.house.value("SELECT count(*) FROM jobs") == 0
        assert chat.words("error-nothing_to_do") in await chat.say('/cancelinvite team="Workspace 1" older 5')


async def test_an_announcement_is_shown_first_and_then_sent(story: OpenStory):
    async with story(workspaces=1, **OWNERS) as chat:
        await people.recognise(chat.house.core, "telegram", "7", chat_id="7")
        await people.recognise(chat.house.core, "discord", "7", chat_id="dm")
        answer = await chat.say("/announce everyone Tonight we <b>move</b> @everyone")
        assert chat.words("announce-preview", to="everyone") in answer
        assert "<b>move</b>" in answer
        await chat.press(chat.label("announce"))
        await work_off(chat.house.core)
        if chat.pushes:
            assert "<b>move</b>" in await chat.told("Tonight we")
        assert await chat.house.value("SELECT count(*) FROM job_items") == 2


@pytest.mark.parametrize("command", ["/alerts", "/jobs", "/resend a@example.com", "/announce everyone x", "/subscribe"])
async def test_a_stranger_may_do_nothing_of_it(story: OpenStory, command: str):
    async with story(workspaces=1) as chat:
        answer = await chat.say(command)
        assert "403" not in answer
        assert await chat.house.value("SELECT count(*) FROM jobs") == 0
        assert await chat.house.value("SELECT count(*) FROM subscriptions") == 0
        assert SYSTEM.key not in answer
