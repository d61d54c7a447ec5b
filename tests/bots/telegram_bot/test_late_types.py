"""aiogram's types are made when they are first used, and are then what they always were."""

from __future__ import annotations

from tests.support.processes import Processes

LOOK = """
import json, sys
if sys.argv[1] == "at once":
    import aiogram
import bots.telegram_bot.app
from aiogram.methods import SendMessage
from aiogram.methods.base import Response
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from aiogram.types.base import TelegramObject

def below(cls):
    return {cls}.union(*(below(one) for one in cls.__subclasses__()))

made = sum(cls.__pydantic_complete__ for cls in below(TelegramObject))
message = {"message_id": 1, "date": 1770000000, "chat": {"id": 1, "type": "private"}, "text": "x",
           "from": {"id": 2, "is_bot": False, "first_name": "A"}, "entities": [{"type": "url", "offset": 0, "length": 1}],
           "reply_to_message": {"message_id": 3, "date": 1, "chat": {"id": 1, "type": "private"}}}
update = Update.model_validate({"update_id": 5, "message": message})
answer = Response[Message].model_validate({"ok": True, "result": message})
keys = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="a", callback_data="b")]])
sending = SendMessage(chat_id=1, text="x", reply_markup=keys)
said = [one.model_dump(mode="json", exclude_none=True, warnings=False) for one in (update, answer)]
said += [repr(update), repr(answer), repr(sending), sorted(sending.model_dump(warnings=False))]
print(json.dumps({"made": made, "said": said}))
"""


def test_types_made_late_are_the_same(processes: Processes) -> None:
    late = processes.start_python("-c", LOOK, "late").finish().expect().json()
    at_once = processes.start_python("-c", LOOK, "at once").finish().expect().json()
    assert late["said"] == at_once["said"]
    assert late["made"] < at_once["made"] / 2, (
        "aiogram builds its types elsewhere now: see bots.telegram_bot.late_types"
    )
