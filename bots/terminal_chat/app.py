"""`usher chat`: the bots' commands at a prompt, with completion, history and numbered buttons."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import tempfile
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from bots.commands.catalogue import commands_for
from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from bots.terminal_chat.chat import ANSWER, ShownMessage, TerminalChat
from bots.terminal_chat.prompt import PROMPT, Prompt, terminal_kept

if TYPE_CHECKING:
    from core.actors import Role
    from core.service import Core

NEWS_EVERY = 1.0
STOP_AFTER = 1.0
"""Seconds that a stop waits for what was typed before it, while an answer is being written."""
PATHS = ("./", "../", "/", "~/")
"""How a path begins that can be nothing else."""
ENDINGS = frozenset(
    "csv conf docx gif htm html ini jpeg jpg js json log m4a md mp3 ogg pdf png pptx py sh sql toml ts tsv txt wav webp"
    " xlsx xml yaml yml zip".split()
)
"""How the names of files end that people attach."""
PERHAPS = re.compile(r"@([\w./~-]*\w\.\w{1,8})(?=[\s,;:?!，。：；？！]|$)")
"""Any file, where a question begins with it: elsewhere `@app.get` is far more often what is asked about."""
CLEAR_LINE = "\r\x1b[2K"
UP_AND_CLEAR = "\x1b[1A\x1b[2K"


async def chat(core: Core, *, role: Role, language: str | None = None) -> None:
    """Talk until Ctrl+D, `exit` or `quit`. What stands before a button presses it; `@FILE` attaches a file.

    Ctrl+C stops an answer that is being written, as `/stop` does. Where none is, it says how to leave, and leaves when
    it is pressed once more. What else is typed during an answer is done at once, and another question waits its turn.
    """
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    prompt = Prompt(lines, [f"/{command.name}" for command in commands_for(role)])
    screen = Screen(standing=prompt.standing)
    talk = TerminalChat(core, role=role, language=language, markup="ansi", on_shown=screen.show)
    look = Look(language or core.settings.language, "plain", 1000)
    screen.note(words(Say("terminal-hello"), look))
    await talk.send("/start")
    with terminal_kept():
        async with asyncio.TaskGroup() as group:
            desk = _Desk(talk, screen, look, group)
            watcher = group.create_task(_watch(talk))

            def interrupted() -> None:
                if not desk.interrupt():
                    lines.put_nowait(None)

            with contextlib.suppress(NotImplementedError):  # not on every system
                asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted)
            try:
                while (line := await prompt.next()) is not None and line.strip().lower() not in {"exit", "quit"}:
                    screen.entered(f"{PROMPT}{line}")
                    desk.take(line.strip())
                    if not prompt.interactive:
                        await desk.done()
                if prompt.interactive and talk.answers:
                    await desk.end()
                await desk.done()
            finally:
                watcher.cancel()


Typed: TypeAlias = Callable[[asyncio.Event], Awaitable[object]]
"""Something typed. It sets the event when it is a question that is kept, and only its answer is waited for."""


class _Desk:
    """Does what is typed, one after the other. Nothing waits for an answer that is being written."""

    def __init__(self, talk: TerminalChat, screen: Screen, look: Look, group: asyncio.TaskGroup) -> None:
        self._talk = talk
        self._screen = screen
        self._look = look
        self._group = group
        self._waiting: deque[Typed] = deque()
        self._work: asyncio.Task[None] | None = None
        self._doing: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[object]] = set()
        self._warned = False
        self._doubted: str | None = None
        """A line that begins with what may be a file that is not there. Said once more, it is meant as it stands."""

    def take(self, line: str) -> None:
        """Do what a line says."""
        self._warned = False
        talk = self._talk
        if self._busy and talk.ends_an_answer(line):
            self._group.create_task(self.end())
        elif (button := talk.button(line)) is not None:
            self._put(lambda kept: talk.press_key(button, kept=kept))
        elif (signs := talk.beside(line)) is not None:
            facts = {"number": line.removeprefix("#"), "signs": signs, "count": len(signs)}
            self._screen.note(words(Say("terminal-which", facts), self._look))
        elif line:
            text, files = _files_of(line)
            missing = _missing_file(text)
            perhaps = _perhaps_a_file(text) if missing is None and line != self._doubted else None
            self._doubted = line if perhaps is not None else None
            if missing is not None:
                self._screen.note(words(Say("terminal-no-file", {"name": missing}), self._look))
            elif perhaps is not None:
                self._screen.note(words(Say("terminal-perhaps-a-file", {"name": perhaps}), self._look))
            else:
                self._put(lambda kept: talk.send(text, files=files, kept=kept))

    def interrupt(self) -> bool:
        """Ctrl+C: stop what runs, else say how to leave. False when that was said already."""
        if self._busy:
            self._group.create_task(self.end())
        elif self._warned:
            return False
        else:
            self._screen.note(words(Say("terminal-leave"), self._look))
            self._warned = True
        return True

    async def end(self) -> None:
        """End the answer that is being written, or is about to be, and forget what waits for it."""
        forgotten = len(self._waiting)
        self._waiting.clear()
        doing = self._doing  # perhaps a question that is not kept yet, and is to be forgotten as well
        if doing is not None and not doing.done():
            await asyncio.wait([doing], timeout=STOP_AFTER if self._talk.answers else None)
        if self._talk.answers or not forgotten:
            await self._talk.stop()
        else:
            self._screen.note(words(Say("talk-stopping", {"count": forgotten}), self._look))
        if doing is not None and not doing.done():
            await asyncio.wait([doing])
            if self._talk.answers:
                await self._talk.stop()

    @property
    def _busy(self) -> bool:
        """Is something being done, or does something wait?"""
        return self._talk.answers or bool(self._under_way) or (self._work is not None and not self._work.done())

    async def done(self) -> None:
        """Return when nothing is left to do."""
        while left := [one for one in (self._work, *self._under_way) if one is not None and not one.done()]:
            await asyncio.wait(left)

    def _put(self, wish: Typed) -> None:
        self._waiting.append(wish)
        if self._work is None or self._work.done():
            self._work = self._group.create_task(self._do())

    async def _do(self) -> None:
        while self._waiting:
            self._doing = self._group.create_task(self._begin(self._waiting.popleft()))
            await self._doing

    async def _begin(self, wish: Typed) -> None:
        """Return when it is done, or when only an answer is left to come."""
        kept = asyncio.Event()
        doing = self._group.create_task(_shown(wish, kept))
        self._under_way.add(doing)
        doing.add_done_callback(self._under_way.discard)
        waiting = self._group.create_task(kept.wait())
        await asyncio.wait([doing, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()


async def _shown(wish: Typed, kept: asyncio.Event) -> object:
    return await wish(kept)


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


def _missing_file(text: str) -> str | None:
    """A file that the words name, which is not there. A name such as `@property` or `@scope/package` is none."""
    for word in text.split():
        name = word[1:].rstrip("?!,;:。，？！；：")
        if word.startswith("@") and (name.startswith(PATHS) or Path(name).suffix[1:].casefold() in ENDINGS):
            return name
    return None


def _perhaps_a_file(text: str) -> str | None:
    """What the words begin with, where it may be the name of a file of any kind."""
    found = PERHAPS.match(text)
    return None if found is None else found[1]


async def _watch(talk: TerminalChat) -> None:
    while True:
        await asyncio.sleep(NEWS_EVERY)
        await talk.news()


class Screen:
    """Shows messages; a passing one is written over by what follows it, and an answer grows by its blocks."""

    def __init__(self, console: Console | None = None, *, standing: Callable[[], str] = str) -> None:
        self._console = console or Console(highlight=False, soft_wrap=False)
        self._standing = standing
        self._passing = False
        self._written = ""

    def note(self, text: str) -> None:
        with self._above_the_prompt():
            self._console.print(Text(text, style="dim"))

    def show(self, shown: ShownMessage) -> None:
        with self._above_the_prompt():
            self._show(shown)

    def entered(self, line: str) -> None:
        """A line was typed below a passing message, which is taken away from above it."""
        if self._passing and self._console.is_terminal:
            rows = max(1, -(-cell_len(line) // self._console.width))
            self._console.file.write(f"\x1b[{rows + 1}A\x1b[M\x1b[{rows}B")
            self._console.file.flush()
        self._passing = False

    @contextlib.contextmanager
    def _above_the_prompt(self) -> Iterator[None]:
        """Somebody may be typing: the line is taken away, and stands below again afterwards."""
        file = self._console.file
        standing = self._standing() if self._console.is_terminal else ""
        if standing:
            file.write(CLEAR_LINE)
        yield
        if standing:
            file.write(standing)
            file.flush()

    def _show(self, shown: ShownMessage) -> None:
        console = self._console
        if self._passing and console.is_terminal:
            console.file.write(UP_AND_CLEAR)
        self._passing = shown.passing and (console.is_terminal or shown.key != ANSWER)
        if shown.passing:
            if shown.key == ANSWER:
                self._go_on(shown.whole)
            if self._passing:
                console.print(Text.from_ansi(shown.text), overflow="ellipsis", no_wrap=True)
            return
        if shown.key == ANSWER:
            self._go_on(shown.text)
            self._written = ""
        else:  # an answer that is being written goes on below it
            console.print(Text.from_ansi(f"\n{shown.text}"))
        for file in shown.files:
            # Pictures are to be looked at, not kept; anything else was asked for as a file.
            folder = Path(tempfile.gettempdir()) / "usher-chat" if file.image else Path()
            path = _kept(folder, file.name, file.content)
            console.print(Text(f"  📎 {path}", style="dim"))
        if shown.buttons:
            console.print()
            signs = shown.signs or tuple(str(number) for number in range(1, len(shown.buttons) + 1))
            console.print(_keys(tuple(zip(signs, shown.buttons, strict=True)), console.width))
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


def _keys(buttons: Sequence[tuple[str, str]], width: int) -> Text:
    """The buttons with what is typed for them. Lines break between them, and within one only where it is wider than the screen."""
    keys = Text()
    for sign, label in buttons:
        key = Text.assemble((f" {sign} ", "reverse"), f" {label}")
        used = cell_len(keys.plain.rpartition("\n")[2])
        if used:
            keys.append("   " if used + 3 + key.cell_len <= width else "\n")
        keys.append_text(key)
    return keys
