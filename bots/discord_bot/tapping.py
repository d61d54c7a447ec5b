"""Commands in texts that can be tapped."""

from __future__ import annotations

import re
from collections.abc import Mapping

_COMMAND = re.compile(r"(`[^`]*`)|(?<![\w/<:.\\-])/([a-z]{1,32})(?![\w/])")
"""A command as texts name it, and what stands as code, in which nothing is changed."""


def to_tap(text: str, commands: Mapping[str, int], limit: int) -> str:
    """The text with its commands to tap, if it is no longer than `limit` then; else as it is."""
    if not commands:
        return text

    def mention(found: re.Match[str]) -> str:
        number = commands.get(found[2] or "")
        return found[0] if number is None else f"</{found[2]}:{number}>"

    linked = _COMMAND.sub(mention, text)
    return linked if len(linked) <= limit else text
