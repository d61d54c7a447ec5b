"""Where something is said: in servers only the asker sees it, codes are taken out of sight, nobody is pinged."""

import json

import pytest

from core.actors import SYSTEM, Role
from core.people import people
from tests.support.chats import until
from tests.support.discord.emulator import buttons_of, text_of
from tests.support.discord.house import open_discord_house
from tests.support.discord.people import attached

MESSAGE_CONTENT = 1 << 15
EPHEMERAL = 64


@pytest.fixture
async def listening(sqlite_url):
    """A bot that may read what is written in channels."""
    async with open_discord_house(sqlite_url, discord={"message_content": True}) as opened:
        yield opened


async def test_an_address_and_a_code_in_a_channel_are_taken_out_of_sight(listening):
    discord = listening.discord
    code = (await listening.house.make_codes())[0]
    said = await discord.say(f"my code is {code} for ada@example.com")
    pointer = await discord.wait_message(since=said)
    assert await discord.is_deleted(said)
    assert "I deleted your message" in text_of(pointer)
    assert code not in text_of(pointer)
    assert "ada@" not in text_of(pointer)
    pressed = await discord.press("Open the private chat")
    answer = await discord.wait_answer(pressed, "Done")
    assert answer["flags"] & EPHEMERAL
    assert len(listening.house.invited()) == 1


async def test_a_file_with_teams_in_a_channel_is_taken_out_of_sight_and_no_other_file_is(sqlite_url):
    owners = {"owners": ["discord:7"]}
    async with open_discord_house(sqlite_url, discord={"message_content": True}, staff=owners) as usher:
        discord = usher.discord
        session = json.dumps(usher.house.sandbox.sessions("chatgpt")[0]).encode()
        said = await discord.say("here", files=(attached(session, "teams.jsonl"),))
        assert "held a credential" in text_of(await discord.wait_message(since=said))
        assert await discord.is_deleted(said)
        kept = [
            await discord.say("", files=(attached(b"our plan for May", "notes.txt"),)),
            await discord.say("", files=(attached(session, "teams.jsonl"),), user=8),
        ]
        await discord.wait_idle(quiet=0.5)
        assert [await discord.is_deleted(one) for one in kept] == [False, False]
        assert len(await discord.messages()) == 1


async def test_the_way_on_is_for_who_wrote_it(listening):
    discord = listening.discord
    code = (await listening.house.make_codes())[0]
    said = await discord.say(f"{code} ada@example.com")
    await discord.wait_message(since=said)
    pressed = await discord.press("Open the private chat", user=8)
    answer = await discord.wait_answer(pressed)
    assert "somebody else" in text_of(answer)
    assert answer["flags"] & EPHEMERAL
    assert not listening.house.invited()


async def test_what_is_no_code_is_nobodys_business(listening):
    await listening.discord.say("good morning")
    await listening.discord.say("/start of something")
    await listening.discord.say("/stock")
    await listening.discord.wait_idle(quiet=0.5)
    assert not await listening.discord.messages()


@pytest.mark.parametrize("sender", ["bot", "webhook"])
async def test_bots_and_webhooks_are_nobody(listening, sender):
    code = (await listening.house.make_codes())[0]
    await listening.discord.say(f"{code} ada@example.com", sender=sender)
    await listening.discord.wait_idle(quiet=0.5)
    assert await listening.house.value("SELECT count(*) FROM inbox") == 0


async def test_an_edited_message_is_not_a_second_one(usher, discord, code):
    said = await discord.dm("hello")
    await discord.wait_message(since=said, dm=True)
    await discord.edit(said, f"ada@example.com {code}", dm=True)
    await discord.wait_idle(quiet=0.5)
    assert not usher.house.invited()


async def test_an_edited_message_corrects_what_is_still_being_asked_about(usher, discord, code):
    said = await discord.dm(f"bob@gmail.con {code}")
    await discord.wait_message("bob@gmail.com", since=said, dm=True)
    await discord.edit(said, f"rob@example.com {code}", dm=True)
    await discord.wait_message("Done", since=said, dm=True)
    assert usher.house.invited() == [("ws-1", "rob@example.com")]


async def test_without_the_intent_channels_are_not_read(usher, discord, code):
    await discord.say(f"{code} ada@example.com")
    await discord.wait_idle(quiet=0.5)
    assert await usher.house.value("SELECT count(*) FROM inbox") == 0


async def test_the_stock_may_be_seen_by_all_and_everything_else_by_the_asker_only(usher, discord):
    assert not (await discord.run("stock"))["flags"] & EPHEMERAL
    for name in ("myseat", "waitlist", "privacy", "link"):
        assert (await discord.run(name))["flags"] & EPHEMERAL


async def test_what_all_see_is_not_changed_into_one_persons_answer(listening):
    discord = listening.discord
    said = await discord.say(f"{(await listening.house.make_codes())[0]} ada@example.com")
    pointer = await discord.wait_message(since=said)
    answer = await discord.wait_answer(await discord.press("Open the private chat"), "Done")
    assert answer["flags"] & EPHEMERAL
    assert answer["id"] != pointer["id"]


async def test_hello_and_help_are_for_the_asker_alone(usher, discord):
    for name in ("start", "help"):
        assert (await discord.run(name))["flags"] & EPHEMERAL


async def test_a_private_message_is_changed_in_place(discord):
    asked = await discord.slash("privacy")
    shown = await discord.wait_answer(asked)
    pressed = await discord.press("Erase my data")
    answer = await discord.wait_answer(pressed, "Erase everything")
    assert answer["id"] == shown["id"]
    file = await discord.wait_answer(await discord.slash("privacy", {"action": "export"}))
    assert (await discord.download(file)).filename == "my-data.json"


async def test_a_made_up_button_does_nothing(usher, discord):
    await discord.run("privacy")
    for made_up in ("u:0123456789abcdef0123", "u:", "m:x", "choose", "ask:claim:token:x", "ask:nothing:here", "🎟"):
        pressed = await discord.press(made_up, forged=True)
        assert text_of(await discord.wait_answer(pressed)), made_up

    async def done():
        return await usher.house.value("SELECT count(*) FROM inbox WHERE state != 'done'") == 0

    await until(done, 60, "not everything was answered")
    assert not await discord.rejections()


async def test_nobody_is_pinged_whatever_is_written(usher, discord):
    for text in ("@everyone a@b.example", "<@7> <@&1> @here", "/help @everyone", "[x](https://a.example) `|| **"):
        said = await discord.dm(text)
        await discord.wait_message(since=said, dm=True)
    await discord.run("help", {"command": "@everyone <@7>"})
    assert await discord.pings() == []
    for call in await discord.recorded_calls("/messages"):
        assert call.json is None or call.json["allowed_mentions"] == {"parse": []}
    assert not await discord.rejections()


async def test_strange_messages_stop_nothing(usher, discord, code):
    strange = ["\u202e\u200b\u0000 x", "\ud83d\ude00" * 400, "=cmd()|'x'!A0@example.com", "a@" * 900, "{" * 1900]
    for text in strange:
        await discord.dm(text)
    said = await discord.dm(f"ada@example.com {code}")
    await discord.wait_message("Done", since=said, dm=True)
    assert await usher.house.value("SELECT count(*) FROM inbox WHERE state = 'dead'") == 0
    assert not await discord.rejections()


async def test_a_flood_is_slowed_down(usher, discord):
    answers = [await discord.slash("start", user=12) for _ in range(40)]
    slowed = [text_of(await discord.wait_answer(one)) for one in answers]
    assert any("a lot at once" in text for text in slowed)
    assert "hand out seats" in slowed[0]


async def test_an_alert_reaches_a_channel_and_its_button_works(sqlite_url):
    from core.alerts.alerts import raise_alert
    from tests.support.discord.house import running

    async with open_discord_house(sqlite_url, connected=False) as usher:
        discord = usher.discord
        async with running(usher.core, discord, delivers=True):
            await discord.wait_connected()
            token, _ = await people.issue_token(usher.core, SYSTEM, Role.ADMIN)
            await discord.run("claim", {"token": token})
            channel = await discord.add_channel("alerts")
            await discord.run("subscribe", {"level": "warning"}, channel=channel)
            now = usher.core.now()
            await usher.core.write(raise_alert, "system", "test", "error", "unexpected_error", {"reference": "X1"}, now)
            alert = await discord.wait_message("X1", channel=channel)
            assert buttons_of(alert)
            label = buttons_of(alert)[0][0]
            pressed = await discord.press(label, channel=channel, message=alert)
            await discord.wait_answer(pressed)

            async def resolved():
                return await usher.house.value("SELECT resolved_at FROM alerts WHERE subject = 'test'") is not None

            await until(resolved, 60, "the alert was not resolved")
            await discord.wait_message("✅", channel=channel)
        assert not await discord.rejections()
