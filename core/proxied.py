"""The connector that goes through a proxy; imported where there is one."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError, ProxyType


class _Through(ProxyConnector):
    """aiohttp-socks' connector, whose own kinds of error become aiohttp's."""

    async def connect(self, req: aiohttp.ClientRequest, *args: Any, **options: Any) -> Any:
        try:
            return await super().connect(req, *args, **options)
        except (ProxyError, ProxyConnectionError, ProxyTimeoutError) as fault:
            told = OSError(f"{type(fault).__name__}: the proxy did not connect")
            raise aiohttp.ClientProxyConnectionError(req.connection_key, told) from fault


def connector_through(
    scheme: str, host: str, port: int, credentials: Mapping[str, str | None], options: Mapping[str, Any]
) -> aiohttp.TCPConnector:
    """See `core.network.open_connector`."""
    kind = ProxyType.HTTP if scheme in {"http", "https"} else ProxyType.SOCKS5
    secure = ssl.create_default_context() if scheme == "https" else None
    return _Through(host, port, kind, rdns=True, proxy_ssl=secure, **credentials, **options)
