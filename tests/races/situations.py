"""How the situations are made in which two operations meet; each says of whom it is about."""

from __future__ import annotations

import contextlib

from core.actors import SYSTEM, Actor, Role
from core.codes.bearers import CodeBearer
from core.errors import Refusal
from core.jobs import jobs
from core.jobs.selection import Selection
from core.leases import extensions, leases, removals
from core.people import links, people, privacy
from core.redemptions import redemptions
from core.redemptions.orders import Order, RedeemWish
from core.rules.addresses import read_address
from core.sync import strangers, strangers_sweep, sync
from core.teams import pools, teams
from core.transfers import address_changes, sweep, transfers
from core.waitlist import waitlist
from tests.races.world import World, add_team, address, holder


async def seated(world: World) -> None:
    """Ann is a member of W1; W2 has room."""
    world.notes |= {"who": "ann", "lease": await world.seat("ann")}
    [world.notes["spare"]] = await world.codes()


async def moving(world: World) -> None:
    """Bob is being moved: his grace is over, and the new team's lists have missed his invite twice."""
    world.notes |= {"who": "bob", "lease": await world.seat("bob")}
    [moved] = await transfers.transfer(world.core, SYSTEM, address("bob"), to="W2")
    world.notes["transfer"] = moved.id
    del world.upstream.people["ws-2"][address("bob")]
    for _ in range(2):
        world.clock.move(minutes=29)
        await sync.sync_team(world.core, SYSTEM, "W2")
    world.clock.move(minutes=29)


async def planned(world: World) -> None:
    """Cleo is to be moved, and nobody has begun."""
    world.notes |= {"who": "cleo", "lease": await world.seat("cleo")}
    await teams.enable_team(world.core, SYSTEM, "W2", False)
    [moved] = await transfers.transfer(world.core, SYSTEM, address("cleo"))
    await teams.enable_team(world.core, SYSTEM, "W2", True)
    world.notes["transfer"] = moved.id
    world.clock.move(minutes=10)


async def leaving(world: World) -> None:
    """Three people are being taken out of a team that was made smaller: two of them were not seen, and are looked for again."""
    for name in ("dan", "dot", "dee"):
        await world.seat(name)
    await teams.change_team(world.core, SYSTEM, "W1", capacity=2)
    for name in ("dan", "dot"):
        world.upstream.people["ws-1"].pop(address(name))
        [ended] = await leases.end(world.core, SYSTEM, address(name))
        world.notes[f"removal of {name}"] = await world.value("SELECT max(id) FROM removals")
        assert ended.state == "planned", ended
    world.clock.move(minutes=1)
    for name in ("dan", "dot"):
        await removals.advance(world.core, world.notes[f"removal of {name}"])
    world.clock.move(minutes=1)
    world.notes |= {"who": "dee", "lease": 3}
    [world.notes["spare"]] = await world.codes()


async def unclear(world: World) -> None:
    """Whether Fay was invited is not known: whoever asked has died."""
    [code] = await world.codes()
    world.notes |= {"who": "fay", "code": code, "code of fay": code}
    order = Order(read_address(address("fay")), code, "first")
    core = world.core
    started = await core.write(redemptions.reserve, core, holder("fay"), order, core.now(), look_first=False)
    assert not hasattr(started, "state")
    world.notes["lease"] = await world.value("SELECT max(id) FROM leases")
    world.notes["redemption"] = await world.value("SELECT max(id) FROM redemptions")
    world.notes["redemption of fay"] = world.notes["redemption"]
    world.upstream.invite("ws-1", address("fay"))
    world.clock.move(seconds=90)
    [world.notes["spare"]] = await world.codes()


async def unused(world: World) -> None:
    """Hal has two codes and nothing else; two teams have one seat each."""
    for name in ("W1", "W2"):
        await teams.change_team(world.core, SYSTEM, name, capacity=1)
    first, second = await world.codes(2)
    [bound] = await world.codes(team="W2")
    world.notes |= {"who": "hal", "code": first, "spare": second, "bound": bound}
    world.notes["batch"] = await world.value("SELECT min(batch_id) FROM codes")


async def limited(world: World) -> None:
    """Liv has two codes of a batch of which one person may use one."""
    first, second = await world.codes(2, bearer=CodeBearer(per_person=1))
    world.notes |= {"who": "liv", "code": first, "spare": second}


async def waiting(world: World) -> None:
    """Gus waits, and there is one seat."""
    await teams.change_team(world.core, SYSTEM, "W1", capacity=1)
    await teams.enable_team(world.core, SYSTEM, "W2", False)
    code, spare = await world.codes(2)
    await waitlist.join(world.core, holder("gus"), read_address(address("gus")), code)
    world.notes |= {"who": "gus", "code": code, "spare": spare}
    world.notes["place"] = await world.value("SELECT max(id) FROM waitlist")


async def wishing(world: World) -> None:
    """Ivy has asked for another address, and to stay longer."""
    world.notes |= {"who": "ivy", "lease": await world.seat("ivy")}
    wish = await address_changes.ask(world.core, holder("ivy"), world.notes["lease"], "wish@example.com")
    world.notes["wish"] = wish.transfer_id
    await extensions.ask(world.core, holder("ivy"), world.notes["lease"])
    world.notes["longer"] = await world.value("SELECT max(id) FROM extension_requests")


async def failed(world: World) -> None:
    """Flo was to be moved, and no team had a seat for as long as it was tried; now there is one."""
    world.notes |= {"who": "flo", "lease": await world.seat("flo", term="unlimited")}
    await teams.enable_team(world.core, SYSTEM, "W2", False)
    [moved] = await transfers.transfer(world.core, SYSTEM, address("flo"))
    world.notes["transfer"] = moved.id
    while await world.value("SELECT count(*) FROM transfers WHERE state = 'planned'"):
        world.clock.move(hours=24)
        await sweep.advance_transfers(world.core)
    await teams.enable_team(world.core, SYSTEM, "W2", True)
    await sync.sync_all(world.core, SYSTEM)


async def doubtful(world: World) -> None:
    """Fay's invite was asked for, and the upstream answers nothing that says what became of it."""
    [code] = await world.codes()
    world.upstream.silent = True
    await redemptions.redeem_all(
        world.core, holder("fay"), RedeemWish(address("fay"), [code], request_key="first"), wait=0
    )
    world.notes |= {"who": "fay", "code": code, "lease": await world.value("SELECT max(id) FROM leases")}
    assert await world.value("SELECT count(*) FROM leases WHERE unclear_since IS NOT NULL") == 1
    world.notes["redemption of fay"] = await world.value("SELECT max(id) FROM redemptions")
    world.upstream.silent = False
    world.clock.move(minutes=2)
    [world.notes["spare"]] = await world.codes()


async def stranger(world: World) -> None:
    """Sue is in W1 and nobody here has invited her; she holds a code."""
    await strangers_sweep.remove_strangers(world.core)
    await strangers.dry_run(world.core, SYSTEM)
    code, spare = await world.codes(2)
    world.clock.move(minutes=10)
    world.upstream.invite("ws-1", address("sue"))
    world.upstream.accept("ws-1", address("sue"))
    for _ in range(3):
        world.clock.move(minutes=10)
        await sync.sync_all(world.core, SYSTEM)
    assert await world.value("SELECT count(*) FROM seats WHERE occupant IS NOT NULL") == 1
    world.notes |= {"who": "sue", "code": code, "spare": spare}


async def pooled(world: World) -> None:
    """Ann and Sue, a stranger, are in W1 of the pool "default"; W3 is in "gold", and nothing in "silver"."""
    await stranger(world)
    await world.seat("ann")
    for name in ("gold", "silver"):
        await pools.create_pool(world.core, SYSTEM, name)
    await add_team(world, 3, pool="gold")


async def forgotten(world: World) -> None:
    """Nia had everything about her erased, and her seat, which was kept, is about to end."""
    world.notes |= {"who": "nia", "lease": await world.seat("nia", term="24h", auto_transfer=False)}
    world.notes["code"] = world.notes["code of nia"]
    await privacy.erase_person(world.core, holder("nia"))
    world.upstream.people["ws-1"].pop(address("nia"))
    await leases.end(world.core, SYSTEM, address("nia"))
    world.clock.move(minutes=1)
    await removals.advance_due(world.core)
    world.clock.move(minutes=1)
    [world.notes["spare"]] = await world.codes()


async def suspended(world: World) -> None:
    """After a restore Pia's code waits for a decision, and she has asked."""
    [code] = await world.codes()
    await world.execute("UPDATE batches SET suspended_at = created_at")
    world.notes |= {"who": "pia", "code": code}
    with contextlib.suppress(Refusal):
        await redemptions.redeem_all(
            world.core, holder("pia"), RedeemWish(address("pia"), [code], request_key="first"), wait=0
        )
    world.notes["request"] = await world.value("SELECT max(id) FROM code_requests")
    assert world.notes["request"]


async def job(world: World) -> None:
    """A job is to take Jon and Joy out."""
    for name in ("jon", "joy"):
        await world.seat(name)
    chosen = Selection(addresses=(address("jon"), address("joy")))
    begun = await jobs.start(world.core, SYSTEM, "remove", chosen, request_key="job")
    world.notes |= {"who": "jon", "lease": 1, "job": begun.job_id}


async def expired(world: World) -> None:
    """Eve's day is over, and so is Eli's, who moves on."""
    world.notes |= {"who": "eve", "lease": await world.seat("eve", term="24h", auto_transfer=False)}
    await world.seat("eli", term="24h")
    world.clock.move(hours=25)


async def invited(world: World) -> None:
    """Kim is invited and has not joined."""
    world.notes |= {"who": "kim", "lease": await world.seat("kim", accept=False)}
    world.clock.move(minutes=15)


async def signing_in(world: World) -> None:
    """Mia holds a token that makes her an operator, and asks for things."""
    await people.recognise(world.core, "telegram", holder("mia").identity)
    await people.recognise(world.core, "telegram", holder("max").identity)
    world.notes |= {"who": "mia", "lease": await world.seat("mia")}
    world.notes["token"], _ = await people.issue_token(world.core, SYSTEM, Role.OPERATOR)


LILY, LIZ = (Actor("telegram", identity, Role.ANYONE) for identity in ("901", "902"))


async def linking(world: World) -> None:
    """Lily has given Liz a token that joins the two, and Liz has shown it."""
    for one in (LILY, LIZ):
        await people.recognise(world.core, one.platform, one.identity)
    token, _ = await links.issue_link(world.core, LILY)
    found = await links.find_link(world.core, LIZ, token)
    assert found is not None
    world.notes |= {"who": "lily", "token": token, "link": found.id}
