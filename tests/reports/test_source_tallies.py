"""What a source counts of us is held against what is stored, where the source tells."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any

from core.actors import SYSTEM
from core.reports.source_tallies import compare_sources
from tests.support.asking import MODEL, Asked, open_asked

QUESTION = ({"role": "user", "content": "Tell me something about harbours"},)


async def told(asked: Asked) -> dict[str, tuple[int, int, str]]:
    return {one.name: (one.breaches, one.warnings, one.detail) for one in await compare_sources(asked.core, SYSTEM)}


async def somebody_else_asks(asked: Asked) -> None:
    """Whoever has the credential as well is asked by nobody here."""
    [line] = asked.sandbox.models.house.source_lines(f"http://127.0.0.1:{asked.sandbox.port}/v1")
    body = json.dumps({"model": MODEL, "messages": list(QUESTION), "max_tokens": 5}).encode()
    headers = {"Authorization": f"Bearer {line['api_key']}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{line['base_url']}/chat/completions", body, headers)
    await asyncio.to_thread(lambda: urllib.request.urlopen(request).read())


def statement(text: str) -> Callable[[Asked], Awaitable[None]]:
    return lambda asked: asked.execute(text)


async def tells_nothing(asked: Asked) -> None:
    asked.sandbox.models.house.tells_usage = False


async def rejects_us(asked: Asked) -> None:
    asked.sandbox.set_faults(["401"])


CASES: dict[str, tuple[Any, dict[str, tuple[int, int]], str]] = {
    "nothing": (None, {}, ""),
    "another asker": (somebody_else_asks, {"source_was_asked_by_us_alone": (1, 0)}, "1 more"),
    "more than was made": (
        statement("UPDATE calls SET tokens_out = tokens_out + 7"),
        {"source_made_what_was_paid": (1, 0)},
        "14 tokens fewer",
    ),
    "an estimate": (statement("UPDATE calls SET tokens_out = tokens_out + 7, estimated = true"), {}, ""),
    "another model": (
        statement("UPDATE source_models SET upstream_name = 'gone'"),
        {"source_has_our_models": (0, 1)},
        "gone",
    ),
    "a source that does not tell": (tells_nothing, {}, "1 of 1 sources do not tell"),
    "a source that rejects us": (rejects_us, {"source_readable": (0, 1)}, "401"),
}


async def test_what_a_source_counts_is_compared(database_url: str) -> None:
    async with open_asked(database_url) as asked:
        await asked.grant("1")
        for number in range(2):
            assert (await asked.ask(f"q{number}", messages=QUESTION, model=MODEL)).finish == "whole"
        columns = await asked.rows("SELECT id, tokens_out FROM calls")
        for name, (happens, expected, words) in CASES.items():
            if happens is not None:
                await happens(asked)
            found = await told(asked)
            speaking = {
                key: (breaches, warnings) for key, (breaches, warnings, _) in found.items() if breaches or warnings
            }
            assert speaking == expected, (name, found)
            assert words in " ".join(detail for _, _, detail in found.values()), (name, found)
            # As it was before.
            for row in columns:
                await asked.execute(
                    f"UPDATE calls SET tokens_out = {row.tokens_out}, estimated = false WHERE id = {row.id}"
                )
            await asked.execute(f"UPDATE source_models SET upstream_name = '{MODEL}'")
            asked.sandbox.models.house.tells_usage = True
            asked.sandbox.models.house.bill[:] = asked.sandbox.models.house.bill[:2]
