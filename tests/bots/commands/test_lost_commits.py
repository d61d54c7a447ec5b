"""The connection is lost at every commit of every command that writes: what was asked for is done once, and said so."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from admin_cli.app import COMMANDS, app
from bots.commands.catalogue import catalogue
from bots.commands.dispatch import dispatch
from bots.commands.request import Chat, Request
from bots.commands.staff import team_import
from core.actors import SYSTEM, Actor, Role
from core.alerts import alerts, subscriptions
from core.alerts.subscriptions import AlertWish
from core.calls import keys
from core.codes import codes, endings
from core.jobs import jobs
from core.jobs.selection import Selection
from core.leases import leases, recovery
from core.notices import hooks
from core.people import drafts, links, locks, people, staff
from core.predecessors import moving_in
from core.predecessors.moving_in import Arrival
from core.redemptions import redemptions, suspended
from core.redemptions.orders import Order
from core.restores import marks
from core.rules.addresses import read_address
from core.rules.alerts import Level
from core.service import Core
from core.sources import models, sources
from core.sync import strangers, sync
from core.talk import turns
from core.talk.places import Place
from core.teams import pool_moves, pools, teams
from core.transfers import address_changes, transfers
from core.waitlist import waitlist
from tests.races.world import World, add_team, address, holder
from tests.support.lost_commits import LINKED_ELSEWHERE, NO_UNIT, OPERATORS, CutHouse, Done
from tests.support.old_systems import with_hashes

STAFF = Actor("telegram", "42", Role.OWNER)
LILY, LIZ, MIA, MAX = (Actor("telegram", identity, Role.ANYONE) for identity in ("901", "902", "903", "904"))
ZOE = holder("zoe")
SESSION = json.dumps({"accessToken": "x", "account": {"id": "ws-9", "name": "W9"}, "seats": 3})
SOURCE = {"base_url": "http://127.0.0.1:9/v1", "models": ["small"]}

PARENT = {"adapter": "plugin", "base_url": "http://127.0.0.1:9", "admin_key": "sk-2", "for_all": True}

READING = frozenset(
    "start verify stock usage help stats pools teams team find redemptions removals codes batches leases calls money"
    " alerts audit codedraft teamdraft search savechat".split()
)
"""Commands that change nothing, as a test below sees."""

Options = Mapping[str, Any] | Callable[[World], Mapping[str, Any]]


@dataclass(frozen=True)
class Case:
    """What somebody asks for, and how the answer is called when all goes well."""

    command: str
    options: Options
    answer: str
    who: Actor = STAFF
    name: str = field(default="")

    async def __call__(self, world: World, core: Core) -> tuple[str, str]:
        given = self.options(world) if callable(self.options) else self.options
        request = Request(
            self.who, "key", "en", Chat("telegram", self.who.identity), command=self.command,
            options={name: str(value) for name, value in given.items()}, confirmed=True, patience=0.0,
        )  # fmt: skip
        reply = await dispatch(core, request)
        assert reply is not None
        return reply.key, reply.state


def case(command: str, options: Options, answer: str, who: Actor = STAFF) -> Case:
    given = "" if callable(options) else str(options.get("action", ""))
    return Case(command, options, answer, who, f"{command} {given}".strip())


ANN = {"address": address("ann")}
CASES = [
    case("redeem", lambda w: {"address": address("zoe"), "codes": w.notes["spare"].display}, "redeemed-invited", ZOE),
    case("myseat", lambda w: {"action": "resend", "seat": w.notes["lease of kim"]}, "myseat-resent", holder("kim")),
    case("myseat", lambda w: {"action": "move", "seat": w.notes["lease of ann"]}, "myseat-moving", holder("ann")),
    case("myseat", lambda w: {"action": "address", "seat": w.notes["lease of ann"], "address": address("anna")},
         "myseat-address-asked", holder("ann")),
    case("waitlist", {"action": "leave"}, "waitlist-left", holder("gus")),
    case("waitlist", lambda w: {"action": "join", "address": address("zoe"), "codes": w.notes["spare"].display},
         "waitlist-joined", ZOE),
    case("ask", {"text": "Who are you?"}, "talk-asked", MIA), case("new", {"title": "Holidays"}, "talk-new", MIA),
    case("model", {"name": "small"}, "talk-model-chosen", MIA),
    case("again", {}, "talk-waits", holder("joy")), case("stop", {}, "talk-stopping", holder("joy")),
    case("chats", lambda w: {"action": "delete", "number": w.notes["talk"]}, "chats-deleted", holder("joy")),
    case("instructions", {"text": "x"}, "instructions-set", LILY), case("share", {}, "share-token", holder("joy")),
    case("wallet", {"action": "limit", "amount": "5"}, "wallet-limit-set"),
    case("keys", {"action": "new", "name": "laptop"}, "key-made"),
    case("keys", {"action": "limit", "name": "spare", "value": "5"}, "keys"),
    case("keys", {"action": "revoke", "name": "spare"}, "keys-none"),
    case("hooks", {"action": "add", "address": "http://127.0.0.1:9/in"}, "hook-added"),
    case("hooks", lambda w: {"action": "check", "address": w.notes["hook"]}, "hooks"),
    case("hooks", lambda w: {"action": "remove", "address": w.notes["hook"]}, "hooks-none"),
    case("language", {"language": "zh-CN"}, "language-chosen"),
    case("timezone", {"zone": "Europe/Berlin"}, "timezone-chosen"),
    case("privacy", {"action": "erase"}, "privacy-erased", holder("ann")),
    case("claim", lambda w: {"token": w.notes["token"]}, "signed-in", MIA),
    case("link", {}, "link", MIA), case("link", {"site": "linuxdo"}, "outside-visit", MIA),
    case("link", lambda w: {"action": "agree", "link": w.notes["link"]}, "link-agreed", LIZ),
    case("link", lambda w: {"action": "decline", "link": w.notes["link"]}, "link-declined", LIZ),
    case("link", {"action": "unlink", "site": "linuxdo"}, "outside-unlinked", MAX),
    case("generate", {"count": 2, "override": True}, "generated"),
    case("export", lambda w: {"batch": w.notes["batch"], "file": "txt"}, "export"),
    case("disable", lambda w: {"batch": w.notes["batch"]}, "batch-disabled"),
    case("enable", lambda w: {"batch": w.notes["disabled"]}, "batch-active"),
    case("locks", {"action": "ban", "identity": "telegram:777", "term": "24h", "reason": "spam"}, "locks-banned"),
    case("locks", {"action": "unban", "identity": "telegram:666"}, "locks-unbanned"),
    case("sync", {"what": "W1"}, "synced"),
    case("sync", {"what": "all"}, "job-begun"),
    case("transfer", ANN, "transfer-begun"),
    case("transfer", {**ANN, "force": True}, "transferred"),
    case("extend", {**ANN, "term": "30d"}, "extended"),
    case("end", ANN, "ended"),
    case("note", {"about": address("ann"), "text": "a friend"}, "noted"),
    case("requests", lambda w: {"action": "approve", "kind": "code", "number": w.notes["request"]}, "request-code-approved"),
    case("requests", lambda w: {"action": "decline", "kind": "code", "number": w.notes["request"]}, "request-code-declined"),
    case(
        "requests",
        lambda w: {"action": "approve", "kind": "address", "number": w.notes["wish"]},
        "request-address-approved",
    ),
    case("invite", {"address": address("zoe"), "override": True}, "invite-invited"),
    case("adopt", {"who": address("sam")}, "adopted"),
    case("source", {"action": "prefer", "name": "shared"}, "own-prefers-shared", MIA),
    case("settle", lambda w: {"lease": w.notes["lease of fay"], "outcome": "not"}, "settled-not"),
    case("editteam", {"name": "W2", "seats": 4}, "team"),
    case("enableteam", {"name": "W4"}, "team"),
    case("disableteam", {"name": "W2"}, "team"),
    case("removeteam", {"name": "W3"}, "team-removed"),
    case("pool", {"action": "add", "name": "second"}, "pool-made"),
    case("cleanup", lambda w: {"which": w.notes["gone"]}, "cleanup-done"),
    case("addteam", {"provider": "chatgpt", "credential": SESSION}, "import-preview"),
    case("import", {"document": SESSION}, "import-preview"),
    case("importdraft", lambda w: {"draft": w.notes["draft"], "step": "store"}, "imported"),
    case("models", {"action": "add", "name": "large", "input": "1", "output": "2"}, "model-set"),
    case("sources", {"action": "disable", "name": "main"}, "source"),
    case("sources", {"action": "edit", "name": "main", "places": 2}, "source"),
    case("sources", {"action": "remove", "name": "main"}, "source-removed"),
    case("sources", {"action": "give", "name": "main", "person": LIZ.key}, "source-given"),
    case("source", {"action": "get", "name": "main"}, "own-get-ready", MIA),
    case("plans", {"action": "add", "name": "gold", "allowance": "10"}, "plan-set"),
    case("grant", {"person": "telegram:901", "what": "5", "reason": "a gift"}, "granted"),
    case("resolve", lambda w: {"alert": w.notes["alert"]}, "alert-resolved"),
    case("mute", lambda w: {"alert": w.notes["alert"]}, "alert-muted"),
    case("check", {}, "checked"),
    case("subscribe", {"level": "error"}, "subscribed"),
    case("unsubscribe", {}, "unsubscribed", replace(holder("sub"), role=Role.ADMIN)),
    case("resend", {"addresses": address("kim")}, "job-started"),
    case("cancelinvite", {"addresses": address("kim")}, "job-started"),
    case("remove", {"addresses": address("ann")}, "job-started"),
    case("jobs", lambda w: {"job": w.notes["job"], "action": "cancel"}, "job-cancelled"),
    case("retry", lambda w: {"job": w.notes["failed job"]}, "job-retried"),
    case("announce", {"to": "everyone", "text": "hello"}, "job-started"),
    case("sweep", {"action": "pause", "name": "sync"}, "sweep"),
    case("staff", {"action": "grant", "role": "viewer", "identity": "telegram:901"}, "staff-granted"),
    case("staff", {"action": "revoke", "identity": "telegram:904"}, "staff-revoked"),
    case("staff", {"action": "token", "role": "viewer"}, "staff-token"),
    case("settings", {"name": "limits.attempts", "value": "20"}, "setting-set"),
    case("transfers", lambda w: {"action": "cancel", "number": w.notes["transfer"]}, "transfer-cancelled"),
    case("rotate", {}, "job-begun"),
    case("backup", {}, "job-begun"),
    case("leave", {}, "left-staff", replace(MAX, role=Role.VIEWER)),
    case("delete", lambda w: {"what": w.notes["spare"].display}, "switched"),
    case("protect", {"address": address("sam")}, "protected"),
]  # fmt: skip


_FOLDER = TemporaryDirectory()
_OLD = with_hashes(Path(_FOLDER.name), [], datetime(2026, 1, 31, tzinfo=UTC))
Act = Callable[[World, Core], Awaitable[object]]
ACTS: dict[str, Act] = {
    "code import": lambda w, c: codes.import_codes(c, SYSTEM, ["WORD-1"], codes.BatchPlan(count=0, override=True)),
    "code delete": lambda w, c: codes.set_code_status(c, SYSTEM, w.notes["spare"], "deleted"),
    "transfer cancel": lambda w, c: transfers.cancel(c, SYSTEM, w.notes["transfer"]),
    "lease address": lambda w, c: address_changes.change(c, SYSTEM, w.notes["lease of ann"], address("anna")),
    "code set": lambda w, c: endings.set_auto_transfer(c, SYSTEM, False, batch_id=w.notes["batch"]),
    "pool empty": lambda w, c: pool_moves.empty_pool(c, SYSTEM, "default", "gold"),
    "pool merge": lambda w, c: pool_moves.merge_pool(c, SYSTEM, "default", "gold"),
    "pool delete": lambda w, c: pool_moves.remove_pool(c, SYSTEM, "gold"),
    "source credential": lambda w, c: sources.replace_credential(c, SYSTEM, "main", "sk-2"),
    "sweep dry-run": lambda w, c: strangers.dry_run(c, SYSTEM),
    "adopt": lambda w, c: moving_in.move_in(c, SYSTEM, Arrival([_OLD.files[1]])),
    "db distrust": lambda w, c: marks.distrust(c, SYSTEM, c.now()),
}
"""What only an operator can ask for, as the command line asks the core for it."""


async def furnish(world: World) -> None:
    """A house in which every command has something to do."""
    core, notes = world.core, world.notes
    await pools.change_pool(core, SYSTEM, "default", transfer_requests=True)
    await pools.create_pool(core, SYSTEM, "gold")
    await add_team(world, 3)
    await add_team(world, 4)
    await add_team(world, 5)
    await teams.enable_team(core, SYSTEM, "W4", False)
    for name in ("ann", "joy", "tim"):
        notes[f"lease of {name}"] = await world.seat(name)
    notes["lease of kim"] = await world.seat("kim", accept=False)
    world.clock.move(minutes=30)
    code, spare, unclear = await world.codes(3)
    notes |= {"spare": spare, "batch": await world.value("SELECT max(batch_id) FROM codes")}
    order = Order(read_address(address("fay")), unclear, "first")
    started = await core.write(redemptions.reserve, core, holder("fay"), order, core.now(), look_first=False)
    assert not hasattr(started, "state")
    notes["lease of fay"] = await world.value("SELECT max(id) FROM leases")
    await world.execute(f"UPDATE leases SET unclear_since = created_at WHERE id = {notes['lease of fay']}")
    await waitlist.join(core, holder("gus"), read_address(address("gus")), code)
    [planned] = await transfers.transfer(core, SYSTEM, address("tim"), to="W4")
    notes["transfer"] = planned.id
    await _codes_nobody_may_use(world)
    await _people(world)
    await _work_and_alarms(world)
    await address_changes.ask(core, holder("joy"), notes["lease of joy"], address("joyce"))
    notes["wish"] = await world.value("SELECT max(id) FROM transfers")
    world.upstream.invite("ws-2", address("sam"))
    world.upstream.accept("ws-2", address("sam"))
    for _ in range(2):
        world.clock.move(minutes=5)
        await sync.sync_all(core, SYSTEM)
    await models.add_model(core, SYSTEM, "small", models.NewModel(price_input=1, price_output=2, context=1000))
    await sources.add_source(core, SYSTEM, {"name": "main", "api_key": "sk-1", "subaccounts": PARENT, **SOURCE})
    name = holder("joy").identity
    here = Place("telegram", name, name, name)
    await turns.ask(core, holder("joy"), turns.TurnWish("asked", here, "en", text="Who are you?"))
    await keys.make_key(core, STAFF, "spare")
    _, hook = await hooks.add_hook(core, STAFF, "http://127.0.0.1:9/in")
    notes["hook"] = hook.id
    notes["talk"] = await world.value("SELECT max(id) FROM conversations")
    await world.execute("UPDATE teams SET health = 'gone' WHERE name = 'W5'")
    notes["gone"] = await world.value("SELECT id FROM teams WHERE name = 'W5'")
    candidates = await teams.preview_teams(core, STAFF, SESSION)
    content = {"pool": "default", "candidates": [team_import._packed(one) for one in candidates]}
    notes["draft"] = await drafts.keep_draft(core, STAFF, team_import.KIND, content)


async def _codes_nobody_may_use(world: World) -> None:
    """A batch that is switched off, and one that is suspended, of which somebody wants a code."""
    await world.codes(1)
    world.notes["disabled"] = await world.value("SELECT max(batch_id) FROM codes")
    await codes.set_batch_status(world.core, SYSTEM, world.notes["disabled"], "disabled")
    await world.codes(1)
    wanted = await world.value("SELECT max(id) FROM codes")
    await world.core.write(suspended.ask, holder("pia"), read_address(address("pia")), wanted, None, world.core.now())
    world.notes["request"] = await world.value("SELECT max(id) FROM code_requests")


async def _people(world: World) -> None:
    """Some who were seen in a chat, of whom one is staff, one banned, and two are about to be one."""
    core = world.core
    for one in (LILY, LIZ, MIA, MAX, STAFF, holder("ann"), holder("kim"), holder("sub")):
        await people.recognise(core, one.platform, one.identity, chat_id=one.identity)
    await staff.grant(core, SYSTEM, MAX.key, Role.VIEWER)
    await world.execute(LINKED_ELSEWHERE.format(MAX.identity))
    await locks.ban(core, SYSTEM, "telegram:666", "spam", None)
    world.notes["token"], _ = await people.issue_token(core, SYSTEM, Role.OPERATOR)
    token, _ = await links.issue_link(core, LILY)
    found = await links.find_link(core, LIZ, token)
    assert found is not None
    world.notes["link"] = found.id
    await world.execute("UPDATE links SET expires_at = expires_at + interval '1 day'")  # all commands may take longer


async def _work_and_alarms(world: World) -> None:
    """A job that has not begun, one of which a line failed, an alert, and a chat that is told of alerts."""
    core = world.core
    begun = await jobs.start(core, SYSTEM, "remove", Selection(addresses=(address("joy"),)), request_key="job")
    failed = await jobs.start(core, SYSTEM, "resend", Selection(addresses=(address("kim"),)), request_key="other")
    for done in ("jobs SET state = 'done' WHERE id", "job_items SET state = 'failed' WHERE job_id"):
        await world.execute(f"UPDATE {done} = {failed.job_id}")
    world.notes |= {"job": begun.job_id, "failed job": failed.job_id}
    alarm = ("system", "job:99", "error", "job_failed", {"job": "99"}, core.now())
    world.notes["alert"] = await core.write(lambda tx: alerts.raise_alert(tx, *alarm))
    wish = AlertWish(level=Level.WARNING, categories=frozenset(), quiet=None, language="en")
    await subscriptions.subscribe(core, SYSTEM, "telegram", holder("sub").identity, wish)
    await world.execute("INSERT INTO sweeps (name, due_at) VALUES ('sync', '2026-01-31 12:00+00')")


@pytest.fixture
async def house(postgres_url: str, tmp_path: Path):
    async with CutHouse(postgres_url, tmp_path) as made:
        await made.keep(furnish)
        yield made


async def _cut(house: CutHouse, one: Case) -> list[str]:
    """Everything that is not as without a cut: once with the answer of each commit lost, once with a commit lost."""
    later = _recovered if one.command in {"redeem", "invite"} else None
    whole = await house.run(one, later=later)
    chosen = whole.worth_cutting()
    if whole.answer[0] != one.answer or not chosen:
        return [f"{one.name}: {whole.answer} after {whole.units}"]
    cuts = [*((number, False) for number in chosen), (chosen[-1], True)]
    wrong = []
    for number, lost in cuts:
        found = _true(await house.run(one, cut=number, lost=lost, later=later)).unlike(whole)
        wrong += [f"{one.name}, commit {number}{' lost' if lost else ''}: {each}" for each in found]
    return wrong


def _true(done: Done) -> Done:
    """A reservation that was not answered is found again as somebody's at work: that the outcome is not known yet is
    true as well, and recovery makes the same of it."""
    key, _ = done.answer
    return replace(done, answer=(key.replace("-unclear", "-invited"), "ok")) if key.endswith("-unclear") else done


async def _recovered(world: World) -> None:
    world.clock.move(seconds=90)
    await recovery.recover(world.core)


@pytest.mark.slow
async def test_a_commit_without_an_answer_is_neither_done_twice_nor_denied(house: CutHouse) -> None:
    wrong = [found for one in CASES for found in await _cut(house, one)]
    assert not wrong, "\n".join(wrong)


async def test_so_is_what_only_operators_ask_for(house: CutHouse) -> None:
    for name, act in ACTS.items():

        async def done(world: World, core: Core, act: Act = act) -> None:
            await act(world, core)

        whole = await house.run(done)
        for number in whole.worth_cutting():
            for lost in (False, True):
                assert not (await house.run(done, cut=number, lost=lost)).unlike(whole), name


def test_every_command_of_operators_is_cut_as_well() -> None:
    theirs = set()
    for name in COMMANDS:
        below = [part for part in app[name] if not part.startswith("-")]
        theirs |= {f"{name} {part}" for part in below} if below else {name}
    written = {one.command for one in CASES}
    reading = {one for one in theirs if one.rpartition(" ")[2] in {"list", "show"} or one.partition(" ")[0] in NO_UNIT}
    left = theirs - reading - NO_UNIT - ACTS.keys()
    assert left == OPERATORS.keys(), "a new command joins OPERATORS, ACTS or NO_UNIT"
    assert set(OPERATORS.values()) <= written


async def test_what_runs_again_without_asking_is_found(house: CutHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: an extension that says of itself that it may run twice gives twice the time."""
    monkeypatch.setitem(leases.extend_live.__dict__, "repeatable", True)
    [extend] = [one for one in CASES if one.command == "extend"]
    wrong = await _cut(house, extend)
    assert any("too much: audit_log" in found for found in wrong), wrong
    assert any("too much: leases" in found for found in wrong), wrong


async def test_every_command_is_cut_or_only_reads(house: CutHouse) -> None:
    names = {command.name for command in catalogue()}
    written = {one.command for one in CASES}
    assert names == written | READING, "a new command joins CASES or READING"
    assert not written & READING
    before = (await house.run(_nothing)).effect
    for name in sorted(READING):
        done = await house.run(Case(name, partial(_asked, name), ""))
        assert done.effect == before, name


async def _nothing(world: World, core: Core) -> None:
    """Only look."""


def _asked(name: str, world: World) -> dict[str, Any]:
    """What the reading commands cannot do without."""
    team = {"name": "W2"}
    needed: dict[str, dict[str, Any]] = {
        "verify": {"code": world.notes["spare"].display},
        "team": team,
        "teamdraft": {**team, "edit": "seats"},
        "find": {"what": address("ann")},
        "codedraft": {"count": 1},
        "search": {"words": "who"},
    }
    return needed.get(name, {})
