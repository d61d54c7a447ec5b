"""Writing down what was spoken: a call of its own to a model of its own, before the question that it is.

The words take the place of the sound in the same transaction that pays for them, so it happens once, and the sound is
not kept any longer than it takes.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.calls import calls as asking
from core.calls.orders import Answer, CallOrder, Listener, unheard
from core.errors import RequestKeyReused
from core.models.protocol import Sound
from core.people.talk_privacy import NOBODY
from core.storage.chat_tables import attachments, messages
from core.storage.talk_rows import AttachmentRow, TurnRow
from core.talk import turns as turning
from core.talk.contents import Said, seal, unseal, unseal_word
from core.talk_errors import NobodyHears, TooManyAtOnce

if TYPE_CHECKING:
    from core.actors import Actor
    from core.service import Core

TRIES = 2
"""Calls for one sound: the first, and one more where its process was killed."""


async def write_down(
    core: Core, turn: TurnRow, token: str, actor: Actor, payer: Actor, listener: Listener
) -> bool | None:
    """Put words in the place of what was spoken in the question of a claimed turn.

    Whoever pays for the question pays for this too, within the same limit. Returns None where the question can be
    asked now; else whether the turn is over, as when nothing was understood.
    """
    while turn.person_id and turn.payer != NOBODY and (row := await core.read(_unheard, turn.question_id)) is not None:
        found = await _heard(core, turn, row, actor, payer, listener)
        if found.text:
            await core.write(_note, core, row, found.text)
            continue
        if listener.leaving and not listener.stopped:
            return False
        waits = found.reason == TooManyAtOnce.key and found.call_id is None
        if found.state not in {"settled", "refused"} or (waits and not listener.stopped):
            await core.write(turning.step_back, turn, token, core.now())
            return False
        reason = "stopped" if listener.stopped or found.finish == "stopped" else found.reason
        reason = "nothing_heard" if reason in {None, "empty_answer"} else reason
        facts = dict(found.facts)
        return await core.write(turning.end, turn, token, "failed", core.now(), reason=reason, facts=facts)
    return None


async def _heard(
    core: Core, turn: TurnRow, row: AttachmentRow, actor: Actor, payer: Actor, listener: Listener
) -> Answer:
    talk = core.settings.talk
    if not talk.transcription_model:
        return Answer(None, "refused", "", reason=NobodyHears.key)
    name = unseal_word(core.vault, "attachments", row.reference, "name", row.name)
    content = unseal_word(core.vault, "attachments", row.reference, "content", row.content)
    sound = Sound(name, base64.b64decode(content))

    def also(tx: sa.Connection, settled: Answer) -> None:
        if settled.text:
            _note(tx, core, row, settled.text)

    for number in range(1, TRIES + 1):
        order = CallOrder(
            f"turn:{turn.request_key}:heard:{row.id}:{number}",
            (),
            "chat",
            talk.transcription_model,
            sound=sound,
            turn_id=turn.id,
            sponsored=turn.payer is not None,
        )
        wait = talk.longest + talk.claim
        silent = replace(listener, deliver=unheard)
        try:
            found = await asking.ask(core, actor, order, payer=payer, listener=silent, also=also, wait=wait)
        except RequestKeyReused:
            # Another model writes down since a killed process asked: what became of that counts.
            earlier = await asking.earlier(core, order.request_key)
            assert earlier is not None, "the key was used"  # noqa: S101
            found = earlier
        if found.text or not found.repeated or listener.stopped:
            break
    return found


def _unheard(tx: sa.Connection, message_id: int) -> AttachmentRow | None:
    voice = sa.select(attachments).where(attachments.c.message_id == message_id, attachments.c.kind == "voice")
    return tx.execute(voice.order_by(attachments.c.id).limit(1)).one_or_none()


def _note(tx: sa.Connection, core: Core, row: AttachmentRow, heard: str) -> None:
    """The words are the message's, behind what was written beside the sound; whoever comes second changes nothing."""
    if tx.execute(sa.delete(attachments).where(attachments.c.id == row.id)).rowcount != 1:
        return
    message = tx.execute(sa.select(messages).where(messages.c.id == row.message_id).with_for_update()).one()
    said = unseal(core.vault, message)
    text = "\n\n".join(part for part in (said.text, heard.strip()) if part)
    longer = len(text.encode("utf-8", "surrogatepass")) - len(said.text.encode("utf-8", "surrogatepass"))
    content = seal(core.vault, message.reference, Said(text, said.speaker))
    values = {"content": content, "size": message.size + longer}
    tx.execute(sa.update(messages).where(messages.c.id == message.id).values(**values))
