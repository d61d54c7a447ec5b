"""How many messages and taps the commonest jobs take, counted; none may take more than it does today."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from core.actors import Role
from core.alerts import alerts
from core.people import people
from tests.bots.commands.staff.test_teams import session
from tests.support.desk import Desk
from tests.support.house import open_house

MEMBERS = {"redeem", "resend", "waiting list"}
TAP = "▸ "
"""Begins a step that presses the button of this key; every other step is a message. Sharing is a tap of the client's."""

JOBS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "redeem": (("anna@example.com {code}",), "redeemed-invited"),
    "resend": (("/myseat", "▸ resend-mine"), "myseat-resent"),
    "import": (("{file}", "▸ store"), "imported"),
    "generate": (("/generate 3",), "generated"),
    "hand on": (("/generate 1", "▸ share"), "generated"),
    "stats": (("/stats",), "stats"),
    "alert to remedy": (("/alerts 1", "▸ import"), "ask-import-document"),
    "find and move": (("/find anna@example.com", "▸ transfer-seat", "▸ transfer-seat"), "transfer-begun"),
    "bulk": (("/resend batch 1", "▸ confirm"), "job-started"),
    "announce": (("/announce everyone Tonight at eight we move.", "▸ announce"), "job-started"),
    "give a role": (("/staff grant telegram:77 operator", "▸ grant"), "staff-granted"),
    "waiting list": (("▸ join",), "waitlist-joined"),
}
"""Job → messages and taps, in their order, and the answer that they end with."""
MOST = {
    "redeem": 1, "resend": 2, "waiting list": 1, "import": 3, "generate": 1, "hand on": 2, "stats": 1,
    "alert to remedy": 2, "find and move": 3, "bulk": 2, "announce": 3, "give a role": 2,
}  # fmt: skip
"""What the best bot known for each job takes."""


async def _step(desk: Desk, step: str, code: str) -> None:
    if step == "{file}":
        await desk.say(file=json.dumps(session(1)))
    elif step == f"{TAP}share":
        assert desk.words("hand-on", code=desk.reply.items[0].facts["code"]) in desk.said
    elif step.startswith(TAP):
        await desk.press(desk.words(f"button-{step.removeprefix(TAP)}", count=1))
    else:
        await desk.say(step.replace("{code}", code))


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_the_commonest_jobs_take_no_more_than_the_best_known(sqlite_url: str, language: str):
    async with open_house(sqlite_url, workspaces=2, seats=12) as house:
        await people.recognise(house.core, "telegram", "7", chat_id="7")
        first, last = await house.make_codes(2)
        member = Desk(house, Role.ANYONE, "7", language)
        staff = Desk(house, Role.OWNER, "42", language)
        wrong = {}
        for job, (steps, ending) in JOBS.items():
            desk = member if job in MEMBERS else staff
            if job == "resend":
                await house.execute("UPDATE leases SET last_sent_at = NULL")
            if job == "waiting list":
                await house.execute("UPDATE seats SET state = 'taken', occupant = 'x@example.com' WHERE state = 'free'")
                await desk.say(f"bert@example.com {last}")
                assert desk.reply.key == "error-no_seats"
            if job == "alert to remedy":
                facts = {"pool": "default"}
                now = house.core.now()
                await house.core.write(
                    alerts.raise_alert, "team_capacity", "pool:default", "warning", "pool_full", facts, now
                )
            for step in steps:
                await _step(desk, step, first)
            if len(steps) > MOST[job] or desk.reply.key != ending:
                wrong[job] = (desk.reply.key, list(desk.buttons))
        assert not wrong
        assert MOST.keys() == JOBS.keys()
