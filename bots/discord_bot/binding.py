"""Discord's events as requests, and replies as messages: one conversation turn from the inbox's row to the answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import discord
import structlog

from bots.commands.request import Attachment, Chat, NotFetched, Request, once
from bots.discord_bot.events import ASIDE, PLATFORM, Attached, Heard, read_heard
from bots.discord_bot.sending import Thread, TokenOver
from bots.discord_bot.tongues import Tongues
from bots.incoming.flood import Flood
from bots.incoming.painting import answered
from bots.incoming.vanishing import take_away_later
from bots.messages.reply import Reply
from bots.outgoing.posting import NotNow, Unreachable
from core.errors import Busy, NotAllowed
from core.notices.inbox import Later
from core.notices.inbox_rows import Begun
from core.people import people
from core.providers.private_places import host_of
from core.waking import until_woken

if TYPE_CHECKING:
    from collections.abc import Callable

    from bots.discord_bot.sending import DiscordSender
    from core.actors import Actor
    from core.service import Core

log = structlog.get_logger(__name__)

CALM_WITHIN = 3.0
"""Seconds that work stands back while many first answers are due: they have a deadline, and it has none."""
NOT_YET = 0.4
"""Seconds between two tries to answer below an interaction whose first answer may still be on its way."""
NOT_YET_TRIES = 4
HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
"""Where Discord keeps what people attach."""


@dataclass
class _Turn:
    """One event to answer. `shown` is the message that the next state takes the place of."""

    heard: Heard
    actor: Actor
    language: str
    shown: int | None = None
    below: bool = True  # the interaction can still be answered; else it goes by direct message


class DiscordBinding:
    """Answers what the inbox keeps. `patience` is how many seconds an answer waits for an unclear invite."""

    def __init__(self, core: Core, sender: DiscordSender, *, patience: float = 20.0) -> None:
        self._core = core
        self._sender = sender
        self._patience = patience
        self._flood = Flood(core.redis)
        self._tongues = Tongues()
        self.first_answers: dict[str, asyncio.Future[None]] = {}
        self.calm = asyncio.Event()
        self.calm.set()
        self.asked: Callable[[], None] = lambda: None
        """Called when a question was kept."""

    async def handle(self, row: Begun) -> None:
        """Answer one row of the inbox. Raises: Later when Discord cannot be reached."""
        heard = read_heard(row.payload)
        await until_woken(self.calm, CALM_WITHIN)
        if (first := self.first_answers.get(row.key)) is not None:
            await asyncio.wait([first])
        try:
            await self._turn(row, heard)
        except Unreachable:
            log.info("discord_unreachable", lane=row.lane)
            if heard.private:
                await people.mark_unreachable(self._core, PLATFORM, heard.user)
        except NotNow as later:
            raise Later(later.seconds) from later
        except Busy as busy:
            raise Later(1.0) from busy

    async def give_up(self, row: Begun) -> None:
        """Nothing came of this event however often it was tried: say so, if it was said in private."""
        heard = read_heard(row.payload)
        if not heard.private:
            return
        actor = await self._actor(heard)
        if actor is None:
            return
        turn = _Turn(heard, actor, self.language(actor, heard.locale, heard.text))
        try:
            await self._write(turn, Reply("apology"))
        except (Unreachable, NotNow, discord.HTTPException) as fault:
            log.info("apology_not_sent", kind=type(fault).__name__)

    def language(self, actor: Actor, locale: str, text: str = "") -> str:
        """What the person chose, else what their Discord speaks or their text is in, else what is configured."""
        seen = self._tongues.of(actor.identity, locale, text)
        return actor.language or seen or self._core.settings.language

    async def _turn(self, row: Begun, heard: Heard) -> None:
        actor = await self._actor(heard)
        if actor is None:
            return
        turn = _Turn(heard, actor, self.language(actor, heard.locale, heard.text))
        if not await self._flood.admits(actor.key):
            if heard.token or (heard.private and await self._flood.deserves_a_word(actor.key)):
                await self._write(turn, Reply("slow-down", private=False, toast=True))
            return
        request = self._request(row, turn)

        async def paint(reply: Reply) -> bool:
            try:
                await self._write(turn, reply)
            except (Unreachable, NotNow, discord.HTTPException) as fault:
                # The work goes on; its answer is tried again, and by more than this call.
                log.info("progress_not_shown", kind=type(fault).__name__)
                return False
            return True

        try:
            reply = await answered(self._core, request, paint)
        except Busy:
            if not request.repeated and (request.chat.private or heard.token):
                await paint(Reply("answer-later", replace=False))
            raise
        if reply is None:
            return
        if reply.turn is not None:
            self.asked()
        if reply.silent and heard.first != "thinking":
            return
        reply = await self._delete_secret(heard, reply)
        try:
            await self._write(turn, reply)
        except discord.HTTPException as refusal:
            log.exception("answer_refused_by_discord", code=refusal.code, reply=reply.key)
            await self._write(turn, Reply("failed-to-show"))

    async def _delete_secret(self, heard: Heard, reply: Reply) -> Reply:
        """The reply, which says so where the secret that it answers could not be deleted."""
        if reply.delete_request and heard.guild is not None and not heard.token and heard.message:
            channel = self._sender.client.get_partial_messageable(int(heard.channel))
            secret = channel.get_partial_message(int(heard.message))
            if not await self._sender.quietly(secret.delete) and reply.undeleted is not None:
                return replace(reply, key=reply.undeleted)
        return reply

    def _request(self, row: Begun, turn: _Turn) -> Request:
        heard = turn.heard
        return Request(
            actor=turn.actor,
            key=row.key,
            language=turn.language,
            # A pointer's button is pressed where it stands, and answered for the asker alone: no link is needed.
            chat=Chat(
                PLATFORM,
                heard.channel,
                heard.private,
                deep_link=lambda _: None,
                # What is answered in a server for the asker alone must not be told there aloud later.
                aside=f"{ASIDE}{heard.user}" if heard.guild is not None else None,
                shared=heard.shared,
            ),
            # In a channel a line with a slash is no command here, and may be another bot's; codes in it still count.
            text=heard.text if heard.private else heard.text.lstrip("/"),
            command=heard.command,
            options=heard.options,
            pressed=heard.pressed,
            media=heard.media,
            attachments=tuple(self._attachment(one) for one in heard.attachments),
            message=heard.message or "",
            reply_to=heard.reply_to,
            buttons_above=heard.buttons_above,
            edited=(heard.message or "") if heard.edited else "",
            addressed=heard.addressed,
            speaker=heard.speaker,
            repeated=row.repeated,
            kept=True,
            patience=self._patience,
        )

    async def _write(self, turn: _Turn, reply: Reply) -> None:
        """Show a state of the answer where the one before it stands; by direct message if that is not there any more."""
        language = reply.key.removeprefix("language-") if reply.key.startswith("language-") else turn.language
        heard = turn.heard
        if heard.token and turn.below:
            try:
                await self._below(turn, reply, language)
            except TokenOver:
                log.info("interaction_over", key=heard.key)
                turn.below, turn.shown = False, None
            else:
                return
        if heard.token and reply.state == "working":
            return  # a direct message out of the blue tells how it ended, and not every step
        channel = await self._sender.direct(heard.user) if heard.token else int(heard.channel)
        turn.shown = await self._sender.write(channel, reply, language, edit=turn.shown)
        await take_away_later(self._core, PLATFORM, heard.user, f"{channel}:{turn.shown}", reply)

    async def _below(self, turn: _Turn, reply: Reply, language: str) -> None:
        heard = turn.heard
        # Deferred: a "thinking…" message waits to be filled, or the pressed message to be changed.
        stays = heard.first == "update" and turn.shown is None and (reply.toast or not reply.replace)
        thread = Thread(heard.app, heard.token, private=heard.guild is not None or reply.toast)
        for left in reversed(range(NOT_YET_TRIES)):
            try:
                number = await self._sender.answer(
                    thread, reply, language, edit=None if stays else turn.shown, first=not stays
                )
            except TokenOver:
                if not left or turn.shown is not None:
                    raise
                await asyncio.sleep(NOT_YET)
            else:
                if number is not None and not stays:
                    turn.shown = number
                if heard.guild is None:
                    await take_away_later(self._core, PLATFORM, heard.user, f"{heard.channel}:{number}", reply)
                return

    async def _actor(self, heard: Heard) -> Actor | None:
        reachable = heard.user if heard.guild is None else None
        try:
            return await people.recognise(self._core, PLATFORM, heard.user, chat_id=reachable)
        except NotAllowed:
            return None

    def _attachment(self, attached: Attached) -> Attachment:
        async def load() -> bytes:
            if not is_discords(attached.url, self._core.settings.discord.api_base):
                log.warning("attachment_from_elsewhere")
                raise NotFetched
            try:
                return await self._sender.call(lambda: self._sender.client.http.get_from_cdn(attached.url))
            except (Unreachable, NotNow, discord.HTTPException) as fault:
                raise NotFetched from fault

        return Attachment(attached.name, attached.size, once(load), attached.kind)


def is_discords(url: str, api_base: str) -> bool:
    """Files come from Discord's own hosts, or from where its interface is said to be."""
    host = host_of(url)
    ours = host is not None and host == host_of(api_base)
    return ours or (host in HOSTS and url.startswith("https://"))
