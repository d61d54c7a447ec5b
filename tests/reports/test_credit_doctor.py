"""Every check of the second wing finds what is planted, and nothing where all is well."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM
from core.models.protocol import Usage
from core.reports.credit_checks import CREDIT
from core.reports.doctor import examine
from core.reports.server_checks import KEEPS
from tests.support.credit import Bank, open_bank, saying

LATE = "'2020-01-01'"

_PARENT = (
    "INSERT INTO parents (source_id, adapter, base_url, credential, last4, for_all, concurrency, created_at) "
    "SELECT id, 'plugin', 'http://127.0.0.1', {bytes}, 'AAAA', false, 1, created_at FROM sources LIMIT 1"
)
_CHILD = (
    "INSERT INTO subaccounts (parent_id, person_id, name, state, reference, source_id, sends, looks, sent_at, created_at, "
    "due_at) SELECT id, 99, 'x', 'STATE', 'r', source_id, 1, 0, created_at, created_at, DUE FROM parents"
)

PLANTS = {
    "wallet_not_below_zero": ['UPDATE wallets SET "left" = -1'],
    "charged_within_claim": ["UPDATE call_parts SET charged = claimed + 1"],
    "ledger_reproduces_wallets": ['UPDATE wallets SET "left" = "left" + 1'],
    "claims_are_of_open_calls": ["UPDATE wallets SET claimed = claimed + 5"],
    "call_is_its_parts": ["UPDATE calls SET charged = charged + 1"],
    "slot_is_of_an_open_call": ["UPDATE source_slots SET state = 'busy', call_id = 1 WHERE number = 1"],
    "call_has_its_slot": [
        "UPDATE calls SET state = 'streaming', ended_at = NULL, due_at = made_at + {hour}",
        "DROP INDEX uq_source_slots_call",
        "UPDATE source_slots SET state = 'busy', call_id = 1 WHERE number IN (1, 2)",
    ],
    "source_has_its_slots": ["UPDATE sources SET concurrency = 1"],
    "no_call_without_an_attempt": ["DELETE FROM call_attempts"],
    "one_source_answers": [
        (
            "INSERT INTO call_attempts (call_id, number, source_id, outcome, possible_loss, sent_at) "
            "SELECT call_id, 2, source_id, 'unavailable', possible_loss, sent_at FROM call_attempts"
        )
    ],
    "no_source_is_asked_twice": [
        (
            "INSERT INTO call_attempts (call_id, number, source_id, outcome, possible_loss, sent_at) "
            "SELECT call_id, 2, source_id, outcome, possible_loss, sent_at FROM call_attempts"
        )
    ],
    "billed_covers_charged": ["UPDATE calls SET billed = 0"],
    "no_call_is_forgotten": ["UPDATE calls SET state = 'sending', ended_at = NULL, due_at = NULL"],
    "subaccount_is_its_persons": [_PARENT, _CHILD.replace("STATE", "ready").replace("DUE", "NULL")],
    "no_subaccount_is_forgotten": [_PARENT, _CHILD.replace("STATE", "sending").replace("DUE", "created_at - {hour}")],
    "gift_is_in_the_ledger": [
        (
            "INSERT INTO batches (pool_id, kind, maker, term, codes, created_at, gives) "
            "SELECT id, 'general', 'x', '1mo', 0, created_at, 'credit' FROM pools"
        ),
        "INSERT INTO codes (batch_id, digest, cipher, last4, max_uses) SELECT id, {bytes}, {bytes}, 'AAAA', 1 FROM batches",
        (
            "INSERT INTO gifts (request_key, code_id, person_id, gives, amount, platform, identity, created_at) "
            "SELECT 'g', c.id, 1, 'credit', 5, 'telegram', '1', b.created_at FROM codes c JOIN batches b ON b.id = c.batch_id"
        ),
    ],
    "allowance_has_its_cause": [
        (
            'INSERT INTO wallets (person_id, kind, quota_group, "left", cap, per_hour, refilled_at, origin, created_at) '
            "SELECT id, 'shared', '', 0, 5, 1, created_at, 'lending', created_at FROM people"
        ),
        (
            'INSERT INTO wallets (person_id, kind, quota_group, "left", cap, per_hour, refilled_at, origin, created_at) '
            "SELECT id, 'allowance', '', 0, 5, 1, created_at, 'plan:vip', created_at FROM people"
        ),
    ],
    "ended_credit_is_gone": ["UPDATE wallets SET expires_at = created_at - {hour}"],
}
HOUR = {"sqlite": "3600000000", "postgresql": "interval '1 hour'"}
BYTES = {"sqlite": "x'00'", "postgresql": "'\\x00'::bytea"}
CONSTRAINTS = (("wallets", "left"), ("call_parts", "charged"), ("calls", "charged"), ("calls", "ended"))


async def lived_in(bank: Bank) -> None:
    from core.teams import pools

    await pools.create_pool(bank.core, SYSTEM, "default")
    await bank.grant("1")
    bank.desk.usual = saying("some", " words", usage=Usage(10, 2))
    await bank.ask("q1")


async def spoken(bank: Bank) -> set[str]:
    found = await examine(bank.core, SYSTEM)
    return {one.name for one in found if (one.breaches or one.warnings) and one.name != KEEPS[0]}


async def test_a_bank_that_was_lived_in_is_well(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await lived_in(bank)
        assert await spoken(bank) == set()


def test_every_check_has_its_plant() -> None:
    assert PLANTS.keys() == {check.name for check in CREDIT}


@pytest.mark.parametrize("name", PLANTS)
async def test_what_is_planted_is_found(database_url: str, backend: str, name: str) -> None:
    async with open_bank(database_url) as bank:
        await lived_in(bank)
        pragma = ["PRAGMA ignore_check_constraints = 1"] if backend == "sqlite" else []
        if backend == "postgresql":
            for table, constraint in CONSTRAINTS:
                await bank.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{constraint}")
        for statement in PLANTS[name]:
            await bank.plant([*pragma, statement.replace("{hour}", HOUR[backend]).replace("{bytes}", BYTES[backend])])
        assert name in await spoken(bank)
