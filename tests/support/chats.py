"""One way to talk to Usher, whatever the platform: a story is told once and runs through every front end.

    async with open_chat("telegram", house, language="zh-CN") as chat:
        answer = await chat.say("me@example.com TEAM-…")
        assert chat.words("redeemed-invited", address="me@example.com", team="Workspace 1") in answer

A front end that joins in gives a subclass of `Chat` and its name in `PLATFORMS`.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bots.answering import Answering
from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from bots.outgoing.delivery import Delivery
from bots.telegram_bot.app import TelegramBot, open_bot
from bots.terminal_chat.chat import TerminalChat
from tests.support.emulator_control import PATIENCE
from tests.support.house import House
from tests.support.telegram.emulator import FakeTelegram, buttons_of, text_of

if TYPE_CHECKING:
    from tests.support.discord.chat import DiscordDriver
    from tests.support.discord.emulator import FakeDiscord

PLATFORMS = ("terminal", "telegram", "discord")
LANGUAGES = ("en", "zh-CN")


class Chat(ABC):
    """A person's private chat with the bot. `pushes` says whether the platform can write first."""

    platform: str
    pushes = True
    alone = False
    """Are slash commands given in the direct messages? On Discord a server is another place."""

    def __init__(self, house: House, language: str, patience: float) -> None:
        self.house = house
        self.language = language
        self.patience = patience
        self.buttons: list[str] = []
        self.signs: list[str] = []
        """What is typed to press each of the buttons, where buttons are typed."""
        self.files: list[tuple[str, bytes]] = []

    def words(self, key: str, **facts: Any) -> str:
        """The text of a key, as this person reads it."""
        return words(Say(key, facts), Look(self.language, "plain", 10**6))

    def label(self, key: str) -> str:
        return self.words(f"button-{key}")

    @abstractmethod
    async def say(self, text: str) -> str:
        """Write a message and return the whole answer, once it is final."""

    @abstractmethod
    async def send(self, text: str, *files: tuple[str, bytes]) -> str:
        """Send files, by name, in one go, with words beside them; return the answer."""

    @abstractmethod
    async def press(self, label: str) -> str:
        """Press the newest button of that label and return the answer."""

    @abstractmethod
    async def told(self, part: str) -> str:
        """Return the message holding `part` that came by itself."""

    async def ask(self, text: str, part: str) -> str:
        """Ask a model, and return the message with the answer that holds `part`."""
        return await self.brought(self.say(text), part)

    async def brought(self, doing: Awaitable[str], part: str) -> str:
        """Do it, and return the message that holds `part` and comes by itself."""
        await doing
        return await self.told(part)

    @abstractmethod
    async def restart(self) -> None:
        """The bot's process ends, and another one begins."""

    async def passing(self) -> list[str]:
        """The passing states of the last answer, as far as they were shown."""
        return []


class TerminalDriver(Chat):
    platform = "terminal"
    pushes = False

    def __init__(self, house: House, language: str, patience: float) -> None:
        super().__init__(house, language, patience)
        self._passed: list[str] = []
        self._talk = self._new()

    def _new(self) -> TerminalChat:
        return TerminalChat(self.house.core, identity="person-7", language=self.language, patience=self.patience)

    async def say(self, text: str) -> str:
        return self._read(await self._talk.send(text))

    async def send(self, text: str, *files: tuple[str, bytes]) -> str:
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / name for name, _ in files]
            for path, (_, content) in zip(paths, files, strict=True):
                path.write_bytes(content)
            return self._read(await self._talk.send(text, files=paths))

    async def press(self, label: str) -> str:
        return self._read(await self._talk.press(label))

    async def told(self, part: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for shown in await self._talk.news():
                if part in shown.text:
                    return shown.text
            await asyncio.sleep(0.02)
        raise AssertionError(f"nothing came that holds {part!r}")

    async def brought(self, doing: Awaitable[str], part: str) -> str:
        answer = await doing
        assert part in answer
        return answer

    async def restart(self) -> None:
        keys = self._talk._keys  # what still stands on the screen
        self._talk = self._new()
        self._talk._keys = keys

    async def passing(self) -> list[str]:
        return self._passed

    def _read(self, shown: list[Any]) -> str:
        self._passed = [one.text for one in shown if one.passing]
        final = [one for one in shown if not one.passing]
        self.buttons = list(final[-1].buttons) if final else []
        self.signs = list(final[-1].signs) if final else []
        self.files = [(file.name, file.content) for one in final for file in one.files]
        return "\n\n".join(one.text for one in final)


class TelegramDriver(Chat):
    """The real aiogram over real HTTP, against the emulator."""

    platform = "telegram"

    def __init__(self, house: House, language: str, patience: float, telegram: FakeTelegram) -> None:
        super().__init__(house, language, patience)
        self.telegram = telegram
        self.code = "zh" if language == "zh-CN" else "en"
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._stop = asyncio.Event()
        self._running = asyncio.create_task(self._serve(self._stop))

    async def stop(self) -> None:
        self._stop.set()
        if self._running is not None:
            await self._running

    async def _serve(self, stop: asyncio.Event) -> None:
        client = open_bot(self.house.core)
        bot = TelegramBot(self.house.core, client, patience=self.patience, poll=2)
        try:
            async with asyncio.TaskGroup() as group:
                delivery = Delivery(self.house.core, {"telegram": bot.sender})
                answering = Answering(self.house.core, {"telegram": bot.easel}, delivered=delivery.wake)
                bot.asked = answering.wake
                group.create_task(bot.run(stop))
                group.create_task(delivery.run(stop))
                group.create_task(answering.run(stop))
        finally:
            await client.session.close()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def say(self, text: str) -> str:
        return await self.answer(await self.telegram.say(text, lang=self.code))

    async def send(self, text: str, *files: tuple[str, bytes]) -> str:
        sent: list[dict[str, Any]] = []
        album = f"album-{text}" if len(files) > 1 else ""
        for name, content in files:
            kind = {"jpg": "photo", "ogg": "voice"}.get(name.rpartition(".")[2], "document")
            along: Any = {"kind": kind, "album": album, "lang": self.code}
            caption = text if not sent else None
            sent.append(await self.telegram.send_document(content, name, caption=caption, **along))
        for later in sent[1:]:
            await self.until_done(later)
        return await self.answer(sent[0])

    async def press(self, label: str) -> str:
        return await self.answer(await self.telegram.press(label, lang=self.code))

    async def told(self, part: str) -> str:
        return text_of(await self.telegram.wait_message(7, part))

    async def answer(self, update: dict[str, Any], *, chat: int = 7) -> str:
        """What the bot wrote in a chat since an update, once the update is done."""
        await self.until_done(update)
        seen = await self.telegram.act("outgoing", chat=chat, since=update["update_id"])
        messages = seen["messages"]
        if not messages and "callback_query" in update:
            return str((await self.telegram.wait_callback_answer(update))["text"])
        self.buttons = [label for row in buttons_of(messages[-1]) for label in row] if messages else []
        self.files = []
        for message in messages:
            if "document" in message:
                upload = await self.telegram.download(message)
                self.files.append((upload.filename, upload.data))
        return "\n\n".join(text_of(message) for message in messages)

    async def until_done(self, update: dict[str, Any], timeout: float = PATIENCE) -> None:
        """Return when the inbox says that the update is answered or given up."""
        key = f"tg:{self.telegram.token.partition(':')[0]}:{update['update_id']}"
        await until(lambda: self._state(key), timeout, f"{key} was not answered")

    async def _state(self, key: str) -> bool:
        rows = await self.house.rows("SELECT state FROM inbox WHERE key = :key", key=key)
        return bool(rows) and rows[0][0] != "ready"

    async def passing(self) -> list[str]:
        lines = await self.telegram.conversation(7)
        said = max(number for number, line in enumerate(lines) if line.direction == "user")
        return [line.text for line in lines[said + 1 : -1]]


async def until(true: Callable[[], Any], timeout: float, otherwise: str) -> None:
    """Return when `true` (awaited) holds."""
    deadline = time.monotonic() + timeout
    while not await true():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise)
        await asyncio.sleep(0.02)


def telegram_settings(telegram: FakeTelegram) -> dict[str, Any]:
    """The section that points the bot at the emulator."""
    return {"token": telegram.token, "api_base": telegram.base}


@asynccontextmanager
async def open_chat(
    platform: str,
    house: House,
    *,
    language: str = "en",
    patience: float = 5.0,
    telegram: FakeTelegram | None = None,
    discord: FakeDiscord | None = None,
) -> AsyncIterator[Chat]:
    """A chat with a running bot of `platform`."""
    if platform == "terminal":
        yield TerminalDriver(house, language, patience)
        return
    driver: TelegramDriver | DiscordDriver
    if platform == "discord":
        from tests.support.discord.chat import DiscordDriver

        assert discord is not None
        driver = DiscordDriver(house, language, patience, discord)
    else:
        assert telegram is not None
        driver = TelegramDriver(house, language, patience, telegram)
    await driver.start()
    try:
        yield driver
    finally:
        await driver.stop()
