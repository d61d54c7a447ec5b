"""Answers as other upstreams write them: with parts left out, in other words, or garbled."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.chunks import AnswerReader
from core.models.protocol import (
    Began,
    Broke,
    CallRefused,
    CallUnavailable,
    CallUnclear,
    Event,
    Finished,
    Reasoning,
    Sent,
    Text,
    ToolCall,
    Usage,
)
from core.models.sse import EventReader
from tests.models.asking import ending, keeps_its_promise, text, usage
from tests.models.speaking import DONE, HELLO, answered, chunk, fixed, said


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("rate_limit_exceeded", CallUnavailable("rate_limited", "error event")),
        ("insufficient_quota", CallUnavailable("exhausted", "error event")),
        (429, CallUnavailable("rate_limited", "error event")),
        (402, CallUnavailable("exhausted", "error event")),
        ("context_length_exceeded", CallRefused("too_long", "error event")),
        ("server_error", CallUnclear("error event")),
        (500, CallUnclear("error event")),
        (None, CallUnclear("error event")),
    ],
)
@pytest.mark.parametrize("media", ["text/event-stream", "application/json"])
async def test_an_error_under_a_good_status(http, media, code, meaning):
    """Some say 200 and then no, in an event or in a document."""
    error = json.dumps({"error": {"message": "no", "code": code}})
    body = f"data: {error}\n\n{DONE}" if media.startswith("text") else error
    assert ending(await answered(http, fixed(body, Content_Type=media))) == meaning


ENDS: dict[str, tuple[str, Any]] = {
    "done without a reason": (HELLO + DONE, Finished("stop")),
    "a reason without done": (HELLO + chunk({}, "stop"), Finished("stop")),
    "neither": (HELLO, Broke("ended early")),
    "nothing at all": ("", CallUnclear("ended early")),
    "only a role": (chunk({"role": "assistant"}), CallUnclear("ended early")),
    "an unknown reason": (HELLO + chunk({}, "eos") + DONE, Finished("other")),
    "a reason of another shape": (HELLO + chunk({}, {"a": 1}) + DONE, Finished("other")),
    "the old tool call": (HELLO + chunk({}, "function_call") + DONE, Finished("tool_calls")),
    "filtered in the middle": (HELLO + chunk({}, "content_filter") + DONE, Finished("filtered")),
    "no blank line at the end": (HELLO + "data: [DONE]", Finished("stop")),
    "an error after the reason": (HELLO + chunk({}, "stop") + 'data: {"error": {}}\n\n', Finished("stop")),
    "garbage after the reason": (HELLO + chunk({}, "stop") + "data: {\n\n", Finished("stop")),
    "choices of another shape": (HELLO + 'data: {"choices": "x"}\n\n', Broke("choices of another shape")),
    "a choice of another shape": (HELLO + 'data: {"choices": [1]}\n\n', Broke("choice of another shape")),
    "a list for a chunk": (HELLO + "data: []\n\n", Broke("chunk of another shape")),
    "ten thousand brackets": (HELLO + f"data: {'[' * 10_000}\n\n", Broke("chunk is not JSON")),
    "a number of ten thousand digits": (HELLO + f"data: {'1' * 10_000}\n\n", Broke("chunk is not JSON")),
    "another answer beside": (
        HELLO + f"data: {json.dumps({'choices': [{'index': 1, 'delta': {'content': 'no'}}]})}\n\n" + DONE,
        Finished("stop"),
    ),
    "reasoning of another shape": (HELLO + chunk({"reasoning": {"a": 1}}) + DONE, Finished("stop")),
    "choices that are null": (HELLO + 'data: {"choices": null}\n\n' + DONE, Finished("stop")),
    "a delta that is null": (HELLO + 'data: {"choices": [{"delta": null}]}\n\n' + DONE, Finished("stop")),
}


@pytest.mark.parametrize("name", ENDS)
async def test_how_streams_end(http, name):
    body, expected = ENDS[name]
    events = await answered(http, fixed(body))
    assert ending(events) == expected
    assert text(events) == ("hello" if "hello" in body else "")


@pytest.mark.parametrize("media", ["text/plain", "application/octet-stream", "text/event-stream; charset=utf-8"])
async def test_a_stream_under_another_name_is_read_all_the_same(http, media):
    assert ending(await answered(http, fixed(HELLO + DONE, Content_Type=media))) == Finished("stop")


async def test_an_answer_in_an_unknown_encoding(http):
    answer = fixed(HELLO, Content_Type="text/event-stream", Content_Encoding="br")
    assert ending(await answered(http, answer)) == CallUnclear("answer in an unknown encoding")


async def test_a_document_instead_of_a_stream(http):
    call = {"id": "call_1", "function": {"name": "look_up", "arguments": "{}"}}
    message = {"content": "hello", "reasoning_content": "hm", "tool_calls": [call, call]}
    document = {
        "id": "c-1",
        "model": "m",
        "choices": [{"message": message, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4.0, "completion_tokens_details": {"reasoning_tokens": 1}},
    }
    events = await answered(http, said(200, document))
    assert events == [
        Sent(),
        Usage(3, 4, None, 1),
        Began("c-1", "m"),
        Reasoning("hm"),
        Text("hello"),
        ToolCall(0, "call_1", "look_up", "{}"),
        ToolCall(1, "call_1", "look_up", "{}"),
        Finished("tool_calls"),
    ]


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        (None, None),
        ({}, Usage()),
        ("many", Usage()),
        ({"prompt_tokens": True, "completion_tokens": "7"}, Usage()),
        ({"prompt_tokens": 1.5, "completion_tokens": -3}, Usage(None, -3)),
        ({"prompt_tokens": 10**30, "completion_tokens": 0}, Usage(10**30, 0)),
        ({"prompt_tokens": 9, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 8}}, Usage(9, 1, 8)),
        ({"prompt_tokens": 9, "completion_tokens": 1, "prompt_tokens_details": []}, Usage(9, 1)),
    ],
)
async def test_usage_is_handed_on_as_it_was_stated(http, stated, read):
    assert usage(await answered(http, fixed(HELLO + chunk(usage=stated) + DONE))) == read


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PART = st.fixed_dictionaries(
    {},
    optional={
        "content": JSON,
        "reasoning_content": JSON,
        "refusal": JSON,
        "tool_calls": JSON | st.lists(st.fixed_dictionaries({"function": JSON}, optional={"index": JSON, "id": JSON})),
    },
)
CHOICE = st.fixed_dictionaries({}, optional={"index": JSON, "delta": PART | JSON, "finish_reason": JSON})
CHUNK = st.fixed_dictionaries(
    {},
    optional={"id": JSON, "model": JSON, "choices": st.lists(CHOICE, max_size=2) | JSON, "usage": JSON, "error": JSON},
)


@given(st.lists(CHUNK | JSON, max_size=6), st.booleans())
@settings(max_examples=300)
def test_no_chunk_makes_it_raise_or_break_its_order(chunks, done):
    reader = AnswerReader()
    events: list[Event] = [Sent()]
    for one in chunks:
        if not reader.ended:
            events += reader.data(json.dumps(one).encode())
    if not reader.ended:
        events += reader.data(b"[DONE]") if done else [reader.end()]
    keeps_its_promise(events)


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=12), st.data())
def test_no_cut_of_the_bytes_changes_an_event(words, data):
    """Through both readers: the answer is the same wherever the network cut it."""
    body = "".join(chunk({"content": word}) for word in words) + chunk({}, "stop", usage={"prompt_tokens": 1}) + DONE
    raw = body.encode()
    places = sorted(data.draw(st.sets(st.integers(0, len(raw)), max_size=10)))
    cuts = [raw[a:b] for a, b in zip([0, *places], [*places, len(raw)], strict=True)]
    assert _events(cuts) == _events([raw])
    assert "".join(event.text for event in _events([raw]) if isinstance(event, Text)) == "".join(words)


def _events(pieces: Iterable[bytes]) -> list[Event]:
    lines, reader = EventReader(2**20), AnswerReader()
    found: list[Event] = []
    for piece in pieces:
        for data in lines.feed(piece):
            if not reader.ended:
                found += reader.data(data)
    return found
