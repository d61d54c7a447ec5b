"""An answer that is read while it is being made: one request, its limits, and a way to hang up at once.

    async with client.stream("POST", url, body=…, until=…) as exchange:
        if await exchange.sent():
            …
        answer = await exchange.answer()

Everything that goes wrong is a `Failure` that is returned, never an exception.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, Self

from core.providers.broken import meaning_of
from core.providers.protocol import Failure, Unavailable, Unclear

if TYPE_CHECKING:
    import aiohttp

PIECE: Final = 64 * 1024
"""Most bytes, unpacked, that one reading gives."""


class FormBody(dict[str, str | tuple[str, bytes, str]]):
    """A request as a form: fields by name, words or a file's name, content and media type."""


def posted(body: Any) -> tuple[bytes | aiohttp.FormData | None, dict[str, str]]:
    """A body as it is sent, a `FormBody` or else JSON, and the headers that say what it is; None is none."""
    import aiohttp

    if body is None:
        return None, {}
    if not isinstance(body, FormBody):
        text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
        return text.encode(errors="replace"), {"Content-Type": "application/json"}
    form = aiohttp.FormData()
    for name, value in body.items():
        if isinstance(value, str):
            form.add_field(name, value)
        else:
            filename, content, media = value
            form.add_field(name, content, filename=filename, content_type=media)
    return form, {}


class Stream:
    """The head of an answer, and its body piece by piece. `size` is the most bytes of it, packed or unpacked."""

    def __init__(self, response: aiohttp.ClientResponse, size: int) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
        self._response = response
        self._size = size
        self._read = 0
        encoding = self.headers.get("content-encoding", "identity").strip().lower()
        self._packed = encoding in {"gzip", "deflate"}
        self._foreign = not self._packed and encoding not in {"", "identity"}
        self._unpacker = zlib.decompressobj(wbits=47)
        self._until = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._waiting = False

    @property
    def media(self) -> str:
        """The media type in lower case, without parameters; empty where none is stated."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    async def read(self, until: float) -> bytes | Unclear:
        """The next piece as soon as there is one, `b""` at the proper end, or why there will be no more.

        `until` is a time of the event loop's clock.
        """
        if self._foreign:
            return Unclear("answer in an unknown encoding")
        while True:
            try:
                piece = await self._next(until)
            except zlib.error:
                return Unclear("answer cannot be unpacked")
            if not isinstance(piece, bytes):
                return piece
            self._read += len(piece)
            if self._read > self._size:
                return Unclear("answer too large")
            if piece or self._response.content.at_eof():
                return piece

    async def whole(self, until: float) -> bytes | Unclear:
        """All that is left of the body."""
        gathered = bytearray()
        while piece := await self.read(until):
            if isinstance(piece, Unclear):
                return piece
            gathered += piece
        return bytes(gathered)

    def close(self) -> None:
        """Hang up, unless the answer was read to its end: then the connection may serve another request."""
        if self._alarm is not None:
            self._alarm.cancel()
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()

    async def _next(self, until: float) -> bytes | Unclear:
        if self._packed and self._unpacker.unconsumed_tail:
            return self._unpacker.decompress(self._unpacker.unconsumed_tail, PIECE)
        raw = await self._raw(until)
        if not self._packed or not isinstance(raw, bytes):
            return raw
        if not raw and self._read and not self._unpacker.eof:
            return Unclear("answer cannot be unpacked")
        return self._unpacker.decompress(raw, PIECE)

    async def _raw(self, until: float) -> bytes | Unclear:
        import aiohttp

        self._until = until
        if self._alarm is None or until < self._alarm.when():
            self._set_alarm()
        self._waiting = True
        try:
            return await self._response.content.readany()
        except (aiohttp.ClientError, OSError) as error:
            failed = meaning_of(error)
            return failed if isinstance(failed, Unclear) else Unclear(failed.detail)
        finally:
            self._waiting = False

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_at(self._until, self._ring)

    def _ring(self) -> None:
        # One alarm serves many readings: each only says until when it waits. Setting one for each piece of an answer
        # would cost as much as understanding the piece.
        self._alarm = None
        if not self._waiting:
            return
        if asyncio.get_running_loop().time() < self._until:
            self._set_alarm()
        else:
            self._response.content.set_exception(TimeoutError())


class Exchange:
    """One request on its way. Leaving it hangs up; an answer that is still awaited is given up."""

    def __init__(self, session: aiohttp.ClientSession, asked: Mapping[str, Any], until: float, size: int) -> None:
        self._session = session
        self._asked = asked
        self._until = until
        self._size = size

    async def __aenter__(self) -> Self:
        self._left = asyncio.get_running_loop().create_future()
        self._opening = asyncio.ensure_future(self._open())
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self._opening.done():
            self._opening.cancel()
            await asyncio.wait([self._opening])
        if not self._opening.cancelled() and isinstance(opened := self._opening.result(), Stream):
            opened.close()

    async def sent(self) -> bool:
        """Wait until the connection stands and the request leaves. False: it never did, and `answer` tells why."""
        await asyncio.wait([self._left, self._opening], return_when=asyncio.FIRST_COMPLETED)
        return self._left.done()

    async def answer(self) -> Stream | Failure:
        """The answer's head, or what became of the request."""
        return await self._opening

    async def _open(self) -> Stream | Failure:
        import aiohttp

        try:
            async with asyncio.timeout_at(self._until):
                response = await self._session.request(
                    **self._asked, allow_redirects=False, auto_decompress=False, trace_request_ctx=self._leave
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # What never left cannot have been carried out, whatever the reason.
            return meaning_of(error) if self._left.done() else Unavailable("unreachable", type(error).__name__)
        return Stream(response, self._size)

    def _leave(self) -> None:
        if not self._left.done():
            self._left.set_result(None)


def tell_when_sent() -> aiohttp.TraceConfig:
    """What a session needs so that an exchange learns when its request leaves."""
    import aiohttp

    async def leaves(_: object, context: SimpleNamespace, __: object) -> None:
        context.trace_request_ctx()

    tracing = aiohttp.TraceConfig()
    tracing.on_request_headers_sent.append(leaves)
    return tracing
