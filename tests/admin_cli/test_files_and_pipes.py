"""The files that the command line reads and writes, the pipes that it stands in, and the signals that it gets."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import Misconfigured
from core.settings import load_settings
from tests.admin_cli.conftest import Installed

MINIMAL = 'language = "zh-CN"\n[vault.keys]\nk1 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="\n'


def faults(path: Path) -> list[str]:
    try:
        load_settings(path)
    except Misconfigured as wrong:
        return list(wrong.facts["faults"])
    return []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_configuration_as_any_editor_saves_it(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "config.toml").write_bytes(MINIMAL.encode(encoding))
    (tmp_path / ".env").write_bytes('USHER_TIMEZONE="Asia/Shanghai"\n'.encode(encoding))
    read = load_settings(tmp_path / "config.toml")
    assert (read.language, read.timezone) == ("zh-CN", "Asia/Shanghai")


def test_a_configuration_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(f"# Schlüssel\n{MINIMAL}".encode("latin-1"))
    assert faults(tmp_path / "config.toml") == [f"{tmp_path / 'config.toml'} is not in UTF-8; save it as that"]


@pytest.mark.parametrize("owner", ["telegram:me", "telegram:@me", "discord:ann", "telegram:007", "telegram:", "cli:1"])
def test_an_owner_who_is_no_person_stops_the_start(tmp_path: Path, owner: str) -> None:
    (tmp_path / "config.toml").write_text(f'{MINIMAL}[staff]\nowners = ["{owner}"]\n')
    [fault] = faults(tmp_path / "config.toml")
    assert f'staff.owners: "{owner}"' in fault


def test_an_unknown_section_stops_the_start_wherever_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text(MINIMAL)
    assert faults(tmp_path / "config.toml") == []
    monkeypatch.setenv("USHER_FOO__BAR", "1")
    [fault] = faults(tmp_path / "config.toml")
    assert fault.startswith("the environment sets USHER_FOO__BAR, and foo is no section")
    monkeypatch.delenv("USHER_FOO__BAR")
    (tmp_path / ".env").write_text("USHER_FOO__BAR=1\n")
    assert faults(tmp_path / "config.toml")


def test_a_section_is_not_set_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text(MINIMAL)
    monkeypatch.setenv("USHER_DATABASE", "usher.db")
    [fault] = faults(tmp_path / "config.toml")
    assert fault.startswith("the environment sets USHER_DATABASE, which is a section")


def test_an_entry_that_can_never_match_stops_the_start(usher: Installed) -> None:
    blocked = json.dumps(["*@mailinator.com", "/temp/", "com"])
    refused = usher.json("pool", "list", code=3, USHER_REDEMPTION__BLOCKED=blocked)
    assert refused["error"]["message"].splitlines() == [
        'redemption.blocked: "/temp/" is no domain and no address; patterns are written like "*.example.com"',
        'redemption.blocked: "com" names no domain that mail goes to; "*.com" means all below it',
    ]


@pytest.mark.parametrize("arguments", [["commands"], ["--help"], ["pool", "list"], ["--json", "audit"]])
def test_a_closed_pipe_ends_silently(usher: Installed, arguments: list[str]) -> None:
    environment = {**usher.processes.environment, "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "admin_cli", *arguments]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    assert running.stdout is not None
    running.stdout.close()
    assert running.stderr is not None
    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait() == 0


def test_a_word_that_is_no_address_is_what_is_wrong(usher: Installed) -> None:
    for code in ("TEAM-1234", "QWERTZUP"):
        [result] = usher.json("redeem", "not-an-address", code, code=1)["results"]
        assert result["reason"] == "bad_address"


def test_an_unlikely_address_is_refused_with_the_likely_one_unless_it_is_meant(usher: Installed) -> None:
    usher.open_sandbox()
    [code] = usher.codes(1)
    [result] = usher.json("redeem", "anna@gmial.com", code, code=1)["results"]
    assert (result["reason"], result["facts"]["meant"]) == ("address_unlikely", ["anna@gmail.com"])
    [result] = usher.json("redeem", "zhang。san@example.com,cn", code, code=1)["results"]
    assert result["reason"] == "address_doubtful"
    [result] = usher.json("redeem", "anna@gmial.com", code, "--as-is")["results"]
    assert result["state"] == "invited"


def test_an_import_that_nobody_confirmed_is_not_done(usher: Installed) -> None:
    (usher.directory / "one.json").write_text('{"provider": "openai_admin", "admin_key": "sk-admin-0123456789abcdef"}')
    assert usher.json("team", "import", usher.directory / "one.json", code=1)["applied"] is False


@pytest.mark.parametrize("group", ["pool", "team", "code", "lease", "transfer", "alert", "job", "sweep", "staff", "db"])
def test_every_command_of_a_group_is_described(usher: Installed, group: str) -> None:
    shown = usher.run(group, "--help").expect().out
    lines = [line.strip("│ ").rstrip() for line in shown.splitlines() if re.match(r"│ [a-z]", line)]
    assert lines
    assert not [line for line in lines if " " not in line]


def test_a_hangup_opens_the_log_anew_and_takes_over_what_it_can(usher: Installed) -> None:
    config = Path(usher.processes.environment["USHER_CONFIG"])
    log = usher.directory / "usher.log"
    before = config.read_text()
    config.write_text(f'{before}\n[log]\nfile = "{log}"\nlevel = "info"\n')
    running = usher.start("run", "--only", "worker")

    def logged(part: str) -> None:
        deadline = time.monotonic() + 240
        while not (log.exists() and part in log.read_text()):
            assert time.monotonic() < deadline, running.so_far()
            time.sleep(0.05)

    logged("serving")
    log.rename(log.with_suffix(".1"))
    config.write_text(f'{config.read_text()}\n[redemption]\nblocked = ["mailinator.com"]\n[discord]\nshard_count = 2\n')
    os.kill(running.pid, signal.SIGHUP)
    logged("settings_taken_over")
    [line] = [json.loads(line) for line in log.read_text().splitlines() if "settings_taken_over" in line]
    assert (line["sections"], line["wait_for_the_next_start"]) == ("['redemption']", "['discord']")

    log.rename(log.with_suffix(".2"))  # followed by its name also where nobody says a word
    config.write_text(f'{before}\n[log]\nfile = "{log}"\n[redemption]\nblocked = ["/temp/"]\n')
    os.kill(running.pid, signal.SIGHUP)
    logged("settings_not_taken_over")
    assert "/temp/" in log.read_text()
    config.write_text(f'{before}\n[log]\nfile = "{usher.directory}"\n')
    os.kill(running.pid, signal.SIGHUP)
    logged("log.file: ")
    assert "Traceback" not in log.read_text()
    running.terminate().expect(0)


@pytest.mark.parametrize(("language", "said"), [("en", "There is no team"), ("zh-CN", "没有名为")])
def test_refusals_are_said_in_the_configured_language(usher: Installed, language: str, said: str) -> None:
    refused = usher.json("team", "show", "nowhere", code=1, USHER_LANGUAGE=language)
    assert said in refused["error"]["message"]
