"""The catalogue is whole: every command and every answer has words, everywhere."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

from bots.commands.catalogue import catalogue, find_command, nearest
from bots.messages.rendering import Look, has_words, words
from bots.messages.reply import Say
from core.actors import Role
from core.languages import LANGUAGES
from tests.architecture.source import REPOSITORY

COMMANDS = {command.name: command for command in catalogue()}

OPEN_ENDED = ("ask-", "choice-", "reason-", "error-", "notice-", "mail-")
"""Kinds of keys with a more general text to fall back to, or with a completeness test of their own."""


def test_names_are_given_once():
    names = [name for command in catalogue() for name in (command.name, *command.aliases)]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]{2,32}", command.name) for command in catalogue()), "Telegram allows no other names"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_description(name: str, language: str):
    assert has_words(f"command-{name}", language)
    assert len(words(Say(f"command-{name}"), Look(language, "plain", 1000))) <= 100, "Discord cuts there"
    assert has_words(f"group-{COMMANDS[name].group}", language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", COMMANDS)
def test_every_question_has_words(name: str, language: str):
    for argument in COMMANDS[name].arguments:
        if argument.required:
            assert has_words(f"ask-{name}-{argument.name}", language) or has_words(f"ask-{argument.name}", language)


@pytest.mark.parametrize("name", COMMANDS)
def test_handlers_take_their_arguments(name: str):
    command = COMMANDS[name]
    assert inspect.iscoroutinefunction(command.handler)
    taken = inspect.signature(command.handler).parameters
    named = {one.name for one in taken.values() if one.kind is not one.VAR_KEYWORD} - {"core", "request"}
    given = {argument.name for argument in command.arguments}
    takes_any = any(one.kind is one.VAR_KEYWORD for one in taken.values())
    assert named <= given if takes_any else named == given


def _keys() -> set[tuple[str, str]]:
    """Every literal key given to Say, Reply and their kin in the bots."""
    found = set()
    for path in sorted((REPOSITORY / "bots").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Say", "Reply"}:
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add((first.value, path.relative_to(REPOSITORY).as_posix()))
    return found


def test_every_key_in_the_code_has_words_in_every_language():
    missing = [
        (key, place, language)
        for key, place in _keys()
        for language in LANGUAGES
        if not has_words(key, language) and not key.startswith(OPEN_ENDED)
    ]
    assert not missing


def test_commands_are_found_in_any_case_and_guessed_when_mistyped():
    assert find_command("ReDeEm") is COMMANDS["redeem"]
    assert nearest("myset", Role.ANYONE) == "myseat"
    assert nearest("xyzzy", Role.ANYONE) is None
