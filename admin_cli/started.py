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
    start = command()
    config = invocation.get().config
    again = start if config is None else f"{start} --config {shlex.quote(str(config))}"
    plain, whole = (one.replace("{", "{{").replace("}", "}}") for one in (start, again))
    return _NAMED.sub(lambda found: f"{plain} init" if found[1] else f"{whole} ", template)


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
