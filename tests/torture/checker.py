"""What happened, held against what is there: the history of every process, the database and the upstream's ledger."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.people.privacy import NOBODYS
from core.reports import doctor
from core.service import Core
from core.waitlist.serving import PREFIX
from tests.torture.living import owner_of

LIVE = "('held', 'invited', 'active', 'transferring')"


@dataclass
class History:
    """Every line that the processes wrote. A line cut by SIGKILL cannot be: each is one write."""

    lines: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, files: Iterable[Path]) -> History:
        return cls([json.loads(line) for file in files for line in file.read_text().splitlines()])

    def add(self, **line: Any) -> None:
        """Another line, of who writes none to a file."""
        self.lines.append(line)

    def forget(self, since: float, until: float) -> None:
        """What was answered between a backup and its restoring need not be known any more, but for who was invited."""
        lost = [line for line in self.lines if since <= line["at"] <= until and line["type"] == "ok"]
        for line in lost:
            if line.get("state") != "invited":
                self.lines.remove(line)

    def counts(self) -> Counter[str]:
        """How many operations came to which end."""
        return Counter(f"{line['op']} {line['type']}" for line in self.lines if line["type"] != "invoke")

    def of(self, doing: str) -> list[dict[str, Any]]:
        """What was asked for, whatever came of it."""
        return [line for line in self.lines if line["op"] == doing and line["type"] == "invoke"]

    @property
    def redeemed(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["op"] in {"redeem", "repeat"}]


async def breaches(
    core: Core, history: History, ledger: dict[str, list[dict[str, Any]]], seats: int, *, restored: bool = False
) -> list[str]:
    """Everything that contradicts a promise; empty when all were kept.

    After a backup was `restored`, a code that is not known any more gave a seat for which no use is noted, and somebody
    may have been invited by whom nobody was told.
    """
    found = [
        f"doctor {each.name}: {each.detail}" for each in await core.read(doctor.findings, core.now()) if each.breaches
    ]
    found += await _acknowledged(core, history)
    found += await _upstream(core, ledger, seats, restored)
    found += await seats_there(core)
    found += await roles_given(core, history)
    found += await somewhere(core, history, ledger)
    return found


async def seats_there(core: Core) -> list[str]:
    """No seat vanishes: every team in service has as many as were set, or as many as are sat on."""
    rows = await _rows(
        core,
        "SELECT t.name, t.capacity, t.capacity_learned, count(s.id), sum(CASE WHEN s.state <> 'free' THEN 1 ELSE 0 END)"
        " FROM teams t LEFT JOIN seats s ON s.team_id = t.id WHERE t.removed_at IS NULL"
        " GROUP BY t.id, t.name, t.capacity, t.capacity_learned",
    )
    return [
        f"vanished: {name} has {there} seats of {capacity} ({learned} learned), {sat or 0} of them sat on"
        for name, capacity, learned, there, sat in rows
        if there != max(capacity if learned is None else min(capacity, learned), sat or 0)
    ]


async def roles_given(core: Core, history: History) -> list[str]:
    """Nobody has a role that was not given to that very identity, or to one that it had been joined with before."""
    given = [(line["identity"], line["role"], line["at"]) for line in history.of("grant")]
    joined = [(line["sides"], line["at"]) for line in history.of("link")]
    rows = await _rows(
        core,
        "SELECT i.identity, p.role, p.id FROM people p JOIN identities i ON i.person_id = p.id WHERE p.role <> 'anyone'",
    )

    def earned(identity: str, role: str, mine: set[str]) -> bool:
        first = min((at for sides, at in joined if identity in sides), default=None)
        return any(
            label == role and (who == identity or (who in mine and first is not None and first <= at))
            for who, label, at in given
        )

    return [
        f"role: {identity} is {role}, and was never made that"
        for identity, role, person in rows
        if not earned(identity, role, {row[0] for row in rows if row[2] == person})
    ]


async def somewhere(core: Core, history: History, ledger: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Nobody is nowhere: whoever was told that they are invited is there, unless something was meant to end that.

    A lease that only moved ends nothing: its person must be there still. Whoever asked to be forgotten is not looked for.
    """
    statement = "SELECT address_key FROM leases WHERE status IN ('ended', 'failed') AND end_reason <> 'transferred'"
    ended = {row[0] for row in await _rows(core, statement)}
    there = {entry["email"].lower() for entry in [*ledger["pending"], *ledger["members"]]}
    erased = {line["identity"] for line in history.of("erase")}
    told = {
        line["person"]
        for line in _told(history)
        if line["state"] == "invited" and owner_of(line["person"]).identity not in erased
    }
    return [f"nowhere: {person} was invited, nobody ended that" for person in sorted(told - ended - there)]


def _told(history: History) -> Iterable[dict[str, Any]]:
    people = {line["id"]: line["person"] for line in history.redeemed if line["type"] == "invoke"}
    return [
        {**line, "person": people[line["id"]]}
        for line in history.redeemed
        if line["type"] == "ok" and line.get("redemption") is not None
    ]


async def _rows(core: Core, statement: str) -> list[Any]:
    return await core.read(lambda tx: list(tx.exec_driver_sql(statement)))


async def _acknowledged(core: Core, history: History) -> list[str]:
    """Whoever was answered was answered with the truth, and nothing is there that nobody asked for (I9, I10, I18)."""
    found = []
    states = {row[0]: (row[1], row[2]) for row in await _rows(core, "SELECT id, state, request_key FROM redemptions")}
    known = {row[0] for row in await _rows(core, "SELECT last4 FROM codes")}
    of_lost = {line["id"] for line in history.redeemed if line["type"] == "invoke" and line.get("last4") not in known}
    asked = {line["key"] for line in history.redeemed if line["type"] == "invoke"}
    answers: dict[str, set[Any]] = {}
    for line in history.redeemed:
        if line["type"] != "ok" or line.get("redemption") is None:
            continue
        state, _ = states.get(line["redemption"], (None, None))
        if state is None and line["id"] in of_lost:
            continue  # the code was made after the backup
        if state is None:
            found.append(
                f"lost: {line['id']} was told {line['state']}, and there is no redemption {line['redemption']}"
            )
        elif line["state"] not in {"unclear", state}:
            found.append(f"changed: {line['id']} was told {line['state']}, now it is {state}")
        answers.setdefault(line["key"], set()).add(line["redemption"])
    # One key is one wish for ever, whatever it was answered first and whoever asked before for the same.
    found += [f"doubled: {key} stood for {sorted(said)}" for key, said in answers.items() if len(said) > 1]
    found += [f"unasked: {key}" for _, key in states.values() if key not in asked and not key.startswith(PREFIX)]
    promised = sum(line["made"] for line in history.lines if line["op"] == "generate" and line["type"] == "ok")
    there = (await _rows(core, "SELECT count(*) FROM codes"))[0][0]
    if there < promised:
        found.append(f"lost codes: {promised} were handed out, {there} are known")
    under_way = [number for number, (state, _) in states.items() if state in {"sending", "unclear"}]
    if under_way:
        found.append(f"lost redemption: {under_way[:5]} are never settled")
    held = await _rows(core, "SELECT id FROM seats WHERE state = 'held'")
    if held:
        found.append(f"leaked seat: {[row[0] for row in held[:5]]} are held by nobody's work")
    return found


async def _upstream(core: Core, ledger: dict[str, list[dict[str, Any]]], seats: int, restored: bool) -> list[str]:
    """The upstream has whom the books have, no more than the seats, each invited once for each lease (I2, I11)."""
    found = []
    people: dict[str, set[str]] = {}
    for entry in ledger["pending"] + [one for one in ledger["members"] if one["role"] != "account-owner"]:
        people.setdefault(entry["workspace"], set()).add(entry["email"].lower())
    books: dict[str, set[str]] = {}
    statement = (
        "SELECT t.external_id, l.address_key FROM leases l JOIN teams t ON t.id = l.team_id"
        f" WHERE l.status IN {LIVE} UNION SELECT t.external_id, s.occupant FROM seats s"
        " JOIN teams t ON t.id = s.team_id WHERE s.occupant IS NOT NULL"
    )
    for workspace, address in await _rows(core, statement):
        books.setdefault(workspace, set()).add(address)
    for workspace in sorted(people.keys() | books.keys()):
        theirs, ours = people.get(workspace, set()), books.get(workspace, set())
        ours_there = {one for one in theirs if not one.startswith("stranger")}
        if len(ours_there) > seats:
            found.append(f"oversold: {workspace} has {len(ours_there)} people on {seats} seats")
        if theirs != ours:
            found.append(
                f"ledger: {workspace} has {sorted(theirs - ours)} beyond the books, lacks {sorted(ours - theirs)}"
            )
    sent = Counter((call["workspace"], call["email"].lower()) for call in ledger["invites"] if call["applied"])
    meant = Counter(
        {
            (row[0], row[1]): row[2]
            for row in await _rows(
                core,
                "SELECT t.external_id, l.address_key, count(*) FROM leases l JOIN teams t ON t.id = l.team_id"
                " WHERE l.invited_at IS NOT NULL GROUP BY t.external_id, l.address_key",
            )
        }
    )
    # Whoever is forgotten has left a lease without an address.
    forgotten = Counter(
        {
            row[0]: row[1]
            for row in await _rows(
                core,
                "SELECT t.external_id, count(*) FROM leases l JOIN teams t ON t.id = l.team_id"
                f" WHERE l.invited_at IS NOT NULL AND l.address_key LIKE '%{NOBODYS}' GROUP BY t.external_id",
            )
        }
    )
    for who, number in sorted(sent.items()):
        unexplained = number - meant[who]
        explained = min(max(unexplained, 0), forgotten[who[0]])
        forgotten[who[0]] -= explained
        if unexplained > explained + restored:
            found.append(f"double invite: {who} {number}, meant {meant[who]}")
    used = (await _rows(core, "SELECT coalesce(sum(used), 0) FROM codes"))[0][0]
    redeemed = (await _rows(core, "SELECT count(*) FROM leases WHERE invited_at IS NOT NULL AND transfer_id IS NULL"))[
        0
    ][0]
    if used != redeemed and not restored:
        found.append(f"{used} uses gave {redeemed} seats")
    return found
