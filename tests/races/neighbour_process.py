"""The process that `Neighbour` starts: it opens the file of a meeting and runs one side of it."""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import ExitStack
from multiprocessing.connection import Connection
from typing import Any

from core.clock import MovedClock
from core.providers.http import HttpClient, Limits
from core.settings import Settings
from core.storage import guards
from core.storage.sqlite import WRITER
from tests.races.all_operations import SITUATIONS
from tests.races.matrix import listening, tried
from tests.races.neighbour import SIDE, Asked, Ended, Wish
from tests.races.upstream import Distant
from tests.races.world import World, core_on, on_file


async def serve(pipe: Connection) -> None:
    """Do what is wished, one after the other, until nobody is at the other end."""
    settings: Settings = pipe.recv()
    while True:
        try:
            wish = pipe.recv()
        except EOFError:
            return
        pipe.send(Ended(await _run(pipe, settings, wish)))


async def _run(pipe: Connection, settings: Settings, wish: Wish) -> list[str]:
    sending = threading.Lock()

    def say(what: Any) -> None:
        with sending:  # statements come from the threads of the database
            pipe.send(what)

    def say_written(statement: str) -> None:
        if threading.current_thread().name == WRITER:
            say(statement)

    def ask(name: str, *arguments: Any) -> Any:
        say(Asked(name, arguments))
        return pipe.recv()

    clock = MovedClock(wish.now)
    upstream = Distant(clock, ask)
    database = on_file(settings.database.url)
    database.slow_statements.before = say_written
    http = HttpClient(Limits(connect=1, total=1))
    core = core_on(settings, database, http, clock, upstream)
    [operation] = [one for one in SITUATIONS[wish.situation].operations if one.name == wish.operation]
    try:
        with ExitStack() as without:
            for guard in wish.off:
                without.enter_context(guards.without(guard))
            async with listening() as heard:
                heard.extend(await tried(operation, World({SIDE: core}, upstream, clock, wish.notes), SIDE))
        return heard
    finally:
        await http.aclose()
        await database.close()


if __name__ == "__main__":
    asyncio.run(serve(Connection(int(sys.argv[1]))))
