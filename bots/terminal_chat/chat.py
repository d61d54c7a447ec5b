"""A conversation without a platform: say, press, read. The terminal shows it, the demonstration plays it."""

from __future__ import annotations

import asyncio
import secrets
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bots.answering import FOR_EVER, Answering, Picture
from bots.commands import small_talk
from bots.commands.buttons import store_buttons
from bots.commands.catalogue import as_command, find_command
from bots.commands.dispatch import dispatch
from bots.commands.member.answered import pushed
from bots.commands.request import Attachment, Chat, Request, kind_of, once
from bots.messages.blocks import Markup, print_block
from bots.messages.markdown import cleaned, parse
from bots.messages.rendering import Key, Look, Rendered, render, words
from bots.messages.reply import File, Reply, Say
from bots.terminal_chat.signs import asks_for_numbers, lines_of, signs_of
from core.actors import Actor, Role
from core.leases.receipts import read_receipt
from core.people import people
from core.people import report as members
from core.service import Core
from core.talk import answers, turns

PLATFORM = "terminal"
ANSWER = "talk-answer"
FORGOTTEN = "talk-failed-stopped"
PAINT_EVERY = 0.05
LINE = 1_000
"""Characters of a line that is being written, as far as it is looked at."""
BUTTON_DIGITS = 3
"""Of a number that may have been meant for a button; a longer one is something said."""
LIMIT = 20_000
"""Characters of one message: a terminal scrolls."""


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """One message as the person sees it. `passing` ones are replaced by what follows.

    Of an answer that is being written, `whole` is what will not change any more, and `text` the line that grows.
    `signs` are what is typed to press each of the buttons; without them they are numbered.
    """

    text: str
    buttons: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    passing: bool = False
    key: str = ""
    whole: str = ""
    signs: tuple[str, ...] = ()


OnShown = Callable[[ShownMessage], None]


def nobody_looks(_: ShownMessage) -> None:
    """What is shown is only returned."""


class TerminalChat:
    """One person's chat. `role` is what the caller vouches for; a claimed role counts as well."""

    def __init__(
        self,
        core: Core,
        *,
        identity: str = "you",
        role: Role = Role.ANYONE,
        language: str | None = None,
        markup: Markup = "plain",
        patience: float = 20.0,
        on_shown: OnShown = nobody_looks,
    ) -> None:
        self._core = core
        self._identity = identity
        self._role = role
        self._asked_language = language
        self._markup: Markup = markup
        self._patience = patience
        self._on_shown = on_shown
        self._session = secrets.token_hex(6)
        self._count = 0
        self._keys: list[tuple[str, Key]] = []
        self._lines: frozenset[int] = frozenset()
        self._pressing = False
        """Have the newest buttons numbers, and is nothing asked for that a number could answer?"""
        self._watched: set[int] = set()
        self._asked: set[int] = set()
        self._answering: set[int] = set()
        self._one_answer = asyncio.Lock()
        """Answers are shown one after the other: two that grow at once could not be read."""
        self.begun = asyncio.Event()
        """Set while an answer is being written."""
        self.last: ShownMessage | None = None

    @property
    def answers(self) -> bool:
        """Is an answer being written?"""
        return bool(self._answering)

    @property
    def labels(self) -> list[str]:
        """The buttons that can be pressed now."""
        return [key.label for _, key in self._keys]

    def button(self, typed: str) -> Key | None:
        """The button that can be pressed by typing this: what stands before it, or all that stands on it."""
        wanted = unicodedata.normalize("NFKC", typed).strip().removeprefix("#").casefold()
        by_sign = next((key for sign, key in self._keys if sign == wanted), None)
        return by_sign or next((key for _, key in self._keys if key.label == typed.strip()), None)

    def beside(self, typed: str) -> list[str] | None:
        """What can be typed instead of a number that is no button, where buttons have numbers; None of anything else."""
        wanted = typed.strip().removeprefix("#")
        if not wanted.isdecimal() or not (
            int(wanted) in self._lines or (self._pressing and len(wanted) <= BUTTON_DIGITS)
        ):
            return None
        return [sign for sign, key in self._keys if key.line == int(wanted)]

    @staticmethod
    def ends_an_answer(text: str) -> bool:
        """Does it say that what is being written should end?"""
        if (written := as_command(text)) is None:
            return small_talk.heard(text) == "cancel"
        name = written.split()[0]
        command = find_command(name)
        return name.casefold() == "cancel" or (command is not None and command.name == "stop")

    async def send(
        self, text: str, *, files: Sequence[Path] = (), key: str | None = None, kept: asyncio.Event | None = None
    ) -> list[ShownMessage]:
        """Say something; returns everything shown, passing messages included. The same `key` is the same message.

        `kept` is set when it is a question that is kept, and only its answer is waited for.
        """
        attachments = tuple(_attachment(path) for path in files)
        return await self._turn(text=text, attachments=attachments, key=key, kept=kept)

    async def press(self, label: str, *, key: str | None = None) -> list[ShownMessage]:
        """Press the newest button of that label, or one that begins so. Raises: KeyError."""
        found = next((one for _, one in self._keys if one.label == label), None)
        found = found or next((one for _, one in self._keys if label in one.label), None)
        if found is None or found.nonce is None:
            raise KeyError(label)
        return await self.press_key(found, key=key)

    async def press_key(
        self, button: Key, *, key: str | None = None, kept: asyncio.Event | None = None
    ) -> list[ShownMessage]:
        """Press this button; `kept` as in `send`."""
        return await self._turn(pressed=button.nonce, key=key, kept=kept)

    async def stop(self) -> None:
        """End the answer that is being written; it says so itself, below what there is of it."""
        reply = await dispatch(self._core, self._request(await self._actor(), text="/stop"))
        if reply is not None and not self.answers:
            self._show(await self._actor(), reply)

    async def news(self) -> list[ShownMessage]:
        """What became meanwhile of redemptions that were unclear when they were answered."""
        shown = []
        for turn_id in await self._core.read(turns.unseen, PLATFORM, self._identity):
            shown += await self._answered(turn_id) if turn_id not in self._asked else []
        for redemption_id in sorted(self._watched):
            receipt = await self._core.read(read_receipt, redemption_id)
            if receipt.state == "unclear":
                continue
            self._watched.discard(redemption_id)
            facts = {"address": receipt.address, "team": receipt.team, "code": receipt.code_last4}
            template = "redemption_refused" if receipt.state == "refused" else receipt.state
            reason = Say(f"reason-{receipt.reason}") if receipt.reason else ""
            reply = Reply(f"notice-{template}", {**facts, "reason": reason})
            shown += self._show(await self._actor(), reply)
        return shown

    async def _turn(
        self,
        *,
        text: str = "",
        pressed: str | None = None,
        attachments: Sequence[Attachment] = (),
        key: str | None = None,
        kept: asyncio.Event | None = None,
    ) -> list[ShownMessage]:
        actor = await self._actor()
        passed: list[ShownMessage] = []

        async def show(reply: Reply) -> None:
            passed.extend(self._show(actor, reply, passing=True))

        request = self._request(actor, text=text, pressed=pressed, attachments=attachments, show=show)
        reply = await dispatch(self._core, request if key is None else replace(request, key=key))
        if reply is None:
            return passed
        if reply.turn is not None:
            waiting = [] if reply.silent else self._show(actor, reply)
            return [*passed, *waiting, *await self._answered(reply.turn, kept)]
        mine = await members.my_seat(self._core, actor)
        self._watched.update(one.redemption_id for one in mine.under_way)
        return [*passed, *self._show(await self._actor(), reply)]

    def _request(self, actor: Actor, **what: Any) -> Request:
        self._count += 1
        return Request(
            actor=actor,
            key=f"terminal:{self._session}:{self._count}",
            language=self._language(actor),
            chat=Chat(PLATFORM, self._identity),
            patience=self._patience,
            **what,
        )

    async def _answered(self, turn_id: int, kept: asyncio.Event | None = None) -> list[ShownMessage]:
        """Stay with a question until its answer is here, which is shown as it comes, below the one before it."""
        passed: list[ShownMessage] = []

        def show(whole: str, line: str) -> None:
            shown = ShownMessage(line, passing=True, key=ANSWER, whole=whole)
            passed.append(shown)
            self._on_shown(shown)

        self._asked.add(turn_id)
        self._answering.add(turn_id)
        self.begun.set()
        if kept is not None:
            kept.set()
        try:
            waited = self._one_answer.locked()
            async with self._one_answer:
                easels = {PLATFORM: lambda turn: _Blocks(show, self._markup, turn.language)}
                await Answering(self._core, easels).run_one(turn_id)
                return [*passed, *await self._told(turn_id, waited=waited)]
        finally:
            self._answering.discard(turn_id)
            if not self._answering:
                self.begun.clear()

    async def _told(self, turn_id: int, *, waited: bool) -> list[ShownMessage]:
        reply = await pushed(self._core, turn_id)
        await answers.note_shown(self._core, turn_id, PLATFORM, self._identity, str(turn_id))
        if reply is None or (waited and reply.key.startswith(FORGOTTEN)):
            return []  # ended with the answer that it waited for, which has said so
        actor = await self._actor()
        return self._show(actor, await store_buttons(self._core, actor.key, reply))

    async def _actor(self) -> Actor:
        actor = await people.recognise(self._core, PLATFORM, self._identity)
        return replace(actor, role=max(actor.role, self._role))

    def _language(self, actor: Actor) -> str:
        return actor.language or self._asked_language or self._core.settings.language

    def _show(self, actor: Actor, reply: Reply, *, passing: bool = False) -> list[ShownMessage]:
        settings = self._core.settings
        look = Look(self._language(actor), self._markup, LIMIT, settings.timezone, settings.money.unit)
        rendered: Rendered = render(reply, look)
        if not passing and not reply.toast:
            keys = [key for row in rendered.keys for key in row]
            self._lines = lines_of(reply, keys)
            self._pressing = bool(keys) and reply.asks is None
            self._keys = list(zip(signs_of(keys, self._lines, letters=asks_for_numbers(reply)), keys, strict=True))
        shown = []
        for number, text in enumerate(rendered.texts, start=1):
            last = number == len(rendered.texts)
            below = self._keys if last and not passing and not reply.toast else []
            labels, signs = tuple(key.label for _, key in below), tuple(sign for sign, _ in below)
            files = rendered.files if last else ()
            shown.append(ShownMessage(text, labels, files, passing, reply.key, signs=signs))
        for one in shown:
            self._on_shown(one)
        if shown and not passing:
            self.last = shown[-1]
        return shown


class _Blocks:
    """Shows what is whole of an answer, block by block, and the line that is being written."""

    repeat = FOR_EVER

    def __init__(self, show: Callable[[str, str], None], markup: Markup, language: str) -> None:
        self._show = show
        self._markup: Markup = markup
        self._look = Look(language, markup, LINE)
        self._last = ("", "")

    async def paint(self, picture: Picture) -> float:
        began = time.monotonic()
        blocks = await asyncio.to_thread(parse, picture.text)
        whole = "\n\n".join(print_block(one, self._markup) for one in blocks[:-1])
        line = cleaned(picture.text[-LINE:]).rstrip("\n").rpartition("\n")[2] or "…"
        if (waits := picture.waits) is not None:
            line = words(waits, self._look)
        if (whole, line) != self._last:
            self._show(whole, line)
            self._last = (whole, line)
        # Reading takes longer the more there is: four fifths of the time are left to what else goes on here.
        return max(PAINT_EVERY, 4 * (time.monotonic() - began))

    async def close(self) -> str | None:
        return None


def _attachment(path: Path) -> Attachment:
    async def load() -> bytes:
        return path.read_bytes()  # noqa: ASYNC240 - a file of this machine, named by who sits at it

    return Attachment(path.name, path.stat().st_size, once(load), kind_of(path.name))
