"""A time zone, as people write one."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from core.command_errors import BadValue

EXAMPLES: Final = ("Europe/Berlin", "Shanghai", "UTC+8")
_IN_CHINESE: Final = {
    "北京": "Asia/Shanghai",
    "上海": "Asia/Shanghai",
    "香港": "Asia/Hong_Kong",
    "澳门": "Asia/Macau",
    "台北": "Asia/Taipei",
    "新加坡": "Asia/Singapore",
    "吉隆坡": "Asia/Kuala_Lumpur",
    "东京": "Asia/Tokyo",
    "首尔": "Asia/Seoul",
    "悉尼": "Australia/Sydney",
    "伦敦": "Europe/London",
    "巴黎": "Europe/Paris",
    "柏林": "Europe/Berlin",
    "纽约": "America/New_York",
    "洛杉矶": "America/Los_Angeles",
    "温哥华": "America/Vancouver",
    "多伦多": "America/Toronto",
}
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::00)?")
_FURTHEST: Final = {"+": 14, "-": 12}
"""Hours from UTC, east and west."""


def read_zone(text: str) -> str:
    """The name of a zone, given as a name, a city, or whole hours from UTC. Raises: BadValue."""
    plain = unicodedata.normalize("NFKC", text).strip().replace("−", "-")
    wanted = plain.casefold().replace(" ", "_")
    if (chinese := _IN_CHINESE.get(plain.removesuffix("时间"))) is not None:
        return chinese
    if (offset := _OFFSET.fullmatch(plain.casefold())) and int(offset[2]) <= _FURTHEST[offset[1]]:
        # POSIX counts the other way round.
        return "UTC" if not int(offset[2]) else f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}"
    if (named := _zones().get(wanted)) is not None:
        return named
    cities = [zone for key, zone in _zones().items() if key.rpartition("/")[2] == wanted and "/" in key]
    if len(cities) == 1:
        return cities[0]
    raise BadValue(name="zone", value=text[:40], examples=list(EXAMPLES))


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in sorted(available_timezones()) if not name.startswith(("posix", "right"))}
