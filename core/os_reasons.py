"""What the operating system says when it refuses, as something that can be said in any language."""

from __future__ import annotations

import errno
from typing import Final, Self

_OF_KIND: Final = {"gaierror": "EAI", "SSLError": "ESSL", "TimeoutError": "ETIMEDOUT"}
"""Errors whose number is another table's or missing."""


class OsReason(str):
    """Why a file or a connection is not to be had.

    As a string it is the system's own sentence, as the log has it. `code` is the error's name (`ENOENT`), which is the
    same on every machine and has words in `bots/messages/locales`; where the system gave no number, the kind of error.
    """

    __slots__ = ("code",)

    code: str

    def __new__(cls, error: OSError) -> Self:
        kinds = [kind.__name__ for kind in type(error).__mro__]
        made = super().__new__(cls, error.strerror or type(error).__name__)
        named = next((_OF_KIND[kind] for kind in kinds if kind in _OF_KIND), None)
        made.code = named or errno.errorcode.get(error.errno or 0) or (str(error.errno) if error.errno else kinds[0])
        return made
