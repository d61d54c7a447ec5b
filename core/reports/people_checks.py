"""The doctor's checks of who somebody is: roles, tokens, links, bans, and what was to be forgotten."""

from __future__ import annotations

from typing import Final

from core.reports.doctor_checks import Check

PEOPLE: Final = (
    Check(
        "role_was_given",
        "nobody has a role that the log does not give them",
        "person",
        """SELECT p.id FROM people p WHERE p.role <> 'anyone' AND p.role <> COALESCE((
               SELECT a."after" ->> 'role' FROM audit_log a
               WHERE a.subject = 'person' AND a.subject_id = p.id
                 AND a.action IN ('staff.granted', 'staff.signed_in', 'staff.revoked')
               ORDER BY a.id DESC LIMIT 1), 'anyone')""",
    ),
    Check(
        "token_ended_with_its_maker",
        "no sign-in token outlives the role of whoever made it",
        "token",
        """SELECT t.id FROM staff_tokens t
           JOIN identities i ON i.platform || ':' || i.identity = t.maker
           WHERE t.used_at IS NULL AND t.expires_at > :now AND EXISTS (
               SELECT 1 FROM audit_log a WHERE a.subject = 'person' AND a.subject_id = i.person_id
                 AND a.action = 'staff.revoked' AND a.at >= t.created_at)""",
    ),
    Check(
        "removal_was_asked_by_staff",
        "nobody is taken out in the name of somebody who had no role any more",
        "removal",
        """SELECT r.id FROM removals r
           JOIN identities i ON i.platform || ':' || i.identity = r.requested_by
           WHERE r.cause = 'ended' AND COALESCE((
               SELECT a.action FROM audit_log a
               WHERE a.subject = 'person' AND a.subject_id = i.person_id AND a.at < r.created_at
                 AND a.action IN ('staff.granted', 'staff.signed_in', 'staff.revoked')
               ORDER BY a.id DESC LIMIT 1), '') = 'staff.revoked'""",
        "warning",  # of a role taken away in the same moment, the removal may have been asked for before
    ),
    Check(
        "link_has_its_sides",
        "no link waits for somebody who is forgotten",
        "link",
        """SELECT l.id FROM links l WHERE l.state IN ('open', 'agreed') AND l.expires_at > :now
             AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.platform || ':' || i.identity = l.maker)""",
    ),
    Check(
        "staff_is_not_banned",
        "nobody with a role is banned",
        "person",
        """SELECT p.id FROM people p JOIN identities i ON i.person_id = p.id
           JOIN bans b ON b.platform = i.platform AND b.identity = i.identity
           WHERE p.role <> 'anyone' AND b.lifted_at IS NULL AND (b.until IS NULL OR b.until > :now)""",
        "warning",
    ),
    Check(
        "forgotten_is_forgotten",
        "what is over of somebody who is forgotten names them no more",
        "row",
        """SELECT 'redemption ' || id FROM redemptions WHERE platform = 'erased' AND settled_at < :late
             AND address NOT LIKE '%@erased.invalid'
           UNION ALL
           SELECT 'lease ' || l.id FROM leases l WHERE l.platform = 'erased' AND l.ended_at < :late
             AND l.status IN ('ended', 'failed') AND l.address NOT LIKE '%@erased.invalid'
             AND NOT EXISTS (SELECT 1 FROM removals r WHERE r.lease_id = l.id AND r.state = 'planned')
             AND NOT EXISTS (SELECT 1 FROM transfers t WHERE (t.lease_id = l.id OR t.target_lease_id = l.id)
                             AND t.state IN ('planned', 'inviting', 'waiting', 'removing'))
           UNION ALL
           SELECT 'waiting place ' || id FROM waitlist WHERE platform = 'erased' AND state <> 'waiting'
             AND address NOT LIKE '%@erased.invalid'
           UNION ALL
           SELECT 'request ' || id FROM code_requests WHERE platform = 'erased' AND address NOT LIKE '%@erased.invalid'
           UNION ALL
           SELECT 'removal ' || r.id FROM removals r JOIN leases l ON l.id = r.lease_id
           WHERE l.address LIKE '%@erased.invalid' AND r.address NOT LIKE '%@erased.invalid'
           UNION ALL
           SELECT 'transfer ' || m.id FROM transfers m JOIN leases l ON l.id = m.lease_id OR l.id = m.target_lease_id
           WHERE l.address LIKE '%@erased.invalid' AND m.address NOT LIKE '%erased.invalid'
           UNION ALL
           SELECT 'call ' || id FROM calls WHERE person_id IS NULL AND ended_at IS NOT NULL AND answer IS NOT NULL""",
    ),
)
