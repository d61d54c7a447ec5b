"""The line at the bottom of a terminal: read on a thread of its own, and put back below whatever is shown meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Iterator, Sequence
from types import ModuleType

PROMPT = "› "


class Prompt:
    """Reads lines while messages come. The thread does not hold the process back when it ends."""

    def __init__(self, lines: asyncio.Queue[str | None], names: Sequence[str]) -> None:
        self.interactive = sys.stdin.isatty()
        self._lines = lines
        self._loop = asyncio.get_running_loop()
        self._wanted = threading.Semaphore(0)
        self._stands = False
        self._editing = _editing(names)
        if self._editing is not None:
            self._editing.set_pre_input_hook(self._begun)
        threading.Thread(target=self._read, name="prompt", daemon=True).start()

    async def next(self) -> str | None:
        """The next line; None at the end of the input."""
        self._wanted.release()
        return await self._lines.get()

    def standing(self) -> str:
        """What stands on the last line of the screen now: the prompt, and what was typed so far. Empty for nothing."""
        if not self._stands:
            return ""
        return PROMPT + ("" if self._editing is None else self._editing.get_line_buffer())

    def _begun(self) -> None:
        self._stands = self.interactive

    def _read(self) -> None:
        while True:
            self._wanted.acquire()
            if self._editing is None:
                self._begun()
            try:
                line: str | None = input(PROMPT if self.interactive else "")
            except (EOFError, KeyboardInterrupt):
                line = None
            self._stands = False
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(self._lines.put_nowait, line)
            if line is None:
                return


@contextlib.contextmanager
def terminal_kept() -> Iterator[None]:
    """Leave the terminal as it was found: a line that is still being read has changed how it takes keys."""
    try:
        import termios
    except ImportError:  # not on every system
        yield
        return
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _editing(names: Sequence[str]) -> ModuleType | None:
    """What edits lines, where the system has it; Tab completes `names`."""
    try:
        import readline
    except ImportError:
        return None

    def match(text: str, state: int) -> str | None:
        fitting = [name for name in names if name.startswith(text)] if text.startswith("/") else []
        return fitting[state] if state < len(fitting) else None

    readline.set_completer_delims(" ")
    readline.set_completer(match)
    readline.parse_and_bind("tab: complete")
    return readline
