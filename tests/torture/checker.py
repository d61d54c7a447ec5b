"""What happened, held against what is there: the history of every process, the database and the upstream's ledger."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.reports import doctor
from core.service import Core

LIVE = "('held', 'invited', 'active', 'transferring')"


@dataclass
class History:
    """Every line that the processes wrote. A line cut by SIGKILL cannot be: each is one write."""

    lines: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, files: Iterable[Path]) -> History:
        return cls([json.loads(line) for file in files for line in file.read_text().splitlines()])

    def counts(self) -> Counter[str]:
        """How many operations came to which end."""
        return Counter(f"{line['op']} {line['type']}" for line in self.lines if line["type"] != "invoke")

    @property
    def redeemed(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["op"] in {"redeem", "repeat"}]


async def breaches(core: Core, history: History, ledger: dict[str, list[dict[str, Any]]], seats: int) -> list[str]:
    """Everything that contradicts a promise; empty when all were kept."""
    found = [
        f"doctor {each.name}: {each.detail}" for each in await core.read(doctor.findings, core.now()) if each.breaches
    ]
    found += await _acknowledged(core, history)
    found += await _upstream(core, ledger, seats)
    return found


async def _rows(core: Core, statement: str) -> list[Any]:
    return await core.read(lambda tx: list(tx.exec_driver_sql(statement)))


async def _acknowledged(core: Core, history: History) -> list[str]:
    """Whoever was answered was answered with the truth, and nothing is there that nobody asked for (I9, I10, I18)."""
    found = []
    states = {row[0]: (row[1], row[2]) for row in await _rows(core, "SELECT id, state, request_key FROM redemptions")}
    asked = {line["key"] for line in history.redeemed if line["type"] == "invoke"}
    answers: dict[str, set[Any]] = {}
    for line in history.redeemed:
        if line["type"] != "ok" or line.get("redemption") is None:
            continue
        state, _ = states.get(line["redemption"], (None, None))
        if state is None:
            found.append(
                f"lost: {line['id']} was told {line['state']}, and there is no redemption {line['redemption']}"
            )
        elif line["state"] not in {"unclear", state}:
            found.append(f"changed: {line['id']} was told {line['state']}, now it is {state}")
        answers.setdefault(line["key"], set()).add(line["redemption"])
    # One key is one wish for ever, whatever it was answered first and whoever asked before for the same.
    found += [f"doubled: {key} stood for {sorted(said)}" for key, said in answers.items() if len(said) > 1]
    found += [f"unasked: {key}" for _, key in states.values() if key not in asked]
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


async def _upstream(core: Core, ledger: dict[str, list[dict[str, Any]]], seats: int) -> list[str]:
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
        if len(theirs) > seats:
            found.append(f"oversold: {workspace} has {len(theirs)} people on {seats} seats")
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
    found += [
        f"double invite: {who} {number}, meant {meant[who]}" for who, number in sent.items() if number > meant[who]
    ]
    used = (await _rows(core, "SELECT coalesce(sum(used), 0) FROM codes"))[0][0]
    redeemed = (await _rows(core, "SELECT count(*) FROM leases WHERE invited_at IS NOT NULL AND transfer_id IS NULL"))[
        0
    ][0]
    if used != redeemed:
        found.append(f"{used} uses gave {redeemed} seats")
    return found
