"""The simulated model upstream: `/v1/models` and `/v1/chat/completions` as OpenAI defines them, and every fault."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import cycle, islice
from typing import Any, Final

from aiohttp import web

from core.sandbox import chat_texts, wire
from core.sandbox.chat_accounts import DEFAULT_OUTPUT, MODELS, Generation, ModelAccount, ModelHouse
from core.sandbox.chat_faults import CHAT_CATALOGUE, Armed
from core.sandbox.chat_streams import Writer
from core.sandbox.dialect import SimulatedAnswer
from core.sandbox.faults import FaultUnknown

PREFIX: Final = "/v1"
_ROLES: Final = frozenset({"system", "developer", "user", "assistant", "tool"})
_CREATED: Final = 1_700_000_000
_MOST: Final = 10**9
_LONGEST_NAME: Final = 64
"""Characters of the name under which somebody's customer is known, as OpenAI's specification has it."""

_REFUSALS: Final[Mapping[str, tuple[int, str, str, str | None]]] = {
    "insufficient-quota": (429, "insufficient_quota", "insufficient_quota", None),
    "fraction-zero": (429, "insufficient_quota", "insufficient_quota", None),
    "429": (429, "requests", "rate_limit_exceeded", None),
    "429-no-header": (429, "requests", "rate_limit_exceeded", None),
    "429-date": (429, "requests", "rate_limit_exceeded", None),
    "429-huge": (429, "requests", "rate_limit_exceeded", None),
    "401": (401, "invalid_request_error", "invalid_api_key", None),
    "401-once": (401, "invalid_request_error", "invalid_api_key", None),
    "403": (403, "permission_error", "account_not_allowed", None),
    "403-abuse": (403, "access_terminated", "access_terminated", None),
    "404-model": (404, "invalid_request_error", "model_not_found", "model"),
    "400-context": (400, "invalid_request_error", "context_length_exceeded", "messages"),
    "400-parameter": (400, "invalid_request_error", "unsupported_parameter", "max_tokens"),
    "400-odd": (400, "odd_error", "odd", None),
    "500": (500, "server_error", "internal", None),
    "503": (503, "server_error", "overloaded", None),
}


class _Refusal(Exception):
    def __init__(self, status: int, code: str, parameter: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(code)
        headers = {} if retry_after is None else {"Retry-After": f"{max(retry_after, 1):.0f}"}
        self.code = code
        self.answer = _error(status, "invalid_request_error", code, parameter, headers)


class ChatModels:
    """The HTTP face of a `ModelHouse`. `closing` ends what hangs on purpose; `latency` is in seconds."""

    def __init__(self, house: ModelHouse, closing: asyncio.Event, latency: float) -> None:
        self.house = house
        self._closing = closing
        self._latency = latency
        self.faults = Armed(CHAT_CATALOGUE, "chat", house.seed)

    def speaks(self, path: str) -> bool:
        """Whether a path belongs to models, and there are any."""
        if not self.house.accounts:
            return False
        own = {f"{PREFIX}/{one}" for one in ("chat/completions", "audio/transcriptions", "models", "usage")}
        return path in own or path.startswith(f"{PREFIX}/models/")

    async def handle(self, request: web.BaseRequest, body: Any, header: str | None) -> web.StreamResponse:
        """Answer one request. `header` brings faults of its own."""
        account = self.house.by_key(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if account is None:
            self.house.refuse("", 401, "invalid_api_key")
            await asyncio.sleep(self._latency)
            return _refused("401")
        calling = request.path.endswith(("/chat/completions", "/audio/transcriptions"))
        try:
            struck = self.faults.draw(account.name, calling=calling, more=header)
        except FaultUnknown as unknown:
            return wire.response(SimulatedAnswer(400, {"detail": str(unknown)}))
        try:
            if request.path == f"{PREFIX}/usage":
                return self._usage(request, account)
            if not calling:
                return self._models(request, account, struck)
            if request.method != "POST":
                raise _Refusal(405, "method_not_allowed")
            return await self._complete(request, account, body, struck)
        except _Refusal as refusal:
            self.house.refuse(account.name, refusal.answer.status, refusal.code)
            await asyncio.sleep(self._latency)
            return wire.response(refusal.answer)

    def _models(self, request: web.BaseRequest, account: ModelAccount, struck: Mapping[str, float]) -> web.Response:
        event = self.faults.instead(struck)
        if event in {"401", "403", "403-abuse"}:
            return _refused(event)
        fraction, resets_at = self.house.fraction(account)
        if event == "fraction-zero":
            fraction, resets_at = 0.0, resets_at or self.house.clock.now() + timedelta(hours=5)
        quota = {} if fraction is None else {"quota": {"fraction": fraction, "group": account.group}}
        if quota and resets_at is not None:
            quota["quota"]["resets_at"] = resets_at.isoformat()
        rows = [
            {"id": model, "object": "model", "created": _CREATED, "owned_by": "sandbox", **quota} for model in MODELS
        ]
        wanted = request.path.removeprefix(f"{PREFIX}/models").removeprefix("/")
        if not wanted:
            return wire.response(SimulatedAnswer(200, {"object": "list", "data": rows}))
        row = next((row for row in rows if row["id"] == wanted), None)
        if row is None:
            raise _Refusal(404, "model_not_found", "model")
        return wire.response(SimulatedAnswer(200, row))

    def _usage(self, request: web.BaseRequest, account: ModelAccount) -> web.Response:
        """One account's calls, in the form that a gateway of Usher's kind lists them; all on one page."""
        if not self.house.tells_usage:
            raise _Refusal(404, "unknown_url")
        since = float(request.query.get("from", "0"))
        rows = [
            {"id": one.id, "model": one.model, "prompt_tokens": one.input, "completion_tokens": one.output}
            for one in self.house.bill
            if one.account == account.name and datetime.fromisoformat(one.at).timestamp() >= since
        ]
        page = {"object": "list", "data": rows, "has_more": False, "last_id": rows[-1]["id"] if rows else None}
        return wire.response(SimulatedAnswer(200, page))

    async def _complete(
        self, request: web.BaseRequest, account: ModelAccount, body: Any, struck: Mapping[str, float]
    ) -> web.StreamResponse:
        if event := self.faults.instead(struck):
            return await self._instead(request, account, event)
        if request.path.endswith("/transcriptions"):
            return await self._write_down(account, body)
        model, messages, bound = self._checked(account, body, struck)
        generation = self.house.begin(
            account, model, messages, bound=_MOST if "ignores-limit" in struck else bound, tools=body.get("tools")
        )
        _reshape(generation, struck, bound)
        try:
            return await self._answer(request, generation, body, struck)
        finally:
            # Reached with the call still open when the client has left, or this server stops.
            generation.close(aborted=True, rest="generates-on" in struck)

    async def _write_down(self, account: ModelAccount, body: Any) -> web.Response:
        """Transcribe a file: a simulated sound says what its bytes spell (`chat_texts.spoken`)."""
        content = body.get("file") if isinstance(body, dict) else None
        if not isinstance(content, bytes) or body.get("model") not in MODELS:
            raise _Refusal(400, "missing", "file" if isinstance(body, dict) and body.get("model") else "model")
        heard = self.house.hear(account, str(body["model"]), content)
        await asyncio.sleep(self._latency + self.house.first)
        heard.spend(len(heard.tokens))
        heard.close(aborted=False)
        usage = {"type": "tokens", "input_tokens": heard.entry.input, "output_tokens": heard.entry.output}
        usage["total_tokens"] = heard.entry.input + heard.entry.output
        return wire.response(SimulatedAnswer(200, {"text": "".join(heard.tokens), "usage": usage}))

    async def _instead(self, request: web.BaseRequest, account: ModelAccount, event: str) -> web.StreamResponse:
        await asyncio.sleep(self._latency)
        self.house.refuse(account.name, _REFUSALS.get(event, (0,))[0], event)
        if event == "reset":
            return wire.reset(request)
        if event == "html-200":
            return wire.page(200)
        answer = _refused(event)
        now = self.house.clock.now()
        if event == "429":
            answer.headers["Retry-After"] = str(wire.PAUSE)
        elif event == "429-huge":
            answer.headers["Retry-After"] = "86400"
        elif event == "429-date":
            answer.headers["Date"] = format_datetime(now, usegmt=True)
            answer.headers["Retry-After"] = format_datetime(now + timedelta(seconds=wire.PAUSE), usegmt=True)
        return answer

    def _checked(
        self, account: ModelAccount, body: Any, struck: Mapping[str, float]
    ) -> tuple[str, Sequence[Mapping[str, Any]], int]:
        if not isinstance(body, dict):
            raise _Refusal(400, "invalid_json")
        model, messages = body.get("model"), body.get("messages")
        if not isinstance(model, str):
            raise _Refusal(400, "missing", "model")
        if model not in MODELS:
            raise _Refusal(404, "model_not_found", "model")
        if not isinstance(messages, list) or not messages:
            raise _Refusal(400, "missing", "messages")
        if not all(isinstance(message, dict) and message.get("role") in _ROLES for message in messages):
            raise _Refusal(400, "invalid_value", "messages")
        if "400-parameter" in struck and "max_tokens" in body:
            raise _Refusal(400, "unsupported_parameter", "max_tokens")
        _check_names(body)
        bound = body.get("max_completion_tokens", body.get("max_tokens", DEFAULT_OUTPUT))
        if type(bound) is not int or bound < 1:
            raise _Refusal(400, "invalid_value", "max_completion_tokens")
        used = chat_texts.count_input(messages, body.get("tools"))
        if used > MODELS[model]:
            raise _Refusal(400, "context_length_exceeded", "messages")
        fraction, resets_at = self.house.fraction(account)
        if fraction == 0 and resets_at is not None:
            left = (resets_at - self.house.clock.now()).total_seconds()
            raise _Refusal(429, "insufficient_quota", retry_after=left)
        if (wait := self.house.wait(account, used)) is not None:
            raise _Refusal(429, "rate_limit_exceeded", retry_after=wait)
        return model, messages, bound

    async def _answer(
        self, request: web.BaseRequest, generation: Generation, body: Mapping[str, Any], struck: Mapping[str, float]
    ) -> web.StreamResponse:
        await asyncio.sleep(self._latency + self.house.first + struck.get("slow-first", 0.0) / 1000)
        if "hang-first" in struck:
            await self._closing.wait()
            return wire.reset(request)
        pace = self.house.pace + struck.get("slow", 0.0) / 1000
        streams = (body.get("stream") is True or "streams-anyway" in struck) and "ignores-stream" not in struck
        if streams:
            return await Writer(request, generation, body, struck, pace, self._closing).write()
        for _ in generation.tokens:
            await asyncio.sleep(pace)
            generation.spend(1)
        generation.close(aborted=False)
        return wire.response(SimulatedAnswer(200, _document(generation, struck)))


def _check_names(body: Mapping[str, Any]) -> None:
    for name in ("user", "safety_identifier"):
        if not isinstance(given := body.get(name, ""), str) or len(given) > _LONGEST_NAME:
            raise _Refusal(400, "invalid_value", name)


def _reshape(generation: Generation, struck: Mapping[str, float], bound: int) -> None:
    """Change what the model says, where a fault asks for that."""
    tokens = generation.tokens
    if "ignores-limit" in struck:
        tokens = list(islice(cycle(tokens), max(len(tokens), 2 * bound)))
    if "tool-call" in struck:
        tokens, generation.reason = chat_texts.split('{"place": "harbour", "nights": 2}'), "tool_calls"
    if "length" in struck:
        tokens, generation.reason = tokens[: max(1, len(tokens) // 2)], "length"
    if {"empty-answer", "role-only", "filtered"} & struck.keys():
        tokens, generation.reason = [], "content_filter" if "filtered" in struck else "stop"
    generation.tokens = tokens


def _document(generation: Generation, struck: Mapping[str, float]) -> dict[str, Any]:
    text = "".join(generation.tokens)
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if "tool-call" in struck:
        call = {"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": text}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    return {
        "id": generation.id,
        "object": "chat.completion",
        "created": _CREATED,
        "model": "sandbox-other" if "other-model" in struck else generation.entry.model,
        "choices": [{"index": 0, "message": message, "finish_reason": generation.reason}],
        **({} if "no-usage" in struck else {"usage": generation.usage(struck)}),
    }


def _refused(event: str) -> web.Response:
    status, kind, code, parameter = _REFUSALS[event]
    return wire.response(_error(status, kind, code, parameter, {}))


def _error(status: int, kind: str, code: str, parameter: str | None, headers: Mapping[str, str]) -> SimulatedAnswer:
    error = {"message": f"The sandbox refuses: {code}.", "type": kind, "param": parameter, "code": code}
    return SimulatedAnswer(status, {"error": error}, headers)
