"""What the shell says of how it is used: in the configured language, on every page and of every mistake."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App

from admin_cli import help_pages, words
from admin_cli.app import app, run_command

ENGLISH = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}")
TYPED = re.compile(r"例如：.*|“[^”]*”|\[(?:可选|默认)[^\]]*\]|^\s*用法：.*", re.MULTILINE)
"""What is to be typed is the same in every language."""


def commands(below: App = app, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], App]]:
    yield path, below
    for name in below:
        if not name.startswith("-"):
            yield from commands(below[name], (*path, name))


def pages() -> list[tuple[str, ...]]:
    return [path for path, _ in commands()]


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USHER_LANGUAGE", words.CHINESE)
    monkeypatch.setenv("COLUMNS", "400")


@pytest.mark.usefixtures("chinese")
def test_no_page_of_help_has_an_english_sentence(capsys: pytest.CaptureFixture[str]):
    found = {}
    for path in pages():
        assert run_command([*path, "--help"]) == 0
        page = capsys.readouterr().out
        assert page.startswith("用法：usher")
        if english := ENGLISH.findall(TYPED.sub("", page)):
            found[" ".join(path)] = english
    assert len(pages()) > 150
    assert not found


def test_nothing_is_translated_that_no_page_says():
    said = {"Display this message and exit.", "Display application version."}  # cyclopts says these
    for _, command in [*commands(), ((), app.meta)]:
        texts = [command.help or "", inspect.getdoc(command.default_command) or "" if command.default_command else ""]
        arguments = command.assemble_argument_collection() if command.default_command else ()
        texts += [argument.parameter.help or "" for argument in arguments]
        said |= {" ".join(each.split()) for text in texts for each in text.split("\n\n")}
    assert not help_pages.paragraphs().keys() - said


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        ("stast", "There is no command “stast”. Did you mean “stats”? See “usher --help”.",
         "没有命令“stast”。是否想写“stats”？见“usher --help”。"),
        ("pool add x --policy fil_first", "possible are: fill_first, proven, most_free, round_robin. Did you mean",
         "--policy 不能是“fil_first”，可以是：fill_first"),
        ("code generate --count abc", "“abc” is not possible for --count: it is no whole number. See “usher code gen",
         "--count 不能是“abc”：这不是整数。"),
        ("redeem x --wait y", "it is no number.", "这不是数字。"),
        ("code generate --coutn 1", "There is no option --coutn here. Did you mean “--count”?", "这里没有选项 --coutn。"),
        ("lease extend a b --no-such", "There is no option --no-such here.", "这里没有选项 --no-such。"),
        ("pool add", "NAME is missing. See “usher pool add --help”.", "缺少 NAME。"),
        ("code generate", "--count is missing.", "缺少 --count。"),
        ("pool set x --grace", "--grace needs a value.", "--grace 后面要写一个值。"),
        ("team show a b c", "There is no place for “b c”.", "“b c”是多余的。"),
        ("pool add x --policy proven --policy proven", "--policy is given more than once.", "--policy 写了不止一次。"),
        ("lease extend --address a b", "It is not clear what “b” is", "不清楚“b”是什么"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_the_configured_language(
    arguments: str, english: str, chinese: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    for language, said in ((words.CHINESE, chinese), ("en", english)):
        monkeypatch.setenv("USHER_LANGUAGE", language)
        assert run_command(arguments.split()) == 2
        assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("written", "beside", "language"),
    [
        ('language = "zh-CN"\n', "", "zh-CN"),
        ('# language = "zh-CN"\n', "", "en"),
        ('[talk]\nlanguage = "zh-CN"\n', "", "en"),
        ('nonsense\nlanguage = "zh-CN"  # what we speak\n[vault', "", "zh-CN"),
        ('language = "en"\n', "USHER_LANGUAGE=zh-CN\n", "zh-CN"),
        ('language = "fr"\n', "", "en"),
    ],
)
def test_the_language_is_known_whatever_else_is_wrong(
    written: str, beside: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "config.toml").write_text(written)
    (tmp_path / ".env").write_text(beside)
    monkeypatch.delenv("USHER_LANGUAGE", raising=False)
    monkeypatch.setenv("USHER_CONFIG", str(tmp_path / "config.toml"))
    assert words.spoken() == language
