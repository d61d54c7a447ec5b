"""An answer in the making: painted at a pace, stopped by its own button, and whole whatever a chat's limits do to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bots.terminal_chat.chat import ShownMessage, TerminalChat
from core.actors import SYSTEM
from core.calls import calls
from core.calls.orders import CallOrder
from core.credit import grants
from core.models.protocol import Began, Event, Finished, Question, Usage
from core.sources import models, sources
from tests.support.chats import TelegramDriver, open_chat, telegram_settings, until
from tests.support.credit import Desk, saying
from tests.support.discord.chat import DiscordDriver, discord_settings
from tests.support.discord.emulator import PATIENT, FakeDiscord
from tests.support.house import House, open_house
from tests.support.telegram.emulator import FakeTelegram, text_of

WORDS = [f"word{number} " for number in range(40)]
USED = Usage(input=10, output=40)
ACCOUNT = {"name": "main", "base_url": "http://127.0.0.1:1/v1", "api_key": "sk-1", "models": ["small"]}


async def furnish(house: House, *people: str) -> None:
    await models.add_model(house.core, SYSTEM, "small", models.NewModel(price_input=1_000_000, price_output=2_000_000))
    await sources.add_source(house.core, SYSTEM, {**ACCOUNT, "concurrency": 8})
    for person in people:
        await grants.give(house.core, SYSTEM, grants.read_identity(person), "1", reason="a test")


@asynccontextmanager
async def on_telegram(url: str, desk: Desk, rich: str = "auto", **talk: Any) -> AsyncIterator[TelegramDriver]:
    async with (
        FakeTelegram() as telegram,
        open_house(
            url,
            workspaces=0,
            open_model=desk.open,
            telegram=telegram_settings(telegram) | {"rich_messages": rich},
            talk={"draft_interval": 0.1, **talk},
        ) as house,
        open_chat("telegram", house, telegram=telegram) as chat,
    ):
        await furnish(house, "telegram:7", "telegram:8")
        assert isinstance(chat, TelegramDriver)
        yield chat


async def test_a_draft_grows_and_the_answer_is_a_message(sqlite_url: str):
    desk = Desk(usual=saying(*WORDS, usage=USED, pause=0.03))
    async with on_telegram(sqlite_url, desk) as chat:
        await chat.ask("tell me", "word39")
        drafts = [call.fields for call in await chat.telegram.recorded_calls("sendMessageDraft")]
        assert "text" not in drafts[0], "the first sign of life comes before the first word"
        assert all(one["can_stop"] for one in drafts)
        lengths = [len(one.get("text", "")) for one in drafts]
        assert lengths == sorted(lengths)
        assert len(lengths) > 2
        assert len(await chat.telegram.recorded_calls("sendMessage")) == 1
        assert not await chat.telegram.rejections()


async def test_the_button_below_a_draft_stops(sqlite_url: str):
    desk = Desk(usual=saying(*(["word "] * 2000), pause=0.05))
    async with on_telegram(sqlite_url, desk) as chat:
        update = await chat.telegram.say("tell me", lang="en")
        draft = await chat.telegram.wait_call("sendMessageDraft", where=lambda call: "text" in call.fields)
        stopped = {"chat": update["message"]["chat"], "draft_id": int(draft.fields["draft_id"])}
        await chat.telegram.raw_update("stopped_message_generation", stopped)
        assert "word" in await chat.told(chat.words("talk-mark-stopped"))


@pytest.mark.parametrize("seconds", [137, 13_931])
async def test_a_chat_that_had_enough_gets_the_whole_answer_and_is_left_alone(sqlite_url: str, seconds: int):
    desk = Desk(usual=saying(*WORDS, usage=USED, pause=0.03))
    async with on_telegram(sqlite_url, desk) as chat:
        await chat.telegram.fault("sendMessageDraft", "429", count=-1, chat=7, retry_after=seconds)
        await chat.telegram.say("tell me", lang="en")
        await chat.telegram.say("and me", user_id=8, lang="en")
        for person in (7, 8):
            answer = text_of(await chat.telegram.wait_message(person, "word39"))
            assert "".join(WORDS).strip() in answer
        await chat.ask("once more", "word39")
        drafts = [call.fields["chat_id"] for call in await chat.telegram.recorded_calls("sendMessageDraft")]
        assert [int(one) for one in drafts].count(7) == 1, "nothing is retried into the limit"
        assert [int(one) for one in drafts].count(8) > 2


async def test_a_chat_that_takes_no_message_is_painted_nothing(sqlite_url: str):
    desk = Desk(usual=saying(*WORDS, usage=USED, pause=0.03))
    async with on_telegram(sqlite_url, desk) as chat:
        await chat.telegram.fault("sendMessage", "429", count=-1, chat=7, retry_after=137)
        await chat.telegram.say("tell me", lang="en")
        await chat.telegram.wait_call("sendMessage")
        drafts = len(await chat.telegram.recorded_calls("sendMessageDraft"))
        await chat.telegram.say("once more", lang="en")

        async def answered() -> bool:
            return await chat.house.value("SELECT count(*) FROM turns WHERE ended_at IS NOT NULL") == 2

        await until(answered, 60, "no answer")
        assert len(await chat.telegram.recorded_calls("sendMessageDraft")) == drafts


@pytest.mark.parametrize("where", ["a private chat", "a group", "discord", "terminal"])
async def test_the_first_sign_of_life_waits_for_no_model_and_no_claim(postgres_url: str, where: str):
    """It is there while the claim waits for the wallet, before any account could have been asked."""
    desk = Desk(usual=saying("word39", usage=USED))
    async with AsyncExitStack() as stack:
        house, seen, chat = await stack.enter_async_context(_asked_for_a_sign(postgres_url, desk, where))
        engine = create_async_engine(postgres_url, poolclass=NullPool)
        async with engine.connect() as other:
            await other.execute(sa.text("SELECT id FROM wallets FOR UPDATE"))
            asking = asyncio.ensure_future(chat())
            await seen()
            assert await house.value("SELECT count(*) FROM turns WHERE ended_at IS NULL") == 1
            assert await house.value("SELECT count(*) FROM calls") == 0
            assert not desk.questions
        await engine.dispose()
        await asking

        async def answered() -> bool:
            return await house.value("SELECT count(*) FROM turns WHERE state = 'done'") == 1

        await until(answered, 60, "no answer")


@asynccontextmanager
async def _asked_for_a_sign(
    url: str, desk: Desk, where: str, sign: str = ""
) -> AsyncIterator[tuple[House, Callable[[], Awaitable[Any]], Callable[[], Awaitable[Any]]]]:
    """The house, how to wait for the first sign (or one that says `sign`), and how to ask."""
    if where in {"a private chat", "a group"}:
        async with on_telegram(url, desk, drafts=where == "a private chat") as chat:
            method = "sendMessageDraft" if where == "a private chat" else "sendChatAction"

            def shows(call: Any) -> bool:
                return sign in call.fields.get("text", "")

            yield (
                chat.house,
                lambda: chat.telegram.wait_call(method, where=shows),
                lambda: chat.telegram.say("tell me", lang="en"),
            )
        return
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(FakeDiscord(answer_seconds=PATIENT))
        section = discord_settings(discord) if where == "discord" else {}
        house = await stack.enter_async_context(open_house(url, workspaces=0, open_model=desk.open, discord=section))
        if where == "discord":
            await discord.open_dm(7)
            await stack.enter_async_context(open_chat("discord", house, discord=discord))
            await furnish(house, "discord:7")
            sees = discord.wait_message(sign, dm=True) if sign else discord.wait_call("typing")
            yield house, lambda: sees, lambda: discord.dm("tell me")
            return
        await furnish(house, "terminal:you")
        shown: list[ShownMessage] = []
        talk = TerminalChat(house.core, on_shown=shown.append)

        async def dots() -> bool:
            return any(sign in one.text for one in shown) if sign else [one.text for one in shown] == ["…"]

        yield house, lambda: until(dots, 60, "no sign"), lambda: talk.send("tell me")


async def test_a_message_that_is_not_taken_now_comes_as_soon_as_it_may(sqlite_url: str):
    desk = Desk(usual=saying(*WORDS, usage=USED))
    async with on_telegram(sqlite_url, desk) as chat:
        await chat.telegram.fault("sendMessage", "429", count=1, chat=7, retry_after=2)
        assert "".join(WORDS).strip() in await chat.ask("tell me", "word39")
        assert len(await chat.telegram.recorded_calls("sendMessage")) == 2


async def test_without_drafts_one_message_is_edited(sqlite_url: str):
    desk = Desk(usual=saying(*WORDS, usage=USED, pause=0.15))
    async with on_telegram(sqlite_url, desk, drafts=False) as chat:
        await chat.telegram.say("tell me", lang="en")
        await chat.telegram.wait_message(7, "word39")
        assert len(await chat.telegram.messages(7)) == 1
        assert len(await chat.telegram.recorded_calls("sendMessage")) == 1
        assert await chat.telegram.recorded_calls("sendMessageDraft") == []


async def test_tables_are_shown_as_such_or_else_as_text(sqlite_url: str):
    table = "Prices:\n\n| one | two |\n|---|---|\n| 1 | 2 |\n\nword39"
    desk = Desk(usual=saying(table, usage=USED))
    async with on_telegram(sqlite_url, desk) as chat:
        telegram = chat.telegram

        async def ask(*expected: bool) -> dict[str, Any]:
            """Ask, and see which of all answers are rich messages; returns the newest."""
            await telegram.say("tell me", lang="en")

            async def there() -> bool:
                return len(await telegram.messages(7)) == len(expected)

            await until(there, 60, "no answer")
            messages = await telegram.messages(7)
            assert [("rich_message" in one) for one in messages] == [*expected]
            return messages[-1]

        message = await ask(True)
        assert [one["type"] for one in message["rich_message"]["blocks"]] == ["paragraph", "table", "paragraph"]
        assert "reply_markup" in message
        # A pause is waited out; then it comes once.
        await telegram.fault("sendRichMessage", "429", count=1, retry_after=1)
        await ask(True, True)
        # Refused for certain, it comes as text; the next one is tried again.
        await telegram.fault("sendRichMessage", "400", count=1)
        assert "one | two" in text_of(await ask(True, True, False))
        await ask(True, True, False, True)
        # What is kept is what was written, whatever was shown.
        assert [one["content"] for one in desk.questions[-1].messages if one["role"] == "assistant"] == [table] * 3


@pytest.mark.parametrize("rich", ["auto", "never"])
async def test_what_was_painted_becomes_a_table_where_that_is_wanted(sqlite_url: str, rich: str):
    words = ["A table: ", *(["word "] * 20), "\n\n| one | two |\n|---|---|\n| 1 | 2 |\n\nword39"]
    desk = Desk(usual=saying(*words, usage=USED, pause=0.1))
    async with on_telegram(sqlite_url, desk, rich=rich, drafts=False) as chat:
        await chat.telegram.say("tell me", lang="en")
        await chat.telegram.wait_message(7, lambda one: "reply_markup" in one)
        [message] = await chat.telegram.messages(7)
        assert ("rich_message" in message) is (rich == "auto")
        assert "edit_date" in message


async def test_discord_edits_one_message(sqlite_url: str):
    desk = Desk(usual=saying(*WORDS, usage=USED, pause=0.1))
    async with (
        FakeDiscord(answer_seconds=PATIENT) as discord,
        open_house(sqlite_url, workspaces=0, open_model=desk.open, discord=discord_settings(discord)) as house,
    ):
        await discord.open_dm(7)
        async with open_chat("discord", house, discord=discord) as chat:
            assert isinstance(chat, DiscordDriver)
            await furnish(house, "discord:7")
            said = await discord.dm("tell me")
            await chat.told("word39")

            async def one() -> bool:
                posts = await discord.act("posts", who={"user": "7", "dm": True}, since=said["id"])
                return len(posts["messages"]) == 1

            await until(one, 5, "it is one message")
            assert not await discord.rejections()
            await asyncio.sleep(0)


@pytest.mark.parametrize("where", ["a private chat", "discord", "terminal"])
async def test_whoever_waits_for_an_account_is_told_so(sqlite_url: str, where: str):
    """The one account is busy with somebody else; what is said of that gives way to the answer."""
    free = asyncio.Event()

    async def busy(question: Question) -> AsyncGenerator[Event, None]:
        yield Began()
        await free.wait()
        yield Finished("stop")

    desk = Desk(usual=busy)
    async with AsyncExitStack() as stack:
        house, waits, ask = await stack.enter_async_context(_asked_for_a_sign(sqlite_url, desk, where, "busy"))
        await sources.change_source(house.core, SYSTEM, "main", concurrency=1)
        somebody = grants.read_identity("telegram:9")
        await grants.give(house.core, SYSTEM, somebody, "1", reason="a test")
        other = CallOrder("other", ({"role": "user", "content": "?"},), "test", model="small")
        first = asyncio.ensure_future(calls.ask(house.core, SYSTEM, other, payer=somebody))
        await until(lambda: asyncio.sleep(0, bool(desk.questions)), 60, "nobody asked")
        asking = asyncio.ensure_future(ask())
        await waits()
        desk.usual = saying("word39", usage=USED)
        free.set()
        await first
        await asking

        async def answered() -> bool:
            return await house.value("SELECT count(*) FROM turns WHERE state = 'done'") == 1

        await until(answered, 60, "no answer")


@pytest.mark.parametrize(("intervals", "pictures"), [([0.05], True), ([1000.0], False)])
async def test_a_group_is_painted_as_often_as_the_house_wants(sqlite_url: str, intervals: list[float], pictures: bool):
    desk = Desk(usual=saying(*WORDS, usage=USED, pause=0.05))
    async with on_telegram(sqlite_url, desk, edit_intervals=intervals) as chat:
        await chat.telegram.add_group(-1007)
        update = await chat.telegram.say("/ask what?", user_id=7, chat=-1007, lang="en")
        await chat.until_done(update)
        await chat.telegram.wait_message(-1007, WORDS[-1].strip(), since=update)
        assert any(call.method == "editMessageText" for call in chat.telegram.calls) is pictures
