"""Every fault of the simulated models, over real HTTP, and the ending that the adapter must give it."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle, islice
from typing import Any

import pytest

from core.models.protocol import (
    Began,
    Bounds,
    Broke,
    CallRefused,
    CallUnavailable,
    CallUnclear,
    Finished,
    Reasoning,
    ToolCall,
    Usage,
)
from core.sandbox import chat_texts
from core.sandbox.chat_faults import CHAT_CATALOGUE
from tests.models.asking import PATIENT, ask, ending, open_source, question, text, usage

TOKENS = chat_texts.answer("sandbox-small", [{"content": "english 20"}], seed=1)
INPUT = chat_texts.count_input([{"role": "user", "content": "english 20"}])
TRUE = Usage(INPUT, 20, 0, 0)
NOTHING: Any = None

# fault → ending, the tokens of text that come before it, the usage that counts at the end.
TABLE: dict[str, tuple[Any, int, Usage | None]] = {
    "429": (CallUnavailable("rate_limited", "status 429", 2.0), 0, NOTHING),
    "429-no-header": (CallUnavailable("rate_limited", "status 429", None), 0, NOTHING),
    "429-date": (CallUnavailable("rate_limited", "status 429", 2.0), 0, NOTHING),
    "429-huge": (CallUnavailable("rate_limited", "status 429", 3600.0), 0, NOTHING),
    "insufficient-quota": (CallUnavailable("exhausted", "status 429", None), 0, NOTHING),
    "fraction-zero": (CallUnavailable("exhausted", "status 429", None), 0, NOTHING),
    "401-once": (CallUnavailable("credential", "status 401", None), 0, NOTHING),
    "401": (CallUnavailable("credential", "status 401", None), 0, NOTHING),
    "403": (CallUnavailable("credential", "status 403", None), 0, NOTHING),
    "403-abuse": (CallUnavailable("credential", "status 403", None, "access_terminated"), 0, NOTHING),
    "404-model": (CallUnavailable("no_model", "status 404", None), 0, NOTHING),
    "400-context": (CallRefused("too_long", "status 400"), 0, NOTHING),
    # Asked again under the other name: see below.
    "400-parameter": (Finished("stop"), 20, TRUE),
    "400-odd": (CallRefused("other", "status 400"), 0, NOTHING),
    "500": (CallUnclear("status 500"), 0, NOTHING),
    "503": (CallUnclear("status 503"), 0, NOTHING),
    "html-200": (CallUnclear("answer is not a stream but text/html"), 0, NOTHING),
    "reset": (CallUnclear(), 0, NOTHING),
    "slow-first=20": (Finished("stop"), 20, TRUE),
    "hang-first": (CallUnclear("timed out"), 0, NOTHING),
    "cut=0": (CallUnclear(), 0, NOTHING),
    "cut=5": (Broke(), 5, NOTHING),
    "stall=0": (CallUnclear("timed out"), 0, NOTHING),
    "stall=5": (Broke("timed out"), 5, NOTHING),
    "error-event=0": (CallUnclear("error event"), 0, NOTHING),
    "error-event=5": (Broke("error event"), 5, NOTHING),
    "slow=1": (Finished("stop"), 20, TRUE),
    "no-usage": (Finished("stop"), 20, NOTHING),
    "usage-early": (Finished("stop"), 20, Usage(INPUT, 0, 0, 0)),
    "usage-twice": (Finished("stop"), 20, TRUE),
    "usage-zero": (Finished("stop"), 20, Usage(0, 0, 0, 0)),
    "usage-negative": (Finished("stop"), 20, Usage(-INPUT, -20, 0, 0)),
    "usage-huge": (Finished("stop"), 20, Usage(INPUT + 10**12, 20 + 10**12, 0, 0)),
    "usage-grows": (Finished("stop"), 20, TRUE),
    "cached=3": (Finished("stop"), 20, Usage(INPUT, 20, 3, 0)),
    "no-done": (Finished("stop"), 20, TRUE),
    "done-twice": (Finished("stop"), 20, TRUE),
    "after-done": (Finished("stop"), 20, TRUE),
    "duplicate-chunks": (Finished("stop"), 20, TRUE),  # each of them twice: chunks have no numbers
    "empty-answer": (Finished("stop"), 0, Usage(INPUT, 0, 0, 0)),
    "role-only": (Finished("stop"), 0, Usage(INPUT, 0, 0, 0)),
    "filtered": (Finished("filtered"), 0, Usage(INPUT, 0, 0, 0)),
    "length": (Finished("length"), 10, Usage(INPUT, 10, 0, 0)),
    "split-utf8": (Finished("stop"), 20, TRUE),
    "crlf": (Finished("stop"), 20, TRUE),
    "comments": (Finished("stop"), 20, TRUE),
    "event-lines": (Finished("stop"), 20, TRUE),
    "big-line": (Broke("line too long"), 2, NOTHING),
    "bad-json-chunk": (Broke("chunk is not JSON"), 2, NOTHING),
    "nan": (Finished("stop"), 20, TRUE),
    "wrong-type": (Broke("content of another shape"), 2, NOTHING),
    "gzip": (Finished("stop"), 20, TRUE),
    "gzip-bomb": (CallUnclear("answer too large"), 0, NOTHING),
    "ignores-limit": (Finished("stop"), 400, Usage(INPUT, 400, 0, 0)),
    "ignores-stream": (Finished("stop"), 20, TRUE),
    "streams-anyway": (Finished("stop"), 20, TRUE),
    "other-model": (Finished("stop"), 20, TRUE),
    "tool-call": (Finished("tool_calls"), 0, Usage(INPUT, 9, 0, 0)),
    "reasoning": (Finished("stop"), 20, Usage(INPUT, 27, 0, 7)),
    "generates-on": (Finished("stop"), 20, TRUE),
}
# These are ended by our own limits, and nothing else here may be.
TIMED = ("hang-first", "stall=0", "stall=5")
HASTY = Bounds(connect=20, first_token=1.5, silence=1.5, total=60)


def test_every_fault_stands_in_the_table():
    assert {row.partition("=")[0] for row in TABLE} == set(CHAT_CATALOGUE)


@pytest.fixture
async def opened(http, upstream, sandbox):
    """An upstream whose client has connected before, so that what it does first counts against no limit."""
    await ask(upstream)
    sandbox.reset()
    return lambda fault: open_source(sandbox, http, HASTY if fault in TIMED else PATIENT)


@pytest.mark.parametrize("fault", TABLE)
async def test_each_fault_has_its_ending(fault, sandbox, opened):
    expected, tokens, counted = TABLE[fault]
    sandbox.set_faults([fault])
    events = await ask(opened(fault))
    found = ending(events)
    if not expected.__dataclass_fields__.keys() & {"reason"} and not expected.detail:
        # How a connection that is torn down looks depends on where the bytes were just then.
        assert isinstance(found, Broke | CallUnclear)
        assert found.detail.startswith("connection broke")
        found = type(found)()
    assert found == expected
    twice = 2 if fault == "duplicate-chunks" else 1
    assert text(events) == "".join(token * twice for token in islice(cycle(TOKENS), tokens))
    assert usage(events) == counted


@pytest.mark.parametrize("fault", TABLE)
async def test_the_bill_covers_what_came_and_is_closed(fault, sandbox, opened):
    """A provider bills at least what it says, unless it lies; what was refused costs nothing."""
    _, tokens, _ = TABLE[fault]
    sandbox.set_faults([fault])
    events = await ask(opened(fault))
    calls = sandbox.bill()["calls"]
    if isinstance(ending(events), CallRefused | CallUnavailable) or fault in {"500", "503", "html-200", "reset"}:
        assert calls == []
        assert sandbox.bill()["refused"]
        return
    (call,) = calls
    assert call["input"] == INPUT
    assert call["billed"] == call["input"] + call["output"]
    assert call["output"] >= tokens
    assert sandbox.bill()["peak_parallel"]["account-1"] == 1


async def test_what_the_model_shows_beside_text_comes_through(sandbox, upstream):
    sandbox.set_faults(["tool-call"])
    calls = [event for event in await ask(upstream) if isinstance(event, ToolCall)]
    assert (calls[0].id, calls[0].name) == ("call_1", "look_up")
    assert "".join(call.arguments for call in calls) == '{"place": "harbour", "nights": 2}'
    sandbox.set_faults(["reasoning"])
    thoughts = [event.text for event in await ask(upstream) if isinstance(event, Reasoning)]
    assert "".join(thoughts) == "First, I count the crates."


async def test_the_other_name_of_the_output_limit_is_learnt_once(sandbox, http, upstream):
    sandbox.set_faults(["400-parameter"])
    for _ in range(3):
        assert ending(await ask(upstream)) == Finished("stop")
    refused = [one["reason"] for one in sandbox.bill()["refused"]]
    assert refused == ["unsupported_parameter"]
    assert ending(await ask(open_source(sandbox, http, index=1))) == Finished("stop")
    assert len(sandbox.bill()["refused"]) == 1


async def test_what_the_upstream_says_of_its_answer_is_kept(sandbox, upstream):
    sandbox.set_faults(["other-model"])
    assert Began("chatcmpl-1", "sandbox-other") in await ask(upstream)


async def test_the_answer_is_not_longer_than_was_asked_for(upstream):
    events = await ask(upstream, question("english 50", most=7))
    assert ending(events) == Finished("length")
    assert usage(events) == Usage(INPUT, 7, 0, 0)


@pytest.mark.parametrize(("name", "taken"), [("p" * 64, True), ("p" * 65, False)])
async def test_the_upstream_looks_at_the_names_of_people(upstream, name, taken):
    found = ending(await ask(upstream, replace(question("english 20"), user=name)))
    assert isinstance(found, Finished if taken else CallRefused)
