"""The Bot API's methods over the emulated world: each takes checked fields and returns Telegram's `result`."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from typing import Any

from tests.support.telegram import albums, drafts, rich, rules
from tests.support.telegram.rules import ApiError, Json, Upload, bad_request
from tests.support.telegram.state import GROUPS, Chat, Letter, Webhook, World, unix_now

IMAGE_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


class BotApi:
    """All methods that finish at once; getUpdates is the server's, because it waits."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.handlers: dict[str, Callable[[Json], Any]] = {
            "getMe": lambda _: world.me,
            "logOut": lambda _: True,
            "close": lambda _: True,
            "setWebhook": self.set_webhook,
            "deleteWebhook": self.delete_webhook,
            "getWebhookInfo": self.get_webhook_info,
            "sendMessage": self.send_message,
            "sendRichMessage": lambda fields: self._send(fields, lambda: rich.body(fields["rich_message"])),
            "sendPhoto": self.send_photo,
            "sendDocument": self.send_document,
            "sendMediaGroup": lambda fields: albums.send_media_group(self._send, self._part, fields),
            "sendMessageDraft": lambda fields: drafts.send_message_draft(world, fields),
            "sendChatAction": self.send_chat_action,
            "copyMessage": self.copy_message,
            "editMessageText": self.edit_message_text,
            "editMessageCaption": self.edit_message_caption,
            "editMessageReplyMarkup": self.edit_message_reply_markup,
            "editMessageMedia": self.edit_message_media,
            "deleteMessage": self.delete_message,
            "deleteMessages": self.delete_messages,
            "pinChatMessage": self.pin_chat_message,
            "unpinChatMessage": self.pin_chat_message,
            "answerCallbackQuery": self.answer_callback_query,
            "setMyCommands": self.set_my_commands,
            "getMyCommands": lambda fields: world.menus.get(rules.command_scope(fields), []),
            "deleteMyCommands": self.delete_my_commands,
            "setMyName": lambda fields: self.set_profile("name", 64, fields),
            "setMyDescription": lambda fields: self.set_profile("description", 512, fields),
            "setMyShortDescription": lambda fields: self.set_profile("short_description", 120, fields),
            "setChatMenuButton": lambda _: True,
            "getChat": self.get_chat,
            "getChatMember": self.get_chat_member,
            "getChatAdministrators": self.get_chat_administrators,
            "getChatMemberCount": lambda fields: len(self._group(fields).members) + 1,
            "leaveChat": self.leave_chat,
            "getFile": self.get_file,
        }

    # -- webhook ---------------------------------------------------------------------------------------------------
    def set_webhook(self, fields: Json) -> bool:
        url, secret = fields.get("url", ""), fields.get("secret_token", "")
        if not url:
            return self.delete_webhook(fields)
        rules.refuse_webhook(url, local=self.world.local)
        if "secret_token" in fields and not rules.SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        connections = fields.get("max_connections", 40)
        if not 1 <= connections <= 100:
            raise bad_request("max_connections must be between 1 and 100")
        self._allow(fields)
        if fields.get("drop_pending_updates"):
            self.world.queue.clear()
        self.world.webhook = Webhook(url, secret, connections)
        self.world.touch()
        return True

    def delete_webhook(self, fields: Json) -> bool:
        self.world.webhook = None
        if fields.get("drop_pending_updates"):
            self.world.queue.clear()
        self.world.touch()
        return True

    def get_webhook_info(self, _: Json) -> Json:
        webhook = self.world.webhook
        info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": len(self.world.queue)}
        if webhook:
            info |= {"url": webhook.url, "max_connections": webhook.max_connections}
            if webhook.last_error:
                info |= {"last_error_date": unix_now(), "last_error_message": webhook.last_error}
        return info

    def _allow(self, fields: Json) -> None:
        """Remember which kinds of update the bot wants; an empty list means the default again."""
        if "allowed_updates" in fields:
            if not isinstance(fields["allowed_updates"], list):
                raise bad_request("can't parse allowed updates JSON array")
            self.world.allowed = frozenset(fields["allowed_updates"]) or None

    def poll_fields(self, fields: Json) -> tuple[int, float]:
        """Take in one getUpdates request: acknowledge, and return how many to give and how long to wait for them."""
        if self.world.webhook is not None:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self._allow(fields)
        self.world.acknowledge(fields.get("offset", 0))
        return min(100, max(1, fields.get("limit", 100))), min(50, max(0, fields.get("timeout", 0)))

    # -- sending ---------------------------------------------------------------------------------------------------
    def _target(self, fields: Json) -> Chat:
        """Find the chat to write to, or refuse."""
        chat = self.world.chat(fields["chat_id"])
        chat.refuse_writing()
        thread = fields.get("message_thread_id")
        if thread is not None and (not chat.forum or thread not in chat.threads):
            raise bad_request("message thread not found")
        if chat.forum and (thread or 0) in chat.closed:
            raise bad_request("TOPIC_CLOSED")
        return chat

    def _send(self, fields: Json, content: Callable[[], Json]) -> Json:
        chat = self._target(fields)
        markup = rules.reply_markup(fields, inline_only=False)
        body = content()
        reply = fields.get("reply_parameters")
        if reply:
            found = self.world.letters.get((chat.id, int(reply.get("message_id", 0))))
            if (found is None or found.deleted) and not reply.get("allow_sending_without_reply"):
                raise bad_request("message to be replied not found")
            if found is not None and not found.deleted:
                body["reply_to_message"] = {k: v for k, v in found.message.items() if k != "reply_to_message"}
        if self.world.flood:
            self.world.flood.refuse_too_many(chat)
        message: Json = {
            "message_id": self.world.next_message_id(chat),
            "from": self.world.me,
            "chat": chat.public(),
            "date": unix_now(),
            **body,
        }
        if "message_thread_id" in fields:
            message |= {"message_thread_id": fields["message_thread_id"], "is_topic_message": True}
        if markup and "inline_keyboard" in markup:
            message["reply_markup"] = markup
        elif markup and "keyboard" in markup:
            chat.reply_keyboard = [[b if isinstance(b, str) else b["text"] for b in row] for row in markup["keyboard"]]
        elif markup and markup.get("remove_keyboard"):
            chat.reply_keyboard = []
        self.world.store(chat, message, outgoing=True)
        self.world.log("bot", chat.id, message)
        return message

    def send_message(self, fields: Json) -> Json:
        return self._send(fields, lambda: _text_body(fields))

    def send_photo(self, fields: Json) -> Json:
        return self._send(fields, lambda: {"photo": self._photo(fields["photo"]), **rules.caption_body(fields)})

    def send_document(self, fields: Json) -> Json:
        return self._send(
            fields, lambda: {"document": self._document(fields["document"]), **rules.caption_body(fields)}
        )

    def _part(self, kind: str, given: Upload | str) -> Any:
        return self._photo(given) if kind == "photo" else self._document(given)

    def _photo(self, given: Upload | str) -> list[Json]:
        if not isinstance(rules.upload(given, rules.PHOTO_BYTES), Upload):
            self._known_file(str(given))
            return [{"file_id": given, "file_unique_id": f"u{given}", "width": 1, "height": 1}]
        assert isinstance(given, Upload)
        if not given.data.startswith(IMAGE_STARTS):
            raise bad_request("IMAGE_PROCESS_FAILED")
        width, height = 800, 600
        if given.data.startswith(IMAGE_STARTS[0]):
            width, height = struct.unpack(">II", given.data[16:24])
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        return [self.world.keep_file(given) | {"width": width, "height": height}]

    def _document(self, given: Upload | str) -> Json:
        if isinstance(rules.upload(given, self.world.upload_bytes), Upload):
            assert isinstance(given, Upload)
            return self.world.keep_file(given) | {"file_name": given.filename}
        known = self._known_file(str(given))
        return {"file_id": given, "file_unique_id": f"u{given}", "file_name": known.filename}

    def _known_file(self, file_id: str) -> Upload:
        if file_id not in self.world.files:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return self.world.files[file_id]

    def send_chat_action(self, fields: Json) -> bool:
        if fields["action"] not in rules.ACTIONS:
            raise bad_request("wrong parameter action in request")
        self.world.chat(fields["chat_id"]).refuse_writing()
        return True

    def copy_message(self, fields: Json) -> Json:
        source = self.world.letters.get((self.world.chat(fields["from_chat_id"]).id, fields["message_id"]))
        if source is None or source.deleted:
            raise bad_request("message to copy not found")
        kinds = ("text", "entities", "photo", "document", "caption", "caption_entities")
        message = self._send(fields, lambda: {k: v for k, v in source.message.items() if k in kinds})
        return {"message_id": message["message_id"]}

    # -- editing and deleting --------------------------------------------------------------------------------------
    def _editable(self, fields: Json) -> Letter:
        if "chat_id" not in fields or "message_id" not in fields:
            raise bad_request("message identifier is not specified")
        chat = self.world.chat(fields["chat_id"])
        chat.refuse_writing()
        letter = self.world.letters.get((chat.id, fields["message_id"]))
        if letter is None or letter.deleted:
            raise bad_request("message to edit not found")
        if not letter.outgoing:
            raise bad_request("message can't be edited")
        return letter

    def _edit(self, letter: Letter, fields: Json, body: Json, replaced: tuple[str, ...]) -> Json:
        markup = rules.reply_markup(fields, inline_only=True)
        kept = {k: v for k, v in letter.message.items() if k not in (*replaced, "reply_markup", "edit_date")}
        edited = kept | body | ({"reply_markup": markup} if markup else {})
        if edited == {k: v for k, v in letter.message.items() if k != "edit_date"}:
            raise bad_request(NOT_MODIFIED)
        letter.message = edited | {"edit_date": unix_now()}
        letter.revision = self.world.touch()
        self.world.log("bot edits", letter.message["chat"]["id"], letter.message)
        return letter.message

    def edit_message_text(self, fields: Json) -> Json:
        letter = self._editable(fields)
        if not {"text", "rich_message"} & letter.message.keys():
            raise bad_request("there is no text in the message to edit")
        if ("rich_message" in fields) == bool(fields.get("text")):
            raise bad_request("message text is empty")
        body = rich.body(fields["rich_message"]) if "rich_message" in fields else _text_body(fields)
        return self._edit(letter, fields, body, ("text", "entities", "rich_message"))

    def edit_message_caption(self, fields: Json) -> Json:
        letter = self._editable(fields)
        if "text" in letter.message:
            raise bad_request("there is no caption in the message to edit")
        return self._edit(letter, fields, rules.caption_body(fields), ("caption", "caption_entities"))

    def edit_message_reply_markup(self, fields: Json) -> Json:
        return self._edit(self._editable(fields), fields, {}, ())

    def edit_message_media(self, fields: Json) -> Json:
        letter = self._editable(fields)
        media = fields["media"]
        albums.refuse_unfit(media)
        albums.refuse_other_kind(letter.message, media)
        part = self._part(media["type"], media["media"])
        gone = ("text", "entities", "photo", "document", "caption", "caption_entities")
        return self._edit(letter, fields, {media["type"]: part, **rules.caption_body(media)}, gone)

    def delete_message(self, fields: Json) -> bool:
        chat = self.world.chat(fields["chat_id"])
        chat.refuse_writing()
        letter = self.world.letters.get((chat.id, fields["message_id"]))
        if letter is None or letter.deleted:
            raise bad_request("message to delete not found")
        if not letter.outgoing and chat.type in GROUPS and not chat.rights["can_delete_messages"]:
            raise bad_request("message can't be deleted")
        letter.deleted = True
        letter.revision = self.world.touch()
        self.world.log("bot deletes", chat.id, letter.message)
        return True

    def delete_messages(self, fields: Json) -> bool:
        ids = fields["message_ids"]
        if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
            raise bad_request("too many message identifiers specified")
        for message_id in ids:
            try:
                self.delete_message({"chat_id": fields["chat_id"], "message_id": int(message_id)})
            except ApiError as error:
                if "not found" not in error.description or "chat" in error.description:
                    raise
        return True

    def pin_chat_message(self, fields: Json) -> bool:
        chat = self.world.chat(fields["chat_id"])
        chat.refuse_writing()
        if chat.type in GROUPS and not chat.rights["can_pin_messages"]:
            raise bad_request("not enough rights to manage pinned messages in the chat")
        return True

    # -- buttons, menus, members, files ----------------------------------------------------------------------------
    def answer_callback_query(self, fields: Json) -> bool:
        query = self.world.queries.get(fields["callback_query_id"])
        if query is None or query.answer is not None or time.monotonic() - query.issued > self.world.query_seconds:
            raise bad_request(TOO_OLD)
        text = fields.get("text", "")
        if len(text) > rules.ANSWER_LIMIT:
            raise bad_request("MESSAGE_TOO_LONG")
        query.answer = {"text": text, "show_alert": fields.get("show_alert", False), "url": fields.get("url")}
        if text:
            self.world.log("bot toast", query.chat, {}, text)
        self.world.touch()
        return True

    def set_my_commands(self, fields: Json) -> bool:
        self.world.menus[rules.command_scope(fields)] = rules.commands(fields)
        return True

    def delete_my_commands(self, fields: Json) -> bool:
        self.world.menus.pop(rules.command_scope(fields), None)
        return True

    def set_profile(self, kind: str, most: int, fields: Json) -> bool:
        _, language = rules.command_scope({"language_code": fields.get("language_code", "")})
        if len(fields.get(kind, "")) > most:
            raise bad_request(f"bot {kind.replace('_', ' ')} is too long")
        self.world.profile[kind, language] = fields.get(kind, "")
        return True

    def _group(self, fields: Json) -> Chat:
        chat = self.world.chat(fields["chat_id"])
        chat.refuse_writing()
        return chat

    def get_chat(self, fields: Json) -> Json:
        # The four constants are what Telegram's ChatFullInfo always carries.
        full = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _GIFTS}
        return self.world.chat(fields["chat_id"]).public() | full

    def get_chat_member(self, fields: Json) -> Json:
        chat, user = self._group(fields), fields["user_id"]
        if user == self.world.me["id"]:
            return self._own_membership(chat)
        if user in chat.members:
            return chat.members[user]
        known = self.world.chats.get(user)
        if known is None:
            raise bad_request("member not found")
        return {"status": "left", "user": {"id": user, "is_bot": False, "first_name": known.title}}

    def get_chat_administrators(self, fields: Json) -> list[Json]:
        chat = self._group(fields)
        if chat.type == "private":
            raise bad_request("there are no administrators in the private chat")
        own = [self._own_membership(chat)] if chat.bot_is_admin else []
        return own + [m for m in chat.members.values() if m["status"] in ("creator", "administrator")]

    def _own_membership(self, chat: Chat) -> Json:
        if not chat.bot_is_admin:
            return {"status": "member", "user": self.world.me}
        return {"status": "administrator", "user": self.world.me, **administrator_rights(chat.rights)}

    def leave_chat(self, fields: Json) -> bool:
        self._group(fields).state = "kicked"
        return True

    def get_file(self, fields: Json) -> Json:
        file_id = fields["file_id"]
        if file_id not in self.world.files:
            raise bad_request("invalid file_id")
        size = len(self.world.files[file_id].data)
        if size > self.world.download_bytes:
            raise bad_request("file is too big")
        path = f"documents/{file_id}"
        return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": size, "file_path": path}


_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)


def administrator_rights(rights: dict[str, bool]) -> Json:
    """Return the fields of a `ChatMemberAdministrator` beside status and user."""
    names = (
        "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members "
        "can_promote_members can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories "
        "can_pin_messages can_manage_topics can_manage_direct_messages can_send_welcome_messages"
    )
    return dict.fromkeys(names.split(), False) | {"can_manage_chat": True} | rights


def _text_body(fields: Json) -> Json:
    text, entities = rules.message_text(fields)
    return {"text": text} | ({"entities": entities} if entities else {})
