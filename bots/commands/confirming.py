"""A plain yes or no, written below what is to be confirmed: it is the answer to that, and nothing to ask a model.

It counts for whom the question is, where it was asked, and only while nothing else was said to them since. Whoever
replies to the very message with the button has said what they mean, whatever stands below it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bots.commands import small_talk
from bots.commands.asking import CANCEL
from bots.commands.dialogue import Dialogue, keep_dialogue, open_dialogue
from bots.commands.member.talk import place_of
from bots.commands.request import Request
from bots.messages.reply import Reply
from core.people.buttons import awaits
from core.service import Core
from core.talk.places import spoken_since

CONFIRM = "confirm"
"""In the place of a command: `asked` is the button that waits to be pressed, `values` say where and since when."""


@dataclass(frozen=True, slots=True)
class YesOrNo:
    """What was said to the question of this button."""

    nonce: str
    yes: bool


def is_one(dialogue: Dialogue | None) -> bool:
    """Is it something that is to be confirmed?"""
    return dialogue is not None and dialogue.command == CONFIRM


async def note(core: Core, request: Request, reply: Reply) -> None:
    """Remember what this reply asks to confirm; one that asks nothing of that kind stands below what did."""
    if (nonce := _to_confirm(reply)) is None:
        if not reply.toast and (reply.state in {"refused", "failed"} or request.edited or not request.chat.private):
            await forget(core, request)
        return
    before = await open_dialogue(core, request.actor.key, request.key)
    if not request.chat.private and before is not None and not is_one(before):
        return  # what is asked in the private chat waits on
    values = {"chat": request.chat.id, "at": core.now().isoformat()}
    await keep_dialogue(core, request.actor.key, request.key, before, Dialogue(CONFIRM, nonce, values))


async def forget(core: Core, request: Request) -> None:
    """Something else was said since: a yes is no answer any more."""
    await closed(core, request, await open_dialogue(core, request.actor.key, request.key))


async def closed(core: Core, request: Request, dialogue: Dialogue | None) -> Dialogue | None:
    """The dialogue as it goes on: what was to be confirmed does not."""
    if not is_one(dialogue):
        return dialogue
    await keep_dialogue(core, request.actor.key, request.key, dialogue, None)
    return None


async def opened(core: Core, request: Request, text: str) -> Dialogue | None:
    """What is open for somebody in a group; looked up only where they say yes or no."""
    return None if small_talk.agrees(text) is None else await open_dialogue(core, request.actor.key, request.key)


async def answer(core: Core, request: Request, text: str, dialogue: Dialogue | None) -> YesOrNo | None:
    """Whether this text is the yes or the no to something that waits to be confirmed, and to what; None otherwise."""
    yes = small_talk.agrees(text)
    if yes is None or request.attachments or request.edited:
        return None
    if request.reply_to:
        for nonce in request.buttons_above:
            if await awaits(core, request.actor, nonce, request.key) is not None:
                return YesOrNo(nonce, yes)
        return None
    if dialogue is None or not is_one(dialogue) or dialogue.values["chat"] != request.chat.id:
        return None
    waits = await awaits(core, request.actor, dialogue.asked, request.key)
    since = datetime.fromisoformat(dialogue.values["at"])
    if waits is None or (waits == "free" and await spoken_since(core, request.actor, place_of(request), since)):
        return None
    return YesOrNo(dialogue.asked, yes)


def _to_confirm(reply: Reply) -> str | None:
    """The button that confirms what is asked, where the other one cancels it."""
    buttons = [button for row in reply.buttons for button in row]
    once = [button for button in buttons if button.confirmed and button.once]
    cancels = any(button.command == CANCEL for button in buttons)
    asking = reply.state == "asking" and reply.asks is None and not reply.toast
    return once[0].nonce if asking and cancels and len(once) == 1 else None
