"""Stories in Discord: the real discord.py over real HTTP and WebSocket, against the emulator.

A line that begins with a slash and lacks nothing is run as a slash command in a server, where only the asker sees the
answer; everything else is written as a direct message. A form that comes instead of an answer is read as its first
question, and filled in field by field with what is said next.
"""

from __future__ import annotations

import asyncio
import base64
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bots.answering import Answering
from bots.commands.arguments import cut_line
from bots.commands.catalogue import catalogue, find_command
from bots.discord_bot import reception
from bots.discord_bot.app import DiscordBot, open_client
from bots.discord_bot.events import ASK
from bots.messages.formatting import brief, moment
from bots.outgoing.delivery import Delivery
from tests.support.chats import Chat, until
from tests.support.discord.emulator import PATIENT, DeskError, FakeDiscord, buttons_of, text_of
from tests.support.emulator_control import PATIENCE
from tests.support.house import House

FORM = 9
# Where the database is waited for no longer, a form becomes a question in words, and the story another one.
reception.LOOK_WITHIN = PATIENT


def discord_settings(discord: FakeDiscord) -> dict[str, Any]:
    """The section that points the bot at the emulator."""
    return {"token": discord.token, "api_base": discord.api_base, "gateway_url": discord.gateway_url}


def shown_times(text: str, language: str) -> str:
    """Discord's own times as a reader in UTC sees them, in the words of our texts."""

    def shown(found: re.Match[str]) -> str:
        said = moment(datetime.fromtimestamp(int(found[1]), UTC), language, "UTC")
        return said if said.endswith("）") else said + found[2]

    def shown_briefly(found: re.Match[str]) -> str:
        when = datetime.fromtimestamp(int(found[1]), UTC)
        return brief(when, when, language, "UTC")

    text = re.sub(r"<t:(\d+):d> <t:\1:t>", shown_briefly, text)
    return re.sub(r"<t:(\d+):f>( ?)", shown, text)


def plain(text: str) -> str:
    """What a person reads, without the marks that Discord turns into letters of another kind."""
    text = re.sub(r"</([a-z]+):\d+>", r"/\1", text)
    unmarked = re.sub(r"(?<!\\)(\*\*|`)", "", text)
    return re.sub(r"\\([\\*_~`|>#\[\]()<:-])", r"\1", unmarked).replace("@\u200b", "@")


@dataclass
class _Form:
    """A form being filled in: what is empty, and what is written already."""

    interaction: dict[str, Any]
    left: list[str]
    values: dict[str, str] = field(default_factory=dict)


class DiscordDriver(Chat):
    """Person 7, in the emulator's server and in direct messages."""

    platform = "discord"

    def __init__(self, house: House, language: str, patience: float, discord: FakeDiscord) -> None:
        super().__init__(house, language, patience)
        self.discord = discord
        self.locale = "zh-CN" if language == "zh-CN" else "en-US"
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._form: _Form | None = None
        self._in_dm = True

    async def start(self) -> None:
        self._stop = asyncio.Event()
        identified = (await self.discord.status())["identifies"]
        self._running = asyncio.create_task(self._serve(self._stop))

        async def connected() -> bool:
            status = await self.discord.status()
            return status["identifies"] > identified and bool(await self.discord.commands())

        await until(connected, 60, "the bot did not connect")

    async def stop(self) -> None:
        self._stop.set()
        if self._running is not None:
            await self._running

    async def _serve(self, stop: asyncio.Event) -> None:
        bot = DiscordBot(self.house.core, open_client(self.house.core), patience=self.patience)
        async with asyncio.TaskGroup() as group:
            delivery = Delivery(self.house.core, {"discord": bot.sender})
            answering = Answering(self.house.core, {"discord": bot.easel}, delivered=delivery.wake)
            bot.asked = answering.wake
            group.create_task(bot.run(stop))
            group.create_task(delivery.run(stop))
            group.create_task(answering.run(stop))

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def say(self, text: str) -> str:
        if self._form is not None:
            return await self._fill(self._form, text)
        if (wish := await self._slash(text)) is not None:
            self._in_dm = self.alone
            who: Any = {"locale": self.locale, "dm": self.alone}
            return await self._after(await self.discord.slash(*wish, **who))
        return await self._written(await self.discord.dm(text))

    async def send(self, text: str, *files: tuple[str, bytes]) -> str:
        given = [{"filename": name, "data": base64.b64encode(content).decode()} for name, content in files]
        return await self._written(await self.discord.dm(text, files=tuple(given)))

    async def _written(self, said: dict[str, Any]) -> str:
        self._in_dm = True
        await self._until_done(said["id"])
        seen = await self.discord.act("posts", who={"user": "7", "locale": self.locale, "dm": True}, since=said["id"])
        return await self._read(seen["messages"])

    async def press(self, label: str) -> str:
        try:
            return await self._press(label)
        except DeskError:
            self._in_dm = not self._in_dm  # the newest button of that label stands in the other place
            return await self._press(label)

    async def told(self, part: str) -> str:
        message = await self.discord.wait_message(
            lambda message: part in plain(shown_times(text_of(message), self.language)), dm=True
        )
        return plain(shown_times(text_of(message), self.language))

    async def passing(self) -> list[str]:
        lines = await self.discord.conversation(7)
        said = max(number for number, line in enumerate(lines) if line.direction == "user")
        return [plain(line.text) for line in lines[said + 1 : -1]]

    async def _press(self, label: str) -> str:
        who: Any = {"locale": self.locale, "dm": self._in_dm}
        try:
            interaction = await self.discord.press(label, **who)
        except DeskError:
            interaction = await self.discord.select(label, **who)
        return await self._after(interaction)

    async def _slash(self, text: str) -> tuple[str, dict[str, Any]] | None:
        """The slash command that says the same, if it lacks nothing."""
        name, _, line = text.removeprefix("/").partition(" ")
        command = find_command(name) if text.startswith("/") else None
        if command is None or command.hidden:
            return None
        given = cut_line(command, line, await self.house.core.shapes())
        if any(one.required and one.name not in given for one in command.arguments):
            return None
        options: dict[str, Any] = {}
        for argument in command.arguments:
            if argument.name not in given:
                continue
            raw = given[argument.name]
            if argument.kind == "document":
                return None
            if argument.kind in {"number", "batch"}:
                if not raw.removeprefix("#").isdecimal():
                    return None  # Discord's client would not let it be sent
                options[argument.name] = int(raw.removeprefix("#"))
            elif argument.kind == "choice":
                wanted = raw.casefold().replace("-", "_")
                options[argument.name] = next(
                    (one for one in argument.choices if one.casefold().replace("-", "_") == wanted), raw
                )
            elif argument.kind == "flag":
                options[argument.name] = True
            else:
                options[argument.name] = raw
        return command.name, options

    async def _after(self, interaction: dict[str, Any]) -> str:
        callback = await self.discord.wait_callback(interaction)
        if callback["type"] == FORM:
            return self._question(interaction, callback["data"])
        await self._until_done(interaction["id"])
        return await self._read(await self.discord.answers(interaction))

    def _question(self, interaction: dict[str, Any], form: dict[str, Any]) -> str:
        fields = [holder["component"] for holder in form["components"]]
        self._form = _Form(interaction, [one["custom_id"] for one in fields if not one.get("value")])
        self.buttons, self.files = [], []
        return self._ask(self._asking(form))

    def _asking(self, form: dict[str, Any]) -> str:
        """The command whose form it is: one that a button opened is known by its title only."""
        if form["custom_id"].startswith(ASK):
            return str(form["custom_id"]).removeprefix(ASK).partition(":")[0]
        title = str(form["title"]).removesuffix("…")
        return next(one.name for one in catalogue() if self.words(f"command-{one.name}").startswith(title))

    def _ask(self, command: str = "") -> str:
        assert self._form is not None
        name = self._form.left[0]
        return self.words(f"ask-{command}-{name}", argument=name, address="", count=0)

    async def _fill(self, form: _Form, text: str) -> str:
        form.values[form.left.pop(0)] = text
        if form.left:
            return self._ask()
        self._form = None
        return await self._after(await self.discord.submit(form.interaction, form.values, locale=self.locale))

    async def _read(self, messages: list[dict[str, Any]]) -> str:
        answer = self.words("button-answer")
        rows = buttons_of(messages[-1]) if messages else []
        self.buttons = [label for row in rows for label in row if label != answer]
        self.files = []
        for message in messages:
            for number in range(len(message["attachments"])):
                upload = await self.discord.download(message, number)
                self.files.append((upload.filename, upload.data))
        shown = "\n\n".join(text_of(message) for message in messages if text_of(message))
        return plain(shown_times(shown, self.language))

    async def _until_done(self, number: str, timeout: float = PATIENCE) -> None:
        """Return when the inbox says that the event is answered or given up."""
        key = f"dc:{(await self.discord.place())['app']}:{number}"

        async def done() -> bool:
            rows = await self.house.rows("SELECT state FROM inbox WHERE key = :key", key=key)
            return bool(rows) and rows[0][0] != "ready"

        await until(done, timeout, f"{key} was not answered")
