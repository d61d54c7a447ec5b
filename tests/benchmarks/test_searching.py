"""Finding words in 5,000 messages of one person, against opening the same ciphertexts and nothing else.

Processor time of the process, its threads included: both are done in one, and the machine may do other things.
"""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from core.actors import Actor
from core.people.people import person_of
from core.service import Core
from core.storage.chat_tables import conversations, messages
from core.talk.contents import Said, new_reference, seal, unseal
from core.talk.searching import search
from tests.benchmarks.figures import report
from tests.support.house import open_house

pytestmark = pytest.mark.bench

PERSON = Actor("telegram", "7")
MESSAGES, BYTES, ROUNDS = 5_000, 1_300, 7
SENTENCE = "What was said here about the harbour, its lights and its ships. "
MOST = 2.0
"""Times what opening them takes; `WITHIN` more of it is what the rounds of one run differ by."""
WITHIN = 1.2


def _written(tx: sa.Connection, core: Core) -> None:
    now = core.now()
    talk = {"reference": new_reference(), "platform": "telegram", "place": "7", "created_at": now, "changed_at": now}
    person_id = person_of(tx, PERSON.platform, PERSON.identity, now)
    begun = sa.insert(conversations).values(person_id=person_id, **talk).returning(conversations.c.id)
    talk_id = tx.execute(begun).scalar_one()
    text = (SENTENCE * (BYTES // len(SENTENCE) + 1))[:BYTES]
    rows = [
        {
            "conversation_id": talk_id,
            "reference": (reference := new_reference()),
            "role": "user" if number % 2 == 0 else "assistant",
            "model": None if number % 2 == 0 else "small",
            "state": "complete",
            "person_id": person_id if number % 2 == 0 else 0,
            "content": seal(core.vault, reference, Said(f"{number} {text}")),
            "size": BYTES,
            "made_at": now,
        }
        for number in range(MESSAGES)
    ]
    tx.execute(sa.insert(messages), rows)


def _sealed(tx: sa.Connection) -> list[sa.Row[tuple[str, bytes]]]:
    return list(tx.execute(sa.select(messages.c.reference, messages.c.content)))


async def test_a_word_in_five_thousand_messages(database_url: str, backend: str) -> None:
    async with open_house(database_url, workspaces=0) as house:
        core = house.core
        await core.write(_written, core)
        sealed = await core.read(_sealed)
        assert len(sealed) == MESSAGES
        took, floors = [], []
        for round_ in range(ROUNDS + 1):
            began = time.process_time()
            for row in sealed:
                unseal(core.vault, row)
            opened = time.process_time()
            assert not await search(core, PERSON, "a lighthouse that nobody spoke of")
            found = time.process_time()
            if round_:
                floors.append(1000 * (opened - began))
                took.append(1000 * (found - opened))
        assert len(await search(core, PERSON, "4998 WHAT was")) == 1
    ratio = report(
        f"talk.search.{backend}", took, "ms of CPU for 5,000 messages", floors, floor_name="opening them alone"
    )
    assert ratio <= MOST * WITHIN
