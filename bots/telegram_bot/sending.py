"""Writing to Telegram: paced, repeated when the line breaks, obedient to its Retry-After."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from aiogram import Bot
from aiogram.enums import ParseMode
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardMarkup,
    InputRichMessage,
    LinkPreviewOptions,
    Message,
)

from bots.messages.rendering import Look, Rendered, render
from bots.outgoing.pacing import Paces
from bots.outgoing.posting import NotNow, Post, Unreachable
from bots.standing import StandingBoard
from bots.telegram_bot.albums import AlbumPicture, albums_of, media_of
from bots.telegram_bot.keyboards import keyboard
from bots.telegram_bot.rich import rich_message
from core.outbox import VANISH

if TYPE_CHECKING:
    from bots.messages.markdown import Block
    from bots.messages.reply import File
    from core.settings import Settings

log = structlog.get_logger(__name__)

T = TypeVar("T")

LIMIT = 4096
"""Characters of one message, after Telegram has read the markup; counting the markup as well is on the safe side."""
LONGEST_PAUSE = 30.0
"""Seconds of Retry-After that are waited out on the spot; a longer one is left to the row that asked."""
"""Colours of buttons; a client that knows none shows them plain."""
GONE = (
    "chat not found",
    "user not found",
    "user is deactivated",
    "chat was deactivated",
    "chat was deleted",
    "chat was upgraded",
    "bot was kicked",
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "peer_id",
    "chat_write_forbidden",
    "chat_restricted",
    "chat_admin_required",
    "chat_send_",
    "channel_private",
    "user_is_blocked",
    "input_user_deactivated",
)
"""Signs, in lower case, that a chat takes nothing from the bot: it is gone, or does not let it write."""
_ONE_KIND = re.compile(r"not enough rights to send (?!text)|chat_send_(?!plain)", re.IGNORECASE)
"""Says that a chat takes no pictures, say, which does not keep words out."""
TOPIC_GONE = ("message thread not found", "topic_closed", "topic_deleted", "topic_id_invalid")
"""Signs that one topic of a forum takes nothing; the forum's General topic may."""
_NATIVE_TIME = re.compile(r"</?tg-time[^>]*>")
NOT_EDITABLE = ("message to edit not found", "message can't be edited", "there is no text", "MESSAGE_ID_INVALID")
NOT_THERE = ("message to delete not found", "MESSAGE_ID_INVALID")

UNREADABLE = "can't parse entities"
_TAG = re.compile(r"</?[a-z][^<>]*>")

OnMigration = Callable[[str, str], Awaitable[None]]


class TelegramSender:
    """One bot's way of writing. `recipient` is a chat id, with a topic as `CHAT/TOPIC`."""

    def __init__(
        self, bot: Bot, settings: Settings, *, patience: float = 30.0, standing: StandingBoard | None = None
    ) -> None:
        self.bot = bot
        self._standing = standing or StandingBoard(settings.language)
        self._settings = settings
        self._patience = patience
        self._paces = Paces(settings.telegram.per_second, settings.telegram.per_chat_per_second)
        self.on_migration: OnMigration | None = None
        self._rich = settings.telegram.rich_messages == "auto"
        self.rests: dict[str, float] = {}
        """Until when (the loop's time) a chat is painted nothing: it has had enough, of whatever it was."""

    def look(self, language: str) -> Look:
        """How texts look on Telegram."""
        return Look(language, "telegram", LIMIT, self._settings.timezone)

    async def post(self, post: Post) -> str | None:
        """Send or edit one message of the outbox. Returns `CHAT:MESSAGE`. Raises: Unreachable, NotNow."""
        rendered = render(post.reply, self.look(post.language))
        await self._paces.wait(post.recipient)
        if post.edit:
            chat, _, number = post.edit.rpartition(":")
            if post.template == VANISH and await self._taken_away(chat, int(number)):
                return post.edit
            return f"{chat}:{await self.write(chat, rendered, edit=int(number), skip=post.skip)}"
        return f"{post.recipient}:{await self.write(post.recipient, rendered, skip=post.skip)}"

    async def _taken_away(self, recipient: str, number: int) -> bool:
        """Is the message gone? False where Telegram lets it stand: then words take its place."""
        chat, _ = place(recipient)
        try:
            await self.call(lambda: self.bot.delete_message(chat, number))
        except (TelegramBadRequest, TelegramNotFound) as refusal:
            return any(sign in refusal.message for sign in NOT_THERE)
        return True

    async def write(
        self, recipient: str, rendered: Rendered, *, edit: int | None = None, skip: int = 0, above: Sequence[int] = ()
    ) -> int | None:
        """Send all of an answer but its first `skip` messages: pictures, words, files.

        The words come in place of the message `edit`, and the pictures in place of the messages `above` it, where
        those can be edited. Returns the id of the message that has the buttons. Raises: Unreachable, NotNow.
        """
        told = list(zip(rendered.files, rendered.captions, strict=True))
        albums = albums_of([one for one in told if one[0].image])
        skip = min(skip, len(albums) + len(rendered.texts) - 1)
        sent, last = skip, None
        try:
            shown = await self._show_if_taken(recipient, albums[skip:], above)
            withheld = len(shown) < sum(len(album) for album in albums[skip:])
            sent = max(skip, len(albums))
            for number, text in enumerate(rendered.texts[sent - len(albums) :], start=sent - len(albums)):
                markup = keyboard(rendered.keys, shown) if number == len(rendered.texts) - 1 else None
                replaced = edit if number == 0 else None
                blocks = rendered.blocks[number] if number < len(rendered.blocks) else ()
                last = await self._say_rich(recipient, blocks, markup, replaced)
                if last is None:
                    last = await self._worded(recipient, text, markup, replaced)
                sent += 1
            for file, _ in told:
                withheld |= not file.image and not await self._attach(recipient, file)
            if withheld:
                await self._say(recipient, rendered.withheld, None, None)
        except NotNow as later:
            later.sent = sent
            raise
        return last

    async def _say_rich(
        self, recipient: str, blocks: Sequence[Block], markup: InlineKeyboardMarkup | None, edit: int | None
    ) -> int | None:
        """Show tables, formulas and deep lists as such; None where there are none, or Telegram takes no such message."""
        rich = rich_message(blocks) if self._rich else None
        if rich is None:
            return None

        async def send(chat: str) -> Message:
            chat_id, topic = place(chat)
            return await self.bot.send_rich_message(chat_id, rich, message_thread_id=topic, reply_markup=markup)

        try:
            if edit is not None and await self._edit(recipient, edit, None, markup, rich):
                return edit
            return (await self._following(recipient, send)).message_id
        except (TelegramBadRequest, TelegramNotFound) as refusal:
            # Refused for certain, so nothing of it stands there. A server that does not know it is not asked again.
            self._rich = isinstance(refusal, TelegramBadRequest)
            log.warning("rich_message_refused", reason=refusal.message[:200])
            return None

    async def _worded(self, recipient: str, text: str, markup: InlineKeyboardMarkup | None, edit: int | None) -> int:
        try:
            return await self._say(recipient, text, markup, edit)
        except TelegramBadRequest as refusal:
            if "tg-time" not in refusal.message:
                raise
            # A Bot API server of one's own may be older than native times: it gets them as words.
            return await self._say(recipient, _NATIVE_TIME.sub("", text), markup, edit)

    async def _show(self, recipient: str, albums: Sequence[Sequence[AlbumPicture]], above: Sequence[int]) -> list[int]:
        """The messages in which the pictures stand now; those in `above` are changed, or go where that cannot be."""
        pictures, (chat_id, _) = [one for album in albums for one in album], place(recipient)
        if above:
            if len(pictures) == len(above) and await self._all_changed(chat_id, above, pictures):
                return list(above)
            await self.quietly(lambda: self.bot.delete_messages(chat_id, list(above)))
        shown = []
        for album in albums:
            shown += [one.message_id for one in await self._following(recipient, partial(self._send_album, album))]
        return shown

    async def _show_if_taken(
        self, recipient: str, albums: Sequence[Sequence[AlbumPicture]], above: Sequence[int]
    ) -> list[int]:
        """The same; none where the chat takes no pictures: what they show is said in the words, too."""
        try:
            return await self._show(recipient, albums, above)
        except TelegramBadRequest as refusal:
            log.warning("pictures_refused", reason=refusal.message[:200])
            return []

    async def _all_changed(self, chat_id: int, above: Sequence[int], pictures: Sequence[AlbumPicture]) -> bool:
        for number, picture in zip(above, pictures, strict=True):
            change = partial(self.bot.edit_message_media, chat_id=chat_id, message_id=number)
            if not await self._changed(partial(change, media_of(picture))):
                return False
        return True

    async def _send_album(self, album: Sequence[AlbumPicture], recipient: str) -> list[Message]:
        chat_id, topic = place(recipient)
        media = [media_of(one) for one in album]
        if len(media) > 1:
            return await self.bot.send_media_group(chat_id, list(media), message_thread_id=topic)
        [one] = media
        return [
            await self.bot.send_photo(
                chat_id, one.media, caption=one.caption, parse_mode=one.parse_mode, message_thread_id=topic
            )
        ]

    async def _say(self, recipient: str, text: str, markup: InlineKeyboardMarkup | None, edit: int | None) -> int:
        if edit is not None and await self._edit(recipient, edit, text, markup):
            return edit
        return await self._send(recipient, text, markup)

    def may_paint(self) -> bool:
        """Is there room for what nobody waits for? Taken if so; half of what Telegram allows is left to messages."""
        return self._paces.take_spare()

    def rest(self, recipient: str, seconds: float) -> None:
        """Paint nothing into a chat, or any of its topics, for so long."""
        self.rests[place_text(recipient)] = asyncio.get_running_loop().time() + seconds

    def resting(self, recipient: str) -> float:
        """Seconds for which a chat is painted nothing; none if that is over."""
        return self.rests.get(place_text(recipient), 0.0) - asyncio.get_running_loop().time()

    async def call(self, method: Callable[[], Awaitable[T]], recipient: str | None = None) -> T:
        """One call, repeated while the line is down or Telegram asks to wait. Raises: Unreachable, NotNow.

        What Telegram refuses for another reason is raised as TelegramBadRequest.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + self._patience
        pause = 0.5
        while True:
            await self._paces.wait_for_all()
            try:
                done = await method()
                self._standing.well("telegram", "token")
                return done
            except TelegramRetryAfter as wait:
                if recipient is not None:
                    self.rest(recipient, wait.retry_after)
                if wait.retry_after > LONGEST_PAUSE or loop.time() + wait.retry_after > until:
                    raise NotNow(wait.retry_after) from wait
                await asyncio.sleep(wait.retry_after)
            except TelegramForbiddenError as refusal:
                raise Unreachable from refusal
            except (TelegramBadRequest, TelegramNotFound) as refusal:
                if any(sign in refusal.message.casefold() for sign in GONE) and not _ONE_KIND.search(refusal.message):
                    raise Unreachable from refusal
                raise
            except (TelegramNetworkError, TelegramServerError) as fault:
                if isinstance(fault, TelegramEntityTooLarge) or loop.time() + pause > until:
                    raise NotNow(5.0) from fault
                log.info("telegram_unavailable", kind=type(fault).__name__)
                await asyncio.sleep(pause)
                pause = min(8.0, pause * 2)
            except TelegramUnauthorizedError as fault:
                self._standing.trouble("telegram", "token")
                raise NotNow(60.0) from fault

    async def quietly(self, method: Callable[[], Awaitable[Any]]) -> bool:
        """A call that nothing depends on; True if it worked."""
        try:
            await self.call(method)
        except (TelegramAPIError, Unreachable, NotNow) as fault:
            log.info("telegram_call_failed", kind=type(fault).__name__)
            return False
        return True

    async def _send(self, recipient: str, text: str, markup: InlineKeyboardMarkup | None) -> int:
        async def send(chat: str) -> Message:
            chat_id, topic = place(chat)
            return await self.bot.send_message(
                chat_id,
                text,
                message_thread_id=topic,
                parse_mode=ParseMode.HTML,
                reply_markup=markup,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )

        async def send_plain(chat: str) -> Message:
            chat_id, topic = place(chat)
            plain = html.unescape(_TAG.sub("", text))
            return await self.bot.send_message(chat_id, plain, message_thread_id=topic, reply_markup=markup)

        try:
            return (await self._following(recipient, send)).message_id
        except TelegramBadRequest as refusal:
            if UNREADABLE not in refusal.message or "tg-time" in refusal.message:
                raise
            # Refused for certain, so nothing of it stands there: better without marks than not at all.
            log.exception("markup_refused_by_telegram", reason=refusal.message[:200])
            return (await self._following(recipient, send_plain)).message_id

    async def _attach(self, recipient: str, file: File) -> bool:
        """Send a file; False where the chat takes none."""

        async def send(chat: str) -> Message:
            chat_id, topic = place(chat)
            content = BufferedInputFile(file.content, file.name)
            return await self.bot.send_document(chat_id, content, message_thread_id=topic)

        try:
            await self._following(recipient, send)
        except TelegramBadRequest as refusal:
            log.warning("file_refused", reason=refusal.message[:200])
            return False
        return True

    async def _following(self, recipient: str, send: Callable[[str], Awaitable[T]]) -> T:
        """Send, to where the group has moved if it has, and to the General topic if the topic has been closed."""
        try:
            return await self.call(lambda: send(recipient), recipient)
        except TelegramBadRequest as refusal:
            if not any(sign in refusal.message.casefold() for sign in TOPIC_GONE):
                raise
            log.info("topic_closed", kind=type(refusal).__name__)
            try:
                return await self.call(lambda: send(place_text(recipient)), recipient)
            except TelegramBadRequest as again:
                if any(sign in again.message.casefold() for sign in TOPIC_GONE):
                    raise Unreachable from again  # General is closed as well
                raise
        except TelegramMigrateToChat as moved:
            target = str(moved.migrate_to_chat_id)
            if self.on_migration is not None:
                await self.on_migration(place_text(recipient), target)
            return await self.call(lambda: send(target))

    async def _edit(
        self,
        recipient: str,
        message_id: int,
        text: str | None,
        markup: InlineKeyboardMarkup | None,
        rich: InputRichMessage | None = None,
    ) -> bool:
        chat_id, _ = place(recipient)
        if rich is not None:
            edit = partial(self.bot.edit_message_text, rich_message=rich)
        else:
            off = LinkPreviewOptions(is_disabled=True)
            edit = partial(self.bot.edit_message_text, text, parse_mode=ParseMode.HTML, link_preview_options=off)
        return await self._changed(
            partial(edit, chat_id=chat_id, message_id=message_id, reply_markup=markup), recipient
        )

    async def _changed(self, edit: Callable[[], Awaitable[Any]], recipient: str | None = None) -> bool:
        """Does the message say now what it shall? False where it cannot be edited, or is gone."""
        try:
            await self.call(edit, recipient)
        except TelegramBadRequest as refusal:
            if "not modified" in refusal.message:
                return True
            if any(sign in refusal.message for sign in NOT_EDITABLE):
                return False
            raise
        return True


def place(recipient: str) -> tuple[int, int | None]:
    """Chat and topic of `CHAT/TOPIC`."""
    chat, _, topic = recipient.partition("/")
    return int(chat), int(topic) if topic else None


def place_text(recipient: str) -> str:
    """The chat alone."""
    return recipient.partition("/")[0]
