"""What a chat was asked and has answered so far, kept where a restart forgets nothing.

The state also keeps how it was before the last event. The same event, brought again after a crash, starts from
there and comes to the same state, instead of answering the next question with the last answer.

Questions whose answer cannot be taken back are no dialogue: they are buttons, whose rows say who may press them, until
when, and by which event they were used up. Those are always in the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.service import Core


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A command that lacks an argument: `values` are the raw texts given so far, `asked` is the missing one."""

    command: str
    asked: str
    values: dict[str, str] = field(default_factory=dict)


async def open_dialogue(core: Core, identity: str, request_key: str) -> Dialogue | None:
    """The dialogue this event finds: the same one, however often the event is brought."""
    state = await core.dialogues.load(identity)
    if state is None:
        return None
    found = state["before"] if state["key"] == request_key else state["now"]
    return None if found is None else Dialogue(**found)


async def keep_dialogue(
    core: Core, identity: str, request_key: str, before: Dialogue | None, now: Dialogue | None
) -> None:
    """Remember what is asked now; None ends the dialogue."""
    if before is None and now is None:
        return
    await core.dialogues.save(identity, {"key": request_key, "before": _plain(before), "now": _plain(now)})


async def was_lost(core: Core, identity: str, request_key: str) -> bool:
    """May what this person writes be the answer to a question that is forgotten? True for one event, then it is told."""
    state = await core.dialogues.load(identity)
    if state is None or not state.get("lost") or state["key"] not in {"", request_key}:
        return False
    await core.dialogues.save(identity, {**state, "key": request_key})
    return True


def _plain(dialogue: Dialogue | None) -> dict[str, Any] | None:
    if dialogue is None:
        return None
    return {"command": dialogue.command, "asked": dialogue.asked, "values": dialogue.values}
