"""An answer at a terminal: it grows by its blocks, stands there once, and is what it is without having been watched."""

from __future__ import annotations

import io
from random import Random

import pytest
from rich.cells import cell_len
from rich.console import Console

from bots.answering import Picture
from bots.messages.blocks import parts
from bots.messages.markdown import parse
from bots.terminal_chat.app import Screen
from bots.terminal_chat.chat import ANSWER, ShownMessage, _Blocks
from core.sandbox.chat_texts import KINDS

TEXT = (
    "# Foxes\n\nThey are *quick*.\n\n- red\n- grey\n  - small\n\n```python\nprint(1)\n\nprint(2)\n```\n\nThat is `all`."
)


def plain(written: str) -> list[str]:
    """The lines that somebody reads."""
    return [line.rstrip() for line in written.split("\n") if line.strip()]


@pytest.mark.parametrize(
    "text", [TEXT, KINDS["torture"]("", Random(1)), KINDS["table"]("", Random(1))], ids=["usual", "torture", "table"]
)
async def test_an_answer_is_written_block_by_block_and_once(text: str):
    out = io.StringIO()
    screen = Screen(Console(file=out, width=200, highlight=False))
    steps: list[int] = []

    def show(whole: str, line: str) -> None:
        screen.show(ShownMessage(line, passing=True, key=ANSWER, whole=whole))
        steps.append(len(out.getvalue()))

    brush = _Blocks(show, "plain", "en")
    picture = Picture()
    await brush.paint(picture)
    for start in range(0, len(text), 5):
        picture.pieces.append(text[start : start + 5])
        await brush.paint(picture)
    grown = len(set(steps))
    final = "\n\n".join(parts(parse(text), "plain", 20_000))
    screen.show(ShownMessage(final, key=ANSWER))
    assert plain(out.getvalue()) == plain(final)
    assert grown >= len(parse(text)) - 1, "each block stood there as soon as it was whole"
    # The next answer begins anew.
    screen.show(ShownMessage(final, key=ANSWER))
    assert plain(out.getvalue()) == [*plain(final), *plain(final)]


@pytest.mark.parametrize("width", [20, 40, 80])
def test_a_button_is_not_broken_where_there_is_room_for_it(width: int):
    out = io.StringIO()
    labels = ("🎟 兑换码", "👤 人员", "🏠 系统", "Merge into …", "⏸ 停用", "🙂 所有人可用")
    Screen(Console(file=out, width=width, highlight=False)).show(ShownMessage("", buttons=labels))
    lines = [line.rstrip() for line in out.getvalue().splitlines() if line.strip()]
    for number, label in enumerate(labels, start=1):
        assert sum(f"{number}  {label}" in line for line in lines) == 1, lines
    assert all(cell_len(line) <= width for line in lines)
