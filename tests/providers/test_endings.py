"""The other half of the contract: where a redemption, a transfer, a removal and a sync end, fault by fault.

Read a row as: while this fault strikes, the journey takes this course, and once the fault has passed it ends so.
Every adapter goes the same ways, but for those in `OTHERWISE`.

 - *redemption*: Ann redeems a code in a pool of two teams, of which the first is struck. *invited*: there, at once;
   *elsewhere*: in the second team, at once; *unclear, then …*: code and seat stayed reserved until the read-back
   settled it; *refused*, *already_member*: nothing was used. In every row: one invite at most, in one place, and the
   code is used exactly where somebody was invited.
 - *transfer*: Ann is moved from a team that is well; the team chosen first is struck. *moved*: there; *elsewhere*:
   to a third team; *stays*: in the old one, with an alert. She is nowhere at no time.
 - *removal*: Ann's membership is ended while her team is struck. *at once*, or *gone later*: when the upstream has
   been proved to show her no more; *stays*: she is still in, the lease says so, and staff are told.
 - *sync*: her team, with a pending invite as well, is read four times. *read*; *unread*: nothing is concluded;
   *waits*: the upstream is left alone as long as it asks. Nobody ever counts as gone, and when the fault has passed
   the next reading restores the team and seats whoever came in between.
 - In brackets: what the struck team's health has become.
"""

from __future__ import annotations

import pytest

from core.sandbox.faults import CATALOGUE
from tests.providers import endings

TABLE = """
| fault                | redemption            | transfer            | removal         | sync              |
|----------------------|-----------------------|---------------------|-----------------|-------------------|
| applied-then-timeout | unclear, then invited | unclear, then moved | gone later      | unread            |
| applied-then-reset   | unclear, then invited | unclear, then moved | gone later      | unread            |
| applied-then-500     | unclear, then invited | unclear, then moved | gone later      | unread            |
| reset                | unclear, then invited | unclear, then moved | gone later      | unread            |
| 500                  | unclear, then invited | unclear, then moved | gone later      | unread            |
| 502                  | unclear, then invited | unclear, then moved | gone later      | unread            |
| 503                  | unclear, then invited | unclear, then moved | gone later      | unread            |
| empty-invites        | unclear, then invited | unclear, then moved | gone later      | unread            |
| html-200             | unclear, then invited | unclear, then moved | gone later      | unread            |
| html-403             | elsewhere             | elsewhere           | gone later      | unread            |
| partial-batch        | refused               | stays               | gone later      | unread            |
| 401-once             | invited               | moved               | gone later      | unread, then read |
| 401                  | elsewhere (expired)   | elsewhere (expired) | stays (expired) | unread (expired)  |
| 403                  | elsewhere (expired)   | elsewhere (expired) | stays (expired) | unread (expired)  |
| 404                  | elsewhere (gone)      | elsewhere (gone)    | stays (gone)    | unread (gone)     |
| 409-member           | already_member        | elsewhere           | gone later      | unread            |
| 422-full             | elsewhere             | elsewhere           | stays           | unread            |
| 422-address          | refused               | stays               | stays           | unread            |
| 401-true-up          | elsewhere             | elsewhere           | gone later      | unread            |
| 400-true-up          | elsewhere             | elsewhere           | gone later      | unread            |
| 401-delinquent       | elsewhere             | elsewhere           | gone later      | unread            |
| errored-objects      | refused               | stays               | gone later      | unread            |
| errored-strings      | refused               | stays               | gone later      | unread            |
| already-emails       | unclear, then invited | unclear, then moved | gone later      | unread            |
| 409-conflict         | unclear, then invited | unclear, then moved | gone later      | unread            |
| 429                  | elsewhere             | elsewhere           | gone later      | waits             |
| 429-no-header        | elsewhere             | elsewhere           | gone later      | waits             |
| 429-date             | elsewhere             | elsewhere           | gone later      | waits             |
| 429-huge             | elsewhere             | elsewhere           | gone later      | waits             |
| list-lag             | invited               | moved               | at once         | read              |
| stale-members        | invited               | moved               | gone later      | read              |
| page-cut             | invited               | moved               | at once         | unread (expired)  |
| page-duplicates      | invited               | moved               | at once         | read              |
| empty-members        | invited               | moved               | gone later      | unread (expired)  |
| numeric-status       | invited               | moved               | at once         | read              |
| other-case           | invited               | moved               | at once         | read              |
| foreign-member       | invited               | moved               | at once         | read              |
| no-pending-count     | invited               | moved               | at once         | read              |
| smaller-capacity     | invited               | moved               | at once         | read              |
| null-email           | invited               | moved               | at once         | read              |
| deactivated-member   | invited               | moved               | at once         | read              |
| join-request         | invited               | moved               | at once         | read              |
| seat-types           | invited               | moved               | at once         | read              |
| null-resources       | invited               | moved               | at once         | read              |
| total-is-page        | invited               | moved               | at once         | read              |
| no-group-members     | invited               | moved               | at once         | read              |
| ignores-paging       | invited               | moved               | at once         | read              |
| slow                 | invited               | moved               | at once         | read              |
| hang                 | unclear, then invited | unclear, then moved | gone later      | unread            |
| bad-json             | unclear, then invited | unclear, then moved | gone later      | unread            |
| truncated            | unclear, then invited | unclear, then moved | gone later      | unread            |
| wrong-content-type   | unclear, then invited | unclear, then moved | gone later      | unread            |
| huge-body            | unclear, then invited | unclear, then moved | gone later      | unread            |
| gzip-bomb            | unclear, then invited | unclear, then moved | gone later      | unread            |
"""

OTHERWISE = {
    # SCIM answers a conflict by looking the person up; a conflict with nobody is a contradiction.
    ("redemption", "scim", "409-member"): "unclear, then invited",
    ("transfer", "scim", "409-member"): "unclear, then moved",
    # It says "full" as a 403, which to a mere reading can only mean the credential.
    ("sync", "scim", "422-full"): "unread (expired)",
    # Its few members are on one page.
    ("sync", "scim", "page-cut"): "unread",
    # Only the console answers an invite with a list of people who are members already.
    ("redemption", "openai_admin", "already-emails"): "already_member",
    ("transfer", "openai_admin", "already-emails"): "elsewhere",
    # It looks one person up by a filter, which an old list does not concern.
    ("removal", "scim", "stale-members"): "at once",
}
PLAY = {
    "redemption": endings.redemption_endings,
    "transfer": endings.transfer_endings,
    "removal": endings.removal_endings,
    "sync": endings.sync_endings,
}
LINES = [[cell.strip() for cell in line.strip("|").split("|")] for line in TABLE.strip().splitlines()]
ROWS = {cells[0]: dict(zip(LINES[0][1:], cells[1:], strict=True)) for cells in LINES[2:]}


def expected(journey: str, provider: str) -> dict[str, str]:
    return {fault: OTHERWISE.get((journey, provider, fault), row[journey]) for fault, row in ROWS.items()}


@pytest.mark.parametrize("provider", ["chatgpt", "openai_admin", "scim"])
@pytest.mark.parametrize("journey", list(PLAY))
async def test_where_it_ends(journey: str, provider: str, sqlite_url: str):
    assert await PLAY[journey](sqlite_url, provider) == expected(journey, provider)


@pytest.mark.parametrize(
    ("journey", "provider"),
    [("redemption", "openai_admin"), ("transfer", "scim"), ("removal", "scim"), ("sync", "chatgpt")],
)
async def test_it_ends_so_on_postgresql_too(journey: str, provider: str, postgres_url: str):
    assert await PLAY[journey](postgres_url, provider) == expected(journey, provider)


def test_every_fault_has_an_ending():
    assert set(ROWS) == set(CATALOGUE)
    assert {fault for _, _, fault in OTHERWISE} <= set(CATALOGUE)
