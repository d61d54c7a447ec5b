"""Ports that nobody listens on."""

from __future__ import annotations

import errno
import os
import random
import socket
from collections.abc import Iterator
from itertools import islice

WORKERS = 16
"""Workers of one test run that are kept apart from each other."""
RANGE = range(10_240, 32_768)
"""Below those that the system gives to outgoing connections (from 32,768 on Linux), one of which may come in between."""


def _numbers() -> Iterator[int]:
    """Each once in this process, so that nobody is given what another test may listen on still, or again."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    mine = [number for number in RANGE if number % WORKERS == worker]
    random.Random(os.getpid()).shuffle(mine)
    while True:
        yield from (number for number in mine if _is_free(number))


def _is_free(number: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", number)):
            return True
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return False


_given = _numbers()


def free_ports(many: int) -> list[int]:
    """So many different ones, free a moment ago."""
    return list(islice(_given, many))


def free_port() -> int:
    """One of them."""
    return next(_given)
