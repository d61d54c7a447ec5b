"""The promises that nothing is taken from anybody, as queries that find nothing while they are kept."""

# ruff: noqa: S608 - what is put into these queries are constants of this file

from __future__ import annotations

from typing import Final

from core.reports.doctor_checks import Check

_LIVE: Final = "('held', 'invited', 'active', 'transferring')"

TAKEN: Final = (
    Check(
        "database_is_reconciled",
        "the database knows of all that has happened",
        "fact",
        "SELECT name FROM facts WHERE name = 'held:restored'",
    ),
    Check(
        "clock_is_believed",
        "nothing waits for a clock that has jumped",
        "fact",
        "SELECT name FROM facts WHERE name = 'held:clock'",
        "warning",
    ),
    Check(
        "nothing_waits_for_a_later_clock",
        "what is under way is looked at within the time for which anything is put off",
        "row",
        """SELECT 'lease ' || id FROM leases WHERE status = 'held' AND due_at > :ahead
           UNION ALL SELECT 'sweep ' || name FROM sweeps WHERE claimed_until > :ahead""",
    ),
    Check(
        "nobody_served_is_removed",
        "nobody is taken out of a team in which they have a seat by something planned before",
        "removal",
        f"""SELECT r.id FROM removals r WHERE r.state = 'planned'
              AND EXISTS (SELECT 1 FROM leases l WHERE l.team_id = r.team_id AND l.address_key = r.address_key
                          AND l.status IN {_LIVE} AND (r.lease_id IS NULL OR l.id <> r.lease_id))""",
    ),
    Check(
        "place_left_is_not_served",
        "a waiting place that was given up gave nobody a seat",
        "waiting place",
        """SELECT w.id FROM waitlist w WHERE w.state = 'left'
             AND EXISTS (SELECT 1 FROM redemptions r WHERE r.code_id = w.code_id AND r.address_key = w.address_key
                         AND r.request_key LIKE 'wait:' || w.id || ':%' AND r.state IN ('sending', 'unclear', 'invited'))""",
    ),
    Check(
        "places_have_uses",
        "every waiting place has a use of its code that is kept for it",
        "code",
        """SELECT c.id FROM codes c JOIN waitlist w ON w.code_id = c.id AND w.state = 'waiting'
           WHERE NOT EXISTS (SELECT 1 FROM redemptions r WHERE r.code_id = c.id AND r.address_key = w.address_key
                             AND r.state IN ('sending', 'unclear', 'invited'))
           GROUP BY c.id, c.max_uses, c.used, c.reserved HAVING count(*) > c.max_uses - c.used - c.reserved""",
        "warning",
    ),
    Check(
        "places_lead_somewhere",
        "nobody waits with a code that leads nowhere any more",
        "waiting place",
        """SELECT w.id FROM waitlist w JOIN codes c ON c.id = w.code_id JOIN batches b ON b.id = c.batch_id
           JOIN teams t ON t.id = b.team_id
           WHERE w.state = 'waiting' AND t.removed_at < :late
           UNION
           SELECT w.id FROM waitlist w JOIN codes c ON c.id = w.code_id JOIN batches b ON b.id = c.batch_id
           WHERE w.state = 'waiting' AND b.expires_at < :late""",
        "warning",
    ),
    Check(
        "unclear_has_an_end",
        "nothing stays unclear in a workspace that is gone for good",
        "lease",
        """SELECT l.id FROM leases l JOIN teams t ON t.id = l.team_id
           WHERE l.status = 'held' AND (t.health = 'gone' OR t.removed_at IS NOT NULL) AND l.unclear_since < :forsaken""",
    ),
    Check(
        "name_is_one_rows",
        "no two pools, teams, models, limit groups or sources are called the same, however it is written",
        "name",
        " UNION ALL ".join(
            f"SELECT name_key FROM {table} GROUP BY name_key HAVING count(*) > 1"
            for table in ("pools", "teams", "models", "limit_groups", "sources")
        ),
    ),
)
