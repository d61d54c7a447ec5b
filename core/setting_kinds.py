"""The kinds of value that settings have, and what is wrong with one that is none."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from core.os_reasons import OsReason
from core.setting_faults import SettingFault

PLACEHOLDER = "change-me"
"""What the example file holds where a secret belongs."""
DIRECT: Final = "direct"
"""What a service's own `proxy` says when it goes without the one of `[network]`."""
SCHEMES: Final = ("http", "https", "socks5", "socks5h")

_TARGET: Final = re.compile(r"[a-z][a-z0-9+.-]*://\S+")


def _read_secret(value: Any) -> Any:
    """`file:PATH` reads the secret from a file, as container platforms hand them over."""
    if isinstance(value, str) and value.startswith("file:"):
        path = Path(value.removeprefix("file:"))
        try:
            return path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ValueError(
                SettingFault("the file {path} cannot be read ({why})", path=path, why=OsReason(error))
            ) from error
    return value


def _redis_url(value: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(value.get_secret_value())
        known = parts.scheme in {"redis", "rediss", "unix"} and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError(SettingFault('it looks like "redis://host:6379/0", with "rediss" for TLS'))
    return value


def _proxy(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    try:
        parts = urlsplit(text)
        known = text == DIRECT or (
            parts.scheme in SCHEMES and parts.hostname and parts.port and parts.path in {"", "/"}
        )
    except ValueError:
        known = False
    if not known:
        example = 'it looks like "socks5://user:password@host:1080", with http, https or socks5, or "direct"'
        raise ValueError(SettingFault(example))
    return value


def _backup_target(value: SecretStr) -> SecretStr:
    if not _TARGET.fullmatch(value.get_secret_value()):
        raise ValueError(SettingFault('it looks like "sftp://usher@storage.example.com/backups"'))
    if importlib.util.find_spec("fsspec") is None:
        raise ValueError(SettingFault('what speaks to it is not installed; install "usher[targets]"'))
    return value


Secret = Annotated[SecretStr, BeforeValidator(_read_secret)]
BackupTarget = Annotated[Secret, AfterValidator(_backup_target)]
RedisUrl = Annotated[Secret, AfterValidator(_redis_url)]
Proxy = Annotated[Secret, AfterValidator(_proxy)]
Seconds = Annotated[float, Field(gt=0, le=1_000_000_000, json_schema_extra={"unit": "second"})]
Patience = Annotated[float, Field(ge=0, le=3_600, json_schema_extra={"unit": "second"})]
Hours = Annotated[float, Field(ge=0, le=87_600, json_schema_extra={"unit": "hour"})]
Days = Annotated[int, Field(ge=0, le=3_650, json_schema_extra={"unit": "day"})]
Number = Annotated[int, Field(ge=0, le=1_000_000_000)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
"""Bounds within which a date that is so far away is still a date, and a count one that the database takes."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True, allow_inf_nan=False)


def section_as_a_whole(error: Exception) -> str:
    """What to say of a variable of the environment that gives a whole section at once, from the reader's `error`."""
    name = "".join(f"USHER_{field.upper()}" for field in re.findall(r'field "(\w+)"', str(error))) or "USHER_…"
    whole = "the environment sets {name}, which is a section; set what is in it one by one, as USHER_DATABASE__URL"
    return SettingFault(whole, name=name)
