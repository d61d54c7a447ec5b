"""Twenty processes ask at once on one wallet: the headline promise, with real processes and a real HTTP upstream."""

from __future__ import annotations

import asyncio
from collections import Counter

from core.rules.money import amount_text
from tests.support.asking import MODEL, open_asked
from tests.support.processes import Processes

QUESTION = "How are you?"
CLAIM = (6 + 8) + 2 * 300


async def test_twenty_processes_and_credit_for_one(database_url: str, processes: Processes) -> None:
    async with open_asked(database_url, slots=20) as asked:
        await asked.grant(amount_text(CLAIM))
        wish = ("ask", "--as", "telegram:1", "-m", MODEL, QUESTION, "--most", "300", "--json")
        running = [processes.start(*wish, **asked.environment, USHER_TALK__SHORTEST_OUTPUT="300") for _ in range(20)]
        finished = await asyncio.gather(*(asyncio.to_thread(one.finish, timeout=240) for one in running))
        assert not [str(one) for one in finished if one.code not in {0, 1}]
        outcome = Counter((one.code, one.json()["reason"] or one.json()["state"]) for one in finished)
        # Who comes after the first one has settled may be served from what it gave back, but never beyond it.
        served = outcome[0, "settled"]
        assert served >= 1
        assert outcome[1, "not_enough_credit"] == 20 - served
        assert len(asked.bill()) == served
        charged = sum(call["input"] + 2 * call["output"] for call in asked.bill())
        assert await asked.left() == CLAIM - charged
        await asked.books_balance()
