"""Codes that give credit, a plan or access: used as often as they allow, and refused in the same words as others."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from core import holds
from core.actors import SYSTEM, Actor
from core.codes import codes
from core.codes.bearers import CodeBearer
from core.credit import gifts, grants, plans
from core.credit.report import wallet_of
from core.errors import BadChoice, LockedOut, NotFound
from core.reports.doctor import examine
from core.rules.codes import read_code
from core.rules.gifts import read_giving
from core.storage import guards
from core.talk_errors import BadAmount, CreditLimitExceeded
from core.teams import pools
from tests.support.credit import Bank, open_bank
from tests.support.crowds import let_in_together

PERSON = Actor("telegram", "1")


async def make(bank: Bank, gives: str, count: int = 1, **plan: Any) -> list[str]:
    _, made = await codes.generate_list(
        bank.core, SYSTEM, codes.BatchPlan(count=count, giving=read_giving(gives), **plan)
    )
    return made


async def take(bank: Bank, code: str, key: str = "r1", who: Actor = PERSON, **given: Any) -> gifts.Gift:
    text = read_code(code, await bank.core.shapes())
    given.setdefault("seats_follow", False)
    return (await gifts.take_gifts(bank.core, who, [text], request_key=key, **given))[0]


async def test_a_credit_code_fills_the_wallet_and_pays_a_question(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        [code] = await make(bank, "credit:0.5")
        given = await take(bank, code)
        assert (given.state, given.gives, given.amount, given.until) == ("given", "credit", 500_000, None)
        assert (await bank.ask("q1", actor=PERSON)).charged == 14
        assert await bank.left() == 500_000 - 14
        await bank.books_balance()
        assert [finding for finding in await examine(bank.core, SYSTEM) if finding.breaches] == []


async def test_the_same_code_and_the_same_request_give_once(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        [code] = await make(bank, "credit:1", uses=5)
        first = await take(bank, code)
        for key in ("r1", "another"):
            again = await take(bank, code, key)
            assert (again.amount, again.repeated) == (first.amount, True)
        assert await bank.left() == 1_000_000
        other = await take(bank, code, "r2", Actor("telegram", "2"))
        assert not other.repeated


async def test_a_person_gets_so_many_gifts_of_a_batch_and_no_other_batch_counts(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        few: dict[str, Any] = {"bearer": CodeBearer(per_person=2)}
        first, second, third = await make(bank, "credit:1", 3, **few)
        [elsewhere] = await make(bank, "credit:1", **few)
        assert [(await take(bank, code, code)).reason for code in (elsewhere, first, second)] == [None] * 3
        refused = await take(bank, third, third)
        assert (refused.reason, refused.facts) == ("person_limit", {"most": 2})
        assert await bank.left() == 3_000_000
        assert (await take(bank, third, "theirs", Actor("telegram", "2"))).state == "given"


async def test_twenty_people_and_one_code_make_one_winner(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        [code] = await make(bank, "credit:1")
        people = [Actor("telegram", str(number)) for number in range(20)]
        given = await asyncio.gather(*(take(bank, code, f"r{who.identity}", who) for who in people))
        assert Counter(one.reason or one.state for one in given) == {"given": 1, "code_refused": 19}
        assert await bank.value('SELECT sum("left") FROM wallets') == 1_000_000


async def test_without_the_guard_one_code_gives_to_several(postgres_url: str) -> None:
    async with open_bank(postgres_url) as bank:
        await bank.execute("ALTER TABLE codes DROP CONSTRAINT ck_codes_uses")
        [code] = await make(bank, "credit:1")
        people = [Actor("telegram", str(number)) for number in range(10)]
        with guards.without("code_uses"):
            given = asyncio.gather(*(take(bank, code, f"r{who.identity}", who) for who in people))
            await let_in_together(bank.url, "SELECT id FROM codes", given)
        assert sum(one.state == "given" for one in given.result()) > 1


async def test_a_plan_lasts_its_term_and_the_same_again_extends_it(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        first, second = await make(bank, "plan:vip", 2, term="1mo")
        until = (await take(bank, first)).until
        assert until is not None
        longer = (await take(bank, second, "r2")).until
        assert longer is not None
        assert timedelta(days=27) < longer - until < timedelta(days=32)
        found = await wallet_of(bank.core, PERSON, PERSON)
        assert (found.plan.name, found.plan_until) == ("vip", longer)


async def test_access_lets_somebody_make_keys(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        [code] = await make(bank, "access")
        await take(bank, code)
        assert (await wallet_of(bank.core, PERSON, PERSON)).plan.keys > 0


async def test_credit_that_ends_is_spent_first_and_over_at_its_end(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        [lasting] = await make(bank, "credit:1")
        [ending] = await make(bank, "credit:1", term="1d")
        await take(bank, lasting)
        await take(bank, ending, "r2")
        await bank.ask("q1")
        kinds = await bank.rows('SELECT w."left" FROM wallets w ORDER BY w.id')
        assert [row[0] for row in kinds] == [1_000_000, 1_000_000 - 14]
        await bank.execute("UPDATE wallets SET expires_at = created_at WHERE expires_at IS NOT NULL")
        from core.credit import sweep

        assert (await wallet_of(bank.core, PERSON, PERSON)).credit == 1_000_000
        assert (await sweep.end_terms(bank.core)).facts["wallets_ended"] == 1
        assert await bank.left() == 1_000_000
        await bank.books_balance()


async def test_unknown_codes_are_guesses_that_lock_out(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        [code] = await make(bank, "credit:1")
        wrong = [f"TEAM-{number:04d}-2345-6789-ABCD" for number in range(6)]
        for number, text in enumerate(wrong[:5]):
            assert (await take(bank, read_valid(text), f"w{number}")).reason == "code_refused"
        assert (await take(bank, code, "right")).reason == LockedOut.key
        assert await bank.left() == 0


def read_valid(text: str) -> str:
    """The code with the check symbol that fits."""
    from core.errors import Mistyped
    from core.rules.codes import DEFAULT_SHAPE

    for last in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
        try:
            return read_code(text[:-1] + last, [DEFAULT_SHAPE]).display
        except Mistyped:
            continue
    raise AssertionError(text)


async def test_a_code_that_gives_credit_gives_no_seat(database_url: str) -> None:
    from tests.support.house import open_house

    async with open_house(database_url) as house:
        _, [code] = await codes.generate_list(
            house.core, SYSTEM, codes.BatchPlan(count=1, giving=read_giving("credit:1"))
        )
        receipt = await house.redeem("a@example.com", code, key="r1")
        assert (receipt.state, receipt.reason) == ("refused", "code_gives_no_seat")
        # Four seats are free for codes that give seats; those that do not take none of them.
        batch, _ = await codes.generate_list(house.core, SYSTEM, codes.BatchPlan(count=4))
        assert batch.available_before == 4


async def test_a_pool_promises_no_more_credit_than_its_limit(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        pool = await pools.default_pool(bank.core, SYSTEM)
        await bank.execute(f"UPDATE pools SET credit_limit = 10000000 WHERE id = {pool.id}")
        made = await make(bank, "credit:2", 3)
        for number, code in enumerate(made[:2]):
            await take(bank, code, f"r{number}", Actor("telegram", str(number)))
        with pytest.raises(CreditLimitExceeded) as refused:
            await make(bank, "credit:2", 3)
        assert refused.value.facts == {"wanted": "6", "available": "4"}
        await bank.ask("q1", "telegram:0", actor=Actor("telegram", "0"))

        async def generate() -> int:
            try:
                return len(await make(bank, "credit:1", 2))
            except CreditLimitExceeded:
                return 0

        assert sum(await asyncio.gather(*(generate() for _ in range(6)))) == 4


@pytest.mark.parametrize("text", ["credit:-1", "credit:0", "credit:x", "credit:0.0000001", "credit:1e99"])
def test_amounts_that_are_none(text: str) -> None:
    with pytest.raises(BadAmount):
        read_giving(text)


@pytest.mark.parametrize("text", ["", "gold", "seat:1", "access:2", "plan:", "credit"])
def test_ways_that_are_none(text: str) -> None:
    with pytest.raises(BadChoice):
        read_giving(text)


async def test_staff_give_take_and_suspend_with_a_reason(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("2.5")
        await bank.grant("-1")
        await bank.grant("-100")
        assert await bank.left() == 0
        await bank.grant("vip")
        assert (await wallet_of(bank.core, PERSON, PERSON)).plan.name == "vip"
        assert await bank.value("SELECT count(*) FROM audit_log WHERE action LIKE 'credit.%'") == 3
        await bank.books_balance()
        await grants.set_standing(bank.core, SYSTEM, PERSON, "suspended", reason="a test")
        assert (await bank.ask("q")).reason == "suspended"


async def test_a_code_that_cannot_be_used_gives_nothing_whatever_the_reason(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        [code] = await make(bank, "credit:1")
        spoilt = {
            "UPDATE codes SET status = {}": ("'disabled'", "'active'", "code_refused"),
            "UPDATE batches SET expires_at = {}": ("created_at", "NULL", "code_refused"),
            "UPDATE pools SET enabled = {}": ("false", "true", "code_refused"),
            "UPDATE batches SET suspended_at = {}": ("created_at", "NULL", "restored_wait"),
        }
        for number, (statement, (bad, good, reason)) in enumerate(spoilt.items()):
            await bank.execute(statement.format(bad))
            stranger = Actor("telegram", f"s{number}")
            assert (await take(bank, code, f"bad {number}", stranger)).reason == reason
            await bank.execute(statement.format(good))
        known = {"backup_at": None, "noted_at": bank.core.now(), "why": "restored"}
        await bank.core.write(holds.put, holds.RESTORED, known, bank.core.now())
        for number, one in enumerate((code, read_valid("TEAM-0001-2345-6789-ABCD"))):
            assert (await take(bank, one, f"restored {number}")).reason == "restored_wait"
        await bank.core.write(holds.lift, holds.RESTORED)
        assert (await take(bank, code, "good")).state == "given"


async def test_anothers_request_key_gives_nothing(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        [code] = await make(bank, "credit:1", uses=5)
        assert (await take(bank, code, "r1")).state == "given"
        assert (await take(bank, code, "r1", Actor("telegram", "2"))).reason == "request_key_reused"


async def test_a_request_key_stands_for_one_code_and_gives_nothing_for_another(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        first, second = await make(bank, "credit:1", 2)
        [third] = await make(bank, "credit:1")
        await bank.execute("DELETE FROM codes WHERE id = 3")
        await take(bank, first)
        for other in (second, third):
            assert (await take(bank, other)).reason == "request_key_reused"
        assert await bank.left() == 1_000_000
        assert (await take(bank, second, "r2")).state == "given"


async def test_what_a_plan_left_behind_is_not_spent_when_it_is_over(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await plans.set_plan(bank.core, SYSTEM, "free", allowance=1_000_000, per_hour=100_000)
        assert (await bank.ask("q1")).charged == 14
        await plans.set_plan(bank.core, SYSTEM, "free", allowance=0, per_hour=0)
        assert (await bank.ask("q2")).reason == "not_enough_credit"
        await plans.set_plan(bank.core, SYSTEM, "gold", new=True, allowance=1_000_000)
        [code] = await make(bank, "plan:gold", term="1d")
        await take(bank, code)
        assert (await bank.ask("q3")).charged == 14
        await bank.execute("UPDATE memberships SET until_at = began_at")  # its moment has come, its sweep has not
        assert (await bank.ask("q4")).reason == "not_enough_credit"
        await bank.books_balance()


async def test_a_plan_has_one_name_however_it_is_written(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await plans.set_plan(bank.core, SYSTEM, "Gold", new=True)
        for name in ("\uff27old", "GOLD"):
            assert (await plans.set_plan(bank.core, SYSTEM, name, new=True)).name == "gold"
        assert await bank.value("SELECT count(*) FROM plans") == 1


async def test_codes_for_a_plan_that_there_is_not_are_not_made(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        with pytest.raises(NotFound):
            await make(bank, "plan:vpi")
        await plans.set_plan(bank.core, SYSTEM, "Gold", new=True)
        assert len(await make(bank, "plan:GOLD")) == 1
