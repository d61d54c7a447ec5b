"""What else can meet: wishes, failed moves, doubtful invites, strangers, the forgotten, and what a restore suspended."""

from __future__ import annotations

from core.actors import SYSTEM
from core.codes import codes
from core.leases import adopting, expiry, extensions, leases, recovery, removals, settling
from core.people import privacy
from core.redemptions import redemptions, seating
from core.redemptions import suspended as requests
from core.redemptions.orders import RedeemWish
from core.restores import reconcile
from core.rules.addresses import read_address
from core.rules.gifts import Giving
from core.sync import strangers_sweep, sync
from core.teams import pool_moves, removal, teams
from core.transfers import address_changes, transfers
from core.transfers import sweep as transfer_sweep
from core.waitlist import waitlist
from tests.races import situations
from tests.races.operations import CODES, FIRST, REDEEM, REDEEM_OTHER, REDEEM_SPARE, TEAMS, Operation, Situation
from tests.races.world import add_team, address, holder

SITUATIONS: dict[str, Situation] = {
    **FIRST,
    "wishing": Situation(
        situations.wishing,
        [
            Operation(
                "transfers.address_changes.approve",
                lambda w, c, s: address_changes.approve(c, SYSTEM, w.notes["wish"]),
            ),
            Operation(
                "transfers.address_changes.decline",
                lambda w, c, s: address_changes.decline(c, SYSTEM, w.notes["wish"]),
            ),
            Operation(
                "transfers.address_changes.ask",
                lambda w, c, s: address_changes.ask(c, holder("ivy"), w.notes["lease"], f"wish-{s}@example.com"),
            ),
            Operation("leases.extensions.ask", lambda w, c, s: extensions.ask(c, holder("ivy"), w.notes["lease"])),
            Operation("leases.extensions.approve", lambda w, c, s: extensions.approve(c, SYSTEM, w.notes["longer"])),
            Operation("leases.extensions.decline", lambda w, c, s: extensions.decline(c, SYSTEM, w.notes["longer"])),
            Operation("leases.leases.end", lambda w, c, s: leases.end(c, SYSTEM, address("ivy")), ends=True),
            Operation("transfers.transfers.transfer", lambda w, c, s: transfers.transfer(c, SYSTEM, address("ivy"))),
            Operation("transfers.transfers.cancel", lambda w, c, s: transfers.cancel(c, SYSTEM, w.notes["wish"])),
            Operation("people.privacy.erase_person", lambda w, c, s: privacy.erase_person(c, holder("ivy"))),
        ],
    ),
    "limited": Situation(
        situations.limited,
        [
            REDEEM,
            Operation(
                "redemptions.redemptions.redeem_all second",
                lambda w, c, s: redemptions.redeem_all(
                    c,
                    holder("liv"),
                    RedeemWish("second@example.com", [w.notes["spare"]], request_key=f"second {s}"),
                    wait=0,
                ),
            ),
            Operation("people.privacy.erase_person", lambda w, c, s: privacy.erase_person(c, holder("liv"))),
        ],
    ),
    "failed": Situation(
        situations.failed,
        [
            Operation("transfers.transfers.retry", lambda w, c, s: transfers.retry(c, SYSTEM, w.notes["transfer"])),
            Operation("transfers.transfers.transfer", lambda w, c, s: transfers.transfer(c, SYSTEM, address("flo"))),
            Operation("transfers.sweep.advance_transfers", lambda w, c, s: transfer_sweep.advance_transfers(c)),
            Operation("transfers.transfers.cancel", lambda w, c, s: transfers.cancel(c, SYSTEM, w.notes["transfer"])),
            Operation("leases.leases.end", lambda w, c, s: leases.end(c, SYSTEM, address("flo")), ends=True),
            Operation("teams.teams.enable_team", lambda w, c, s: teams.enable_team(c, SYSTEM, "W2", False)),
            Operation("people.privacy.erase_person", lambda w, c, s: privacy.erase_person(c, holder("flo"))),
        ],
    ),
    "doubtful": Situation(
        situations.doubtful,
        [
            Operation(
                "leases.settling.settle",
                lambda w, c, s: settling.settle(c, SYSTEM, w.notes["lease"], invited=True),
            ),
            Operation(
                "leases.settling.settle not",
                lambda w, c, s: settling.settle(c, SYSTEM, w.notes["lease"], invited=False),
                ends=True,
            ),
            Operation("leases.recovery.recover", lambda w, c, s: recovery.recover(c)),
            REDEEM,
            REDEEM_SPARE,
            Operation("leases.leases.end", lambda w, c, s: leases.end(c, SYSTEM, address("fay")), ends=True),
            Operation("sync.sync.sync_team", lambda w, c, s: sync.sync_team(c, SYSTEM, "W1")),
            Operation("people.privacy.erase_person", lambda w, c, s: privacy.erase_person(c, holder("fay"))),
        ],
    ),
    "stranger": Situation(
        situations.stranger,
        [
            Operation("sync.strangers_sweep.remove_strangers", lambda w, c, s: strangers_sweep.remove_strangers(c)),
            Operation("leases.adopting.adopt", lambda w, c, s: adopting.adopt(c, SYSTEM, adopting.Adoption(team="W1"))),
            Operation(
                "redemptions.seating.seat",
                lambda w, c, s: seating.seat(c, SYSTEM, read_address(address("sue")), request_key=f"seat {s}", wait=0),
            ),
            Operation("leases.removals.advance_due", lambda w, c, s: removals.advance_due(c)),
            REDEEM,
            REDEEM_OTHER,
            *TEAMS,
        ],
    ),
    "pooled": Situation(
        situations.pooled,
        [
            Operation("teams.pool_moves.move_team", lambda w, c, s: pool_moves.move_team(c, SYSTEM, "W1", "gold")),
            Operation(
                "teams.pool_moves.empty_pool", lambda w, c, s: pool_moves.empty_pool(c, SYSTEM, "default", "gold")
            ),
            Operation(
                "teams.pool_moves.merge_pool", lambda w, c, s: pool_moves.merge_pool(c, SYSTEM, "default", "gold")
            ),
            Operation(
                "teams.pool_moves.merge_pool back",
                lambda w, c, s: pool_moves.merge_pool(c, SYSTEM, "gold", "default"),
            ),
            Operation(
                "teams.pool_moves.merge_pool on", lambda w, c, s: pool_moves.merge_pool(c, SYSTEM, "gold", "silver")
            ),
            Operation("teams.pool_moves.remove_pool", lambda w, c, s: pool_moves.remove_pool(c, SYSTEM, "silver")),
            REDEEM,
            REDEEM_OTHER,
            Operation("leases.adopting.adopt", lambda w, c, s: adopting.adopt(c, SYSTEM, adopting.Adoption(team="W1"))),
            Operation(
                "redemptions.seating.seat",
                lambda w, c, s: seating.seat(
                    c,
                    SYSTEM,
                    read_address(address("zoe")),
                    seating.SeatWish(pool="default"),
                    request_key=f"seat {s}",
                    wait=0,
                ),
            ),
            Operation(
                "codes.codes.generate_list",
                lambda w, c, s: codes.generate_list(
                    c, SYSTEM, codes.BatchPlan(count=1, pool="silver", giving=Giving("credit", 1_000_000))
                ),
            ),
            Operation(
                "codes.codes.generate_list bound",
                lambda w, c, s: codes.generate_list(c, SYSTEM, codes.BatchPlan(count=1, team="W1", override=True)),
            ),
            Operation(
                "codes.codes.import_codes",
                lambda w, c, s: codes.import_codes(
                    c, SYSTEM, ["OLD-1111-2222"], codes.BatchPlan(count=1, pool="silver")
                ),
            ),
            Operation("teams.teams.import_teams", lambda w, c, s: add_team(w, 4, 1, core=c, pool="silver")),
            Operation(
                "waitlist.waitlist.join",
                lambda w, c, s: waitlist.join(c, holder("sue"), read_address(address("sue")), w.notes["code"]),
            ),
            Operation("transfers.transfers.transfer", lambda w, c, s: transfers.transfer(c, SYSTEM, address("ann"))),
            Operation("teams.removal.remove_team", lambda w, c, s: removal.remove_team(c, SYSTEM, "W3")),
        ],
    ),
    "forgotten": Situation(
        situations.forgotten,
        [
            Operation("people.privacy.forget_ended", lambda w, c, s: privacy.forget_ended(c)),
            Operation("leases.removals.advance_due", lambda w, c, s: removals.advance_due(c), ends=True),
            REDEEM,
            REDEEM_SPARE,
            Operation("leases.expiry.expire", lambda w, c, s: expiry.expire(c)),
            Operation("sync.sync.sync_team", lambda w, c, s: sync.sync_team(c, SYSTEM, "W1")),
            Operation("people.privacy.erase_person", lambda w, c, s: privacy.erase_person(c, holder("nia"))),
        ],
        lost=("nia",),
    ),
    "suspended": Situation(
        situations.suspended,
        [
            Operation(
                "redemptions.suspended.decide",
                lambda w, c, s: requests.decide(c, SYSTEM, w.notes["request"], approve=True),
            ),
            Operation(
                "redemptions.suspended.decide not",
                lambda w, c, s: requests.decide(c, SYSTEM, w.notes["request"], approve=False),
            ),
            REDEEM,
            Operation("restores.reconcile.release", lambda w, c, s: reconcile.release(c, SYSTEM)),
            *CODES,
            Operation("people.privacy.erase_person", lambda w, c, s: privacy.erase_person(c, holder("pia"))),
        ],
    ),
}
