"""`--help` in the configured language: cyclopts lays the pages out, and what stands in them is said here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cyclopts.help import DefaultFormatter, HelpEntry, HelpPanel
from cyclopts.help.specs import get_default_command_columns, get_default_parameter_columns
from rich.text import Text

from admin_cli import words

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions

TEXTS = "help.zh-CN.txt"
EXAMPLE = "Example: "


def in_words(text: str) -> str:
    """A help text of one or more paragraphs in the configured language.

    How its lines are broken in the source is nothing to the reader, whose terminal has a width of its own; only the
    lines of examples stay.
    """
    chinese = words.spoken() == words.CHINESE
    said = []
    for paragraph in text.strip().split("\n\n"):
        if paragraph.startswith(EXAMPLE):
            said.append(paragraph.replace(EXAMPLE, "例如：") if chinese else paragraph)
        else:
            joined = " ".join(paragraph.split())
            said.append(words.pairs(TEXTS).get(joined, joined) if chinese else joined)
    return "\n\n".join(said)


class Pages(DefaultFormatter):
    """The pages that cyclopts makes, in the configured language and as wide as the terminal."""

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """Print one panel of commands or options."""
        if words.spoken() != words.CHINESE:
            super().__call__(console, options, panel)
            return
        title = {"Commands": "命令", "Parameters": "选项", "Arguments": "参数"}.get(str(panel.title), panel.title)
        of = get_default_command_columns if panel.format == "command" else get_default_parameter_columns
        *columns, last = of(console, options, panel.entries)
        chinese = DefaultFormatter(column_specs=(*columns, last.copy(renderer=_described)))
        chinese(console, options, panel.copy(title=title))

    def render_usage(self, console: Console, options: ConsoleOptions, usage: Any) -> None:
        """Print how the command is written."""
        if words.spoken() != words.CHINESE:
            super().render_usage(console, options, usage)
            return
        console.print(Text(f"用法：{usage}".replace(" COMMAND", " 命令").replace("[OPTIONS]", "[选项]"), "bold"))

    def render_description(self, console: Console, options: ConsoleOptions, description: Any) -> None:  # noqa: ARG002
        """Print what the command does."""
        console.print(in_words(_plain(description)) + "\n", markup=False, highlight=False)


def _described(entry: HelpEntry) -> Text:
    beside = [
        f"[可选：{', '.join(entry.choices)}]" if entry.choices else "",
        f"[默认：{_DEFAULTS.get(entry.default, entry.default)}]" if entry.default is not None else "",
        "[必填]" if entry.required else "",
    ]
    return Text(" ".join([in_words(_plain(entry.description)), *filter(None, beside)]).strip())


_DEFAULTS = {"True": "是", "False": "否", '""': "空"}


def _plain(described: Any) -> str:
    """The words of a description, which cyclopts wraps for printing."""
    inner = getattr(described, "primary_renderable", described)
    return inner.plain if isinstance(inner, Text) else str(inner or "")
