"""The contract: every adapter, every fault of the sandbox, over real HTTP.

Read a row as: while this fault strikes that call, the adapter answers so, and upstream this has happened. The
stage is a workspace of eight seats with an owner, two members and three pending invites; somebody joins by hand
after the fault is set. A ditto mark repeats the column to its left.

What the answers mean to the caller:
 - *done*, *refused*: settled. *unavailable*, *rate_limited*: nothing was applied, another team may be asked.
 - *unclear*: it may have been applied. The `upstream` column shows why: both happen, and nobody can tell.
 - *list of N*: every page was read and the counts agree; anything less is unclear, never a shorter list.

Where the adapters differ, it is for these reasons:
 - Only `chatgpt` counts seats. `openai_admin` finds a fresh invite in the audit log when the lists lag behind.
 - SCIM answers a conflict by looking the person up; a conflict with nobody is a contradiction, and unclear.
 - SCIM looks one person up by a filter, so a cut list does not concern it; and its tenants may really be empty,
   so an empty list is an answer there (whoever syncs must not take it for the end of people it knows).
 - SCIM repeats a withdrawal whose connection broke and then finds nobody there: done.
"""

from __future__ import annotations

import asyncio

import pytest

from core.providers.http import HttpClient
from core.providers.protocol import Workspace
from core.providers.registry import ADAPTERS, open_provider, parse_session
from core.sandbox import Sandbox
from core.sandbox.faults import CATALOGUE
from tests.providers import contract
from tests.providers.contract import Row

TABLE = """
| fault                | call    | chatgpt                 | openai_admin | scim      | upstream  |
|----------------------|---------|-------------------------|--------------|-----------|-----------|
| applied-then-timeout | invite  | unclear                 | "            | "         | invited   |
| applied-then-reset   | invite  | unclear                 | "            | "         | invited   |
| applied-then-500     | invite  | unclear                 | "            | "         | invited   |
| reset                | invite  | unclear                 | "            | "         | nothing   |
| 500                  | invite  | unclear                 | "            | "         | nothing   |
| 502                  | invite  | unclear                 | "            | "         | nothing   |
| 503                  | invite  | unclear                 | "            | "         | nothing   |
| empty-invites        | invite  | unclear                 | "            | "         | nothing   |
| partial-batch        | invite  | refused address         | "            | "         | nothing   |
| html-200             | invite  | unclear                 | "            | "         | nothing   |
| html-403             | invite  | unavailable unreachable | "            | "         | nothing   |
| 401-once             | invite  | unavailable credential  | "            | "         | nothing   |
| 401                  | invite  | unavailable credential  | "            | "         | nothing   |
| 403                  | invite  | unavailable credential  | "            | "         | nothing   |
| 404                  | invite  | unavailable gone        | "            | "         | nothing   |
| 409-member           | invite  | refused already_member  | "            | unclear   | nothing   |
| 422-full             | invite  | refused full            | "            | "         | nothing   |
| 422-address          | invite  | refused address         | "            | "         | nothing   |
| 401-true-up          | invite  | refused full            | "            | "         | nothing   |
| 400-true-up          | invite  | refused full            | "            | "         | nothing   |
| 401-delinquent       | invite  | unavailable unpaid      | "            | "         | nothing   |
| errored-objects      | invite  | refused address         | "            | "         | nothing   |
| errored-strings      | invite  | refused address         | "            | "         | nothing   |
| already-emails       | invite  | unclear                 | refused already_member | unclear | nothing |
| 409-conflict         | invite  | unclear                 | "            | "         | nothing   |
| 429                  | invite  | rate_limited 2 s        | "            | "         | nothing   |
| 429-no-header        | invite  | rate_limited 60 s       | "            | "         | nothing   |
| 429-date             | invite  | rate_limited 2 s        | "            | "         | nothing   |
| 429-huge             | invite  | rate_limited 3600 s     | "            | "         | nothing   |
| bad-json             | invite  | unclear                 | "            | "         | invited   |
| truncated            | invite  | unclear                 | "            | "         | invited   |
| wrong-content-type   | invite  | unclear                 | "            | "         | invited   |
| huge-body            | invite  | unclear                 | "            | "         | invited   |
| gzip-bomb            | invite  | unclear                 | "            | "         | invited   |
| other-case           | invite  | done                    | "            | "         | invited   |
| smaller-capacity     | invite  | done                    | "            | "         | invited   |
| slow=50              | invite  | done                    | "            | "         | invited   |
| hang                 | invite  | unclear                 | "            | "         | nothing   |
| list-lag=30          | pending | list of 0               | "            | "         | nothing   |
| numeric-status       | pending | list of 3               | "            | "         | nothing   |
| other-case           | pending | list of 3               | "            | "         | nothing   |
| join-request         | pending | list of 3               | "            | "         | nothing   |
| null-resources       | pending | list of 3               | "            | "         | nothing   |
| total-is-page        | pending | list of 3               | "            | "         | nothing   |
| ignores-paging       | pending | list of 3               | "            | "         | nothing   |
| page-cut             | pending | unclear                 | "            | "         | nothing   |
| page-duplicates      | pending | list of 3               | "            | "         | nothing   |
| 500                  | pending | unclear                 | "            | "         | nothing   |
| html-200             | pending | unclear                 | "            | "         | nothing   |
| 429                  | pending | rate_limited 2 s        | "            | "         | nothing   |
| 401                  | pending | unavailable credential  | "            | "         | nothing   |
| truncated            | pending | unclear                 | "            | "         | nothing   |
| hang                 | pending | unclear                 | "            | "         | nothing   |
| stale-members        | members | list of 3               | "            | "         | nothing   |
| foreign-member       | members | list of 5               | "            | "         | nothing   |
| empty-members        | members | unclear                 | "            | list of 0 | nothing   |
| null-email           | members | list of 5               | "            | "         | nothing   |
| deactivated-member   | members | list of 4               | "            | "         | nothing   |
| seat-types           | members | list of 5               | list of 4    | "         | nothing   |
| null-resources       | members | list of 4               | "            | "         | nothing   |
| total-is-page        | members | list of 4               | "            | "         | nothing   |
| no-group-members     | members | list of 4               | "            | "         | nothing   |
| ignores-paging       | members | list of 4               | "            | "         | nothing   |
| 401-delinquent       | members | unavailable unpaid      | "            | "         | nothing   |
| 401-true-up          | members | unavailable unpaid      | "            | "         | nothing   |
| other-case           | members | list of 4               | "            | "         | nothing   |
| page-cut             | members | unclear                 | "            | "         | nothing   |
| page-duplicates      | members | list of 4               | "            | "         | nothing   |
| reset                | members | unclear                 | "            | "         | nothing   |
| 500                  | members | unclear                 | "            | "         | nothing   |
| html-200             | members | unclear                 | "            | "         | nothing   |
| html-403             | members | unavailable unreachable | "            | "         | nothing   |
| 429                  | members | rate_limited 2 s        | "            | "         | nothing   |
| 401                  | members | unavailable credential  | "            | "         | nothing   |
| 404                  | members | unavailable gone        | "            | "         | nothing   |
| bad-json             | members | unclear                 | "            | "         | nothing   |
| truncated            | members | unclear                 | "            | "         | nothing   |
| wrong-content-type   | members | unclear                 | "            | "         | nothing   |
| huge-body            | members | unclear                 | "            | "         | nothing   |
| gzip-bomb            | members | unclear                 | "            | "         | nothing   |
| slow=50              | members | list of 4               | "            | "         | nothing   |
| hang                 | members | unclear                 | "            | "         | nothing   |
| list-lag=30          | look_up | absent                  | invited      | absent    | nothing   |
| other-case           | look_up | invited                 | "            | "         | nothing   |
| page-cut             | look_up | unclear                 | "            | invited   | nothing   |
| page-duplicates      | look_up | invited                 | "            | "         | nothing   |
| 500                  | look_up | unclear                 | "            | "         | nothing   |
| 404                  | look_up | unavailable gone        | "            | "         | nothing   |
| applied-then-timeout | cancel  | unclear                 | "            | "         | withdrawn |
| applied-then-reset   | cancel  | unclear                 | "            | done      | withdrawn |
| applied-then-500     | cancel  | unclear                 | "            | "         | withdrawn |
| reset                | cancel  | unclear                 | "            | "         | nothing   |
| 500                  | cancel  | unclear                 | "            | "         | nothing   |
| html-200             | cancel  | unclear                 | "            | "         | nothing   |
| 401                  | cancel  | unavailable credential  | "            | "         | nothing   |
| 403                  | cancel  | refused not_allowed     | "            | "         | nothing   |
| 409-conflict         | cancel  | unclear                 | "            | "         | nothing   |
| 401-delinquent       | cancel  | unavailable unpaid      | "            | "         | nothing   |
| 404                  | cancel  | unavailable gone        | "            | "         | nothing   |
| 429                  | cancel  | rate_limited 2 s        | "            | "         | nothing   |
| hang                 | cancel  | unclear                 | "            | "         | nothing   |
| applied-then-timeout | remove  | unclear                 | "            | "         | removed   |
| applied-then-reset   | remove  | unclear                 | "            | "         | removed   |
| applied-then-500     | remove  | unclear                 | "            | "         | removed   |
| reset                | remove  | unclear                 | "            | "         | nothing   |
| 500                  | remove  | unclear                 | "            | "         | nothing   |
| html-200             | remove  | unclear                 | "            | "         | nothing   |
| 401                  | remove  | unavailable credential  | "            | "         | nothing   |
| 403                  | remove  | refused not_allowed     | "            | "         | nothing   |
| 409-conflict         | remove  | unclear                 | "            | "         | nothing   |
| 401-delinquent       | remove  | unavailable unpaid      | "            | "         | nothing   |
| 404                  | remove  | unavailable gone        | "            | "         | nothing   |
| 429                  | remove  | rate_limited 2 s        | "            | "         | nothing   |
| hang                 | remove  | unclear                 | "            | "         | nothing   |
| no-pending-count     | seats   | 8 seats, ? pending      | not counted  | "         | nothing   |
| null-email           | seats   | 8 seats, 3 pending      | not counted  | "         | nothing   |
| seat-types           | seats   | 8 seats, 3 pending      | not counted  | "         | nothing   |
| smaller-capacity     | seats   | 7 seats, 3 pending      | not counted  | "         | nothing   |
| 500                  | seats   | unclear                 | not counted  | "         | nothing   |
| 429                  | seats   | rate_limited 2 s        | not counted  | "         | nothing   |
| 401                  | check   | unavailable credential  | "            | "         | nothing   |
| 403                  | check   | unavailable credential  | "            | "         | nothing   |
| 401-delinquent       | check   | unavailable unpaid      | "            | "         | nothing   |
| 404                  | check   | unavailable gone        | "            | "         | nothing   |
| 429                  | check   | rate_limited 2 s        | "            | "         | nothing   |
| 500                  | check   | unclear                 | "            | "         | nothing   |
| html-200             | check   | unclear                 | "            | "         | nothing   |
| hang                 | check   | unclear                 | "            | "         | nothing   |
"""

ROWS = contract.rows_of(TABLE)
UNANSWERED = {"hang", "applied-then-timeout"}


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.call}-{row.fault}" for row in ROWS])
async def test_the_contract(row: Row, http: HttpClient, impatient: HttpClient):
    names, struck = list(row.answers), impatient if row.fault in UNANSWERED else http
    results = await asyncio.gather(*(play(row, name, http, struck) for name in names))
    assert dict(zip(names, results, strict=True)) == {name: (row.answers[name], row.upstream) for name in names}


async def play(row: Row, name: str, well: HttpClient, struck: HttpClient) -> tuple[str, str]:
    async with Sandbox(workspaces=2, seats=8, latency_ms=1) as sandbox:
        contract.set_stage(sandbox)
        parsed = parse_session(sandbox.sessions(name)[0], name)
        workspace = Workspace(parsed.provider, parsed.external_id, parsed.credential, parsed.base_url)
        aim = await contract.aim_at(open_provider(workspace, well), row.call)
        sandbox.set_faults(contract.scoped(row.fault, row.call))
        sandbox.world.join(sandbox.world.spaces["ws-1"], contract.LATE)
        answer = await contract.make(open_provider(workspace, struck), row.call, aim)
        return contract.worded(answer), contract.upstream_effect(sandbox)


def test_every_fault_stands_in_the_table():
    assert {row.fault.partition("=")[0] for row in ROWS} == set(CATALOGUE)


def test_every_adapter_stands_in_the_table():
    assert {*ROWS[0].answers, "sandbox"} == set(ADAPTERS)  # "sandbox" is the chatgpt adapter with another default
