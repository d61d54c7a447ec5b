"""The languages that people are spoken to in: the one list of them. Each has its texts in `bots/messages/locales`."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias, get_args

Language: TypeAlias = Literal["en", "zh-CN"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
FALLBACK: Final[Language] = "en"
"""What has every text, and what stands where another language lacks one."""

_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_OTHER_SCRIPTS: Final = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
"""Kana and Hangul: what stands beside them is no Chinese."""

_BY_TONGUE: Final = {tongue_and_place.partition("-")[0]: tongue_and_place for tongue_and_place in LANGUAGES}


def spoken(tag: str) -> Language | None:
    """Ours for what a platform calls a person's language (`zh-hans`, `en_GB`), or None where we do not speak it."""
    return _BY_TONGUE.get(tag.casefold().replace("_", "-").partition("-")[0])


def written_in(text: str) -> Language | None:
    """The one of our languages that a text is seen to be in by its script; None where many could be."""
    return "zh-CN" if _HAN.search(text) and not _OTHER_SCRIPTS.search(text) else None
