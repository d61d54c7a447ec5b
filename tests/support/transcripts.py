"""What was said in a story, as it can be read: `python -m tests.support.transcripts [STORY …]` tells them and prints it.

Stories are told on each chat in both languages, by the tests of `tests/stories`; here each line is written down.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tests.support.chats import Chat

VARIABLE: Final = "TRANSCRIPTS_TO"
"""Names the folder that stories are written to; without it nothing is."""
USUAL: Final = ("test_a_stranger[", "test_a_day", "test_a_week", "test_the_operator")
"""The stories that are told where none is named."""


def keep(chat: Chat, name: str) -> None:
    """Write down what is said in this chat from now on, where that is asked for."""
    folder = os.environ.get(VARIABLE)
    if folder is None:
        return
    # What a story was told of stands in its name, and may hold what no name of a file may.
    file = Path(folder) / f"{name.replace('/', '_')}.txt"
    say, press = chat.say, chat.press

    async def write(mark: str, said: str, answer: str) -> str:
        buttons = "".join(f"\n    [{label}]" for label in chat.buttons)
        files = "".join(f"\n    ({name}, {len(content)} bytes)" for name, content in chat.files)
        shown = "\n".join(f"    {line}".rstrip() for line in answer.splitlines())
        with file.open("a", encoding="utf-8") as out:
            out.write(f"{mark} {said}\n{shown}{files}{buttons}\n\n")
        return answer

    async def said(text: str) -> str:
        return await write(">", text if len(text) < 300 else f"{text[:300]} …", await say(text))

    async def pressed(label: str) -> str:
        return await write("[]", label, await press(label))

    chat.say, chat.press = said, pressed  # type: ignore[method-assign]


def main(stories: list[str]) -> int:
    """Tell the stories and print them. Returns what pytest says."""
    with TemporaryDirectory() as folder:
        os.environ[VARIABLE] = folder
        code = pytest.main(["-q", "-p", "no:randomly", "tests/stories", "-k", " or ".join(stories or USUAL)])
        for file in sorted(Path(folder).iterdir()):
            print(f"===== {file.stem}\n\n{file.read_text('utf-8')}")
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
