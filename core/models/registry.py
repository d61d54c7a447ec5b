"""All model adapters by name, and how one source's is opened.

`ADAPTERS` is the only place that knows every adapter; nothing else asks which one a source has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from core.models.openai_compatible import OpenAICompatible
from core.models.protocol import Account, Bounds, Upstream
from core.providers.http import HttpClient

Opener: TypeAlias = Callable[[Account, HttpClient, Bounds], Upstream]

ADAPTERS: Final[Mapping[str, Opener]] = {"openai_compatible": OpenAICompatible}


def open_upstream(account: Account, client: HttpClient, bounds: Bounds | None = None) -> Upstream:
    """The adapter of one source, over the process's shared client. Cheap: opens no connection.

    Raises: KeyError for an adapter that is not in `ADAPTERS`.
    """
    return ADAPTERS[account.adapter](account, client, bounds or Bounds())
