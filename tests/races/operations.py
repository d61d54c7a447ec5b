"""What can meet: every public operation of the core, and what it is tried on.

An operation is a function of a world and of the side that it is on ("a" is halted, "b" runs in between), because a
request key is nobody else's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.actors import SYSTEM, Role
from core.codes import codes
from core.jobs import jobs
from core.jobs import sweep as job_sweep
from core.jobs.selection import Selection
from core.leases import expiry, leases, recovery, removals
from core.people import links, locks, people, privacy, staff
from core.redemptions import redemptions
from core.redemptions.orders import RedeemWish
from core.rules.addresses import read_address
from core.service import Core
from core.sync import sync
from core.teams import pools, removal, teams
from core.transfers import address_changes, transfers
from core.transfers import sweep as transfer_sweep
from core.waitlist import serving, waitlist
from tests.races import situations
from tests.races.situations import LILY, LIZ
from tests.races.world import World, add_team, address, holder

Act = Callable[[World, Core, str], Awaitable[object]]


@dataclass(frozen=True)
class Operation:
    """`name` is the function's, module and all, with what it is tried on where that is not the only one."""

    name: str
    act: Act
    ends: bool = False
    """It may end the seat of whom the situation is about, on purpose."""

    @property
    def function(self) -> str:
        return self.name.partition(" ")[0]


def _of_person(lease: str) -> list[Operation]:
    """What may happen to the one person of a situation, who has the lease noted as `lease` and the address as `who`."""

    def target(world: World) -> str:
        return address(world.notes["who"])

    return [
        Operation("leases.leases.extend", lambda w, c, s: leases.extend(c, SYSTEM, target(w), "30d")),
        Operation("leases.leases.end", lambda w, c, s: leases.end(c, SYSTEM, target(w)), ends=True),
        Operation("leases.leases.resend", lambda w, c, s: leases.resend(c, SYSTEM, target(w))),
        Operation("transfers.transfers.transfer", lambda w, c, s: transfers.transfer(c, SYSTEM, target(w))),
        Operation(
            "transfers.transfers.transfer forced",
            lambda w, c, s: transfers.transfer(c, SYSTEM, target(w), to="W2", forced=True),
        ),
        Operation(
            "transfers.address_changes.change",
            lambda w, c, s: address_changes.change(c, SYSTEM, w.notes[lease], f"other-{s}@example.com"),
        ),
        Operation(
            "redemptions.redemptions.redeem_all again",
            lambda w, c, s: redemptions.redeem_all(
                c,
                holder(w.notes["who"]),
                RedeemWish(target(w), [w.notes[f"code of {w.notes['who']}"]], request_key=f"again {s}"),
                wait=0,
            ),
        ),
        Operation("people.privacy.erase_person", lambda w, c, s: privacy.erase_person(c, holder(w.notes["who"]))),
    ]


SWEEPS = [
    Operation("leases.recovery.recover", lambda w, c, s: recovery.recover(c)),
    Operation("transfers.sweep.advance_transfers", lambda w, c, s: transfer_sweep.advance_transfers(c)),
    Operation("leases.expiry.expire", lambda w, c, s: expiry.expire(c)),
    Operation("sync.sync.read_due", lambda w, c, s: sync.read_due(c)),
]

TEAMS = [
    Operation("teams.teams.change_team", lambda w, c, s: teams.change_team(c, SYSTEM, "W1", capacity=1)),
    Operation("teams.teams.enable_team", lambda w, c, s: teams.enable_team(c, SYSTEM, "W1", False)),
    Operation("sync.sync.sync_team", lambda w, c, s: sync.sync_team(c, SYSTEM, "W1")),
]


def _spare(world: World, core: Core, side: str, name: str = "") -> Awaitable[object]:
    who = name or world.notes["who"]
    return redemptions.redeem_all(
        core,
        holder(who),
        RedeemWish(address(who), [world.notes["spare"]], request_key=f"spare {who} {side}"),
        wait=0,
    )


def _own(world: World, core: Core, side: str) -> Awaitable[object]:
    who = world.notes["who"]
    return redemptions.redeem_all(
        core,
        holder(who),
        RedeemWish(address(who), [world.notes["code"]], request_key=f"own {side}"),
        wait=0,
    )


REDEEM = Operation("redemptions.redemptions.redeem_all", _own)
REDEEM_SPARE = Operation("redemptions.redemptions.redeem_all spare", _spare)
REDEEM_OTHER = Operation("redemptions.redemptions.redeem_all other", lambda w, c, s: _spare(w, c, s, "zoe"))
CODES = [
    Operation(
        "codes.codes.set_code_status", lambda w, c, s: codes.set_code_status(c, SYSTEM, w.notes["code"], "disabled")
    ),
    Operation(
        "codes.codes.set_batch_status",
        lambda w, c, s: codes.set_batch_status(c, SYSTEM, _batch(w), "disabled"),
    ),
]


def _chat(name: str) -> str:
    return holder(name).key


def _batch(world: World) -> int:
    return int(world.notes.get("batch", 1))


@dataclass(frozen=True)
class Situation:
    """How it is made, and what may happen in it at the same time."""

    build: Callable[[World], Awaitable[None]]
    operations: list[Operation]
    lost: tuple[str, ...] = ()
    """Who may end with nothing whatever happens: by their term, by a job, or by what the upstream did."""


FIRST: dict[str, Situation] = {
    "seated": Situation(
        situations.seated,
        [
            *_of_person("lease"),
            *TEAMS,
            REDEEM_SPARE,
            Operation(
                "transfers.transfers.request",
                lambda w, c, s: transfers.request(c, holder(w.notes["who"]), w.notes["lease"]),
            ),
            Operation(
                "transfers.address_changes.ask",
                lambda w, c, s: address_changes.ask(c, holder("ann"), w.notes["lease"], f"wish-{s}@example.com"),
            ),
            Operation(
                "jobs.jobs.start",
                lambda w, c, s: jobs.start(
                    c, SYSTEM, "remove", Selection(addresses=(address("ann"),)), request_key=f"job {s}"
                ),
                ends=True,
            ),
        ],
    ),
    "moving": Situation(
        situations.moving,
        [
            *SWEEPS,
            Operation("sync.sync.sync_team target", lambda w, c, s: sync.sync_team(c, SYSTEM, "W2")),
            Operation("sync.sync.sync_team", lambda w, c, s: sync.sync_team(c, SYSTEM, "W1")),
            Operation("leases.leases.end", lambda w, c, s: leases.end(c, SYSTEM, address("bob")), ends=True),
            Operation("transfers.transfers.cancel", lambda w, c, s: transfers.cancel(c, SYSTEM, w.notes["transfer"])),
            Operation("transfers.transfers.advance", lambda w, c, s: transfers.advance(c, w.notes["transfer"])),
            Operation("teams.teams.enable_team", lambda w, c, s: teams.enable_team(c, SYSTEM, "W2", False)),
            Operation("people.privacy.erase_person", lambda w, c, s: privacy.erase_person(c, holder("bob"))),
        ],
        lost=("bob",),
    ),
    "planned": Situation(
        situations.planned,
        [
            Operation("transfers.sweep.advance_transfers", lambda w, c, s: transfer_sweep.advance_transfers(c)),
            Operation("transfers.transfers.advance", lambda w, c, s: transfers.advance(c, w.notes["transfer"])),
            Operation("transfers.transfers.cancel", lambda w, c, s: transfers.cancel(c, SYSTEM, w.notes["transfer"])),
            Operation("leases.leases.end", lambda w, c, s: leases.end(c, SYSTEM, address("cleo")), ends=True),
            Operation("teams.removal.remove_team", lambda w, c, s: removal.remove_team(c, SYSTEM, "W2")),
            Operation("teams.teams.change_team", lambda w, c, s: teams.change_team(c, SYSTEM, "W2", capacity=0)),
            Operation("people.privacy.erase_person", lambda w, c, s: privacy.erase_person(c, holder("cleo"))),
        ],
    ),
    "leaving": Situation(
        situations.leaving,
        [
            Operation("leases.removals.advance", lambda w, c, s: removals.advance(c, w.notes["removal of dan"])),
            Operation(
                "leases.removals.advance second",
                lambda w, c, s: removals.advance(c, w.notes["removal of dot"]),
            ),
            Operation("leases.removals.advance_due", lambda w, c, s: removals.advance_due(c)),
            Operation("sync.sync.sync_team", lambda w, c, s: sync.sync_team(c, SYSTEM, "W1")),
            Operation("teams.teams.change_team", lambda w, c, s: teams.change_team(c, SYSTEM, "W1", capacity=3)),
            REDEEM_OTHER,
        ],
        lost=("dan", "dot"),
    ),
    "unclear": Situation(
        situations.unclear,
        [
            REDEEM,
            REDEEM_SPARE,
            Operation("leases.recovery.recover", lambda w, c, s: recovery.recover(c)),
            Operation(
                "redemptions.redemptions.follow",
                lambda w, c, s: redemptions.follow(c, w.notes["redemption"], wait=0, own=True),
            ),
            *CODES,
            *TEAMS,
            Operation("leases.leases.end", lambda w, c, s: leases.end(c, SYSTEM, address("fay")), ends=True),
            Operation("people.privacy.erase_person", lambda w, c, s: privacy.erase_person(c, holder("fay"))),
        ],
    ),
    "unused": Situation(
        situations.unused,
        [
            REDEEM,
            REDEEM_SPARE,
            REDEEM_OTHER,
            Operation(
                "redemptions.redemptions.redeem_all bound",
                lambda w, c, s: redemptions.redeem_all(
                    c,
                    holder("hal"),
                    RedeemWish(address("hal"), [w.notes["bound"]], request_key=f"bound {s}"),
                    wait=0,
                ),
            ),
            *CODES,
            Operation(
                "waitlist.waitlist.join",
                lambda w, c, s: waitlist.join(c, holder("hal"), read_address(address("hal")), w.notes["code"]),
            ),
            Operation(
                "codes.codes.generate_list", lambda w, c, s: codes.generate_list(c, SYSTEM, codes.BatchPlan(count=1))
            ),
            Operation("teams.teams.change_team", lambda w, c, s: teams.change_team(c, SYSTEM, "W1", capacity=0)),
            Operation("teams.removal.remove_team", lambda w, c, s: removal.remove_team(c, SYSTEM, "W2")),
            Operation("teams.teams.import_teams", lambda w, c, s: add_team(w, 3, 1, core=c)),
            Operation(
                "teams.pools.change_pool", lambda w, c, s: pools.change_pool(c, SYSTEM, "default", enabled=False)
            ),
        ],
    ),
    "waiting": Situation(
        situations.waiting,
        [
            REDEEM,
            REDEEM_OTHER,
            Operation("waitlist.serving.serve", lambda w, c, s: serving.serve(c)),
            Operation("waitlist.waitlist.leave", lambda w, c, s: waitlist.leave(c, holder("gus")), ends=True),
            Operation(
                "waitlist.waitlist.join",
                lambda w, c, s: waitlist.join(c, holder("gus"), read_address(address("gus")), w.notes["code"]),
            ),
            *CODES,
            Operation("people.privacy.erase_person", lambda w, c, s: privacy.erase_person(c, holder("gus"))),
            Operation("teams.teams.enable_team", lambda w, c, s: teams.enable_team(c, SYSTEM, "W2", True)),
        ],
    ),
    "job": Situation(
        situations.job,
        [
            Operation("jobs.sweep.work_off", lambda w, c, s: job_sweep.work_off(c)),
            Operation("jobs.jobs.cancel", lambda w, c, s: jobs.cancel(c, SYSTEM, w.notes["job"])),
            Operation("jobs.jobs.retry", lambda w, c, s: jobs.retry(c, SYSTEM, w.notes["job"])),
            Operation(
                "jobs.jobs.start equal",
                lambda w, c, s: jobs.start(
                    c, SYSTEM, "remove", Selection(addresses=(address("jon"), address("joy"))), request_key=f"job {s}"
                ),
            ),
            Operation("leases.leases.end", lambda w, c, s: leases.end(c, SYSTEM, address("jon"))),
            Operation("transfers.transfers.transfer", lambda w, c, s: transfers.transfer(c, SYSTEM, address("jon"))),
        ],
        lost=("jon", "joy"),
    ),
    "expired": Situation(
        situations.expired,
        [
            Operation("leases.expiry.expire", lambda w, c, s: expiry.expire(c)),
            Operation("leases.leases.extend", lambda w, c, s: leases.extend(c, SYSTEM, address("eve"), "30d")),
            Operation("leases.leases.end", lambda w, c, s: leases.end(c, SYSTEM, address("eve"))),
            Operation("transfers.transfers.transfer", lambda w, c, s: transfers.transfer(c, SYSTEM, address("eve"))),
            Operation("sync.sync.read_due", lambda w, c, s: sync.read_due(c)),
        ],
        lost=("eve",),
    ),
    "invited": Situation(
        situations.invited,
        [
            Operation("leases.leases.resend", lambda w, c, s: leases.resend(c, SYSTEM, address("kim"))),
            Operation("sync.sync.sync_team", lambda w, c, s: sync.sync_team(c, SYSTEM, "W1")),
            Operation(
                "sync.sync.sync_team joined",
                lambda w, c, s: _accepted_and_read(w, c),
            ),
            Operation("leases.leases.end", lambda w, c, s: leases.end(c, SYSTEM, address("kim")), ends=True),
            Operation("transfers.transfers.transfer", lambda w, c, s: transfers.transfer(c, SYSTEM, address("kim"))),
        ],
    ),
    "staff": Situation(
        situations.signing_in,
        [
            Operation(
                "people.people.claim_token", lambda w, c, s: people.claim_token(c, holder("mia"), w.notes["token"])
            ),
            Operation(
                "people.people.claim_token other",
                lambda w, c, s: people.claim_token(c, holder("max"), w.notes["token"]),
            ),
            Operation(
                "people.staff.grant",
                lambda w, c, s: staff.grant(c, SYSTEM, _chat("mia"), Role.ADMIN),
            ),
            Operation("people.staff.revoke", lambda w, c, s: staff.revoke(c, SYSTEM, _chat("mia"))),
            Operation("people.privacy.erase_person", lambda w, c, s: privacy.erase_person(c, holder("mia"))),
            Operation(
                "people.people.recognise",
                lambda w, c, s: people.recognise(c, "telegram", holder("mia").identity, chat_id=holder("mia").identity),
            ),
            Operation("people.people.set_language", lambda w, c, s: people.set_language(c, holder("mia"), "en")),
            Operation("people.locks.ban", lambda w, c, s: locks.ban(c, SYSTEM, _chat("mia"), "a test")),
            Operation("people.locks.unban", lambda w, c, s: locks.unban(c, SYSTEM, _chat("max"))),
            Operation("people.locks.ban again", lambda w, c, s: locks.ban(c, SYSTEM, _chat("max"), "a test")),
        ],
    ),
    "linking": Situation(
        situations.linking,
        [
            Operation("people.links.issue_link", lambda w, c, s: links.issue_link(c, LILY)),
            Operation("people.links.find_link", lambda w, c, s: links.find_link(c, LIZ, w.notes["token"])),
            Operation("people.links.agree", lambda w, c, s: links.agree(c, LILY, w.notes["link"])),
            Operation("people.links.join", lambda w, c, s: _agreed_and_joined(w, c)),
            Operation("people.links.decline", lambda w, c, s: links.decline(c, LIZ, w.notes["link"])),
            Operation("people.privacy.erase_person", lambda w, c, s: privacy.erase_person(c, LILY)),
            Operation("people.privacy.erase_person other", lambda w, c, s: privacy.erase_person(c, LIZ)),
            Operation("people.staff.grant", lambda w, c, s: staff.grant(c, SYSTEM, LILY.key, Role.ADMIN)),
            Operation("people.people.recognise", lambda w, c, s: people.recognise(c, "telegram", "902", chat_id="902")),
            Operation("people.locks.ban", lambda w, c, s: locks.ban(c, SYSTEM, LIZ.key, "a test")),
        ],
    ),
}


async def _agreed_and_joined(world: World, core: Core) -> object:
    await links.agree(core, LILY, world.notes["link"])
    return await links.join(core, LIZ, world.notes["link"])


async def _accepted_and_read(world: World, core: Core) -> object:
    there = world.upstream.there("ws-1")
    if there.get(address("kim")) == "pending":
        world.upstream.accept("ws-1", address("kim"))
    return await sync.sync_team(core, SYSTEM, "W1")
