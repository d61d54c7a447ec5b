"""Open WebUI's way of asking, replayed."""

from __future__ import annotations

import asyncio
import json

from tests.bots.gateway.test_completions import HELLO
from tests.support.programs import open_door


async def test_open_webuis_way_of_asking(sqlite_url: str) -> None:
    """As that program asks: the list of models, a stream with usage and fields of its own, and a title meanwhile."""
    async with open_door(sqlite_url) as door:
        key = await door.key()
        head = {"X-OpenWebUI-User-Name": "Anna", "HTTP-Referer": "https://openwebui.com/", "X-Title": "Open WebUI"}
        status, listed, _ = await door.ask("GET", "/v1/models", key, headers=head)
        [model] = listed["data"]
        asked = {
            "model": model["id"],
            "messages": [{"role": "system", "content": "Be brief."}, *HELLO],
            "stream": True,
            "stream_options": {"include_usage": True},
            "tool_ids": None,
            "features": {"web_search": False},
            "chat_id": "c-1",
        }
        title = {**asked, "stream": False, "stream_options": None, "max_completion_tokens": 1000}
        (status, said, whole), (second, document, _) = await asyncio.gather(
            door.ask("POST", "/v1/chat/completions", key, json=asked, headers=head),
            door.ask("POST", "/v1/chat/completions", key, json=title, headers=head),
        )
        assert (status, whole["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
        assert whole["x-usher-ignored"] == "chat_id, features, tool_ids"
        lines = [line for line in said.split("\n\n") if line]
        assert lines[-1] == "data: [DONE]"
        chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
        assert (
            "".join(one["choices"][0]["delta"].get("content") or "" for one in chunks if one["choices"]) == "Hello you"
        )
        assert (chunks[-1]["choices"], chunks[-1]["usage"]["total_tokens"]) == ([], 12)
        assert (second, document["choices"][0]["message"]["content"]) == (200, "Hello you")
        await door.bank.books_balance()
