"""What Discord may do to the bot: cut, forget, refuse, repeat, slow down. Nothing is lost, nothing is done twice."""

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from bots.messages.reply import Reply
from bots.outgoing.posting import NotNow, Post, Unreachable
from core import outbox
from tests.support.chats import until
from tests.support.discord.emulator import text_of
from tests.support.discord.house import open_discord_house, running


def post(recipient, edit=None):
    return Post(recipient, Reply("welcome"), "welcome", {}, "en", edit=edit)


async def all_answered(usher, count):
    async def done():
        return await usher.house.value("SELECT count(*) FROM inbox WHERE state = 'done'") >= count

    await until(done, 60, "the inbox was not worked off")


async def test_the_gateway_is_cut_in_the_middle_of_fifty_redemptions(database_url):
    async with open_discord_house(database_url, workspaces=5, seats=10, latency_ms=30) as usher:
        codes = await usher.house.make_codes(50)
        asked = []
        for number, code in enumerate(codes):
            options = {"address": f"person{number}@example.com", "codes": code}
            asked.append(await usher.discord.slash("redeem", options, user=100 + number))
            if number in {15, 35}:
                await usher.discord.cut(repeat=10)
        await usher.discord.wait_connected(resumes=1)
        for one in asked:
            answer = await usher.discord.wait_answer(one, "Done")
            assert "example.com" in text_of(answer)
        invited = [address for _, address in usher.house.invited()]
        assert sorted(invited) == sorted(f"person{number}@example.com" for number in range(50))
        assert await usher.house.value("SELECT count(*) FROM codes WHERE used = 1 AND reserved = 0") == 50
        assert not await usher.discord.rejections()


async def test_an_interaction_that_arrives_too_late_is_done_once_and_told_by_direct_message(usher, discord, code):
    discord.world.answer_seconds = 0.0
    said = await discord.dm("hello")
    await discord.slash("redeem", {"address": "ada@example.com", "codes": code})
    answer = await discord.wait_message("Done", since=said, dm=True)
    assert "ada@example.com" in text_of(answer)
    assert len(usher.house.invited()) == 1


async def test_an_interaction_that_another_process_acknowledged_is_answered(usher, discord, code):
    await discord.fault("POST */callback", "error", code=40060, count=1)
    await discord.slash("redeem", {"address": "ada@example.com", "codes": code})
    await all_answered(usher, 1)
    assert len(usher.house.invited()) == 1


async def test_a_token_that_runs_out_while_it_is_worked_on(usher, discord, code):
    said = await discord.dm("hello")
    discord.world.token_seconds = 0.0
    asked = await discord.slash("redeem", {"address": "ada@example.com", "codes": code})
    await discord.wait_callback(asked)
    await discord.wait_message("Done", since=said, dm=True)
    assert len(usher.house.invited()) == 1


async def test_closed_direct_messages_are_remembered_until_the_person_writes(usher, discord, code):
    await discord.dm("hello")
    await discord.wait_idle()
    await discord.close_dm(7)
    with pytest.raises(Unreachable):
        await usher.bot.sender.post(post("7"))
    await discord.dm("hello again")
    await all_answered(usher, 2)
    marked = await usher.house.value("SELECT unreachable_since FROM identities WHERE identity = '7'")
    assert marked is not None
    await discord.open_dm(7)
    await discord.ask("here I am")
    assert await usher.house.value("SELECT unreachable_since FROM identities WHERE identity = '7'") is None


@pytest.mark.parametrize("state", ["forbidden", "hidden", "deleted"])
async def test_a_channel_that_takes_no_messages(usher, discord, state):
    channel = await discord.add_channel("alerts")
    assert (await usher.bot.sender.post(post(f"#{channel}"))).startswith(f"{channel}:")
    await discord.set_channel_state(channel, state)
    with pytest.raises(Unreachable):
        await usher.bot.sender.post(post(f"#{channel}"))


async def test_a_person_who_is_unknown_to_discord(usher):
    with pytest.raises(Unreachable):
        await usher.bot.sender.post(post("424242"))


async def test_a_notice_is_edited_in_place_and_sent_anew_when_it_is_gone(usher, discord):
    channel = await discord.add_channel("alerts")
    reference = await usher.bot.sender.post(post(f"#{channel}"))
    assert await usher.bot.sender.post(post(f"#{channel}", edit=reference)) == reference
    number = int(reference.partition(":")[2])
    await usher.bot.client.get_partial_messageable(int(channel)).get_partial_message(number).delete()
    again = await usher.bot.sender.post(post(f"#{channel}", edit=reference))
    assert again != reference
    assert again.startswith(f"{channel}:")


async def test_an_unreachable_person_does_not_hold_up_the_outbox(sqlite_url):
    async with open_discord_house(sqlite_url) as usher:
        await usher.discord.dm("hello")
        await usher.discord.close_dm(7)
        await usher.discord.open_dm(8)
        facts = {"address": "a@example.com", "team": "T", "code": "1234"}
        now = usher.core.now()
        await usher.core.write(outbox.put, "discord", "7", outbox.Notice("invited", facts), now)
        await usher.core.write(outbox.put, "discord", "8", outbox.Notice("invited", facts), now)
        async with running(usher.core, usher.discord, delivers=True):
            await usher.discord.wait_message("Confirmed", user=8, dm=True)

            async def settled():
                rows = await usher.house.rows("SELECT state FROM notices ORDER BY id")
                return [row[0] for row in rows] == ["dead", "sent"]

            await until(settled, 60, "the notices were not settled")


@pytest.mark.parametrize("kind", ["429", "429_shared", "429_global", "502", "drop_before"])
async def test_an_answer_survives(usher, discord, code, kind):
    await discord.fault("PATCH /webhooks/*", kind, count=2, retry_after=0.2)
    asked = await discord.slash("redeem", {"address": "ada@example.com", "codes": code})
    await discord.wait_answer(asked, "Done")
    assert len(usher.house.invited()) == 1


@pytest.mark.parametrize("kind", ["429", "429_shared", "429_global", "500", "drop_before", "drop_after"])
async def test_a_notice_survives(usher, discord, kind):
    channel = await discord.add_channel("alerts")
    await discord.fault(f"POST /channels/{channel}/messages", kind, count=1, retry_after=0.2)
    assert await usher.bot.sender.post(post(f"#{channel}"))
    assert await discord.messages(channel=channel)


async def test_what_is_sent_again_is_the_same_message(usher, discord):
    channel, sender = await discord.add_channel("alerts"), usher.bot.sender
    one, other = Reply("welcome"), Reply("slow-down", private=False)

    def said(reply: Reply, key: str, **more: Any) -> Post:
        return Post(f"#{channel}", reply, "welcome", {}, "en", key=key, **more)

    first = await sender.post(said(one, "notice-1"))
    assert await sender.post(said(one, "notice-1")) == first
    [sent] = await discord.messages(channel=channel)
    before, edited = text_of(sent), sent["edited_timestamp"]
    assert edited is None
    # Its words are other ones meanwhile: it comes to say them.
    assert await sender.post(said(other, "notice-1")) == first
    [changed] = await discord.messages(channel=channel)
    assert text_of(changed) != before
    assert changed["edited_timestamp"] is not None
    assert await sender.post(said(other, "notice-2")) != first
    assert len(await discord.messages(channel=channel)) == 2
    # Somebody takes it away: whatever Discord still knows by its nonce, it is said anew.
    await (
        sender.client.get_partial_messageable(int(channel)).get_partial_message(int(first.rpartition(":")[2])).delete()
    )
    again = await sender.post(said(one, "notice-1"))
    assert again != first
    await (
        sender.client.get_partial_messageable(int(channel)).get_partial_message(int(again.rpartition(":")[2])).delete()
    )
    assert await sender.post(said(one, "notice-1", edit=again)) not in {first, again}
    assert len(await discord.messages(channel=channel)) == 2


async def test_a_long_pause_is_left_to_the_row_that_asked(usher, discord):
    channel = await discord.add_channel("alerts")
    await discord.fault(f"POST /channels/{channel}/messages", "429", retry_after=3600)
    with pytest.raises(NotNow) as later:
        await usher.bot.sender.post(post(f"#{channel}"))
    assert later.value.seconds > 3000


async def test_a_ban_by_the_proxy_is_waited_out(usher, discord):
    channel = await discord.add_channel("alerts")
    await discord.fault(f"POST /channels/{channel}/messages", "cloudflare")
    with pytest.raises(NotNow):
        await usher.bot.sender.post(post(f"#{channel}"))


@pytest.mark.parametrize("resumable", [True, False])
async def test_a_session_declared_invalid(usher, discord, code, resumable):
    await discord.invalidate(resumable=resumable)
    asked = await discord.slash("redeem", {"address": "ada@example.com", "codes": code})
    await discord.wait_answer(asked, "Done")
    assert len(usher.house.invited()) == 1


async def test_a_request_to_reconnect(usher, discord, code):
    await discord.reconnect()
    asked = await discord.slash("redeem", {"address": "ada@example.com", "codes": code})
    await discord.wait_answer(asked, "Done")


async def test_the_gateway_is_closed_for_a_while_and_back(sqlite_url):
    """What was asked before is answered meanwhile, past the gateway; the bot comes back by itself."""
    async with open_discord_house(sqlite_url, latency_ms=500) as usher:
        first, second = await usher.house.make_codes(2)
        asked = await usher.discord.slash("redeem", {"address": "ada@example.com", "codes": first})
        await usher.discord.wait_callback(asked)
        usher.discord.gateway.shut()
        await usher.discord.wait_answer(asked, "Done")
        assert (await usher.discord.status())["connected"] == []
        await asyncio.sleep(3)  # several refusals, after each of which it waits longer
        usher.discord.gateway.closed = False
        # Who asks while no session is there is told by Discord itself that nothing answered, and asks again.
        again = await usher.discord.slash("redeem", {"address": "bob@example.com", "codes": second})
        await usher.discord.wait_answer(again, "Done")
        assert [address for _, address in usher.house.invited()] == ["ada@example.com", "bob@example.com"]
        assert not await usher.discord.rejections()


async def test_what_a_stopped_process_left_is_answered_by_the_next(sqlite_url):
    """The interaction is kept and acknowledged; the process ends while the upstream is thinking."""
    async with open_discord_house(sqlite_url, latency_ms=800, patience=20) as usher:
        code = (await usher.house.make_codes())[0]
        asked = await usher.discord.slash("redeem", {"address": "ada@example.com", "codes": code})
        await usher.discord.wait_callback(asked)
        await usher.house.execute("UPDATE inbox SET claim = 'somebody else'")  # this process may not finish it
        await all_answered(usher, 1)
        await usher.discord.wait_answer(asked, "Done")
        assert len(usher.house.invited()) == 1


async def test_buttons_and_questions_survive_a_restart(sqlite_url):
    async with open_discord_house(sqlite_url, connected=False) as usher:
        discord = usher.discord
        code = (await usher.house.make_codes())[0]
        async with running(usher.core, discord):
            await discord.run("start")
            await discord.ask("ada@example.com")
        async with running(usher.core, discord):
            await discord.wait_connected()
            pressed = await discord.press("🎟 Redeem a code")
            assert (await discord.wait_modal(pressed))["components"]
            said = await discord.dm(code)
            await discord.wait_message("Done", since=said, dm=True)


async def test_while_the_database_takes_nothing_the_asker_is_told(sqlite_url):
    """Better said than silence: nothing is kept, so nothing is used."""
    database = {"lock_timeout": 0.3}
    async with open_discord_house(sqlite_url, database={"url": sqlite_url, **database}) as usher:
        code = (await usher.house.make_codes())[0]
        with closing(sqlite3.connect(sqlite_url.partition(":///")[2])) as other:
            other.execute("BEGIN IMMEDIATE")
            asked = await usher.discord.slash("redeem", {"address": "ada@example.com", "codes": code})
            await usher.discord.wait_answer(asked, "could not take that in")
            other.execute("ROLLBACK")
        again = await usher.discord.slash("redeem", {"address": "ada@example.com", "codes": code})
        await usher.discord.wait_answer(again, "Done")
        assert len(usher.house.invited()) == 1


async def test_in_the_middle_of_it_the_asker_is_told_to_wait_and_gets_the_answer(sqlite_url):
    """The invite is out and cannot be written down: nobody knows that nothing was changed, so nobody says so."""
    database = {"url": sqlite_url, "lock_timeout": 0.3}
    quick: dict[str, Any] = {"redemption": {"claim": 3.0}, "patience": 30.0}
    async with open_discord_house(sqlite_url, database=database, latency_ms=700, **quick) as usher:
        code = (await usher.house.make_codes())[0]
        asked = await usher.discord.slash("redeem", {"address": "ada@example.com", "codes": code})

        async def inviting():
            return await usher.house.value("SELECT count(*) FROM leases WHERE status = 'held'") == 1

        await until(inviting, 60, "nobody was invited")
        with closing(sqlite3.connect(sqlite_url.partition(":///")[2])) as other:
            other.execute("BEGIN IMMEDIATE")
            await usher.discord.wait_answer(asked, "I have kept your message")
            other.execute("ROLLBACK")
        await usher.discord.wait_answer(asked, "Done")
        assert len(await usher.discord.answers(asked)) == 1, "in place of it"
        assert len(usher.house.invited()) == 1
