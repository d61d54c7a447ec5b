"""What the Bot API refuses, and in which words: fields, lengths, keyboards, commands.

Pure functions; the numbers are those of Telegram's Bot API documentation. Where Telegram repairs silently what a
program got wrong (a number sent as a word, say), this refuses, so that a test notices.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from tests.support.telegram.html import BadEntities, Entity, parse_html, utf16_length

Json = dict[str, Any]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
CALLBACK_DATA_BYTES = 64
BUTTONS_LIMIT = 100
UPLOAD_BYTES = 50 * 2**20
PHOTO_BYTES = 10 * 2**20
DOWNLOAD_BYTES = 20 * 2**20
COMMANDS_LIMIT = 100
ANSWER_LIMIT = 200
WEBHOOK_PORTS = frozenset({443, 80, 88, 8443})
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
COMMAND = re.compile(r"[a-z0-9_]{1,32}")
START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
ACTIONS = frozenset(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker "
    "find_location record_video_note upload_video_note".split()
)
SCOPES = frozenset(
    "default all_private_chats all_group_chats all_chat_administrators chat chat_administrators chat_member".split()
)


class ApiError(Exception):
    """An answer `{"ok": false}`: HTTP status, Telegram's description, and the parameters for automatic handling."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> Json:
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        return body | ({"parameters": self.parameters} if self.parameters else {})


def bad_request(description: str, parameters: Json | None = None) -> ApiError:
    return ApiError(400, f"Bad Request: {description}", parameters)


@dataclass(frozen=True)
class Upload:
    """One uploaded file as it arrived."""

    filename: str
    data: bytes


@dataclass(frozen=True)
class MethodRule:
    """The fields of one method: name to kind; the required ones are refused when missing or empty."""

    kinds: dict[str, str]
    required: tuple[str, ...] = field(default=())


def _rule(spec: str) -> MethodRule:
    """Read `"chat_id!:chat text!:str"`: kind after the colon, `!` marks what is required."""
    pairs = [item.split(":") for item in spec.split()]
    return MethodRule(
        {name.rstrip("!"): kind for name, kind in pairs},
        tuple(name.rstrip("!") for name, _ in pairs if name.endswith("!")),
    )


_SENDING = (
    "chat_id!:chat message_thread_id:int disable_notification:bool protect_content:bool reply_parameters:json "
    "reply_markup:json business_connection_id:str message_effect_id:str allow_paid_broadcast:bool "
)
_TEXT = "parse_mode:str entities:json link_preview_options:json "
_CAPTION = "caption:str parse_mode:str caption_entities:json show_caption_above_media:bool has_spoiler:bool "
_TARGET = "chat_id:chat message_id:int inline_message_id:str business_connection_id:str reply_markup:json "

METHODS: dict[str, MethodRule] = {
    "getMe": _rule(""),
    "logOut": _rule(""),
    "close": _rule(""),
    "getUpdates": _rule("offset:int limit:int timeout:int allowed_updates:json"),
    "setWebhook": _rule(
        "url:str secret_token:str max_connections:int allowed_updates:json drop_pending_updates:bool ip_address:str "
        "certificate:file"
    ),
    "deleteWebhook": _rule("drop_pending_updates:bool"),
    "getWebhookInfo": _rule(""),
    "sendMessage": _rule(_SENDING + _TEXT + "text!:str"),
    "sendRichMessage": _rule(_SENDING + "rich_message!:json"),
    "sendMessageDraft": _rule(
        "chat_id!:chat draft_id!:int message_thread_id:int text:str parse_mode:str entities:json can_stop:bool "
        "keep_on_stop:bool"
    ),
    "sendPhoto": _rule(_SENDING + _CAPTION + "photo!:file"),
    "sendDocument": _rule(_SENDING + _CAPTION + "document!:file thumbnail:file disable_content_type_detection:bool"),
    "sendMediaGroup": _rule(_SENDING + "media!:json"),
    "sendChatAction": _rule("chat_id!:chat action!:str message_thread_id:int business_connection_id:str"),
    "copyMessage": _rule(_SENDING + _CAPTION + "from_chat_id!:chat message_id!:int"),
    "editMessageText": _rule(_TARGET + _TEXT + "text:str rich_message:json"),
    "editMessageCaption": _rule(_TARGET + _CAPTION),
    "editMessageReplyMarkup": _rule(_TARGET),
    "editMessageMedia": _rule(_TARGET + "media!:json"),
    "deleteMessage": _rule("chat_id!:chat message_id!:int"),
    "deleteMessages": _rule("chat_id!:chat message_ids!:json"),
    "pinChatMessage": _rule("chat_id!:chat message_id!:int disable_notification:bool business_connection_id:str"),
    "unpinChatMessage": _rule("chat_id!:chat message_id:int business_connection_id:str"),
    "answerCallbackQuery": _rule("callback_query_id!:str text:str show_alert:bool url:str cache_time:int"),
    "setMyCommands": _rule("commands!:json scope:json language_code:str"),
    "getMyCommands": _rule("scope:json language_code:str"),
    "deleteMyCommands": _rule("scope:json language_code:str"),
    "setMyName": _rule("name:str language_code:str"),
    "setMyDescription": _rule("description:str language_code:str"),
    "setMyShortDescription": _rule("short_description:str language_code:str"),
    "setChatMenuButton": _rule("chat_id:int menu_button:json"),
    "getChat": _rule("chat_id!:chat"),
    "getChatMember": _rule("chat_id!:chat user_id!:int"),
    "getChatAdministrators": _rule("chat_id!:chat"),
    "getChatMemberCount": _rule("chat_id!:chat"),
    "leaveChat": _rule("chat_id!:chat"),
    "getFile": _rule("file_id!:str"),
}

MISSING = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "file_id": "file_id not specified",
    "user_id": "invalid user_id specified",
    "action": "wrong parameter action in request",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
    "commands": "can't parse commands JSON array",
    "media": "can't parse InputMedia: Expected an Object",
}


def read_fields(method: str, raw: dict[str, Any], uploads: dict[str, Upload]) -> Json:
    """Return the fields of one call with their types, or refuse it.

    `raw` holds strings (a form or a query) or JSON values. What Telegram does not know is dropped, as it does.
    A file field is an `Upload`, or the string of a file id or address.

    Raises: ApiError 404 for an unknown method, 400 for a missing or mistyped field.
    """
    rule = METHODS.get(method)
    if rule is None:
        raise ApiError(404, "Not Found")
    values: Json = {}
    for name, kind in rule.kinds.items():
        if kind == "file" and name in uploads:
            values[name] = uploads[name]
        elif name in raw and raw[name] is not None:
            values[name] = _typed(name, kind, raw[name], uploads)
    for name in rule.required:
        if values.get(name) in (None, "", []) and not (name == "commands" and values.get(name) == []):
            raise bad_request(MISSING.get(name, f'parameter "{name}" is required'))
    media = values.get("media")
    if media is not None:
        parts = [_with_file(one, uploads) for one in (media if isinstance(media, list) else [media])]
        values["media"] = parts if isinstance(media, list) else parts[0]
    return values


def _with_file(media: Any, uploads: dict[str, Upload]) -> Any:
    """One `InputMedia` with the file that came for it."""
    if isinstance(media, dict) and isinstance(media.get("media"), str):
        return media | {"media": _attached(media["media"], uploads)}
    return media


def _attached(value: str, uploads: dict[str, Upload]) -> Upload | str:
    """Resolve `attach://NAME` to the file that came with the request."""
    name = value.removeprefix("attach://")
    if name != value and name not in uploads:
        raise bad_request(f'file "{name}" not found in the request')
    return value if name == value else uploads[name]


def _typed(name: str, kind: str, value: Any, uploads: dict[str, Upload]) -> Any:
    if isinstance(value, str):
        refuse_broken_text(value)
    if kind in {"int", "chat"}:
        if kind == "chat" and isinstance(value, str) and re.fullmatch(r"@[A-Za-z0-9_]{4,32}", value):
            return value
        if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,19}", str(value)):
            raise bad_request("chat not found" if kind == "chat" else f"invalid {name} specified")
        return int(value)
    if kind == "bool":
        if str(value).lower() not in ("true", "false", "1", "0"):
            raise bad_request(f"invalid {name} specified")
        return str(value).lower() in ("true", "1")
    if kind == "json":
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None
    if not isinstance(value, str):
        raise bad_request(f"invalid {name} specified")
    return _attached(value, uploads) if kind == "file" else value


def refuse_broken_text(text: str) -> None:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise bad_request("strings must be encoded in UTF-8")


def formatted(text: str, parse_mode: str | None, entities: list[Entity] | None) -> tuple[str, list[Entity]]:
    """Return text and entities as Telegram stores them: parsed, control characters replaced, trimmed.

    Only HTML is understood: the house sends nothing else, and a second dialect would hide a mistake.
    """
    if parse_mode:
        if parse_mode.lower() != "html":
            raise bad_request("unsupported parse_mode")
        try:
            text, entities = parse_html(text)
        except BadEntities as error:
            raise bad_request(f"can't parse entities: {error}") from None
    text = "".join(" " if c < " " and c != "\n" else c for c in text.replace("\r", "") if not "\u2028" <= c <= "\u202e")
    left = utf16_length(text) - utf16_length(text.lstrip())
    text = text.strip()
    length = utf16_length(text)
    kept = []
    for entity in entities or []:
        begin = max(0, entity["offset"] - left)
        end = min(length, entity["offset"] - left + entity["length"])
        if end > begin:
            kept.append(entity | {"offset": begin, "length": end - begin})
    return text, kept


def message_text(fields: Json) -> tuple[str, list[Entity]]:
    """Check a text message. The limit counts UTF-16 units after parsing, the stricter of the two readings."""
    text, entities = formatted(fields["text"], fields.get("parse_mode"), fields.get("entities"))
    if not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return text, entities


def caption(fields: Json) -> tuple[str, list[Entity]]:
    text, entities = formatted(fields.get("caption", ""), fields.get("parse_mode"), fields.get("caption_entities"))
    if utf16_length(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return text, entities


def caption_body(fields: Json) -> Json:
    """What a caption adds to a message."""
    text, entities = caption(fields)
    return ({"caption": text} if text else {}) | ({"caption_entities": entities} if entities else {})


def reply_markup(fields: Json, *, inline_only: bool) -> Json | None:
    """Check a keyboard and return it; an inline keyboard without buttons counts as none."""
    markup = fields.get("reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        count = 0
        for button in _buttons(markup["inline_keyboard"], "inline keyboard"):
            _refuse_inline_button(button)
            count += 1
        if count > BUTTONS_LIMIT:
            raise bad_request("reply markup is too long")
        return markup if count else None
    if inline_only:
        raise bad_request("inline keyboard expected")
    if "keyboard" in markup:
        for button in _buttons(markup["keyboard"], "reply keyboard"):
            if not isinstance(button, str) and not button.get("text"):
                raise bad_request("can't parse keyboard button: text must be non-empty")
        return markup
    if markup.get("remove_keyboard") is True or markup.get("force_reply") is True:
        return markup
    raise bad_request("can't parse reply keyboard markup JSON object")


def _buttons(rows: Any, what: str) -> list[Any]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f"can't parse {what} markup JSON object")
    return [button for row in rows for button in row]


def _refuse_inline_button(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    refuse_broken_text(button["text"])
    actions = set(button) - {"text", "style", "icon_custom_emoji_id"}
    if not actions:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if "callback_data" in button:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= CALLBACK_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button and urlsplit(str(button["url"])).scheme not in ("http", "https", "tg"):
        raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Unsupported URL protocol")
    if "copy_text" in button and not 1 <= len(str(button["copy_text"].get("text", ""))) <= 256:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")


def commands(fields: Json) -> list[Json]:
    """Check a command menu: names of 1–32 of `a-z0-9_`, descriptions of 1–256 characters, 100 commands at most."""
    entries = fields["commands"]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise bad_request("can't parse commands JSON array")
    if len(entries) > COMMANDS_LIMIT:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for entry in entries:
        if not COMMAND.fullmatch(str(entry.get("command", "")).removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(entry.get("description", "")).strip()) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return [{"command": entry["command"], "description": entry["description"]} for entry in entries]


def command_scope(fields: Json) -> tuple[str, str]:
    """Return the key under which a menu is kept: scope with its chat and user, and a two-letter language or ``""``."""
    scope = fields.get("scope") or {"type": "default"}
    kind = scope.get("type") if isinstance(scope, dict) else None
    if kind not in SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported scope type")
    parts = [str(kind)]
    if kind in ("chat", "chat_administrators", "chat_member"):
        if "chat_id" not in scope:
            raise bad_request("chat_id is empty")
        parts.append(str(scope["chat_id"]))
    if kind == "chat_member":
        if "user_id" not in scope:
            raise bad_request("invalid user_id specified")
        parts.append(str(scope["user_id"]))
    language = fields.get("language_code", "")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    return ":".join(parts), language


def upload(value: Upload | str, limit: int) -> Upload | str:
    if isinstance(value, Upload):
        if not value.data:
            raise bad_request("file must be non-empty")
        if len(value.data) > limit:
            raise ApiError(413, "Request Entity Too Large")
    return value


def refuse_webhook(url: str, *, local: bool) -> None:
    """Return if Telegram would call this address, else raise its refusal. A local server takes anything by http."""
    parts = urlsplit(url)
    if parts.scheme not in ({"http", "https"} if local else {"https"}) or not parts.hostname:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if local:
        return
    if (parts.port or 443) not in WEBHOOK_PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    try:
        outside = ip_address(parts.hostname).is_global
    except ValueError:
        outside = parts.hostname != "localhost"
    if not outside:
        raise bad_request(f"bad webhook: IP address {parts.hostname} is reserved")


def typed_entities(text: str) -> list[Json]:
    """The entities that Telegram finds by itself in what a person typed: a command at the start, e-mail addresses."""
    found: list[Json] = []
    if text.startswith("/"):
        found.append({"type": "bot_command", "offset": 0, "length": utf16_length(text.split(maxsplit=1)[0])})
    found += [
        {"type": "email", "offset": utf16_length(text[: one.start()]), "length": utf16_length(one[0])}
        for one in EMAIL.finditer(text)
    ]
    return found
