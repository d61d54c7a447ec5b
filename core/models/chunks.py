"""The chunks of one answer, as OpenAI's chat completions define them, read into events.

What an upstream leaves out is forgiven, what contradicts the format is not: a hole in an answer must not look whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from core.models import refusals
from core.models.protocol import (
    Began,
    Broke,
    CallEnding,
    CallUnclear,
    Event,
    Finished,
    FinishReason,
    Piece,
    Reasoning,
    Text,
    ToolCall,
    Usage,
)

_DONE: Final = b"[DONE]"
_REASONS: Final[Mapping[str, FinishReason]] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "filtered",
}
_MAX_FACT: Final = 200


class _Garbled(ValueError):
    """A chunk of another shape."""


def _nothing(_: str) -> None:
    """NaN and Infinity are no JSON, but some upstreams write them where a figure should be: they say nothing."""


_decode: Final = json.JSONDecoder(parse_constant=_nothing).decode


class AnswerReader:
    """Turns the data of events, or one whole document, into the events of the protocol.

    `reason` is set once the model said that it was done, `ended` once an ending was given; nothing comes after that.
    """

    def __init__(self) -> None:
        self.began = False
        self.reason: FinishReason | None = None
        self.ended = False

    def data(self, data: bytes) -> list[Event]:
        """One event's data. Nothing may be given after the ending."""
        if data.strip() == _DONE:
            return [self._over(Finished(self.reason or "stop"))]
        try:
            return self._read(_object(data), "delta")
        except _Garbled as garbled:
            return [self.broken(str(garbled))]

    def document(self, body: bytes) -> list[Event]:
        """A whole answer in one piece, from an upstream that does not stream."""
        try:
            events = self._read(_object(body), "message")
        except _Garbled as garbled:
            return [self.broken(str(garbled))]
        return events if self.ended else [*events, self.end()]

    def end(self) -> CallEnding:
        """The body ended properly."""
        return self._over(Finished(self.reason)) if self.reason else self.broken("ended early")

    def broken(self, detail: str) -> CallEnding:
        """The body broke off. An answer that the model had called finished is whole all the same."""
        if self.reason:
            return self._over(Finished(self.reason))
        return self._over(Broke(detail) if self.began else CallUnclear(detail))

    def _over(self, ending: CallEnding) -> CallEnding:
        self.ended = True
        return ending

    def _read(self, chunk: Mapping[str, Any], part: str) -> list[Event]:
        if chunk.get("error") is not None:
            if self.began or self.reason:
                return [self.broken("error event")]
            return [self._over(refusals.of_event(chunk))]
        events: list[Event] = []
        if (usage := chunk.get("usage")) is not None:
            events.append(_usage(usage))
        if choices := chunk.get("choices"):
            pieces = self._pieces(choices, part)
            if pieces and not self.began:
                self.began = True
                events.append(Began(_fact(chunk.get("id")), _fact(chunk.get("model"))))
            events += pieces
        return events

    def _pieces(self, choices: Any, part: str) -> list[Piece]:
        if not isinstance(choices, list):
            raise _Garbled("choices of another shape")
        pieces: list[Piece] = []
        for choice in choices:
            if not isinstance(choice, dict):
                raise _Garbled("choice of another shape")
            if choice.get("index"):  # only one answer was asked for
                continue
            if (said := choice.get(part)) is not None:
                pieces += _said(said, choice.get("logprobs"))
            if (reason := choice.get("finish_reason")) and self.reason is None:
                self.reason = _REASONS.get(reason, "other") if isinstance(reason, str) else "other"
        return pieces


def joined(events: list[Event]) -> list[Event]:
    """The same with neighbouring pieces of text made one, which saves everybody who handles them the same work."""
    found: list[Event] = []
    for event in events:
        last = found[-1] if found else None
        if isinstance(event, Text) and isinstance(last, Text) and event.logprobs is None and last.logprobs is None:
            found[-1] = Text(last.text + event.text)
        elif isinstance(event, Reasoning) and isinstance(last, Reasoning):
            found[-1] = Reasoning(last.text + event.text)
        else:
            found.append(event)
    return found


def read_json(text: bytes) -> Any:
    """What a JSON text says, or None if it is none."""
    try:
        return _decode(text.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None


def _object(text: bytes) -> dict[str, Any]:
    read = read_json(text)
    if read is None:
        raise _Garbled("chunk is not JSON")
    if not isinstance(read, dict):
        raise _Garbled("chunk of another shape")
    return read


def _said(delta: Any, logprobs: Any) -> list[Piece]:
    if not isinstance(delta, dict):
        raise _Garbled("delta of another shape")
    pieces: list[Piece] = []
    for name in ("reasoning_content", "reasoning"):  # not in the format, and of many shapes elsewhere
        if isinstance(thought := delta.get(name), str) and thought:
            pieces.append(Reasoning(thought))
            break
    if text := _text(delta, "content"):
        pieces.append(Text(text, logprobs))
    if text := _text(delta, "refusal"):  # the model's own words for no: an answer like any other
        pieces.append(Text(text))
    if calls := delta.get("tool_calls"):
        if not isinstance(calls, list):
            raise _Garbled("tool calls of another shape")
        pieces += [_call(place, call) for place, call in enumerate(calls)]
    return pieces


def _text(delta: Mapping[str, Any], name: str) -> str:
    value = delta.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Garbled(f"{name} of another shape")
    return value


def _call(place: int, call: Any) -> ToolCall:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict):
        raise _Garbled("tool call of another shape")
    index, reference = call.get("index", place), call.get("id")
    if type(index) is not int or not 0 <= index < 1000:
        raise _Garbled("tool call of another shape")
    return ToolCall(index, _fact(reference), _text(function, "name") or None, _text(function, "arguments"))


def _usage(usage: Any) -> Usage:
    if not isinstance(usage, dict):
        return Usage()
    details = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
    cached, reasoning = (part if isinstance(part, dict) else {} for part in details)
    return Usage(
        _whole(usage.get("prompt_tokens")),
        _whole(usage.get("completion_tokens")),
        _whole(cached.get("cached_tokens")),
        _whole(reasoning.get("reasoning_tokens")),
    )


def _whole(figure: Any) -> int | None:
    if isinstance(figure, float) and figure.is_integer():
        return int(figure)
    return figure if isinstance(figure, int) and not isinstance(figure, bool) else None


def _fact(value: Any) -> str | None:
    return value[:_MAX_FACT] if isinstance(value, str) and value.isprintable() else None
