"""The checks of `usher doctor` for the second wing: wallets, ledger, calls, slots."""

# ruff: noqa: S608 - what is put into these queries are constants of this file

from __future__ import annotations

from typing import Final

from core.reports.doctor_checks import Check

_OPEN: Final = "('claimed', 'sending', 'streaming')"
_LEFT: Final = """sum(CASE WHEN kind IN ('grant', 'refill', 'adjust', 'release') THEN amount
                           WHEN kind IN ('expiry', 'claim') THEN -amount ELSE 0 END)"""
_HELD: Final = "sum(CASE WHEN kind = 'claim' THEN amount WHEN kind IN ('release', 'charge') THEN -amount ELSE 0 END)"

CREDIT: Final = (
    Check(
        "wallet_not_below_zero",
        "no wallet is below zero, or above its cap",
        "wallet",
        'SELECT id FROM wallets WHERE "left" < 0 OR claimed < 0 OR "left" > cap',
    ),
    Check(
        "charged_within_claim",
        "nobody is charged more than was claimed for them",
        "call",
        """SELECT id FROM calls WHERE charged > claimed OR charged < 0
           UNION SELECT call_id FROM call_parts WHERE charged > claimed OR charged < 0""",
    ),
    Check(
        "ledger_reproduces_wallets",
        "the ledger alone reproduces every wallet",
        "wallet",
        f"""SELECT w.id FROM wallets w LEFT JOIN (
               SELECT wallet_id, {_LEFT} AS put_in, {_HELD} AS held FROM ledger
               WHERE wallet_id IS NOT NULL GROUP BY wallet_id
           ) l ON l.wallet_id = w.id
           WHERE w."left" <> COALESCE(l.put_in, 0) OR w.claimed <> COALESCE(l.held, 0)""",
    ),
    Check(
        "claims_are_of_open_calls",
        "what wallets have claimed belongs to calls under way",
        "wallet",
        f"""SELECT w.id FROM wallets w LEFT JOIN (
               SELECT p.wallet_id, sum(p.claimed) AS claimed FROM call_parts p JOIN calls c ON c.id = p.call_id
               WHERE c.state IN {_OPEN} GROUP BY p.wallet_id
           ) o ON o.wallet_id = w.id WHERE w.claimed <> COALESCE(o.claimed, 0)""",
    ),
    Check(
        "call_is_its_parts",
        "a call's claim and charge are the sums of its parts, and of its lines in the ledger",
        "call",
        f"""SELECT c.id FROM calls c
           LEFT JOIN (SELECT call_id, sum(claimed) AS claimed, sum(charged) AS charged FROM call_parts GROUP BY call_id)
             p ON p.call_id = c.id
           LEFT JOIN (SELECT call_id, sum(CASE WHEN kind = 'claim' THEN amount ELSE 0 END) AS claimed,
                             sum(CASE WHEN kind = 'charge' THEN amount ELSE 0 END) AS charged,
                             sum(CASE WHEN kind = 'release' THEN amount ELSE 0 END) AS released,
                             sum(CASE WHEN kind = 'absorb' THEN amount ELSE 0 END) AS absorbed
                      FROM ledger WHERE call_id IS NOT NULL GROUP BY call_id) l ON l.call_id = c.id
           WHERE c.claimed <> COALESCE(p.claimed, 0) OR c.charged <> COALESCE(p.charged, 0)
              OR c.claimed <> COALESCE(l.claimed, 0) OR c.charged <> COALESCE(l.charged, 0)
              OR c.absorbed <> COALESCE(l.absorbed, 0)
              OR (c.state NOT IN {_OPEN} AND c.claimed <> c.charged + COALESCE(l.released, 0))""",
    ),
    Check(
        "slot_is_of_an_open_call",
        "a busy place at a source belongs to a call under way",
        "slot",
        f"""SELECT s.id FROM source_slots s WHERE s.state = 'busy'
             AND NOT EXISTS (SELECT 1 FROM calls c WHERE c.id = s.call_id AND c.state IN {_OPEN})""",
    ),
    Check(
        "call_has_its_slot",
        "a call that is being asked has its one place",
        "call",
        """SELECT c.id FROM calls c WHERE c.state IN ('sending', 'streaming') AND c.due_at >= :now
             AND (SELECT count(*) FROM source_slots s WHERE s.call_id = c.id) > 1""",
    ),
    Check(
        "source_has_its_slots",
        "a source offers no more places than it has",
        "source",
        """SELECT o.id FROM sources o WHERE o.removed_at IS NULL AND EXISTS (
               SELECT 1 FROM source_slots s WHERE s.source_id = o.id AND s.number > o.concurrency AND s.state = 'free')""",
        "warning",
    ),
    Check(
        "no_call_without_an_attempt",
        "nothing is sent without a note made before",
        "call",
        """SELECT c.id FROM calls c
           WHERE (c.state IN ('sending', 'streaming') OR c.bytes_out > 0)
             AND NOT EXISTS (SELECT 1 FROM call_attempts a WHERE a.call_id = c.id)""",
    ),
    Check(
        "one_source_answers",
        "one source at most answered a call, the last that was asked",
        "call",
        """SELECT call_id FROM call_attempts WHERE outcome = 'began' GROUP BY call_id HAVING count(*) > 1
           UNION SELECT a.call_id FROM call_attempts a JOIN call_attempts b
             ON b.call_id = a.call_id AND b.number > a.number WHERE a.outcome = 'began'""",
    ),
    Check(
        "no_source_is_asked_twice",
        "no source is asked twice for one call",
        "call",
        "SELECT call_id FROM call_attempts GROUP BY call_id, source_id HAVING count(*) > 1",
    ),
    Check(
        "billed_covers_charged",
        "nobody pays what no source may have billed",
        "call",
        "SELECT id FROM calls WHERE charged > billed",
    ),
    Check(
        "no_call_is_forgotten",
        "every call under way is looked at in time",
        "call",
        f"SELECT id FROM calls WHERE state IN {_OPEN} AND (due_at IS NULL OR due_at < :late)",
    ),
    Check(
        "subaccount_is_its_persons",
        "an account that was made for somebody answers that person, and one that was revoked answers nobody",
        "subaccount",
        """SELECT b.id FROM subaccounts b LEFT JOIN sources s ON s.id = b.source_id
           WHERE (b.state = 'ready' AND b.person_id IS NOT NULL AND s.removed_at IS NULL
                  AND COALESCE(s.owner_id, 0) <> b.person_id)
             OR (b.state = 'revoked' AND s.id IS NOT NULL AND s.removed_at IS NULL)""",
    ),
    Check(
        "no_subaccount_is_forgotten",
        "every account that is being made or revoked for somebody is looked at in time",
        "subaccount",
        "SELECT id FROM subaccounts WHERE due_at < :late",
        "warning",
    ),
    Check(
        "gift_is_in_the_ledger",
        "what a code gave is in the ledger, once",
        "gift",
        """SELECT g.id FROM gifts g LEFT JOIN (
               SELECT wallet_id, code_id, sum(amount) AS amount, count(*) AS number FROM ledger
               WHERE kind = 'grant' AND code_id IS NOT NULL GROUP BY wallet_id, code_id
           ) l ON l.wallet_id = g.wallet_id AND l.code_id = g.code_id
           WHERE g.gives = 'credit' AND (COALESCE(l.amount, 0) <> g.amount OR COALESCE(l.number, 0) <> 1)""",
    ),
    Check(
        "allowance_has_its_cause",
        "an allowance belongs to somebody who is on a plan, or lends an account",
        "wallet",
        """SELECT w.id FROM wallets w WHERE w.cap > 0 AND w.person_id IS NOT NULL AND (
             (w.kind = 'shared' AND NOT EXISTS (
                 SELECT 1 FROM sources s WHERE s.owner_id = w.person_id AND s.shared AND s.enabled
                   AND s.removed_at IS NULL AND s.health = 'healthy'))
             OR (w.kind = 'allowance' AND w.origin <> 'plan:free' AND NOT EXISTS (
                 SELECT 1 FROM memberships m WHERE m.person_id = w.person_id AND m.ended_at IS NULL)))""",
        "warning",
    ),
    Check(
        "ended_credit_is_gone",
        "credit whose end has come is written off in time",
        "wallet",
        'SELECT id FROM wallets WHERE expires_at < :late AND "left" > 0',
        "warning",
    ),
)
