"""The simulated upstream: a real HTTP server that speaks the supported protocols and can commit every fault.

In a test: `async with Sandbox(workspaces=2, faults=["429=1"]) as sandbox: …`. From a shell: `usher sandbox`.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web

from core.sandbox import control, wire
from core.sandbox.dialect import Call, Dialect, SimulatedAnswer
from core.sandbox.faults import CATALOGUE, Drawn, FaultUnknown, draw, parse_faults
from core.sandbox.upstream import SimulatedUpstream

HEADER: Final = "X-Sandbox-Fault"
NAMING: Final = frozenset({"partial-batch", "errored-objects", "errored-strings", "already-emails"})
"""A 200 to an invite that names the address, and invites nobody."""


class Sandbox(SimulatedUpstream):
    """An upstream that listens from `async with` until its end. `SimulatedUpstream` says what it consists of."""

    _runner: web.ServerRunner | None = None

    async def __aenter__(self) -> Self:
        self.closing.clear()
        server = web.Server(self._handle, handler_cancellation=True, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=0.2)
        await runner.setup()
        self._runner = runner
        site = web.TCPSite(runner, self.host, self.port, backlog=1024)
        try:
            await site.start()
        except BaseException:
            await runner.cleanup()
            raise
        self.port = runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        answer = await self._answer(request)
        if not answer.prepared:
            answer.headers.setdefault("Date", format_datetime(self.world.clock.now(), usegmt=True))
        return answer

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/_sandbox/"):
            return await control.handle(self, request)
        if self.oauth.speaks(path):
            return await self.oauth.handle(request)
        body, problem = await _json_body(request)
        if problem is None and self.subaccounts.speaks(path):
            return await self.subaccounts.handle(request, body)
        if problem is None and self.models.speaks(path):
            return await self.models.handle(request, body, request.headers.get(HEADER))
        dialect = self.dialects.get(path.split("/", 2)[1])
        if problem is not None or dialect is None:
            await asyncio.sleep(self.latency)
            return wire.response(problem or SimulatedAnswer(404, {"detail": "Not found."}))
        call = dialect.read(request.method, path, request.query, request.headers, body)
        if isinstance(call, SimulatedAnswer):
            await asyncio.sleep(self.latency)
            return wire.response(call)
        try:
            drawn = self._draw(call, request.headers.get(HEADER))
        except FaultUnknown as unknown:
            return wire.response(SimulatedAnswer(400, {"detail": str(unknown)}))
        return await self._serve(request, dialect, call, drawn)

    def _draw(self, call: Call, header: str | None) -> Drawn:
        faults = [*self.armed.get(call.space.id, ()), *self.armed.get(None, ())]
        if header:
            faults = [*parse_faults(header.split(",")), *faults]
        return draw(faults, call.kind, self.random, first_page=not call.later)

    async def _serve(self, request: web.BaseRequest, dialect: Dialect, call: Call, drawn: Drawn) -> web.StreamResponse:
        event = drawn.event
        pause = self.latency + drawn.shapes.get("slow", 0.0) / 1000
        if event is None:
            answer = dialect.do(call, drawn.shapes)
            await asyncio.sleep(pause)
            return wire.response(answer)
        if event in NAMING and call.kind == "invite":
            answer = dialect.drop(call, event)
            await asyncio.sleep(pause)
            return wire.response(answer)
        return await self._strike(request, dialect, call, drawn, pause)

    async def _strike(
        self, request: web.BaseRequest, dialect: Dialect, call: Call, drawn: Drawn, pause: float
    ) -> web.StreamResponse:
        event = drawn.event or ""
        done: SimulatedAnswer | None = None
        if _happens(event):
            done = dialect.do(call, drawn.shapes)
        else:
            for email in call.addresses:
                self.world.record(call.space, email, applied=False)
        if event in {"hang", "applied-then-timeout"}:
            await self.closing.wait()
            return wire.reset(request)
        await asyncio.sleep(pause)
        if event in {"reset", "applied-then-reset"}:
            return wire.reset(request)
        if event in wire.PROBLEMS:
            return wire.problem_response(event, dialect.refuse(wire.PROBLEMS[event]), self.world.clock)
        if event in {"html-200", "html-403"}:
            return wire.page(int(event[-3:]))
        if done is None:  # empty-invites, and what is about addresses where none was sent
            return wire.response(dialect.drop(call, "empty-invites"))
        if event == "truncated":
            return await wire.truncated(request, done)
        return wire.malformed(event, done)


def _happens(event: str) -> bool:
    return CATALOGUE[event].stage == "after"


async def _json_body(request: web.BaseRequest) -> tuple[Any, SimulatedAnswer | None]:
    if not request.can_read_body:
        return None, None
    if request.content_type == "multipart/form-data":
        return await wire.form(request), None
    try:
        return json.loads(await request.read()), None
    except (ValueError, RecursionError):
        return None, SimulatedAnswer(400, {"detail": "The body is not JSON."})


async def serve(
    made: Sandbox,
    *,
    sessions_file: Path | None = None,
    provider: str = "chatgpt",
    sources_file: Path | None = None,
    say: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT. Says one line `ready ADDRESS` when it listens.

    Before that, each workspace's credential JSON is written to `sessions_file` and each model account's source to
    `sources_file`, one per line, readable by the owner only. Raises: OSError (the port is taken).
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with made as sandbox:
        if sessions_file is not None:
            _write_lines(sessions_file, sandbox.sessions(provider))
        if sources_file is not None:
            _write_lines(sources_file, sandbox.sources())
        (say or _say)(f"ready {sandbox.root}")
        await stop.wait()


def _write_lines(file: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    file.touch(mode=0o600)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
