"""Whoever means harm is refused, bounded, and leaves nothing behind in a log."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import io
import json
import socket
from collections.abc import AsyncIterator, Callable

import pytest
import structlog
import uvloop

from bots.gateway.app import GRACE, Gateway
from bots.gateway.reading import OPTIONS
from core.models.refusals import FIELDS
from tests.support.chats import until
from tests.support.programs import Door, open_door

HELLO = {"model": "small", "messages": [{"role": "user", "content": "Hello"}]}
SECRET = "what only its asker should know"


async def raw(door: Door, sent: bytes) -> bytes:
    """What comes back for bytes that no client would send."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(door.base.rpartition(":")[2]))
    writer.write(sent)
    await writer.drain()
    with contextlib.suppress(asyncio.IncompleteReadError):
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 240)
        writer.close()
        return head
    writer.close()
    return b""


async def test_bodies_that_are_meant_to_hurt(sqlite_url: str) -> None:
    async with open_door(sqlite_url, gateway={"body_megabytes": 1}) as door:
        key = await door.key()
        deep = b'{"model":"small","messages":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
        bomb = gzip.compress(b" " * 50_000_000)
        kind = {"Content-Type": "application/json"}
        packed = {**kind, "Content-Encoding": "gzip"}
        for body, head, status, code in (
            (b"[" * 10_000, kind, 400, "invalid_json"),
            (deep, kind, 400, "invalid_json"),
            (b'{"a":' * 900 + b"1" + b"}" * 900, kind, 400, "invalid_json"),
            (b'{"model":"small","model":"small","messages":[]}', kind, 400, "invalid_json"),
            (b'{"model":"small","messages":[],"seed":NaN}', kind, 400, "invalid_json"),
            (b'{"model":"small","messages":[{"role":"user","content":"\\ud800"}]}', kind, 400, "invalid_json"),
            (b"\xff\xfe{}", kind, 400, "invalid_json"),
            (b"", kind, 400, "invalid_json"),
            (b"[]", kind, 400, "invalid_json"),
            (b" " * 2**21, kind, 413, "request_too_large"),
            (bomb, packed, 413, "request_too_large"),
            (b"no gzip", packed, 400, "invalid_json"),
            (json.dumps(HELLO).encode(), {**kind, "Content-Encoding": "br"}, 400, "bad_request"),
            (json.dumps(HELLO).encode(), {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        ):
            found = await door.ask("POST", "/v1/chat/completions", key, data=io.BytesIO(body), headers=head)
            assert found[0] == status, (body[:60], found)
            assert found[1]["error"]["code"] == code, (body[:60], found)
        many = {**HELLO, "messages": [{"role": "user", "content": "x"}] * 10_001}
        assert (await door.post(key, **many))[0] == 400
        whole = gzip.compress(json.dumps(HELLO).encode())
        assert (await door.ask("POST", "/v1/chat/completions", key, data=whole, headers=packed))[0] == 200
        assert door.bank.desk.calls.total() == 1


async def test_heads_that_are_meant_to_hurt(sqlite_url: str) -> None:
    async with open_door(sqlite_url) as door:
        key = await door.key()
        bearer = f"Authorization: Bearer {key}\r\n".encode()
        for sent, status in (
            (b"GET /v1/models HTTP/1.1\r\nHost: a\r\n" + bearer + bearer + b"\r\n", b"401"),
            (b"GET /v1/models?key=" + key.encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"401"),
            (b"GET /v1/models HTTP/1.0\r\n" + bearer + b"\r\n", b"200"),
            (b"GET /v1/models HTTP/1.1\r\nHost: a\r\nX: \xff\xfe\r\n" + bearer + b"\r\n", b"200"),
            (b"GET /v1/models HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 500 + b"\r\n", b"400"),
            (b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"400"),
            (b"GET /v1/models HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", b"400"),
            (b"NONSENSE\r\n\r\n", b"400"),
            (b"GET /v1/models HTTP/1.1\r\nHost: a\r\nExpect: much\r\n\r\n", b"417"),
            (b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", b"400"),
            (b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
        ):  # fmt: skip
            answer = await raw(door, sent)
            assert answer.split(b" ")[1] == status, (sent[:80], answer[:200])
            assert b"Server: usher" in answer, (sent[:80], answer[:300])
        injected = {"Idempotency-Key": "a" * 201}
        assert (await door.post(key, headers=injected))[0] == 400
        good, _, head = await door.post(key, **{"x\r\nSet-Cookie: a=b": 1})
        assert good == 200
        assert "Set-Cookie" not in head
        assert "\r" not in head.get("x-usher-ignored", "")


async def test_pages_and_hosts_that_have_no_business_here(sqlite_url: str) -> None:
    page = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    friend = {**page, "Origin": "https://chat.example.com"}
    settings = {"public_url": "https://models.example.com", "cors_origins": ["https://chat.example.com"]}
    async with open_door(sqlite_url, gateway=settings) as door:
        key = await door.key()
        # As the vendor's own client asks from a browser.
        friend["Access-Control-Request-Headers"] = "authorization,content-type,x-stainless-lang,x-stainless-os"
        _, _, head = await door.ask("OPTIONS", "/v1/chat/completions", headers=friend)
        assert head["Access-Control-Allow-Headers"] == friend["Access-Control-Request-Headers"]
        for stream in (False, True):
            _, _, head = await door.post(key, stream=stream, headers={"Origin": friend["Origin"]})
            assert head["Access-Control-Allow-Origin"] == friend["Origin"], stream
            assert head["Access-Control-Expose-Headers"] == "*"
        for origin, allowed in ((page, None), (friend, "https://chat.example.com")):
            status, _, head = await door.ask("OPTIONS", "/v1/chat/completions", headers=origin)
            assert (status == 204, head.get("Access-Control-Allow-Origin")) == (allowed is not None, allowed)
            _, _, head = await door.ask("GET", "/v1/models", key, headers=origin)
            assert head.get("Access-Control-Allow-Origin") == allowed
            assert "Access-Control-Allow-Credentials" not in head
        for host, status in (("models.example.com", 200), ("127.0.0.1:1", 200), ("evil.example", 421), ("[::1", 421)):
            assert (await door.ask("GET", "/v1/models", key, headers={"Host": host}))[0] == status, host


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_slow_ones_lose_their_place(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    monkeypatch.setattr("bots.gateway.bodies.BODY_WITHIN", 0.3)
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(slow_ones(sqlite_url))


async def slow_ones(url: str) -> None:
    async with open_door(url) as door, patient_door(door, 0.3) as port:
        begun = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nX: "
        for sent in (b"", b"G", begun):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), 240) == b""
            writer.close()
        head = (
            f"Authorization: Bearer {await door.key()}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
        )
        form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\n"
        for path, rest in (("/v1/chat/completions", head), ("/oauth/linuxdo/callback", form)):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"POST {path} HTTP/1.1\r\nHost: a\r\n{rest}{{".encode())
            answer = await asyncio.wait_for(reader.readuntil(b"\r\n"), 240)
            assert b" 408 " in answer, path
            await asyncio.wait_for(reader.read(), 240)
            writer.close()


@contextlib.asynccontextmanager
async def patient_door(door: Door, within: float) -> AsyncIterator[int]:
    stop, served = asyncio.Event(), Gateway(door.core, within)

    async def listens() -> bool:
        return served.port != 0

    async with asyncio.TaskGroup() as group:
        group.create_task(served.run(stop))
        await until(listens, 60, "it did not start")
        try:
            yield served.port
        finally:
            stop.set()


async def test_whoever_has_not_asked_whole_holds_up_no_end_and_no_log(sqlite_url: str) -> None:
    form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\n"
    async with open_door(sqlite_url) as door:
        head = (
            f"Authorization: Bearer {await door.key()}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
        )
        begun = (("/v1/chat/completions", head), ("/oauth/linuxdo/callback", form))
        with structlog.testing.capture_logs() as logs:
            for path, rest in begun:  # gone in the middle of what they send
                async with slow_sender(door, path, rest) as (_, writer):
                    writer.transport.abort()
                await until(lambda: _idle(door), 60, "somebody is still waited for")
        assert [line for line in logs if line["log_level"] == "error"] == []
        waiting = contextlib.AsyncExitStack()
        async with waiting:
            sent = [await waiting.enter_async_context(slow_sender(door, path, rest)) for path, rest in begun]
            door.stop.set()
            for reader, _ in sent:
                answer = await asyncio.wait_for(reader.readuntil(b"\r\n"), GRACE)
                assert b" 503 " in answer
                await asyncio.wait_for(reader.read(), 240)


@contextlib.asynccontextmanager
async def slow_sender(
    door: Door, path: str, rest: str
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Somebody whose request has come, but for the end of its body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(door.base.rpartition(":")[2]))
    before = door.gateway.running
    writer.write(f"POST {path} HTTP/1.1\r\nHost: a\r\n{rest}{{".encode())

    async def begun() -> bool:
        return door.gateway.running > before

    await until(begun, 60, "it was not begun")
    yield reader, writer
    writer.close()


async def _idle(door: Door) -> bool:
    return door.gateway.running == 0


async def test_a_client_that_takes_nothing_has_left(sqlite_url: str) -> None:
    async with open_door(sqlite_url, gateway={"silent_client": 0.3}) as door:
        closed = asyncio.Event()

        async def flood(question: object) -> AsyncIterator[object]:
            from core.models.protocol import Began, Finished, Sent, Text

            try:
                yield Sent()
                yield Began()
                for _ in range(4_000):
                    yield Text("x" * 4_000)
                yield Finished("stop")
            finally:
                closed.set()

        door.bank.desk.usual = flood  # type: ignore[assignment]
        body = json.dumps({**HELLO, "stream": True}).encode()
        head = (
            f"Authorization: Bearer {await door.key()}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        )
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(deaf, ("127.0.0.1", int(door.base.rpartition(":")[2])))
            asked = f"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n{head}\r\n\r\n".encode() + body
            await loop.sock_sendall(deaf, asked)
            await asyncio.wait_for(closed.wait(), 240)

        async def ended() -> bool:
            return bool(await door.bank.value("SELECT count(*) FROM calls WHERE finish = 'left'"))

        await until(ended, 60, "it was not settled")
        await door.bank.books_balance()


async def test_nothing_that_is_secret_is_logged_or_stored(sqlite_url: str, capfd: pytest.CaptureFixture[str]) -> None:
    async with open_door(sqlite_url) as door:
        key = await door.key()
        asked = [{"role": "user", "content": SECRET}]
        with structlog.testing.capture_logs() as logs:
            for given in (key, key[:-1] + "_", "sk-other"):
                for stream in (False, True):
                    await door.post(given, messages=asked, stream=stream)
            door.bank.desk.usual = None  # type: ignore[assignment]
            status, body, _ = await door.post(key, messages=asked)
            assert (status, body["error"]["code"]) == (500, "internal")
        assert "NoneType" not in str(body)
        out, err = capfd.readouterr()
        tables = ("calls", "keys", "audit_log", "alerts", "attempts")
        stored = str([await door.bank.rows(f"SELECT * FROM {table}") for table in tables])
        for place in (str(logs), out, err, stored):
            assert SECRET not in place
            assert key not in place


def test_an_upstream_can_name_every_option_that_goes_on_to_it() -> None:
    assert set(OPTIONS) <= FIELDS
