"""What a person wishes for reaches somebody who decides, and the person hears of it either way."""

from __future__ import annotations

import pytest

from core.actors import Actor, Role
from core.sync import sync
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import House, open_house

ANN, NEW = "ann@example.com", "ann@example.org"


async def _seated(house: House, *, accept: bool) -> Desk:
    """Ann at her own chat, with a seat."""
    [code] = await house.make_codes()
    await house.redeem(ANN, code, key="k", actor=Actor("telegram", "7"))
    if accept:
        house.sandbox.accept(ANN)
        await sync.sync_all(house.core, Actor("telegram", "1", Role.OPERATOR))
    return Desk(house, Role.ANYONE, "7")


@EACH_ON_ONE
@pytest.mark.parametrize("deed", ["approve", "decline"])
async def test_another_address_is_wished_for_listed_and_decided(database_url: str, language: str, deed: str):
    async with open_house(database_url, workspaces=2, mail={"host": "mail.invalid"}) as house:
        ann = await _seated(house, accept=True)
        await ann.say(f"/myseat address {NEW}")
        assert ann.reply.key == "myseat-address-asked"
        viewer = Desk(house, Role.VIEWER, "3", language=language)
        answer = await viewer.say("/requests")
        assert ANN in answer
        assert NEW in answer
        assert not viewer.buttons
        number = await house.value("SELECT id FROM transfers")
        await viewer.say(f"/requests {deed} {number}")
        assert viewer.reply.key == "error-not_allowed"
        # The alert has the same buttons, and no address in it, as it may stand in a group.
        alert = await house.value("SELECT id FROM alerts")
        desk = Desk(house, Role.OPERATOR, "2", language=language)
        told = await desk.say(f"/alerts {alert}")
        assert ANN not in told
        assert NEW not in told
        await desk.press(desk.words(f"button-request-{deed}", mark="✏️", number=str(number)))
        assert desk.reply.key == f"request-address-{deed}d", desk.reply
        assert await house.value("SELECT count(*) FROM alerts WHERE resolved_at IS NULL") == 0
        assert desk.words("requests-none") in await desk.say("/requests")
        await desk.say(f"/requests {deed} address {number}")
        assert desk.reply.key == "error-not_found"
        done = {"approve": "moving", "decline": "cancelled"}[deed]
        history = await desk.say(f"/find {ANN}")
        assert f"{ANN} → {NEW}" in history
        assert desk.words(f"readdressed-{done}") in history
        told_ann = {"approve": "transfer_started", "decline": "address_change_declined"}[deed]
        assert await house.value(f"SELECT count(*) FROM notices WHERE template = '{told_ann}' AND recipient = '7'") == 1
        mailed = await house.rows(
            "SELECT recipient FROM notices WHERE template = 'transfer_started' AND channel = 'mail'"
        )
        assert mailed == [], "the mailbox that is given up is told of no move"
        assert [one for one in house.invited() if one[1] == NEW] == ([("ws-1", NEW)] if deed == "approve" else [])


async def test_an_invitation_that_nobody_accepted_goes_to_another_address_at_once(database_url: str):
    async with open_house(database_url, workspaces=1) as house:
        ann = await _seated(house, accept=False)
        answer = await ann.say(f"/myseat address {NEW}")
        assert ann.words("myseat-address-changing", before=ANN, address=NEW) in answer
        assert house.invited() == [("ws-1", ANN), ("ws-1", NEW)]
        assert await house.value("SELECT count(*) FROM alerts") == 0
        live = await house.rows("SELECT address FROM leases WHERE status IN ('invited', 'active')")
        assert [row[0] for row in live] == [NEW]
        assert await house.value("SELECT count(*) FROM seats WHERE state <> 'free'") == 1
        # It is told as what it is: nothing moves, nothing is complete before the new address has joined.
        told = [row[0] for row in await house.rows("SELECT template FROM notices WHERE recipient = '7'")]
        assert told == ["transfer_invited"]
        for number in range(20):
            await ann.say(f"/myseat address ann{number}@example.org")
        assert ann.reply.key == "error-too_many_attempts", "it is no way to mail strangers"


async def test_a_wish_ends_with_the_seat_and_staff_need_none(database_url: str):
    async with open_house(database_url, workspaces=2) as house:
        ann = await _seated(house, accept=True)
        await ann.say(f"/myseat address {NEW}")
        desk = Desk(house, Role.OPERATOR, "2")
        await desk.say(f"/transfer {ANN} new={NEW}")
        assert NEW in await desk.press(desk.words("button-transfer-now"))
        house.sandbox.accept(NEW)
        await desk.say("/sync Workspace 1")
        assert await house.value("SELECT state FROM transfers WHERE state <> 'cancelled'") in {"done", "removing"}
        assert house.invited()[-1] == ("ws-1", NEW)
        await desk.say(f"/end {NEW} force")
        await desk.press(desk.words("button-end-now"))
        assert desk.words("requests-none") in await desk.say("/requests")
        assert await house.value("SELECT count(*) FROM alerts WHERE resolved_at IS NULL") == 0
