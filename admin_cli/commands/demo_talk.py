"""Who says what in the demo, and what was answered."""

from __future__ import annotations

import itertools
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bots.answering import Answering, NoBrush
from bots.commands.buttons import store_buttons
from bots.commands.dispatch import dispatch
from bots.commands.member.answered import pushed
from bots.commands.request import Chat, Request
from bots.messages.rendering import Look, render
from bots.messages.reply import Button, Reply
from core.actors import Actor, Role
from core.people.people import recognise
from core.talk import answers

if TYPE_CHECKING:
    from admin_cli.commands.demo_stage import Stage

PLATFORM = "terminal"


@dataclass(slots=True)
class Talk:
    """One conversation: who says what to Usher, and what came of it."""

    stage: Stage
    language: str
    quiet: bool
    said: list[str] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def say(self, who: str, text: str, *, role: Role = Role.ANYONE) -> Reply:
        """`who` writes `text`; the answer."""
        self.tell(f"{who} › {text}")
        return await self._ask(who, role, text=text)

    async def press(self, who: str, button: Button, *, role: Role = Role.ANYONE) -> Reply:
        """`who` presses a button of an answer; the answer to that."""
        label = render(Reply(button.label.key, button.label.facts), self._look).texts[0]
        self.tell(f"{who} presses [{label}]")
        return await self._ask(who, role, pressed=button.nonce)

    async def confirm(self, who: str, reply: Reply, *, role: Role) -> Reply:
        """Press the button that confirms, where the answer wants one."""
        button = next((one for row in reply.buttons for one in row if one.confirmed), None)
        return reply if button is None else await self.press(who, button, role=role)

    @property
    def _look(self) -> Look:
        return Look(self.language, "plain", 4000)

    async def _ask(self, who: str, role: Role, *, text: str = "", pressed: str | None = None) -> Reply:
        core = self.stage.core
        known = await recognise(core, PLATFORM, who)
        actor = Actor(PLATFORM, who, max(role, known.role), known.person_id, self.language)
        request = Request(
            actor=actor,
            key=f"demo:{next(self._numbers)}",
            language=self.language,
            chat=Chat(PLATFORM, who),
            text=text,
            pressed=pressed,
            patience=20.0,
        )
        reply = await dispatch(core, request)
        if reply is None:
            raise Unexpected("nothing was answered")
        if reply.turn is not None:
            reply = await self._answered(actor, reply.turn)
        for words in render(reply, self._look).texts:
            self.tell("\n".join(f"    {line}" for line in words.splitlines()))
        return reply

    async def _answered(self, actor: Actor, turn: int) -> Reply:
        """What a model answers, when it is whole."""
        core = self.stage.core
        await Answering(core, {PLATFORM: lambda _: NoBrush()}).run_one(turn)
        reply = await pushed(core, turn)
        if reply is None:
            raise Unexpected("the question was not answered")
        await answers.note_shown(core, turn, PLATFORM, actor.identity, str(turn))
        return await store_buttons(core, actor.key, reply)

    def expect(self, true: bool, wrong: str) -> None:
        """Go on if it is so. Raises: Unexpected."""
        expect(true, wrong)

    def tell(self, text: str) -> None:
        """Show one line, and keep it."""
        self.said.append(text)
        if not self.quiet:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()


class Unexpected(Exception):
    """A step did something else than it should; the message says what."""


def expect(true: object, otherwise: str) -> None:
    """Go on if it is so. Raises: Unexpected."""
    if not true:
        raise Unexpected(otherwise)
