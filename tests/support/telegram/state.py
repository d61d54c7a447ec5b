"""What the emulated Telegram remembers: chats, messages, the update queue, calls, faults, flood windows.

Everything lives in memory and in one event loop.
"""

from __future__ import annotations

import itertools
import math
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from tests.support.emulator_control import Changes
from tests.support.telegram.rules import DOWNLOAD_BYTES, UPLOAD_BYTES, ApiError, Json, Upload, bad_request

# The kinds of update that a bot gets unless it asks for others (Bot API, getUpdates).
QUIET_UPDATES = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
GROUPS = frozenset({"group", "supergroup"})
BOT_RIGHTS = ("can_delete_messages", "can_pin_messages", "can_manage_topics", "can_restrict_members")


def unix_now() -> int:
    return int(time.time())


@dataclass
class Call:
    """One Bot API call as it arrived, and what was answered."""

    method: str
    fields: Json
    uploads: dict[str, Upload]
    status: int = 0
    description: str = ""
    injected: bool = False
    at: float = field(default_factory=time.monotonic)


@dataclass
class Line:
    """One line of a conversation. `direction`: user, bot, bot edits, bot deletes, bot toast."""

    direction: str
    chat: int
    text: str
    buttons: list[list[str]]
    message_id: int


@dataclass
class Letter:
    """A stored message; `revision` is the moment of its last change."""

    message: Json
    outgoing: bool
    revision: int
    deleted: bool = False


@dataclass
class Chat:
    """A chat as the bot's owner set it up. `state`: open, blocked, kicked, unreached, deactivated, restricted.

    `closed` are topics of a forum that nobody writes to any more; 0 is the General topic.
    """

    id: int
    type: str
    title: str
    username: str | None = None
    state: str = "open"
    migrated_to: int | None = None
    forum: bool = False
    threads: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)
    rights: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(BOT_RIGHTS, False))
    bot_is_admin: bool = False
    members: dict[int, Json] = field(default_factory=dict)
    reply_keyboard: list[list[str]] = field(default_factory=list)
    drafts: list[tuple[int, str, bool]] = field(default_factory=list)

    def public(self) -> Json:
        """Return the `chat` object that messages carry."""
        named: Json = {"first_name": self.title} if self.type == "private" else {"title": self.title}
        if self.username:
            named["username"] = self.username
        return {"id": self.id, "type": self.type, **named} | ({"is_forum": True} if self.forum else {})

    def refuse_writing(self) -> None:
        """Return if the bot may write here now, else raise Telegram's refusal."""
        if self.migrated_to is not None:
            raise bad_request("group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": self.migrated_to})
        if self.state == "blocked":
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if self.state == "deactivated":
            raise ApiError(403, "Forbidden: user is deactivated")
        if self.state == "unreached":
            raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
        if self.state == "kicked":
            raise ApiError(403, f"Forbidden: bot was kicked from the {self.type} chat")
        if self.state == "restricted":
            raise bad_request("not enough rights to send text messages to the chat")


@dataclass
class Fault:
    """An answer to give instead of the right one, `count` times (-1: until cleared)."""

    method: str
    kind: str
    count: int
    chat: int | None
    retry_after: int
    seconds: float
    text: str


@dataclass
class Pending:
    """An update that the bot has not acknowledged. A forced one is handed out once whatever the offset says."""

    update: Json
    forced: bool = False


@dataclass
class Query:
    """A button press that waits for its one answer."""

    issued: float
    chat: int
    answer: Json | None = None


@dataclass
class Webhook:
    url: str
    secret: str
    max_connections: int
    last_error: str = ""


class Flood:
    """Telegram's sending limits: 30 messages a second in all, 1 a second in a chat, 20 a minute in a group."""

    def __init__(self) -> None:
        self._sent: dict[tuple[str, int], deque[float]] = {}

    def refuse_too_many(self, chat: Chat) -> None:
        now = time.monotonic()
        limits = [(("all", 0), 30, 1.0)]
        if chat.type in GROUPS:
            limits.append((("group", chat.id), 20, 60.0))
        else:
            limits.append((("chat", chat.id), 1, 1.0))
        windows = []
        for key, most, seconds in limits:
            window = self._sent.setdefault(key, deque())
            while window and window[0] <= now - seconds:
                window.popleft()
            if len(window) >= most:
                raise too_many_requests(max(1, math.ceil(window[0] + seconds - now)))
            windows.append(window)
        for window in windows:
            window.append(now)


def too_many_requests(retry_after: int) -> ApiError:
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})


class World(Changes):
    """The whole state of one emulated bot account."""

    def __init__(self, token: str, username: str, *, flood_control: bool, privacy: bool, local: bool) -> None:
        super().__init__()
        self.token = token
        self.local = local
        self.privacy = privacy
        self.me: Json = {
            "id": int(token.split(":", maxsplit=1)[0]),
            "is_bot": True,
            "first_name": "Usher under test",
            "username": username,
            "can_join_groups": True,
            "can_read_all_group_messages": not privacy,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
            "has_topics_enabled": False,
            "allows_users_to_create_topics": False,
        }
        self.flood = Flood() if flood_control else None
        self.chats: dict[int, Chat] = {}
        self.letters: dict[tuple[int, int], Letter] = {}
        self.letters_in: dict[int, list[Letter]] = defaultdict(list)
        self.queue: list[Pending] = []
        self.held: list[Pending] | None = None
        self.history: dict[int, Json] = {}
        self.born: dict[int, int] = {}
        self.allowed: frozenset[str] | None = None
        self.webhook: Webhook | None = None
        self.webhook_secret_mode = "right"
        self.poller: object | None = None
        self.conflicts = 0
        self.calls: list[Call] = []
        self.lines: list[Line] = []
        self.faults: list[Fault] = []
        self.files: dict[str, Upload] = {}
        self.menus: dict[tuple[str, str], list[Json]] = {}
        self.profile: dict[tuple[str, str], str] = {}
        self.queries: dict[str, Query] = {}
        self.query_seconds = 30.0
        self.upload_bytes = UPLOAD_BYTES
        self.download_bytes = DOWNLOAD_BYTES
        self._update_ids = itertools.count(500_000_001)
        self._account_ids = itertools.count(1)
        self._supergroup_ids: dict[int, itertools.count[int]] = {}
        self.serial = itertools.count(1)

    # -- chats and messages ----------------------------------------------------------------------------------------
    def chat(self, target: int | str) -> Chat:
        """Find a chat by id or @username.

        Raises: ApiError with Telegram's "chat not found".
        """
        if isinstance(target, str):
            found = next((chat for chat in self.chats.values() if target == f"@{chat.username}"), None)
        else:
            found = self.chats.get(target)
        if found is None:
            raise bad_request("chat not found")
        return found

    def next_message_id(self, chat: Chat) -> int:
        """Return a fresh message id: a supergroup counts for itself, all other chats share the account's count."""
        if chat.type in ("supergroup", "channel"):
            return next(self._supergroup_ids.setdefault(chat.id, itertools.count(1)))
        return next(self._account_ids)

    def store(self, chat: Chat, message: Json, *, outgoing: bool) -> Json:
        letter = Letter(message, outgoing, self.touch())
        self.letters[chat.id, message["message_id"]] = letter
        self.letters_in[chat.id].append(letter)
        return message

    def log(self, direction: str, chat: int, message: Json, text: str | None = None) -> None:
        shown = str(message.get("text", message.get("caption", ""))) if text is None else text
        for kind in ("photo", "document"):
            if kind in message and text is None:
                name = message["document"].get("file_name", "") if kind == "document" else ""
                shown = f"[{kind} {name}]".replace(" ]", "]") + (f" {shown}" if shown else "")
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [[str(button["text"]) for button in row] for row in rows]
        self.lines.append(Line(direction, chat, shown, buttons, message.get("message_id", 0)))
        self.touch()

    # -- updates ---------------------------------------------------------------------------------------------------
    def push(self, kind: str, body: Json) -> Json:
        """Queue one update unless the bot did not ask for its kind; return it either way."""
        update: Json = {"update_id": next(self._update_ids), kind: body}
        self.born[update["update_id"]] = self.revision
        self.history[update["update_id"]] = update
        allowed = self.allowed
        if kind in allowed if allowed is not None else kind not in QUIET_UPDATES:
            self.queue_update(update)
        return update

    def queue_update(self, update: Json, *, forced: bool = False) -> None:
        pending = Pending(update, forced)
        if self.held is not None:
            self.held.append(pending)
        else:
            self.queue.append(pending)
        self.touch()

    def acknowledge(self, offset: int) -> None:
        """Forget what `offset` confirms: updates with a lower id, except forced ones not yet handed out."""
        if offset < 0:
            self.queue = self.queue[offset:]
        else:
            self.queue = [p for p in self.queue if p.update["update_id"] >= offset or p.forced]

    def hand_out(self, limit: int) -> list[Json]:
        batch = self.queue[:limit]
        for pending in batch:
            pending.forced = False
        return [pending.update for pending in batch]

    # -- faults ----------------------------------------------------------------------------------------------------
    def take_fault(self, method: str, chat: Any) -> Fault | None:
        """Return the first fault that fits and use it up; `*` fits all but getUpdates, `**` fits all."""
        for fault in self.faults:
            fits = fault.method in (method, "**") or (fault.method == "*" and method != "getUpdates")
            if not fits or (fault.chat is not None and str(fault.chat) != str(chat)):
                continue
            fault.count -= 1
            if fault.count == 0:
                self.faults.remove(fault)
            return fault
        return None

    def keep_file(self, upload: Upload) -> Json:
        """Keep a file for download and return the `Document`-like part that names it."""
        number = next(self.serial)
        file_id = f"file{number:06d}"
        self.files[file_id] = upload
        return {"file_id": file_id, "file_unique_id": f"u{number:06d}", "file_size": len(upload.data)}
