"""The connector that stays out of private networks; imported where something is sent."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import aiohttp

from core.providers.private_places import WHY, is_private


class GuardedConnector(aiohttp.TCPConnector):
    """Connects to no address inside a private network, whatever a name resolves to, unless the name is allowed."""

    def __init__(self, allowed: Collection[str], **options: Any) -> None:
        super().__init__(**options)
        self._allowed = allowed

    async def _resolve_host(self, host: str, port: int, traces: Any = None) -> Any:
        found = await super()._resolve_host(host, port, traces)
        if host.rstrip(".").lower() not in self._allowed and any(is_private(one["host"]) for one in found):
            raise OSError(WHY)
        return found
