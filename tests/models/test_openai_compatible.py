"""What the adapter asks for, and what it makes of those who will not answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from core.models.protocol import (
    Account,
    CallRefused,
    CallUnavailable,
    CallUnclear,
    Finished,
    Offer,
    Offers,
    Question,
)
from core.models.registry import open_upstream
from tests.models.asking import PATIENT, ask, ending
from tests.models.speaking import DONE, HELLO, STREAM, answered, fixed, said, serving


async def test_what_is_asked_and_by_whom(http):
    bodies: list[Any] = []

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        bodies.append(json.loads(await request.read()))
        return web.Response(body=(HELLO + DONE).encode(), headers=STREAM)

    asked = Question(
        "vendor/small",
        [{"role": "user", "content": "漢字 \ud800"}],
        77,
        "max_completion_tokens",
        {"temperature": 0.5, "stream": False, "max_tokens": 9, "model": "other", "stream_options": None},
        user="pseudonym",
    )
    async with serving(http, answer) as (upstream, seen):
        await ask(upstream, asked)
    assert bodies == [
        {
            "model": "vendor/small",
            "messages": [{"role": "user", "content": "漢字 ?"}],
            "max_completion_tokens": 77,
            "temperature": 0.5,
            "stream": True,
            "stream_options": {"include_usage": True},
            "user": "pseudonym",
            "safety_identifier": "pseudonym",
        }
    ]
    (request,) = seen
    assert request.path == "/v1/chat/completions"
    assert request.headers["Authorization"] == "Bearer sk-secret"
    assert request.headers["User-Agent"].startswith("usher/")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, {"error": {"code": "unknown_parameter", "param": "safety_identifier"}}),
        (400, {"error": {"message": "property 'safety_identifier' is unsupported", "type": "invalid_request_error"}}),
        (422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "safety_identifier"]}]}),
        (422, {"message": {"detail": [{"type": "extra_forbidden", "loc": ["body", "safety_identifier"]}]}}),
    ],
)
async def test_an_upstream_that_knows_only_the_older_name_of_a_pseudonym(http, status, error):
    asked: list[tuple[bool, bool]] = []

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        body = json.loads(await request.read())
        asked.append(("safety_identifier" in body, "max_tokens" in body))
        if "safety_identifier" in body:
            return web.json_response(error, status=status)
        if "max_tokens" in body:
            return web.json_response({"error": {"code": "unsupported_parameter", "param": "max_tokens"}}, status=400)
        assert body["user"] == "pseudonym"
        return web.Response(body=(HELLO + DONE).encode(), headers=STREAM)

    question = Question("small", [{"role": "user", "content": "hi"}], 9, "max_tokens", {}, user="pseudonym")
    async with serving(http, answer) as (upstream, _):
        assert isinstance(ending(await ask(upstream, question)), Finished)
        assert asked == [(True, True), (False, True), (False, False)], "each is learnt by being refused"
        assert isinstance(ending(await ask(upstream, question)), Finished)
    assert asked[3:] == [(False, False)], "once in a process"


async def test_who_is_asked_for_nobody_is_told_of_nobody(http):
    bodies: list[Any] = []

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        bodies.append(json.loads(await request.read()))
        return web.json_response({"error": {"param": "safety_identifier"}}, status=400)

    async with serving(http, answer) as (upstream, _):
        question = Question("small", [{"role": "user", "content": "hi"}], 9, "max_tokens", {})
        assert ending(await ask(upstream, question)) == CallRefused("other", "status 400")
    (body,) = bodies
    assert not {"user", "safety_identifier"} & body.keys()


@pytest.mark.parametrize(
    ("status", "error", "meaning"),
    [
        (400, {"error": {"code": "context_length_exceeded"}}, CallRefused("too_long", "status 400")),
        (
            400,
            {"error": {"message": "This model's maximum context length is 10"}},
            CallRefused("too_long", "status 400"),
        ),
        (413, {"error": {}}, CallRefused("too_long", "status 413")),
        (400, {"error": {"code": "content_filter"}}, CallRefused("filtered", "status 400")),
        (403, {"error": {"code": 403, "message": "flagged by moderation"}}, CallRefused("filtered", "status 403")),
        (
            400,
            {"error": {"code": "unsupported_value", "param": "temperature"}},
            CallRefused("parameter", "status 400", "temperature"),
        ),
        (
            400,
            {"error": {"code": "unsupported_value", "param": "messages[2].content"}},
            CallRefused("parameter", "status 400", "messages[2]"),
        ),
        # What somebody asked, or a key, is no option, however plain it looks.
        (400, {"error": {"code": "unsupported_value", "param": "sk-secret"}}, CallRefused("other", "status 400")),
        (400, {"error": {"code": "unsupported_value", "param": "hello"}}, CallRefused("other", "status 400")),
        (400, {"error": {"code": "unsupported_value", "param": "<b>\n"}}, CallRefused("other", "status 400")),
        (400, {"error": "some words"}, CallRefused("other", "status 400")),
        (400, ["odd"], CallRefused("other", "status 400")),
        (422, {"detail": [{"loc": ["body"]}]}, CallRefused("other", "status 422")),
        (
            401,
            {"error": {"code": "account_deactivated"}},
            CallUnavailable("credential", "status 401", abuse="account_deactivated"),
        ),
        (
            400,
            {"error": {"type": "access_terminated", "code": None}},
            CallUnavailable("credential", "status 400", abuse="access_terminated"),
        ),
        *(
            (400, {"error": error}, CallRefused("filtered", "status 400", abuse="identifier_blocked"))
            for error in ({"message": "Identifier blocked."}, {"code": "identifier blocked"})
        ),
        (400, {"error": {"code": "invalid_api_key"}}, CallUnavailable("credential", "status 400")),
        (400, {"error": {"code": "billing_hard_limit_reached"}}, CallUnavailable("exhausted", "status 400")),
        (402, {"error": {}}, CallUnavailable("exhausted", "status 402")),
        (404, {"error": {"code": "model_not_found"}}, CallUnavailable("no_model", "status 404")),
        (429, {"error": {"code": "insufficient_quota"}}, CallUnavailable("exhausted", "status 429")),
        (
            429,
            {"error": {"type": "tokens", "code": "rate_limit_exceeded"}},
            CallUnavailable("rate_limited", "status 429"),
        ),
        (408, {"error": {}}, CallUnclear("status 408")),
        (529, {"error": {"type": "overloaded_error"}}, CallUnclear("status 529")),
    ],
)
async def test_what_a_refusal_means(http, status, error, meaning):
    assert ending(await answered(http, said(status, error))) == meaning


@pytest.mark.parametrize(
    "words", ["insufficient_quota", "invalid_api_key", "model_not_found", "account_deactivated", "identifier blocked"]
)
async def test_a_prompt_that_is_quoted_puts_no_source_aside(http, words):
    """An error may repeat the question; only what a program chose says something of the source."""
    error = {"error": {"message": f"could not parse: {words}", "type": "invalid_request_error", "param": None}}
    assert ending(await answered(http, said(400, error))) == CallRefused("other", "status 400")


@pytest.mark.parametrize("status", [401, 403, 404, 418, 451])
async def test_a_page_from_something_in_front_says_nothing_of_the_key(http, status):
    found = ending(await answered(http, fixed("<html>no</html>", status, Content_Type="text/html")))
    assert found == CallUnavailable("unreachable", f"status {status} from an interception page")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0", 1.0), ("99999", 3600.0), ("Sat, 28 Nov 2026 10:00:30 GMT", 30.0), ("soon", 60.0)],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_how_long_a_pause_is_asked_for(http, status, header, seconds):
    answer = said(status, {"error": {}}, Retry_After=header, Date="Sat, 28 Nov 2026 10:00:00 GMT")
    found = ending(await answered(http, answer))
    assert isinstance(found, CallUnavailable | CallUnclear)
    assert found.retry_after == seconds


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(http, status):
    async with serving(http, fixed("", status, Location="https://example.com/")) as (upstream, seen):
        assert ending(await ask(upstream)) == CallUnavailable("unreachable", f"status {status}")
    assert len(seen) == 1


@pytest.mark.parametrize("base", ["http://example.com/v1", "https://u:p@example.com", "ftp://127.0.0.1", "nonsense"])
async def test_only_https_or_this_machine(http, base):
    upstream = open_upstream(Account("openai_compatible", base, "sk-secret"), http)
    events = await ask(upstream)
    assert [type(event) for event in events] == [CallUnavailable]
    assert "sk-secret" not in repr(upstream) + repr(events) + repr(Account("openai_compatible", base, "sk-secret"))
    assert isinstance(await upstream.offers(), CallUnavailable)


@pytest.mark.parametrize("key", ["sk\nX-Evil: 1", "sk-\u6f22"])
async def test_a_key_that_no_header_can_carry_sends_nothing(http, key):
    upstream = open_upstream(Account("openai_compatible", "http://127.0.0.1:9/v1", key), http, PATIENT)
    assert isinstance(ending(await ask(upstream)), CallUnavailable)


async def test_nobody_listens_there(http):
    upstream = open_upstream(Account("openai_compatible", "http://127.0.0.1:9/v1", "k"), http, PATIENT)
    events = await ask(upstream)
    assert [type(event) for event in events] == [CallUnavailable]


async def test_which_name_the_output_limit_has_may_change_again(http):
    wanted = "max_completion_tokens"
    seen: list[str] = []

    async def picky(request: web.BaseRequest) -> web.StreamResponse:
        body = json.loads(await request.read())
        name = next(name for name in ("max_tokens", "max_completion_tokens") if name in body)
        seen.append(name)
        if name != wanted:
            error = {"error": {"code": "unsupported_parameter", "param": name}}
            return web.json_response(error, status=400)
        return web.Response(body=(HELLO + DONE).encode(), headers=STREAM)

    async with serving(http, picky) as (upstream, _):
        for _ in range(2):
            assert ending(await ask(upstream)) == Finished("stop")
        wanted = "max_tokens"
        assert ending(await ask(upstream)) == Finished("stop")
        wanted = "neither"
        assert ending(await ask(upstream)) == CallRefused("parameter", "status 400", "max_completion_tokens")
    assert seen == ["max_tokens", *["max_completion_tokens"] * 3, "max_tokens", "max_tokens", "max_completion_tokens"]


@pytest.mark.parametrize(
    ("listed", "offers"),
    [
        ({"data": [{"id": "a"}, {"id": "b"}]}, Offers((Offer("a"), Offer("b")))),
        ({"data": []}, Offers(())),
        ({"data": [{"id": "a"}], "has_more": True}, CallUnclear("not a complete list of models")),
        ({"data": [{"id": ""}]}, CallUnclear("a model of another shape")),
        ({"data": {"a": 1}}, CallUnclear("not a complete list of models")),
        ([], CallUnclear("not a complete list of models")),
        ({"data": [{"id": "a", "quota": {"fraction": 1.5, "resets_at": "soon", "group": 7}}]}, Offers((Offer("a"),))),
    ],
)
async def test_what_it_offers(http, listed, offers):
    async with serving(http, said(200, listed)) as (upstream, _):
        assert await upstream.offers() == offers


async def test_offers_that_are_refused(http):
    for status, error, meaning in (
        (401, {"error": {}}, CallUnavailable("credential", "status 401")),
        (429, {"error": {}}, CallUnavailable("rate_limited", "status 429")),
        (500, {"error": {}}, CallUnclear("status 500")),
        (400, {"error": {}}, CallUnclear("status 400")),
    ):
        async with serving(http, said(status, error)) as (upstream, _):
            assert await upstream.offers() == meaning
