"""What Telegram demands of a bot's settings, checked before it is asked: what it refuses leaves a bot that is deaf."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from core.setting_faults import SettingFault

PORTS: Final = (443, 80, 88, 8443)
_TOKEN: Final = re.compile(r"\d{1,20}:[A-Za-z0-9_-]+")
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")


def token_faults(token: str | None) -> Iterator[str]:
    """A sentence if this can be no bot's token."""
    if token is not None and not _TOKEN.fullmatch(token):
        yield SettingFault("telegram.token is no bot's token; the one that @BotFather gives looks like 123456789:AAH…")


def webhook_faults(url: str | None, secret: str | None, *, local: bool) -> Iterator[str]:
    """One sentence for each thing that Telegram would refuse.

    `local`: a Bot API server of one's own in local mode, which takes plain http, any port and any address.
    """
    if not url or not secret:
        yield SettingFault("telegram.mode is webhook, which needs telegram.webhook_url and telegram.webhook_secret")
    if secret and not _SECRET.fullmatch(secret):
        yield SettingFault("telegram.webhook_secret may hold 1 to 256 of A-Z, a-z, 0-9, _ and - only")
    if not url:
        return
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if not host or parts.scheme not in {"http", "https"}:
        yield SettingFault("telegram.webhook_url is no address; it looks like https://bot.example.com/telegram")
    elif not local:
        if parts.scheme != "https":
            yield SettingFault("telegram.webhook_url must begin with https://, or Telegram refuses it")
        elif (port or 443) not in PORTS:
            yield SettingFault(
                "telegram.webhook_url: Telegram calls ports 443, 80, 88 and 8443 only, and not {port}", port=port
            )
        if _is_private(host):
            yield SettingFault("telegram.webhook_url: {host} cannot be reached by Telegram from outside", host=host)


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local"))
