"""Sentences for refusals and faults, and where the log goes."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from admin_cli import next_steps, started
from admin_cli.output import invocation, told
from core.os_reasons import OsReason

if TYPE_CHECKING:
    from datetime import timedelta

    from core.errors import UsherError
    from core.redemptions.report import AuditLine
    from core.settings import Settings

CHINESE = "zh-CN"


def look_again() -> None:
    """Forget what the last command of this process was told: the next one may have another configuration."""
    _configured.cache_clear()


def spoken() -> str:
    """The language of this invocation's configuration, also of one in which something else is wrong."""
    config = invocation.get().config
    return _configured(config, Path.cwd(), os.environ.get("USHER_CONFIG"), os.environ.get("USHER_LANGUAGE"))


@lru_cache(maxsize=8)
def _configured(config: Path | None, here: Path, named: str | None, chosen: str | None) -> str:
    """Read once for each place that it may come from, in the order in which the settings are read.

    The settings themselves are not read for it: faults in them have to be told in some language, and a page of help
    shall not wait for them.
    """
    from core.languages import FALLBACK, LANGUAGES

    file = config or (Path(named) if named else here / "config.toml")
    for found in (chosen, _written(_IN_ENVIRONMENT, file.with_name(".env")), _written(_IN_SETTINGS, file)):
        if found is not None:
            return found if found in LANGUAGES else FALLBACK
    return FALLBACK


_IN_ENVIRONMENT = re.compile(r"""^\s*(?:export\s+)?USHER_LANGUAGE\s*=\s*["']?([\w-]+)""", re.MULTILINE | re.IGNORECASE)
_IN_SETTINGS = re.compile(r"""\A(?:(?!\s*\[).*\n)*?\s*language\s*=\s*["']([\w-]+)["']""")
"""Before the first section: `language` in a section is another thing."""


def _written(pattern: re.Pattern[str], file: Path) -> str | None:
    try:
        found = pattern.search(file.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    return found[1] if found else None


def said(template: str, /, **facts: Any) -> str:
    """A sentence of the shell with its places filled, in the configured language where it has one there.

    The commands in it begin as this program was started.
    """
    if spoken() == CHINESE:
        from admin_cli.chinese import SENTENCES

        template = SENTENCES.get(template, template)
    return started.literal(template).format(**{name: _fact(one) for name, one in facts.items()})


def _fact(one: Any) -> Any:
    if type(one) is int:
        return _Counted(one)
    return _refused(OsReason(one)) if isinstance(one, OSError) else one


def _refused(why: OsReason) -> str:
    """What the operating system said, in the configured language; what has no words there is told by its name."""
    from bots.messages.rendering import Look, has_words, words
    from bots.messages.reply import Say

    known = has_words(key := f"errno-{why.code}", spoken())
    return words(Say(key) if known else Say("errno-other", {"code": why.code}), Look(spoken(), "plain", 1000))


class _Counted(int):
    """A number that says what it counts: `{count:row/rows}` is “1 row” and “2 rows”."""

    def __format__(self, what: str) -> str:
        one, counted, many = what.partition("/")
        return f"{int(self)} {one if self == 1 else many}" if counted else format(int(self), what)


def fault(text: str) -> str:
    """A fault of the configuration in the configured language, with the reasons that stand in it."""
    from core.setting_faults import SettingFault

    if isinstance(text, OsReason):
        return _refused(text)
    if not isinstance(text, SettingFault):
        return text
    facts = {name: fault(value) if isinstance(value, str) else value for name, value in text.facts.items()}
    said = pairs("faults.zh-CN.txt").get(text.template) if spoken() == CHINESE else None
    return started.literal(said or text.template).format(**facts)


@cache
def pairs(name: str) -> Mapping[str, str]:
    """The texts of a file in which each stands in English, and below it in the other language."""
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    said = [line for line in lines if line and not line.startswith("#")]
    return dict(zip(said[::2], said[1::2], strict=True))


def heading(text: str) -> str:
    """The heading of a column, or `yes` and `no`, in the configured language."""
    if spoken() != CHINESE:
        return text
    from admin_cli.chinese import HEADINGS

    return HEADINGS.get(text, text)


def unit(settings: Settings) -> str:
    """What people here call credit: the shop's own word, or the usual one in the configured language."""
    return settings.money.unit or heading("credit")


def listed(facts: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Facts, each below its name in the configured language."""
    named = [(name.replace("_", " "), fact) for name, fact in facts]
    return [(heading(name), value(name, fact) if isinstance(fact, str) else fact) for name, fact in named]


def value(column: str, text: str) -> str:
    """What stands in a column, by its English heading: a reason in words, a state in the configured language."""
    if column in REASONS and re.fullmatch(r"[a-z]+(?:_[a-z]+)*", text):
        return _short(text)
    if spoken() != CHINESE:
        return text
    from admin_cli.chinese_values import IN_COLUMN, VALUES, WORDED

    if (column, text) in IN_COLUMN:
        return IN_COLUMN[column, text]
    return VALUES.get(text, text) if column in WORDED else text


def counts(column: str, found: Mapping[str, int]) -> str:
    """How many there are of each state."""
    return ", ".join(f"{number} {value(column, name)}" for name, number in found.items()) or heading("none")


REASONS = frozenset({"because", "left out", "why", "why not"})
"""The columns, by their English headings, that hold keys of refusals."""


def _short(key: str) -> str:
    from bots.messages.rendering import Look, has_words, words
    from bots.messages.reply import Say

    for name in (f"reason-{key}", f"lock-{key}"):
        if has_words(name, spoken()):
            return words(Say(name), Look(spoken(), "plain", 10_000))
    return value("state", key)


def sentence(error: UsherError, language: str | None = None) -> str:
    """One readable sentence for a refusal, in the words that the chats use."""
    from core.errors import Misconfigured

    if isinstance(error, Misconfigured):
        return "\n".join(fault(one) for one in error.facts.get("faults", ()))
    return reason(error.key, error.facts, language)


def refusal(error: UsherError) -> dict[str, Any]:
    """A refusal as it is told: its key, its sentence, its facts, and the next step where there is one."""
    step = next_step(error.key, error.facts)
    return {"key": error.key, "message": sentence(error), **told(error.facts), **({"next": step} if step else {})}


def reason(
    key: str, facts: Mapping[str, Any] | None = None, language: str | None = None, *, about: str = "error"
) -> str:
    """The words of a refusal's key, in the texts of the chats; `about` what it is, where that has words of its own."""
    from bots.messages.rendering import Look, has_words, words
    from bots.messages.reply import Say

    language = language or spoken()
    name = next(
        (name for name in (f"{about}-{key}", f"error-{key}", f"reason-{key}", key) if has_words(name, language)), None
    )
    if name is None:
        return f"{key.replace('_', ' ').capitalize()}."
    return next_steps.in_shell(words(Say(name, dict(facts or {})), Look(language, "plain", 10_000)))


def next_step(key: str, facts: Mapping[str, Any] | None = None) -> str | None:
    """What to do about a refusal at the shell, as one sentence with a command; None where its own words say it all."""
    template = next_steps.template(key, facts or {})
    if template is None:
        return None
    if spoken() == CHINESE:
        template = pairs("next.zh-CN.txt").get(template, template)
    return started.literal(template).format(**next_steps.places(facts or {}))


def alert(title: str, facts: Mapping[str, Any]) -> str:
    """What an alert says, with the commands of the shell in it."""
    from bots.messages.alert_words import what_it_says
    from bots.messages.rendering import Look, words

    return next_steps.in_shell(words(what_it_says(title, facts), Look(spoken(), "plain", 10_000)))


def came_of(outcome: str | None, facts: Mapping[str, Any], language: str | None = None) -> str:
    """What came of a sweep's round, in the words of the chats; of one that failed, its error as well."""
    from bots.messages.rendering import Look, words
    from bots.messages.rounds import came_of

    said = words(came_of(outcome, facts), Look(language or spoken(), "plain", 10_000))
    return f"{said}: {facts['error']}" if "error" in facts else said


def span(length: timedelta) -> str:
    """A length of time, in the words of the chats."""
    from bots.messages.lasting import span_words
    from bots.messages.rendering import Look, words

    return words(span_words(length), Look(spoken(), "plain", 100))


def term(text: str) -> str:
    """How long a membership lasts, in words; `text` as it is stored."""
    from core.rules.terms import parse_term

    read = parse_term(text)
    if read.unlimited:
        return heading("unlimited")
    if read.unit == "month":
        return said("{count:month/months}", count=read.count)
    if read.unit == "day":
        return said("{count:day/days}", count=read.count)
    return said("{count:hour/hours}", count=read.count)


def audited(line: AuditLine) -> tuple[str, str, str, str]:
    """Who did what to which row, and what was different, in the words that `/audit` has for it."""
    from bots.messages import audited as of
    from bots.messages.rendering import Look, words
    from bots.messages.reply import Say

    look = Look(spoken(), "plain", 1000)
    row = of.subject(line.subject, line.subject_id)
    changed = of.changes(line.before, line.after)
    return (
        words(of.actor(line.actor), look),
        words(of.action(line.action), look),
        "" if row is None else words(row, look),
        words(Say("plain", {"text": changed}), look) if changed else "",
    )


def note_fault(error: BaseException) -> str:
    """Log a fault and return the reference number to search the log for.

    The log has the traceback, redacted, where it is read as a log: in `usher run`, in a file, or at level debug.
    """
    import structlog

    from core.telemetry import new_reference

    reference = new_reference()
    if not structlog.is_configured():  # it happened before the settings were read; standard output is for the answer
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    read_as_log = logging.getLogger().isEnabledFor(logging.INFO)
    structlog.get_logger("admin_cli").error(
        "command_failed",
        reference=reference,
        error=type(error).__name__,
        exc_info=error if read_as_log else None,
    )
    return reference


def log_to_stderr(settings: Settings, *, lowest: str = "warning") -> None:
    """Send the log to standard error, so that standard output holds the answer alone."""
    from core.telemetry import configure_logging

    order = ("debug", "info", "warning", "error")
    level = max(settings.log.level, lowest, key=order.index)
    if settings.log.level == "debug" or settings.log.file:
        level = settings.log.level
    configure_logging(settings.log.model_copy(update={"level": level}))
