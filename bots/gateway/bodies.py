"""The body of a request: how large it may be, how long it may take, and what comes of one that does not arrive."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from urllib.parse import parse_qsl

from aiohttp import web

from bots.gateway.problems import Problem, invalid, stopping
from bots.gateway.reading import read_json
from core.heartbeat import broken_off_by

BODY_WITHIN: Final = 60.0
"""Seconds that a whole request may take to arrive."""
LARGE: Final = 64 * 1024
"""Bytes from which a body is read apart from everybody else's work."""
MOST_FORM: Final = 8192
"""Bytes of a form."""
CLOSE: Final = {"Connection": "close"}
"""What is left of the body is not waited for."""
STOPPING: Final = web.AppKey("stopping", asyncio.Event)
"""Set when the process is to end: whoever has not asked whole by then has to ask another one."""


async def document_of(request: web.Request) -> dict[str, Any]:
    """The JSON object in the body of a request. Raises: Problem."""
    if request.content_type != "application/json":
        raise invalid("unsupported_media_type", "Send JSON (Content-Type: application/json).", status=415)
    if request.headers.get("Content-Encoding", "identity").casefold() not in {"identity", "gzip"}:
        raise invalid("unsupported_media_type", "A body may be compressed with gzip only.", status=415)
    body = await _whole(request, request.client_max_size)
    return await asyncio.to_thread(read_json, body) if len(body) > LARGE else read_json(body)


async def fields_of(request: web.Request, most: int = MOST_FORM) -> dict[str, str]:
    """The fields of a form of at most so many bytes, each once. Raises: Problem."""
    if request.content_type != "application/x-www-form-urlencoded" or "Content-Encoding" in request.headers:
        raise invalid("unsupported_media_type", "Send the form of the page.", status=415)
    body = await _whole(request, most)
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=8
        )
    except ValueError as wrong:
        raise invalid("invalid_form", "The form could not be read.") from wrong
    found = dict(pairs)
    if len(found) != len(pairs) or any("\x00" in value for value in found.values()):
        raise invalid("invalid_form", "The form could not be read.")
    return found


async def _whole(request: web.Request, most: int) -> bytes:
    if (request.content_length or 0) > most:
        raise _too_large(most)
    body = b""
    try:
        async with broken_off_by(request.app[STOPPING], stopping()), asyncio.timeout(BODY_WITHIN):
            body = await _read(request, most)
    except TimeoutError:
        late = Problem(408, "invalid_request_error", "too_slow", "The body did not arrive in time.", headers=CLOSE)
        raise late from None
    except (web.RequestPayloadError, ValueError, ConnectionError) as broken:
        message = "The body could not be unpacked, or broke off."
        raise Problem(400, "invalid_request_error", "invalid_json", message, headers=CLOSE) from broken
    return body


async def _read(request: web.Request, most: int) -> bytes:
    if most == request.client_max_size:
        try:
            return await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise _too_large(most) from None
    body = bytearray()
    while len(body) <= most and (chunk := await request.content.readany()):
        body += chunk
    if len(body) > most:
        raise _too_large(most)
    return bytes(body)


def _too_large(most: int) -> Problem:
    message = f"A request may have {most} bytes at most, unpacked."
    return Problem(413, "invalid_request_error", "request_too_large", message, headers=CLOSE)
