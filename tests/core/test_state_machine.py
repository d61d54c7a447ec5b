"""Random sequences of operations against a model, on both databases: the books must always agree."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from core.actors import SYSTEM
from core.codes import codes
from core.errors import CodeHasUses, QuotaExceeded
from core.providers import chatgpt
from core.providers.http import HttpClient
from core.providers.protocol import (
    Done,
    PendingInvite,
    ProviderAnswer,
    Refused,
    Standing,
    Unavailable,
    Unclear,
    Workspace,
)
from core.redemptions import redemptions
from core.redemptions.orders import Order
from core.rules.addresses import read_address
from core.rules.codes import read_code
from core.service import open_core
from core.storage import migrate
from core.teams import teams
from core.teams.quota import pool_quota
from tests.support.house import settings_for
from tests.support.postgres import PostgresServer

SEATS = 2
WORKSPACES = 3
PEOPLE = [f"p{number}@example.com" for number in range(6)]


class Upstream:
    """The upstream's own books, with an answer that the next call will get."""

    def __init__(self) -> None:
        self.invited: dict[str, set[str]] = defaultdict(set)
        self.sends: list[tuple[str, str]] = []
        self.next = "done"

    def invite(self, workspace: str, address: str) -> ProviderAnswer:
        mood, self.next = self.next, "done"
        if mood == "unavailable":
            return Unavailable("rate_limited", retry_after=0.0)
        if mood == "address":
            return Refused("address")
        if mood == "lost":
            return Unclear("nothing happened")
        known = address in self.invited[workspace]
        if not known and len(self.invited[workspace]) >= SEATS:
            return Refused("full")
        if not known:
            self.invited[workspace].add(address)
            self.sends.append((workspace, address))
        return Unclear("applied, then the line went dead") if mood == "applied" else Done(f"{workspace}/{address}")


class Adapter:
    properties = chatgpt.PROPERTIES

    def __init__(self, upstream: Upstream, workspace: str) -> None:
        self._upstream, self._workspace = upstream, workspace

    async def invite(self, address: str, *, resend: bool = False) -> ProviderAnswer:
        return self._upstream.invite(self._workspace, address)

    async def look_up(self, address: str) -> Standing:
        there = address in self._upstream.invited[self._workspace]
        return Standing(None, PendingInvite(address, None, None) if there else None)


class Books(RuleBasedStateMachine):
    url: str

    made = Bundle("made")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.upstream = Upstream()
        self.wishes: dict[str, tuple[str, str, Any]] = {}
        self.count = 0
        self.loop.run_until_complete(self._open())

    async def _open(self) -> None:
        def open_upstream(workspace: Workspace, http: HttpClient) -> Any:
            return Adapter(self.upstream, workspace.external_id)

        self.context = open_core(settings_for(self.url), open_upstream=open_upstream)
        self.core = await self.context.__aenter__()
        lines = [
            {"accessToken": "x", "account": {"id": f"ws-{n}", "name": f"W{n}"}, "seats": SEATS}
            for n in range(WORKSPACES)
        ]
        text = "\n".join(json.dumps(line) for line in lines)
        await teams.import_teams(self.core, SYSTEM, await teams.preview_teams(self.core, SYSTEM, text))

    def teardown(self) -> None:
        self.loop.run_until_complete(self.context.__aexit__(None, None, None))
        self.loop.close()

    def do(self, coroutine: Any) -> Any:
        return self.loop.run_until_complete(coroutine)

    @rule(target=made, count=st.integers(1, 3), uses=st.integers(1, 2))
    def generate(self, count: int, uses: int) -> Any:
        before = self.quota()
        plan = codes.BatchPlan(count=count, uses=uses)
        if count * uses > max(0, before):
            with pytest.raises(QuotaExceeded) as refused:
                self.do(codes.generate_list(self.core, SYSTEM, plan))
            assert refused.value.facts["available"] == max(0, before)
            return multiple()
        _, texts = self.do(codes.generate_list(self.core, SYSTEM, plan))
        assert self.quota() == before - count * uses
        return multiple(*texts)

    @rule(
        code=made,
        person=st.sampled_from(PEOPLE),
        mood=st.sampled_from(["done", "done", "done", "applied", "lost", "unavailable", "address"]),
    )
    def redeem(self, code: str, person: str, mood: str) -> None:
        self.upstream.next = mood
        before = self.quota()
        self.count += 1
        receipt = self._redeem(f"wish-{self.count}", person, code)
        self.wishes[f"wish-{self.count}"] = (person, code, receipt)
        if receipt.state in {"invited", "unclear"}:
            assert self.quota() == before, "one seat and one use went together"

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        if not self.wishes:
            return
        key = data.draw(st.sampled_from(sorted(self.wishes)))
        person, code, first = self.wishes[key]
        sends = len(self.upstream.sends)
        again = self._redeem(key, person, code)
        if first.state != "unclear":
            assert (again.state, again.reason, again.team) == (first.state, first.reason, first.team)
            assert len(self.upstream.sends) == sends

    @rule(code=made, on=st.booleans())
    def switch_code(self, code: str, on: bool) -> None:
        text = read_code(code, self.do(self.core.shapes()))
        self.do(codes.set_code_status(self.core, SYSTEM, text, "active" if on else "disabled"))

    @rule(number=st.integers(0, WORKSPACES - 1), on=st.booleans())
    def switch_team(self, number: int, on: bool) -> None:
        self.do(teams.enable_team(self.core, SYSTEM, f"W{number}", on))

    @rule(code=consumes(made))
    def delete_code(self, code: str) -> None:
        text = read_code(code, self.do(self.core.shapes()))
        with suppress(CodeHasUses):
            self.do(codes.set_code_status(self.core, SYSTEM, text, "deleted"))

    @invariant()
    def the_books_agree(self) -> None:
        answer = self.do(self.core.read(_books))
        assert answer == dict.fromkeys(answer, 0), answer
        for workspace, people in self.upstream.invited.items():
            assert len(people) <= SEATS, workspace

    def quota(self) -> int:
        return int(self.do(self.core.read(pool_quota, 1, self.core.now())).generatable)

    def _redeem(self, key: str, person: str, code: str) -> Any:
        text = read_code(code, self.do(self.core.shapes()))
        order = Order(read_address(person), text, key)
        return self.do(redemptions.redeem(self.core, SYSTEM, order, wait=0))


CHECKS = {
    "seats against leases": """
        SELECT count(*) FROM seats s LEFT JOIN leases l
          ON l.seat_id = s.id AND l.status IN ('held', 'invited', 'active', 'transferring')
        WHERE (s.state = 'free') <> (l.id IS NULL AND s.occupant IS NULL)
           OR (s.state = 'held') <> (l.status = 'held' AND l.id IS NOT NULL)""",
    "used against redemptions": """
        SELECT count(*) FROM codes c WHERE c.used <>
          (SELECT count(*) FROM redemptions r WHERE r.code_id = c.id AND r.state = 'invited')""",
    "reserved against redemptions": """
        SELECT count(*) FROM codes c WHERE c.reserved <>
          (SELECT count(*) FROM redemptions r WHERE r.code_id = c.id AND r.state IN ('sending', 'unclear'))""",
    "under way without a lease": """
        SELECT count(*) FROM redemptions r WHERE r.state IN ('sending', 'unclear') AND NOT EXISTS
          (SELECT 1 FROM leases l WHERE l.redemption_id = r.id AND l.status = 'held')""",
    "batches against codes": """
        SELECT count(*) FROM (
          SELECT b.id, b.uses - b.used - b.voided + coalesce((SELECT sum(d.uses - d.used - d.voided)
                 FROM batch_changes d WHERE d.batch_id = b.id), 0) AS figure,
                 (SELECT coalesce(sum(CASE WHEN c.status = 'active' THEN c.max_uses - c.used ELSE c.reserved END), 0)
                  FROM codes c WHERE c.batch_id = b.id) AS counted
          FROM batches b) AS x WHERE figure <> counted""",
    "more than the capacity": """
        SELECT count(*) FROM teams t WHERE t.capacity <
          (SELECT count(*) FROM seats s WHERE s.team_id = t.id AND s.state <> 'free')""",
}


def _books(tx: sa.Connection) -> dict[str, int]:
    return {name: int(tx.execute(sa.text(sql)).scalar_one()) for name, sql in CHECKS.items()}


def test_the_books_agree_on_sqlite() -> None:
    class OnSqlite(Books):
        def __init__(self) -> None:
            self.folder = TemporaryDirectory()
            self.url = f"sqlite+aiosqlite:///{Path(self.folder.name) / 'usher.db'}"
            migrate.upgrade(self.url)
            super().__init__()

        def teardown(self) -> None:
            super().teardown()
            self.folder.cleanup()

    run_state_machine_as_test(OnSqlite, settings=_effort(15))


def test_the_books_agree_on_postgresql(postgres: PostgresServer) -> None:
    class OnPostgres(Books):
        def __init__(self) -> None:
            self.url = postgres.create_database()
            super().__init__()

        def teardown(self) -> None:
            super().teardown()
            postgres.drop_database(self.url)

    run_state_machine_as_test(OnPostgres, settings=_effort(10))


def _effort(examples: int) -> settings:
    return settings(
        max_examples=examples, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
