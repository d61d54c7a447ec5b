"""Programs ask models through the gateway; the vendor's own client reads every answer strictly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import openai
import pytest
from openai.types import Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from core.actors import SYSTEM
from core.models.protocol import (
    Began,
    Broke,
    CallRefused,
    CallUnavailable,
    CallUnclear,
    Finished,
    Reasoning,
    Sent,
    Text,
    ToolCall,
    Usage,
)
from core.providers.protocol import TIMED_OUT
from core.sources import models
from tests.support.chats import until
from tests.support.credit import failing, saying
from tests.support.programs import Door, open_door

HELLO: Any = [{"role": "user", "content": "Hello there, who are you?"}]
PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
TOOLS: Any = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]


@asynccontextmanager
async def client(door: Door, **given: Any) -> AsyncIterator[Any]:
    async with openai.AsyncOpenAI(
        api_key=await door.key("client", **given), base_url=f"{door.base}/v1", max_retries=0, timeout=60
    ) as opened:
        yield opened


def strict(kind: Any, answer: Any) -> None:
    """Read by the vendor's types again, this time without forgiving anything."""
    kind.model_validate(answer.model_dump(mode="json", exclude_unset=True), strict=False)
    assert not {name for name in kind.model_fields if kind.model_fields[name].is_required()} - answer.model_fields_set


async def test_the_vendors_client_gets_whole_answers_and_streams(sqlite_url: str) -> None:
    async with open_door(sqlite_url) as door, client(door) as asking:
        answer = await asking.chat.completions.create(model="small", messages=HELLO, temperature=0.5)
        strict(ChatCompletion, answer)
        assert answer.choices[0].message.content == "Hello you"
        assert answer.choices[0].finish_reason == "stop"
        assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (10, 2, 12)
        chunks = []
        options = {"include_usage": True}
        async for chunk in await asking.chat.completions.create(
            model="small", messages=HELLO, stream=True, stream_options=options
        ):
            strict(ChatCompletionChunk, chunk)
            chunks.append(chunk)
        assert chunks[0].choices[0].delta.role == "assistant"
        assert "".join(one.choices[0].delta.content or "" for one in chunks[:-1]) == "Hello you"
        assert len({one.id for one in chunks}) == len({one.created for one in chunks}) == 1
        assert all(one.usage is None for one in chunks[:-1])
        assert (chunks[-1].choices, chunks[-1].usage.total_tokens) == ([], 12)
        assert chunks[-1].model_extra["usher"] == {"charged": "0.000014", "estimated": False}
        assert [one.choices[0].finish_reason for one in chunks[:-1]][-1] == "stop"
        assert door.bank.desk.questions[0].options == {"temperature": 0.5}
        models = await asking.models.list()
        strict(Model, models.data[0])
        assert [one.id for one in models.data] == ["small"]
        assert (await asking.models.retrieve("small")).owned_by == "usher"
        with pytest.raises(openai.NotFoundError):
            await asking.models.retrieve("nothing")
        await door.bank.books_balance()


async def test_tools_reasoning_images_and_logprobs_pass(sqlite_url: str) -> None:
    async def calling(question: Any) -> Any:
        yield Sent()
        yield Began()
        yield Reasoning("It wants the weather.")
        yield ToolCall(0, "call_a", "weather", "")
        yield ToolCall(0, None, None, '{"place":')
        yield ToolCall(0, None, None, '"Oslo"}')
        yield Usage(10, 5)
        yield Finished("tool_calls")

    async with open_door(sqlite_url) as door, client(door) as asking:
        door.bank.desk.usual = calling
        question = {
            "role": "user",
            "content": [{"type": "text", "text": "?"}, {"type": "image_url", "image_url": {"url": PNG}}],
        }
        await models.change_model(door.core, SYSTEM, "small", sees=("text", "image"))
        key = {"Idempotency-Key": "once"}
        for _ in range(2):  # and the second time the same, though nobody is asked again
            answer = await asking.chat.completions.create(
                model="small", messages=[question], tools=TOOLS, extra_headers=key
            )
            strict(ChatCompletion, answer)
            [call] = answer.choices[0].message.tool_calls
            assert (call.id, call.function.name, call.function.arguments) == ("call_a", "weather", '{"place":"Oslo"}')
            assert answer.choices[0].finish_reason == "tool_calls"
            assert answer.choices[0].message.model_extra["reasoning_content"] == "It wants the weather."
        [sent] = door.bank.desk.questions
        assert sent.options["tools"] == TOOLS
        assert sent.messages[0]["content"][1]["image_url"]["url"] == PNG
        chunks = [
            one
            async for one in await asking.chat.completions.create(
                model="small", messages=HELLO, tools=TOOLS, stream=True
            )
        ]
        for one in chunks:
            strict(ChatCompletionChunk, one)
        pieces = [one.choices[0].delta.tool_calls[0] for one in chunks if one.choices[0].delta.tool_calls]
        assert "".join(one.function.arguments or "" for one in pieces) == '{"place":"Oslo"}'
        assert (pieces[0].id, pieces[0].function.name, pieces[0].index) == ("call_a", "weather", 0)
        follow = [
            *HELLO,
            {"role": "assistant", "content": None, "tool_calls": [call.model_dump()]},
            {"role": "tool", "tool_call_id": "call_a", "content": "12 °C"},
        ]
        door.bank.desk.usual = saying("mild", usage=Usage(10, 1))
        assert (await asking.chat.completions.create(model="small", messages=follow)).choices[0].message.content


BAD: list[tuple[dict[str, Any], int, str, str | None]] = [
    ({"messages": []}, 400, "missing", "messages"),
    ({"model": None}, 400, "missing", "model"),
    ({"model": "nothing"}, 404, "model_not_found", "model"),
    ({"model": "a\x00b"}, 404, "model_not_found", "model"),
    ({"messages": [{"role": "wizard", "content": "x"}]}, 400, "invalid_value", "messages[0].role"),
    ({"messages": [{"role": "user"}]}, 400, "missing", "messages[0].content"),
    ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, 400, "unsupported_parameter", "messages[0].content[0]"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://a/b.png"}}]}]}, 400, "unsupported_parameter", "messages[0].content[0].image_url.url"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}]}]}, 400, "invalid_value", "messages[0].content[0].image_url.url"),
    ({"n": 2}, 400, "unsupported_parameter", "n"),
    ({"n": [1]}, 400, "unsupported_parameter", "n"),
    ({"audio": {"voice": "x"}}, 400, "unsupported_parameter", "audio"),
    ({"functions": [{"name": "x"}]}, 400, "unsupported_parameter", "functions"),
    ({"store": True}, 400, "unsupported_parameter", "store"),
    ({"max_tokens": 0}, 400, "invalid_value", "max_tokens"),
    ({"max_tokens": -1}, 400, "invalid_value", "max_tokens"),
    ({"max_tokens": True}, 400, "invalid_value", "max_tokens"),
    ({"stream": "yes"}, 400, "invalid_value", "stream"),
    ({"temperature": 9}, 400, "invalid_value", "temperature"),
    ({"tools": "x"}, 400, "invalid_value", "tools"),
    ({"stream_options": {"include_usage": True}}, 400, "invalid_value", "stream_options"),
]  # fmt: skip


async def test_what_is_wrong_is_said_in_the_vendors_shape_and_costs_nothing(sqlite_url: str) -> None:
    async with open_door(sqlite_url) as door:
        key = await door.key()
        for change, status, code, param in BAD:
            found = await door.post(key, **change)
            assert (found[0], found[1]["error"]["code"], found[1]["error"]["param"]) == (status, code, param), change
            assert set(found[1]["error"]) == {"message", "type", "param", "code"}
            assert found[1]["error"]["type"] == "invalid_request_error"
            assert found[2]["x-request-id"]
            assert found[2]["Cache-Control"] == "no-store"
            assert found[2]["Server"] == "usher"
        assert door.bank.desk.calls.total() == 0
        status, body, head = await door.post(key, max_tokens=10**9, store=False, n=1, user="u", metadata={}, wild=1)
        assert status == 200, body
        assert head["x-usher-ignored"] == "metadata, user, wild"
        assert head["x-usher-charged"] == "0.000014"
        assert head["x-usher-left"] == "0.999986"
        assert (head["x-ratelimit-limit-requests"], head["x-ratelimit-remaining-requests"]) == ("60", "59")
        assert head["x-request-id"] == f"call_{body['id'].removeprefix('chatcmpl-')}"
        assert int(head["openai-processing-ms"]) >= 0
        for path, method in (("/v1/nothing", "GET"), ("/", "GET"), ("/metrics", "GET"), ("/health/live", "GET")):
            status, body, _ = await door.ask(method, path, key)
            assert (status, body["error"]["code"]) == (404, "unknown_url")
        status, body, _ = await door.ask("GET", "/v1/chat/completions", key)
        assert (status, body["error"]["code"]) == (405, "method_not_allowed")


REFUSED: list[tuple[Any, int, str]] = [
    (CallRefused("too_long"), 400, "context_length_exceeded"),
    (CallRefused("filtered"), 400, "content_filter"),
    (CallRefused("parameter", "", "top_p"), 400, "unsupported_parameter"),
    (CallRefused("other"), 400, "upstream_refused"),
    (CallUnclear("reset"), 502, "upstream_error"),
    (CallUnclear(TIMED_OUT), 504, "upstream_timeout"),
]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_failure_before_the_first_word_is_a_real_status_and_costs_nothing(
    sqlite_url: str, stream: bool
) -> None:
    async with open_door(sqlite_url, slots=1) as door:
        key = await door.key()
        for ending, status, code in REFUSED:
            door.bank.desk.usual = failing(ending, sent=True)
            found = await door.post(key, stream=stream)
            assert (found[0], found[1]["error"]["code"]) == (status, code), found
        door.bank.desk.usual = failing(CallUnavailable("rate_limited", retry_after=30))
        status, body, _ = await door.post(key, stream=stream)
        assert (status, body["error"]["code"]) == (502, "upstream_error")
        status, body, head = await door.post(key, stream=stream)
        assert (status, body["error"]["code"], head["retry-after"]) == (503, "no_source", "30")
        assert await door.bank.left() == 1_000_000
        await door.bank.books_balance()


async def test_credit_limits_and_busy_accounts(sqlite_url: str) -> None:
    async with open_door(sqlite_url, slots=1, talk={"shortest_output": 50}) as door:
        await door.bank.execute("UPDATE sources SET concurrency = 1")
        key = await door.key("a")
        entered, go = asyncio.Event(), asyncio.Event()

        async def slow(question: Any) -> Any:
            yield Sent()
            entered.set()
            await go.wait()
            yield Began()
            yield Text("x")
            yield Finished("stop")

        door.bank.desk.usual = slow
        first = asyncio.create_task(door.post(key, headers={"Idempotency-Key": "k"}))
        await asyncio.wait_for(entered.wait(), 240)
        status, body, head = await door.post(key)
        assert (status, body["error"]["code"], head["retry-after"]) == (503, "busy", "5")
        status, body, _ = await door.post(key, headers={"Idempotency-Key": "k"})
        assert (status, body["error"]["code"]) == (409, "request_in_progress")
        status, body, _ = await door.post(key, headers={"Idempotency-Key": "k"}, temperature=1)
        assert (status, body["error"]["code"]) == (422, "idempotency_key_reused")
        go.set()
        whole = (await first)[1]
        again = (await door.post(key, headers={"Idempotency-Key": "k"}))[1]
        assert (again["id"], again["choices"], again["usage"]) == (whole["id"], whole["choices"], whole["usage"])
        door.bank.desk.usual = saying("Hello", " you", usage=Usage(10, 2))
        for name, limits, code in (
            ("few", {"rpm": 1}, "rate_limit_exceeded"),
            ("poor", {"daily_limit": 1}, "insufficient_quota"),
            ("other", {"models": ["large"]}, "model_not_allowed"),
        ):
            limited = await door.key(name, **limits)
            answers = [await door.post(limited) for _ in range(2)]
            assert answers[-1][1]["error"]["code"] == code
            if code == "rate_limit_exceeded":
                assert (answers[0][0], answers[1][0]) == (200, 429)
                assert 1 <= int(answers[1][2]["retry-after"]) <= 60
            if code == "insufficient_quota":
                assert (answers[0][0], answers[0][2]["x-should-retry"]) == (429, "false")
                assert answers[0][1]["error"]["type"] == "insufficient_quota"
        async with client(door) as asking:
            await door.bank.execute('UPDATE wallets SET "left" = "left" - 999800')
            with pytest.raises(openai.RateLimitError) as poor:
                await asking.with_options(max_retries=5).chat.completions.create(model="small", messages=HELLO * 60)
            assert poor.value.code == "insufficient_quota"
            assert "credit" in poor.value.message
            status, _, head = await door.post(key)
            assert (status, int(head["x-usher-shortened"]) >= 50) == (200, True)


async def test_a_stream_that_breaks_ends_with_an_error_and_without_done(sqlite_url: str) -> None:
    async with open_door(sqlite_url) as door, client(door) as asking:
        door.bank.desk.usual = saying("half of it", ending=Broke("reset"))
        status, text, _ = await door.post(await door.key("raw"), stream=True)
        lines = [line for line in text.split("\n\n") if line]
        assert status == 200
        assert json.loads(lines[-1].removeprefix("data: "))["error"]["code"] == "upstream_broken"
        assert "[DONE]" not in text
        with pytest.raises(openai.APIError, match="broke off"):
            async for _ in await asking.chat.completions.create(model="small", messages=HELLO, stream=True):
                pass
        with pytest.raises(openai.InternalServerError) as broken:
            await asking.chat.completions.create(model="small", messages=HELLO)
        assert broken.value.status_code == 502
        status, body, _ = await door.post(await door.key("whole"))
        assert body["usher"]["partial"] == "half of it"
        assert await door.bank.left() == 1_000_000 - 4 * (9 + 2 * 4)
        await door.bank.books_balance()


async def test_a_client_that_leaves_ends_the_call_and_pays_what_was_delivered(sqlite_url: str) -> None:
    async with open_door(sqlite_url) as door:
        key = await door.key()
        for said in (0, 1):
            closed = asyncio.Event()

            async def endless(question: Any, said: int = said, closed: asyncio.Event = closed) -> Any:
                try:
                    yield Sent()
                    if said:
                        yield Began()
                        yield Text("a word")
                    await asyncio.Event().wait()
                    yield Finished("stop")
                finally:
                    closed.set()

            door.bank.desk.usual = endless
            asked = {"model": "small", "messages": HELLO, "stream": True}
            asking = asyncio.create_task(_first_chunk(door, key, asked))
            await asyncio.wait_for(asking, 240) if said else await asyncio.sleep(0)
            if not said:
                await until(lambda: _runs(door), 60, "nobody was asked")
                asking.cancel()
            await asyncio.wait_for(closed.wait(), 240)
            ending = "left" if said else "left_early"
            await until(partial(_counted, door, f"finish = '{ending}'"), 60, "not settled")
        await door.bank.books_balance()


async def _runs(door: Door) -> bool:
    return door.bank.desk.running.total() > 0


async def _counted(door: Door, which: str) -> bool:
    return bool(await door.bank.value(f"SELECT count(*) FROM calls WHERE {which}"))


async def _first_chunk(door: Door, key: str, asked: Any) -> None:
    head = {"Authorization": f"Bearer {key}"}
    async with door.session.post(f"{door.base}/v1/chat/completions", json=asked, headers=head) as response:
        await response.content.readany()
        response.close()


async def test_a_long_wait_opens_the_stream_and_says_so(sqlite_url: str) -> None:
    go = asyncio.Event()

    async def slow(question: Any) -> Any:
        yield Sent()
        await go.wait()
        yield Began()
        yield Text("x")
        yield Finished("stop")

    async with open_door(sqlite_url, gateway={"keepalive": 0.1}) as door:
        door.bank.desk.usual = slow
        head = {"Authorization": f"Bearer {await door.key()}"}
        asked = {"model": "small", "messages": HELLO, "stream": True}
        async with door.session.post(f"{door.base}/v1/chat/completions", json=asked, headers=head) as response:
            assert response.headers["X-Accel-Buffering"] == "no"
            assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
            text = ""
            while ": waiting" not in text:
                text += (await response.content.readany()).decode()
            go.set()
            text += await response.text()
        assert text.endswith("data: [DONE]\n\n")


async def test_the_end_of_the_process_settles_what_runs(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.gateway.app.GRACE", 0.2)

    async def endless(question: Any) -> Any:
        yield Sent()
        yield Began()
        yield Text("a word")
        await asyncio.Event().wait()
        yield Finished("stop")

    async with open_door(sqlite_url) as door:
        door.bank.desk.usual = endless
        key = await door.key()
        asking = asyncio.create_task(door.post(key, stream=True))
        await until(lambda: _counted(door, "state IN ('sending', 'streaming')"), 60, "nobody was asked")
        door.stop.set()
        status, text, _ = await asyncio.wait_for(asking, 240)
        assert (status, "stopping" in text, "[DONE]" in text) == (200, True, False)
        assert await door.bank.value("SELECT finish FROM calls") == "cut"
        await door.bank.books_balance()


async def test_what_a_key_used_and_what_is_left(sqlite_url: str) -> None:
    async with open_door(sqlite_url) as door:
        key, other = await door.key("a"), await door.key("b")
        for _ in range(3):
            await door.post(key)
        await door.post(other)
        _, page, _ = await door.ask("GET", "/v1/usage?limit=2", key)
        assert (len(page["data"]), page["has_more"]) == (2, True)
        _, rest, _ = await door.ask("GET", f"/v1/usage?limit=2&after={page['last_id']}", key)
        assert (len(rest["data"]), rest["has_more"]) == (1, False)
        assert rest["data"][0]["charged"] == "0.000014"
        _, none, _ = await door.ask("GET", "/v1/usage?to=2020-01-01", key)
        assert none["data"] == []
        for query in ("limit=0", "limit=x", "after=x", "from=yesterday", "from=99999999999999999999"):
            status, body, _ = await door.ask("GET", f"/v1/usage?{query}", key)
            assert (status, body["error"]["code"]) == (400, "invalid_value"), query
        _, wallet, _ = await door.ask("GET", "/v1/wallet", key)
        assert (wallet["credit"], wallet["currency"], wallet["plan"]) == ("0.999944", "credit", "vip")
