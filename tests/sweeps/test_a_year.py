"""A year in the life: people come, accept, decline, leave and are moved; teams die and recover; upstreams misbehave.

Seeded, under moved time, against the real sandbox server. After every step the stored state must break no promise,
and the upstream's ledger must agree with it: nobody is nowhere, nobody in two places without a row that says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import pytest

from core.actors import SYSTEM, Actor, Role
from core.errors import Refusal
from core.leases import expiry, leases, recovery
from core.reports import doctor
from core.rules.addresses import read_address
from core.rules.codes import read_code
from core.sweeps import alerts
from core.sync import health_sweep as health
from core.sync import sweep as sync
from core.transfers import sweep as transfers_sweep
from core.transfers import transfers
from core.waitlist import sweep as waitlist_sweep
from core.waitlist import waitlist
from tests.support.moved import MovedHouse, open_moved_house

PLANS = (
    {"term": "1mo"},
    {"term": "1mo"},
    {"term": "30d", "auto_transfer": False},
    {"term": "24h", "temporary": True},
    {"term": "2mo"},
    {"term": "unlimited"},
)
FAULTS = (
    "applied-then-500=0.1",
    "applied-then-reset=0.1",
    "500=0.1",
    "reset=0.1",
    "empty-invites=0.1",
    "429=0.1",
    "members:500=0.05",
    "pending:html-200=0.05",
    "members:page-cut=0.2",
    "empty-members=0.05",
    "remove:applied-then-500=0.2",
    "remove:500=0.2",
    "cancel:reset=0.2",
    "422-full=0.05",
)


@dataclass
class Year:
    """One simulated year. `absent` are those who left or declined by themselves: they may be nowhere."""

    house: MovedHouse
    random: Random
    people: int
    absent: set[str] = field(default_factory=set)
    dead: dict[str, int] = field(default_factory=dict)
    came: int = 0
    strangers: int = 0
    refused: str = ""

    async def live(self, number: int) -> None:
        """One step: what people and upstreams do, then what the sweeps make of it, then the proof."""
        self.upstreams(number)
        for _ in range(self.random.randint(1, 3)):
            await self.somebody_comes()
        self.invited_people()
        await self.staff()
        for _ in range(2):
            self.house.clock.move(minutes=11)
            await self.sweep()
        await self.prove()
        self.house.clock.move(hours=self.random.choice((12, 30, 48, 60)))

    def upstreams(self, number: int) -> None:
        """Faults come and go; now and then a team dies, for good or for a while; strangers come by hand."""
        world = self.house.sandbox.world
        self.house.sandbox.set_faults(self.random.sample(FAULTS, 3) if number % 3 else [])
        for name, until in list(self.dead.items()):
            if number >= until:
                del self.dead[name]
                self.house.sandbox.set_faults([], name)
        alive = [name for name in world.spaces if name not in self.dead]
        if self.random.random() < 0.06 and len(alive) > 2 * len(world.spaces) // 3:
            name = self.random.choice(alive)
            self.dead[name] = number + self.random.randint(2, 8)
            self.house.sandbox.set_faults([self.random.choice(("401", "404"))], name)
        if self.random.random() < 0.15:
            space = world.spaces[self.random.choice(alive)]
            if space.has_room():
                self.strangers += 1
                world.join(space, f"stranger{self.strangers}@elsewhere.example.com")
            else:
                strangers = [person for key, person in space.members.items() if key.startswith("stranger")]
                for person in strangers[:1]:
                    world.leave(space, person)

    async def somebody_comes(self) -> None:
        """A person redeems a fresh code, and waits where there is no seat."""
        if self.came >= self.people:
            return
        self.came += 1
        address = f"p{self.came}@example.com"
        holder = Actor("telegram", str(self.came), Role.OPERATOR)
        code = (await self.house.make_codes(**self.random.choice(PLANS)))[0]
        receipt = await self.house.redeem(address, code, key=f"come {self.came}", actor=holder, wait=0)
        if receipt.reason in {"no_seats", "team_unavailable"}:
            text = read_code(code, await self.house.core.shapes())
            await waitlist.join(self.house.core, holder, read_address(address), text)

    def invited_people(self) -> None:
        """Most accept, some decline, a few members leave by themselves."""
        for space in self.house.sandbox.world.spaces.values():
            for key in list(space.invites):
                chance = self.random.random()
                if chance < 0.6:
                    self.house.sandbox.accept(key, space.id)
                elif chance < 0.65:
                    space.invites.pop(key)
                    self.absent.add(key)
            for key, person in list(space.members.items()):
                if key.startswith("p") and self.random.random() < 0.004:
                    self.house.sandbox.world.leave(space, person)
                    self.absent.add(key)

    async def staff(self) -> None:
        """Somebody of the staff moves, ends or extends somebody."""
        core, chance = self.house.core, self.random.random()
        address = f"p{self.random.randint(1, max(1, self.came))}@example.com"
        try:
            if chance < 0.15:
                await transfers.transfer(core, SYSTEM, address, forced=chance < 0.05)
            elif chance < 0.2:
                await leases.end(core, SYSTEM, address)
            elif chance < 0.25:
                await leases.extend(core, SYSTEM, address, "1 month")
        except Refusal as refusal:
            self.refused = refusal.key

    async def sweep(self) -> None:
        """Every sweep once, as the runner would."""
        core = self.house.core
        for body in (
            recovery.recover,
            sync.read_teams,
            health.check_health,
            transfers_sweep.move_out_of_dead_teams,
            expiry.expire,
            transfers_sweep.advance_transfers,
            recovery.recover,
            waitlist_sweep.serve,
            alerts.check,
        ):
            await body(core)

    async def prove(self) -> None:
        """The promises about the stored state, and its agreement with the upstream."""
        broken = {one.name: one.detail for one in await doctor.examine(self.house.core, SYSTEM) if one.breaches}
        assert not broken
        for space in self.house.sandbox.world.spaces.values():
            assert space.taken + len(space.invites) <= space.seats, f"{space.id} is overfull"
        there: dict[str, set[str]] = {}
        for space in self.house.sandbox.world.spaces.values():
            for key in (*space.members, *space.invites):
                if key.startswith("p"):
                    there.setdefault(key, set()).add(space.id)
        rows = await self.house.rows(
            "SELECT l.address, count(*) AS leases, max(CASE WHEN l.status = 'held' OR l.status = 'transferring' "
            "OR l.end_reason IS NOT NULL THEN 1 ELSE 0 END) AS moving FROM leases l "
            "WHERE l.status IN ('held', 'invited', 'active', 'transferring') GROUP BY l.address"
        )
        known = {row.address: row for row in rows}
        nowhere = [
            address
            for address, row in known.items()
            if address not in there and address not in self.absent and not row.moving
        ]
        assert not nowhere, f"nowhere: {nowhere}"
        told = await self.house.rows(
            "SELECT DISTINCT l.address FROM leases l JOIN transfers t ON t.lease_id = l.id "
            "WHERE t.state IN ('planned', 'inviting', 'waiting', 'removing', 'failed') "
            "UNION SELECT address FROM removals WHERE state = 'planned'"
        )
        said = {row.address for row in told}
        twice = [address for address, spaces in there.items() if len(spaces) > 1 and address not in said]
        assert not twice, f"in two places without a word: {twice}"

    async def settle(self) -> None:
        """Let all faults end and the sweeps catch up; then both sides must show the same people."""
        self.house.sandbox.set_faults([])
        for name in self.dead:
            self.house.sandbox.set_faults([], name)
        for _ in range(30):
            self.house.clock.move(hours=5)
            await self.sweep()
        await self.prove()
        ours = await self.house.rows(
            "SELECT t.external_id AS space, l.address_key AS person FROM leases l JOIN teams t ON t.id = l.team_id "
            "WHERE l.status IN ('held', 'invited', 'active', 'transferring') "
            "UNION SELECT t.external_id, s.occupant FROM seats s JOIN teams t ON t.id = s.team_id "
            "WHERE s.occupant IS NOT NULL"
        )
        theirs = {
            (space.id, key)
            for space in self.house.sandbox.world.spaces.values()
            for key in (*space.members, *space.invites)
            if key != space.owner.email
        }
        assert {(row.space, row.person) for row in ours} == theirs


async def _live(url: str, seed: int, *, people: int, teams: int, seats: int, steps: int) -> MovedHouse:
    options = {"workspaces": teams, "seats": seats, "upstream": {"timeout": 20.0}, "sync": {"concurrency": 10}}
    async with open_moved_house(url, **options) as house:
        year = Year(house, Random(seed), people)
        for number in range(steps):
            await year.live(number)
        await year.settle()
        done = await house.rows("SELECT state, count(*) FROM transfers GROUP BY state")
        counted = {row[0]: row[1] for row in done}
        assert counted.get("done", 0) > 2, f"too quiet a year to prove anything: {counted}"
        return house


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 6])
async def test_a_short_year_breaks_no_promise(database_url: str, seed: int):
    await _live(database_url, seed, people=42, teams=7, seats=5, steps=45)


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10))
async def test_a_year_of_200_people_in_40_teams_breaks_no_promise(database_url: str, seed: int):
    await _live(database_url, seed, people=200, teams=40, seats=5, steps=240)
