"""Every language says everything, with the same facts."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import lru_cache

import pytest
from fluent.syntax import FluentParser, ast

from core import command_errors, errors, talk_errors
from core.codes import posted
from tests.architecture.source import REPOSITORY

LOCALES = REPOSITORY / "bots" / "messages" / "locales"
LANGUAGES = ("en", "zh-CN")


@lru_cache
def _entries(language: str) -> tuple[ast.EntryType, ...]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(LOCALES.glob(f"*{language}.ftl"))]
    return tuple(entry for text in texts for entry in FluentParser(with_spans=True).parse(text).body)


def _messages(language: str) -> dict[str, ast.Message]:
    return {entry.id.name: entry for entry in _entries(language) if isinstance(entry, ast.Message)}


def _variables(node: object) -> Iterator[str]:
    if isinstance(node, ast.VariableReference):
        yield node.id.name
    elif isinstance(node, ast.BaseNode):
        for value in vars(node).values():
            yield from _variables(value)
    elif isinstance(node, list):
        for value in node:
            yield from _variables(value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_can_be_parsed(language: str):
    junk = [entry.content for entry in _entries(language) if isinstance(entry, ast.Junk)]
    assert not junk


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_given_twice(language: str):
    names = [entry.id.name for entry in _entries(language) if isinstance(entry, ast.Message | ast.Term)]
    assert not sorted({name for name in names if names.count(name) > 1})


def test_the_languages_have_the_same_texts():
    first, second = (_messages(language) for language in LANGUAGES)
    assert first.keys() == second.keys()
    attributes = [
        {f"{name}.{each.id.name}" for name, message in texts.items() for each in message.attributes}
        for texts in (first, second)
    ]
    assert attributes[0] == attributes[1]


def test_the_languages_use_the_same_facts():
    first, second = (
        {name: set(_variables(message)) for name, message in _messages(language).items()} for language in LANGUAGES
    )
    different = {
        name: (first[name], second[name]) for name in first.keys() & second.keys() if first[name] != second[name]
    }
    assert not different


def _refusals() -> list[type[errors.UsherError]]:
    return [
        kind
        for module in (errors, command_errors, talk_errors, posted)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__ and issubclass(kind, errors.UsherError)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_words(language: str):
    kinds = _refusals()
    assert {kind.key for kind in kinds} <= {name.removeprefix("error-") for name in _messages(language)}


def test_every_refusal_has_a_key_of_its_own():
    """A subclass without one would be shown with its parent's words."""
    kinds = _refusals()
    keys = [kind.key for kind in kinds if not issubclass(kind, errors.CodeRefused)]  # one answer, whatever it was
    assert not sorted({key for key in keys if keys.count(key) > 1})
