"""What a command answers, before it has words: keys of Fluent texts, facts, buttons and files.

A `Reply` knows no platform. `bots.messages.rendering` gives it words and bounds, a binding puts it on the wire.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from bots.messages.markdown import Written

Facts: TypeAlias = Mapping[str, Any]
"""What fills a text: str, int, datetime (shown in the reader's zone), a list of str or of `Say`, or a `Say` of its own."""

ReplyState: TypeAlias = Literal["ok", "asking", "refused", "failed", "working"]
Style: TypeAlias = Literal["plain", "primary", "danger"]


@dataclass(frozen=True, slots=True)
class Say:
    """One text: the key of its Fluent message and what fills it."""

    key: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prose:
    """What staff wrote for others, as a fact: in its own lines and its whole length."""

    text: str


@dataclass(frozen=True, slots=True)
class Brief:
    """A moment in a list, as a fact: day and time in the reader's zone, and the year only where it is another one."""

    moment: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Until:
    """The end of something, as a fact: short times are said as such (“in 15 minutes”), longer ones by their end."""

    moment: datetime
    now: datetime


def spans(facts: Facts, now: datetime) -> dict[str, Any]:
    """The facts of a refusal, with its end as seen from `now`."""
    until = facts.get("until")
    return {**facts, "until": Until(until, now)} if isinstance(until, datetime) else dict(facts)


@dataclass(frozen=True, slots=True)
class Button:
    """A button does what writing `/command arguments` would do, in one tap.

    Dispatch stores it and sets `nonce`, all that a platform ever carries. `once` buttons work a single time.
    `confirmed` reaches the handler as `request.confirmed`. `replaces` lets the answer take the place of the message
    with the button, as paging and confirming want it. `owner` is the identity key that may press it: None
    is whoever the reply goes to, `*` is everybody whose role reaches the command. A `url` button is a plain link.
    `line` is the number of the line of the list above that the button belongs to; its label says it, as in `#3`.
    """

    label: Say
    command: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    confirmed: bool = False
    once: bool = False
    replaces: bool = True
    minutes: int = 7 * 24 * 60
    owner: str | None = None
    style: Style = "plain"
    url: str | None = None
    nonce: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file to attach; `image` ones are shown as a picture, with the `caption` where a platform has captions."""

    name: str
    content: bytes
    image: bool = False
    caption: Say | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer.

    key, facts   the first paragraph
    items        a list below it, one line each; long lists belong on pages (`bots.commands.paging`)
    more         paragraphs after the list
    buttons      rows of buttons
    private      holds addresses, codes or anything personal: never shown in a group
    replace      a pressed button's message is edited into this; otherwise it stands below it
    toast        a pressed button is answered by a short notice over the chat, and nothing else changes
    delete_request  the message that was answered holds a secret and is deleted where the platform allows it
    undeleted    the text that takes the place of `key` where that message could not be deleted
    asks         the argument that is asked for, so that a platform with forms can show one
    language     the one to answer in, where it is another than the asker's was until now
    written      what a model wrote, in the place of the first paragraph
    turn         the question that was kept, whose answer comes by itself
    silent       where the platform shows what was asked, nothing more is said
    timezone     the zone that moments are written in, where the reader has one of their own
    unit         what the shop calls its credit, where it has a word of its own
    vanishes     it shows a secret: the message is taken away after so long, unless the notice of this name is withdrawn
    menu         what the asker may do, or the language of it, has changed: a platform's menu is shown anew
    """

    key: str
    facts: Facts = field(default_factory=dict)
    items: Sequence[Say] = ()
    more: Sequence[Say] = ()
    buttons: Sequence[Sequence[Button]] = ()
    files: Sequence[File] = ()
    state: ReplyState = "ok"
    private: bool = True
    replace: bool = True
    toast: bool = False
    delete_request: bool = False
    undeleted: str | None = None
    asks: tuple[str, str] | None = None
    language: str | None = None
    written: Written | None = None
    turn: int | None = None
    silent: bool = False
    timezone: str | None = None
    unit: str = ""
    vanishes: tuple[str, timedelta] | None = None
    menu: bool = False

    def with_more(self, said: Say, row: Sequence[Button]) -> Reply:
        """The same with one more paragraph, and a row of buttons below all others."""
        return replace(self, more=(*self.more, said), buttons=(*self.buttons, row))
