"""What every upstream promises, asked of both: the adapter over HTTP and the one without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from random import Random

import pytest

from core.clock import Clock
from core.models.protocol import (
    Account,
    Began,
    Broke,
    CallRefused,
    CallUnavailable,
    CallUnclear,
    Finished,
    Offer,
    Offers,
    Question,
    Sent,
    Text,
    Upstream,
    Usage,
)
from core.sandbox import Sandbox, chat_texts
from core.sandbox.chat_accounts import MODELS, ModelHouse
from core.sandbox.chat_direct import DIRECT_FAULTS, DirectUpstream
from tests.models.asking import ask, ending, open_source, question, text, usage

INPUT = chat_texts.count_input(question().messages)

# fault → the kind of ending, and the usage where there is one. `cut` strikes anywhere in the one, after 3 in the other.
ENDS = {
    "": (Finished, Usage(INPUT, 20, 0, 0)),
    "429": (CallUnavailable, None),
    "401": (CallUnavailable, None),
    "500": (CallUnclear, None),
    "cut": (Broke | CallUnclear, None),
    "no-usage": (Finished, None),
    "usage-zero": (Finished, Usage(0, 0, 0, 0)),
    "usage-negative": (Finished, Usage(-INPUT, -20, 0, 0)),
    "usage-huge": (Finished, Usage(INPUT + 10**12, 20 + 10**12, 0, 0)),
    "empty-answer": (Finished, Usage(INPUT, 0, 0, 0)),
}


class Side:
    """One implementation with its house and its way of being told a fault."""

    def __init__(self, house: ModelHouse, upstream: Upstream, tell: Callable[[str], None]) -> None:
        self.house = house
        self.upstream = upstream
        self.tell = tell


@pytest.fixture(params=["openai_compatible", "direct"])
def side(request, sandbox: Sandbox, http) -> Side:
    if request.param == "openai_compatible":

        def tell(fault: str) -> None:
            sandbox.set_faults([f"{fault}=3" if fault == "cut" else fault])

        return Side(sandbox.models.house, open_source(sandbox, http), tell)
    house = ModelHouse(4, 1, Clock())
    faults: dict[str, float] = {}
    key = house.accounts["account-1"].key
    return Side(
        house,
        DirectUpstream(Account("direct", "", key), house, Random(1), faults, silence=0.01),
        lambda fault: faults.update({fault: 1.0}),
    )


def test_the_table_names_what_the_direct_one_can_be_told():
    assert set(ENDS) - {""} == set(DIRECT_FAULTS) - {"refused", "lost", "stall"}


@pytest.mark.parametrize("fault", ENDS)
async def test_each_ending_is_the_same_on_both_sides(side, fault):
    if fault:
        side.tell(fault)
    events = await ask(side.upstream)
    kind, counted = ENDS[fault]
    assert isinstance(ending(events), kind)
    assert usage(events) == counted


async def test_an_answer_comes_piece_by_piece_and_is_the_same_again(side):
    first, second = await ask(side.upstream), await ask(side.upstream)
    assert [type(event) for event in first[:3]] == [Sent, Began, Text]
    assert ending(first) == Finished("stop")
    assert text(first) == text(second) == "".join(chat_texts.answer("sandbox-small", question().messages, 1))


async def test_the_bound_is_kept_and_told(side):
    events = await ask(side.upstream, question("chinese 90", most=8))
    assert ending(events) == Finished("length")
    assert chat_texts.count(text(events)) == 8


async def test_a_model_it_does_not_have_and_a_question_too_long(side):
    assert ending(await ask(side.upstream, question(model="another"))) == CallUnavailable("no_model", "status 404")
    long = question("x" * 4 * MODELS["sandbox-small"])
    assert ending(await ask(side.upstream, long)) == CallRefused("too_long", "status 400")
    assert side.house.bill == []


async def test_its_offers_are_complete_and_say_what_is_left(side):
    assert await side.upstream.offers() == Offers(tuple(Offer(model) for model in MODELS))
    side.house.limit({"quota": 1000, "used": 900}, account="account-1")
    offers = await side.upstream.offers()
    assert isinstance(offers, Offers)
    assert {(offer.fraction, offer.limit_group) for offer in offers.models} == {(1.0, "org-1")}
    side.house.limit({"used": 900}, account="account-1")
    offers = await side.upstream.offers()
    assert isinstance(offers, Offers)
    assert offers.models[0].fraction == pytest.approx(0.1)
    assert offers.models[0].resets_at is not None


async def test_a_quota_that_is_used_up_and_a_minute_that_is_full(side):
    side.house.limit({"rpm": 1}, group="org-1")
    assert ending(await ask(side.upstream)) == Finished("stop")
    full = ending(await ask(side.upstream))
    assert isinstance(full, CallUnavailable)
    assert full.reason == "rate_limited"
    assert full.retry_after is not None
    assert 1 <= full.retry_after <= 60
    side.house.limit({"rpm": None, "quota": 10}, group="org-1")
    spent = ending(await ask(side.upstream))
    assert isinstance(spent, CallUnavailable)
    assert spent.reason == "exhausted"


@pytest.mark.parametrize("after", [0, 1, 5])
async def test_leaving_early_ends_the_call_there(side, after):
    """Neither more events nor a token more on the bill than were made until then."""
    got = 0
    async with aclosing(side.upstream.ask(question("english 5000", most=5000))) as events:
        async for event in events:
            got += isinstance(event, Text)
            if got >= after and isinstance(event, Sent | Text):
                break
    (entry,) = await closed_bill(side.house, at_least=0 if after == 0 else 1) or (None,)
    if entry is not None:
        assert entry.aborted
        assert got <= entry.output < 5000
    assert side.house.accounts["account-1"].running == 0


async def test_cancelling_whoever_listens_ends_the_call(side):
    began = asyncio.Event()

    async def listen() -> None:
        async for event in side.upstream.ask(question("english 5000", most=5000)):
            if isinstance(event, Text):
                began.set()

    async with asyncio.TaskGroup() as group:
        listening = group.create_task(listen())
        await began.wait()
        listening.cancel()
    (entry,) = await closed_bill(side.house)
    assert entry.aborted
    assert entry.output < 5000


async def test_many_at_once_do_not_mix(side):
    asked = [question(f"echo {number} and nothing else") for number in range(20)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask(side.upstream, each)) for each in asked]
    assert [text(task.result()) for task in tasks] == [f"{number} and nothing else" for number in range(20)]
    assert side.house.accounts["account-1"].peak > 1


async def test_a_key_that_is_not_known(side, sandbox, http):
    wrong = Account("openai_compatible", sandbox.sources()[0]["base_url"], "sk-wrong")
    if isinstance(side.upstream, DirectUpstream):
        upstream: Upstream = DirectUpstream(wrong, side.house, Random(1))
    else:
        upstream = type(side.upstream)(wrong, http, side.upstream._bounds)
    for answer in (ending(await ask(upstream)), await upstream.offers()):
        assert answer == CallUnavailable("credential", "status 401")


async def closed_bill(house: ModelHouse, at_least: int = 1):
    """The bill once nothing runs any more."""
    async with asyncio.timeout(240):
        while len(house.bill) < at_least or any(entry.open for entry in house.bill):  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # the other side of a socket has no event to set
    return list(house.bill)


async def test_without_a_question_in_time_nothing_has_left(side):
    """The generator does nothing before its first step."""
    unasked = side.upstream.ask(Question("sandbox-small", [], 1))
    await unasked.aclose()
    await asyncio.sleep(0.02)
    assert side.house.bill == []
