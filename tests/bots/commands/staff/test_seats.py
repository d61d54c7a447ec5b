"""Seats by chat: looking, reading, moving, extending and ending, each shown before it is done."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM, Role
from core.jobs import sweep as job_sweep
from core.people import staff
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import House, open_house
from tests.support.moved import open_moved_house


async def seated(house: House, address: str, *, team: str | None = None, accept: bool = False) -> None:
    [code] = await house.make_codes(1, **({"team": team} if team else {}))
    await house.redeem(address, code, key=f"r {address} {code}")
    if accept:
        house.sandbox.accept(address)


async def states(house: House, address: str) -> list[tuple[str, int]]:
    found = await house.rows("SELECT status, team_id FROM leases WHERE address = :a ORDER BY id", a=address)
    return [tuple(row) for row in found]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_leases_are_listed_filtered_and_paged(sqlite_url: str, language: str):
    async with open_house(sqlite_url, workspaces=2, seats=8) as house:
        for number in range(12):
            await seated(house, f"p{number}@example.com")
        viewer = Desk(house, Role.VIEWER, "9", language=language)
        answer = await viewer.say("/leases")
        assert viewer.words("leases", count=12, what=viewer.words("leases-live")) in answer
        assert "p9@example.com" in answer
        assert "p10@example.com" not in answer
        answer = await viewer.press(viewer.words("button-next"))
        assert "p10@example.com" in answer
        assert "p9@example.com" not in answer
        assert "p9@example.com" in await viewer.press(viewer.words("button-back"))
        answer = await viewer.say("/leases team Workspace 2")
        assert "Workspace 2" in answer
        assert "Workspace 1" not in answer
        answer = await viewer.say("/leases expiring")
        assert answer == viewer.words("leases-none", what=viewer.words("leases-expiring"))
        assert "p3@example.com" in await viewer.say("/leases p3@example.com")
        assert not any(label.startswith(viewer.words("button-end-seat")) for label in viewer.buttons)
        assert viewer.words("error-not_allowed", role=viewer.words("role-operator"), has="viewer") in await viewer.say(
            "/end p3@example.com"
        )


async def read_all(desk: Desk) -> str:
    """Every team is read anew; returns how the job ended."""
    await staff.grant(desk.house.core, SYSTEM, desk._actor().key, Role.OPERATOR)
    said = await desk.say("/sync all")
    number = str(desk.reply.facts["job"])
    assert desk.words("job-begun", job=number) in said
    await job_sweep.work_off(desk.house.core)
    return await desk.say(f"/jobs {number}")


async def test_teams_are_read_anew_with_progress(sqlite_url: str):
    async with open_house(sqlite_url, workspaces=3) as house:
        await seated(house, "anna@example.com", accept=True)
        desk = Desk(house, Role.OPERATOR)
        answer = await desk.say("/sync anna@example.com")
        assert (
            desk.words("synced", of=1, count=1, failed=0, members=2, pending=0, joined=1, gone=0, strangers=0) in answer
        )
        assert await states(house, "anna@example.com") == [("active", 1)]
        seen = desk.words("job-sync-figures", members=4, pending=0, joined=0, gone=0, strangers=0)
        assert seen in await read_all(desk)
        assert (desk.reply.key, desk.reply.facts["done"]) == ("job-done", 3)
        await desk.say("/sync Workspace 2")
        assert desk.reply.facts["of"] == 1
        assert desk.words("error-not_found", kind="team", name="Nowhere") in await desk.say("/sync Nowhere")
        assert desk.words("ask-sync-what") in await desk.say("/sync")


async def test_a_team_that_cannot_be_read_is_named(sqlite_url: str):
    async with open_house(sqlite_url, workspaces=2, faults=["members:500"]) as house:
        desk = Desk(house, Role.OPERATOR)
        answer = await desk.say("/sync Workspace 2")
        assert desk.words("sync-nothing", of=1) in answer
        assert "Workspace 2" in answer
        answer = await read_all(desk)
        assert desk.words("job-failed-why", count=2, reason="status 500") in answer
        house.sandbox.set_faults(["members:500=1"])
        await read_all(desk)
        assert (desk.reply.facts["failed"], desk.reply.facts["done"]) == (1, 1)


async def test_somebody_is_moved_after_a_look_at_where_to(database_url: str):
    async with open_house(database_url, workspaces=3) as house:
        await seated(house, "anna@example.com", accept=True)
        desk = Desk(house, Role.OPERATOR)
        await desk.say("/sync anna@example.com")
        answer = await desk.say("/transfer anna@example.com to Workspace 3")
        assert "Workspace 3" in answer
        assert len(house.invited()) == 1, "nothing happens before it is confirmed"
        answer = await desk.press(desk.words("button-transfer-now"))
        assert desk.words("transfer-begun") in answer
        assert desk.words("moved-waiting") in answer
        assert await states(house, "anna@example.com") == [("transferring", 1), ("invited", 3)]
        answer = await desk.say("/transfer anna@example.com")
        assert desk.words("error-transfer_refused", reason="under_way") in answer
        answer = await desk.say("/end anna@example.com")
        assert desk.words("error-lease_refused", reason="moving") in answer
        assert "Workspace 2" in await desk.say("/transfer anna@example.com to Workspace 2 force")
        assert "anna@example.com" in await desk.say("/end anna@example.com force")
        assert "→" in await desk.say("/leases moving")


async def test_a_forced_move_is_one_press_away_and_asks_as_well(sqlite_url: str):
    async with open_house(sqlite_url, workspaces=2) as house:
        await seated(house, "anna@example.com", accept=True)
        desk = Desk(house, Role.OPERATOR)
        await read_all(desk)
        answer = await desk.say("/transfer anna@example.com")
        assert desk.words("transfer-waits", hours=72) in answer
        answer = await desk.press(desk.words("button-transfer-force"))
        assert "Workspace 1" in answer
        assert len(house.invited()) == 1
        button = desk.buttons[desk.words("button-transfer-now")]
        answer = await desk.press(button)
        assert desk.reply.key in {"transferred", "transfer-begun"}
        assert [address for _, address in house.invited()] == ["anna@example.com"] * 2
        assert desk.words("error-button_used") in await desk.press(button)
        assert len(house.invited()) == 2
        assert desk.words("error-not_found", kind="lease", name="x@example.com") in await desk.say(
            "/transfer x@example.com"
        )


async def test_a_move_without_a_free_seat_says_that_it_waits(sqlite_url: str):
    async with open_house(sqlite_url, workspaces=1) as house:
        await seated(house, "anna@example.com")
        desk = Desk(house, Role.OPERATOR)
        assert desk.words("transfer-nowhere") in await desk.say("/transfer anna@example.com force")
        answer = await desk.say('/transfer anna@example.com to "Workspace 1"')
        assert desk.words("error-transfer_refused", reason="same_team") in answer


async def test_a_seat_lasts_longer(sqlite_url: str):
    async with open_moved_house(sqlite_url) as house:
        await house.seat("anna@example.com")
        desk = Desk(house, Role.OPERATOR)
        before = await house.value("SELECT expires_at FROM leases")
        assert desk.words("ask-extend-term") in await desk.say("/extend anna@example.com")
        await desk.say("10 days")
        assert desk.reply.key == "extended"
        after = await house.value("SELECT expires_at FROM leases")
        assert str(after) > str(before)
        answer = await desk.say("/extend anna@example.com 1 month")
        assert "#1" in answer
        assert desk.words("error-not_found", kind="lease", name="anna@example.com (#7)") in await desk.say(
            "/extend anna@example.com 1mo lease 7"
        )
        assert await house.value("SELECT count(*) FROM audit_log WHERE action = 'lease.extended'") == 2


async def test_a_seat_ends_only_when_it_is_confirmed(database_url: str):
    async with open_house(database_url, workspaces=2) as house:
        await seated(house, "anna@example.com", accept=True)
        desk = Desk(house, Role.OPERATOR)
        await read_all(desk)
        answer = await desk.say("/end anna@example.com")
        assert desk.words("end-active") in answer
        assert await states(house, "anna@example.com") == [("active", 1)]
        answer = await desk.press(desk.words("button-end-now"))
        assert desk.words("end-begun") in answer or desk.words("ended") in answer
        assert "anna@example.com" not in [row["email"] for row in house.sandbox.ledger()["members"]]
        shown = await desk.say("/leases anna@example.com")
        assert desk.words("lease-being-ended") in shown or desk.words("lease-ended") in shown


async def test_of_several_seats_one_is_chosen(sqlite_url: str):
    async with open_house(sqlite_url, workspaces=2) as house:
        await seated(house, "anna@example.com", team="Workspace 1")
        await seated(house, "anna@example.com", team="Workspace 2")
        desk = Desk(house, Role.OPERATOR)
        assert desk.words("end-which", address="anna@example.com", count=2) in await desk.say("/end anna@example.com")
        answer = await desk.press("Workspace 2")
        assert desk.words("end-invited") in answer
        assert "Workspace 1" not in answer
        await desk.press(desk.words("button-end-now"))
        assert "invited" in [state for state, team in await states(house, "anna@example.com") if team == 1]
        assert await house.value("SELECT count(*) FROM leases WHERE end_reason IS NOT NULL") == 1


@EACH_ON_ONE
async def test_after_a_move_the_redemption_still_tells_where_it_was(database_url: str, language: str):
    async with open_house(database_url, workspaces=3) as house:
        desk = Desk(house, Role.OPERATOR, language=language)
        await seated(house, "anna@example.com", accept=True)
        [another] = await house.make_codes(1)
        await house.redeem("anna@example.com", another, key="again")
        for team in ("Workspace 2", "Workspace 3"):
            house.sandbox.accept("anna@example.com")
            await desk.say("/sync anna@example.com")
            await desk.say(f'/transfer anna@example.com to "{team}" force')
            await desk.press(desk.words("button-transfer-now"))
        answer = await desk.say("/redemptions")
        assert answer.count("Workspace 1") == 2, answer
        assert answer.count("Workspace 3") == 2
        assert "Workspace 2" not in answer
        answer = await desk.say("/find anna@example.com")
        over = desk.words("event-ended", at="", address="anna@example.com", team="Workspace 1",
                          detail=desk.words("removed-transferred"))  # fmt: skip
        assert over.lstrip(" –") in answer
        assert desk.words("reason-ended") not in answer
