"""The shell in Chinese: every heading has its word, every sentence its places, and both are really said."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from admin_cli import words
from admin_cli.chinese import HEADINGS, SENTENCES
from tests.admin_cli.conftest import Installed

SHELL = Path(words.__file__).parent
COMMANDS = sorted((SHELL / "commands").glob("*.py"))
FILES = sorted(path for path in [*SHELL.glob("*.py"), *COMMANDS] if path.name != "chinese.py")
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
