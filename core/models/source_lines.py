"""What a source looks like in a file or in a paste: one JSON object, one line each.

    {"name": "main", "base_url": "https://api.example.com/v1", "api_key": "sk-…", "models": ["small", "large"]}

`models` may also say what the upstream calls a model: `{"small": "vendor/small-2026-05"}`. Further fields, all with
a default: `adapter`, `tier` (free, paid), `limit_group`, `weight`, `concurrency`, `rpm`, `tpm`, `daily_budget`.

A source that can make accounts for others says how in `subaccounts`: `adapter` (plugin, litellm, openai_admin),
`base_url` and `admin_key` of its management, and of each account `concurrency`, `rpm`, `tpm`, `daily_budget`;
`for_all` lets everybody ask for one.

People write their own as one such line without a name, or as words: address, key, models.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal, TypeAlias

from core.models.registry import ADAPTERS, PARENTS
from core.providers.private_places import host_of, refuse_address

DEFAULT_ADAPTER: Final = "openai_compatible"
DEFAULT_CONCURRENCY: Final = 4
MAX_CONCURRENCY: Final = 1000
_MOST: Final = 10**12
MOST_OF: Final = {"weight": 1000, "concurrency": MAX_CONCURRENCY, "rpm": _MOST, "tpm": _MOST}
"""The most of each number that a source may have; the least is 1."""
_LEAST: Final = Decimal("0.000001")
_MAX_NAME: Final = 64
_MAX_KEY: Final = 4096

SourceReason: TypeAlias = Literal[
    "source_not_json",
    "source_unknown_field",
    "source_twice",  # a field is said more than once
    "source_unknown_adapter",
    "source_no_address",
    "source_bad_address",  # not https (plain http is for loopback), or not an address
    "source_private_place",  # inside a private network, and not named in upstream.private_hosts
    "source_private_address",  # the same of somebody's own account, which never goes there
    "source_no_key",
    "source_bad_key",  # characters that no header can carry
    "source_bad_name",
    "source_no_models",
    "source_bad_value",  # a number that is none, or out of range; `field` says which
]


class SourceUnreadable(ValueError):
    """A line is no source. `reason_key` says why; `field` names the part that is wrong, where it is one part."""

    def __init__(self, reason_key: SourceReason, field: str | None = None) -> None:
        super().__init__(reason_key)
        self.reason_key: SourceReason = reason_key
        self.field = field


@dataclass(frozen=True, slots=True)
class ParentLine:
    """How a source makes accounts for others, and what each of them may do."""

    adapter: str
    base_url: str
    admin_key: str = field(repr=False)
    for_all: bool = False
    concurrency: int = 1
    rpm: int | None = None
    tpm: int | None = None
    daily_budget: Decimal | None = None


@dataclass(frozen=True, slots=True)
class WrittenSource:
    """One source as it was written down. `models`: Usher's name of a model to the upstream's.

    `rpm` and `tpm` are requests and tokens a minute, `daily_budget` is credit a day; None is without a limit.
    """

    name: str
    adapter: str
    base_url: str
    api_key: str = field(repr=False)
    models: Mapping[str, str]
    tier: Literal["free", "paid"] = "paid"
    limit_group: str | None = None
    weight: int = 1
    concurrency: int = DEFAULT_CONCURRENCY
    rpm: int | None = None
    tpm: int | None = None
    daily_budget: Decimal | None = None
    subaccounts: ParentLine | None = None


_FIELDS: Final = frozenset(WrittenSource.__dataclass_fields__)
_PARENT_FIELDS: Final = frozenset(ParentLine.__dataclass_fields__)


def read_source(line: str | Mapping[str, Any]) -> WrittenSource:
    """Read one line. Raises: SourceUnreadable."""
    written = _object(line)
    if unknown := sorted(set(written) - _FIELDS):
        raise SourceUnreadable("source_unknown_field", unknown[0][:_MAX_NAME])
    base_url = _text(written, "base_url", "source_no_address").rstrip("/")
    if refuse_address(base_url) is not None:
        raise SourceUnreadable("source_bad_address")
    api_key = read_key(_text(written, "api_key", "source_no_key"))
    tier = written.get("tier", "paid")
    if tier not in {"free", "paid"}:
        raise SourceUnreadable("source_bad_value", "tier")
    return WrittenSource(
        name=read_name(written.get("name")),
        adapter=_adapter(written.get("adapter", DEFAULT_ADAPTER)),
        base_url=base_url,
        api_key=api_key,
        models=_models(written.get("models")),
        tier=tier,
        limit_group=None if written.get("limit_group") is None else read_name(written["limit_group"], "limit_group"),
        weight=_whole(written, "weight", 1) or 1,
        concurrency=_whole(written, "concurrency", DEFAULT_CONCURRENCY) or DEFAULT_CONCURRENCY,
        rpm=_whole(written, "rpm", None),
        tpm=_whole(written, "tpm", None),
        daily_budget=_amount(written.get("daily_budget")),
        subaccounts=None if written.get("subaccounts") is None else _parent(written["subaccounts"]),
    )


def _parent(value: Any) -> ParentLine:
    if not isinstance(value, Mapping):
        raise SourceUnreadable("source_bad_value", "subaccounts")
    if unknown := sorted(set(value) - _PARENT_FIELDS):
        raise SourceUnreadable("source_unknown_field", unknown[0][:_MAX_NAME])
    adapter, for_all = value.get("adapter"), value.get("for_all", False)
    if not isinstance(adapter, str) or adapter not in PARENTS:
        raise SourceUnreadable("source_unknown_adapter", "subaccounts")
    base_url = _text(value, "base_url", "source_no_address").rstrip("/")
    if refuse_address(base_url) is not None:
        raise SourceUnreadable("source_bad_address", "subaccounts")
    if not isinstance(for_all, bool):
        raise SourceUnreadable("source_bad_value", "for_all")
    return ParentLine(
        adapter=adapter,
        base_url=base_url,
        admin_key=read_key(_text(value, "admin_key", "source_no_key")),
        for_all=for_all,
        concurrency=_whole(value, "concurrency", 1) or 1,
        rpm=_whole(value, "rpm", None),
        tpm=_whole(value, "tpm", None),
        daily_budget=_amount(value.get("daily_budget")),
    )


def read_key(text: str) -> str:
    """A key that a header can carry, without the blanks around it. Raises: SourceUnreadable."""
    key = text.strip()
    if not key:
        raise SourceUnreadable("source_no_key")
    if not key.isascii() or not key.isprintable() or " " in key or len(key) > _MAX_KEY:
        raise SourceUnreadable("source_bad_key")
    return key


def read_own(text: str) -> WrittenSource:
    """Read what a person wrote of their own account; without a name it is called after its host.

    Raises: SourceUnreadable.
    """
    text = text.strip()
    if text.startswith("{"):
        written = dict(_object(text))
    else:
        address, key, *models = [*text.replace(",", " ").replace("，", " ").split(), "", ""]
        written = {"base_url": address, "api_key": key, "models": [one for one in models if one]}
    if "name" not in written and isinstance(written.get("base_url"), str):
        written["name"] = (host_of(written["base_url"]) or "")[:_MAX_NAME]
    return read_source(written)


def _object(line: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(line, str):
        try:
            line = json.loads(line, object_pairs_hook=_once, parse_float=Decimal)
        except SourceUnreadable:
            raise
        except (ValueError, ArithmeticError, RecursionError):
            raise SourceUnreadable("source_not_json") from None
    if not isinstance(line, Mapping):
        raise SourceUnreadable("source_not_json")
    return line


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose fields are all said once: of two keys, or two addresses, nobody knows which was meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise SourceUnreadable("source_twice", "".join(char for char in twice[:_MAX_NAME] if char.isprintable()))
    return found


def _text(written: Mapping[str, Any], name: str, missing: SourceReason) -> str:
    value = written.get(name)
    if not isinstance(value, str) or not value.strip():
        raise SourceUnreadable(missing)
    return value.strip()


def read_name(value: Any, field: str = "name") -> str:
    """A name that can be printed, without the blanks around it. Raises: SourceUnreadable."""
    name = value.strip() if isinstance(value, str) else ""
    if not name or len(name) > _MAX_NAME or not name.isprintable():
        raise SourceUnreadable("source_bad_name", field)
    return name


def _adapter(value: Any) -> str:
    if not isinstance(value, str) or value not in ADAPTERS:
        raise SourceUnreadable("source_unknown_adapter")
    return value


def _models(value: Any) -> dict[str, str]:
    pairs = dict.fromkeys(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else value
    if not isinstance(pairs, Mapping) or not pairs:
        raise SourceUnreadable("source_no_models")
    return {
        read_name(ours, "models"): read_name(ours if theirs is None else theirs, "models")
        for ours, theirs in pairs.items()
    }


def _whole(written: Mapping[str, Any], name: str, default: int | None) -> int | None:
    value = written.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_OF[name]:
        raise SourceUnreadable("source_bad_value", name)
    return value


def _amount(value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        amount = Decimal(value) if isinstance(value, str | int | Decimal) and value is not True else Decimal(0)
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or not _LEAST <= amount <= _MOST:
        raise SourceUnreadable("source_bad_value", "daily_budget")
    return amount
