"""What a command prints: one JSON document for scripts, or sentences and tables for people."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final, TypeAlias

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
UNAVAILABLE: Final = 3


@dataclass(frozen=True, slots=True)
class Invocation:
    """The options that every command has."""

    json: bool = False
    config: Path | None = None
    request_key: str | None = None


NOTHING: Final = Invocation()
invocation: ContextVar[Invocation] = ContextVar("invocation", default=NOTHING)


@dataclass(frozen=True, slots=True)
class Rows:
    """A table for people."""

    headers: Sequence[str]
    rows: Iterable[Sequence[Any]]
    title: str | None = None


Shown: TypeAlias = str | Rows


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """`document` for `--json`, `shown` for people, and the exit code."""

    document: Mapping[str, Any]
    shown: Sequence[Shown] = field(default_factory=tuple)
    code: int = DONE


class CommandRefused(Exception):
    """A refusal in words that only the command line has."""

    def __init__(self, key: str, message: str, code: int = REFUSED, *, facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.key = key
        self.code = code
        self.facts = told(facts or {})


Saying: TypeAlias = Callable[[str, str], str]
"""What stands in a column, by its heading, in the reader's words."""


def write(
    answer: CommandAnswer,
    heading: Callable[[str], str] = str,
    value: Saying = lambda _, text: text,
) -> None:
    """Print an answer as this invocation wants it; `heading` says a column's heading in the reader's language."""
    if invocation.get().json:
        write_document(answer.document)
        return
    alone = sum(isinstance(part, Rows) for part in answer.shown) == 1
    for part in answer.shown:
        if isinstance(part, str):
            sys.stdout.write(printable(part) + "\n")
        else:
            _write_table(part, heading, value, alone=alone)
    sys.stdout.flush()


def read_by_people() -> bool:
    """Whether words are wanted. Scripts read keys: they do not pay for words, a third of what a command costs."""
    return not invocation.get().json


def plain(value: Any) -> Any:
    """`value` as JSON has it."""
    return json.loads(json.dumps(value, default=_plain))


def write_document(document: Mapping[str, Any]) -> None:
    """One JSON document on one line."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, default=_plain) + "\n")
    sys.stdout.flush()


def say_unwritable(answer: CommandAnswer, error: OSError, said: Callable[..., str]) -> int:
    """The answer could not be written, as on a full disk behind `>`: say so on standard error, and where it is kept."""
    batch = answer.document.get("batch")
    if batch is None and answer.document.get("codes"):
        batch = answer.document["codes"][0].get("batch") if isinstance(answer.document["codes"][0], Mapping) else None
    told = [said("The answer could not be written to standard output ({why}).", why=error)]
    if batch:
        told.append(
            said("The codes are in batch {batch_id}: usher code export --batch {batch_id} --out FILE", batch_id=batch)
        )
    sys.stderr.write(" ".join(told) + "\n")
    # What is left in the buffer would be tried again, and complained of, when the process ends.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return UNAVAILABLE


def write_error(key: str, message: str, **facts: Any) -> None:
    """A refusal or fault: a JSON document on standard output, or a sentence on standard error.

    What to do about it, `next`, is a line of its own.
    """
    if invocation.get().json:
        write_document({"error": {"key": key, "message": message, **facts}})
    else:
        with suppress(BrokenPipeError):  # nobody is left to be told, and the exit code says it as well
            sys.stderr.write("".join(printable(line) + "\n" for line in (message, facts.get("next")) if line))
            sys.stderr.flush()


def told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a refusal, as they stand beside its key and its sentence."""
    return {name: value for name, value in facts.items() if name not in {"key", "message"}}


def printable(text: str) -> str:
    """`text` without what could move a terminal's cursor or hide a part of it."""
    return "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text)


def moment(at: datetime | None) -> str:
    """A time for people, in UTC to the minute."""
    return "–" if at is None else at.strftime("%Y-%m-%d %H:%M")


def _write_table(table: Rows, heading: Callable[[str], str], value: Saying, *, alone: bool) -> None:
    """One that is `alone` and empty is a sentence, not a frame around nothing."""
    rows = list(table.rows)
    if alone and not rows:
        sys.stdout.write(heading("Nothing is there to be listed.") + "\n")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    class Paper(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # whoever read has had enough, which is no failure: rich would leave with 1

    # A pipe has no width: cutting columns there would hide what was asked for.
    console = Paper(width=None if sys.stdout.isatty() else 240, highlight=False)
    drawn = Table(title=table.title, title_justify="left", header_style="bold", expand=False)
    for header in table.headers:
        drawn.add_column(heading(header), overflow="fold")
    for row in rows:
        said = (
            value(column, cell) if isinstance(cell, str) else cell
            for column, cell in zip(table.headers, row, strict=True)
        )
        drawn.add_row(*(Text(_cell(cell, heading)) for cell in said))
    console.print(drawn)


def _cell(value: Any, heading: Callable[[str], str]) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return heading("yes" if value else "no")
    if isinstance(value, datetime):
        return moment(value)
    return printable(str(value)).replace("\n", " ")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)
