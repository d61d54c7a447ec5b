"""What the sandbox's SCIM server says of itself: schemas, resource types, and which endpoint takes which methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

BASE: Final = "urn:ietf:params:scim:schemas:core:2.0"
SCHEMA: Final = f"{BASE}:Schema"
RESOURCE_TYPE: Final = f"{BASE}:ResourceType"
METHODS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "Users": (frozenset({"GET", "POST"}), frozenset({"GET", "PUT", "PATCH", "DELETE"})),
    ".search": (frozenset({"POST"}), frozenset()),
    "Groups": (frozenset({"GET"}), frozenset({"GET", "PATCH"})),
    "ServiceProviderConfig": (frozenset({"GET"}), frozenset()),
    "ResourceTypes": (frozenset({"GET"}), frozenset({"GET"})),
    "Schemas": (frozenset({"GET"}), frozenset({"GET"})),
}
"""By endpoint: the methods for the collection, and those for a single resource."""


def allowed(method: str, endpoint: str, depth: int) -> bool | None:
    """Whether an endpoint supports a method; None where there is no such endpoint."""
    if endpoint not in METHODS or depth > 1:
        return None
    known = METHODS[endpoint][depth]
    return method in known if known else None


def schemas(user: str, group: str, extension: str, config: str) -> list[dict[str, Any]]:
    """Every schema of the resources that are served, by the names that the other parts use."""
    text, flag = _attribute, _flag
    features = [_complex(name, [flag("supported")]) for name in ("patch", "changePassword", "sort", "etag")]
    return [
        _schema(
            user,
            "User",
            [
                text("userName", required=True, uniqueness="server", mutability="immutable"),
                text("displayName", mutability="readWrite"),
                flag("active", mutability="readWrite", required=True),
                _complex("emails", [text("value"), text("type"), flag("primary")], many=True),
                _complex("roles", [text("value"), flag("primary")], many=True),
            ],
        ),
        _schema(
            group, "Group", [text("displayName"), _complex("members", [text("value"), text("display")], many=True)]
        ),
        _schema(extension, "Membership", [text("status")]),
        _schema(
            config,
            "ServiceProviderConfig",
            [
                *features,
                _complex("bulk", [flag("supported"), _number("maxOperations"), _number("maxPayloadSize")]),
                _complex("filter", [flag("supported"), _number("maxResults")]),
                _complex(
                    "authenticationSchemes",
                    [text("type"), text("name"), text("description"), flag("primary")],
                    many=True,
                ),
            ],
        ),
        _schema(
            RESOURCE_TYPE,
            "ResourceType",
            [
                text("id"),
                text("name"),
                text("endpoint"),
                text("description"),
                text("schema"),
                _complex("schemaExtensions", [text("schema"), flag("required")], many=True),
            ],
        ),
        _schema(
            SCHEMA,
            "Schema",
            [text("id"), text("name"), text("description"), _complex("attributes", [text("name")], many=True)],
        ),
    ]


def resource_types(user: str, extension: str) -> list[dict[str, Any]]:
    """The resources that can be created here. The licence group exists already and can only be changed."""
    return [
        {
            "schemas": [RESOURCE_TYPE],
            "id": "User",
            "name": "User",
            "endpoint": "/Users",
            "description": "A person of the directory",
            "schema": user,
            "schemaExtensions": [{"schema": extension, "required": False}],
        }
    ]


def _schema(urn: str, name: str, attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"schemas": [SCHEMA], "id": urn, "name": name, "description": name, "attributes": attributes}


def _attribute(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    usual = {
        "name": name,
        "type": kind,
        "multiValued": False,
        "description": name,
        "required": False,
        "caseExact": False,
        "mutability": "readOnly",
        "returned": "default",
        "uniqueness": "none",
    }
    return {**usual, **more}


def _flag(name: str, **more: Any) -> dict[str, Any]:
    return _attribute(name, "boolean", **more)


def _number(name: str) -> dict[str, Any]:
    return _attribute(name, "integer")


def _complex(name: str, inner: list[dict[str, Any]], *, many: bool = False) -> dict[str, Any]:
    return _attribute(name, "complex", multiValued=many, subAttributes=inner)
