"""Database URLs as people write them, made into the ones that are used."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from pydantic import SecretStr

from core.errors import Misconfigured
from core.setting_faults import SettingFault

_LAST_PORT: Final = 65535
_DRIVERS: Final = {
    "postgresql://": "postgresql+asyncpg://",
    "postgres://": "postgresql+asyncpg://",
    "sqlite://": "sqlite+aiosqlite://",
}


def database_url(url: str) -> str:
    """A database URL as people write it, with the driver that Usher uses. Raises: Misconfigured."""
    for plain, driver in _DRIVERS.items():
        if url.startswith(plain):
            url = driver + url.removeprefix(plain)
            break
    if not url.startswith(tuple(_DRIVERS.values())):
        raise Misconfigured(
            faults=[
                SettingFault(
                    "database.url begins with neither postgresql:// nor sqlite:///; write postgresql://user@host/usher"
                )
            ]
        )
    if not url.startswith("postgresql"):
        return url
    url = _several_hosts(url)
    _refuse_bad_ports(url)
    return url


def _refuse_bad_ports(url: str) -> None:
    """No port is shown: behind a password that is not encoded, it may be a part of that."""
    authority = re.match(r"[a-z+]+://(?:[^/?#]*@)?([^/?#]*)", url)
    hosts = [authority[1] if authority else "", *(unquote(host) for host in re.findall(r"[?&]host=([^&]*)", url))]
    for host in hosts:
        found = re.fullmatch(r"/.*|(?:\[[^\]]*\]|[^:,]*)(?::(\d{1,5}))?", host)  # a path is that of a socket
        if found is None or int(found[1] or 1) > _LAST_PORT:
            fault = SettingFault(
                "database.url: a port is no number up to 65535; several hosts are written //one:5432,two:5432/usher, "
                "and : / ? # @ in a password percent-encoded"
            )
            raise Misconfigured(faults=[fault])


def _several_hosts(url: str) -> str:
    """`//user@one:5432,two:5433/usher` in the one form in which the driver takes several hosts."""
    if empty := re.search(r"[?&]([a-z_]+)=(?=&|$)", url):
        raise Misconfigured(
            faults=[SettingFault("database.url: {name} has no value; give it one or take it out", name=empty[1])]
        )
    found = re.fullmatch(r"([a-z+]+://(?:[^/?#]*@)?)([^/?#@]*,[^/?#@]*)([^?]*)(?:\?(.*))?", url)
    if found is None:
        return url
    start, hosts, path, query = found.groups()
    listed = "&".join(f"host={quote(host, safe=':[]')}" for host in hosts.split(",") if host)
    return f"{start}{path or '/'}?{listed}{f'&{query}' if query else ''}"


def complete(url: str, config: Path | None, password: SecretStr | None, pooler: str) -> str:
    """The URL with all that the settings say beside it. Raises: Misconfigured."""
    url = beside(url, config)
    if password is not None:
        url = with_password(url, password.get_secret_value())
    return url if pooler == "none" else behind_a_pooler(url, pooler)


def with_password(url: str, password: str) -> str:
    """The URL of a server with a password that was kept apart from it. Raises: Misconfigured."""
    found = re.fullmatch(r"(postgres[a-z+]*://)([^/?#@:]+)(@.*)", url)
    if found is None:
        raise Misconfigured(
            faults=[
                SettingFault(
                    "database.password goes with a database.url that names a user and no password: "
                    "postgresql://user@host/usher"
                )
            ]
        )
    scheme, user, rest = found.groups()
    return f"{scheme}{user}:{quote(password, safe='')}{rest}"


def behind_a_pooler(url: str, mode: str) -> str:
    """The URL of a server that is reached through a pooler: whoever connects sees it there. Raises: Misconfigured."""
    if not url.startswith("postgresql"):
        raise Misconfigured(
            faults=[SettingFault('database.pooler = "{mode}" goes with a database.url of PostgreSQL', mode=mode)]
        )
    if re.search(r"[?&]pooler=", url):
        fault = SettingFault("database.pooler and pooler= in database.url say the same thing; keep one of them")
        raise Misconfigured(faults=[fault])
    return f"{url}{'&' if '?' in url else '?'}pooler={mode}"


def beside(url: str, config: Path | None) -> str:
    """The URL with its driver; a relative SQLite path of the configuration file is relative to that file."""
    scheme, found, place = url.partition(":///")
    url = database_url(url)
    if (
        found
        and scheme.startswith("sqlite")
        and config is not None
        and place
        and not place.startswith((":memory:", "/", "file:"))
        and "USHER_DATABASE__URL" not in os.environ
    ):
        return f"sqlite+aiosqlite:///{(config.parent / place).resolve()}"
    return url
