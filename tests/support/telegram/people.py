"""The tester's side of the emulated Telegram: what a person at a phone can do and see.

`People` is the one vocabulary; `FakeTelegram` speaks it inside the process and `RemoteTelegram` over HTTP to an
emulator that outlives the bot.
"""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal, TypedDict

from typing_extensions import Unpack

from tests.support.emulator_control import PATIENCE, Controlled, RemoteControl
from tests.support.telegram import rich
from tests.support.telegram.rules import Json, Upload
from tests.support.telegram.state import Call, Line

Message = Json
Update = Json
Wanted = str | Callable[[Message], bool] | None


class Sender(TypedDict, total=False):
    """Who acts, and where. All optional: person 7, in English, in their private chat with the bot.

    `chat` is a group added before (None: the private chat), `thread` a topic of it; `sender` is "person",
    "anonymous_admin", "channel", "linked_channel" or "bot".
    """

    user_id: int
    lang: str
    username: str | None
    chat: int | None
    thread: int | None
    sender: Literal["person", "anonymous_admin", "channel", "linked_channel", "bot"]
    via_bot: bool
    forwarded: bool
    reply_to: int | None


def text_of(message: Message) -> str:
    """Return what a person reads in a message: its text, what its blocks say, or its caption."""
    if "rich_message" in message:
        return rich.text_of(message["rich_message"])
    return str(message.get("text", message.get("caption", "")))


def buttons_of(message: Message) -> list[list[str]]:
    """Return the labels of a message's inline buttons, row by row."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [[str(button["text"]) for button in row] for row in rows]


class People(Controlled):
    """Everything a test does to, and reads from, the emulator.

    Waiting helpers raise `AssertionError` with the conversation so far when their time is over.
    """

    # -- writing ---------------------------------------------------------------------------------------------------
    async def say(self, text: str, **who: Unpack[Sender]) -> Update:
        """Write `text`; return the update that the bot gets (`update["message"]` is the message)."""
        return _json(await self.act("write", text=text, sender=_sender(who)))

    async def ask(self, text: str, *, timeout: float = PATIENCE, **who: Unpack[Sender]) -> Message:
        """Write `text` and return the bot's first answer in that chat."""
        return await self.answer_to(await self.say(text, **who), timeout=timeout)

    async def start(self, payload: str = "", **who: Unpack[Sender]) -> Update:
        """Press Start, or follow the deep link with `payload`."""
        return _json(await self.act("start", payload=payload, sender=_sender(who)))

    async def edit(self, message_id: int, text: str, **who: Unpack[Sender]) -> Update:
        """Change a message that a person wrote."""
        return _json(await self.act("write", text=text, sender=_sender(who), edit_of=message_id))

    async def send_document(
        self,
        data: bytes,
        filename: str,
        *,
        caption: str | None = None,
        mime_type: str = "text/plain",
        kind: Literal["document", "photo", "voice"] = "document",
        album: str = "",
        **who: Unpack[Sender],
    ) -> Update:
        """Send a file; parts of one `album` are messages of their own."""
        file: Json = {"filename": filename, "mime_type": mime_type, "data": base64.b64encode(data).decode()}
        file |= {"kind": kind, "album": album}
        return _json(await self.act("write", text=caption, sender=_sender(who), file=file))

    async def press(
        self, button: str, *, message_id: int | None = None, forged: bool = False, **who: Unpack[Sender]
    ) -> Update:
        """Press the newest button with this label or data in the chat (or on that message).

        A button of a reply keyboard is said. `forged` sends `button` as callback data although no button has it.
        """
        return _json(await self.act("press", button=button, sender=_sender(who), message_id=message_id, forged=forged))

    # -- chats -----------------------------------------------------------------------------------------------------
    async def open_chat(self, user_id: int = 7, *, username: str | None = None) -> None:
        """Let a person have started the bot before, so that it may write to them first."""
        await self.act("open_chat", user_id=user_id, username=username)

    async def add_group(
        self,
        chat: int,
        *,
        title: str = "A group",
        kind: Literal["group", "supergroup", "channel"] = "supergroup",
        threads: tuple[int, ...] = (),
        members: dict[int, str] | None = None,
        rights: dict[str, bool] | None = None,
    ) -> None:
        """Add a group with the bot in it. `rights` make the bot an administrator, e.g. `can_delete_messages`."""
        statuses = {str(user): status for user, status in (members or {}).items()}
        await self.act(
            "add_group", chat=chat, title=title, kind=kind, threads=list(threads), members=statuses, rights=rights
        )

    async def set_rights(self, chat: int, rights: dict[str, bool] | None) -> None:
        await self.act("set_rights", chat=chat, rights=rights)

    async def set_member(self, chat: int, user_id: int, status: str) -> None:
        """Set creator, administrator, member, left or kicked."""
        await self.act("set_member", chat=chat, user_id=user_id, status=status)

    async def set_chat_state(
        self, chat: int, state: Literal["open", "blocked", "kicked", "unreached", "deactivated", "restricted"]
    ) -> None:
        await self.act("set_chat_state", chat=chat, state=state)

    async def close_topic(self, chat: int, thread: int, *, deleted: bool = False) -> None:
        """Close a topic (0: the General one), or delete it."""
        await self.act("close_topic", chat=chat, thread=thread, deleted=deleted)

    async def set_token(self, token: str) -> None:
        """Let the bot have another token: the one it knows is refused with 401 from now on."""
        await self.act("set_token", token=token)

    async def migrate(self, chat: int, to: int) -> None:
        await self.act("migrate", chat=chat, to=to)

    # -- updates and faults ----------------------------------------------------------------------------------------
    async def replay_update(self, update_id: int) -> None:
        """Deliver an earlier update again, with the same id."""
        await self.act("replay", update_id=update_id)

    async def raw_update(self, kind: str, body: Json) -> Update:
        return _json(await self.act("raw", kind=kind, body=body))

    @asynccontextmanager
    async def held_back(self, *, reverse: bool = False) -> AsyncIterator[None]:
        """Keep updates back inside the block and let them go at its end, newest first if `reverse`."""
        await self.act("hold")
        try:
            yield
        finally:
            await self.act("release", reverse=reverse)

    async def fault(
        self,
        method: str,
        kind: Literal["429", "400", "401", "403", "409", "500", "502", "drop_before", "drop_after", "slow"],
        *,
        count: int = 1,
        chat: int | None = None,
        retry_after: int = 1,
        seconds: float = 0.5,
        text: str = "",
    ) -> None:
        """Make the next `count` calls (-1: all until `clear_faults`) of `method` go wrong.

        `*` is any method but getUpdates, `**` any. drop_before cuts the connection before the effect, drop_after
        after it, slow answers rightly after `seconds`; `text` replaces the description of an error.
        """
        await self.act(
            "fault",
            method=method,
            kind=kind,
            count=count,
            chat=chat,
            retry_after=retry_after,
            seconds=seconds,
            text=text,
        )

    async def clear_faults(self) -> None:
        await self.act("clear_faults")

    async def set_webhook_secret(self, mode: Literal["right", "wrong", "missing", "non_ascii"]) -> None:
        await self.act("set_webhook_secret", mode=mode)

    # -- reading ---------------------------------------------------------------------------------------------------
    async def wait_message(
        self, chat: int = 7, wanted: Wanted = None, *, since: Update | None = None, timeout: float = PATIENCE
    ) -> Message:
        """Return the first message of the bot in `chat`, new or edited after update `since`, that fits `wanted`.

        `wanted` is a part of the text, or a predicate of the message; without `since` the newest that fits counts.
        """
        deadline = time.monotonic() + timeout
        while True:
            seen = await self.act("outgoing", chat=chat, since=since["update_id"] if since else None)
            fitting = [message for message in seen["messages"] if _fits(message, wanted)]
            if fitting:
                return _json(fitting[0] if since else fitting[-1])
            if time.monotonic() >= deadline:
                raise AssertionError(
                    f"no message fitting {wanted!r} in chat {chat} within {timeout} s\n{await self.transcript(chat)}"
                )
            await self.changed(seen["revision"], deadline - time.monotonic())

    async def answer_to(self, update: Update, wanted: Wanted = None, *, timeout: float = PATIENCE) -> Message:
        """Return the bot's first new or edited message in the update's chat after the update."""
        body = update.get("message") or update.get("edited_message") or update["callback_query"]["message"]
        return await self.wait_message(body["chat"]["id"], wanted, since=update, timeout=timeout)

    async def messages(self, chat: int = 7) -> list[Message]:
        """Return the bot's standing messages in a chat, least recently changed first."""
        return list((await self.act("outgoing", chat=chat, since=None))["messages"])

    async def wait_callback_answer(self, update: Update, *, timeout: float = PATIENCE) -> Json:
        """Return how the bot answered a button press: `{"text", "show_alert", "url"}`."""
        deadline = time.monotonic() + timeout
        while True:
            seen = await self.act("callback_answer", query_id=update["callback_query"]["id"])
            if seen["answer"] is not None:
                return _json(seen["answer"])
            if time.monotonic() >= deadline:
                raise AssertionError(f"the press was not answered within {timeout} s")
            await self.changed(seen["revision"], deadline - time.monotonic())

    async def wait_call(
        self, method: str, count: int = 1, *, where: Callable[[Call], bool] | None = None, timeout: float = PATIENCE
    ) -> Call:
        """Return the `count`-th call of `method` (that fits `where`), successful or not."""
        deadline = time.monotonic() + timeout
        while True:
            seen = await self.act("calls_of", method=method)
            calls = [call for call in map(_call, seen["calls"]) if where is None or where(call)]
            if len(calls) >= count:
                return calls[count - 1]
            if time.monotonic() >= deadline:
                raise AssertionError(f"{method} was called {len(calls)} times, not {count}, within {timeout} s")
            await self.changed(seen["revision"], deadline - time.monotonic())

    async def recorded_calls(self, method: str | None = None) -> list[Call]:
        """Return every call so far except getUpdates, oldest first."""
        return [_call(call) for call in (await self.act("calls_of", method=method))["calls"]]

    async def rejections(self) -> list[Call]:
        """Return the calls that Telegram's rules refused with 4xx; injected faults do not count."""
        return [call for call in await self.recorded_calls() if 400 <= call.status < 500 and not call.injected]

    async def wait_idle(self, *, quiet: float = 0.2, timeout: float = PATIENCE) -> None:
        """Return once no update is pending and nothing has happened for `quiet` seconds."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            before = await self.act("status")
            await self.changed(before["revision"], quiet)
            after = await self.act("status")
            if after["revision"] == before["revision"] and not after["pending"]:
                return
        raise AssertionError(f"the bot was not idle within {timeout} s")

    async def is_deleted(self, chat: int, message_id: int) -> bool:
        return bool(await self.act("is_deleted", chat=chat, message_id=message_id))

    async def conversation(self, chat: int | None = 7) -> list[Line]:
        """Return the conversation of a chat (None: of all) line by line."""
        return [Line(**line) for line in await self.act("lines_of", chat=chat)]

    async def transcript(self, chat: int | None = 7) -> str:
        """Return the conversation as text, to be read aloud."""
        return "\n".join(
            f"{line.direction}: {line.text}" + "".join(f"\n    [{'] ['.join(row)}]" for row in line.buttons)
            for line in await self.conversation(chat)
        )

    async def menu(self, user_id: int = 7, lang: str = "en", chat: int | None = None) -> list[Json]:
        """Return the command menu that a person sees: `[{"command", "description"}]`."""
        return list(await self.act("menu", user_id=user_id, lang=lang, chat=chat))

    async def download(self, message: Message) -> Upload:
        """Return the document or photo of a message, name and content."""
        part = message["document"] if "document" in message else message["photo"][-1]
        kept = await self.act("file_of", file_id=part["file_id"])
        return Upload(kept["filename"], base64.b64decode(kept["data"]))

    async def status(self) -> Json:
        """Return `pending` updates, `conflicts` of pollers, `webhook`, `me` and `revision`."""
        return _json(await self.act("status"))


class RemoteTelegram(RemoteControl, People):
    """`People` over HTTP: drives an emulator that runs as a process of its own."""


def _sender(who: Sender) -> Json:
    sender: Json = {"user_id": 7, "lang": "en", **who}
    sender["as"] = sender.pop("sender", "person")
    return sender


def _fits(message: Message, wanted: Wanted) -> bool:
    if wanted is None:
        return True
    return wanted in text_of(message) if isinstance(wanted, str) else wanted(message)


def _json(value: Any) -> Json:
    assert isinstance(value, dict)
    return value


def _call(record: Json) -> Call:
    uploads = {key: Upload(name, base64.b64decode(data)) for key, (name, data) in record["uploads"].items()}
    return Call(
        record["method"], record["fields"], uploads, record["status"], record["description"], record["injected"]
    )
