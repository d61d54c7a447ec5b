"""What stands in the head of every answer: its number, its time, and what the key may still do."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Final

from aiohttp import web

from bots.gateway.entrance import BEARER
from core.calls.bearers import KeyStanding, standing_of
from core.rules.money import amount_text

if TYPE_CHECKING:
    from core.service import Core

BEGAN: Final = web.RequestKey("began", float)
CALL: Final = web.RequestKey("call", int)
REFERENCE: Final = web.RequestKey("reference", str)
STANDING: Final = web.RequestKey("standing", KeyStanding)
IGNORED: Final = web.RequestKey("ignored", str)
SHORTENED: Final = web.RequestKey("shortened", int)


def begin(request: web.Request) -> None:
    """Note when a request came, and give it a number of its own for as long as it has no call; once."""
    if BEGAN in request:
        return
    request[BEGAN] = asyncio.get_running_loop().time()
    request[REFERENCE] = f"req_{secrets.token_hex(10)}"


async def stand(core: Core, request: web.Request) -> None:
    """Look what the key may still do, where there is one."""
    bearer = request.get(BEARER)
    if bearer is not None:
        request[STANDING] = await standing_of(core, bearer)


def number_of(request: web.Request) -> str:
    """What staff can search for: the call, or the request where there was none."""
    call = request.get(CALL)
    return request[REFERENCE] if call is None else f"call_{call}"


def headers_of(request: web.Request) -> dict[str, str]:
    """The head of every answer."""
    took = asyncio.get_running_loop().time() - request[BEGAN]
    found = {
        "x-request-id": number_of(request),
        "openai-processing-ms": str(int(took * 1000)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Server": "usher",
    }
    if (standing := request.get(STANDING)) is not None:
        found["x-usher-left"] = amount_text(standing.left)
        if standing.limit:
            found["x-ratelimit-limit-requests"] = str(standing.limit)
            found["x-ratelimit-remaining-requests"] = str(standing.remaining)
            found["x-ratelimit-reset-requests"] = f"{standing.resets_in:.0f}s"
    if (ignored := request.get(IGNORED)) is not None:
        found["x-usher-ignored"] = ignored
    if (shortened := request.get(SHORTENED)) is not None:
        found["x-usher-shortened"] = str(shortened)
    return found
