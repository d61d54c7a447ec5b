"""How connections leave this machine: directly, or through a proxy of the operator's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from core.setting_kinds import DIRECT

if TYPE_CHECKING:
    import aiohttp
    from pydantic import SecretStr

    from core.settings import Settings

Service: TypeAlias = Literal["telegram", "discord", "upstream"]


def proxy_for(settings: Settings, service: Service, url: str) -> str | None:
    """The proxy that a request of `service` to `url` goes through, with its credentials, or None.

    The service's own setting comes first, then that of `[network]`, then the environment where `network.trust_env`
    says so: `HTTPS_PROXY` (by the scheme of `url`) or `ALL_PROXY`, and `NO_PROXY` with the hosts that need none.
    """
    own: SecretStr | None = getattr(settings, service).proxy or settings.network.proxy
    if own is not None:
        chosen = own.get_secret_value()
        return None if chosen == DIRECT else chosen
    if not settings.network.trust_env:
        return None
    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return None
    named = getproxies_environment()
    return named.get(parts.scheme) or named.get("all")


def named_hosts(settings: Settings) -> frozenset[str]:
    """The hosts that the configuration names, which may therefore be inside a private network."""
    upstream = settings.upstream
    bases = (urlsplit(base).hostname or "" for base in (upstream.chatgpt_base, upstream.openai_admin_base))
    return frozenset(host.lower() for host in (*upstream.private_hosts, *bases))


def shown(proxy: str | None) -> str:
    """A proxy without its credentials, for people and logs."""
    if proxy is None:
        return DIRECT
    parts = urlsplit(proxy)
    return f"{parts.scheme}://{parts.hostname}:{parts.port}"


def open_connector(proxy: str | None, **options: Any) -> aiohttp.TCPConnector:
    """Connections of one session. `options` are those of `aiohttp.TCPConnector`.

    Through a proxy, names are looked up by the proxy, and whatever goes wrong before the connection stands is an
    `aiohttp.ClientProxyConnectionError`, so that everybody can tell that nothing was sent.
    """
    import aiohttp

    if proxy is None:
        return aiohttp.TCPConnector(**options)
    from core.proxied import connector_through

    parts = urlsplit(proxy)
    credentials = {
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
    }
    return connector_through(parts.scheme, parts.hostname or "", parts.port or 0, credentials, options)
