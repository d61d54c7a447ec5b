"""A real process is killed around the sending of a notice: nothing is lost, and one message is repeated at most."""

from __future__ import annotations

import signal
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from bots.outgoing.delivery import Delivery
from core import outbox
from core.clock import MovedClock
from core.notices.deliveries import LEASE
from core.service import open_core
from tests.support.house import KEY, settings_for
from tests.support.paper import Paper
from tests.support.processes import Processes

SENDER = """
import asyncio, sys
from pathlib import Path
from bots.outgoing.delivery import Delivery
from core.service import open_core
from core.settings import load_settings
from tests.support.paper import Paper

async def main():
    path, kill, when = sys.argv[1:]
    async with open_core(load_settings()) as core:
        await Delivery(core, {"telegram": Paper(Path(path), kill=int(kill), when=when)}).run_once()

asyncio.run(main())
"""


@pytest.mark.parametrize(("when", "repeated"), [("before", 0), ("after", 1)])
async def test_killed_around_the_sending_it_repeats_one_at_most(
    database_url: str, processes: Processes, tmp_path: Path, when: str, repeated: int
):
    import asyncio

    paper = Paper(tmp_path / "sent")
    count = 12
    async with open_core(settings_for(database_url)) as core:
        for number in range(count):
            facts = {"address": "ann@example.com", "team": "Alpha", "code": f"{number:04}"}
            await core.write(outbox.put, "telegram", "7", outbox.Notice("invited", facts), core.now())
    environment = {"USHER_DATABASE__URL": database_url, "USHER_VAULT__KEYS__k1": KEY}
    killed = await asyncio.to_thread(
        lambda: processes.start_python("-c", SENDER, paper.path, "5", when, **environment).finish()
    )
    assert killed.code == -signal.SIGKILL, str(killed)
    assert len(paper.lines()) == (4 if when == "before" else 5)

    async with open_core(settings_for(database_url)) as core:
        later = MovedClock(await core.database.now() + LEASE + timedelta(seconds=1))
    async with open_core(settings_for(database_url), clock=later) as core:
        await Delivery(core, {"telegram": paper}).run_once()
    keys = [line["key"] for line in paper.lines()]
    times = Counter(keys)
    assert len(times) == count, "a notice was lost"
    assert sum(times.values()) - count == repeated
    assert list(dict.fromkeys(keys)) == sorted(times, key=lambda key: int(key.rpartition("-")[2])), "out of order"
