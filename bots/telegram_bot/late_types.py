"""aiogram, with its types made when they are first used.

Imported as it is, aiogram has pydantic make a validator and a serializer for each of some 450 types of the Bot API:
100 MB and two CPU seconds, for a bot that meets a few dozen of them. aiogram itself marks its types to be built late;
it is a loop at the end of `aiogram.types` that builds them all, to resolve the names that they use of each other.
While aiogram is imported here, that loop only leaves those names behind, and each type is built with them when it is
needed. `bots.telegram_bot` imports this module before anything else of aiogram.

Nothing depends on it but cost: where aiogram was imported before, or stops building in that loop, everything is built
at once as ever. `tests/bots/telegram_bot/test_late_types.py` notices both.
"""

from __future__ import annotations

import sys
from typing import Any

from pydantic import BaseModel

_models: Any = BaseModel
_build: Any = BaseModel.__dict__["model_rebuild"]


def _import_aiogram() -> dict[str, Any]:
    """Import aiogram and return the names that its types use; none if they are built already."""
    names: dict[str, Any] = {}

    def leave(
        cls: type[BaseModel], /, *, _types_namespace: Any = None, _parent_namespace_depth: int = 2, **how: Any
    ) -> Any:
        if _types_namespace and cls.__module__.startswith("aiogram.types."):
            names.update(_types_namespace)
            return None
        depth = _parent_namespace_depth + 1  # this function stands between
        return _build.__get__(None, cls)(_types_namespace=_types_namespace, _parent_namespace_depth=depth, **how)

    _models.model_rebuild = classmethod(leave)
    try:
        import aiogram  # noqa: F401 - what matters is that it happens now
    finally:
        _models.model_rebuild = _build
    return names


def _build_with(names: dict[str, Any]) -> None:
    """Let everything that is or holds a type of aiogram know the names when it is built."""
    from aiogram.methods.base import Response, TelegramMethod
    from aiogram.types.base import TelegramObject

    def build(cls: type[BaseModel], /, *, _types_namespace: Any = None, **how: Any) -> Any:
        return _build.__get__(None, cls)(_types_namespace=_types_namespace or names, **how)

    bases: tuple[Any, ...] = (TelegramObject, TelegramMethod, Response)
    for base in bases:
        base.model_rebuild = classmethod(build)


if "aiogram" not in sys.modules:
    _names = _import_aiogram()
    if _names:
        _build_with(_names)
