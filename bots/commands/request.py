"""What a binding makes of a platform's event."""

from __future__ import annotations

import mimetypes
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from bots.messages.reply import Reply
from core.actors import Actor

SLASHES = ("/", "\uff0f")
"""What a command begins with. The second is the full-width one of Chinese and Japanese keyboards."""


@dataclass(frozen=True, slots=True)
class Chat:
    """Where something was said. `deep_link` makes a link into the bot's private chat that brings a payload along.

    It returns None where a button can be pressed in the group itself and be answered for its presser alone.
    `aside` is where the asker alone is told something later on, if that is not this chat. `shared`: what was pressed
    stands in a group for all to see, though the answer is the presser's alone.
    """

    platform: str
    id: str
    private: bool = True
    deep_link: Callable[[str], str | None] | None = None
    aside: str | None = None
    shared: bool = False


AttachedKind: TypeAlias = Literal["image", "voice", "file", "other"]


class NotFetched(Exception):
    """The platform does not give a file away."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """What came with a message; `load` fetches it from the platform. `kind` is what the platform takes it for.

    `load` raises: NotFetched.
    """

    name: str
    size: int
    load: Callable[[], Awaitable[bytes]]
    kind: AttachedKind = "file"


def kind_of(name: str, media: str = "") -> AttachedKind:
    """What a file is by its media type, or by its name where none is stated."""
    named = mimetypes.guess_type(name)[0] or ""
    if name.casefold().endswith((".ts", ".mts")) or (media or named).endswith("xml"):
        return "file"  # programs are called as some films are, and drawings of this kind are text
    kinds: dict[str, AttachedKind] = {"image": "image", "audio": "voice", "video": "other"}
    return kinds.get((media or named).partition("/")[0], "file")


def once(load: Callable[[], Awaitable[bytes]]) -> Callable[[], Awaitable[bytes]]:
    """The same, fetched only the first time."""
    kept: list[bytes] = []

    async def loaded() -> bytes:
        if not kept:
            kept.append(await load())
        return kept[0]

    return loaded


async def unseen(reply: Reply) -> None:
    """Nobody watches the progress."""


@dataclass(frozen=True, slots=True)
class Request:
    """One thing somebody wants: a text as it was written, a command with typed options, or a pressed button.

    `key` is the same whenever the platform brings the same event again; `repeated` says that this event was
    begun before and not finished, `kept` that it will be begun again if the database cannot be reached. `patience` is
    how many seconds an answer may wait for an unclear invite. `show` paints a passing state into the message that the
    answer will take over. `message` names the message that the platform brought, and `edited` is the same name where
    it is another wording of a message that came before; `reply_to` names the message that it answers,
    and `buttons_above` the buttons of that. `media` names
    what a message was that held no words: voice, photo, sticker or something else. In a group, `addressed` says that the
    bot is meant, by a mention or by a reply to what it wrote, and `speaker` is what the others call the person.
    """

    actor: Actor
    key: str
    language: str
    chat: Chat
    text: str = ""
    command: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    pressed: str | None = None
    media: str = ""
    attachments: Sequence[Attachment] = ()
    message: str = ""
    reply_to: str = ""
    buttons_above: tuple[str, ...] = ()
    edited: str = ""
    addressed: bool = False
    speaker: str = ""
    repeated: bool = False
    kept: bool = False
    confirmed: bool = False
    patience: float = 20.0
    show: Callable[[Reply], Awaitable[None]] = unseen

    @property
    def files(self) -> list[Attachment]:
        """What may be a list or a document: neither picture nor sound."""
        return [one for one in self.attachments if one.kind == "file"]
