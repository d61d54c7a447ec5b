"""Bodies of Discord requests, and what an error body says in short."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

BUTTON: Json = {"type": 2, "style": 1, "label": "b", "custom_id": "c"}
OPTION: Json = {"label": "a", "value": "v"}
INPUT: Json = {"type": 4, "custom_id": "i", "style": 1, "label": "l"}


def row(*components: Json) -> Json:
    return {"type": 1, "components": list(components)}


def select(*options: Json, **extra: Any) -> Json:
    return {"type": 3, "custom_id": "s", "options": list(options), **extra}


def command(
    name: str = "redeem", description: str = "d", options: tuple[Json, ...] | list[Json] = (), **extra: Any
) -> Json:
    return {"name": name, "description": description, "options": list(options), **extra}


def option(name: str = "o", kind: int = 3, **extra: Any) -> Json:
    return {"name": name, "description": "d", "type": kind, **extra}


def leaves(answer: Json) -> Any:
    """Flatten an error body: `{"content": "BASE_TYPE_MAX_LENGTH"}`, or its code where there is no tree."""

    def walk(tree: Json, path: list[str]) -> Iterator[tuple[str, str]]:
        for key, value in tree.items():
            if key == "_errors":
                yield ".".join(path), value[0]["code"]
            else:
                yield from walk(value, [*path, key])

    return dict(walk(answer["errors"], [])) if "errors" in answer else answer["code"]
