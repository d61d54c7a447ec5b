"""Where Discord's events come in: kept, acknowledged, and left to the inbox.

Discord takes a first answer within three seconds, once. So nothing is worked out before it: an interaction is a row,
then it is deferred, or answered by a form where something is missing. What happens to the process after that is the
inbox's concern.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import aiohttp
import discord
import structlog

from bots.commands.catalogue import find_command
from bots.discord_bot.completion import complete
from bots.discord_bot.components import form_of, open_question, slash_lacks_form, wanted_fields
from bots.discord_bot.events import (
    ASK,
    COMMAND_FORM,
    FORM,
    PLATFORM,
    PRESS,
    FirstAnswer,
    Heard,
    is_shared,
    of_interaction,
    of_message,
    slash_of,
)
from bots.messages.rendering import Look, render
from bots.messages.reply import Reply
from core import telemetry
from core.actors import Role
from core.errors import Busy, NotAllowed
from core.languages import FALLBACK, spoken
from core.notices.inbox_rows import PlatformEvent
from core.people import buttons, people

if TYPE_CHECKING:
    from discord import ui

    from bots.discord_bot.binding import DiscordBinding
    from core.actors import Actor
    from core.service import Core

log = structlog.get_logger(__name__)

Interaction: TypeAlias = "discord.Interaction[Any]"
Take: TypeAlias = Callable[[Sequence[PlatformEvent]], Awaitable[None]]
Type = discord.InteractionType

LOOK_WITHIN = 0.8
"""Seconds in which the database must say whether a form is wanted; else the question is asked in words."""
STORE_WITHIN = 1.2
"""Seconds after which an interaction is acknowledged though its row is still being written."""
ANSWER_WITHIN = 2.6
"""Seconds after which a first answer comes too late anyway."""
MANY = 8
"""First answers due at once, from which on `calm` is not set."""
TOGETHER = 50
"""Events of one commit: the first of a burst are acknowledged while the last are still being written."""
REMEMBERED = 10_000
"""Events whose repeat is known without asking the database."""
PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each try to keep a message, which Discord brings only once."""


class Keeper:
    """Keeps events that arrive together in one commit, by `take`."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._waiting: list[tuple[PlatformEvent, asyncio.Future[None]]] = []
        self._busy = False

    async def keep(self, event: PlatformEvent) -> None:
        """Return once the event is committed. Raises: what the database raises."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((event, kept))
        if not self._busy:
            # Whoever comes first writes for all that come meanwhile; the others only wait.
            await self._write_all()
        await kept

    async def _write_all(self) -> None:
        self._busy = True
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
                try:
                    await self._take([event for event, _ in batch])
                except Exception as fault:  # noqa: BLE001 - each of those who wait for the commit gets it
                    _settle(batch, fault)
                else:
                    _settle(batch, None)
        finally:
            self._busy = False


class Reception:
    """Takes what the gateway brings and has it kept by `take`; `calm` is set unless many come at once."""

    def __init__(self, core: Core, binding: DiscordBinding, *, take: Take) -> None:
        self._core = core
        self._binding = binding
        self._keeper = Keeper(take)
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._open = 0
        self._idle = asyncio.Event()
        self.calm = asyncio.Event()
        self._count(0)

    async def close(self) -> None:
        """Return when everything that came in is kept and acknowledged."""
        await self._idle.wait()

    async def edit(self, app_id: int, message: discord.Message, *, me: int) -> None:
        """Another wording of a message; Discord also calls it an edit when it has looked up a link."""
        if message.edited_at is not None:
            await self.message(app_id, message, me=me, edited=True)

    async def message(self, app_id: int, message: discord.Message, *, me: int, edited: bool = False) -> None:
        """A message: people's direct messages, and what can be read of channels. `me` is the bot's own id."""
        if message.author.bot or message.webhook_id is not None or message.is_system():
            return  # bots and webhooks are nobody
        if not (message.content or message.attachments or (message.stickers and message.guild is None)):
            return  # a channel's message that the bot may not read
        heard = of_message(app_id, message, me=me, edited=edited)
        if not self._is_new(heard.key):
            return
        with self._counted():
            for pause in PAUSES:
                await asyncio.sleep(pause)
                try:
                    await self._keeper.keep(heard.event())
                except Exception as fault:
                    log.exception("message_not_kept_yet", kind=type(fault).__name__)
                else:
                    return
            log.error("message_not_kept", key=heard.key)
            self._seen.pop(heard.key, None)
            if heard.private:
                await message.channel.send(self._plain(Reply("not-kept"), self._core.settings.language))

    async def interaction(self, interaction: Interaction) -> None:
        """A slash command, a press, a form, or something to complete."""
        if interaction.type not in {Type.application_command, Type.component, Type.modal_submit, Type.autocomplete}:
            return
        if interaction.user.bot or not self._is_new(str(interaction.id)):
            return
        began = asyncio.get_running_loop().time()
        with self._counted():
            try:
                if interaction.type is Type.autocomplete:
                    choices = await complete(self._core, interaction)
                    await interaction.response.autocomplete(choices)
                elif (form := await self._form(interaction)) is not None:
                    await interaction.response.send_modal(form)
                else:
                    await self._keep_and_defer(interaction)
            except (discord.HTTPException, aiohttp.ClientError, OSError) as fault:
                log.info("interaction_not_acknowledged", kind=type(fault).__name__, key=str(interaction.id))
        telemetry.observe("usher_update_seconds", asyncio.get_running_loop().time() - began, platform=PLATFORM)

    async def _keep_and_defer(self, interaction: Interaction) -> None:
        first, hidden = _first_answer(interaction)
        heard = of_interaction(interaction, first=first, private=hidden or interaction.guild_id is None)
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._binding.first_answers[heard.key] = acknowledged
        try:
            async with asyncio.TaskGroup() as group:
                keeping = group.create_task(self._kept(heard))
                await asyncio.wait([keeping], timeout=STORE_WITHIN)
                if keeping.done() and not keeping.result():
                    await self._turn_away(interaction)
                    return
                await self._defer(interaction, first, hidden)
                if not await keeping:
                    await interaction.followup.send(self._sorry(interaction), ephemeral=True)
        finally:
            acknowledged.set_result(None)
            self._binding.first_answers.pop(heard.key, None)

    async def _kept(self, heard: Heard) -> bool:
        try:
            await self._keeper.keep(heard.event())
        except Exception as fault:
            log.exception("interaction_not_kept", kind=type(fault).__name__, key=heard.key)
            self._seen.pop(heard.id, None)
            return False
        return True

    async def _defer(self, interaction: Interaction, first: FirstAnswer, hidden: bool) -> None:
        """Say that an answer will come. Too late, or said already: the row is there, and its answer finds a way."""

        async def defer() -> None:
            if first == "thinking":
                await interaction.response.defer(ephemeral=hidden, thinking=True)
            else:
                await interaction.response.defer()

        try:
            await _while_the_line_is_down(defer)
        except (discord.HTTPException, discord.InteractionResponded, aiohttp.ClientError, OSError) as fault:
            code = getattr(fault, "code", 0)
            log.info("interaction_not_deferred", kind=type(fault).__name__, code=code, key=str(interaction.id))

    async def _turn_away(self, interaction: Interaction) -> None:
        """The database takes nothing: better said at once than silence."""
        await interaction.response.send_message(self._sorry(interaction), ephemeral=True)

    async def _form(self, interaction: Interaction) -> ui.Modal | None:
        """The form that answers at once, where something is missing that is better filled in than asked for."""
        data: Any = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        try:
            async with asyncio.timeout(LOOK_WITHIN):
                if interaction.type is Type.application_command:
                    return await self._slash_form(interaction, data)
                if interaction.type is Type.component and custom_id.startswith(ASK):
                    return await self._question_form(interaction, custom_id)
                if interaction.type is Type.component and custom_id.startswith(PRESS):
                    return await self._button_form(interaction, custom_id.removeprefix(PRESS))
        except (TimeoutError, Busy, NotAllowed):
            pass
        return None

    async def _slash_form(self, interaction: Interaction, data: Any) -> ui.Modal | None:
        name, options = slash_of(data)
        command = find_command(name)
        given = {one["name"]: one["value"] for one in options}
        if command is None or data.get("resolved", {}).get("attachments") or not slash_lacks_form(command, given):
            return None
        fields = wanted_fields(command, given, keep=True)
        if not fields:
            return None
        actor = await self._actor(interaction)
        if actor.role < command.role:
            return None
        return form_of(command, fields, given, f"{COMMAND_FORM}{command.name}", self._language(actor, interaction))

    async def _question_form(self, interaction: Interaction, custom_id: str) -> ui.Modal | None:
        asked = open_question(custom_id)
        if asked is None:
            return None
        command, argument = asked
        language = self._language(await self._actor(interaction), interaction)
        return form_of(command, [argument], {}, custom_id, language)

    async def _button_form(self, interaction: Interaction, nonce: str) -> ui.Modal | None:
        actor = await self._actor(interaction)
        pressed = await buttons.look(self._core, actor, nonce)
        command = find_command(pressed.command) if pressed is not None else None
        if pressed is None or command is None or actor.role < command.role:
            return None
        fields = wanted_fields(command, pressed.arguments, keep=False)
        if not fields:
            return None
        return form_of(command, fields, {}, f"{FORM}{nonce}", self._language(actor, interaction))

    async def _actor(self, interaction: Interaction) -> Actor:
        return await people.recognise(self._core, PLATFORM, str(interaction.user.id))

    def _language(self, actor: Actor, interaction: Interaction) -> str:
        return self._binding.language(actor, interaction.locale.value)

    def _sorry(self, interaction: Interaction) -> str:
        return self._plain(Reply("not-kept"), spoken(interaction.locale.value) or FALLBACK)

    def _plain(self, reply: Reply, language: str) -> str:
        return render(reply, Look(language, "discord", 2000)).texts[0]

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        """One more event under way: a stopping process waits for it, and a burst is seen coming."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        self._open += change
        for event, most in ((self._idle, 0), (self.calm, MANY)):
            if self._open <= most:
                event.set()
            else:
                event.clear()

    def _is_new(self, key: str) -> bool:
        """False for what a resumed session brings again. Another process's repeat is known by the inbox."""
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True


def _first_answer(interaction: Interaction) -> tuple[FirstAnswer, bool]:
    """How an interaction is acknowledged, and whether what follows is for the asker's eyes only."""
    in_server = interaction.guild_id is not None
    if interaction.message is not None:
        # What stands in a channel for all to see is not changed into one person's answer.
        return ("thinking", True) if is_shared(interaction) else ("update", in_server)
    name, options = slash_of(interaction.data or {})
    command = find_command(name)
    given = {one["name"]: one.get("value", "") for one in options}
    everybodys = command is not None and command.is_public(given) and not command.aside and command.role is Role.ANYONE
    return "thinking", in_server and not everybodys


async def _while_the_line_is_down(answer: Callable[[], Awaitable[None]]) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + ANSWER_WITHIN
    while True:
        try:
            return await answer()
        except (aiohttp.ClientError, OSError):
            if loop.time() > until:
                raise
            await asyncio.sleep(0.1)


def _settle(batch: list[tuple[PlatformEvent, asyncio.Future[None]]], fault: Exception | None) -> None:
    for _, kept in batch:
        if kept.done():
            continue
        if fault is None:
            kept.set_result(None)
        else:
            kept.set_exception(fault)
