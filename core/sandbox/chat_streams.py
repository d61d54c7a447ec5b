"""One streamed answer of a simulated model, with all that can go wrong between the first chunk and the last."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Mapping
from functools import cache
from typing import Any, Final

from aiohttp import web

from core.sandbox import wire
from core.sandbox.chat_accounts import Generation

_CREATED: Final = 1_700_000_000
_GARBLED_AT: Final = 2  # chunks of text that are good before one that is not
_BIG: Final = 2 * 1024 * 1024
_BOMB: Final = 64 * 1024 * 1024
_THOUGHTS: Final = ("First", ", I", " cou", "nt t", "he c", "rate", "s.")
_GARBAGE: Final = frozenset({"bad-json-chunk", "wrong-type", "big-line"})


class _Over(Exception):
    """A fault has ended the stream."""


class Writer:
    """Writes one answer. `pace` is seconds between two tokens."""

    def __init__(
        self,
        request: web.BaseRequest,
        generation: Generation,
        body: Mapping[str, Any],
        struck: Mapping[str, float],
        pace: float,
        closing: asyncio.Event,
    ) -> None:
        self._request = request
        self._generation = generation
        self._struck = struck
        self._pace = pace
        self._closing = closing
        options = body.get("stream_options")
        asked = isinstance(options, Mapping) and options.get("include_usage") is True
        self._usage = asked and "no-usage" not in struck
        self._packer = zlib.compressobj(wbits=31) if {"gzip", "gzip-bomb"} & struck.keys() else None
        self._written = 0
        self._thought = 0
        headers = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store"}
        if self._packer is not None:
            headers["Content-Encoding"] = "gzip"
        self._response = web.StreamResponse(headers=headers)

    async def write(self) -> web.StreamResponse:
        """Write the whole answer, or what a fault leaves of it. The generation is closed once the client has
        everything.
        """
        await self._response.prepare(self._request)
        try:
            if "gzip-bomb" in self._struck:
                await self._response.write(_bomb())
                raise _Over
            await self._chunk({"role": "assistant", "content": ""})
            if "usage-early" in self._struck:
                await self._last_chunk()
            await self._think()
            async for token in self._tokens():
                await self._say(token)
            await self._strike(at_end=True)
            await self._end()
        except _Over:
            return self._response
        if self._packer is not None:
            await self._response.write(self._packer.flush())
        self._generation.close(aborted=False)
        return self._response

    async def _tokens(self) -> AsyncIterator[str]:
        clock = asyncio.get_running_loop().time
        due = clock()
        for token in self._generation.tokens:
            await self._strike()
            due += self._pace
            await asyncio.sleep(max(0.0, due - clock()))
            self._generation.spend(1)
            yield token

    async def _think(self) -> None:
        if "reasoning" not in self._struck:
            return
        for thought in _THOUGHTS:
            await asyncio.sleep(self._pace)
            self._generation.spend(1)
            self._thought += 1
            await self._chunk({"reasoning_content": thought})

    async def _say(self, token: str) -> None:
        if self._written == _GARBLED_AT and _GARBAGE & self._struck.keys():
            await self._garble()
        delta: dict[str, Any] = {"content": token}
        if "tool-call" in self._struck:
            call: dict[str, Any] = {"index": 0, "function": {"arguments": token}}
            if self._written == 0:
                call = {
                    "index": 0,
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "look_up", "arguments": token},
                }
            delta = {"tool_calls": [call]}
        for _ in range(2 if "duplicate-chunks" in self._struck else 1):
            await self._chunk(delta)
        self._written += 1

    async def _strike(self, *, at_end: bool = False) -> None:
        """Cut, stall or break off after so many chunks, or at the end of a shorter answer."""
        for name in ("cut", "stall", "error-event"):
            if name not in self._struck or not (at_end or self._written >= self._struck[name]):
                continue
            if name == "stall":
                await self._closing.wait()
            elif name == "error-event":
                error = {"message": "The sandbox broke off.", "type": "server_error", "param": None, "code": "broken"}
                await self._data(json.dumps({"error": error}))
                raise _Over
            # What was written must be on the wire before the connection is torn down under it.
            await asyncio.sleep(0.01)
            wire.reset(self._request)
            raise _Over

    async def _garble(self) -> None:
        if "bad-json-chunk" in self._struck:
            await self._data('{"id": "chatcmpl-')
        elif "wrong-type" in self._struck:
            await self._chunk({"content": 7})
        else:
            await self._chunk({"content": "x" * _BIG})

    async def _end(self) -> None:
        if "role-only" not in self._struck:
            await self._chunk({}, self._generation.reason)
        if "usage-early" not in self._struck:
            for _ in range(2 if "usage-twice" in self._struck else 1):
                await self._last_chunk()
        if "no-done" in self._struck:
            return
        for _ in range(2 if "done-twice" in self._struck else 1):
            await self._data("[DONE]")
        if "after-done" in self._struck:
            await self._chunk({"content": "never to be seen"})

    async def _last_chunk(self) -> None:
        """The chunk that has the usage and no choices."""
        if self._usage:
            await self._data(json.dumps({**self._head(), "choices": [], "usage": self._used()}))

    async def _chunk(self, delta: Mapping[str, Any], reason: str | None = None) -> None:
        chunk: dict[str, Any] = {
            **self._head(),
            "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}],
        }
        if self._usage:
            chunk["usage"] = self._used() if "usage-grows" in self._struck else None
        if "nan" in self._struck:
            chunk["confidence"] = float("nan")
        await self._data(json.dumps(chunk, ensure_ascii="split-utf8" not in self._struck))

    def _head(self) -> dict[str, Any]:
        model = "sandbox-other" if "other-model" in self._struck else self._generation.entry.model
        return {"id": self._generation.id, "object": "chat.completion.chunk", "created": _CREATED, "model": model}

    def _used(self) -> dict[str, Any]:
        return self._generation.usage(self._struck, reasoning=self._thought)

    async def _data(self, data: str) -> None:
        text = f"data: {data}\n\n"
        if "event-lines" in self._struck:
            text = f"id: {self._written}\nevent: message\nretry: 3000\n{text}"
        if "comments" in self._struck:
            text = f": keep-alive\n\n{text}:\n"
        if "crlf" in self._struck:
            text = text.replace("\n", "\r\n")
        raw = text.encode()
        if self._packer is not None:
            raw = self._packer.compress(raw) + self._packer.flush(zlib.Z_SYNC_FLUSH)
        if "split-utf8" in self._struck:
            for byte in raw:
                await self._response.write(bytes([byte]))
                await asyncio.sleep(0)
        else:
            await self._response.write(raw)


@cache
def _bomb() -> bytes:
    """Comment lines, each of them short: only a cap on the size of the whole answer stops them."""
    packer = zlib.compressobj(9, wbits=31)
    line = b":" + b" " * 1022 + b"\n"
    return packer.compress(line * (_BOMB // len(line))) + packer.flush()
