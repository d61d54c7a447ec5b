"""How the emulated Discord makes, edits and deletes messages, and whom they would have pinged."""

from __future__ import annotations

import re
import time
from typing import Any

from tests.support.discord import rules
from tests.support.discord.form import DiscordError, Form, Json
from tests.support.discord.rules import EPHEMERAL, LOADING
from tests.support.discord.state import CLOSED, DM_CHANNEL, Channel, Post, Upload, World, iso_now

NONCE_SECONDS = 180.0
"""Discord says "the past few minutes"."""


class Messages:
    """The messages of one world. Bodies are checked here, wherever they come from."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._nonces: dict[str, tuple[Post, float]] = {}

    # -- writing ---------------------------------------------------------------------------------------------------
    def create(
        self,
        channel: Channel,
        body: Json,
        files: list[Upload],
        *,
        owner: str | None = None,
        token: str | None = None,
        log: str = "bot",
    ) -> Post:
        """Store a bot's new message. `owner` is the invoker of the interaction with `token`."""
        self.check(body, files)
        if rules.is_empty(body, len(files)):
            raise DiscordError(50006)
        message = self.base_message(channel, self.world.bot, str(body.get("content") or "").strip())
        message |= {
            "embeds": [{"type": "rich", **embed} for embed in body.get("embeds") or []],
            "components": self.numbered(body.get("components") or []),
            "flags": body.get("flags") or 0,
            "attachments": self._attach(body, files),
            "tts": bool(body.get("tts")),
        }
        if token is not None:
            message |= {"webhook_id": self.world.app_id, "application_id": self.world.app_id}
        self._refer(body, message)
        self._ping(body, message)
        ephemeral = bool(message["flags"] & EPHEMERAL)
        post = self.world.store(message, outgoing=True, owner=owner if ephemeral else None, token=token)
        if body.get("nonce"):
            self._nonces[str(body["nonce"])] = post, time.monotonic()
        self.world.log(log, owner, message)
        return post

    def sent_before(self, body: Json) -> Post | None:
        """What the bot sent with the same nonce in the last minutes, deleted since or not; nothing more is sent then."""
        post, at = self._nonces.get(str(body.get("nonce")), (None, 0.0))
        return post if body.get("enforce_nonce") and time.monotonic() - at < NONCE_SECONDS else None

    def loading(self, channel: Channel, owner: str, token: str, flags: int) -> Post:
        """Store the "thinking…" message of a deferred answer."""
        message = self.base_message(channel, self.world.bot, "")
        message |= {"flags": flags & EPHEMERAL | LOADING, "webhook_id": self.world.app_id}
        return self.world.store(message, outgoing=True, owner=owner if flags & EPHEMERAL else None, token=token)

    def written(self, channel: Channel, author: Json, text: str, reply_to: str | None) -> Json:
        """What somebody wrote, with whom it mentions: by name, or because it answers them."""
        named = [self.world.user(user) for user in dict.fromkeys(re.findall(r"<@!?(\d+)>", text))]
        message = self.base_message(channel, author, text) | {"mentions": named}
        if reply_to is not None:
            replied = self.world.posts[reply_to].message
            message["mentions"] = [*named, replied["author"]]
            message |= {"type": 19, "referenced_message": replied}
            message["message_reference"] = {"message_id": reply_to, "channel_id": channel.id}
        return message

    def base_message(self, channel: Channel, author: Json, content: str) -> Json:
        return {
            "id": self.world.snowflake(),
            "type": 0,
            "channel_id": channel.id,
            "author": author,
            "content": content,
            "timestamp": iso_now(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "components": [],
            "pinned": False,
            "flags": 0,
        }

    def edit(self, post: Post, body: Json, files: list[Upload], *, user: str | None = None) -> Json:
        """Change a bot's message; fields that are absent stay, null empties them."""
        self.check(body, files, flags=post.message["flags"])
        before = post.message
        message = dict(before)
        for key, empty in (("content", ""), ("embeds", []), ("components", [])):
            if key in body:
                message[key] = body[key] or empty
        message["content"] = str(message["content"]).strip()
        message["components"] = self.numbered(message["components"])
        if "attachments" in body or files:
            kept_ids = [str(item.get("id")) for item in body.get("attachments") or []]
            named = [item for item in before["attachments"] if item["id"] in kept_ids]
            kept = named if "attachments" in body else before["attachments"]
            message["attachments"] = kept + self._attach(body, files)
        if body.get("flags"):
            message["flags"] |= body["flags"] & ~EPHEMERAL
        if rules.is_empty(message, len(message["attachments"])):
            raise DiscordError(50006)
        self._ping(body, message)
        first = bool(before["flags"] & LOADING)
        message["flags"] &= ~LOADING
        message["edited_timestamp"] = None if first else iso_now()
        post.message = message
        post.revision = self.world.touch()
        self.world.log("bot" if first else "bot edits", user, message)
        return message

    def delete(self, post: Post, user: str | None = None) -> None:
        post.deleted = True
        post.revision = self.world.touch()
        self.world.log("bot deletes", user, post.message)

    # -- finding ---------------------------------------------------------------------------------------------------
    def in_channel(self, channel: Channel, message_id: str) -> Post:
        """Find a message by the channel's routes, which do not know ephemeral ones."""
        post = self.world.posts.get(message_id)
        if post is None or post.deleted or post.owner is not None or post.message["channel_id"] != channel.id:
            raise DiscordError(10008)
        return post

    def editable(self, channel: Channel, message_id: str) -> Post:
        post = self.in_channel(channel, message_id)
        if not post.outgoing:
            raise DiscordError(50005)
        return post

    def deletable(self, channel: Channel, message_id: str) -> Post:
        post = self.in_channel(channel, message_id)
        if not post.outgoing and channel.type == DM_CHANNEL:
            raise DiscordError(50003)
        return post

    def refuse_closed(self, channel: Channel) -> None:
        if channel.recipient in self.world.dm_closed:
            raise DiscordError(50007)
        if channel.state in CLOSED:
            raise DiscordError(CLOSED[channel.state])

    # -- details ---------------------------------------------------------------------------------------------------
    def check(self, body: Json, files: list[Upload], *, flags: int = 0) -> None:
        """Check a message body whole; an edit is checked under the `flags` that the message already has."""
        form = Form()
        layout = flags & rules.COMPONENTS_V2
        rules.check_message(form, body | {"flags": body.get("flags") or layout} if layout else body)
        if len(files) > rules.FILES_LIMIT:
            form.add(("files",), "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
        for index, item in enumerate(form.items(body, (), "attachments", most=rules.FILES_LIMIT)):
            if form.entry(item, ("attachments", index)) is not None and item.get("id") is None:
                form.add(("attachments", index, "id"), "BASE_TYPE_REQUIRED", "This field is required")
        form.refuse()
        if any(len(file.data) > self.world.upload_bytes for file in files):
            raise DiscordError(40005)

    def numbered(self, components: list[Json]) -> list[Json]:
        """Return components as Discord gives them back: each with a number."""
        for number, component in enumerate(rules.walk(components), start=1):
            component.setdefault("id", number)
        return components

    def _attach(self, body: Json, files: list[Upload]) -> list[Json]:
        described = {str(item.get("id")): item.get("description") for item in body.get("attachments") or []}
        return [self.world.keep_attachment(file, described.get(str(n))) for n, file in enumerate(files)]

    def _refer(self, body: Json, message: Json) -> None:
        reference = body.get("message_reference")
        if not reference:
            return
        found = self.world.posts.get(str(reference.get("message_id")))
        if found is None or found.deleted:
            if reference.get("fail_if_not_exists", True):
                form = Form()
                form.add(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
                form.refuse()
            return
        message |= {
            "type": 19,
            "message_reference": {"message_id": found.message["id"], "channel_id": message["channel_id"], "type": 0},
            "referenced_message": found.message,
        }

    def _ping(self, body: Json, message: Json) -> None:
        """Note whom the message would have pinged: what it mentions and `allowed_mentions` does not forbid."""
        allowed: Any = body.get("allowed_mentions")
        content = message["content"]
        parse = ("everyone", "users", "roles") if allowed is None else allowed.get("parse") or []
        named = {str(user) for user in (allowed or {}).get("users") or []}
        everyone = "everyone" in parse and bool(re.search(r"@(everyone|here)\b", content))
        users = [u for u in re.findall(r"<@!?(\d+)>", content) if "users" in parse or u in named]
        roles = [r for r in re.findall(r"<@&(\d+)>", content) if "roles" in parse]
        message["mention_everyone"] = everyone
        message["mentions"] = [self.world.user(user) for user in users]
        message["mention_roles"] = roles
        if everyone or users or roles:
            self.world.pings.append({"message": message["id"], "everyone": everyone, "users": users, "roles": roles})
