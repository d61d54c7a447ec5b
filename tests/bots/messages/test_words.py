"""The words of each language: its own plural branches, punctuation and terms, and none of the code's names."""

from __future__ import annotations

import ast as python
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from babel import Locale
from fluent.syntax import ast

from bots.commands.catalogue import catalogue, nearest
from bots.messages.rendering import Look, has_words, words
from bots.messages.reply import Say, spans
from core.actors import Role
from tests.architecture.source import modules
from tests.architecture.test_texts import LANGUAGES, LOCALES, _messages

PLURALS = {"zero", "one", "two", "few", "many", "other"}
HAN = "\u4e00-\u9fff"
FULL_WIDTH = "，。；：！？、（）“”"
MISSET = {
    "a space beside a full-width mark": rf"[{FULL_WIDTH}] (?=[{HAN}*`\"“])|(?<=[{HAN}]) [{FULL_WIDTH}]",
    "a half-width mark beside a Chinese character": rf"[{HAN}][,;:!?()]|[,;:!?(][{HAN}]",
    "an ellipsis in pieces": rf"\.\.\.|(?<!…)…(?=[{HAN}])| ……|…… ",
    "a percent sign apart": r"\} %|\d %",
}


def _nodes(node: object, kind: type[Any]) -> Iterator[Any]:
    if isinstance(node, kind):
        yield node
    if isinstance(node, ast.BaseNode):
        for value in vars(node).values():
            yield from _nodes(value, kind)
    elif isinstance(node, list):
        for value in node:
            yield from _nodes(value, kind)


def _spoken(language: str) -> Iterator[tuple[str, str]]:
    """The name of each text and its words, with holes as they are written and without what is to be typed."""
    for name, message in _messages(language).items():
        for pattern in _nodes(message, ast.Pattern):
            text = "".join(part.value if isinstance(part, ast.TextElement) else "{}" for part in pattern.elements)
            yield name, re.sub(r"`[^`\n]*`", "``", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_branches_as_its_language_does_not(language: str):
    """`[one]` would never be chosen in Chinese, and what stands behind it never be read."""
    own = set(Locale.parse(language, sep="-").plural_form.tags) | {"other"}
    wrong = {
        f"{name}: [{variant.key.name}]"
        for name, message in _messages(language).items()
        for variant in _nodes(message, ast.Variant)
        if isinstance(variant.key, ast.Identifier) and variant.key.name in PLURALS - own
    }
    assert not wrong


def test_chinese_is_set_as_chinese():
    wrong = {
        f"{name}: {fault}: {text!r}"
        for name, text in _spoken("zh-CN")
        for fault, pattern in MISSET.items()
        if re.search(pattern, text)
    }
    assert not sorted(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_thing_has_one_name(language: str):
    """`terms.LANGUAGE.txt` beside the texts: term | meaning | words that are not used for it, apart by commas."""
    rows = [
        [cell.strip() for cell in line.split("|")]
        for line in (LOCALES / f"terms.{language}.txt").read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    assert all(len(row) == 3 and all(row) for row in rows)
    assert len({row[0] for row in rows}) == len(rows) > 15
    forbidden = {word.strip(): row[0] for row in rows for word in row[2].split(",")}
    before, after = (r"(?<![/.\w-])", r"\b") if language == "en" else ("", "")
    wrong = {
        f"{name}: {word!r}, which is {term!r}: {text!r}"
        for name, text in _spoken(language)
        if not name.startswith(("slash-", "name-"))
        for word, term in forbidden.items()
        if re.search(before + re.escape(word) + after, text, re.IGNORECASE)
    }
    assert not sorted(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_to_be_typed_stands_in_bold(language: str):
    """Telegram knows no code within bold, and what marks it would be shown as it is."""
    wrong = [name for name, text in _spoken(language) for bold in re.findall(r"\*\*(.+?)\*\*", text) if "`" in bold]
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_and_option_has_words_of_its_own(language: str):
    options = [(command, argument) for command in catalogue() for argument in command.arguments]
    choices = {f"choice-{choice}" for _, argument in options for choice in argument.choices}
    assert not sorted(key for key in choices if not has_words(key, language))
    names = {
        argument.name.replace("_", "-")
        for command, argument in options
        if not command.hidden and argument.name != "page"
    }
    missing = {
        f"{kind}-{name}" for kind in ("label", "name") for name in names if not has_words(f"{kind}-{name}", language)
    }
    assert not sorted(missing)


def test_nothing_harmful_is_suggested_to_who_mistyped():
    assert nearest("undo", Role.OWNER) not in {"end", "remove"}
    harmful = {command.name for command in catalogue() if command.harmful}
    assert {"end", "remove", "removeteam", "cleanup", "cancelinvite", "disable", "disableteam", "announce"} <= harmful
    mistyped = {name[:-1] for name in harmful} | {name + "s" for name in harmful}
    assert not harmful & {nearest(name, Role.OWNER) for name in mistyped}


def test_moments_are_the_readers_own_where_the_platform_can_do_that():
    when = datetime(2026, 11, 28, 18, 5, tzinfo=UTC)
    unix = int(when.timestamp())
    say = Say("until", {"moment": when})
    assert f'<tg-time unix="{unix}" format="Dt">28 Nov 2026, 18:05 (UTC)</tg-time>' in words(
        say, Look("en", "telegram", 4096)
    )
    assert f"<t:{unix}:f>" in words(say, Look("zh-CN", "discord", 2000))
    assert "2026年11月29日 02:05（CST）" in words(say, Look("zh-CN", "plain", 4096, "Asia/Shanghai"))


@pytest.mark.parametrize(
    ("minutes", "english", "chinese"),
    [
        (0.5, "in a minute", "在 1 分钟后"),
        (14.2, "in 15 minutes", "在 15 分钟后"),
        (300, "after 28 Nov", "日 23:05（UTC）之后"),
    ],
)
def test_a_short_time_is_said_as_one(minutes: float, english: str, chinese: str):
    now = datetime(2026, 11, 28, 18, 5, tzinfo=UTC)
    say = Say("error-locked_out", spans({"until": now + timedelta(minutes=minutes)}, now))
    assert english in words(say, Look("en", "plain", 4096))
    assert chinese in words(say, Look("zh-CN", "plain", 4096))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_refusal_names_is_called_in_words(language: str):
    """A refusal of what was filled in calls it as people do, also where no command has an option of that name."""
    calls = [node for module in modules() for node in module.nodes if isinstance(node, python.Call)]
    named = {
        str(given.value.value).replace("_", "-")
        for call in calls
        if isinstance(call.func, python.Name)
        and call.func.id in {"BadChoice", "BadLength", "BadNumber", "BadValue", "MissingArgument"}
        for given in call.keywords
        if given.arg == "name" and isinstance(given.value, python.Constant)
    }
    assert len(named) > 30
    of_several = {"context", "grace-hours", "max-output", "transfers-allowed"}  # whose names are told by a variable
    assert not sorted(name for name in named | of_several if not has_words(f"label-{name}", language))


@pytest.mark.parametrize(
    ("beneath", "said"),
    [
        (timedelta(minutes=10), "it would be 10 minutes."),
        (["a.example", "b.example"], "it would be a.example, b.example."),
        (datetime(2026, 3, 1, 12, tzinfo=UTC), "it would be 1 Mar 2026, 12:00 (UTC)."),
        ([], "it would be empty."),
        (None, "it would be empty."),
        ("", "it would be empty."),
    ],
)
def test_what_is_there_is_not_said_to_be_missing(beneath: object, said: str):
    facts = {"by": "telegram:7", "at": "–", "beneath": beneath}
    assert words(Say("setting-from-command", facts), Look("en", "plain", 1000)).endswith(said)
