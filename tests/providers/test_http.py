"""The shared client against servers that misbehave below any protocol."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from core.providers import http
from core.providers.http import HttpClient, HttpReply, Limits
from core.providers.protocol import Unavailable, Unclear

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    async with HttpClient(Limits(connect=3, read=1.0, total=2.0, body=64 * 1024)) as opened:
        yield opened


@asynccontextmanager
async def serving(answer: web.Response | Handler) -> AsyncIterator[tuple[str, list[web.BaseRequest]]]:
    """A server that gives one answer to everything; yields its address and the requests it got."""
    seen: list[web.BaseRequest] = []

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request)
        if not isinstance(answer, web.Response):
            return await answer(request)
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)

    runner = web.ServerRunner(web.Server(handle, access_log=None, handler_cancellation=True), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/", seen
    finally:
        await runner.cleanup()


async def ask(client: HttpClient, answer: web.Response | Handler) -> object:
    async with serving(answer) as (url, _):
        return await client.call("POST", url, json_body={})


async def test_an_answer_is_read_whole(client):
    reply = await ask(client, web.Response(body=b'{"a": 1}', headers=JSON))
    assert isinstance(reply, HttpReply)
    assert (reply.status, reply.kind, reply.json) == (200, "json", {"a": 1})


async def test_an_empty_answer_is_an_answer(client):
    reply = await ask(client, web.Response(status=204))
    assert isinstance(reply, HttpReply)
    assert (reply.ok, reply.kind) == (True, "empty")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<html></html>", {"Content-Type": "text/html"}),
        (b'{"a": 1}', {"Content-Type": "text/plain"}),
        (b'{"a": 1}', {"Content-Type": "application/jsonp"}),
        (b'{"a": ', JSON),
        (b'{"a": NaN}', JSON),
        (b"[" * 30_000, JSON),
        (b"1" * 10_000, JSON),
        (b"\xff\xfe{", JSON),
        (b'{"a": "' + b"x" * 70_000 + b'"}', JSON),
        (b"not packed", {**JSON, "Content-Encoding": "gzip"}),
        (b'{"a": 1}', {**JSON, "Content-Encoding": "br"}),
        (gzip.compress(b'{"a": "' + b"x" * 5_000_000 + b'"}'), {**JSON, "Content-Encoding": "gzip"}),
        (zlib.compress(b" " * 5_000_000), {**JSON, "Content-Encoding": "deflate"}),
    ],
    ids=[
        "html", "json-called-text", "jsonp", "cut", "nan", "deep", "endless-number", "no-utf8", "huge", "no-gzip",
        "unknown-encoding", "gzip-bomb", "deflate-bomb",
    ],
)  # fmt: skip
async def test_a_yes_that_cannot_be_read_is_unclear(client, body, headers):
    assert isinstance(await ask(client, web.Response(body=body, headers=headers)), Unclear)


async def test_a_packed_answer_is_unpacked(client):
    body = gzip.compress(b'{"a": 1}')
    reply = await ask(client, web.Response(body=body, headers={**JSON, "Content-Encoding": "gzip"}))
    assert isinstance(reply, HttpReply)
    assert reply.json == {"a": 1}


async def test_a_server_that_never_answers_is_unclear(client):
    async def silent(_: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(5)
        return web.Response()

    assert await ask(client, silent) == Unclear("timed out")


async def test_a_server_that_drips_is_unclear_after_the_total_time(client):
    async def dripping(request: web.BaseRequest) -> web.StreamResponse:
        stream = web.StreamResponse(headers=JSON)
        await stream.prepare(request)
        for _ in range(20):
            await stream.write(b" ")
            await asyncio.sleep(0.1)
        return stream

    assert await ask(client, dripping) == Unclear("timed out")


async def test_a_refused_connection_certainly_carried_nothing(client):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        answer = await client.call("POST", f"http://127.0.0.1:{unused.getsockname()[1]}/", json_body={})
    assert isinstance(answer, Unavailable)
    assert answer.reason == "unreachable"


async def test_a_failed_tls_handshake_certainly_carried_nothing(client):
    async with serving(web.Response()) as (url, seen):
        answer = await client.call("POST", url.replace("http://", "https://"), json_body={})
    assert isinstance(answer, Unavailable)
    assert (answer.reason, seen) == ("unreachable", [])


async def test_a_server_that_closes_without_a_word_is_unclear(client):
    async def closing(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    assert isinstance(await ask(client, closing), Unclear)


async def test_redirects_are_not_followed_and_mean_nothing_certain(client):
    async with serving(web.Response(body=b"{}", headers=JSON)) as (elsewhere, visits):
        for status in (301, 302, 303, 307, 308):
            reply = await ask(client, web.Response(status=status, headers={"Location": elsewhere}))
            assert isinstance(reply, HttpReply)
            assert isinstance(http.failure(reply), Unclear)
    assert visits == []


@pytest.mark.parametrize(
    "url",
    [
        "http://upstream.example/", "ftp://127.0.0.1/", "https://user:pass@upstream.example/", "https:///path", "x",
        "http://127.0.0.1.example/", "http://localhost.example/", "https://[::1", "file:///etc/passwd",
        "https://upstream.example:port/",
    ],
)  # fmt: skip
async def test_only_https_leaves_the_machine(client, url):
    answer = await client.call("GET", url)
    assert isinstance(answer, Unavailable)
    assert answer.reason == "unreachable"


async def test_requests_name_themselves_and_keep_no_cookies(client):
    async def setting(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b"{}", headers={**JSON, "Set-Cookie": "session=of-another-team; Path=/"})

    async with serving(setting) as (url, seen):
        await client.call("GET", url)
        await client.call("GET", url, headers={"Authorization": "Bearer t"})
    assert all(request.headers["User-Agent"].startswith("usher/") for request in seen)
    assert "workspace seat manager" in seen[0].headers["User-Agent"]
    assert [request.headers.get("Cookie") for request in seen] == [None, None]


async def test_the_certificate_is_checked(client):
    context = client._open(None).ssl_context
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


DATE = "Sat, 21 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 60),
        ({"retry-after": "5"}, 5),
        ({"retry-after": " 7 "}, 7),
        ({"retry-after": "0"}, 1),
        ({"retry-after": "-5"}, 1),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": "86400"}, 3600),
        ({"retry-after": "1e999"}, 3600),
        ({"retry-after": "nan"}, 60),
        ({"retry-after": "soon"}, 60),
        ({"retry-after": "Sat, 21 Nov 2026 10:01:30 GMT", "date": DATE}, 90),
        ({"retry-after": "Sat, 21 Nov 2026 09:00:00 GMT", "date": DATE}, 1),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:00 GMT", "date": DATE}, 3600),
        ({"retry-after": "Sat, 21 Nov 2026 10:01:30 GMT"}, 60),
        ({"retry-after": "Sat, 21 Nov 2026 10:01:30 GMT", "date": "yesterday"}, 60),
        ({"retry-after": "Sat, 99 Nov 2026 10:01:30 GMT", "date": DATE}, 60),
    ],
)
def test_every_form_of_retry_after(headers, seconds):
    assert http.retry_after(headers) == seconds


def reply(status: int, body: object = None) -> HttpReply:
    return HttpReply(status, "empty" if body is None else "json", body, {})


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (reply(200), None),
        (reply(400, {}), None),
        (reply(404, {}), None),
        (reply(409, {}), None),
        (reply(422, {}), None),
        (reply(401), Unavailable("credential", "status 401")),
        (reply(403, {"detail": "no"}), Unavailable("credential", "status 403")),
        (reply(403, {"error": {"code": "account_deactivated"}}), Unavailable("gone", "status 403")),
        (reply(400, {"error": {"code": "deactivated_workspace"}}), Unavailable("gone", "status 400")),
        (reply(400, {"detail": {"code": "token_invalidated"}}), Unavailable("credential", "status 400")),
        (reply(410), Unavailable("gone", "status 410")),
        (reply(429), Unavailable("rate_limited", "status 429", 60.0)),
        (reply(408), Unclear("status 408")),
        (reply(500, {"error": {"code": "account_deactivated"}}), Unclear("status 500")),
        (reply(503), Unclear("status 503")),
        (HttpReply(403, "other", None, {}), Unavailable("unreachable", "status 403 from an interception page")),
    ],
)
def test_what_a_status_means_for_the_team(answer, meaning):
    assert http.failure(answer) == meaning


def test_the_wording_of_an_error_is_bounded():
    deep: object = "bottom"
    for _ in range(50):
        deep = [deep]
    assert http.wording({"deep": deep, "text": "X" * 10_000}) == "x" * 2000


@pytest.mark.parametrize(
    ("told", "year"),
    [
        ("Wed, 21 Oct 2015 07:28:00 GMT", 2015),
        ("Wed, 21 Oct 2015 07:28:00 -0000", None),
        ("yesterday", None),
        ("", None),
    ],
)
async def test_an_upstreams_own_time_is_what_its_last_answer_told(client: HttpClient, told: str, year: int | None):
    async with serving(web.Response(body=b"{}", headers={**JSON, "Date": told})) as (url, _):
        assert client.clocks.at(url) is None
        await client.call("GET", f"{url}some/path")
        there = client.clocks.at(url)
    assert (there and there.year) == year
    assert client.clocks.at("http://127.0.0.1:1/") is None
