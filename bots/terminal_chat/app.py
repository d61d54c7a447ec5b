"""`usher chat`: the bots' commands at a prompt, with completion, history and numbered buttons."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from bots.commands.catalogue import commands_for
from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from bots.terminal_chat.chat import ANSWER, ShownMessage, TerminalChat

if TYPE_CHECKING:
    from core.actors import Role
    from core.service import Core

NEWS_EVERY = 1.0


async def chat(core: Core, *, role: Role, language: str | None = None) -> None:
    """Talk until Ctrl+D, `exit` or `quit`. A number presses the button of that number; `@FILE` attaches a file.

    Ctrl+C stops an answer that is being written; where none is, it ends the chat.
    """
    screen = Screen()
    talk = TerminalChat(core, role=role, language=language, markup="ansi", on_shown=screen.show)
    _complete([f"/{command.name}" for command in commands_for(role)])
    look = Look(language or core.settings.language, "plain", 1000)
    screen.note(words(Say("terminal-hello"), look))
    await talk.send("/start")
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    reader = _Reader(lines)
    async with asyncio.TaskGroup() as group:
        watcher = group.create_task(_watch(talk))

        def interrupted() -> None:
            if talk.answers:
                group.create_task(talk.send("/stop"))
            else:
                lines.put_nowait(None)

        with contextlib.suppress(NotImplementedError):  # not on every system
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted)
        try:
            while (line := await reader.next()) is not None:
                if line.strip().lower() in {"exit", "quit"}:
                    break
                await _say(talk, line.strip())
        finally:
            watcher.cancel()


async def _say(talk: TerminalChat, line: str) -> None:
    labels = talk.labels
    if line.isdigit() and 1 <= int(line) <= len(labels):
        await talk.press(labels[int(line) - 1])
        return
    text, files = _files_of(line)
    if line:
        await talk.send(text, files=files)


def _files_of(line: str) -> tuple[str, list[Path]]:
    """The words of a line, and the files that it attaches."""
    said, files = [], []
    for word in line.split(" "):
        path = Path(word[1:]).expanduser()
        if word.startswith("@") and len(word) > 1 and path.is_file():
            files.append(path)
        else:
            said.append(word)
    return " ".join(said), files


async def _watch(talk: TerminalChat) -> None:
    while True:
        await asyncio.sleep(NEWS_EVERY)
        await talk.news()


class Screen:
    """Shows messages; a passing one is written over by what follows it, and an answer grows by its blocks."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=False)
        self._passing = False
        self._written = ""

    def note(self, text: str) -> None:
        self._console.print(Text(text, style="dim"))

    def show(self, shown: ShownMessage) -> None:
        console = self._console
        if self._passing and console.is_terminal:
            console.file.write("\x1b[1A\x1b[2K")
        self._passing = shown.passing and (console.is_terminal or shown.key != ANSWER)
        if shown.passing:
            if shown.key == ANSWER:
                self._go_on(shown.whole)
            if self._passing:
                console.print(Text.from_ansi(shown.text), overflow="ellipsis", no_wrap=True)
            return
        self._go_on(shown.text)
        self._written = ""
        for file in shown.files:
            # Pictures are to be looked at, not kept; anything else was asked for as a file.
            folder = Path(tempfile.gettempdir()) / "usher-chat" if file.image else Path()
            path = _kept(folder, file.name, file.content)
            console.print(Text(f"  📎 {path}", style="dim"))
        if shown.buttons:
            console.print()
            console.print(_keys(shown.buttons, console.width))
        console.print()

    def _go_on(self, text: str) -> None:
        """Write what is not written yet. What turned out otherwise than it had begun is written as a whole."""
        if text == self._written:
            return
        goes_on = self._written and text.startswith(self._written)
        new = text.removeprefix(self._written).removeprefix("\n") if goes_on else f"\n{text}"
        self._console.print(Text.from_ansi(new))
        self._written = text


def _kept(folder: Path, name: str, content: bytes) -> Path:
    """Write an attached file into `folder`, never over another one, and for nobody else to read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    number = 1
    while path.exists():
        number += 1
        path = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(content)
    return path


def _keys(labels: Sequence[str], width: int) -> Text:
    """The buttons with their numbers. Lines break between them, and within one only where it is wider than the screen."""
    keys = Text()
    for number, label in enumerate(labels, start=1):
        key = Text.assemble((f" {number} ", "reverse"), f" {label}")
        used = cell_len(keys.plain.rpartition("\n")[2])
        if used:
            keys.append("   " if used + 3 + key.cell_len <= width else "\n")
        keys.append_text(key)
    return keys


class _Reader:
    """Reads lines on a thread of its own, which does not hold the process back when it ends."""

    def __init__(self, lines: asyncio.Queue[str | None]) -> None:
        self._lines = lines
        self._loop = asyncio.get_running_loop()
        self._wanted = threading.Semaphore(0)
        threading.Thread(target=self._read, name="prompt", daemon=True).start()

    async def next(self) -> str | None:
        """The next line; None at the end of the input."""
        self._wanted.release()
        return await self._lines.get()

    def _read(self) -> None:
        while True:
            self._wanted.acquire()
            try:
                line: str | None = input("› " if sys.stdin.isatty() else "")
            except (EOFError, KeyboardInterrupt):
                line = None
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(self._lines.put_nowait, line)
            if line is None:
                return


def _complete(names: list[str]) -> None:
    """Tab completes commands, where the system has readline."""
    try:
        import readline
    except ImportError:
        return

    def match(text: str, state: int) -> str | None:
        fitting = [name for name in names if name.startswith(text)] if text.startswith("/") else []
        return fitting[state] if state < len(fitting) else None

    readline.set_completer_delims(" ")
    readline.set_completer(match)
    readline.parse_and_bind("tab: complete")
