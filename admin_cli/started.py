"""How the reader started this program, so that commands are printed as they can be typed again."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from functools import cache
from pathlib import Path
from typing import Final

from admin_cli.output import invocation

NAME: Final = "usher"
_NAMED: Final = re.compile(rf"(?<![\w./-]){NAME} (?=[a-z])(init\b)?")


def literal(template: str) -> str:
    """The template of a sentence, in which every command begins as the program was started, with its `--config`."""
    if f"{NAME} " not in template:
        return template
    plain, whole = (
        one.replace("{", "{{").replace("}", "}}") for one in (command(), with_config(invocation.get().config))
    )
    return _NAMED.sub(lambda found: f"{plain} init" if found[1] else f"{whole} ", template)


def with_config(config: Path | None) -> str:
    """The same with this configuration; None where it is found without being named."""
    return command() if config is None else " ".join((command(), "--config", shlex.quote(str(config))))


@cache
def command() -> str:
    """`usher` where that starts this very program, else what was typed in its place: `.venv/bin/usher`."""
    typed = sys.orig_argv
    if typed[1:3] == ["-m", "admin_cli"]:
        return shlex.join(typed[:3])
    script = Path(sys.argv[0])
    if script.name != NAME or not script.is_file():
        return NAME  # called from within another program
    found = shutil.which(NAME)
    return NAME if found is not None and script.samefile(found) else shlex.quote(sys.argv[0])
