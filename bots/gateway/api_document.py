"""The description of the interface (OpenAPI 3.1), made of the same entries that the routes are made of."""

from __future__ import annotations

import re
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bots.gateway.operations import STATUSES, Failed, Operation
from core.version import usher_version

REF: Final = "#/components/schemas/{model}"
_ERROR: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}
_TEXT: Final = {"type": "string", "minLength": 1}
_QUESTION: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["model", "messages"],
    "properties": {
        "model": {"type": "string", "minLength": 1, "maxLength": 100},
        "messages": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["role", "content"],
                "properties": {
                    "role": {"enum": ["system", "developer", "user"]},
                    "content": {"type": "string"},
                },
            },
        },
        "stream": {"type": "boolean"},
        "max_tokens": {"type": "integer", "minimum": 1, "maximum": 1_000_000_000},
        "temperature": {"type": "number", "minimum": 0, "maximum": 2},
    },
}
_MODELS: Final = (
    # method, path, what it is about, the body, the query
    ("get", "/v1/models", "The models that the key may ask.", None, ()),
    ("get", "/v1/models/{model}", "One of them.", None, ()),
    ("post", "/v1/chat/completions", "Ask a model, in the shape of OpenAI's chat completions.", _QUESTION, ()),
    ("get", "/v1/usage", "The calls of the key, the latest first.", None, ("from", "to", "limit", "after")),
    ("get", "/v1/wallet", "What is left to its person.", None, ()),
)
_FIRST_CODE: Final = {"code_id": "$response.body#/codes/0/id"}
_FIRST_TEAM: Final = {"index": "$response.body#/teams/0/index"}
_LINKS: Final = (
    # what an answer leads to: its method and path, the next ones, and what goes along
    ("get", "/api/admin/codes", "post", "/api/admin/codes/{code_id}/toggle", _FIRST_CODE),
    ("get", "/api/admin/codes", "delete", "/api/admin/codes/{code_id}", _FIRST_CODE),
    ("post", "/api/admin/codes/generate", "get", "/api/verify", {"code": "$response.body#/codes/0"}),
    ("get", "/api/admin/teams", "put", "/api/admin/teams/{index}", _FIRST_TEAM),
    ("get", "/api/admin/teams", "delete", "/api/admin/teams/{index}", _FIRST_TEAM),
    (
        *("get", "/api/admin/monitor/alerts", "post", "/api/admin/monitor/alerts/{alert_id}/resolve"),
        {"alert_id": "$response.body#/alerts/0/id"},
    ),
    ("get", "/v1/models", "get", "/v1/models/{model}", {"model": "$response.body#/data/0/id"}),
    ("get", "/v1/usage", "get", "/v1/usage", {"after": "$response.body#/last_id"}),
)
_IN_PATH: Final = re.compile(r"{(\w+)}")


def document(operations: tuple[Operation, ...], server: str) -> dict[str, Any]:
    """The whole description. `server` is the address from outside, where that is known."""
    kinds: list[type[BaseModel]] = [Failed]
    for one in operations:
        kinds += [kind for kind in (one.body, one.answer, *one.also.values()) if kind is not None]
    refs, schemas = models_json_schema([(kind, "validation") for kind in dict.fromkeys(kinds)], ref_template=REF)
    named = {kind: refs[kind, "validation"] for kind in dict.fromkeys(kinds)}
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, named)
    for method, path, about, body, query in _MODELS:
        paths.setdefault(path, {})[method] = _model_operation(path, about, body, query)
    for path, methods in paths.items():
        for method, operation in methods.items():
            operation["operationId"] = _name(method, path)
    for method, path, then, target, given in _LINKS:
        links = paths[path][method]["responses"]["200"].setdefault("links", {})
        links[_name(then, target)] = {"operationId": _name(then, target), "parameters": dict(given)}
    components = {
        "schemas": {**schemas.get("$defs", {}), "Error": _ERROR},
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Usher", "version": usher_version(), "description": "Seats, codes and models by program."},
        **({"servers": [{"url": server}]} if server else {}),
        "security": [{"key": []}],
        "paths": paths,
        "components": components,
    }


def _name(method: str, path: str) -> str:
    """What an operation is called in the document, such as `get_v1_models_model`."""
    return "_".join([method, *re.findall(r"\w+", path)])


def _operation(one: Operation, named: dict[type[BaseModel], Any]) -> dict[str, Any]:
    said: dict[int, Any] = dict.fromkeys(STATUSES, named[Failed])
    said |= {status: named[kind] for status, kind in one.also.items()} | {200: named[one.answer]}
    found: dict[str, Any] = {
        "summary": one.about,
        "description": f"Needs a key with the scope {one.scope}"
        + (", or none where that is open." if one.public else "."),
        "parameters": [*_path_parameters(one.path, {"type": "string", "pattern": "^[0-9]{1,15}$"}), *_query(one)],
        "responses": {str(status): _json(schema) for status, schema in sorted(said.items())},
    }
    if one.public:
        found["security"] = [{"key": []}, {}]
    if one.body is not None:
        required = any(field.is_required() for field in one.body.model_fields.values())
        found["requestBody"] = {"required": required, **_content(named[one.body])}
    return found


def _query(one: Operation) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    schema = one.query.model_json_schema()
    needed = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": _without_null(part)}
        for name, part in schema["properties"].items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """In an address nothing is said by leaving it out."""
    found = {name: value for name, value in schema.items() if name not in {"title", "default"}}
    choices = [part for part in found.pop("anyOf", ()) if part.get("type") != "null"]
    return {**found, **choices[0]} if choices else found


def _model_operation(path: str, about: str, body: Any, query: tuple[str, ...]) -> dict[str, Any]:
    answers = {str(status): _json({"$ref": REF.format(model="Error")}) for status in (*STATUSES, 405, 502, 504)}
    whole = {"description": "Done", "content": {"application/json": {"schema": {"type": "object"}}}}
    if body is not None:
        whole["content"]["text/event-stream"] = {"schema": {"type": "string"}}  # type: ignore[index]
    found: dict[str, Any] = {
        "summary": about,
        "parameters": [
            *_path_parameters(path, _TEXT),
            *({"name": name, "in": "query", "required": False, "schema": _TEXT} for name in query),
        ],
        "responses": {"200": whole, **answers},
    }
    if body is not None:
        found["requestBody"] = {"required": True, **_content(body)}
    return found


def _path_parameters(path: str, schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in _IN_PATH.findall(path)]


def _json(schema: Any) -> dict[str, Any]:
    return {"description": schema.get("$ref", "Answer").rpartition("/")[2], **_content(schema)}


def _content(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}
