"""The shell in Chinese: every heading has its word, every sentence its places, and both are really said."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from admin_cli import words
from admin_cli.chinese import HEADINGS, SENTENCES
from tests.admin_cli.conftest import Installed

COMMANDS = sorted((Path(words.__file__).parent / "commands").glob("*.py"))


def _calls(name: str) -> Iterator[ast.Call]:
    for path in COMMANDS:
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
        if isinstance(listed, ast.Tuple):
            yield from (str(one.value) for one in listed.elts if isinstance(one, ast.Constant) and one.value)


def _places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_sentence_is_there_with_the_same_places():
    said = {node.args[0].value: node for node in _calls("words.said") if isinstance(node.args[0], ast.Constant)}
    assert set(said) == set(SENTENCES), "said and not translated, or translated and not said any more"
    for template, node in said.items():
        assert _places(str(template)) == {one.arg for one in node.keywords}
        assert _places(SENTENCES[str(template)]) == _places(str(template)), template


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
