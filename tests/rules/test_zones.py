"""A time zone is what people write for one; what could be several is none."""

from __future__ import annotations

import pytest

from core.command_errors import BadValue
from core.rules.zones import EXAMPLES, read_zone


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (" asia/shanghai ", "Asia/Shanghai"),
        ("New York", "America/New_York"),
        ("shanghai", "Asia/Shanghai"),
        ("北京时间", "Asia/Shanghai"),
        ("东京", "Asia/Tokyo"),
        ("utc", "UTC"),
        ("UTC+8", "Etc/GMT-8"),
        ("GMT-05:00", "Etc/GMT+5"),
        ("\uff0b8", "Etc/GMT-8"),
        ("+0", "UTC"),
        ("+14", "Etc/GMT-14"),
        ("UTC-12", "Etc/GMT+12"),
    ],
)
def test_what_people_write(written: str, zone: str) -> None:
    assert read_zone(written) == zone


@pytest.mark.parametrize("written", ["", "here", "UTC+15", "-13", "America", "../etc/passwd"])
def test_what_is_none(written: str) -> None:
    with pytest.raises(BadValue):
        read_zone(written)


def test_a_long_word_is_shown_in_part() -> None:
    with pytest.raises(BadValue) as refused:
        read_zone("x" * 41)
    assert refused.value.facts["value"] == "x" * 40


def test_every_example_is_one() -> None:
    assert [read_zone(one) for one in EXAMPLES] == ["Europe/Berlin", "Asia/Shanghai", "Etc/GMT-8"]
