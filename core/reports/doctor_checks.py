"""The checks of `usher doctor`: one query each, on both databases, that selects whoever breaks a promise."""

# ruff: noqa: S608 - what is put into these queries are constants of this file

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

_LIVE: Final = "('held', 'invited', 'active', 'transferring')"
_SEATED: Final = "('invited', 'active', 'transferring')"
_OPEN: Final = "('sending', 'unclear')"
_MOVING: Final = "('planned', 'inviting', 'waiting', 'removing')"


@dataclass(frozen=True, slots=True)
class Check:
    """`offenders` selects one column, the id of a `subject`, and nothing when the promise is kept.

    It may use `:now`, `:late` (what was due then is overdue), `:old`, `:forsaken` and `:ahead`.
    """

    name: str
    promise: str
    subject: str
    offenders: str
    severity: Literal["breach", "warning"] = "breach"


SEATS: Final = (
    Check(
        "team_not_oversold",
        "a team never has more people than seats",
        "team",
        f"""SELECT t.id FROM teams t
            WHERE (SELECT count(*) FROM leases l WHERE l.team_id = t.id AND l.status IN {_LIVE})
                + (SELECT count(*) FROM seats s WHERE s.team_id = t.id AND s.occupant IS NOT NULL)
                > (SELECT count(*) FROM seats s WHERE s.team_id = t.id)""",
    ),
    Check(
        "no_free_seat_beyond_capacity",
        "a team offers no more seats than it has",
        "team",
        """SELECT t.id FROM teams t
           WHERE EXISTS (SELECT 1 FROM seats s WHERE s.team_id = t.id AND s.state = 'free')
             AND (SELECT count(*) FROM seats s WHERE s.team_id = t.id)
               > CASE WHEN t.capacity_learned < t.capacity THEN t.capacity_learned ELSE t.capacity END""",
    ),
    Check(
        "team_has_all_its_seats",
        "a team loses no seat of its capacity",
        "team",
        """SELECT t.id FROM teams t
           WHERE t.removed_at IS NULL
             AND (SELECT count(*) FROM seats s WHERE s.team_id = t.id)
               < CASE WHEN t.capacity_learned < t.capacity THEN t.capacity_learned ELSE t.capacity END""",
    ),
    Check(
        "seat_has_one_holder",
        "a seat has at most one live holder",
        "seat",
        f"""SELECT seat_id FROM (
                SELECT seat_id FROM leases WHERE status IN {_LIVE} AND seat_id IS NOT NULL
                UNION ALL SELECT id AS seat_id FROM seats WHERE occupant IS NOT NULL
            ) AS holders GROUP BY seat_id HAVING count(*) > 1""",
    ),
    Check(
        "address_once_per_team",
        "an address has at most one live lease in a team",
        "team",
        f"SELECT team_id FROM leases WHERE status IN {_LIVE} GROUP BY team_id, address_key HAVING count(*) > 1",
    ),
    Check(
        "address_served_once_per_pool",
        "no second code of a pool is used up for somebody who is served there",
        "lease",
        f"""SELECT max(l.id) FROM leases l
            JOIN redemptions r ON r.id = l.redemption_id AND r.state = 'invited' AND r.address_key = l.address_key
            JOIN codes c ON c.id = r.code_id
            JOIN batches b ON b.id = c.batch_id AND b.team_id IS NULL
            WHERE l.status IN {_SEATED}
            GROUP BY r.pool_id, l.address_key HAVING count(DISTINCT r.id) > 1""",
    ),
    Check(
        "addresses_are_normalised",
        "addresses are compared in one spelling",
        "lease",
        "SELECT id FROM leases WHERE address_key <> lower(trim(address_key))",
    ),
    Check(
        "held_seat_has_held_lease",
        "a held seat belongs to an invite under way",
        "seat",
        """SELECT s.id FROM seats s WHERE s.state = 'held'
             AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.seat_id = s.id AND l.status = 'held')""",
    ),
    Check(
        "taken_seat_has_person",
        "a taken seat belongs to somebody",
        "seat",
        f"""SELECT s.id FROM seats s WHERE s.state = 'taken' AND s.occupant IS NULL
              AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.seat_id = s.id AND l.status IN {_SEATED})""",
    ),
    Check(
        "free_seat_is_empty",
        "a free seat belongs to nobody",
        "seat",
        f"""SELECT s.id FROM seats s WHERE s.state = 'free'
              AND (s.occupant IS NOT NULL
                   OR EXISTS (SELECT 1 FROM leases l WHERE l.seat_id = s.id AND l.status IN {_LIVE}))""",
    ),
    Check(
        "live_lease_has_its_seat",
        "a live lease has a seat of its own team, held or taken as it is",
        "lease",
        f"""SELECT l.id FROM leases l LEFT JOIN seats s ON s.id = l.seat_id
            WHERE l.status IN {_LIVE}
              AND (s.id IS NULL OR s.team_id <> l.team_id
                   OR (l.status = 'held' AND s.state <> 'held')
                   OR (l.status <> 'held' AND s.state <> 'taken'))""",
    ),
    Check(
        "seats_follow_their_team",
        "seats are in their team's pool and open only where the team serves",
        "seat",
        """SELECT s.id FROM seats s JOIN teams t ON t.id = s.team_id
           WHERE s.pool_id <> t.pool_id
              OR (s.open AND NOT (t.enabled AND t.health = 'healthy' AND t.removed_at IS NULL))
              OR (NOT s.open AND t.enabled AND t.health = 'healthy' AND t.removed_at IS NULL)""",
    ),
)

CODES: Final = (
    Check(
        "code_uses_within_bounds",
        "a code is never used more often than it allows",
        "code",
        "SELECT id FROM codes WHERE used < 0 OR reserved < 0 OR used + reserved > max_uses",
    ),
    Check(
        "code_used_is_recount",
        "a code's uses are its confirmed redemptions, or what it gave",
        "code",
        """SELECT c.id FROM codes c LEFT JOIN (
               SELECT code_id, count(*) AS number FROM redemptions WHERE state = 'invited' GROUP BY code_id
           ) r ON r.code_id = c.id LEFT JOIN (
               SELECT code_id, count(*) AS number FROM gifts GROUP BY code_id
           ) g ON g.code_id = c.id WHERE c.used <> COALESCE(r.number, 0) + COALESCE(g.number, 0)""",
    ),
    Check(
        "code_reserved_is_recount",
        "a code's reservations are its redemptions under way",
        "code",
        f"""SELECT c.id FROM codes c LEFT JOIN (
               SELECT code_id, count(*) AS number FROM redemptions WHERE state IN {_OPEN} GROUP BY code_id
           ) r ON r.code_id = c.id WHERE c.reserved <> COALESCE(r.number, 0)""",
    ),
    Check(
        "batch_figures_are_recount",
        "a batch's figures are the sums of its codes",
        "batch",
        """SELECT b.id FROM batches b
           LEFT JOIN (
               SELECT batch_id, sum(codes) AS codes, sum(uses) AS uses, sum(used) AS used, sum(voided) AS voided
               FROM batch_changes GROUP BY batch_id
           ) d ON d.batch_id = b.id
           LEFT JOIN (
               SELECT batch_id, count(*) AS codes, sum(max_uses) AS uses, sum(used) AS used,
                      sum(CASE WHEN status = 'active' THEN 0 ELSE max_uses - used - reserved END) AS voided
               FROM codes GROUP BY batch_id
           ) c ON c.batch_id = b.id
           WHERE b.made_at IS NOT NULL
             AND (b.codes + COALESCE(d.codes, 0) <> COALESCE(c.codes, 0)
               OR b.uses + COALESCE(d.uses, 0) <> COALESCE(c.uses, 0)
               OR b.used + COALESCE(d.used, 0) <> COALESCE(c.used, 0)
               OR b.voided + COALESCE(d.voided, 0) <> COALESCE(c.voided, 0))""",
    ),
    Check(
        "figures_are_recount",
        "the figures of seats and leases are counts of them",
        "figure",
        """SELECT name || ' of pool ' || pool_id FROM (
               SELECT pool_id, name, amount FROM figures
               WHERE day = 0 AND (name LIKE 'seats.%' OR name LIKE 'leases.%')
               UNION ALL
               SELECT pool_id, name, amount FROM figure_changes
               WHERE hour = 0 AND (name LIKE 'seats.%' OR name LIKE 'leases.%')
               UNION ALL
               SELECT pool_id, 'seats.' || CASE WHEN state = 'free' AND NOT open THEN 'closed' ELSE state END, -count(*)
               FROM seats GROUP BY 1, 2
               UNION ALL
               SELECT pool_id, 'leases.' || status, -count(*) FROM leases GROUP BY 1, 2
           ) AS counted GROUP BY pool_id, name HAVING sum(amount) <> 0""",
    ),
    Check(
        "batch_was_finished",
        "a batch has all the codes that it counts",
        "batch",
        "SELECT id FROM batches WHERE made_at IS NULL AND created_at < :old",
        "warning",
    ),
)

REDEMPTIONS: Final = (
    Check(
        "redemption_once_per_code_and_address",
        "one address uses a code once",
        "code",
        """SELECT code_id FROM redemptions WHERE code_id IS NOT NULL AND state IN ('sending', 'unclear', 'invited')
            GROUP BY code_id, address_key HAVING count(*) > 1""",
    ),
    Check(
        "redemption_under_way_has_held_lease",
        "a redemption under way holds exactly one seat",
        "redemption",
        f"""SELECT r.id FROM redemptions r WHERE r.state IN {_OPEN}
              AND (SELECT count(*) FROM leases l WHERE l.redemption_id = r.id AND l.status = 'held'
                   AND l.address_key = r.address_key) <> 1""",
    ),
    Check(
        "redemption_settled_has_outcome",
        "an invited redemption has its lease, and only settled ones have an end",
        "redemption",
        f"""SELECT r.id FROM redemptions r LEFT JOIN leases l ON l.id = r.lease_id
            WHERE (r.state IN {_OPEN} AND r.settled_at IS NOT NULL)
               OR (r.state NOT IN {_OPEN} AND r.settled_at IS NULL)
               OR (r.state = 'invited' AND (l.id IS NULL OR l.status IN ('held', 'failed')))
               OR (r.state = 'refused' AND r.reason IS NULL)""",
    ),
    Check(
        "held_lease_has_cause",
        "an invite under way belongs to a redemption or a transfer under way",
        "lease",
        f"""SELECT l.id FROM leases l WHERE l.status = 'held'
              AND NOT EXISTS (SELECT 1 FROM redemptions r WHERE r.id = l.redemption_id AND r.state IN {_OPEN})
              AND NOT (l.transfer_id IS NOT NULL AND l.end_reason IS NOT NULL)
              AND NOT EXISTS (SELECT 1 FROM transfers t WHERE (t.id = l.transfer_id OR t.target_lease_id = l.id)
                              AND t.state IN {_MOVING})""",
    ),
    Check(
        "no_invite_is_forgotten",
        "every invite under way is looked at in time",
        "lease",
        "SELECT id FROM leases WHERE status = 'held' AND (due_at IS NULL OR due_at < :late)",
    ),
    Check(
        "no_use_of_an_expired_code",
        "no reservation is made after a code's expiry",
        "redemption",
        """SELECT r.id FROM redemptions r JOIN codes c ON c.id = r.code_id JOIN batches b ON b.id = c.batch_id
           WHERE r.state IN ('sending', 'unclear', 'invited') AND r.created_at >= b.expires_at""",
    ),
    Check(
        "code_was_used_by_its_own",
        "a code that is for one address is used for no other",
        "redemption",
        """SELECT r.id FROM redemptions r JOIN codes c ON c.id = r.code_id JOIN batches b ON b.id = c.batch_id
           WHERE b.for_address IS NOT NULL AND r.address_key <> b.for_address AND r.platform <> 'erased'
             AND r.state IN ('sending', 'unclear', 'invited')""",
    ),
    Check(
        "person_within_limit",
        "nobody uses more codes of a batch than one person may",
        "batch",
        """SELECT b.id FROM redemptions r JOIN codes c ON c.id = r.code_id JOIN batches b ON b.id = c.batch_id
           WHERE b.per_person IS NOT NULL AND r.platform <> 'erased' AND r.state IN ('sending', 'unclear', 'invited')
           GROUP BY b.id, b.per_person, r.platform, r.identity HAVING count(*) > b.per_person
           UNION
           SELECT b.id FROM redemptions r JOIN codes c ON c.id = r.code_id JOIN batches b ON b.id = c.batch_id
           WHERE b.per_person IS NOT NULL AND r.platform <> 'erased' AND r.state IN ('sending', 'unclear', 'invited')
           GROUP BY b.id, b.per_person, r.address_key HAVING count(*) > b.per_person""",
    ),
    Check(
        "person_is_where_they_chose",
        "who chose a team was invited into that one",
        "redemption",
        """SELECT r.id FROM redemptions r JOIN leases l ON l.redemption_id = r.id AND l.transfer_id IS NULL
           WHERE r.chosen_team_id IS NOT NULL AND l.team_id <> r.chosen_team_id""",
    ),
    Check(
        "bound_code_stays_with_its_team",
        "a bound code leads to its own team",
        "redemption",
        """SELECT r.id FROM redemptions r JOIN codes c ON c.id = r.code_id JOIN batches b ON b.id = c.batch_id
           JOIN leases l ON l.redemption_id = r.id AND l.transfer_id IS NULL
           WHERE b.team_id IS NOT NULL AND l.team_id <> b.team_id""",
    ),
    Check(
        "redemption_is_audited",
        "every reservation and every settlement has one line in the audit log",
        "redemption",
        """SELECT r.id FROM redemptions r LEFT JOIN (
               SELECT subject_id,
                      sum(CASE WHEN action = 'redemption.reserved' THEN 1 ELSE 0 END) AS reserved,
                      sum(CASE WHEN action IN ('redemption.invited', 'redemption.already_member',
                                               'redemption.refused') THEN 1 ELSE 0 END) AS settled
               FROM audit_log WHERE subject = 'redemption' GROUP BY subject_id
           ) a ON a.subject_id = r.id
           WHERE (r.state IN ('sending', 'unclear') AND (COALESCE(a.reserved, 0) <> 1 OR COALESCE(a.settled, 0) <> 0))
              OR ((r.state = 'invited' OR (r.state = 'refused' AND r.code_id IS NOT NULL))
                  AND (COALESCE(a.reserved, 0) <> 1 OR COALESCE(a.settled, 0) <> 1))""",
    ),
    Check(
        "lease_is_audited",
        "every lease that was settled has a line in the audit log",
        "lease",
        """SELECT l.id FROM leases l WHERE l.status <> 'held'
             AND NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.subject = 'lease' AND a.subject_id = l.id)""",
    ),
)

TRANSFERS: Final = (
    Check(
        "transfer_once_per_lease",
        "a lease is moved by one transfer at a time",
        "lease",
        f"SELECT lease_id FROM transfers WHERE state IN {_MOVING} GROUP BY lease_id HAVING count(*) > 1",
    ),
    Check(
        "transferring_lease_has_transfer",
        "who is in two places has a transfer that says so",
        "lease",
        f"""SELECT l.id FROM leases l WHERE l.status = 'transferring'
              AND NOT EXISTS (SELECT 1 FROM transfers t WHERE t.lease_id = l.id AND t.state IN {_MOVING})""",
    ),
    Check(
        "transfer_leaves_nobody_nowhere",
        "a person being moved has the old seat or the new one",
        "transfer",
        f"""SELECT t.id FROM transfers t WHERE t.state IN {_MOVING}
              AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.id IN (t.lease_id, t.target_lease_id)
                              AND l.status IN {_LIVE})""",
    ),
    Check(
        "moved_person_is_somewhere",
        "a lease ends because its person was moved only when they were",
        "lease",
        f"""SELECT l.id FROM leases l WHERE l.status = 'ended' AND l.end_reason IN ('transferred', 'team_dead')
              AND EXISTS (SELECT 1 FROM transfers t WHERE t.lease_id = l.id)
              AND NOT EXISTS (SELECT 1 FROM transfers t WHERE t.lease_id = l.id
                              AND (t.state = 'done' OR t.state IN {_MOVING}))""",
    ),
    Check(
        "no_transfer_is_forgotten",
        "every transfer under way is looked at in time",
        "transfer",
        f"SELECT id FROM transfers WHERE state IN {_MOVING} AND (due_at IS NULL OR due_at < :late)",
    ),
)

REST: Final = (
    Check(
        "extension_was_made",
        "an extension that is written down has moved the end",
        "lease",
        """SELECT DISTINCT subject_id FROM (
               SELECT subject_id, before ->> 'expires_at' AS began,
                      lag(after ->> 'expires_at') OVER (PARTITION BY subject_id ORDER BY id) AS made
               FROM audit_log WHERE subject = 'lease' AND action = 'lease.extended'
           ) AS extensions WHERE made <> began""",
    ),
    Check(
        "no_removal_is_forgotten",
        "every removal under way is looked at in time",
        "removal",
        "SELECT id FROM removals WHERE state = 'planned' AND (due_at IS NULL OR due_at < :late)",
    ),
    Check(
        "alert_open_once",
        "a condition has at most one open alert",
        "subject",
        "SELECT subject FROM alerts WHERE resolved_at IS NULL GROUP BY category, subject HAVING count(*) > 1",
    ),
    Check(
        "notices_reach_somebody",
        "no message was given up",
        "notice",
        "SELECT id FROM notices WHERE state = 'dead'",
        "warning",
    ),
    Check(
        "notices_are_sent",
        "no message waits for long",
        "notice",
        "SELECT id FROM notices WHERE state = 'ready' AND due_at < :late",
        "warning",
    ),
    Check(
        "events_are_answered",
        "no message of a person waits for long or was given up",
        "event",
        "SELECT key FROM inbox WHERE state = 'dead' OR (state = 'ready' AND due_at < :late)",
        "warning",
    ),
)

CHECKS: Final = (*SEATS, *CODES, *REDEMPTIONS, *TRANSFERS, *REST)
