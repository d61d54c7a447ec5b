"""A configuration is told all its faults at once: whoever mends the first has not to start again to hear of the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Misconfigured
from core.settings import load_settings
from tests.support.house import KEY

PLACEHOLDER = "{} still holds the placeholder of the example; put the real secret there or remove it"
UNKNOWN = '"{}" is not a setting of Usher; "usher init --print-example" lists them all'
VAULT = f'[vault.keys]\nk1 = "{KEY}"\n'


def faults_of(folder: Path, text: str) -> list[str]:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured) as refused:
        load_settings(file)
    return [str(fault) for fault in refused.value.facts["faults"]]


def test_a_placeholder_is_told_beside_an_unknown_setting(tmp_path: Path):
    text = '[vault.keys]\nk1 = "change-me"\n[nonsense]\nx = 1\n[telegram]\ntoken = "change-me"\ntokn = "x"\n'
    assert sorted(faults_of(tmp_path, text)) == sorted(
        [PLACEHOLDER.format("vault.keys.k1"), PLACEHOLDER.format("telegram.token"), UNKNOWN.format("nonsense"),
         UNKNOWN.format("telegram.tokn")]
    )  # fmt: skip


def test_faults_of_every_kind_are_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("USHER_NONSENSE__X", "1")
    text = (
        f'{VAULT}[database]\nurl = "mysql://host/usher"\n[limits]\nattempts = -1\n[telegram]\ntoken = "no token"\n'
        '[discord]\ntoken = ""\n[staff]\nowners = ["anna"]\n'
    )
    found = faults_of(tmp_path, text)
    for about in (
        "limits.attempts",
        "telegram.token",
        "discord.token",
        "staff.owners",
        "USHER_NONSENSE__X",
        "database",
    ):
        assert [about in fault for fault in found].count(True) == 1, (about, found)
    assert len(found) == 6


@pytest.mark.parametrize(
    ("above", "below", "about"),
    [
        ("", "[vault]\nkeys = 3\n", "vault.keys"),
        ("", '[telegram]\nmode = "webhook"\nwebhook_url = 3\nwebhook_secret = "x"\n', "telegram.webhook_url"),
        ("", '[staff]\nowners = ["telegram:7", 3]\n', "staff.owners.1"),
        ("", "[database]\nurl = 3\n", "database.url"),
        ("telegram = 3\n", "", "telegram"),
    ],
)
def test_what_is_wrong_is_not_said_to_be_missing_as_well(tmp_path: Path, above: str, below: str, about: str):
    vault = "" if about == "vault.keys" else VAULT
    [fault] = faults_of(tmp_path, f"{above}{vault}{below}")
    assert fault.startswith(f'"{about}":')


def test_a_configuration_without_faults_is_read(tmp_path: Path):
    file = tmp_path / "config.toml"
    file.write_text(f'{VAULT}[limits]\nattempts = 7\n[staff]\nowners = ["telegram:7"]\n', encoding="utf-8")
    assert load_settings(file).limits.attempts == 7
