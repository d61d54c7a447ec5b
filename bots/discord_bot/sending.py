"""Writing to Discord: into channels, direct messages, and below interactions; obedient to its Retry-After."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import discord
import structlog

from bots.discord_bot.components import view_of
from bots.discord_bot.events import ASIDE
from bots.discord_bot.tapping import to_tap
from bots.messages.rendering import Look, render
from bots.outgoing.posting import NotNow, Post, Unreachable
from bots.standing import StandingBoard
from core.outbox import VANISH, chat_of
from core.talk import turns

if TYPE_CHECKING:
    from discord import ui

    from bots.messages.reply import Reply
    from core.settings import Settings

log = structlog.get_logger(__name__)

T = TypeVar("T")

LIMIT = 2000
EMBED_LIMIT = 4096
"""Characters of a message, and of the description of an embed; an embed as a whole takes 6000."""
MOST_FILES = 10
COLOURS = {"ok": 0x2E9E5B, "asking": 0x3B7DD8, "refused": 0xD9A400, "failed": 0xC8412E, "working": 0x8A8F98}
UNREACHABLE = frozenset({10003, 10004, 10013, 50001, 50007, 50008, 50013, 50024, 50033, 50278, 160005, 200000, 200001})
"""Unknown channel, server or person, no access, closed direct messages, a place that takes no text, no permission,
nobody to write to, a locked thread, a server whose own filter takes the message away."""
TOKEN_OVER = frozenset({10008, 10015, 10062, 30046, 50005, 50021, 50027})
"""The interaction, its message or its token is not there any more, or the message cannot be edited any more."""
LATER = frozenset({20016, 20028, 20029, 40062, 40333})
"""Slow mode, a channel or server that is written to too much, a service of Discord's that has had enough."""
ARCHIVED = 50083
CLOSED = "Session is closed"
"""aiohttp's words when the gateway has refused a client meanwhile, which closes its connections; another one follows."""
ORIGINAL: Any = "@original"
LONGEST_PAUSE = 30.0
SEND_WITHIN = 60.0


def nonce_of(name: str, channel: int, number: int = 0) -> str:
    """The nonce of message `number` of the answer that is called `name`. Discord takes 25 characters."""
    return hashlib.sha256(f"{name}/{channel}/{number}".encode()).hexdigest()[:25]


class TokenOver(Exception):
    """An interaction cannot be answered any more; its message has to go another way."""


class Archived(TokenOver):
    """The thread is archived; whoever may write there may open it again."""


@dataclass(frozen=True, slots=True)
class Thread:
    """The messages of one interaction."""

    app: str
    token: str
    private: bool


class DiscordSender:
    """One bot's way of writing."""

    def __init__(
        self,
        client: discord.Client,
        settings: Settings,
        *,
        patience: float = SEND_WITHIN,
        standing: StandingBoard | None = None,
    ) -> None:
        self.client = client
        self._standing = standing or StandingBoard(settings.language)
        self._settings = settings
        self._patience = patience
        self._dms: dict[str, int] = {}
        self.commands: dict[str, int] = {}
        """The numbers by which commands in texts can be tapped, once they are known."""
        self.logged_in = False

    async def post(self, post: Post) -> str | None:
        """Send or edit one message of the outbox. Returns `CHANNEL:MESSAGE`. Raises: Unreachable, NotNow."""
        channel, _, message = (post.edit or "").partition(":")
        target = int(channel) if post.edit else await self.channel(post.recipient)
        if post.template == VANISH and post.edit:
            await self._take_away(target, int(message))
            return post.edit
        # An answer may be painted already, by a process that died before it could say where.
        once = turns.notice_of(int(post.facts["turn"])) if post.template == turns.ANSWER else post.key
        edit = int(message) if post.edit else None
        said = await self.write(target, post.reply, post.language, edit=edit, skip=post.skip, once=once)
        return f"{target}:{said}"

    async def _take_away(self, channel_id: int, number: int) -> None:
        message = self.client.get_partial_messageable(channel_id).get_partial_message(number)
        try:
            await self.call(message.delete)
        except TokenOver:
            log.info("message_to_delete_is_gone", channel=channel_id)

    async def channel(self, recipient: str) -> int:
        """The channel of a recipient. A bare recipient is a person, and so is a place that is an `ASIDE`; what else `in_chat` marked is a channel."""
        place = chat_of(recipient)
        if recipient == place or place.startswith(ASIDE):
            return await self.direct(place.removeprefix(ASIDE))
        return int(place)

    async def direct(self, identity: str) -> int:
        """The channel of somebody's direct messages. Raises: Unreachable, NotNow."""
        if identity not in self._dms:
            person = discord.Object(int(identity))
            self._dms[identity] = (await self.call(lambda: self.client.create_dm(person))).id
        return self._dms[identity]

    async def write(
        self,
        channel_id: int,
        reply: Reply,
        language: str,
        *,
        edit: int | None = None,
        skip: int = 0,
        once: str = "",
    ) -> int:
        """Say it in a channel but for the first `skip` messages, the first in place of `edit` where that is still there.

        What has the same name `once` is the same message however often it is sent, within Discord's few minutes.
        Returns the id of the message with the buttons. Raises: Unreachable, NotNow.
        """
        channel = self.client.get_partial_messageable(channel_id)
        last = edit or 0
        messages = list(self._messages(reply, language))
        for number, parts in enumerate(messages):
            if number < min(skip, len(messages) - 1):
                continue
            try:
                if edit is not None and number == 0:
                    try:
                        last = (await self._opened(channel_id, parts.over(channel.get_partial_message(edit)))).id
                        continue
                    except TokenOver:
                        log.info("message_to_edit_is_gone", channel=channel_id)
                # One that was painted and deleted since has this nonce, and comes back to nobody by it.
                replaced = edit is not None and number == 0
                nonce = nonce_of(once, channel_id, number) if once and not replaced else None
                last = await self._sent(channel, parts, nonce)
            except NotNow as later:
                later.sent = number
                raise
        return last

    async def _sent(self, channel: discord.PartialMessageable, parts: Parts, nonce: str | None) -> int:
        """Send a message. Where Discord gives back the one that has the nonce already, that one comes to say the same."""
        sent = await self._opened(channel.id, parts.into(channel, nonce))
        if nonce is None or parts.stands_as(sent):
            return sent.id
        try:
            return (await self._opened(channel.id, parts.over(channel.get_partial_message(sent.id)))).id
        except TokenOver:
            log.info("message_sent_before_is_gone", channel=channel.id)
            return (await self._opened(channel.id, parts.into(channel))).id

    async def _opened(self, channel_id: int, method: Callable[[], Awaitable[T]]) -> T:
        """The call, in a thread that is opened again where it was archived. Once: whoever archives it anew means it."""
        try:
            return await self.call(method)
        except Archived:
            log.info("thread_opened_again", channel=channel_id)
        try:
            await self.call(lambda: self.client.http.edit_channel(channel_id, archived=False))
            return await self.call(method)
        except Archived as again:
            raise Unreachable from again

    async def answer(self, thread: Thread, reply: Reply, language: str, *, edit: int | None, first: bool) -> int | None:
        """Say it below an interaction: in place of message `edit`, or of its first answer (`first`), or as a new one.

        Returns the id of the message with the buttons. Raises: TokenOver, Unreachable, NotNow.
        """
        webhook = discord.Webhook.partial(int(thread.app), thread.token, client=self.client)
        webhook.type = discord.WebhookType.application
        target = edit if edit is not None else ORIGINAL
        last = None
        for number, parts in enumerate(self._messages(reply, language)):
            if number == 0 and (first or edit is not None):
                last = (await self.call(parts.in_place(webhook, target))).id
            else:
                last = (await self.call(parts.below(webhook, hidden=thread.private))).id
        return last

    async def call(self, method: Callable[[], Awaitable[T]]) -> T:
        """One call, repeated while the line is down. Raises: TokenOver, Unreachable, NotNow.

        What Discord refuses for another reason is raised as discord.HTTPException.
        """
        if not self.logged_in:
            raise NotNow(1.0)  # the process has just started, or Discord is away
        loop = asyncio.get_running_loop()
        until = loop.time() + self._patience
        pause = 0.5
        while True:
            try:
                async with asyncio.timeout(self._patience):
                    answer = await method()
                self._standing.well("discord", "token")
                return answer
            except discord.RateLimited as wait:
                raise NotNow(wait.retry_after) from wait
            except discord.HTTPException as refusal:
                if refusal.status == 401 and refusal.code not in TOKEN_OVER:
                    self._standing.trouble("discord", "token")
                _explain(refusal)
            except (aiohttp.ClientError, OSError) as fault:
                if loop.time() + pause > until or isinstance(fault, TimeoutError):
                    raise NotNow(5.0) from fault
                log.info("discord_unavailable", kind=type(fault).__name__)
                await asyncio.sleep(pause)
                pause = min(8.0, pause * 2)
            except RuntimeError as fault:
                if str(fault) != CLOSED:
                    raise
                raise NotNow(1.0) from fault

    async def quietly(self, method: Callable[[], Awaitable[Any]]) -> bool:
        """A call that nothing depends on; True if it worked."""
        try:
            await self.call(method)
        except (discord.HTTPException, TokenOver, Unreachable, NotNow) as fault:
            log.info("discord_call_failed", kind=type(fault).__name__)
            return False
        return True

    def _messages(self, reply: Reply, language: str) -> Iterator[Parts]:
        """One reply as the messages that it takes; what belongs below stands below the last."""
        # A list or a picture comes in a frame, which has room for twice as much and a colour for how it went.
        framed = bool(reply.items) or any(file.image for file in reply.files)
        limit = EMBED_LIMIT if framed else LIMIT
        look = Look(language, "discord", limit, self._settings.timezone)
        rendered = render(reply, look)
        view = view_of(reply, rendered, language)
        pictures = [file.name for file in rendered.files if file.image]
        for number, plain in enumerate(rendered.texts):
            text = to_tap(plain, self.commands, limit)
            is_last = number == len(rendered.texts) - 1
            embed = None
            if framed:
                embed = discord.Embed(description=text, colour=COLOURS[reply.state])
                if is_last and pictures:
                    embed.set_image(url=f"attachment://{pictures[0]}")
            yield Parts(
                text=None if framed else text,
                embed=embed,
                view=view if is_last else None,
                files=[(file.name, file.content) for file in rendered.files[:MOST_FILES]] if is_last else [],
            )


@dataclass(frozen=True, slots=True)
class Parts:
    """One message, as discord.py takes it; files are opened anew for every try."""

    text: str | None
    embed: discord.Embed | None
    view: ui.View | None
    files: list[tuple[str, bytes]]

    def into(
        self, channel: discord.PartialMessageable, nonce: str | None = None
    ) -> Callable[[], Awaitable[discord.Message]]:
        """A new message of a channel, or the one that has been sent with the nonce."""
        return lambda: channel.send(**self._new(nonce=nonce))

    def stands_as(self, message: discord.Message) -> bool:
        """Does this message show it already? Where there is a frame or a file, the same nonce is enough."""
        as_text = message.content == (self.text or "").strip()
        return as_text and bool(message.components) == bool(self.view) and len(message.attachments) == len(self.files)

    def over(self, message: discord.PartialMessage) -> Callable[[], Awaitable[discord.Message]]:
        """In place of a message of ours."""
        return lambda: message.edit(**self._instead())

    def below(self, webhook: discord.Webhook, *, hidden: bool) -> Callable[[], Awaitable[discord.Message]]:
        """A new message below an interaction."""
        return lambda: webhook.send(wait=True, ephemeral=hidden, **self._new())

    def in_place(self, webhook: discord.Webhook, target: Any) -> Callable[[], Awaitable[discord.Message]]:
        """In place of a message of an interaction."""
        return lambda: webhook.edit_message(target, **self._instead())

    def _new(self, **more: Any) -> dict[str, Any]:
        given = {"content": self.text, "embed": self.embed, "view": self.view, "files": self._open(), **more}
        return {name: value for name, value in given.items() if value}

    def _instead(self) -> dict[str, Any]:
        """Whatever the message had goes."""
        return {"content": self.text, "embed": self.embed, "view": self.view, "attachments": self._open()}

    def _open(self) -> list[discord.File]:
        return [discord.File(io.BytesIO(content), filename=name) for name, content in self.files]


def _explain(refusal: discord.HTTPException) -> None:
    """Raise what a refusal means. Never returns."""
    if refusal.code in UNREACHABLE:
        log.info("discord_reaches_nobody", code=refusal.code)
        raise Unreachable from refusal
    if refusal.code == ARCHIVED:
        raise Archived from refusal
    if refusal.code in TOKEN_OVER:
        raise TokenOver from refusal
    if refusal.code in LATER or refusal.status == 429 or refusal.status >= 500:
        busy = refusal.status == 429 or refusal.code in LATER
        raise NotNow(LONGEST_PAUSE if busy else 5.0) from refusal
    if refusal.status == 401:
        raise NotNow(60.0) from refusal
    raise refusal
