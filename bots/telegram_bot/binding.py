"""Telegram's events as requests, and replies as messages: one conversation turn from update to answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import structlog
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, Update
from pydantic import ValidationError

from bots.commands.request import SLASHES, Chat, Request
from bots.incoming.flood import Flood
from bots.incoming.painting import answered
from bots.incoming.vanishing import take_away_later
from bots.messages.rendering import Rendered, render
from bots.messages.reply import Reply
from bots.outgoing.posting import NotNow, Unreachable
from bots.telegram_bot.albums import buttons_of, pictures_of
from bots.telegram_bot.attachments import attachments_of, parts_of_album, was_said
from bots.telegram_bot.sending import place
from core.actors import Actor, Role
from core.errors import Busy, NotAllowed
from core.languages import spoken
from core.notices.inbox import Later
from core.notices.inbox_rows import Begun, PlatformEvent
from core.people import people

if TYPE_CHECKING:
    from bots.telegram_bot.menus import Menus
    from bots.telegram_bot.sending import TelegramSender
    from core.service import Core

log = structlog.get_logger(__name__)

PLATFORM = "telegram"
WANTED = ["message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation"]
"""An edited message is no second one: it is read while a question about the first is open, or as its other wording."""
TAKE_DOWN_WITHIN = 0.5
"""Seconds for removing a passing state: the process that does it is being stopped."""


def event_of(bot_id: int, update: dict[str, Any]) -> PlatformEvent:
    """The inbox row of a raw update."""
    return PlatformEvent(f"tg:{bot_id}:{update['update_id']}", f"{PLATFORM}:{_chat_id(update)}", json.dumps(update))


def _chat_id(update: dict[str, Any]) -> str:
    """The chat an update belongs to, however strange the update is."""
    for part in update.values():
        if isinstance(part, dict):
            chat = part.get("chat") or (part.get("message") or {}).get("chat") or part.get("from")
            if isinstance(chat, dict) and "id" in chat:
                return str(chat["id"])
    return "none"


@dataclass
class _Turn:
    """One message to answer: where, in place of which message and of which pictures above it, and to whose press."""

    chat: str
    actor: Actor
    language: str
    questions: Sequence[Message] = ()
    press: CallbackQuery | None = None
    edit: int | None = None
    above: tuple[int, ...] = ()
    pressed: bool = False
    painted: bool = False


class TelegramBinding:
    """Answers Telegram's updates. `username` makes the links into the private chat."""

    def __init__(
        self, core: Core, sender: TelegramSender, menus: Menus, *, username: str, patience: float = 20.0
    ) -> None:
        self._core = core
        self._sender = sender
        self._menus = menus
        self._username = username
        self._me = sender.bot.id
        self._named = re.compile(rf"(?<![\w@/])@{re.escape(username)}\b", re.IGNORECASE)
        self._patience = patience
        self._flood = Flood(core.redis)
        self.asked: Callable[[], None] = lambda: None
        """Called when a question was kept."""

    async def handle(self, row: Begun) -> None:
        """Answer one row of the inbox. Raises: Later when Telegram cannot be reached."""
        try:
            update = Update.model_validate_json(row.payload, context={"bot": self._sender.bot})
        except ValidationError:
            log.warning("update_unreadable", row=row.key)
            return
        try:
            if update.message is not None:
                await self._message(row, update.message)
            elif update.edited_message is not None:
                await self._message(row, update.edited_message, edited=True)
            elif update.callback_query is not None:
                await self._press(row, update.callback_query)
            elif update.my_chat_member is not None:
                await self._membership(update.my_chat_member)
            elif update.stopped_message_generation is not None:
                stopped = update.stopped_message_generation
                await self._stopped(str(stopped.chat.id), stopped.message_thread_id, row.key)
        except Unreachable:
            log.info("telegram_unreachable", lane=row.lane)
            await people.mark_unreachable(self._core, PLATFORM, row.lane.partition(":")[2])
        except NotNow as later:
            raise Later(later.seconds) from later
        except Busy as busy:
            raise Later(1.0) from busy

    async def give_up(self, row: Begun) -> None:
        """Nothing came of this update however often it was tried: say so, if it was said in private."""
        chat = row.lane.partition(":")[2]
        if chat.lstrip("-").isdigit() and not chat.startswith("-"):
            look = self._sender.look(self._core.settings.language)
            try:
                await self._sender.write(chat, render(Reply("apology"), look))
            except (Unreachable, NotNow, TelegramAPIError) as fault:
                log.info("apology_not_sent", kind=type(fault).__name__)

    async def moved(self, old: str, new: str) -> None:
        """A group has become a supergroup, with another id."""
        await people.move_chat(self._core, PLATFORM, old, new)

    async def _message(self, row: Begun, message: Message, *, edited: bool = False) -> None:
        if message.migrate_to_chat_id is not None:
            await self.moved(str(message.chat.id), str(message.migrate_to_chat_id))
            return
        private = message.chat.type == "private"
        album = [message]
        if message.media_group_id is not None and not edited:
            album += await parts_of_album(self._core, row, message.media_group_id)
        text = next((part.caption for part in album if part.caption), message.text or _person_of(message))
        person = message.from_user
        if person is None or person.is_bot or message.sender_chat is not None or message.via_bot is not None:
            return  # channels, anonymous administrators and bots are nobody
        replied = message.reply_to_message
        answers = replied is not None and replied.from_user is not None and replied.from_user.id == self._me
        shown = answers and any(one.kind != "other" for one in attachments_of(self._sender, message))
        if not text and message.document is None and not (shown or (private and was_said(message))):
            return  # joins, pins, timers, pictures that nobody shows to the bot
        forwarded = message.forward_origin is not None
        if forwarded:
            text = text.lstrip("".join(SLASHES))  # what somebody else said is not this person's command
        if text.startswith(SLASHES) and not self._for_me(text):
            return
        actor = await self._actor(str(person.id), private)
        if actor is None:
            return
        if message.contact is not None and actor.role == Role.ANYONE:
            text = ""  # somebody else's number is no word of theirs
        turn = _Turn(_place(message), actor, self._language(actor, person.language_code), questions=album)
        if not await self._flood.admits(actor.key):
            if private and await self._flood.deserves_a_word(actor.key):
                await self._write(turn, Reply("slow-down", private=False))
            return
        if private:
            await self._menus.show(turn.chat, actor, turn.language)
        request = Request(
            actor=actor,
            key=row.key,
            language=turn.language,
            chat=self._chat(message, private),
            text=text if private else self._named.sub(" ", text),
            addressed=not forwarded and (answers or bool(self._named.search(text))),
            speaker=person.full_name,
            media=_media(message),
            attachments=[one for part in album for one in attachments_of(self._sender, part)],
            message=str(message.message_id),
            reply_to=str(replied.message_id) if replied is not None else "",
            buttons_above=buttons_of(replied.reply_markup) if replied is not None and answers else (),
            edited=str(message.message_id) if edited else "",
            repeated=row.repeated,
            kept=True,
            patience=self._patience,
        )
        await self._answer(turn, request)

    async def _press(self, row: Begun, press: CallbackQuery) -> None:
        if press.from_user.is_bot or press.message is None or not press.data:
            return
        private = press.message.chat.type == "private"
        actor = await self._actor(str(press.from_user.id), private)
        if actor is None:
            return
        markup = press.message.reply_markup if isinstance(press.message, Message) else None
        nonce, above = pictures_of(press.data, markup)
        turn = _Turn(
            _place(press.message) if isinstance(press.message, Message) else str(press.message.chat.id),
            actor,
            self._language(actor, press.from_user.language_code),
            press=press,
            edit=press.message.message_id,
            above=above,
            pressed=True,
        )
        if not await self._flood.admits(actor.key):
            await self._toast(turn, Reply("slow-down", private=False))
            return
        request = Request(
            actor=actor,
            key=row.key,
            language=turn.language,
            chat=self._chat(press.message, private),
            pressed=nonce,
            repeated=row.repeated,
            kept=True,
            patience=self._patience,
        )
        await self._answer(turn, request)

    async def _membership(self, change: ChatMemberUpdated) -> None:
        """The person blocked the bot: nothing is sent until they come back."""
        if change.chat.type == "private" and change.new_chat_member.status == "kicked":
            await people.mark_unreachable(self._core, PLATFORM, str(change.chat.id))

    async def _stopped(self, chat: str, topic: int | None, key: str) -> None:
        """Telegram's own button below a draft."""
        actor = await self._actor(chat, True)
        here = f"{chat}/{topic}" if topic else chat
        if actor is not None:
            request = Request(actor, key, self._core.settings.language, Chat(PLATFORM, here), command="stop")
            _ = await answered(self._core, request, _unshown)

    async def _answer(self, turn: _Turn, request: Request) -> None:
        """Let the catalogue answer, painting what passes meanwhile into the message that the answer takes over."""

        async def paint(passing: Reply) -> bool:
            try:
                await self._toast(turn, None)
                turn.edit = await self._sender.write(turn.chat, self._render(turn, passing), edit=turn.edit)
            except (Unreachable, NotNow, TelegramAPIError) as fault:
                # The work goes on; its answer is tried again, and by more than this call.
                log.info("progress_not_shown", kind=type(fault).__name__)
                return False
            turn.painted = True
            return True

        try:
            reply = await answered(self._core, request, paint)
            if reply is not None and reply.turn is not None:
                self.asked()
            if reply is not None:
                await self._finish(turn, reply)
        except asyncio.CancelledError:
            await self._take_down(turn)
            raise
        except Busy:
            if turn.pressed:
                await self._toast(turn, Reply("answer-later", toast=True))
            elif not request.repeated and (request.chat.private or request.text.startswith("/")):
                await paint(Reply("answer-later"))
            raise

    async def _finish(self, turn: _Turn, reply: Reply) -> None:
        if reply.delete_request and turn.questions:
            deleted = [await self._delete(one) for one in turn.questions]
            reply = reply if all(deleted) or reply.undeleted is None else replace(reply, key=reply.undeleted)
        if reply.toast:
            await self._toast(turn, reply)
            return
        if turn.press is not None:
            await self._toast(turn, None)
        if not reply.silent:
            await self._write(turn, reply)

    async def _take_down(self, turn: _Turn) -> None:
        """Whoever begins the row again paints anew: a passing state left standing would never come to its end."""
        if not turn.painted or turn.pressed or turn.edit is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TAKE_DOWN_WITHIN):
                (chat, _), number = place(turn.chat), turn.edit
                await self._sender.quietly(lambda: self._sender.bot.delete_message(chat, number))

    async def _write(self, turn: _Turn, reply: Reply) -> None:
        keep = turn.pressed and not reply.replace and not turn.painted
        rendered = self._render(turn, reply)
        try:
            edit, above = (None, ()) if keep else (turn.edit, turn.above)
            shown = await self._sender.write(turn.chat, rendered, edit=edit, above=above)
            await take_away_later(self._core, PLATFORM, turn.chat, f"{turn.chat}:{shown}", reply)
        except TelegramBadRequest as refusal:
            log.exception("answer_refused_by_telegram", reason=refusal.message[:200], reply=reply.key)
            await self._sender.write(turn.chat, render(Reply("failed-to-show"), self._sender.look(turn.language)))
        if turn.actor.platform == PLATFORM and reply.menu:
            actor = await people.recognise(self._core, PLATFORM, turn.actor.identity)
            await self._menus.show(turn.chat, actor, actor.language or turn.language)

    def _render(self, turn: _Turn, reply: Reply) -> Rendered:
        return render(reply, self._sender.look(turn.language))

    async def _toast(self, turn: _Turn, reply: Reply | None) -> None:
        """Take the waiting mark off a pressed button, with a short notice where there is something to say."""
        press, turn.press = turn.press, None
        if press is None:
            return
        text = None if reply is None else "\n".join(self._plain(turn, reply))[:200]
        await self._sender.quietly(
            lambda: self._sender.bot.answer_callback_query(press.id, text, show_alert=reply is not None)
        )

    def _plain(self, turn: _Turn, reply: Reply) -> tuple[str, ...]:
        return render(reply, replace(self._sender.look(turn.language), markup="plain")).texts

    async def _delete(self, message: Message) -> bool:
        return await self._sender.quietly(lambda: self._sender.bot.delete_message(message.chat.id, message.message_id))

    async def _actor(self, identity: str, private: bool) -> Actor | None:
        try:
            return await people.recognise(self._core, PLATFORM, identity, chat_id=identity if private else None)
        except NotAllowed:
            return None

    def _language(self, actor: Actor, code: str | None) -> str:
        """What the person chose, else what their Telegram speaks, else what is configured."""
        if actor.language is not None:
            return actor.language
        return spoken(code or "") or self._core.settings.language

    def _for_me(self, text: str) -> bool:
        """Is a command meant for this bot, in a group where several listen?"""
        name = text.split(maxsplit=1)[0]
        _, at, bot = name.partition("@")
        return not at or bot.casefold() == self._username.casefold()

    def _chat(self, message: Any, private: bool) -> Chat:
        link: Callable[[str], str] = lambda payload: f"https://t.me/{self._username}?start={payload}"  # noqa: E731
        return Chat(PLATFORM, _place(message) if isinstance(message, Message) else str(message.chat.id), private, link)


async def _unshown(reply: Reply) -> bool:  # noqa: ARG001 - a picture of it
    """Nothing of it is shown."""
    return False


def _place(message: Message) -> str:
    topic = message.message_thread_id if message.is_topic_message else None
    return f"{message.chat.id}/{topic}" if topic else str(message.chat.id)


_MEDIA = {"voice": "voice", "video_note": "voice", "audio": "voice", "photo": "photo", "sticker": "sticker"}


def _person_of(message: Message) -> str:
    """Who a shared contact is, as staff would write it; nothing where Telegram does not know."""
    contact = message.contact
    return f"{PLATFORM}:{contact.user_id}" if contact is not None and contact.user_id else ""


def _media(message: Message) -> str:
    """What a message was that held neither words nor a file."""
    if message.text or message.caption or (message.document is not None and message.animation is None):
        return ""
    return _MEDIA.get(message.content_type, "other")
