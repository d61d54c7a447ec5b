"""Replies become words: in a language, in a platform's markup, within its limits.

Texts carry three marks of their own, `**strong**`, `` `exact` `` and line breaks, which every platform's markup is
made from. Values never carry markup: each goes in through a hole that is filled only after the text's own marks
were read, escaped for the platform.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import structlog
from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.types import FluentType
from fluent.syntax.ast import BaseNode, VariableReference

from bots.messages.blocks import Markup, printed
from bots.messages.formatting import babel_locale, brief, harmless, moment
from bots.messages.lasting import span_words, term_words, until_words
from bots.messages.markdown import Block, Span, Written
from bots.messages.pages import pages_of
from bots.messages.reply import Brief, File, Prose, Reply, Say, Until
from core.languages import FALLBACK, LANGUAGES
from core.rules.addresses import Address
from core.rules.terms import Term

log = structlog.get_logger(__name__)

LOCALES = Path(__file__).parent / "locales"
MOST_PAGES = 4
"""Messages one answer may take; what is longer comes as a file as well."""

WITH_AN_END = frozenset(
    {
        "error-code_posted", "error-too_many", "error-too_many_attempts", "error-too_many_questions", "error-locked_out",
        "error-sign_in_locked", "error-daily_limit", "myseat-sent-recently",
    }
)  # fmt: skip
"""Texts in which `until` stands as “in 15 minutes” or “after 6 p.m.”; see `bots.messages.reply.Until`."""
ABOUT_AN_OPTION = frozenset(
    {"error-bad_choice", "error-bad_value", "error-bad_length", "error-bad_number", "error-missing_argument"}
)
"""Texts whose fact `name` is the name of an option."""

UNIT = "unit-of-credit"
"""What credit is counted in, where a text has a place for `unit` and the shop has no word of its own."""

_HOLE = re.compile("\ue000(\\d+)\ue001")
_MARKS = re.compile(r"\*\*(.+?)\*\*|`([^`\n]+)`", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Look:
    """How texts are to come out: language, time zone, markup, and the most characters of one message.

    `unit` is what the shop calls its credit; without it, it is called credit.
    """

    language: str
    markup: Markup
    limit: int
    timezone: str = "UTC"
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """A button with its words."""

    label: str
    nonce: str | None
    url: str | None
    style: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """`texts` are one or more messages, each within the limit; the buttons belong to the last.

    `captions` has one for each of the files, "" where there is nothing to say of it; `withheld` is said where none gets through.
    `blocks` are what the first texts say, where a model wrote it: for a platform that can show more than text.
    """

    texts: tuple[str, ...]
    keys: tuple[tuple[Key, ...], ...]
    files: tuple[File, ...]
    captions: tuple[str, ...]
    blocks: tuple[tuple[Block, ...], ...] = ()
    withheld: str = ""


def render(reply: Reply, look: Look) -> Rendered:
    """The words of a reply. What does not fit in a few messages is attached as a file, never cut."""
    language, timezone = reply.language or look.language, reply.timezone or look.timezone
    look = replace(look, language=language, timezone=timezone, unit=reply.unit or look.unit)
    blocks = _blocks(reply)
    said = [[words(line, look) for line in block] for block in blocks]
    files = list(reply.files)
    shown: list[tuple[Block, ...]] = []
    if reply.written is None:
        texts = pages_of(said, look.limit)
    else:
        texts, shown = _written(reply.written, blocks[1:], look, files)
    if len(texts) > MOST_PAGES:
        plain = replace(look, markup="plain", limit=10**9)
        whole = "\n\n".join("\n".join(words(line, plain) for line in block) for block in blocks)
        files.append(File("answer.txt", whole.encode()))
        texts, shown = [texts[0], words(Say("answer-attached"), look)], shown[:1]
    plain = replace(look, markup="plain")
    keys = tuple(
        tuple(Key(words(one.label, plain), one.nonce, one.url, one.style, one.line) for one in row)
        for row in reply.buttons
    )
    captions = tuple("" if file.caption is None else words(file.caption, look) for file in files)
    withheld = words(Say("files-withheld"), look) if files else ""
    return Rendered(tuple(texts), keys, tuple(files), captions, tuple(shown), withheld)


def _written(
    written: Written, rest: Sequence[Sequence[Say]], look: Look, files: list[File]
) -> tuple[list[str], list[tuple[Block, ...]]]:
    """What a model wrote as messages, with what is said of it below the last; a long answer is its beginning and a file.

    Beside them the blocks that they say.
    """
    pages = printed(written.blocks, look.markup, look.limit)
    if len(pages) > written.most:
        files.append(File("answer.md", written.text.encode("utf-8", "replace")))
        pages = [pages[0], (words(Say("answer-attached"), look), ())]
    texts, shown = [text for text, _ in pages], [blocks for _, blocks in pages]
    notes = pages_of([[words(line, look) for line in block] for block in rest], look.limit) if rest else []
    if texts and len(notes) == 1 and len(texts[-1]) + 2 + len(notes[0]) <= look.limit:
        texts[-1] += f"\n\n{notes.pop()}"
        plain = replace(look, markup="plain")
        lines = ["\n".join(words(line, plain) for line in block) for block in rest]
        shown[-1] += tuple(Block("paragraph", spans=(Span("text", line),)) for line in lines if shown[-1])
    texts += notes
    return texts or [words(Say("talk-failed-empty_answer"), look)], shown


def words(say: Say, look: Look) -> str:
    """One text in the look's language and markup."""
    if not say.facts:
        return _constant(say.key, look.language, look.markup)
    return _worded(say, look)


@lru_cache(maxsize=4096)
def _constant(key: str, language: str, markup: Markup) -> str:
    """A text that depends on nothing, as most labels of buttons are."""
    return _worded(Say(key), Look(language, markup, 10**9))


def _worded(say: Say, look: Look) -> str:
    values: list[str] = []
    pattern, language = _pattern(say.key, look.language, say.facts)
    bundle = _bundle(language)
    facts = {name: _fact(value, values, look) for name, value in _named(say).items()}
    for name in _wanted(pattern) - facts.keys():
        # A text without one of its facts is still better than one with a hole in it.
        usual = (look.unit or Say(UNIT)) if name == "unit" else None
        facts[name] = _fact(usual, values, look)
    text, errors = bundle.format_pattern(pattern, facts)
    if errors:
        log.warning("text_incomplete", text=say.key, language=language, errors=[str(error) for error in errors])
    return _marked(str(text), values, look.markup)


def _named(say: Say) -> Mapping[str, Any]:
    """The facts of a text. What asks for an option, or refuses it, calls it and its choices as the form does."""
    if say.key in WITH_AN_END and isinstance(end := say.facts.get("until"), datetime):
        return {**say.facts, "until": Say("until-after", {"moment": end})}
    option = "argument" if say.key.startswith("ask-") else "name"
    if option == "name" and say.key not in ABOUT_AN_OPTION:
        return say.facts
    facts = dict(say.facts)
    if has_words(label := f"label-{str(facts.get(option, '')).replace('_', '-')}", FALLBACK):
        facts[option] = Say(label)
    choices = [f"choice-{one}" for one in facts.get("choices", ())]
    if choices and all(has_words(one, FALLBACK) for one in choices):
        facts["choices"] = [Say(one) for one in choices]
    return facts


def has_words(key: str, language: str) -> bool:
    """Is there a text of this very key?"""
    return _bundle(language).has_message(key)


def subject(key: str, facts: Mapping[str, Any], look: Look) -> str:
    """The `.subject` of a mail's text."""
    values: list[str] = []
    bundle = _bundle(look.language)
    pattern = bundle.get_message(key).attributes["subject"]
    text, _ = bundle.format_pattern(pattern, {name: _fact(value, values, look) for name, value in facts.items()})
    return " ".join(_marked(str(text), values, "plain").split())


class _Value(FluentType):
    """A string that chooses variants by what it is (`none`: empty; `some`: no string), and appears as a hole."""

    def __init__(self, text: str, hole: str) -> None:
        self.text = text or "none"
        self.hole = hole

    def __eq__(self, other: object) -> bool:
        return self.text == other

    def __hash__(self) -> int:
        return hash(self.text)

    def format(self, locale: Any) -> str:  # noqa: ARG002 - Fluent hands it to every type
        return self.hole


def _fact(value: Any, values: list[str], look: Look) -> Any:
    if value is None:
        return _hole("", "", values)
    if isinstance(value, bool):
        return _hole("true" if value else "false", "", values)
    if isinstance(value, int | float):
        return value
    if isinstance(value, Say):
        # Words of ours: escaped already, so they go in whole, as the look's markup.
        return _hole(value.key, "\ue002" + words(value, look), values)
    if isinstance(value, datetime | Brief | Until):
        return _hole("some", "\ue002" + _when(value, look), values)
    if isinstance(value, timedelta):
        return _hole("some", "\ue002" + words(span_words(value), look), values)
    if isinstance(value, Term):
        return _hole(str(value), "\ue002" + words(term_words(value), look), values)
    if isinstance(value, Address):
        return _hole(value.original, harmless(value.original), values)
    if isinstance(value, Prose):
        lines = (harmless(line, most=len(line) + 1) for line in value.text.splitlines())
        return _hole("some" if value.text else "", "\n".join(lines), values)
    if isinstance(value, str):
        return _hole(value, harmless(value), values)
    if isinstance(value, Iterable):
        several = list(value)
        return _hole("some" if several else "", _several(several, look), values)
    return _hole("some", harmless(str(value)), values)


def _when(value: datetime | Brief | Until, look: Look) -> str:
    """A moment that everybody reads in their own zone, where the platform can do that; elsewhere in the look's."""
    if isinstance(value, Until):
        return words(until_words(value), look)
    short = isinstance(value, Brief)
    when = value.moment if isinstance(value, Brief) else value
    unix = int(when.timestamp())
    if look.markup == "discord":
        return f"<t:{unix}:d> <t:{unix}:t>" if short else f"<t:{unix}:f>"
    if isinstance(value, Brief):
        shown = brief(when, value.now, look.language, look.timezone)
    else:
        shown = moment(when, look.language, look.timezone)
    if look.markup == "telegram":
        return f'<tg-time unix="{unix}" format="{"dt" if short else "Dt"}">{shown}</tg-time>'
    return shown


def _several(listed: list[Any], look: Look) -> str:
    between = words(Say("list-separator"), look)
    if listed and all(isinstance(one, Say) for one in listed):
        return "\ue002" + between.join(words(one, look) for one in listed)
    return between.join(harmless(str(one), most=100) for one in listed[:50])


def _hole(text: str, shown: str, values: list[str]) -> _Value:
    values.append(shown)
    return _Value(text, f"\ue000{len(values) - 1}\ue001")


def _marked(text: str, values: Sequence[str], markup: Markup) -> str:
    """Read the text's marks, fill its holes, and write both in the platform's markup."""
    shown = []
    end = 0
    for mark in _MARKS.finditer(text):
        shown.append(_filled(text[end : mark.start()], values, markup))
        shown.append(_STRONG[markup](_filled(mark[1], values, markup)) if mark[1] else _exact(mark[2], values, markup))
        end = mark.end()
    shown.append(_filled(text[end:], values, markup))
    return "".join(shown)


def _filled(text: str, values: Sequence[str], markup: Markup) -> str:
    parts = []
    end = 0
    for hole in _HOLE.finditer(text):
        value = values[int(hole[1])]
        parts += [_own(text[end : hole.start()], markup)]
        parts += [value[1:] if value.startswith("\ue002") else _ESCAPE[markup](value)]
        # A full-width bracket brings its own room with it.
        bracket = value.startswith("\ue002") and value.removesuffix("</tg-time>").endswith("）")
        end = hole.end() + (bracket and text.startswith(" ", hole.end()))
    return "".join([*parts, _own(text[end:], markup)])


def _exact(text: str, values: Sequence[str], markup: Markup) -> str:
    plain = _HOLE.sub(lambda hole: values[int(hole[1])].removeprefix("\ue002"), text)
    return _EXACT[markup](plain)


def _own(text: str, markup: Markup) -> str:
    """Our own words hold no markup beside the marks, but Telegram's HTML wants its three characters escaped."""
    return html.escape(text, quote=False) if markup == "telegram" else text


def _discord(value: str) -> str:
    escaped = re.sub(r"([\\*_~`|>#\[\]()<:-])", r"\\\1", value)
    return escaped.replace("@", "@\u200b") if re.search(r"@(everyone|here)", value) else escaped


_ESCAPE: dict[Markup, Callable[[str], str]] = {
    "telegram": lambda value: html.escape(value, quote=True),
    "discord": _discord,
    "ansi": lambda value: value,
    "plain": lambda value: value,
}
_STRONG: dict[Markup, Callable[[str], str]] = {
    "telegram": lambda text: f"<b>{text}</b>",
    "discord": lambda text: f"**{text}**",
    "ansi": lambda text: f"\x1b[1m{text}\x1b[22m",
    "plain": lambda text: text,
}
_EXACT: dict[Markup, Callable[[str], str]] = {
    "telegram": lambda text: f"<code>{html.escape(text, quote=True)}</code>",
    "discord": lambda text: f"`{text.replace('`', chr(39))}`",
    "ansi": lambda text: f"\x1b[36m{text}\x1b[39m",
    "plain": lambda text: text,
}


def _blocks(reply: Reply) -> list[list[Say]]:
    blocks = [[Say(reply.key, reply.facts)], []]
    for item in reply.items:
        if item.key.endswith("-heading"):
            blocks.append([])
        blocks[-1].append(item)
    blocks += [[say] for say in reply.more]
    return [block for block in blocks if block]


@cache
def _bundle(language: str) -> FluentBundle:
    known = language if language in LANGUAGES else FALLBACK
    bundle = FluentBundle([babel_locale(known)], use_isolating=False)
    for path in sorted(LOCALES.glob(f"*{known}.ftl")):  # everybody's texts, and staff's beside them
        bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")))
    return bundle


@cache
def _wanted(pattern: Any) -> frozenset[str]:
    """The names of the facts that a text has places for."""
    names: set[str] = set()
    waiting = [pattern]
    while waiting:
        node = waiting.pop()
        if isinstance(node, VariableReference):
            names.add(node.id.name)
        elif isinstance(node, BaseNode):
            waiting.extend(vars(node).values())
        elif isinstance(node, list):
            waiting.extend(node)
    return frozenset(names)


def _pattern(key: str, language: str, facts: Mapping[str, Any]) -> tuple[Any, str]:
    """The text of a key, or of the more general key it is a case of, as for a question that would have a hole in it."""
    for candidate in _candidates(key):
        for tongue in (language, FALLBACK):
            bundle = _bundle(tongue)
            if not bundle.has_message(candidate):
                continue
            pattern = bundle.get_message(candidate).value
            if not (candidate.startswith("ask-") and _wanted(pattern) - facts.keys()):
                return pattern, tongue
    log.error("text_missing", text=key, language=language)
    return _bundle(language).get_message("no-words").value, language


def _candidates(key: str) -> list[str]:
    kind, _, rest = key.partition("-")
    if kind == "ask":
        return [key, f"ask-{rest.rpartition('-')[2]}", "ask-any"]
    if kind == "choice":
        return [key, "choice-itself"]
    if kind == "reason":
        return [key, "reason-any"]
    return [key]
