"""What programs ask at the gateway, and operators at the shell, and an account's own key, turn up nowhere either.

The upstream is the worst there is: whatever goes wrong, it sends back the key and the question that it was sent, in
every place of an answer that has room for them.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from admin_cli.output import USAGE
from bots.gateway.app import Gateway
from bots.terminal_chat.chat import TerminalChat
from core import telemetry
from core.actors import SYSTEM, Role
from core.calls import keys
from core.credit import grants
from core.notices import hooks
from core.sources import models, sources, sweep
from core.telemetry import exposition
from core.upkeep import backups
from tests.models.speaking import DONE, STREAM, chunk, listening
from tests.stories.test_canary import _found, _in, log  # noqa: F401 - a fixture
from tests.stories.test_canary_talk import _files_in
from tests.support.asking import FAST
from tests.support.chats import until
from tests.support.house import House, open_house
from tests.support.processes import Processes

PROMPT, ANSWER, KEY = "canary0prompt", "canary1answer", "sk-canary2source"
SECRETS = [PROMPT, ANSWER, KEY]
FAULTS = (
    "401", "403", "400", "400-param", "404", "413", "429", "500", "503", "html", "redirect", "no-json", "empty",
    "error-event", "late-event", "cut", "odd-fields", "odd-usage", "document",
)  # fmt: skip


class Echoing:
    """Answers a question by the fault that is set, and says in each what it was sent."""

    def __init__(self) -> None:
        self.fault = ""

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        sent = (await request.read()).decode()
        heard = f"{request.headers.get('Authorization', '')} {PROMPT} {ANSWER}"
        heads = {"X-Request-Id": heard, "X-Ratelimit-Remaining-Requests": KEY, "Server": KEY}
        if request.path.endswith("/models"):
            if self.fault == "401":
                return web.json_response({"error": {"message": heard, "code": KEY}}, status=401, headers=heads)
            return web.json_response({"object": "list", "data": [{"id": "small"}, {"id": KEY, "owned_by": heard}]})
        error = {"message": heard, "type": KEY, "code": PROMPT, "param": sent}
        if self.fault == "400-param":
            error |= {"code": "unsupported_parameter", "param": PROMPT}
        if self.fault.partition("-")[0].isdigit():
            status = int(self.fault.partition("-")[0])
            waits = {"Retry-After": PROMPT} if status == 503 else {}
            return web.json_response({"error": error}, status=status, headers={**heads, **waits})
        plain = {
            "html": (f"<html>{heard}", 502, "text/html"),
            "no-json": (f"{{{heard}", 200, "application/json"),
            "empty": ("", 200, "text/event-stream"),
        }
        if self.fault in plain:
            text, status, kind = plain[self.fault]
            return web.Response(text=text, status=status, headers={"Content-Type": kind, **heads})
        if self.fault == "redirect":
            return web.Response(status=302, headers={"Location": f"http://127.0.0.1:1/{PROMPT}/{KEY}"})
        if self.fault == "document":
            choice = {"index": 0, "message": {"role": "assistant", "content": ANSWER}, "finish_reason": KEY}
            return web.json_response({"id": KEY, "choices": [choice], "usage": {"prompt_tokens": heard}})
        return await self._stream(request, error, heard)

    async def _stream(self, request: web.BaseRequest, error: Any, heard: str) -> web.StreamResponse:
        odd = {"id": KEY, "model": PROMPT, "system_fingerprint": KEY, "provider": heard}
        failed = f"data: {json.dumps({'error': error})}\n\n"
        pieces = {
            "error-event": [failed],
            "late-event": [chunk({"content": ANSWER}), f": {heard}\n\n", failed],
            "cut": [chunk({"content": ANSWER}), f"data: {{{heard}"],
            "odd-fields": [f"event: {KEY}\n", chunk({"content": ANSWER}, KEY, **odd), DONE],
            "odd-usage": [chunk({"content": ANSWER}, "stop"), chunk(usage={"prompt_tokens": heard}), DONE],
        }.get(self.fault, [chunk({"content": ANSWER}), chunk({}, "stop"), DONE])
        response = web.StreamResponse(headers=STREAM)
        await response.prepare(request)
        await response.write("".join(pieces).encode())
        if self.fault == "cut" and request.transport is not None:
            request.transport.abort()
        return response


async def furnish(house: House, base: str) -> None:
    core, who = house.core, grants.read_identity("telegram:7")
    prices = models.NewModel(price_input=1_000_000, price_output=2_000_000)
    await models.add_model(core, SYSTEM, "small", prices)
    line = {"name": "main", "base_url": f"{base}/v1", "api_key": KEY, "models": ["small"], "concurrency": 4}
    await sources.import_sources(core, SYSTEM, [json.dumps(line), f"{{{KEY}", f'{{"api_key": "{KEY}"}}'], apply=True)
    await grants.give(core, SYSTEM, who, "5", reason="a test")
    await hooks.add_hook(core, SYSTEM, "http://127.0.0.1:1/in")


async def well_again(house: House) -> None:
    await sources.replace_credential(house.core, SYSTEM, "main", f"{KEY}-")
    await sources.replace_credential(house.core, SYSTEM, "main", KEY)


def wishes() -> Iterator[dict[str, Any]]:
    """What a program sends that is refused before a model is asked."""
    said = [{"role": "user", "content": PROMPT}]
    yield {"data": f'{{"messages": {PROMPT}'}
    yield {"json": {"model": "small", "messages": [{"role": PROMPT, "content": PROMPT}]}}
    yield {"json": {"model": "small", "messages": said, "n": PROMPT, PROMPT: PROMPT}}
    yield {"json": {"model": "small", "messages": said, "max_tokens": PROMPT}}
    yield {"json": {"model": "small", "messages": PROMPT}}


@pytest.mark.usefixtures("log")
async def test_nothing_that_programs_ask_sings(sqlite_url: str, log: io.StringIO, tmp_path: Path):  # noqa: F811
    telemetry.enable_metrics()
    upstream, failures = Echoing(), []
    gateway = {"enabled": True, "port": 0}
    async with (
        listening(upstream) as (base, seen),
        open_house(sqlite_url, workspaces=0, gateway=gateway) as house,
        aiohttp.ClientSession() as session,
    ):
        await furnish(house, base)
        who = grants.read_identity("telegram:7")
        await grants.give(house.core, SYSTEM, who, "vip", reason="a test")
        shown, _ = await keys.make_key(house.core, SYSTEM, "k", keys.KeyRights(["chat"]), of=who)
        stop, served = asyncio.Event(), Gateway(house.core)

        async def ask(key: str = shown, **given: Any) -> str:
            heads = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **given.pop("heads", {})}
            url = f"http://127.0.0.1:{served.port}/v1/chat/completions"
            async with session.post(url, headers=heads, **given) as response:
                return f"{response.status} {dict(response.headers)} {await response.text()}"

        async with asyncio.TaskGroup() as group:
            group.create_task(served.run(stop))
            await until(lambda: asyncio.sleep(0, served.port != 0), 60, "the gateway did not start")
            said = {"model": "small", "messages": [{"role": "user", "content": PROMPT}]}
            for _ in range(2):
                assert ANSWER in await ask(json=said, heads={"Idempotency-Key": "once"})
            assert ANSWER in await ask(json={**said, "stream": True})
            for fault, stream in zip(FAULTS * 2, cycle([True, False]), strict=False):
                upstream.fault = fault
                failures.append((await ask(json={**said, "stream": stream})).replace(ANSWER, ""))
                source = await house.core.read(sources.source_named, "main")
                await sweep.read_source(house.core, source)
                await well_again(house)
            upstream.fault = ""
            failures += [await ask(**wish) for wish in wishes()]
            failures += [await ask(f"sk-ush-{PROMPT}", json=said)]
            stop.set()
        chat = TerminalChat(house.core, identity="admin", role=Role.ADMIN)
        lines = (
            f'/sources add {{"name": "x", "api_key": "{KEY}"',
            "/sources",
            "/sources main",
            "/calls",
            "/calls 5",
            "/audit",
            "/alerts",
            "/money csv",
        )
        for line in lines:
            failures += [f"{one.text} {[file.content for file in one.files]}" for one in await chat.send(line)]
        await backups.make_backup(house.core, SYSTEM)
        stored = await asyncio.to_thread(_files_in, tmp_path)
        tables = ("audit_log", "alerts", "notices", "facts", "calls", "call_attempts", "sources", "models", "sweeps")
        rows = {one: "\n".join(str(tuple(row)) for row in await house.rows(f"SELECT * FROM {one}")) for one in tables}
    assert len(seen) > 2 * len(FAULTS)
    assert any(KEY in one.headers.get("Authorization", "") for one in seen), "the canaries were there"
    assert [one for one in failures if _in(one, SECRETS)] == []
    assert {table: _in(text, SECRETS) for table, text in rows.items() if _in(text, SECRETS)} == {}
    assert len(stored) >= 2, "the database and a backup of it"
    assert await _found(SECRETS, stored) == [], "files"
    written = log.getvalue()
    assert '"level": "debug"' in written
    assert _in(written, [*SECRETS, shown]) == [], "logs"
    assert _in(exposition().decode(), [*SECRETS, "canary"]) == [], "metrics"


async def test_nothing_that_is_asked_at_the_shell_sings(sqlite_url: str, processes: Processes, tmp_path: Path):
    upstream = Echoing()
    logged = tmp_path / "usher.log"
    async with listening(upstream) as (base, _), open_house(sqlite_url, workspaces=0) as house:
        await furnish(house, base)
        loud = {**FAST, "USHER_DATABASE__URL": sqlite_url, "USHER_LOG__LEVEL": "debug", "USHER_LOG__FILE": str(logged)}

        async def run(*wish: str, feed: str = "") -> str:
            process = processes.start(*wish, feed=feed, **loud)
            finished = await asyncio.to_thread(process.finish, timeout=120)
            answered = wish[0] == "ask"
            assert finished.code != USAGE, wish
            assert not _in(finished.err, SECRETS), wish
            assert not _in(finished.out.replace(ANSWER if answered else "\0", ""), SECRETS), wish
            return finished.out

        ask = ("ask", "--as", "telegram:7", "-m", "small")
        assert ANSWER in await run(*ask, PROMPT)
        assert ANSWER in await run(*ask, "-", "--json", "--request-key", "k", feed=PROMPT)
        for fault in ("401", "400-param", "html", "late-event", "cut", "odd-fields", "no-json"):
            upstream.fault = fault
            await run(*ask, PROMPT)
            await run("source", "check", "main")
            await well_again(house)
        upstream.fault = ""
        await run("source", "import", "-", "--yes", feed=f'{{"name": "x", "api_key": "{KEY}"}}\n{{{KEY}\n')
        for wish in ("doctor --upstream", "source list", "source show main", "call list", "call show 1", "alert list",
                     "audit", "find telegram:7", "money", "wallet show telegram:7 --json", "settings"):  # fmt: skip
            await run(*wish.split())
        written = logged.read_text(encoding="utf-8")
    assert _in(written, SECRETS) == [], "the log"
    assert await _found(SECRETS, await asyncio.to_thread(_files_in, tmp_path)) == [], "files"
