"""An answer on the wire: one document, or chunk after chunk. Everything is written anew; nothing of an upstream passes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from bots.gateway.problems import Problem
from bots.gateway.reading import Asked
from core.calls.orders import Answer, CallProgress, Gone, OpenedCall, Waiting
from core.models.protocol import Reasoning, Text, ToolCall
from core.rules.money import amount_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

REASONS: Final[Mapping[str | None, str]] = {
    "length": "length",
    "tool_calls": "tool_calls",
    "filtered": "content_filter",
}
"""Why an answer ended, in OpenAI's words; everything else is `stop`."""
STREAM: Final = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "X-Accel-Buffering": "no",
}
DONE: Final = b"data: [DONE]\n\n"
WAITING: Final = b": waiting\n\n"


def dumped(value: Any) -> str:
    """JSON in one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def usage_of(answer: Answer) -> dict[str, Any]:
    """The tokens of a call, as OpenAI counts them."""
    tokens = answer.tokens
    given, out = tokens.get("input", 0), tokens.get("output", 0)
    return {
        "prompt_tokens": given,
        "completion_tokens": out,
        "total_tokens": given + out,
        "prompt_tokens_details": {"cached_tokens": tokens.get("cached", 0)},
        "completion_tokens_details": {"reasoning_tokens": tokens.get("reasoning", 0)},
    }


def document(answer: Answer, asked: Asked, created: int) -> dict[str, Any]:
    """A whole answer as one document."""
    message: dict[str, Any] = {"role": "assistant", "content": answer.text or None, "refusal": None}
    if answer.tool_calls:
        message["tool_calls"] = [_whole_call(call) for call in answer.tool_calls]
    elif message["content"] is None:
        message["content"] = ""
    if answer.reasoning:
        message["reasoning_content"] = answer.reasoning
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason_of(answer)}
    return {
        "id": f"chatcmpl-{answer.call_id}",
        "object": "chat.completion",
        "created": created,
        "model": asked.model,
        "choices": [choice],
        "usage": usage_of(answer),
        "usher": cost_of(answer),
    }


def reason_of(answer: Answer) -> str:
    """Why it ended."""
    return REASONS.get(answer.ended_by, "content_filter" if answer.reason == "filtered" else "stop")


def cost_of(answer: Answer) -> dict[str, Any]:
    """What a call came to, beside what OpenAI's shapes know."""
    return {"charged": amount_text(answer.charged), "estimated": answer.estimated}


def _whole_call(call: Mapping[str, Any]) -> dict[str, Any]:
    named = {"name": call.get("name", ""), "arguments": call.get("arguments", "")}
    return {"id": call.get("id", ""), "type": "function", "function": named}


class EventStream:
    """Server-sent events. The status line waits until there is something to say; until then a failure can still be one."""

    def __init__(
        self, request: web.Request, asked: Asked, created: int, ready: Callable[[], Awaitable[Mapping[str, str]]]
    ) -> None:
        self._request = request
        self._asked = asked
        self._created = created
        self._ready = ready
        self._opening = asyncio.Lock()
        self._head = self._tail = ""
        self._silent = request.app[SILENT]
        self.response: web.StreamResponse | None = None
        self.call_id: int | None = None
        self.opened = asyncio.Event()
        """The question is let in: its call has a number."""
        self.shortened: int | None = None
        self.written_at = asyncio.get_running_loop().time()

    @property
    def streams(self) -> bool:
        """Is it to come as events?"""
        return self._asked.stream

    async def deliver(self, progress: CallProgress) -> None:
        """What happens to the call, as it happens. Raises: Gone."""
        if isinstance(progress, OpenedCall):
            self.call_id = progress.call_id
            self.shortened = progress.most_output if progress.shortened else None
            self.opened.set()
        elif not isinstance(progress, Waiting) and self._asked.stream:
            if self.response is None:
                await self.open()
            await self._write(self._piece(progress))

    async def open(self) -> None:
        """Send the status line and the first chunk. Raises: Gone."""
        async with self._opening:
            if self.response is not None:
                return
            usage = ',"usage":null' if self._asked.usage else ""
            named = {"id": f"chatcmpl-{self.call_id}", "object": "chat.completion.chunk", "created": self._created}
            self._head = dumped({**named, "model": self._asked.model})[:-1] + ',"choices":[{"index":0,"delta":'
            self._tail = usage + "}\n\n"
            response = web.StreamResponse(headers={**STREAM, **await self._ready()})
            try:
                await response.prepare(self._request)
            except ConnectionError:
                raise Gone from None
            self.response = response
            await self._write(self._chunk('{"role":"assistant","content":""}'))

    async def wait(self) -> None:
        """Say that it goes on. Raises: Gone."""
        if self.response is None:
            await self.open()
        await self._write(WAITING)

    async def replay(self, answer: Answer) -> None:
        """An answer that was given before, in as few chunks as it takes. Raises: Gone."""
        self.call_id = answer.call_id
        if answer.reasoning:
            await self.deliver(Reasoning(answer.reasoning))
        if answer.text:
            await self.deliver(Text(answer.text))
        for place, call in enumerate(answer.tool_calls):
            await self.deliver(ToolCall(place, call.get("id"), call.get("name"), call.get("arguments", "")))

    async def finish(self, answer: Answer) -> web.StreamResponse:
        """The last chunks of a whole answer. Raises: Gone."""
        await self.open()
        await self._write(self._chunk("{}", reason=dumped(reason_of(answer))))
        if self._asked.usage:
            named = {"id": f"chatcmpl-{answer.call_id}", "object": "chat.completion.chunk", "created": self._created}
            last = {**named, "model": self._asked.model, "choices": [], "usage": usage_of(answer)}
            await self._write(f"data: {dumped({**last, 'usher': cost_of(answer)})}\n\n".encode())
        await self._write(DONE)
        return await self._end()

    async def fail(self, problem: Problem) -> web.StreamResponse:
        """The end of an answer that is not whole: an error, and no `[DONE]`. Raises: Gone."""
        await self._write(f"data: {dumped(problem.body())}\n\n".encode())
        return await self._end()

    def _piece(self, piece: Text | Reasoning | ToolCall) -> bytes:
        if isinstance(piece, Text):
            logprobs = "null" if piece.logprobs is None else dumped(piece.logprobs)
            return self._chunk(f'{{"content":{dumped(piece.text)}}}', logprobs)
        if isinstance(piece, Reasoning):
            return self._chunk(f'{{"reasoning_content":{dumped(piece.text)}}}')
        function = {**({"name": piece.name} if piece.name else {}), "arguments": piece.arguments}
        first = {"id": piece.id or f"call_{self.call_id}_{piece.index}", "type": "function"} if piece.name else {}
        return self._chunk(dumped({"tool_calls": [{"index": piece.index, **first, "function": function}]}))

    def _chunk(self, delta: str, logprobs: str = "null", *, reason: str = "null") -> bytes:
        choice = f'{delta},"logprobs":{logprobs},"finish_reason":{reason}}}]'
        return f"data: {self._head}{choice}{self._tail}".encode("utf-8", "replace")

    async def _write(self, line: bytes) -> None:
        response = self.response
        if response is None:
            raise Gone
        try:
            async with asyncio.timeout(self._silent):
                await response.write(line)
        except (ConnectionError, TimeoutError):
            if (transport := self._request.transport) is not None:
                transport.abort()
            raise Gone from None
        self.written_at = asyncio.get_running_loop().time()

    async def _end(self) -> web.StreamResponse:
        if self.response is None:
            raise Gone
        try:
            await self.response.write_eof()
        except ConnectionError:
            raise Gone from None
        return self.response


SILENT: Final = web.AppKey("silent", float)
"""Seconds after which a client that takes nothing has left."""
