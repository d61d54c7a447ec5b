"""What the inbox keeps of Discord's events: plain JSON of our own, enough to answer by any process at any time."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import discord

from bots.commands.request import AttachedKind, kind_of
from core.notices.inbox_rows import PlatformEvent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PLATFORM = "discord"

PRESS = "u:"
"""Custom id of a button: this and its nonce. A select carries the nonce as the chosen value."""
CHOOSE = "choose"
FORM = "m:"
"""Custom id of a form for what a pressed button lacks: this and the button's nonce."""
COMMAND_FORM = "c:"
"""Custom id of a form for what a slash command lacks: this and the command's name."""
ASK = "ask:"
"""Custom id of the button and of the form that answer an open question: this, the command and the argument."""

MENTION = re.compile(r"<@!?(\d{1,20})>", re.ASCII)
"""How Discord writes a person into a text: with a mark where a server knows them by another name."""

ASIDE = "@"
"""Marks somebody's direct messages where a chat is named; this and the person's id."""

FirstAnswer: TypeAlias = Literal["thinking", "update", ""]
"""The first answer: a new message to come, the pressed message to be edited, or (for a message) none at all."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came along, to be fetched from `url`."""

    name: str
    size: int
    url: str
    kind: AttachedKind = "file"


@dataclass(frozen=True, slots=True)
class Heard:
    """One message, or one interaction (then with a `token` to answer by, for fifteen minutes).

    `private` is a direct message or an answer that only the asker sees. `edited`: another wording of `message`. `media`: what it was
    that held no words. `addressed`: in a channel, it mentions the bot or answers it; `speaker`: what they call the person.
    `shared`: what was pressed stands there for all to see.
    """

    id: str
    app: str
    user: str
    channel: str
    guild: str | None = None
    locale: str = ""
    token: str = ""
    first: FirstAnswer = ""
    private: bool = True
    command: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    pressed: str | None = None
    text: str = ""
    message: str | None = None
    attachments: tuple[Attached, ...] = ()
    edited: bool = False
    reply_to: str = ""
    buttons_above: tuple[str, ...] = ()
    media: str = ""
    addressed: bool = False
    speaker: str = ""
    shared: bool = False

    @property
    def key(self) -> str:
        """The inbox key: the same whenever Discord brings the event again."""
        return f"dc:{self.app}:{self.id}"

    def event(self) -> PlatformEvent:
        """The row to keep. Events of one person are handled in order, wherever they come from."""
        return PlatformEvent(self.key, f"{PLATFORM}:{self.user}", json.dumps(asdict(self)))


def read_heard(payload: str) -> Heard:
    """What `Heard.event` kept."""
    kept = json.loads(payload)
    return Heard(**{**kept, "attachments": tuple(Attached(**one) for one in kept["attachments"])})


def of_message(app_id: int, message: discord.Message, *, me: int, edited: bool = False) -> Heard:
    """A message in a channel or in the direct messages, as it was first written or after it was `edited`.

    `me` is the bot's own id.
    """
    answered = message.reference.resolved if message.reference is not None else None
    author = answered.author.id if isinstance(answered, discord.Message) else None
    wording = hashlib.sha256(f"{message.edited_at}\n{message.content}".encode(errors="replace")).hexdigest()[:16]
    return Heard(
        id=f"{message.id}.{wording}" if edited else str(message.id),
        app=str(app_id),
        user=str(message.author.id),
        channel=str(message.channel.id),
        guild=str(message.guild.id) if message.guild is not None else None,
        private=message.guild is None,
        text=re.sub(rf"<@!?{me}>", " ", message.content) if message.guild is not None else person_in(message.content),
        message=str(message.id),
        attachments=_attached(message),
        edited=edited,
        reply_to=str(message.reference.message_id or "") if message.reference is not None else "",
        buttons_above=_buttons_of(answered) if isinstance(answered, discord.Message) and author == me else (),
        media=_media(message),
        addressed=author == me or any(one.id == me for one in message.mentions),
        speaker=message.author.display_name,
    )


def _attached(message: discord.Message) -> tuple[Attached, ...]:
    return tuple(
        Attached(one.filename, one.size, one.url, kind_of(one.filename, one.content_type or ""))
        for one in message.attachments
    )


def _buttons_of(message: discord.Message) -> tuple[str, ...]:
    """The nonces of a message's buttons."""
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    named = [one.custom_id or "" for row in rows for one in row.children if isinstance(one, discord.Button)]
    return tuple(name.removeprefix(PRESS) for name in named if name.startswith(PRESS))


def _media(message: discord.Message) -> str:
    """What a message was that held neither words nor a file to read."""
    if message.content:
        return ""
    if not message.attachments:
        return "sticker"
    kinds = {one.kind for one in _attached(message)}
    return {frozenset({"image"}): "photo", frozenset({"voice"}): "voice"}.get(frozenset(kinds), "")


def of_interaction(interaction: discord.Interaction[Any], *, first: FirstAnswer, private: bool) -> Heard:
    """A slash command, a press, a choice or a filled-in form."""
    data: Any = interaction.data or {}
    common: dict[str, Any] = {
        "id": str(interaction.id),
        "app": str(interaction.application_id),
        "user": str(interaction.user.id),
        "channel": str(interaction.channel_id),
        "guild": str(interaction.guild_id) if interaction.guild_id is not None else None,
        "locale": str(interaction.locale.value),
        "token": interaction.token,
        "first": first,
        "private": private,
        "message": str(interaction.message.id) if interaction.message is not None else None,
        "speaker": interaction.user.display_name,
        "shared": is_shared(interaction),
    }
    if interaction.type is discord.InteractionType.application_command:
        name, options = slash_of(data)
        files = tuple(
            Attached(
                one["filename"],
                one["size"],
                one["url"],
                kind_of(one["filename"], one.get("content_type") or ""),
            )
            for one in (data.get("resolved") or {}).get("attachments", {}).values()
        )
        given = {one["name"]: person_in(one["value"]) for one in options if one["type"] != ATTACHMENT}
        return Heard(**common, command=name, options=given, attachments=files)
    custom_id = str(data.get("custom_id", ""))
    if interaction.type is discord.InteractionType.component:
        chosen = data.get("values") or [""]
        nonce = custom_id.removeprefix(PRESS) if custom_id.startswith(PRESS) else str(chosen[0])
        return Heard(**common, pressed=nonce)
    fields = dict(fields_of(data.get("components") or ()))
    if custom_id.startswith(FORM):
        return Heard(**common, pressed=custom_id.removeprefix(FORM), options=fields)
    if custom_id.startswith(COMMAND_FORM):
        return Heard(**common, command=custom_id.removeprefix(COMMAND_FORM), options=fields)
    return Heard(**common, text=next(iter(fields.values()), ""))


def is_shared(interaction: discord.Interaction[Any]) -> bool:
    """Was something pressed that stands in a server for all to see?"""
    message = interaction.message
    return interaction.guild_id is not None and message is not None and not message.flags.ephemeral


STRING = discord.AppCommandOptionType.string.value
ATTACHMENT = discord.AppCommandOptionType.attachment.value
_NESTED = {discord.AppCommandOptionType.subcommand.value, discord.AppCommandOptionType.subcommand_group.value}


def slash_of(data: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The command's name in the catalogue, the last word of what was chosen, and its options.

    What is chosen from somebody's menu is a question about them.
    """
    if data.get("type") == discord.AppCommandType.user.value:
        return "find", [{"name": "what", "type": STRING, "value": f"{PLATFORM}:{data['target_id']}"}]
    name = str(data.get("name", ""))
    options = list(data.get("options") or ())
    while options and options[0]["type"] in _NESTED:
        name = str(options[0]["name"])
        options = list(options[0].get("options") or ())
    return name, options


def person_in(value: Any) -> Any:
    """A value that is nothing but the mention of a person, as that person is called everywhere else."""
    mentioned = MENTION.fullmatch(value.strip()) if isinstance(value, str) else None
    return value if mentioned is None else f"{PLATFORM}:{mentioned[1]}"


def fields_of(components: Any) -> Iterator[tuple[str, str]]:
    """Custom id and value of every field of a form, however its rows and labels are nested."""
    for component in components:
        if "custom_id" in component:
            value = component.get("value", "")
            yield str(component["custom_id"]), person_in(str(value or (component.get("values") or [""])[0]))
            continue
        inner = component.get("component")
        yield from fields_of([inner] if inner else component.get("components") or ())
