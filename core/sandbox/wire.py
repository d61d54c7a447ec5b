"""How a fault looks on the wire: hanging, reset and malformed answers, on the real socket."""

from __future__ import annotations

import json
import socket
import struct
import zlib
from datetime import timedelta
from email.utils import format_datetime
from functools import cache
from typing import Final, NoReturn

from aiohttp import web

from core.clock import Clock
from core.sandbox.dialect import SimulatedAnswer, WriteProblem

PAUSE: Final = 2  # seconds that a plain 429 asks for
HUGE: Final = 12 * 1024 * 1024
BOMB: Final = 32 * 1024 * 1024
_PAGE: Final = b"<!doctype html><html><head><title>Just a moment</title></head><body>Checking.</body></html>"

# Events that are an ordinary answer of the protocol to one of its problems.
PROBLEMS: Final[dict[str, WriteProblem]] = {
    "applied-then-500": "broken",
    "500": "broken",
    "502": "broken",
    "503": "broken",
    "401": "credential",
    "401-once": "credential",
    "403": "forbidden",
    "404": "gone",
    "409-member": "member",
    "401-true-up": "true_up",
    "400-true-up": "true_up_400",
    "401-delinquent": "delinquent",
    "409-conflict": "conflict",
    "422-full": "full",
    "422-address": "address",
    "429": "pause",
    "429-no-header": "pause",
    "429-date": "pause",
    "429-huge": "pause",
}


def response(answer: SimulatedAnswer) -> web.Response:
    """An ordinary answer."""
    body = b"" if answer.body is None else json.dumps(answer.body).encode()
    headers = dict(answer.headers)
    if body:
        headers["Content-Type"] = answer.media
    return web.Response(status=answer.status, body=body, headers=headers)


def problem_response(event: str, answer: SimulatedAnswer, clock: Clock) -> web.Response:
    """The protocol's answer to a problem, with the status and headers that belong to this event."""
    made = response(answer)
    if event in {"502", "503"}:
        made.set_status(int(event))
    now = clock.now()
    if event == "429":
        made.headers["Retry-After"] = str(PAUSE)
    elif event == "429-huge":
        made.headers["Retry-After"] = "3600"
    elif event == "429-date":
        made.headers["Date"] = format_datetime(now, usegmt=True)
        made.headers["Retry-After"] = format_datetime(now + timedelta(seconds=PAUSE), usegmt=True)
    return made


def page(status: int) -> web.Response:
    """An HTML page where JSON was due."""
    return web.Response(status=status, body=_PAGE, headers={"Content-Type": "text/html; charset=utf-8"})


def reset(request: web.BaseRequest) -> web.Response:
    """Drop the connection with RST. The returned answer is never sent."""
    transport = request.transport
    if transport is not None:
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


async def truncated(request: web.BaseRequest, answer: SimulatedAnswer) -> web.StreamResponse:
    """Announce a whole answer, send half of it, and hang up."""
    body = json.dumps(answer.body or {"padding": "x" * 40}).encode()
    stream = web.StreamResponse(status=200, headers={"Content-Type": answer.media})
    stream.content_length = len(body)
    stream.force_close()
    await stream.prepare(request)
    await stream.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return stream


def malformed(event: str, answer: SimulatedAnswer) -> web.Response:
    """A 200 that cannot be used."""
    media = {"Content-Type": answer.media}
    match event:
        case "bad-json":
            return web.Response(body=b'{"account_invites": [{"id": ', headers=media)
        case "wrong-content-type":
            return web.Response(body=json.dumps(answer.body).encode(), headers={"Content-Type": "text/plain"})
        case "huge-body":
            return web.Response(body=_padded(HUGE), headers=media)
        case "gzip-bomb":
            return web.Response(body=_bomb(), headers={**media, "Content-Encoding": "gzip"})
    return _unknown(event)


def _unknown(event: str) -> NoReturn:
    raise AssertionError(f"no answer for the fault {event}")


@cache
def _padded(size: int) -> bytes:
    return b'{"padding": "' + b"x" * size + b'"}'


@cache
def _bomb() -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    return packer.compress(_padded(BOMB)) + packer.flush()


async def form(request: web.BaseRequest) -> dict[str, str | bytes]:
    """The fields of a form by name; a file is its content."""
    posted = await request.post()
    return {
        name: value.file.read() if isinstance(value, web.FileField) else str(value) for name, value in posted.items()
    }
