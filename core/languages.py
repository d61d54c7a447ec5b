"""The languages that people are spoken to in: the one list of them. Each has its texts in `bots/messages/locales`."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

Language: TypeAlias = Literal["en", "zh-CN"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
FALLBACK: Final[Language] = "en"
"""What has every text, and what stands where another language lacks one."""

_BY_TONGUE: Final = {tongue_and_place.partition("-")[0]: tongue_and_place for tongue_and_place in LANGUAGES}


def spoken(tag: str) -> Language | None:
    """Ours for what a platform calls a person's language (`zh-hans`, `en_GB`), or None where we do not speak it."""
    return _BY_TONGUE.get(tag.casefold().replace("_", "-").partition("-")[0])
