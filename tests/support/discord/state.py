"""What the emulated Discord remembers, in memory: guilds, channels, messages, interactions, commands, calls, faults."""

from __future__ import annotations

import itertools
import mimetypes
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Literal

from tests.support.discord.form import DiscordError, Json
from tests.support.discord.limits import Limits
from tests.support.discord.rules import ATTACHMENT_BYTES, EPHEMERAL
from tests.support.emulator_control import Changes

EPOCH_MS = 1_420_070_400_000
ANSWER_SECONDS = 3.0
TOKEN_SECONDS = 900.0
ALL_PERMISSIONS = str((1 << 53) - 1)
TEXT_CHANNEL, DM_CHANNEL = 0, 1


def iso_now() -> str:
    return datetime.now(UTC).isoformat()


@dataclass
class Upload:
    """One uploaded file as it arrived."""

    filename: str
    data: bytes


@dataclass
class Call:
    """One REST request as it arrived, and what was answered."""

    method: str
    path: str
    json: Any
    files: list[Upload]
    status: int = 0
    error: Json | None = None
    injected: bool = False
    at: float = field(default_factory=time.monotonic)


@dataclass
class Line:
    """One line of a conversation. `direction`: user, bot, bot edits, bot deletes, bot modal."""

    direction: str
    user: str
    channel: str
    text: str
    buttons: list[list[str]]
    message: str
    ephemeral: bool


CLOSED = {"archived": 50083, "locked": 160005, "odd": 50024, "busy": 40062, "slow": 20016}
ChannelState = Literal["open", "forbidden", "hidden", "deleted", "archived", "locked", "odd", "busy", "slow"]


@dataclass
class Channel:
    """A guild's text channel or a DM. Its `state` is one of `ChannelState`: forbidden answers 50013, hidden 50001,
    deleted 10003, archived its code until it is opened again, locked for good.
    """

    id: str
    type: int
    name: str
    guild: str | None = None
    recipient: str | None = None
    state: str = "open"

    def public(self, user: Json | None = None) -> Json:
        """Return Discord's channel object, for a DM with its recipient."""
        if self.type == DM_CHANNEL:
            return {"id": self.id, "type": 1, "last_message_id": None, "flags": 0, "recipients": [user] if user else []}
        return {
            "id": self.id,
            "type": self.type,
            "name": self.name,
            "guild_id": self.guild,
            "position": 0,
            "permission_overwrites": [],
            "permissions": ALL_PERMISSIONS,
            "nsfw": False,
            "parent_id": None,
            "topic": None,
            "last_message_id": None,
            "rate_limit_per_user": 0,
            "flags": 0,
        }


@dataclass
class Guild:
    id: str
    name: str
    channels: list[str]
    members: dict[str, str] = field(default_factory=dict)
    locale: str = "en-US"


@dataclass
class Post:
    """A stored message. `owner` is the one person who sees an ephemeral one; `revision` its last change."""

    message: Json
    outgoing: bool
    revision: int
    owner: str | None = None
    token: str | None = None
    deleted: bool = False


@dataclass
class Talk:
    """One interaction: what was sent to the bot and what came back under its token."""

    payload: Json
    issued: float
    user: str
    channel: str
    born: int
    source: str | None = None
    callback: Json | None = None
    acknowledged_after: float | None = None
    original: str | None = None
    posts: list[str] = field(default_factory=list)


@dataclass
class Fault:
    """An answer to give instead of the right one, `count` times (-1: until cleared)."""

    route: str
    kind: str
    count: int
    retry_after: float
    seconds: float
    code: int


class World(Changes):
    """The whole state behind one emulated application."""

    def __init__(self, token: str, *, shards: int, rate_limits: bool) -> None:
        super().__init__()
        self.token = token
        self.base = ""
        self.shards = shards
        self.limits = Limits() if rate_limits else None
        self._last_id = 0
        self.app_id = self.snowflake()
        self.users: dict[str, Json] = {}
        self.bot = self.user(self.app_id, "usher", bot=True)
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.posts: dict[str, Post] = {}
        self.posts_in: dict[str, list[Post]] = defaultdict(list)
        self.talks: dict[str, Talk] = {}
        self.application: Json = {}
        """What was set of the application by its own call."""
        self.commands: dict[str, list[Json]] = {}
        self.attachments: dict[str, Upload] = {}
        self.calls: list[Call] = []
        self.lines: list[Line] = []
        self.faults: list[Fault] = []
        self.pings: list[Json] = []
        self.dm_closed: set[str] = set()
        self.answer_seconds = ANSWER_SECONDS
        self.token_seconds = TOKEN_SECONDS
        self.upload_bytes = ATTACHMENT_BYTES
        self._guild_numbers = itertools.count(1_000)
        self.guild_id = self.add_guild("Test guild")
        self.channel_id = self.guilds[self.guild_id].channels[0]

    # -- things and ids --------------------------------------------------------------------------------------------
    def snowflake(self) -> str:
        """Return a fresh id that carries the present time, as Discord's do."""
        stamp = (int(time.time() * 1000) - EPOCH_MS) << 22
        self._last_id = max(self._last_id + 1, stamp)
        return str(self._last_id)

    def user(self, user_id: str, name: str | None = None, *, bot: bool = False) -> Json:
        """Return the user object, making the user when it is the first time."""
        return self.users.setdefault(
            user_id,
            {
                "id": user_id,
                "username": name or f"person{user_id}",
                "discriminator": "0",
                "global_name": name or f"Person {user_id}",
                "avatar": None,
                "bot": bot,
                "public_flags": 0,
                "flags": 0,
                "banner": None,
                "accent_color": None,
                "avatar_decoration_data": None,
                "primary_guild": None,
            },
        )

    def add_guild(self, name: str) -> str:
        """Add a guild with one text channel. Consecutive guilds fall on consecutive shards."""
        guild_id = str(next(self._guild_numbers) << 22)
        self.guilds[guild_id] = Guild(guild_id, name, [])
        self.add_channel(guild_id, "general")
        return guild_id

    def add_channel(self, guild_id: str, name: str) -> str:
        channel = Channel(self.snowflake(), TEXT_CHANNEL, name, guild=guild_id)
        self.channels[channel.id] = channel
        self.guilds[guild_id].channels.append(channel.id)
        return channel.id

    def dm_channel(self, user_id: str) -> Channel:
        """Return the DM with a person, opening it when it is the first time."""
        for channel in self.channels.values():
            if channel.recipient == user_id:
                return channel
        channel = Channel(self.snowflake(), DM_CHANNEL, "", recipient=user_id)
        self.channels[channel.id] = channel
        return channel

    def channel(self, channel_id: str) -> Channel:
        """Find a channel.

        Raises: DiscordError when it is unknown, deleted, hidden from the bot or closed to it.
        """
        channel = self.channels.get(channel_id)
        if channel is None or channel.state == "deleted":
            raise DiscordError(10003)
        if channel.state in ("hidden", "forbidden"):
            raise DiscordError(50001 if channel.state == "hidden" else 50013)
        return channel

    def member(self, guild_id: str, user_id: str) -> Json:
        guild = self.guilds[guild_id]
        return {
            "user": self.user(user_id),
            "roles": [],
            "nick": None,
            "joined_at": "2026-01-01T00:00:00+00:00",
            "premium_since": None,
            "avatar": None,
            "banner": None,
            "communication_disabled_until": None,
            "pending": False,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "permissions": guild.members.get(user_id, "0"),
        }

    def guild_object(self, guild_id: str) -> Json:
        """Return what GUILD_CREATE carries."""
        guild = self.guilds[guild_id]
        everyone: Json = {
            "id": guild_id,
            "name": "@everyone",
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "description": None,
            "position": 0,
            "permissions": ALL_PERMISSIONS,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }
        lists = (
            "emojis stickers features threads voice_states presences stage_instances guild_scheduled_events "
            "soundboard_sounds"
        )
        nothing: Json = {key: [] for key in lists.split()}
        unset = (
            "icon splash discovery_splash afk_channel_id system_channel_id application_id widget_channel_id "
            "rules_channel_id public_updates_channel_id safety_alerts_channel_id vanity_url_code description banner "
            "max_presences"
        )
        zero = (
            "verification_level default_message_notifications explicit_content_filter mfa_level premium_tier "
            "nsfw_level system_channel_flags premium_subscription_count"
        )
        return {
            "id": guild_id,
            "name": guild.name,
            "owner_id": "1",
            "roles": [everyone],
            "channels": [self.channels[channel].public() for channel in guild.channels],
            "members": [self.member(guild_id, self.app_id)],
            "member_count": 1 + len(guild.members),
            "preferred_locale": guild.locale,
            "afk_timeout": 300,
            "widget_enabled": False,
            "premium_progress_bar_enabled": False,
            "nsfw": False,
            "region": "deprecated",
            "max_members": 500000,
            **dict.fromkeys(unset.split()),
            "unavailable": False,
            "large": False,
            "joined_at": "2026-01-01T00:00:00+00:00",
            **nothing,
            **dict.fromkeys(zero.split(), 0),
        }

    def shard_of(self, guild_id: str | None, count: int) -> int:
        """Return the shard that hears about a guild; direct messages are the first shard's."""
        return 0 if guild_id is None else (int(guild_id) >> 22) % count

    # -- messages --------------------------------------------------------------------------------------------------
    def store(self, message: Json, *, outgoing: bool, owner: str | None = None, token: str | None = None) -> Post:
        post = Post(message, outgoing, self.touch(), owner, token)
        self.posts[message["id"]] = post
        self.posts_in[message["channel_id"]].append(post)
        return post

    def keep_attachment(self, upload: Upload, description: str | None = None) -> Json:
        attachment_id = self.snowflake()
        self.attachments[attachment_id] = upload
        url = f"{self.base}/attachments/{attachment_id}/{upload.filename}"
        return {
            "id": attachment_id,
            "filename": upload.filename,
            "size": len(upload.data),
            "url": url,
            "proxy_url": url,
            "content_type": mimetypes.guess_type(upload.filename)[0] or "application/octet-stream",
        } | ({"description": description} if description else {})

    def log(self, direction: str, user: str | None, message: Json, text: str | None = None) -> None:
        shown = text_of(message) if text is None else text
        if text is None:
            shown = " ".join([*(f"[file {a['filename']}]" for a in message.get("attachments", [])), shown]).strip()
        channel = message.get("channel_id", "")
        if user is None and channel in self.channels:
            user = self.channels[channel].recipient
        ephemeral = bool(message.get("flags", 0) & EPHEMERAL)
        line = Line(direction, user or "", channel, shown, buttons_of(message), message.get("id", ""), ephemeral)
        self.lines.append(line)
        self.touch()

    # -- faults ----------------------------------------------------------------------------------------------------
    def take_fault(self, method: str, path: str) -> Fault | None:
        """Return the first fault whose pattern fits `METHOD /path` and use it up."""
        for fault in self.faults:
            if fnmatchcase(f"{method} {path}", fault.route):
                fault.count -= 1
                if fault.count == 0:
                    self.faults.remove(fault)
                return fault
        return None


def text_of(message: Json) -> str:
    """Return what a person reads in a message: content, embeds and text components, a line each."""
    parts = [message.get("content") or ""]
    for embed in message.get("embeds", []):
        parts += [embed.get("author", {}).get("name", ""), embed.get("title", ""), embed.get("description", "")]
        parts += [f"{entry['name']}: {entry['value']}" for entry in embed.get("fields", [])]
        parts.append(embed.get("footer", {}).get("text", ""))
    parts += [item["content"] for item in _walk(message.get("components")) if item.get("type") == 10]
    return "\n".join(part for part in parts if part)


def buttons_of(message: Json) -> list[list[str]]:
    """Return the labels of buttons, or of a select's options, row by row."""
    rows = []
    for row in _walk(message.get("components")):
        if row.get("type") != 1:
            continue
        labels: list[str] = []
        for item in row.get("components", []):
            if item.get("type") == 2:
                labels.append(str(item.get("label") or (item.get("emoji") or {}).get("name", "")))
            else:
                labels += [str(option["label"]) for option in item.get("options", [])]
        rows.append(labels)
    return rows


def _walk(items: Any) -> list[Json]:
    found: list[Json] = []
    for item in items or []:
        inner = [item[key] for key in ("component", "accessory") if isinstance(item.get(key), dict)]
        found += [item, *_walk(item.get("components")), *_walk(inner)]
    return found
