"""What an upstream's error means: for the question, for the source, or for neither.

Only words that a program chose (`code`, `type`) can put a source aside. Its sentences may quote the prompt, and
a prompt must not be able to say of a source that its money is used up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from core.models.protocol import CallRefused, CallUnavailable, CallUnavailableReason, CallUnclear
from core.providers import http

_CODES: Final[Mapping[str, CallUnavailableReason]] = {
    **dict.fromkeys((*http.CREDENTIAL_CODES, *http.GONE_CODES, "authentication_error"), "credential"),
    **dict.fromkeys(("access_terminated",), "credential"),
    **dict.fromkeys(
        ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance"), "exhausted"
    ),
    **dict.fromkeys(("model_not_found", "no_such_model", "model_not_available"), "no_model"),
    **dict.fromkeys(("rate_limit_exceeded", "rate_limit_error", "rate_limit_reached"), "rate_limited"),
}
_ABUSE: Final = frozenset(
    {"access_terminated", "account_deactivated", "account_suspended", "organization_deactivated", "policy_violation"}
)
"""An account is shut out, which upstreams do for what was asked of it."""
_BLOCKED: Final = "identifier_blocked"
"""One person is shut out, by the pseudonym. Asking elsewhere in their name would only be evasion."""
_STATUSES: Final[Mapping[int, CallUnavailableReason]] = {
    401: "credential",
    402: "exhausted",
    403: "credential",
    404: "no_model",
    410: "no_model",
    429: "rate_limited",
}
_FILTERED: Final = ("content_filter", "content_policy", "responsibleaipolicyviolation", "flagged", "moderation")
_TOO_LONG: Final = (
    "context_length_exceeded",
    "string_above_max_length",
    "request_too_large",
    "maximum context length",
    "context window",
    "prompt is too long",
    "too many tokens",
)
_PARAMETER_CODES: Final = frozenset(
    {"unsupported_parameter", "unsupported_value", "unknown_parameter", "invalid_value", "invalid_type"}
)
FIELDS: Final = frozenset({
    "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "user", "safety_identifier",
    "temperature", "top_p", "presence_penalty", "frequency_penalty", "seed", "stop", "logprobs", "top_logprobs",
    "response_format", "tools", "tool_choice", "parallel_tool_calls", "reasoning_effort", "verbosity",
})  # fmt: skip
"""What a question is sent with. An upstream that names anything else may have written there what it was asked."""
_PLACE: Final = re.compile(r"([a-z_]{1,40})((?:\[\d{1,5}\])?)(?:[.\[].*)?", re.DOTALL)
_REDIRECTS: Final = frozenset({300, 301, 302, 303, 304, 307, 308})


def of_answer(status: int, headers: Mapping[str, str], body: Any) -> CallRefused | CallUnavailable | CallUnclear:
    """What an answer with another status than 2xx means. `body` is its JSON, or None where it had none. Names of headers in lower case."""
    pause = http.retry_after(headers) if "retry-after" in headers else None
    detail = f"status {status}"
    if status in _REDIRECTS:
        return CallUnavailable("unreachable", detail)  # never followed: it could lead to another host
    if status in {408, 409, 425} or not 400 <= status < 500:
        return CallUnclear(detail, pause)
    if status == 429 and body is None:
        return CallUnavailable("rate_limited", detail, pause)
    if body is None and status not in {400, 413, 422}:
        # A page from something in front of the upstream: it says nothing of the key, and let nothing through.
        return CallUnavailable("unreachable", f"{detail} from an interception page", pause)
    return _meaning(status, body, pause, detail)


def of_event(body: Mapping[str, Any]) -> CallRefused | CallUnavailable | CallUnclear:
    """What an error means that comes in place of the first token, under a status that said yes.

    Only words that are known make it more than unclear.
    """
    error = body.get("error")
    code = error.get("code", error.get("status")) if isinstance(error, Mapping) else None
    status = code if isinstance(code, int) and 400 <= code < 500 else 0
    return _meaning(status, body, None, "error event")


def unliked_parameter(body: Any) -> str | None:
    """The option that an error names, if that is what it is about, with its number in a list: `messages[2]`."""
    if not isinstance(body, Mapping) or not isinstance(error := body.get("error"), Mapping):
        return None
    name, code = error.get("param"), error.get("code")
    place = _PLACE.fullmatch(name) if isinstance(name, str) and code in _PARAMETER_CODES else None
    return f"{place[1]}{place[2]}" if place is not None and place[1] in FIELDS else None


def names_field(body: Any, name: str, depth: int = 5) -> bool:
    """Is an error about this field of the request? By what a program fills in, or by a sentence that names it in quotes."""
    if isinstance(body, list):
        return depth > 0 and any(names_field(one, name, depth - 1) for one in body[:20])
    if not isinstance(body, Mapping) or depth <= 0:
        return False
    place, said = body.get("loc"), body.get("message")
    if body.get("param") == name or (isinstance(place, list) and name in place):
        return True
    if isinstance(said, str) and re.search(rf"[`'\"]{name}[`'\"]", said[:500]):
        return True
    return any(names_field(one, name, depth - 1) for one in list(body.values())[:20])


def _meaning(status: int, body: Any, pause: float | None, detail: str) -> CallRefused | CallUnavailable | CallUnclear:
    if _is_blocked(body):
        return CallRefused("filtered", detail, abuse=_BLOCKED)
    meaning = _plain_meaning(status, body, pause, detail)
    abuse = next((code for code in _codes(body) if code in _ABUSE), None)
    return replace(meaning, abuse=abuse) if abuse and isinstance(meaning, CallUnavailable) else meaning


def _is_blocked(body: Any) -> bool:
    """By its code, or by a sentence that is nothing else: one that quotes a question is longer."""
    error = body.get("error") if isinstance(body, Mapping) else None
    said = error.get("message") if isinstance(error, Mapping) else None
    whole = said.strip(" .").lower().replace(" ", "_") if isinstance(said, str) else ""
    return _BLOCKED in (whole, *(code.replace(" ", "_") for code in _codes(body)))


def _plain_meaning(
    status: int, body: Any, pause: float | None, detail: str
) -> CallRefused | CallUnavailable | CallUnclear:
    words = http.wording(body)
    if any(known in words for known in _FILTERED) and status != 429:
        return CallRefused("filtered", detail)
    for code in _codes(body):
        if reason := _CODES.get(code):
            return CallUnavailable(reason, detail, pause)
    if reason := _STATUSES.get(status):
        return CallUnavailable(reason, detail, pause)
    if status == 413 or any(known in words for known in _TOO_LONG):
        return CallRefused("too_long", detail)
    if name := unliked_parameter(body):
        return CallRefused("parameter", detail, name)
    return CallRefused("other", detail) if status else CallUnclear(detail, pause)


def _codes(body: Any) -> Iterator[str]:
    if isinstance(body, Mapping):
        error = body.get("error")
        for holder in (error, body):
            if isinstance(holder, Mapping):
                yield from (holder[name].lower() for name in ("code", "type") if isinstance(holder.get(name), str))
