"""What a program is told when it gets no answer: OpenAI's shape, English, no internals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bots.messages.rendering import Look, words
from bots.messages.reply import Say

LOOK: Final = Look("en", "plain", 2000)
NO_RETRY: Final = {"x-should-retry": "false"}
"""OpenAI's clients repeat a 429 by themselves; this one will be the same until somebody does something."""


class Problem(Exception):
    """A refusal, as OpenAI's clients read one. `kind` and `code` are OpenAI's `type` and `code`, `beside` stands next to the error."""

    def __init__(
        self,
        status: int,
        kind: str,
        code: str,
        message: str,
        *,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
        beside: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.kind = kind
        self.code = code
        self.message = message
        self.param = param
        self.headers = dict(headers or {})
        self.beside = dict(beside or {})

    def body(self) -> dict[str, Any]:
        """The document."""
        error = {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}
        return {"error": error, **self.beside}


def invalid(code: str, message: str, param: str | None = None, status: int = 400) -> Problem:
    """The request is wrong in itself."""
    return Problem(status, "invalid_request_error", code, message, param=param)


UNKNOWN_KEY: Final = "Incorrect API key provided. Make a key with /keys in the chat, and send it as a bearer token."

REUSED: Final = "api-key-reused"
"""What is said of an Idempotency-Key that stood for something else; in a chat it would be a message."""

_BY_REASON: Final[Mapping[str, tuple[int, str, str, str | None]]] = {
    # reason: status, type, code, param
    "too_long": (400, "invalid_request_error", "context_length_exceeded", "messages"),
    "model_sees_not": (400, "invalid_request_error", "unsupported_parameter", "messages"),
    "picture_not_fetched": (400, "invalid_request_error", "invalid_value", "messages"),
    "bad_number": (400, "invalid_request_error", "invalid_value", None),
    "key_unknown": (401, "invalid_request_error", "invalid_api_key", None),
    "key_revoked": (401, "invalid_request_error", "invalid_api_key", None),
    "model_not_allowed": (403, "permission_error", "model_not_allowed", "model"),
    "not_allowed": (403, "permission_error", "scope_missing", None),
    "suspended": (403, "permission_error", "suspended", None),
    "banned": (403, "permission_error", "suspended", None),
    "not_found": (404, "invalid_request_error", "model_not_found", "model"),
    "request_key_reused": (422, "invalid_request_error", "idempotency_key_reused", None),
    "too_many_wrong_keys": (429, "rate_limit_error", "rate_limit_exceeded", None),
    "too_many_questions": (429, "rate_limit_error", "rate_limit_exceeded", None),
    "too_many_at_once": (429, "rate_limit_error", "rate_limit_exceeded", None),
    "not_enough_credit": (429, "insufficient_quota", "insufficient_quota", None),
    "spend_limit": (429, "insufficient_quota", "insufficient_quota", None),
    "upstream_failed": (502, "server_error", "upstream_error", None),
    "no_source": (503, "server_error", "no_source", None),
    "all_busy": (503, "server_error", "busy", None),
    "busy": (503, "server_error", "busy", None),
}
_REFUSED: Final[Mapping[str, tuple[str, str | None]]] = {
    # why an upstream refused: code, param
    "too_long": ("context_length_exceeded", "messages"),
    "filtered": ("content_filter", "messages"),
    "parameter": ("unsupported_parameter", None),
    "other": ("upstream_refused", None),
}
_WAIT: Final[Mapping[str, int]] = {"no_source": 30, "all_busy": 5, "busy": 2, "too_many_at_once": 1}
"""Seconds after which another try is worth it, where the refusal itself does not say."""


def of_reason(key: str, facts: Mapping[str, Any], now: datetime) -> Problem:
    """What a refusal of the core is, said in this protocol."""
    if key == "upstream_refused":
        code, param = _REFUSED.get(str(facts.get("reason")), _REFUSED["other"])
        param = str(facts.get("parameter")) if code == "unsupported_parameter" and facts.get("parameter") else param
        return invalid(code, _said(key, facts), param)
    if key == "upstream_failed" and facts.get("late"):
        return Problem(504, "server_error", "upstream_timeout", _said(key, facts))
    known = _BY_REASON.get(key)
    if known is None:
        return Problem(400, "invalid_request_error", key, _said(key, facts))
    status, kind, code, param = known
    message = UNKNOWN_KEY if code == "invalid_api_key" else _said(key, facts)
    headers = dict(NO_RETRY) if kind == "insufficient_quota" else {}
    param = str(facts.get("param") or param) if param else None
    until = facts.get("until")
    wait = math.ceil((until - now).total_seconds()) if isinstance(until, datetime) else _WAIT.get(key)
    if wait is not None and kind != "insufficient_quota":
        headers["retry-after"] = str(max(1, wait))
    return Problem(status, kind, code, message, param=param, headers=headers)


def stopping() -> Problem:
    """This process ends; another one may serve already."""
    message = "The server is restarting. Nothing was charged; please try again."
    return Problem(503, "server_error", "stopping", message, headers={"retry-after": "2"})


def _said(key: str, facts: Mapping[str, Any]) -> str:
    if key == "not_allowed":
        return f"This key has no right to do that: it would need the scope {facts.get('role')}."
    return words(Say(REUSED if key == "request_key_reused" else f"error-{key}", facts), LOOK)
