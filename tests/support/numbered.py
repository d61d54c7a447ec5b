"""The number of a line in a list is the number of its button, in every answer of every story."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from tests.support.chats import Chat

HEAD = re.compile(r"^\W*#(\d+)\b", re.MULTILINE)
"""The number that a line begins with, behind a picture."""
COUNTED = re.compile(r"^(\d+)\. \S", re.MULTILINE)
SAID = re.compile(r"#(\d+)\b")


def misnumbered(text: str, buttons: Sequence[str], signs: Sequence[str] = ()) -> list[str]:
    """What is wrong about the buttons below a list. `signs` are what is typed for each, where they are typed."""
    heads = [int(one) for one in HEAD.findall(text)]
    counted = COUNTED.findall(text)
    said = [{int(one) for one in SAID.findall(label)} for label in buttons]
    wrong = []
    listed = any(one & {*heads} for one in said)
    if len(heads) > 1 and listed:
        wrong += [f"line {head} has no button" for head in heads if not any(head in one for one in said)]
    for sign, label, numbers in zip(signs, buttons, said, strict=bool(signs)):
        typed = re.match(r"\d+", sign)
        number = None if typed is None else int(typed[0])
        if number in heads and number not in numbers and (listed or len(heads) > 1):
            wrong.append(f"{sign} presses “{label}”, which is not of line {number}")
        if sign in counted and len(counted) > 1:
            wrong.append(f"{sign} presses “{label}”, and stands before a line that is no button")
        if len(numbers & {*heads}) == 1 and numbers & {*heads} != {number}:
            wrong.append(f"“{label}” is pressed by {sign}")
    return wrong


Doing: TypeAlias = Callable[[str], Coroutine[Any, Any, str]]


def watch(chat: Chat, seen: list[str]) -> None:
    """From now on, look at everything that is answered in this chat; what is wrong comes into `seen`."""
    say, press = chat.say, chat.press

    def looking(do: Doing) -> Doing:
        async def done(said: str) -> str:
            answer = await do(said)
            seen.extend(f"{said}: {one}" for one in misnumbered(answer, chat.buttons, chat.signs))
            return answer

        return done

    chat.say, chat.press = looking(say), looking(press)  # type: ignore[method-assign, assignment]
