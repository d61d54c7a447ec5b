"""What the operating system refuses is said in the reader's language, by its number and not by its text."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from admin_cli import words
from bots.messages import rendering
from bots.messages.alert_words import what_it_says
from bots.messages.reply import Say
from core.os_reasons import OsReason
from core.setting_faults import SettingFault
from tests.admin_cli.conftest import Installed

COMMON = (
    "EACCES EADDRINUSE ECONNREFUSED ECONNRESET EDQUOT EEXIST EHOSTUNREACH EIO EISDIR EMFILE ENETUNREACH ENOENT ENOMEM"
    " ENOSPC ENOTDIR EPERM EPIPE EROFS ETIMEDOUT"
).split()
LANGUAGES = ("en", "zh-CN")


def refused(code: str) -> OSError:
    return OSError(getattr(errno, code), os.strerror(getattr(errno, code)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", COMMON)
def test_the_common_ones_have_words(monkeypatch: pytest.MonkeyPatch, language: str, code: str):
    monkeypatch.setenv("USHER_LANGUAGE", language)
    assert OsReason(refused(code)).code == code
    said = words.said("{file} cannot be read ({why}).", file="x", why=refused(code))
    assert rendering.words(Say(f"errno-{code}"), rendering.Look(language, "plain", 1000)) in said
    assert (os.strerror(getattr(errno, code)) in said) is False


@pytest.mark.parametrize(
    ("error", "en", "chinese"),
    [
        (OSError(errno.EXFULL, "Exchange full"), "error EXFULL of the operating system", "操作系统错误 EXFULL"),
        (OSError(99999, "???"), "error 99999 of the operating system", "操作系统错误 99999"),
        (OSError("all of it"), "error OSError of the operating system", "操作系统错误 OSError"),
        (socket.gaierror(-2, "Name or service not known"), "the name cannot be resolved", "无法解析主机名"),
        (TimeoutError(), "no answer in time", "超时没有回答"),
    ],
)
def test_the_others_keep_their_number(monkeypatch: pytest.MonkeyPatch, error: OSError, en: str, chinese: str):
    for language, said in (("en", en), ("zh-CN", chinese)):
        monkeypatch.setenv("USHER_LANGUAGE", language)
        assert (
            words.fault(SettingFault("cannot be read ({why})", why=OsReason(error)))
            .strip()
            .endswith((f"({said})", f"（{said}）"))
        )


def test_the_log_has_the_systems_own_sentence():
    assert str(SettingFault("cannot be read ({why})", why=OsReason(refused("ENOENT")))) == (
        "cannot be read (No such file or directory)"
    )


@pytest.mark.parametrize(("language", "said"), [("en", "the disk is full"), ("zh-CN", "磁盘空间已满")])
def test_an_alert_says_it_too(language: str, said: str):
    alert = what_it_says("journal_away", {"directory": "/journal", "error": OsReason(refused("ENOSPC")).code})
    assert said in rendering.words(alert, rendering.Look(language, "plain", 1000))


@pytest.mark.parametrize(
    ("language", "file", "server"),
    [("en", "no such file or folder", "the connection was refused"), ("zh-CN", "文件或目录不存在", "连接被拒绝")],
)
def test_commands_say_it(usher: Installed, language: str, file: str, server: str, tmp_path: Path):
    lost = usher.run("code", "import", tmp_path / "nothing.txt", USHER_LANGUAGE=language)
    assert file in lost.err
    away = usher.run(
        "team", "list", USHER_LANGUAGE=language, USHER_DATABASE__URL="postgresql://nobody:hush@127.0.0.1:1/usher"
    ).expect(3)
    assert server in away.err
