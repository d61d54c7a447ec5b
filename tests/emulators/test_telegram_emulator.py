"""The emulated Telegram drives the real aiogram, by polling and by webhook, and keeps what it was not told is done."""

import asyncio
import contextlib
import subprocess
import sys

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BufferedInputFile,
    CallbackQuery,
    ChatMemberAdministrator,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
)
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from tests.support.telegram.emulator import DeskError, FakeTelegram, RemoteTelegram, buttons_of

GROUP = -1001


def bot_of(telegram, token=None):
    return Bot(token or telegram.token, session=AiohttpSession(api=TelegramAPIServer.from_base(telegram.base)))


def echo_dispatcher():
    """A bot that repeats what it hears, with a button that edits the message."""
    dispatcher = Dispatcher()

    @dispatcher.message(F.document)
    async def save(message: Message, bot: Bot):
        assert message.document is not None
        content = await bot.download(message.document)
        assert content is not None
        await message.answer(f"{len(content.read())} bytes")

    @dispatcher.message()
    async def echo(message: Message):
        button = InlineKeyboardButton(text="Shout", callback_data="shout")
        await message.answer(message.text or "?", reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]]))

    @dispatcher.callback_query()
    async def pressed(query: CallbackQuery):
        await query.answer("done", show_alert=True)
        assert isinstance(query.message, Message)
        await query.message.edit_text(f"{query.message.text}! ({query.data}, {query.from_user.id})")

    return dispatcher


@pytest.fixture
async def telegram():
    async with FakeTelegram() as fake:
        yield fake


@pytest.fixture
async def bot(telegram):
    bot = bot_of(telegram)
    yield bot
    await bot.session.close()


@contextlib.asynccontextmanager
async def polling(telegram, token=None):
    bot = bot_of(telegram, token)
    dispatcher = echo_dispatcher()
    task = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, polling_timeout=5))
    try:
        yield bot
    finally:
        with contextlib.suppress(RuntimeError):
            await dispatcher.stop_polling()
        await task


@contextlib.asynccontextmanager
async def webhook(telegram, secret="s3cret", background=False):
    telegram.world.local = True
    bot = bot_of(telegram)
    app = web.Application()
    handler = SimpleRequestHandler(echo_dispatcher(), bot, handle_in_background=background, secret_token=secret)
    handler.register(app, "/hook")
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await bot.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook", secret_token=secret)
    try:
        yield bot
    finally:
        await runner.cleanup()
        await bot.session.close()


async def test_a_conversation_by_polling(telegram):
    async with polling(telegram):
        answer = await telegram.ask("hello", user_id=8, lang="zh")
        assert (answer["text"], buttons_of(answer)) == ("hello", [["Shout"]])
        press = await telegram.press("Shout", user_id=8)
        assert await telegram.wait_callback_answer(press) == {"text": "done", "show_alert": True, "url": None}
        assert (await telegram.answer_to(press))["text"] == "hello! (shout, 8)"
    assert await telegram.transcript(8) == (
        "user: hello\nbot: hello\n    [Shout]\nuser: [Shout]\nbot toast: done\nbot edits: hello! (shout, 8)"
    )
    assert await telegram.rejections() == []


async def test_a_conversation_by_webhook_answered_in_the_response_too(telegram):
    async with webhook(telegram) as bot:
        assert (await telegram.ask("hello"))["text"] == "hello"
        assert (await bot.get_webhook_info()).pending_update_count == 0
        await telegram.wait_idle()
        with pytest.raises(TelegramConflictError, match="while webhook is active"):
            await bot.get_updates()


@pytest.mark.parametrize(("secret", "status"), [("right", 200), ("wrong", 401), ("missing", 401), ("non_ascii", 500)])
async def test_webhook_secrets(telegram, secret, status):
    # 500 is aiogram's own answer to a header beyond ASCII, which the product has to wrap.
    async with webhook(telegram):
        said = await telegram.say("past the queue too")
        assert await telegram.post_webhook(said, secret=secret) == status


async def test_an_oversized_webhook_body_is_the_bots_to_refuse(telegram):
    async with webhook(telegram):
        assert await telegram.post_webhook(b" " * 2**21) == 413


async def test_a_refused_delivery_is_repeated_until_the_secret_is_right(telegram):
    async with webhook(telegram):
        await telegram.set_webhook_secret("wrong")
        said = await telegram.say("patience")
        async with asyncio.timeout(60):
            while not (await telegram.status())["webhook"]["last_error"]:
                await telegram.changed(telegram.world.revision, 1)
        await telegram.set_webhook_secret("right")
        assert (await telegram.answer_to(said))["text"] == "patience"


async def test_updates_wait_until_they_are_acknowledged(telegram, bot):
    said = [await telegram.say(f"m{n}") for n in range(3)]
    first = await bot.get_updates(limit=2)
    assert [u.update_id for u in first] == [u["update_id"] for u in said[:2]]
    assert len(await bot.get_updates()) == 3
    assert [u.message.text for u in await bot.get_updates(offset=first[-1].update_id + 1)] == ["m2"]
    assert [u.message.text for u in await bot.get_updates(offset=-1)] == ["m2"]


async def test_updates_replayed_and_out_of_order(telegram, bot):
    said = await telegram.say("once")
    offset = said["update_id"] + 1
    await telegram.replay_update(said["update_id"])
    assert [u.update_id for u in await bot.get_updates(offset=offset)] == [said["update_id"]]
    assert await bot.get_updates(offset=offset) == []
    async with telegram.held_back(reverse=True):
        await telegram.say("a")
        await telegram.say("b")
    assert [u.message.text for u in await bot.get_updates(offset=offset + 2)] == ["b", "a"]


async def test_only_the_wanted_kinds_of_update_arrive(telegram, bot):
    await bot.get_updates(allowed_updates=["callback_query"])
    await telegram.say("unheard")
    assert await bot.get_updates() == []
    await bot.get_updates(allowed_updates=[])
    await telegram.set_chat_state(7, "blocked")
    assert [u.my_chat_member.new_chat_member.status for u in await bot.get_updates()] == ["kicked"]


async def test_two_pollers_conflict_and_the_older_one_loses(telegram, bot):
    async with asyncio.TaskGroup() as group:
        older = group.create_task(asyncio.wait_for(refused(bot.get_updates(timeout=5), TelegramConflictError), 60))
        await telegram.changed(telegram.world.revision, 3)
        newer = group.create_task(bot.get_updates(timeout=5))
        await older
        await telegram.say("to the newer")
    assert [u.message.text for u in newer.result()] == ["to the newer"]
    assert (await telegram.status())["conflicts"] == 1


async def refused(call, error):
    with pytest.raises(error) as caught:
        await call
    return caught.value


async def test_faults_on_demand(telegram, bot):
    await telegram.open_chat(7)
    for kind, error in [
        ("429", TelegramRetryAfter),
        ("500", TelegramServerError),
        ("502", TelegramServerError),
        ("403", TelegramForbiddenError),
        ("drop_before", TelegramNetworkError),
        ("drop_after", TelegramNetworkError),
    ]:
        await telegram.fault("sendMessage", kind, retry_after=3)
        caught = await refused(bot.send_message(7, kind), error)
        assert kind != "429" or caught.retry_after == 3
    await telegram.fault("*", "slow", seconds=0.1)
    await bot.send_message(7, "slow")
    # Of the failed calls only the one that was cut off after its effect left a message.
    assert [m["text"] for m in await telegram.messages()] == ["drop_after", "slow"]
    assert await telegram.rejections() == []
    await telegram.fault("sendMessage", "500", chat=8)
    await bot.send_message(7, "another chat is not hit")
    async with telegram.outage():
        await refused(bot.get_updates(), TelegramServerError)
    await bot.get_updates()


async def test_chats_that_cannot_be_written_to(telegram, bot):
    await telegram.open_chat(7)
    for state, words in [
        ("blocked", "bot was blocked by the user"),
        ("deactivated", "user is deactivated"),
        ("unreached", "can't initiate conversation"),
    ]:
        await telegram.set_chat_state(7, state)
        assert words in str(await refused(bot.send_message(7, "hi"), TelegramForbiddenError))
    await telegram.add_group(-5, kind="group")
    await telegram.migrate(-5, GROUP)
    assert (await refused(bot.send_message(-5, "hi"), TelegramMigrateToChat)).migrate_to_chat_id == GROUP
    await bot.send_message(GROUP, "hi")
    await bot.leave_chat(GROUP)
    assert "kicked from the supergroup" in str(await refused(bot.send_message(GROUP, "hi"), TelegramForbiddenError))


async def test_flood_control():
    async with FakeTelegram(flood_control=True) as telegram:
        bot = bot_of(telegram)
        await telegram.open_chat(7)
        await telegram.add_group(GROUP)
        await bot.send_message(7, "1")
        assert (await refused(bot.send_message(7, "2"), TelegramRetryAfter)).retry_after == 1
        for n in range(20):
            await bot.send_message(GROUP, str(n))
        assert (await refused(bot.send_message(GROUP, "20"), TelegramRetryAfter)).retry_after > 50
        await bot.session.close()


async def test_groups_topics_pseudo_senders_and_privacy(telegram, bot):
    await telegram.add_group(GROUP, threads=(11,), rights={"can_delete_messages": True}, members={9: "creator"})
    await telegram.say("/x", chat=GROUP, thread=11, user_id=9)
    await telegram.say("/x", chat=GROUP, sender="anonymous_admin")
    await telegram.say("/x", chat=GROUP, sender="channel")
    await telegram.say("/x", chat=GROUP, sender="linked_channel")
    await telegram.say("/x", chat=GROUP, sender="bot", user_id=55)
    said = await telegram.say("/x", via_bot=True, forwarded=True)
    await telegram.edit(said["message"]["message_id"], "/y")
    topic, admin, channel, linked, other, inline, edited = await bot.get_updates()
    assert (topic.message.message_thread_id, topic.message.chat.is_forum) == (11, True)
    assert (admin.message.from_user.id, admin.message.sender_chat.id) == (1087968824, GROUP)
    assert (channel.message.from_user.id, channel.message.sender_chat.type) == (136817688, "channel")
    assert linked.message.from_user.id == 777000
    assert other.message.from_user.is_bot
    assert inline.message.via_bot is not None
    assert inline.message.forward_origin is not None
    assert edited.edited_message.text == "/y"
    assert isinstance(await bot.get_chat_member(GROUP, bot.id), ChatMemberAdministrator)
    assert (await bot.get_chat_member(GROUP, 9)).status == "creator"
    assert len(await bot.get_chat_administrators(GROUP)) == 2
    assert (await bot.get_chat(GROUP)).title == "A group"
    await bot.delete_message(GROUP, topic.message.message_id)
    assert await telegram.is_deleted(GROUP, topic.message.message_id)


async def test_privacy_mode_hides_plain_group_messages():
    async with FakeTelegram(privacy=True) as telegram:
        bot = bot_of(telegram)
        await telegram.add_group(GROUP)
        await telegram.say("hidden", chat=GROUP)
        await telegram.say("/seen", chat=GROUP)
        assert [u.message.text for u in await bot.get_updates()] == ["/seen"]
        await bot.session.close()


async def test_what_a_person_cannot_do_fails_the_test(telegram, bot):
    with pytest.raises(DeskError, match="no such chat"):
        await telegram.press("Yes")
    await telegram.open_chat(7)
    await bot.send_message(7, "hi")
    for impossible in (
        telegram.press("Yes"),
        telegram.say(""),
        telegram.say("x" * 4097),
        telegram.start("not allowed!"),
        telegram.say("x", chat=-404),
        telegram.act("nonsense"),
    ):
        with pytest.raises(DeskError):
            await impossible
    with pytest.raises(AssertionError, match="bot: hi"):
        await telegram.wait_message(7, "never said", timeout=0.05)


async def test_presses_of_all_sorts(telegram, bot):
    await telegram.open_chat(7)
    keyboard = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Menu")]])
    await bot.send_message(7, "choose", reply_markup=keyboard)
    assert (await telegram.press("Menu"))["message"]["text"] == "Menu"
    rows = [[InlineKeyboardButton(text="Go", callback_data="go"), InlineKeyboardButton(text="Web", url="https://a.b")]]
    sent = await bot.send_message(7, "choose", reply_markup=InlineKeyboardMarkup(inline_keyboard=rows))
    with pytest.raises(DeskError, match="opens a link"):
        await telegram.press("Web")
    assert (await telegram.press("forged-data", forged=True))["callback_query"]["data"] == "forged-data"
    assert (await telegram.press("go", user_id=666, chat=7))["callback_query"]["from"]["id"] == 666
    await bot.delete_message(7, sent.message_id)
    await telegram.press("Go", message_id=sent.message_id)
    last = (await bot.get_updates())[-1].callback_query
    assert last.message.date == 0  # aiogram's InaccessibleMessage
    assert last.data == "go"


async def test_files_up_and_down(telegram, bot):
    async with polling(telegram):
        said = await telegram.send_document(b"12345", "codes.txt", caption="here")
        assert (await telegram.answer_to(said))["text"] == "5 bytes"
    sent = await bot.send_document(7, BufferedInputFile(b"a,b", "export.csv"), caption="<b>yes</b>", parse_mode="HTML")
    [*_, message] = await telegram.messages()
    assert (await telegram.download(message)).data == b"a,b"
    assert message["caption_entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    media = InputMediaDocument(media=BufferedInputFile(b"c,d", "second.csv"), caption="two")
    await bot.edit_message_media(media, chat_id=7, message_id=sent.message_id)
    upload = await telegram.download((await telegram.messages())[-1])
    assert (upload.filename, upload.data) == ("second.csv", b"c,d")
    await bot.send_document(7, sent.document.file_id)
    await bot.copy_message(7, 7, sent.message_id)
    await bot.send_message(7, "reply to me", reply_markup=ForceReply())


async def test_command_menus_by_scope_and_language(telegram, bot):
    def menu(*names):
        return [BotCommand(command=name, description=f"what {name} does") for name in names]

    await bot.set_my_commands(menu("start"))
    await bot.set_my_commands(menu("start", "help"), scope=BotCommandScopeAllPrivateChats(), language_code="zh")
    await bot.set_my_commands(menu("stats"), scope=BotCommandScopeChat(chat_id=7))
    names = [
        [entry["command"] for entry in await telegram.menu(user, lang)]
        for user, lang in [(8, "en"), (8, "zh-hans"), (7, "zh")]
    ]
    assert names == [["start"], ["start", "help"], ["stats"]]
    assert (await bot.get_my_commands())[0].description == "what start does"
    await bot.delete_my_commands(scope=BotCommandScopeChat(chat_id=7))
    assert [entry["command"] for entry in await telegram.menu(7, "en")] == ["start"]


@pytest.fixture
def process():
    """The emulator as a process of its own."""
    command = [sys.executable, "-m", "tests.support.telegram.emulator", "--token", "1:abc"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        yield running
        running.terminate()
        assert running.wait(60) == 0


async def test_a_process_of_its_own_driven_from_outside(process):
    base = process.stdout.readline().split()[1]
    async with RemoteTelegram(base) as telegram:
        said = await telegram.say("before the bot was up")
        async with polling(telegram, "1:abc"):
            assert (await telegram.answer_to(said))["text"] == "before the bot was up"
            press = await telegram.press("Shout")
            assert (await telegram.wait_callback_answer(press))["text"] == "done"
            sent = await telegram.wait_call("sendMessage")
            assert sent.fields["chat_id"] == 7
        with pytest.raises(DeskError, match="no button"):
            await telegram.press("Nothing")
        with pytest.raises(DeskError):
            await telegram.act("say", nonsense=1)
