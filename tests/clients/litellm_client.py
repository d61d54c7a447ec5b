"""litellm as a client of the gateway; run by its own Python, which has litellm and nothing of ours."""

from __future__ import annotations

import os
import sys
from typing import Any

import litellm  # type: ignore[import-not-found,unused-ignore]

BASE, KEY, MODEL = (os.environ[name] for name in ("BASE", "KEY", "MODEL"))
MESSAGES = [{"role": "user", "content": "Hello there, who are you?"}]
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]


def ask(**given: Any) -> Any:
    asked = {"model": f"openai/{MODEL}", "messages": MESSAGES, "num_retries": 0, **given}
    return litellm.completion(api_base=f"{BASE}/v1", api_key=KEY, **asked)


def plain() -> None:
    whole = ask()
    assert whole.choices[0].message.content
    assert whole.usage.total_tokens > 0
    chunks = list(ask(stream=True, stream_options={"include_usage": True}))
    assert "".join(one.choices[0].delta.content or "" for one in chunks if one.choices)
    assert any(getattr(one, "usage", None) for one in chunks)


def tools() -> None:
    answer = ask(tools=TOOLS)
    assert answer.choices[0].finish_reason == "tool_calls"


def errors() -> None:
    for given, kind in (
        ({"model": "openai/nothing"}, litellm.NotFoundError),
        ({"messages": []}, litellm.BadRequestError),
    ):
        try:
            ask(**given)
        except kind:
            continue
        raise AssertionError(f"no {kind.__name__}")


{"plain": plain, "tools": tools, "errors": errors}[sys.argv[1]]()
