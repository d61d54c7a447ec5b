"""Asking an upstream one question, and what its events come to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

from core.models.protocol import (
    Account,
    Began,
    Bounds,
    Broke,
    CallEnding,
    CallRefused,
    CallUnavailable,
    CallUnclear,
    Event,
    Finished,
    Question,
    Reasoning,
    Sent,
    Text,
    ToolCall,
    Upstream,
    Usage,
)
from core.models.registry import open_upstream
from core.models.source_lines import read_source
from core.providers.http import HttpClient
from core.sandbox import Sandbox

PATIENT = Bounds(connect=20, first_token=60, silence=60, total=120, tail=20)
"""Nothing here ends by time on a machine that is merely slow."""

ENDINGS = (Finished, CallRefused, CallUnavailable, CallUnclear, Broke)


def open_source(sandbox: Sandbox, http: HttpClient, bounds: Bounds = PATIENT, index: int = 0) -> Upstream:
    """An account's upstream, opened from its source line as an operator would import it."""
    line = read_source(sandbox.sources()[index])
    return open_upstream(Account(line.adapter, line.base_url, line.api_key), http, bounds)


def question(prompt: str = "english 20", model: str = "sandbox-small", most: int = 200, **options: Any) -> Question:
    return Question(model, [{"role": "user", "content": prompt}], most, options=options)


async def ask(upstream: Upstream, asked: Question | None = None) -> list[Event]:
    """Every event of one answer, which must keep to the protocol's order."""
    async with aclosing(upstream.ask(asked or question())) as stream:
        events = [event async for event in stream]
    keeps_its_promise(events)
    return events


def keeps_its_promise(events: Sequence[Event]) -> None:
    """`Sent? Began? (Text | Reasoning | ToolCall | Usage)* ending`, and what the marks in it say."""
    kinds = [type(event) for event in events]
    assert isinstance(events[-1], ENDINGS)
    assert not [event for event in events[:-1] if isinstance(event, ENDINGS)]
    assert kinds.count(Sent) <= 1
    assert kinds.count(Began) <= 1
    assert Sent not in kinds[1:]
    pieces = [place for place, event in enumerate(events) if isinstance(event, Text | Reasoning | ToolCall)]
    if pieces:
        assert kinds[pieces[0] - 1] is Began
        assert isinstance(events[-1], Finished | Broke)
    else:
        assert Began not in kinds
        assert not isinstance(events[-1], Broke)
    if isinstance(events[-1], Finished | Broke | CallUnclear | CallRefused):
        assert kinds[0] is Sent
    assert all(event.text for event in events if isinstance(event, Text | Reasoning))


def ending(events: Sequence[Event]) -> CallEnding:
    last = events[-1]
    assert isinstance(last, ENDINGS)
    return last


def text(events: Sequence[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


def usage(events: Sequence[Event]) -> Usage | None:
    """What counts: the last."""
    found = [event for event in events if isinstance(event, Usage)]
    return found[-1] if found else None
