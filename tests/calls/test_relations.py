"""What must not matter does not: the database, the size of chunks, an idle account, a name; and revoking counts at once."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from core.actors import SYSTEM, Actor
from core.calls import calls
from core.calls.orders import CallOrder
from core.codes import codes
from core.credit import gifts, grants, plans
from core.models.protocol import (
    Began,
    Broke,
    CallRefused,
    CallUnavailable,
    CallUnclear,
    Event,
    Finished,
    Question,
    Sent,
    Text,
    Usage,
)
from core.people.people import person_of
from core.reports.credit_checks import CREDIT
from core.reports.doctor import examine
from core.rules.codes import read_code
from core.rules.gifts import read_giving
from core.sources import sources
from core.storage.guards import without
from core.storage.talk_tables import calls as call_rows
from core.storage.talk_tables import keys
from tests.races.halting import Gate
from tests.support.credit import HELLO, Bank, failing, open_bank, saying

STEPS = 30
Fresh: TypeAlias = Callable[[str], str]
"""Makes one more database of a backend, and says its URL."""


@pytest.fixture
def fresh(sqlite_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fresh]:
    made: list[str] = []

    def one_more(backend: str) -> str:
        if backend == "sqlite":
            copy = shutil.copy(sqlite_url.removeprefix("sqlite+aiosqlite:///"), tmp_path / f"copy-{len(made)}.db")
            made.append(f"sqlite+aiosqlite:///{copy}")
        else:
            made.append(request.getfixturevalue("postgres").create_database())
        return made[-1]

    yield one_more
    for url in made:
        if not url.startswith("sqlite"):
            request.getfixturevalue("postgres").drop_database(url)


async def play(url: str, seed: int) -> list[Any]:
    """A sequence of everything that touches credit, drawn from a seed; what each step came to."""
    dice = random.Random(seed)
    told: list[Any] = []
    async with open_bank(url, accounts=("one", "two"), sources={"policy": "fill_first"}) as bank:
        await plans.set_plan(bank.core, SYSTEM, "free", allowance=0)
        for step in range(STEPS):
            who = f"telegram:{dice.randint(1, 3)}"
            wish = dice.choice(["ask"] * 6 + ["grant", "code", "take", "pause", "suspend"])
            if wish == "ask":
                bank.desk.usual = _answers(dice)
                answer = await bank.ask(f"q{step}", who, most_output=dice.randint(1, 400))
                told.append((answer.finish, answer.reason, answer.claimed, answer.charged, answer.absorbed))
            elif wish == "grant":
                await bank.grant(dice.choice(["0.001", "0.0003", "2"]), who)
            elif wish == "take":
                await bank.grant("-0.0005", who)
            elif wish == "code":
                plan = codes.BatchPlan(count=1, giving=read_giving(dice.choice(["credit:0.002", "plan:vip"])))
                _, [code] = await codes.generate_list(bank.core, SYSTEM, plan)
                text = read_code(code, await bank.core.shapes())
                payer = grants.read_identity(who)
                given = await gifts.take_gifts(bank.core, payer, [text], request_key=f"r{step}", seats_follow=False)
                told.append([(one.state, one.amount, one.plan) for one in given.values()])
            elif wish == "pause":
                await sources.change_source(bank.core, SYSTEM, dice.choice(["one", "two"]), enabled=dice.random() < 0.7)
            else:
                standing = dice.choice(["active", "active", "suspended"])
                await grants.set_standing(bank.core, SYSTEM, grants.read_identity(who), standing, reason="drawn")
        await bank.books_balance()
        assert [finding for finding in await examine(bank.core, SYSTEM) if finding.breaches] == []
        told.append([await bank.left(f"telegram:{number}") for number in (1, 2, 3)])
    return told


def _answers(dice: random.Random) -> Any:
    usage = dice.choice([None, Usage(10, 30), Usage(5, 1, cached=3), Usage(-1, 3), Usage(21, 400), Usage(42, 440)])
    words = ["word "] * dice.randint(1, 40)
    return dice.choice(
        [
            saying(*words, usage=usage),
            saying(*words, usage=usage, ending=Broke("reset")),
            failing(CallRefused("filtered"), sent=True),
            failing(Finished("stop"), sent=True),
            failing(CallUnavailable("unreachable")),
            failing(CallUnclear("reset"), sent=True),
        ]
    )


async def test_both_databases_give_the_same_amounts(sqlite_url: str, postgres_url: str, fresh: Fresh) -> None:
    other = fresh("sqlite")
    assert await play(sqlite_url, 7) == await play(postgres_url, 7) != await play(other, 8)


async def test_whatever_happens_the_books_balance(database_url: str) -> None:
    told = await play(database_url, 11)
    assert any(isinstance(one, tuple) and one[3] for one in told)


async def test_chunks_and_idle_accounts_and_names_change_no_amount(
    database_url: str, backend: str, fresh: Fresh
) -> None:
    text = "The harbour master counts the lanterns, 港口 too. " * 3
    ways = [[text], list(text), [text[:7], text[7:9], text[9:]]]
    paid = set()
    elsewhere = fresh(backend)
    for url, accounts in ((database_url, ("main",)), (elsewhere, ("renamed", "idle", "idler"))):
        async with open_bank(url, accounts=accounts) as bank:
            await bank.grant("1")
            for number, chunks in enumerate(ways if url == database_url else ways[:1]):
                bank.desk.usual = saying(*chunks)
                paid.add((await bank.ask(f"q{number}", most_output=300)).charged)
            bank.desk.usual = saying(text, text)
            assert (await bank.ask("more", most_output=300)).charged not in paid, "what matters does"
    assert len(paid) == 1


async def make_key(bank: Bank, who: Actor) -> int:

    def insert(tx: sa.Connection) -> int:
        person_id = person_of(tx, who.platform, who.identity, bank.core.now())
        row = {"person_id": person_id, "digest": b"k" * 32, "last4": "abcd", "name": "k", "created_at": bank.core.now()}
        return int(tx.execute(sa.insert(keys).values(**row).returning(keys.c.id)).scalar_one())

    return await bank.core.write(insert)


async def test_after_revoking_a_key_no_call_begins(database_url: str) -> None:
    async with open_bank(database_url, slots=50) as bank:
        await bank.grant("1")
        key = await make_key(bank, Actor("telegram", "1"))
        served = asyncio.Event()

        def revoke(tx: sa.Connection) -> int:
            """The last call that had begun when the key was revoked; whoever claims with it holds it until the commit."""
            tx.execute(sa.update(keys).where(keys.c.id == key).values(state="revoked"))
            return int(tx.execute(sa.select(sa.func.max(call_rows.c.id))).scalar_one())

        async def ask(number: int) -> None:
            for again in range(1000):
                if (await bank.ask(f"q{number}:{again}", key_id=key)).reason == "key_revoked":
                    return
                served.set()
            raise AssertionError("the key is never revoked")

        async with asyncio.TaskGroup() as group:
            for number in range(8):
                group.create_task(ask(number))
            await served.wait()
            last = await bank.core.write(revoke)
        assert await bank.value(f"SELECT count(*) FROM calls WHERE state = 'settled' AND id > {last}") == 0


@pytest.mark.parametrize("guarded", [True, False])
async def test_one_source_at_most_speaks_in_an_answer(database_url: str, guarded: bool) -> None:
    """Each account marks its words; after the first of them no other one is heard, but for the guard."""

    def marking(mark: str, breaks: bool) -> Any:
        async def answer(question: Question) -> AsyncGenerator[Event, None]:
            yield Sent()
            yield Began()
            for _ in range(3):
                yield Text(f"{mark} ")
            yield Broke("cut") if breaks else Finished("stop")

        return answer

    async with open_bank(database_url, accounts=("a", "b", "c")) as bank:
        await bank.grant("1")
        for number, mark in enumerate("abc"):
            bank.desk.by_key[f"sk-{mark}"] = marking(mark, number != 1)
        heard = set()
        with nullcontext() if guarded else without("first_token"):
            for number in range(12 if guarded else 6):
                order = CallOrder(f"m{number}", HELLO, "test")
                answer = await calls.ask(bank.core, SYSTEM, order, payer=Actor("telegram", "1"))
                heard.add(len(set((answer.text or "").split())))
        assert (heard == {1}) is guarded, heard


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_key_is_not_revoked_between_being_read_and_being_used(postgres_url: str, guarded: bool) -> None:
    """The claim is halted after it has read the key. On SQLite there is one writer, who cannot lose this race."""
    async with open_bank(postgres_url) as bank:
        await bank.grant("1")
        key = await make_key(bank, Actor("telegram", "1"))
        gate = Gate(bank.core.database, words="INSERT INTO calls")

        async def revoke() -> int:
            """How many calls had begun when the key was revoked."""
            engine = create_async_engine(postgres_url, poolclass=sa.NullPool)
            async with engine.begin() as other:
                await other.execute(sa.update(keys).where(keys.c.id == key).values(state="revoked"))
                begun = await other.scalar(sa.select(sa.func.count()).select_from(call_rows))
            await engine.dispose()
            return int(begun or 0)

        with nullcontext() if guarded else without("key_kept"):
            asking = asyncio.create_task(bank.ask("q1", key_id=key))
            await gate.reached.wait()
            revoking = asyncio.create_task(revoke())
            if not guarded:
                await revoking
            gate.leave()
            answer, begun = await asyncio.gather(asking, revoking)
        assert answer.finish == "whole"
        assert (begun == 1) is guarded, "a call began after the commit that revoked its key"


@pytest.mark.parametrize("lost", ["", '"left" = "left" - 1', "claimed = claimed + 1"])
async def test_in_every_committed_moment_the_ledger_is_the_wallets_and_claims_are_of_open_calls(
    database_url: str, lost: str
) -> None:
    """Somebody looks all the while; a movement without its line, or its call, is seen at once."""
    names = {"ledger_reproduces_wallets", "claims_are_of_open_calls"}
    oracles = [check.offenders for check in CREDIT if check.name in names]
    seen: list[int] = []
    async with open_bank(database_url, slots=20) as bank:
        await bank.grant("1")
        bank.desk.usual = saying("a", " b", " c", usage=Usage(10, 3), pause=0.01)
        asking = [asyncio.create_task(bank.ask(f"q{number}", most_output=50)) for number in range(8)]
        while not all(task.done() for task in asking):
            seen += [len(await bank.rows(oracle)) for oracle in oracles]
        await asyncio.gather(*asking)
        if lost:
            await bank.execute(f"UPDATE wallets SET {lost}")
        seen += [len(await bank.rows(oracle)) for oracle in oracles]
    assert len(seen) > 2
    assert any(seen) is bool(lost), seen
