"""Answers what people ask models: claims turns, asks, paints what comes, and lets the outbox bring the whole answer.

Outside the inbox: while an answer runs, its chat is heard. The stream never waits for a chat, and what a chat shows
meanwhile decides nothing: the answer that leaves at the end is the same, whatever was painted.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import structlog
from sqlalchemy.exc import IntegrityError

from bots.messages.reply import Say
from core import telemetry
from core.calls.orders import CallProgress, Listener, Waiting
from core.errors import Busy
from core.models.protocol import Text
from core.storage.row_claims import new_token
from core.storage.talk_rows import TurnRow
from core.talk import answers, turns
from core.waking import Turnstile, until_woken, wake_at_end

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

TOGETHER = 500
"""Answers of one process under way at once."""
BEGIN_TOGETHER = 8
"""Answers that are being prepared and claimed at once. A hundred of them would stand in line for the database together,
and everybody whose message only wants a word would wait behind them, several times over.
"""
LOOK_EVERY = 0.5
"""Seconds between two looks for what other processes have written down: questions, and answers to be ended."""
STOP_WITHIN = 6.0
"""Seconds that answers under way get when the process is asked to stop; then another one goes on."""
LEAVE_WITHIN = 1.0
"""Seconds for what is left then to be written down as it stands."""
CLOSE_WITHIN = 3.0
"""Seconds for the last picture, which must not arrive after the answer."""
FOR_EVER = 1e6


@dataclass(slots=True)
class Picture:
    """What there is of an answer. While it has no word, `before` others wait for the same model before it, if it waits."""

    pieces: list[str] = field(default_factory=list)
    before: int | None = None

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def waits(self) -> Say | None:
        """What is said in the place of a first word while all accounts are busy."""
        return None if self.pieces or self.before is None else Say("talk-in-line", {"count": self.before})


class Brush(Protocol):
    """Paints one answer into a chat. What has not changed is painted again after `repeat` seconds."""

    repeat: float

    async def paint(self, picture: Picture) -> float:
        """Show what there is; returns the seconds until the next picture. Never raises what a chat may do."""
        ...

    async def close(self) -> str | None:
        """No picture follows. Returns the message that the answer takes the place of, as the outbox names it."""
        ...


class NoBrush:
    """Shows nothing until the answer is whole."""

    repeat = FOR_EVER

    async def paint(self, picture: Picture) -> float:  # noqa: ARG002 - it shows nothing
        return FOR_EVER

    async def close(self) -> str | None:
        return None


Easel = Callable[[TurnRow], Brush]
"""A brush for one turn."""


class Answering:
    """Answers the turns of some platforms. `delivered` is called when an answer waits in the outbox."""

    def __init__(self, core: Core, easels: Mapping[str, Easel], *, delivered: Callable[[], None] | None = None) -> None:
        self._core = core
        self._easels = dict(easels)
        self._delivered = delivered or (lambda: None)
        self._token = new_token()
        self._wake = asyncio.Event()
        self._leave = asyncio.Event()
        self._beginning = Turnstile(BEGIN_TOGETHER)
        self._running: dict[int, tuple[asyncio.Task[bool], asyncio.Event]] = {}

    def wake(self) -> None:
        """Something was asked: look now."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Answer until `stop` is set; what is not done within some seconds is left to another process."""
        async with asyncio.TaskGroup() as group:
            beating = group.create_task(self._beat(), name="turns")
            ending = group.create_task(wake_at_end(stop, self._wake))
            while not stop.is_set():
                self._wake.clear()
                for turn in await self._claimed():
                    self._start(group, turn)
                if not stop.is_set():
                    await until_woken(self._wake, LOOK_EVERY)
            if await self._still_running(STOP_WITHIN):
                self._leave.set()
                late = await self._still_running(LEAVE_WITHIN)
                for task in late:
                    task.cancel()
                if late:
                    await asyncio.wait(late)
            beating.cancel()
            ending.cancel()
        with contextlib.suppress(Busy):
            await self._core.write(turns.hand_over, self._token, self._core.now())

    async def _still_running(self, seconds: float) -> set[asyncio.Task[bool]]:
        running = [task for task, _ in self._running.values()]
        return (await asyncio.wait(running, timeout=seconds))[1] if running else set()

    async def run_one(self, turn_id: int) -> None:
        """Answer this turn, when it is its turn; returns once it is over, whoever answered it."""
        async with asyncio.TaskGroup() as group:
            beating = group.create_task(self._beat(), name="turns")
            while not await self._core.read(turns.is_over, turn_id):
                for turn in await self._claimed(turn_id):
                    self._start(group, turn)
                    await asyncio.wait([self._running[turn.id][0]])
                if not await self._core.read(turns.is_over, turn_id):
                    await asyncio.sleep(LOOK_EVERY / 5)
            beating.cancel()

    async def _claimed(self, turn_id: int | None = None) -> list[TurnRow]:
        room = TOGETHER - len(self._running)
        if room <= 0:
            return []
        core, platforms = self._core, list(self._easels)
        try:
            if not await core.read(turns.is_due, platforms, core.now()):
                return []
            found = await core.write(turns.claim, core, platforms, self._token, core.now(), most=room, turn_id=turn_id)
        except (Busy, IntegrityError):
            return []  # away, or another process was first in the same conversation
        return [turn for turn in found if turn.id not in self._running]

    def _start(self, group: asyncio.TaskGroup, turn: TurnRow) -> None:
        stop = asyncio.Event()
        self._running[turn.id] = (group.create_task(self._do(turn, stop), name="answer"), stop)

    async def _do(self, turn: TurnRow, stop: asyncio.Event) -> bool:
        """Answer one turn; never raises but when it is cancelled. Returns whether it is over."""
        over = False
        try:
            over = await self._answer(turn, stop)
        except Busy:
            log.warning("turn_waits_for_the_database", turn=turn.id)
        except Exception:
            # The claim runs out, and the turn is taken up again.
            log.exception("turn_failed", turn=turn.id)
        finally:
            del self._running[turn.id]
        telemetry.count("usher_turns", platform=turn.platform, outcome="over" if over else "later")
        self._wake.set()
        return over

    async def _answer(self, turn: TurnRow, stop: asyncio.Event) -> bool:
        brush = self._easels[turn.platform](turn)
        picture, wanted = Picture(), asyncio.Event()
        let_next: Callable[[], None] = lambda: None  # noqa: E731 - until it is let in itself

        async def deliver(progress: CallProgress) -> None:
            let_next()
            if isinstance(progress, Text):
                picture.pieces.append(progress.text)
            elif isinstance(progress, Waiting):
                picture.before = progress.before
            wanted.set()

        closed = asyncio.Event()
        fault: Exception | None = None
        over = False
        async with asyncio.TaskGroup() as group:
            painter = group.create_task(_keep_painting(brush, picture, wanted, closed), name="painter")
            try:
                async with self._beginning.entered() as let_next:
                    over = await answers.answer(self._core, turn, self._token, Listener(deliver, stop, self._leave))
            except Exception as error:  # noqa: BLE001 - raised in here it would come out in a group
                fault = error
            finally:
                closed.set()
                wanted.set()
                # A picture on its way is waited for: it must not arrive after the answer.
                await asyncio.wait([painter], timeout=CLOSE_WITHIN)
                painter.cancel()
        if fault is not None:
            raise fault
        if over:
            await self._core.write(answers.release, turn.id, await brush.close(), self._core.now())
            self._delivered()
        return over

    async def _beat(self) -> None:
        """Keep the claims of what runs here, and hear who wants it to end."""
        every = max(1, int(self._core.settings.talk.claim / 3 / LOOK_EVERY))
        count = 0
        with self._core.answers_ended.heard() as ended:
            while True:
                await until_woken(ended, LOOK_EVERY)
                ended.clear()
                count += 1
                if self._running:
                    await self._look_after(list(self._running), renew=count % every == 0)

    async def _look_after(self, running: list[int], *, renew: bool) -> None:
        try:
            if renew:
                await self._core.write(turns.renew, self._core, self._token, running, self._core.now())
            for turn_id in await self._core.read(turns.to_be_stopped, running):
                if turn_id in self._running:
                    self._running[turn_id][1].set()
        except Exception as fault:
            # A database that is away for a while ends nothing: the claim runs out, and another process goes on.
            log.exception("turns_not_renewed", kind=type(fault).__name__)


async def _keep_painting(brush: Brush, picture: Picture, wanted: asyncio.Event, closed: asyncio.Event) -> None:
    wanted.set()  # the first sign of life comes before the first word
    while not closed.is_set():
        await until_woken(wanted, brush.repeat)
        wanted.clear()
        if closed.is_set():
            return
        await until_woken(closed, await brush.paint(picture))
