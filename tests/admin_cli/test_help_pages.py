"""What the shell says of how it is used: in the configured language, on every page and of every mistake."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App

from admin_cli import help_pages, words
from admin_cli.app import COMMANDS, app, run_command
from admin_cli.output import NOTHING, invocation
from tests.admin_cli.test_chinese import _places
from tests.support.processes import REPOSITORY

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
    # Of a command that is not loaded yet, another test may have taken it away by loading it.
    said |= {short for _, short in COMMANDS.values()}
    for source in sorted((REPOSITORY / "admin_cli/commands").glob("*.py")):
        calls = [one for one in ast.walk(ast.parse(source.read_text(encoding="utf-8"))) if isinstance(one, ast.Call)]
        given = [word.value for one in calls for word in one.keywords if word.arg == "help"]
        said |= {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    for _, command in [*commands(), ((), app.meta)]:
        texts = [command.help or "", inspect.getdoc(command.default_command) or "" if command.default_command else ""]
        arguments = command.assemble_argument_collection() if command.default_command else ()
        texts += [argument.parameter.help or "" for argument in arguments]
        said |= {" ".join(each.split()) for text in texts for each in text.split("\n\n")}
    assert words.pairs(help_pages.TEXTS).keys() - said == set()


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
        ("grant -- telegram:1 5 --reason x", "There is no option --reason here. See “usher", "这里没有选项 --reason。"),
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
    written: str,
    beside: str,
    language: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    (tmp_path / "config.toml").write_text(written)
    (tmp_path / ".env").write_text(beside)
    monkeypatch.delenv("USHER_LANGUAGE", raising=False)
    monkeypatch.setenv("USHER_CONFIG", str(tmp_path / "config.toml"))
    assert run_command(["nothing"]) == 2
    assert ("没有命令" in capsys.readouterr().err) == (language == words.CHINESE)


FAULTS = words.pairs("faults.zh-CN.txt")


def _core() -> list[Path]:
    return [path for path in sorted((REPOSITORY / "core").rglob("*.py")) if path.parent.name != "sandbox"]


def _fault_templates() -> Iterator[str]:
    for path in _core():
        tree = ast.parse(path.read_text("utf-8"))
        named = {
            str(target.id): str(node.value.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "SettingFault":
                given = node.args[0]
                yield named[given.id] if isinstance(given, ast.Name) else str(ast.literal_eval(given))


def test_every_fault_of_a_configuration_has_its_sentence():
    written = set(_fault_templates())
    assert len(written) > 60
    assert written == FAULTS.keys()
    for template, chinese in FAULTS.items():
        assert _places(chinese) == _places(template), template


def test_no_fault_is_a_bare_string():
    bare = [
        f"{path.name}:{node.lineno}"
        for path in _core()
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Misconfigured"
        for given in call.keywords
        for node in getattr(given.value, "elts", [])
        if isinstance(node, ast.Constant | ast.JoinedStr)
    ]
    assert not bare


@pytest.mark.parametrize(
    ("written", "english", "chinese"),
    [
        ("", "vault.keys holds no key", "vault.keys 中没有密钥"),
        ("[limits]\nattempts = 'x'", '"limits.attempts": it has to be a whole number', "“limits.attempts”：应为整数"),
        ("nothing = 1", '"nothing" is not a setting of Usher', "“nothing”不是 Usher 的设置项"),
        ("[limits", "is not valid TOML", "不是有效的 TOML"),
        ("[redis]\nurl = 'x'", "it looks like", "应形如“redis://host:6379/0”"),
        ("[database]\nurl = 'postgresql://h/u?connect_timeout=x'", "is no number of seconds", "不是秒数"),
        ("[limits]\nattempts = -1", "it has to be 1 or more", "应不小于 1"),
    ],
)
def test_a_wrong_setting_is_named_in_the_language_of_the_configuration(
    written: str, english: str, chinese: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):  # fmt: skip
    monkeypatch.delenv("USHER_LANGUAGE", raising=False)
    for language, said in (("en", english), (words.CHINESE, chinese)):
        file = tmp_path / f"{language}.toml"
        keys = f'vault.keys.k1 = "{"A" * 43}="\n' if written else ""
        file.write_text(f'language = "{language}"\n{keys}{written}\n')
        assert run_command(["pool", "list", "--config", str(file)]) == 3
        assert said in capsys.readouterr().err


def test_the_next_command_of_a_process_begins_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "config.toml"
    file.write_text(f'language = "{words.CHINESE}"\n')
    assert run_command(["pool", "list", "--json", "--config", str(file)]) == 3
    assert capsys.readouterr().out
    assert invocation.get() == NOTHING
    assert words.spoken() == "en"
    assert words.said("See “usher team list”.") == "See “usher team list”."


def test_the_terminal_decides_where_lines_break(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("USHER_LANGUAGE", "en")
    monkeypatch.setenv("COLUMNS", "80")
    for path in pages():
        assert run_command([*path, "--help"]) == 0
    capsys.readouterr()
    monkeypatch.setenv("COLUMNS", "400")
    broken = {}
    for path in pages():
        assert run_command([*path, "--help"]) == 0
        above = capsys.readouterr().out.partition("╭")[0]
        _, *paragraphs = above.strip().split("\n\n")
        assert paragraphs
        if wrong := [one for one in paragraphs if "\n" in one.strip() and not one.startswith("Example: ")]:
            broken[" ".join(path)] = wrong
    assert not broken


def test_every_option_says_what_it_is():
    """What a command takes by a name of its own has a sentence beside it."""
    silent = []
    for path, command in commands():
        for argument in command.assemble_argument_collection() if command.default_command else ():
            named = argument.name.startswith("--") and argument.parameter.parse is not False
            if named and not argument.parameter.help and argument.field_info.kind is inspect.Parameter.KEYWORD_ONLY:
                silent.append(f"{' '.join(path)} {argument.name}")
    assert silent == []


@pytest.mark.parametrize("language", ["en", words.CHINESE])
def test_a_page_of_help_shows_values_as_one_writes_them(
    language: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("USHER_LANGUAGE", language)
    monkeypatch.setenv("COLUMNS", "400")
    for path in pages():
        assert run_command([*path, "--help"]) == 0
        page = capsys.readouterr().out
        assert not re.search(r"\(\)|None|--empty-|\('|(default|默认)[:：] ?\]", page), path
    assert run_command(["key", "new", "--help"]) == 0
    assert re.search(r"(default: |默认：)chat\]", capsys.readouterr().out)
