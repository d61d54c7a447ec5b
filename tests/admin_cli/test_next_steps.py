"""Whoever is refused at the shell reads what to do next, in commands of the shell and not of the chats."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from admin_cli import next_steps, words
from admin_cli.app import app, run_command
from bots.messages.rendering import LOCALES
from core.alerts import alerts
from core.service import open_core
from core.settings import load_settings
from tests.admin_cli.conftest import Call, Installed

COMMAND = re.compile(r"“usher ([^”]+)”")
_MENTIONED = re.compile(r"(?<![\w<./:{])/([a-z]{3,})(?![\w/])")
OF_CHATS_ALONE = frozenset({"again", "chats", "link", "privacy", "share"})
"""What refusals name that nobody can be told at the shell."""


def _exists(command: str) -> bool:
    """Whether the shell takes it, and as a whole; what stands in capitals or braces is for the reader to fill."""
    named = [word for word in command.partition(" --")[0].split() if re.fullmatch(r"[a-z][a-z-]*", word)]
    names, _, left = app.parse_commands(named)
    return not left and (bool(names) or command == "--help")


def test_every_step_names_commands_that_there_are():
    told = [*next_steps.STEPS.values(), *(f"“usher {command}”" for command in next_steps.COMMANDS.values())]
    named = [command for step in told for command in COMMAND.findall(step)]
    assert len(named) > 60
    assert [command for command in named if not _exists(command)] == []


def test_every_step_is_there_in_chinese_with_the_same_commands():
    said = words.pairs("next.zh-CN.txt")
    assert said.keys() == set(next_steps.STEPS.values())
    for english, chinese in said.items():
        assert sorted(COMMAND.findall(chinese)) == sorted(COMMAND.findall(english))


def test_every_command_of_the_chats_that_a_refusal_or_an_alert_names_has_one_at_the_shell():
    named = set()
    for path in LOCALES.glob("*en.ftl"):
        key = ""
        for line in path.read_text("utf-8").splitlines():
            key = begun[1] if (begun := re.match(r"([a-z][\w-]*) =", line)) else key
            if key.startswith(("error-", "alert-", "reason-", "invite-")):
                named |= set(_MENTIONED.findall(line))
    assert len(named) > 20
    assert named - next_steps.COMMANDS.keys() - OF_CHATS_ALONE == set()


REFUSED = (
    (("transfer", "start", "nobody@example.com"), "“usher find nobody@example.com”"),
    (("transfer", "start", "anna@example.com", "--to", "Workspace 1"), "Name another team with --to"),
    (("transfer", "start", "anna@example.com", "--to", "Nowhere"), "“usher team list”"),
    (("transfer", "retry", "9"), "“usher transfer list”"),
    (("lease", "extend", "anna@example.com", "1mo"), "“usher lease resend ADDRESS”"),
    (("team", "remove", "Workspace 1", "--yes"), "“usher team show 'Workspace 1'”"),
    (("pool", "delete", "default"), "“usher pool merge default --into OTHER”"),
    (("code", "generate", "--count", "99"), "--override"),
    (("alert", "resolve", "9"), "“usher alert list --state any”"),
    (("settings", "limits.attempts", "none"), "“usher settings limits.attempts”"),
)


def test_a_refusal_says_what_to_do_next(usher: Installed, call: Call, capsys: pytest.CaptureFixture[str]):
    usher.open_sandbox()
    [code, *_] = call("code", "generate", "--count", "1")["codes"]
    call("redeem", "anna@example.com", code)
    for arguments, said in REFUSED:
        error = call(*arguments, code=1)["error"]
        assert said in error["next"], arguments
        assert run_command([*arguments]) == 1
        assert capsys.readouterr().err.splitlines()[-1] == error["next"]
    assert run_command(["redeem", "bert@example.com", code]) == 1
    assert "“usher code show CODE”" in capsys.readouterr().out


def test_a_house_without_models_says_so_and_how_to_get_one(
    usher: Installed, call: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    for question in (["ask", "Hi"], ["ask", "-m", "small", "Hi"]):
        answer = call(*question, code=1)
        assert (answer["reason"], answer["facts"]["kind"]) == ("not_found", "models")
        assert "“usher model add" in answer["next"]
        assert "“usher source import" in answer["next"]
    line = '{"name": "main", "base_url": "http://127.0.0.1:9/v1", "api_key": "sk-main", "models": ["small"]}'
    file = Path(usher.processes.environment["USHER_CONFIG"]).with_name("sources.jsonl")
    file.write_text(line, encoding="utf-8")
    call("source", "import", str(file), "--yes")
    assert "“usher model list”" in call("ask", "Hi", code=1)["next"]
    call("model", "edit", "small", "--input", "1", "--output", "1", "--enabled")
    call("source", "disable", "main")
    call("grant", "telegram:7", "1", "--reason", "a test")
    assert "“usher source list”" in call("ask", "-m", "small", "Hi", "--as", "telegram:7", code=3)["next"]
    assert call("ask", "-m", "large", "Hi", code=1)["facts"]["kind"] == "model"
    monkeypatch.setenv("USHER_LANGUAGE", "zh-CN")
    assert run_command(["ask", "-m", "large", "Hi"]) == 1
    assert capsys.readouterr().err == "没有名为“large”的模型。运行“usher model list”可查看能提问的模型。\n"


async def test_an_alert_names_the_commands_of_the_shell(usher: Installed):
    async with open_core(load_settings(Path(usher.processes.environment["USHER_CONFIG"]))) as core:
        for title, facts in (("backup_late", {"hours": 60}), ("sweep_late", {"sweep": "telegram-poller"})):
            await core.write(alerts.raise_alert, "system", title, "error", title, facts, core.now())
    assert words.alert("backup_late", {"hours": 60}).endswith(
        "“usher sweep list” shows why; “usher db backup FILE” makes one now."
    )
    assert "Fetching messages from Telegram" in usher.run("alert", "list").expect().out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("See /sweep unauthorised dry first", "See “usher sweep dry-run” first"),
        ("/leases or /find.", "“usher lease list” or “usher find”."),
        ("请发送 /model 查看，或用 /find 查找", "请运行“usher model list”查看，或用“usher find”查找"),
        ("提示：/teams 可查看", "提示：“usher team list”可查看"),
        ("at https://example.com/teams, in /var/teams and 1/teams", None),
    ],
)
def test_only_commands_are_replaced(text: str, said: str | None):
    assert next_steps.in_shell(text) == (text if said is None else said)


def test_values_of_settings_read_like_values(usher: Installed):
    shown = usher.run("settings").expect().out
    rows = {cells[0]: cells[1] for line in shown.splitlines() if len(cells := line.strip("│").split("│")) > 1}
    values = {name.strip(): value.strip() for name, value in rows.items()}
    assert values["unauthorised.spacing_low"] == "0.3 seconds"
    assert values["talk.messages_days"] == "0"
    assert values["gateway.fetch_images"] == "off"


def test_a_setting_says_where_its_value_comes_from_in_either_language(usher: Installed):
    for language, sources in (("en", ("default", "configuration")), ("zh-CN", ("默认", "配置"))):
        given = {"USHER_LANGUAGE": language, "USHER_LIMITS__ATTEMPTS": "77"}
        for name, source in zip(("limits.wrong_codes", "limits.attempts"), sources, strict=True):
            [row] = [line for line in usher.run("settings", name, **given).expect().out.splitlines() if name in line]
            assert row.split("│")[3].strip() == source
