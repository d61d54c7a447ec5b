"""Settings by command: over the file, for every process, and gone again."""

from __future__ import annotations

import pytest

from core.actors import Actor, Role
from core.errors import BadSetting, NotAllowed, NotFound
from core.rules import setting_rows
from core.service import open_core
from core.upkeep import house_settings
from tests.support.house import open_house, settings_for

ADMIN = Actor("telegram", "3", Role.ADMIN)
SETTINGS = settings_for("sqlite+aiosqlite:///nowhere.db")


async def test_a_row_goes_before_the_file_in_every_process_and_can_be_reset(database_url: str):
    async with open_house(database_url, limits={"attempts": 7}) as house, open_core(house.core.configured) as other:
        one = await house_settings.show(house.core, ADMIN, "attempts")
        assert (one.name, one.value, one.source) == ("limits.attempts", 7, "file")
        with pytest.raises(NotAllowed):
            await house_settings.put(house.core, Actor("telegram", "4", Role.OPERATOR), "limits.attempts", "20")
        one = await house_settings.put(house.core, ADMIN, "limits.attempts", "20")
        assert (one.value, one.source, one.beneath, one.changed_by) == (20, "command", 7, ADMIN.key)
        assert await other.refresh_settings()
        assert other.settings.limits.attempts == 20
        async with open_core(house.core.configured) as later:
            assert later.settings.limits.attempts == 20, "and for whoever begins afterwards"
        house.core.take_over(settings_for(database_url, limits={"attempts": 9, "lock": 60.0}))
        assert (house.core.settings.limits.attempts, house.core.settings.limits.lock) == (20, 60.0), "a new file, too"
        one = await house_settings.reset(house.core, ADMIN, "limits.attempts")
        assert (one.value, one.source) == (9, "file")
        assert await other.refresh_settings()
        assert other.settings.limits.attempts == 7
        told = await house.rows("SELECT action FROM audit_log WHERE subject = 'setting' ORDER BY id")
        assert [row[0] for row in told] == ["setting.changed", "setting.reset"]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("limits.attempts", "12", 12),
        ("redemption.allowed_domains", "Example.com，example.org", ["Example.com", "example.org"]),
        ("redemption.allowed_domains", "none", []),
        ("sync.guess_joined_at", "on", True),
        ("sync.interval", "60", 60.0),
        ("transfers.policy", "proven", "proven"),
        ("alerts.capacity_percent", "70 80 90", [70, 80, 90]),
        ("talk.edit_intervals", "1.5 3", [1.5, 3.0]),
        ("money.usage_grace", "5 seconds", 5.0),
        ("gateway.fetch_images", "on", True),
    ],
)
def test_what_may_be_written(name: str, text: str, value: object):
    assert setting_rows.read_value(SETTINGS, name, text) == value


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("limits.attempts", "many", "number"),
        ("sync.interval", "-1", "span"),
        ("sync.guess_joined_at", "perhaps", "switch"),
        ("alerts.capacity_percent", "much", "numbers"),
        ("talk.edit_intervals", "none", "numbers"),
        ("talk.edit_intervals", "0", "numbers"),
    ],
)
def test_what_may_not(name: str, text: str, wanted: str):
    with pytest.raises(BadSetting) as refused:
        setting_rows.read_value(SETTINGS, name, text)
    assert refused.value.facts["wanted"] == wanted


def test_secrets_and_places_are_not_changed_by_command():
    for name in ("vault.keys", "database.url", "telegram.token", "staff.owners", "unauthorised.enabled"):
        with pytest.raises(NotFound):
            setting_rows.setting_named(name)


async def test_a_row_of_another_release_stops_nothing(database_url: str):
    async with open_house(database_url) as house:
        for name, value in {"limits.of_tomorrow": "5", "limits.attempts": '"no"', "limits.lock": "60"}.items():
            row = f"SELECT '{name}', '{value}', min(created_at), 'x' FROM pools"
            await house.execute(f"INSERT INTO setting_rows (name, value, changed_at, changed_by) {row}")
        await house.core.refresh_settings()
        assert (house.core.settings.limits.attempts, house.core.settings.limits.lock) == (10, 60.0)


@pytest.mark.parametrize("text", ["-1", "9" * 30, "1e300", "inf", "nan"])
def test_no_number_is_so_small_or_so_large_that_nothing_works_any_more(sqlite_url: str, text: str):
    """A number that is no date and no count any more would stop whoever reckons with it, or lock everybody out."""
    settings = settings_for(sqlite_url)
    for name in setting_rows.changeable():
        if setting_rows.wanted(name) in {"number", "span"}:
            with pytest.raises(BadSetting):
                setting_rows.read_value(settings, name, text)
