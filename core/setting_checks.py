"""What no single value of a configuration shows: a placeholder, a secret that is missing, what names nothing.

All of a configuration's faults are told at once, also those of its readable part when another part is not readable.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from core import telegram_settings
from core.setting_faults import SettingFault, of_value
from core.setting_kinds import PLACEHOLDER

_SHARED = {"1087968824", "136817688", "777000"}
"""Telegram's own: anonymous administrators, channels, and Telegram itself write under them."""


def of_error(fault: Mapping[str, Any]) -> str:
    """The sentence for one of pydantic's errors."""
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return SettingFault(
            '"{where}" is not a setting of Usher; "usher init --print-example" lists them all', where=where
        )
    return SettingFault('"{where}": {why}', where=where, why=of_value(fault))


def readable_part(given: Mapping[str, Any], errors: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], set[str]]:
    """What was given without the values that are at fault, and the sections of which a value is missing then."""
    kept = deepcopy(dict(given))
    unread = set()
    for error in errors:
        *above, last = error["loc"] or ("",)
        holder: Any = kept
        for part in above:
            found = holder.get(part) if isinstance(holder, dict) else None
            if not isinstance(found, dict):
                last = part  # a value of a list, or of a text: all of it goes
                break
            holder = found
        if isinstance(holder, dict):
            holder.pop(last, None)
        if error["type"] != "extra_forbidden" and error["loc"]:
            unread.add(str(error["loc"][0]))
    return kept, unread


def of_values(settings: Any, unread: Collection[str] = ()) -> Iterator[str]:
    """One sentence per fault of a `core.settings.Settings`. Of a section of `unread` only what is there is judged, and not what is missing."""
    if not settings.vault.keys and "vault" not in unread:
        yield SettingFault('vault.keys holds no key; "usher init --dir DIR" writes a configuration with a fresh one')
    telegram = settings.telegram
    secrets = {
        **{f"vault.keys.{name}": key for name, key in settings.vault.keys.items()},
        "telegram.token": telegram.token,
        "telegram.webhook_secret": telegram.webhook_secret,
        "discord.token": settings.discord.token,
        "mail.password": settings.mail.password,
    }
    texts = {name: secret.get_secret_value() for name, secret in secrets.items() if secret is not None}
    empty = [name for name, text in texts.items() if PLACEHOLDER in text or not text]
    for name in empty:
        yield SettingFault(
            "{name} still holds the placeholder of the example; put the real secret there or remove it", name=name
        )
    if "telegram.token" not in empty:
        yield from telegram_settings.token_faults(texts.get("telegram.token"))
    if telegram.mode == "webhook" and "telegram" not in unread and "telegram.webhook_secret" not in empty:
        secret = texts.get("telegram.webhook_secret")
        yield from telegram_settings.webhook_faults(telegram.webhook_url, secret, local=telegram.local_server)
    for owner in settings.staff.owners:
        if not _is_one_person(owner):
            yield SettingFault(
                'staff.owners: "{owner}" must be PLATFORM:ID of one person, such as telegram:123456789', owner=owner
            )


def of_environment(environment: Mapping[str, str], known: Collection[str]) -> Iterator[str]:
    """Variables that look like settings and name no section: what they were to change would silently stay as it is."""
    none = (
        'the environment sets {name}, and {section} is no section of the settings; "usher init --print-example" lists '
        "them all"
    )
    for name in environment:
        section = name.upper().partition("__")[0].removeprefix("USHER_").lower()
        if name.upper().startswith("USHER_") and "__" in name and section not in known:
            yield SettingFault(none, name=name, section=section)


def _is_one_person(owner: str) -> bool:
    """On Telegram and Discord a person is a number: a name may be another's tomorrow."""
    platform, _, identity = owner.partition(":")
    if platform == "terminal":
        return bool(identity)
    number = identity.isascii() and identity.isdecimal() and not identity.startswith("0")
    return platform in {"telegram", "discord"} and number and identity not in _SHARED
