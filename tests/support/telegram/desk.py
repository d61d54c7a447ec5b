"""What people and the tester do in the emulated Telegram: write, press, block, break things.

Every public method is an action of the control side: its arguments and its result are JSON, so that a test drives an
emulator in its own process and one behind HTTP alike. `people.py` holds the typed, documented side.
"""

from __future__ import annotations

import base64
import time

from tests.support.emulator_control import DeskError
from tests.support.telegram.html import utf16_length
from tests.support.telegram.methods import administrator_rights
from tests.support.telegram.rules import START_PAYLOAD, Json, Upload, typed_entities
from tests.support.telegram.state import BOT_RIGHTS, GROUPS, Chat, Fault, Letter, Query, World, unix_now

# The shared identities behind which Telegram hides who wrote.
GROUP_ANONYMOUS_BOT = 1087968824
CHANNEL_BOT = 136817688
TELEGRAM = 777000
FAULT_KINDS = frozenset({"429", "400", "401", "403", "409", "500", "502", "drop_before", "drop_after", "slow"})


class Desk:
    """The actions. All of them are synchronous: waiting is the caller's."""

    def __init__(self, world: World) -> None:
        self.world = world

    # -- chats -----------------------------------------------------------------------------------------------------
    def open_chat(self, *, user_id: int, name: str | None = None, username: str | None = None) -> Json:
        """Let a person have pressed Start without a trace, so that the bot may write to them."""
        chat = self.world.chats.setdefault(user_id, Chat(user_id, "private", name or f"Person {user_id}"))
        chat.username = username or chat.username
        chat.state = "open"
        return chat.public()

    def add_group(
        self,
        *,
        chat: int,
        title: str,
        kind: str,
        threads: list[int],
        members: dict[str, str],
        rights: dict[str, bool] | None,
    ) -> Json:
        if unknown := set(rights or {}) - set(BOT_RIGHTS):
            raise DeskError(f"unknown rights: {unknown}")
        group = Chat(chat, kind, title, forum=bool(threads), threads=set(threads))
        self.world.chats[chat] = group
        for user, status in members.items():
            self.set_member(chat=chat, user_id=int(user), status=status)
        self.set_rights(chat=chat, rights=rights)
        return group.public()

    def set_member(self, *, chat: int, user_id: int, status: str) -> None:
        member: Json = {"status": status, "user": self._user(user_id, "en")}
        if status == "administrator":
            member |= administrator_rights(dict.fromkeys(BOT_RIGHTS, True))
        elif status == "creator":
            member |= {"is_anonymous": False}
        elif status == "kicked":
            member |= {"until_date": 0}
        self._chat(chat).members[user_id] = member

    def set_rights(self, *, chat: int, rights: dict[str, bool] | None) -> None:
        """Make the bot an administrator with these rights, or (None) a plain member."""
        group = self._chat(chat)
        group.bot_is_admin = rights is not None
        group.rights = dict.fromkeys(BOT_RIGHTS, False) | (rights or {})

    def set_chat_state(self, *, chat: int, state: str) -> None:
        """Set open, blocked, kicked, unreached or deactivated; the bot is told of a block, as by Telegram."""
        target = self._chat(chat)
        target.state = state
        status = {"blocked": "kicked", "kicked": "kicked", "open": "member"}.get(state)
        if status is None:
            return
        extra = {"until_date": 0} if status == "kicked" else {}
        before = {"kicked": "member", "member": "left"}[status]
        self.world.push(
            "my_chat_member",
            {
                "chat": target.public(),
                "from": self._user(chat if chat > 0 else 1, "en"),
                "date": unix_now(),
                "old_chat_member": {"status": before, "user": self.world.me},
                "new_chat_member": {"status": status, "user": self.world.me, **extra},
            },
        )

    def migrate(self, *, chat: int, to: int) -> None:
        """Turn a basic group into a supergroup with another id; the old id is refused from now on."""
        old = self._chat(chat)
        old.migrated_to = to
        new = Chat(to, "supergroup", old.title, members=dict(old.members), rights=dict(old.rights))
        new.bot_is_admin = old.bot_is_admin
        self.world.chats[to] = new
        for where, note in ((old, {"migrate_to_chat_id": to}), (new, {"migrate_from_chat_id": chat})):
            self._deliver(where, {"from": self._user(1, "en"), **note})

    # -- writing ---------------------------------------------------------------------------------------------------
    def write(self, *, text: str | None, sender: Json, edit_of: int | None = None, file: Json | None = None) -> Json:
        """Let somebody write (or edit) a message; `sender` says who, where and in whose name."""
        chat = self._where(sender)
        body: Json = self._signature(sender, chat)
        if file is not None:
            kept = self.world.keep_file(Upload(file["filename"], base64.b64decode(file["data"])))
            body |= _came(file, kept)
            if text:
                body["caption"] = text
                if entities := typed_entities(text):
                    body["caption_entities"] = entities
        else:
            if not text:
                raise DeskError("nobody can send an empty message")
            if utf16_length(text) > 4096:
                raise DeskError("the client splits texts beyond 4096 characters; send the parts")
            body["text"] = text
            if entities := typed_entities(text):
                body["entities"] = entities
        if edit_of is None:
            return self._deliver(chat, body)
        letter = self.world.letters[chat.id, edit_of]
        letter.message = letter.message | body | {"edit_date": unix_now()}
        letter.revision = self.world.touch()
        self.world.log("user", chat.id, letter.message)
        return self.world.push("edited_message", letter.message)

    def _deliver(self, chat: Chat, body: Json) -> Json:
        message = {
            "message_id": self.world.next_message_id(chat),
            "date": unix_now(),
            "chat": chat.public(),
            **body,
        }
        self.world.store(chat, message, outgoing=False)
        self.world.log("user", chat.id, message)
        if self.world.privacy and chat.type in GROUPS and not self._for_the_bot(message):
            return {"update_id": 0, "message": message}
        return self.world.push("message", message)

    def _for_the_bot(self, message: Json) -> bool:
        """Return whether a bot in privacy mode gets this group message."""
        text = str(message.get("text", message.get("caption", "")))
        replied = message.get("reply_to_message", {}).get("from", {}).get("id") == self.world.me["id"]
        return text.startswith("/") or f"@{self.world.me['username']}" in text or replied or "text" not in message

    def _where(self, sender: Json) -> Chat:
        place = sender.get("chat")
        if place is None:
            self.open_chat(user_id=sender["user_id"], username=sender.get("username"))
            return self.world.chats[sender["user_id"]]
        chat = self._chat(place)
        if chat.migrated_to is not None:
            raise DeskError(f"nobody can write to {place} any more: it is {chat.migrated_to} now")
        return chat

    def _signature(self, sender: Json, chat: Chat) -> Json:
        """Return the fields that say who wrote, the shared identities of Telegram included."""
        person = self._user(sender["user_id"], sender.get("lang", "en"), sender.get("username"))
        body: Json = {"from": person}
        match sender.get("as", "person"):
            case "person":
                if chat.type != "private" and sender["user_id"] not in chat.members:
                    self.set_member(chat=chat.id, user_id=sender["user_id"], status="member")
            case "anonymous_admin":
                body = {"from": _bot(GROUP_ANONYMOUS_BOT, "Group", "GroupAnonymousBot"), "sender_chat": chat.public()}
            case "channel":
                channel = {"id": -1009999999999, "type": "channel", "title": "A channel"}
                body = {"from": _bot(CHANNEL_BOT, "Channel", "Channel_Bot"), "sender_chat": channel}
            case "linked_channel":
                channel = {"id": -1009999999999, "type": "channel", "title": "A channel"}
                telegram = {"id": TELEGRAM, "is_bot": False, "first_name": "Telegram"}
                body = {"from": telegram, "sender_chat": channel, "is_automatic_forward": True}
            case "bot":
                body = {"from": _bot(sender["user_id"], "Another", "another_bot")}
            case other:
                raise DeskError(f"nobody writes as {other!r}")
        if sender.get("via_bot"):
            body["via_bot"] = _bot(424242, "Inline", "inline_bot")
        if sender.get("forwarded"):
            body["forward_origin"] = {"type": "user", "date": unix_now(), "sender_user": self._user(99, "en")}
        if sender.get("thread") is not None:
            if sender["thread"] not in chat.threads:
                raise DeskError(f"chat {chat.id} has no topic {sender['thread']}")
            body |= {"message_thread_id": sender["thread"], "is_topic_message": True}
        if sender.get("reply_to") is not None:
            replied = self.world.letters[chat.id, sender["reply_to"]].message
            body["reply_to_message"] = {k: v for k, v in replied.items() if k != "reply_to_message"}
        return body

    def start(self, *, payload: str, sender: Json) -> Json:
        """Follow t.me/BOT?start=PAYLOAD: Telegram takes 1–64 of `A-Za-z0-9_-` only."""
        if payload and not START_PAYLOAD.fullmatch(payload):
            raise DeskError("Telegram opens no deep link with this payload")
        return self.write(text=f"/start {payload}".strip(), sender=sender)

    # -- pressing --------------------------------------------------------------------------------------------------
    def press(self, *, button: str, sender: Json, message_id: int | None, forged: bool) -> Json:
        """Press the newest button with this label or data; `forged` sends data that no button has."""
        chat = self.world.chats.get(sender["chat"] if sender.get("chat") is not None else sender["user_id"])
        if chat is None:
            raise DeskError("there is no such chat")
        if message_id is None and not forged and any(button in row for row in chat.reply_keyboard):
            return self.write(text=button, sender=sender)
        letter, data = self._find_button(chat, button, message_id, forged)
        query_id = str(900_000 + next(self.world.serial))
        self.world.queries[query_id] = Query(time.monotonic(), chat.id)
        message = letter.message
        if letter.deleted:
            message = {"chat": chat.public(), "message_id": message["message_id"], "date": 0}
        self.world.log("user", chat.id, {"message_id": message["message_id"]}, f"[{button}]")
        return self.world.push(
            "callback_query",
            {
                "id": query_id,
                "from": self._user(sender["user_id"], sender.get("lang", "en"), sender.get("username")),
                "chat_instance": str(chat.id),
                "message": message,
                "data": data,
            },
        )

    def _find_button(self, chat: Chat, wanted: str, message_id: int | None, forged: bool) -> tuple[Letter, str]:
        letters = [letter for letter in self.world.letters_in[chat.id] if letter.outgoing]
        seen = []
        for letter in reversed(letters):
            if message_id is not None and letter.message["message_id"] != message_id:
                continue
            if forged:
                return letter, wanted
            if letter.deleted and message_id is None:
                continue
            for row in letter.message.get("reply_markup", {}).get("inline_keyboard", []):
                for item in row:
                    if wanted in (item["text"], item.get("callback_data")):
                        if "callback_data" not in item:
                            raise DeskError(f"the button {wanted!r} opens a link and calls nobody")
                        return letter, item["callback_data"]
                    seen.append(item["text"])
        raise DeskError(f"no button {wanted!r} in chat {chat.id}; there are {seen}")

    # -- updates out of the ordinary -------------------------------------------------------------------------------
    def replay(self, *, update_id: int) -> None:
        """Deliver an update once more, acknowledged or not."""
        self.world.queue_update(self.world.history[update_id], forced=True)

    def raw(self, *, kind: str, body: Json) -> Json:
        return self.world.push(kind, body)

    def hold(self) -> None:
        """Keep new updates back until `release`."""
        self.world.held = self.world.held or []

    def release(self, *, reverse: bool) -> None:
        held, self.world.held = self.world.held or [], None
        for pending in reversed(held) if reverse else held:
            self.world.queue_update(pending.update, forced=reverse)

    # -- faults ----------------------------------------------------------------------------------------------------
    def fault(
        self, *, method: str, kind: str, count: int, chat: int | None, retry_after: int, seconds: float, text: str
    ) -> None:
        if kind not in FAULT_KINDS:
            raise DeskError(f"unknown fault {kind!r}; there are {sorted(FAULT_KINDS)}")
        self.world.faults.append(Fault(method, kind, count, chat, retry_after, seconds, text))

    def clear_faults(self) -> None:
        self.world.faults.clear()

    def set_token(self, *, token: str) -> None:
        """Accept another token from now on, and the earlier one no more."""
        self.world.token = token

    def close_topic(self, *, chat: int, thread: int, deleted: bool) -> None:
        """Close a topic of a forum, or delete it; 0 is the General topic, which can only be closed."""
        group = self._chat(chat)
        if deleted:
            group.threads.discard(thread)
        else:
            group.closed.add(thread)

    def set_webhook_secret(self, *, mode: str) -> None:
        """Send the right, a wrong, a missing or a non_ascii secret with every webhook delivery."""
        if mode not in ("right", "wrong", "missing", "non_ascii"):
            raise DeskError(f"unknown secret mode {mode!r}")
        self.world.webhook_secret_mode = mode

    # -- reading ---------------------------------------------------------------------------------------------------
    def outgoing(self, *, chat: int, since: int | None) -> Json:
        """Return the bot's standing messages in a chat, oldest first, those changed after update `since` only."""
        after = self.world.born.get(since, -1) if since is not None else -1
        found = [
            letter
            for letter in self.world.letters_in[chat]
            if letter.outgoing and not letter.deleted and letter.revision > after
        ]
        found.sort(key=lambda letter: letter.revision)
        return {"revision": self.world.revision, "messages": [letter.message for letter in found]}

    def is_deleted(self, *, chat: int, message_id: int) -> bool:
        letter = self.world.letters.get((chat, message_id))
        return letter is not None and letter.deleted

    def callback_answer(self, *, query_id: str) -> Json:
        return {"revision": self.world.revision, "answer": self.world.queries[query_id].answer}

    def lines_of(self, *, chat: int | None) -> list[Json]:
        return [vars(line) for line in self.world.lines if chat is None or line.chat == chat]

    def calls_of(self, *, method: str | None) -> Json:
        found = [call for call in self.world.calls if method is None or call.method == method]
        calls = [
            {
                "method": call.method,
                "fields": {k: v for k, v in call.fields.items() if not isinstance(v, Upload)},
                "uploads": {k: [u.filename, base64.b64encode(u.data).decode()] for k, u in call.uploads.items()},
                "status": call.status,
                "description": call.description,
                "injected": call.injected,
            }
            for call in found
        ]
        return {"revision": self.world.revision, "calls": calls}

    def menu(self, *, user_id: int, lang: str, chat: int | None) -> list[Json]:
        """Return the command menu that this person sees, by Telegram's order of precedence."""
        place = self.world.chats.get(chat) if chat is not None else None
        scopes: list[str] = []
        if place is None or place.type == "private":
            scopes += [f"chat:{user_id}", "all_private_chats"]
        else:
            status = place.members.get(user_id, {}).get("status")
            scopes.append(f"chat_member:{place.id}:{user_id}")
            if status in ("creator", "administrator"):
                scopes.append(f"chat_administrators:{place.id}")
            scopes.append(f"chat:{place.id}")
            if status in ("creator", "administrator"):
                scopes.append("all_chat_administrators")
            scopes.append("all_group_chats")
        for scope in [*scopes, "default"]:
            for language in (lang[:2], ""):
                if self.world.menus.get((scope, language)):
                    return self.world.menus[scope, language]
        return []

    def file_of(self, *, file_id: str) -> Json:
        upload = self.world.files[file_id]
        return {"filename": upload.filename, "data": base64.b64encode(upload.data).decode()}

    def status(self) -> Json:
        """Return the counts that a test may want: what is queued, conflicts of pollers, the webhook, the revision."""
        webhook = self.world.webhook
        return {
            "revision": self.world.revision,
            "pending": len(self.world.queue),
            "conflicts": self.world.conflicts,
            "webhook": webhook and {"url": webhook.url, "last_error": webhook.last_error},
            "me": self.world.me,
        }

    # -- helpers ---------------------------------------------------------------------------------------------------
    def _chat(self, chat: int) -> Chat:
        if chat not in self.world.chats:
            raise DeskError(f"there is no chat {chat}; add it first")
        return self.world.chats[chat]

    def _user(self, user_id: int, lang: str, username: str | None = None) -> Json:
        user: Json = {"id": user_id, "is_bot": False, "first_name": f"Person {user_id}", "language_code": lang}
        return user | ({"username": username} if username else {})


def _came(file: Json, kept: Json) -> Json:
    """The fields of a message for a file, as the client makes a picture or a voice message of it or leaves it alone."""
    along: Json = {"media_group_id": file["album"]} if file.get("album") else {}
    match file.get("kind", "document"):
        case "photo":
            sizes = [kept | {"width": width, "height": width} for width in (90, 320, 800)]
            return along | {"photo": sizes}
        case "voice":
            return along | {"voice": kept | {"duration": 2, "mime_type": "audio/ogg"}}
        case _:
            return along | {"document": kept | {"file_name": file["filename"], "mime_type": file["mime_type"]}}


def _bot(bot_id: int, name: str, username: str) -> Json:
    return {"id": bot_id, "is_bot": True, "first_name": name, "username": username}
