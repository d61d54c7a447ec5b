"""The shell in Chinese: every heading has its word, every sentence its places, and both are really said."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from admin_cli import words
from admin_cli.chinese import HEADINGS, SENTENCES
from admin_cli.chinese_values import IN_COLUMN, VALUES, WORDED
from admin_cli.commands import plans, wallets
from bots.messages import rendering
from bots.messages.rendering import LOCALES
from bots.messages.reply import Say
from core.rules.plans import FREE
from core.storage import tables as t
from tests.admin_cli.conftest import Installed

SHELL = Path(words.__file__).parent
COMMANDS = sorted((SHELL / "commands").glob("*.py"))
FILES = sorted(path for path in [*SHELL.glob("*.py"), *COMMANDS] if not path.name.startswith("chinese"))
SENTENCE = re.compile(r"[A-Za-z]{2,},? [a-z{]")
"""What reads like words to people. Lines to type begin with a space or a slash, and are no sentence."""
PLAYS = "demo"
"""What plays a scripted conversation has a script of its own."""


def _calls(name: str) -> Iterator[ast.Call]:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
                yield node


def _headings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        listed: ast.AST | None = None
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Rows" and node.args:
            listed = node.args[0]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "headers":
            listed = node.value
        elif (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "facts"
            and isinstance(node.value, ast.List)
        ):
            listed = ast.Tuple([one.elts[0] for one in node.value.elts if isinstance(one, ast.Tuple)])
        if isinstance(listed, ast.Tuple):
            yield from (str(one.value) for one in listed.elts if isinstance(one, ast.Constant) and one.value)


def _places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def _strings(tree: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Strings in the bodies of functions, without what documents them, their options, and parts of other strings."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        waiting: list[ast.AST] = [one for one in function.body if not _documents(one)]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                yield node
            elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                waiting.extend(ast.iter_child_nodes(node))


def _documents(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)


def test_no_sentence_is_said_in_one_language_alone():
    """A literal sentence in a command is one that is in the other language as well, or it is found here."""
    alone = [
        f"{path.name}:{node.lineno}: {_text(node)}"
        for path in FILES
        if PLAYS not in path.name
        for node in _strings(ast.parse(path.read_text("utf-8")))
        if SENTENCE.search(_text(node))
        and not _text(node).startswith(("/", "  "))
        and _text(node) not in SENTENCES.keys() | HEADINGS.keys()
    ]
    assert alone == []


def test_every_sentence_is_there_with_the_same_places():
    written = {
        str(node.value)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
    }
    assert not SENTENCES.keys() - written, "translated, and not said any more"
    for template, other in SENTENCES.items():
        assert _places(other) == _places(template), template
    for node in _calls("words.said"):
        if isinstance(node.args[0], ast.Constant):
            template = str(node.args[0].value)
            assert template in SENTENCES
            assert _places(template) == {one.arg for one in node.keywords}, template


def test_every_heading_has_a_word():
    written = {each for path in COMMANDS for each in _headings(ast.parse(path.read_text("utf-8")))}
    assert len(written) > 80
    assert not written - HEADINGS.keys()


def test_the_figures_of_plans_and_of_money_have_words():
    names = {name.replace("_", " ") for name in [*plans.document(FREE), *wallets.SUMS]}
    assert not names - HEADINGS.keys() - VALUES.keys()


def test_every_state_has_a_word():
    """What a column may hold is what the schema says; what is more than that is reckoned while reading."""
    states = {
        state
        for table in t.pools.metadata.tables.values()
        for rule in table.constraints
        if isinstance(rule, sa.CheckConstraint) and " IN (" in str(rule.sqltext)
        for state in re.findall(r"'(\w+)'", str(rule.sqltext))
    }
    assert len(states) > 70
    assert not states - VALUES.keys() - {"max_tokens", "max_completion_tokens"}, "but for what a protocol calls so"
    assert not {column for column, _ in IN_COLUMN} - WORDED


def test_the_shell_calls_things_as_the_chats_do():
    """The terms beside the texts of the chats hold for headings, states, sentences and help as well."""
    told = [*HEADINGS.values(), *SENTENCES.values(), *VALUES.values(), *IN_COLUMN.values()]
    told += [line for path in SHELL.glob("*.zh-CN.txt") for line in path.read_text("utf-8").splitlines()]
    terms = [line.split("|") for line in (LOCALES / "terms.zh-CN.txt").read_text("utf-8").splitlines() if "|" in line]
    forbidden = {word.strip(): term.strip() for term, _, words in terms[1:] for word in words.split(",")}
    assert len(forbidden) > 40
    assert not [(word, term, text) for text in told for word, term in forbidden.items() if word in text]
    look = rendering.Look("zh-CN", "plain", 1000)
    for kind, names in (("role", ("viewer", "operator", "admin", "owner")), ("level", ("info", "warning", "critical"))):
        for name in names:
            assert rendering.words(Say(f"{kind}-{name}"), look) == VALUES[name]


def test_tables_say_states_and_reasons_in_the_configured_language(usher: Installed):
    usher.open_sandbox()
    code = usher.run("code", "generate", "--count", "1").out.split()[0]
    usher.run("redeem", "anna@example.com", code)
    usher.run("redeem", "bert@example.com", code)
    usher.run("lock", "ban", "telegram:5", "--reason", "owner", "--term", "1h")
    said = {
        ("lease", "list"): "已邀请",
        ("redemptions",): "无效或已失效",
        ("team", "list"): "启用",
        ("pool", "list"): "先填满最早的团队",
        ("status",): "1 已邀请",
        ("code", "show", code): "已用完",
        ("lock", "list"): "已封禁",
    }
    for command, word in said.items():
        shown = usher.run(*command, USHER_LANGUAGE="zh-CN").out
        assert word in shown, (command, shown)
        assert not re.search(r"\b(?:invited|fill_first|code_refused|ban|1mo)\b", shown), shown
    assert "not valid, or no longer valid" in usher.run("redemptions").out
    assert "owner" in usher.run("lock", "list", USHER_LANGUAGE="zh-CN").out, "what somebody wrote is not translated"


def test_an_empty_list_is_a_sentence(usher: Installed):
    assert usher.run("lock", "list").out == "Nothing is there to be listed.\n"
    assert usher.run("lock", "list", USHER_LANGUAGE="zh-CN").out == "没有可列出的内容。\n"


@pytest.mark.parametrize(
    ("language", "made", "heading"),
    [("en", "Made the pool gold", "generatable"), ("zh-CN", "已创建席位池 gold", "可发放")],
)
def test_the_shell_speaks_the_configured_language(usher: Installed, language: str, made: str, heading: str):
    assert made in usher.run("pool", "add", "gold", USHER_LANGUAGE=language).out
    assert heading in usher.run("pool", "list", USHER_LANGUAGE=language).out


def test_one_thing_is_said_of_as_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("USHER_LANGUAGE", "en")
    told = "{breaches:breach/breaches} and {warnings:warning/warnings} in {found:check/checks}."
    assert words.said(told, breaches=1, warnings=2, found=0) == "1 breach and 2 warnings in 0 checks."


OTHERWISE = {"active", "dedicated", "shared"}
"""The log says these of a code and of somebody's choice, the shell's tables of a seat and of an account."""


def test_a_state_is_called_the_same_in_a_table_and_in_the_log():
    said = re.findall(r"^value-([a-z_]+) = (.+)$", (LOCALES / "audited.zh-CN.ftl").read_text("utf-8"), re.MULTILINE)
    differing = {name for name, word in said if VALUES.get(name, word) != word}
    assert differing == OTHERWISE
