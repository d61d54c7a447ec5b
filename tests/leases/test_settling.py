"""Every unclear state has an end: by itself where the workspace is gone for good, else by staff."""

from __future__ import annotations

from typing import Any

import pytest

from core.actors import SYSTEM, Actor, Role
from core.errors import LeaseRefused, NotAllowed
from core.leases import settling
from core.providers.protocol import Member, PendingInvite, Standing, Unavailable, Unclear
from core.sweeps import runner
from tests.support.answering import Answering, answered_by
from tests.support.moved import MovedHouse, open_moved_house

ANN = "ann@example.com"
HOLDER = Actor("telegram", "7", Role.ANYONE)


async def unclear(house: MovedHouse) -> int:
    house.sandbox.set_faults(["invite:500"])
    [code] = await house.make_codes()
    assert (await house.redeem(ANN, code, key="k1", wait=0.0, actor=HOLDER)).state == "unclear"
    return int(await house.value("SELECT id FROM leases WHERE status = 'held'"))


async def state(house: MovedHouse) -> tuple[str, int, int]:
    redemption = await house.value("SELECT state FROM redemptions")
    [code] = await house.rows("SELECT used, reserved FROM codes")
    return redemption, code[0], code[1]


async def test_an_invite_into_a_workspace_that_is_gone_ends_after_a_day(database_url: str):
    async with open_moved_house(database_url, workspaces=1) as house:
        await unclear(house)
        await house.execute("UPDATE teams SET health = 'gone'")
        await house.execute("UPDATE seats SET open = false")
        for hours in (1, 22):
            house.clock.move(hours=hours)
            await runner.run_now(house.core, "recovery")
            assert await state(house) == ("unclear", 0, 1)
        house.clock.move(hours=2)
        await runner.run_now(house.core, "recovery")
        assert await state(house) == ("refused", 0, 0)
        assert await house.notices("redemption_refused") == 1, "the person hears of it"
        assert await house.breaches() == []


async def test_doctor_finds_one_that_has_no_end(database_url: str):
    async with open_moved_house(database_url, workspaces=1) as house:
        await unclear(house)
        await house.execute("UPDATE teams SET health = 'gone'")
        house.clock.move(hours=49)
        assert any(one.startswith("unclear_has_an_end") for one in await house.breaches())


@pytest.mark.parametrize("invited", [True, False])
async def test_staff_settle_what_nobody_can_find_out(database_url: str, invited: bool):
    async with open_moved_house(database_url, workspaces=1) as house:
        lease = await unclear(house)
        with pytest.raises(NotAllowed):
            await settling.settle(house.core, Actor("telegram", "1", Role.VIEWER), lease, invited=True)
        known = await settling.unclear(house.core, SYSTEM, lease)
        assert (known.address, known.sends, known.upstream) == (ANN, 1, "absent")
        assert known.since == house.core.now()
        assert known.code_last4 == await house.value("SELECT code_last4 FROM redemptions")
        await settling.settle(house.core, SYSTEM, lease, invited=invited)
        assert await state(house) == (("invited", 1, 0) if invited else ("refused", 0, 0))
        assert await house.value("SELECT count(*) FROM audit_log WHERE action = 'lease.settled_by_hand'") == 1
        assert await house.notices("invited" if invited else "redemption_refused") == 1, "the person hears of it"
        with pytest.raises(LeaseRefused):
            await settling.settle(house.core, SYSTEM, lease, invited=invited)
        assert await settling.unclear_list(house.core, SYSTEM) == []
        assert await house.breaches() == []


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (Standing(Member(ANN, "m", None, None), None), "member"),
        (Standing(None, PendingInvite(ANN, "i", None)), "pending"),
        (Unavailable("rate_limited", "slow down"), "rate_limited"),
        (Unclear("cut off"), "cut off"),
        (Unclear(), "unclear"),
    ],
)
async def test_staff_are_shown_what_the_workspace_says_or_why_it_cannot_be_asked(
    database_url: str, standing: Any, said: str
):
    async with open_moved_house(database_url, workspaces=1) as house:
        lease = await unclear(house)
        provider = Answering()
        provider.standing = standing
        answered_by(house, provider)
        assert (await settling.unclear(house.core, SYSTEM, lease)).upstream == said
