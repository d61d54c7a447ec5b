"""A request for a completion, read: what goes on to the model, what Usher sets itself, what is refused, what is ignored.

Pure work on bytes and JSON. Raises: `Problem`.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from bots.gateway.problems import Problem, invalid
from core.rules.kinds import IMAGES, image_type

MOST_DEEP: Final = 64
"""Levels of a request."""
MOST_MESSAGES: Final = 10_000
LONGEST_ADDRESS: Final = 2_000
"""Characters of a picture's address."""
PICTURES: Final = {False: ("data",), True: ("data", "https")}
"""How pictures may be given, by whether addresses are fetched."""
ROLES: Final = frozenset({"system", "developer", "user", "assistant", "tool"})
REFUSED: Final = frozenset({"audio", "modalities", "store", "functions", "function_call", "prediction"})
"""Parameters that cannot be ignored: the answer would not be the one that was asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `options` go on to the model as they are, `ignored` are fields that nobody here knows."""

    model: str
    messages: Sequence[Mapping[str, Any]] = field(repr=False)
    options: Mapping[str, Any] = field(repr=False)
    most_output: int | None
    stream: bool
    usage: bool
    ignored: Sequence[str]


def read_json(body: bytes) -> dict[str, Any]:
    """The object that a body holds: no NaN, no name twice, not too deep, nothing that cannot be written as UTF-8."""
    try:
        found = json.loads(body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as wrong:
        raise invalid("invalid_json", "The body is no JSON object in UTF-8.") from wrong
    if not isinstance(found, dict):
        raise invalid("invalid_json", "The body is no JSON object in UTF-8.")
    _refuse_odd(found)
    return found


def read_question(given: Mapping[str, Any], *, fetches: bool = False) -> Asked:
    """What is asked for. With `fetches`, pictures may be named by an address instead of being brought along."""
    model = given.get("model")
    if not isinstance(model, str) or not model:
        raise invalid("missing", "The model is missing.", "model")
    if len(model) > 100 or not model.isprintable():
        raise Problem(404, "invalid_request_error", "model_not_found", "There is no such model.", param="model")
    messages = given.get("messages")
    if not isinstance(messages, list) or not messages:
        raise invalid("missing", "There has to be at least one message.", "messages")
    if len(messages) > MOST_MESSAGES:
        raise invalid("invalid_value", f"More than {MOST_MESSAGES} messages.", "messages")
    refused = sorted(REFUSED & {name for name, value in given.items() if value not in (None, False, [], {})})
    if refused:
        raise invalid("unsupported_parameter", f"{refused[0]} is not supported here.", refused[0])
    if not _only_one(given.get("n")):
        raise invalid("unsupported_parameter", "One answer is given to one request: n can only be 1.", "n")
    options = {}
    for name, fits in OPTIONS.items():
        if (value := given.get(name)) is not None:
            if not fits(value):
                raise invalid("invalid_value", f"{name} has a value that is not allowed.", name)
            options[name] = value
    stream = _flag(given, "stream")
    wanted = given.get("stream_options")
    if wanted is not None and (not isinstance(wanted, dict) or not stream):
        raise invalid("invalid_value", "stream_options is an object, and only for streams.", "stream_options")
    return Asked(
        model=model,
        messages=[_message(one, f"messages[{place}]", fetches) for place, one in enumerate(messages)],
        options=options,
        most_output=_most_output(given),
        stream=stream,
        usage=bool(stream and wanted and _flag(wanted, "include_usage")),
        ignored=sorted(name[:60] for name in given.keys() - KNOWN if name.isascii() and name.isprintable())[:30],
    )


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _refuse_odd(whole: Any) -> None:
    """Too many levels, or half of a surrogate pair somewhere."""
    level: list[Any] = [whole]
    for _ in range(MOST_DEEP):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += [*value.keys(), *value.values()]
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str) and not value.isascii():
                try:
                    value.encode("utf-8")
                except UnicodeEncodeError as half:
                    raise invalid("invalid_json", "The body holds half of a surrogate pair.") from half
        if not below:
            return
        level = below
    raise invalid("invalid_json", f"The body has more than {MOST_DEEP} levels.")


def _only_one(value: Any) -> bool:
    return value is None or (_whole(value) and value == 1)


def _flag(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise invalid("invalid_value", f"{name} is true or false.", name)
    return bool(value)


def _most_output(given: Mapping[str, Any]) -> int | None:
    found = None
    for name in ("max_tokens", "max_completion_tokens"):
        value = given.get(name)
        if value is None:
            continue
        if not _whole(value) or not 1 <= value <= 10**9:
            raise invalid("invalid_value", f"{name} is a whole number from 1.", name)
        found = value if found is None else min(found, value)
    return found


def _message(given: Any, where: str, fetches: bool) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise invalid("invalid_value", "A message is an object.", where)
    role = given.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise invalid("invalid_value", f"The role is one of {', '.join(sorted(ROLES))}.", f"{where}.role")
    if given.get("audio") is not None or given.get("function_call") is not None:
        raise invalid("unsupported_parameter", "Audio and functions are not supported here; tools are.", where)
    message: dict[str, Any] = {"role": role}
    content = given.get("content")
    calls = given.get("tool_calls")
    if content is None and not (role == "assistant" and calls):
        raise invalid("missing", "The content is missing.", f"{where}.content")
    message["content"] = _content(content, f"{where}.content", pictures=PICTURES[fetches] if role == "user" else ())
    if isinstance(name := given.get("name"), str):
        message["name"] = name[:64]
    if role == "tool":
        if not isinstance(given.get("tool_call_id"), str):
            raise invalid("missing", "The answer of a tool names its call.", f"{where}.tool_call_id")
        message["tool_call_id"] = given["tool_call_id"]
    if role == "assistant" and calls is not None:
        message["tool_calls"] = _tool_calls(calls, f"{where}.tool_calls")
    return message


def _content(content: Any, where: str, *, pictures: Sequence[str]) -> Any:
    if content is None or isinstance(content, str):
        return content
    if not isinstance(content, list) or not content:
        raise invalid("invalid_value", "The content is text, or a list of parts.", where)
    return [_part(part, f"{where}[{place}]", pictures) for place, part in enumerate(content)]


def _part(part: Any, where: str, pictures: Sequence[str]) -> dict[str, Any]:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind in {"text", "refusal"} and isinstance(part.get(kind), str):
        return {"type": "text", "text": part[kind]}
    if kind == "image_url" and pictures:
        return {"type": "image_url", "image_url": _image(part.get("image_url"), f"{where}.image_url", pictures)}
    raise invalid("unsupported_parameter", "A part is text or, of a user, an image.", where)


def _image(given: Any, where: str, pictures: Sequence[str]) -> dict[str, Any]:
    url = given.get("url") if isinstance(given, dict) else None
    if not isinstance(url, str):
        raise invalid("missing", "The address of the image is missing.", f"{where}.url")
    detail = given.get("detail")
    beside = {"detail": detail} if detail in {"auto", "low", "high"} else {}
    if "https" in pictures and url.startswith(("https://", "http://")) and len(url) <= LONGEST_ADDRESS:
        return {"url": url, **beside}
    head, comma, data = url.partition(",")
    kind = head.removeprefix("data:").removesuffix(";base64")
    if not comma or not head.startswith("data:") or not head.endswith(";base64") or kind not in IMAGES:
        raise invalid(
            "unsupported_parameter",
            "Images are taken as data URLs (data:image/png;base64,…): PNG, JPEG, GIF or WebP. "
            + ("Or name one by an https address." if "https" in pictures else "None is fetched."),
            f"{where}.url",
        )
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise invalid("invalid_value", "The image is no base64.", f"{where}.url") from wrong
    if image_type(content) != kind:
        raise invalid("invalid_value", f"That is no {kind}.", f"{where}.url")
    return {"url": url, **beside}


def _tool_calls(calls: Any, where: str) -> list[dict[str, Any]]:
    if not isinstance(calls, list):
        raise invalid("invalid_value", "Tool calls are a list.", where)
    found = []
    for place, call in enumerate(calls):
        function = call.get("function") if isinstance(call, dict) else None
        named = function if isinstance(function, dict) else {}
        texts = {"name": named.get("name"), "arguments": named.get("arguments")}
        if not isinstance(call, dict) or not all(isinstance(text, str) for text in (call.get("id"), *texts.values())):
            raise invalid("invalid_value", "A tool call has an id, a name and arguments.", f"{where}[{place}]")
        found.append({"id": call["id"], "type": "function", "function": texts})
    return found


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _between(low: float, high: float) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return is_number and math.isfinite(value) and low <= value <= high

    return fits


def _word(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 64


def _stop(value: Any) -> bool:
    texts = [value] if isinstance(value, str) else value
    return isinstance(texts, list) and len(texts) <= 4 and all(isinstance(text, str) and text for text in texts)


def _tools(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= 128
        and all(
            isinstance(tool, dict)
            and tool.get("type") == "function"
            and isinstance(tool.get("function"), dict)
            and _word(tool["function"].get("name"))
            for tool in value
        )
    )


OPTIONS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "temperature": _between(0, 2),
    "top_p": _between(0, 1),
    "presence_penalty": _between(-2, 2),
    "frequency_penalty": _between(-2, 2),
    "seed": lambda value: _whole(value) and abs(value) < 2**63,
    "stop": _stop,
    "logprobs": lambda value: isinstance(value, bool),
    "top_logprobs": lambda value: _whole(value) and 0 <= value <= 20,
    "response_format": lambda value: isinstance(value, dict) and _word(value.get("type")),
    "tools": _tools,
    "tool_choice": lambda value: _word(value) or isinstance(value, dict),
    "parallel_tool_calls": lambda value: isinstance(value, bool),
    "reasoning_effort": _word,
    "verbosity": _word,
}
"""What goes on to the model, and what each may be."""
KNOWN: Final = (
    frozenset(OPTIONS)
    | REFUSED
    | {
        *("model", "messages", "n", "stream", "stream_options", "max_tokens", "max_completion_tokens"),
    }
)
