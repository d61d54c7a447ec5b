"""The doctor's checks of what belongs together over time: a pool and what is in it, a seat and what is wished for it."""

# ruff: noqa: S608 - what is put into these queries are constants of this file

from __future__ import annotations

from typing import Final

from core.reports.doctor_checks import Check

_LIVE: Final = "('held', 'invited', 'active', 'transferring')"
_LEFT: Final = """c.status = 'active' AND c.used < c.max_uses AND (b.expires_at IS NULL OR b.expires_at > :now)"""

PLACES: Final = (
    Check(
        "leases_follow_their_team",
        "people are in their team's pool",
        "lease",
        f"""SELECT l.id FROM leases l JOIN teams t ON t.id = l.team_id
            WHERE l.status IN {_LIVE} AND l.pool_id <> t.pool_id""",
    ),
    Check(
        "bound_codes_follow_their_team",
        "codes that lead to one team are in that team's pool",
        "batch",
        """SELECT b.id FROM batches b JOIN teams t ON t.id = b.team_id
           WHERE t.removed_at IS NULL AND b.pool_id <> t.pool_id""",
    ),
    Check(
        "waiting_places_follow_their_code",
        "whoever waits is in line where their code leads",
        "waiting place",
        """SELECT w.id FROM waitlist w JOIN codes c ON c.id = w.code_id JOIN batches b ON b.id = c.batch_id
           WHERE w.state = 'waiting' AND w.pool_id <> b.pool_id""",
    ),
    Check(
        "nothing_is_in_a_pool_that_is_gone",
        "no team, person or usable code is left in a pool that was put away",
        "pool",
        f"""SELECT p.id FROM pools p WHERE p.removed_at IS NOT NULL AND (
                EXISTS (SELECT 1 FROM teams t WHERE t.pool_id = p.id AND t.removed_at IS NULL)
                OR EXISTS (SELECT 1 FROM leases l WHERE l.pool_id = p.id AND l.status IN {_LIVE})
                OR EXISTS (SELECT 1 FROM batches b JOIN codes c ON c.batch_id = b.id WHERE b.pool_id = p.id AND {_LEFT}))""",
    ),
    Check(
        "nobody_ends_before_their_term",
        "a membership ends by its term only when that is over",
        "lease",
        f"SELECT id FROM leases WHERE status IN {_LIVE} AND end_reason = 'expired' AND expires_at > :now",
    ),
    Check(
        "move_keeps_the_term",
        "whoever was moved has the seat for as long as it was extended",
        "transfer",
        f"""SELECT m.id FROM transfers m JOIN leases s ON s.id = m.lease_id JOIN leases l ON l.id = m.target_lease_id
            WHERE m.state = 'done' AND m.cause <> 'expiry' AND l.status IN {_LIVE} AND l.expires_at < s.expires_at""",
    ),
    Check(
        "wishes_have_a_seat",
        "what a person wished for a seat is not asked of staff any more when the seat has ended",
        "lease",
        f"""SELECT l.id FROM leases l WHERE l.status NOT IN {_LIVE} AND (
                EXISTS (SELECT 1 FROM transfers m WHERE m.lease_id = l.id AND m.state = 'asked')
                OR EXISTS (SELECT 1 FROM extension_requests x WHERE x.lease_id = l.id AND x.state = 'asked'))""",
    ),
    Check(
        "left_there_for_a_seat",
        "whoever was not taken out of a team because of a seat there has it, or is taken out",
        "removal",
        """SELECT r.id FROM removals r
           JOIN leases l ON l.team_id = r.team_id AND l.address_key = r.address_key
           JOIN seats s ON s.team_id = r.team_id AND s.occupant = r.address_key
           WHERE r.state = 'cancelled' AND r.reason = 'served' AND l.status = 'failed'
             AND l.created_at <= r.finished_at AND l.ended_at >= r.finished_at
             AND NOT EXISTS (SELECT 1 FROM removals x WHERE x.team_id = r.team_id AND x.address_key = r.address_key
                             AND x.id > r.id)
             AND NOT EXISTS (SELECT 1 FROM leases n WHERE n.team_id = l.team_id AND n.address_key = l.address_key
                             AND n.id > l.id)""",
    ),
)
