"""Whoever loses a role loses with it everything that would bring it back or act in its name."""

from __future__ import annotations

import asyncio

import pytest

from bots.commands.buttons import store_buttons
from bots.messages.reply import Button, Reply, Say
from core.actors import SYSTEM, Actor, Role
from core.alerts import subscriptions
from core.alerts.alerts import raise_alert
from core.errors import ClaimTokenRefused, SignInLocked
from core.jobs import jobs
from core.jobs.report import job
from core.jobs.selection import Selection
from core.jobs.sweep import work_off
from core.people import drafts, people, staff
from core.people.buttons import is_button
from tests.support.house import House, open_house
from tests.support.moved import open_moved_house


async def member(house: House, name: str, role: Role) -> Actor:
    await staff.grant(house.core, SYSTEM, f"telegram:{name}", role)
    return await people.recognise(house.core, "telegram", name, chat_id=name)


async def test_a_token_made_before_does_not_bring_a_role_back(database_url: str) -> None:
    async with open_house(database_url) as house:
        owner = await member(house, "5", Role.OWNER)
        own, _ = await people.issue_token(house.core, owner, Role.OWNER)
        given, _ = await people.issue_token(house.core, SYSTEM, Role.OWNER)
        claimed, _ = await people.issue_token(house.core, SYSTEM, Role.OWNER)
        assert await people.claim_token(house.core, owner, claimed) == "owner"
        await staff.revoke(house.core, SYSTEM, "telegram:5")
        revoked = await people.recognise(house.core, "telegram", "5")
        for token in (own, given, claimed):
            assert await people.claim_token(house.core, revoked, token) is None
        newcomer = await people.recognise(house.core, "telegram", "6")
        assert await people.claim_token(house.core, newcomer, own) is None, "it ended with its maker's role"
        assert (await people.recognise(house.core, "telegram", "5")).role == Role.ANYONE
        again, _ = await people.issue_token(house.core, SYSTEM, Role.VIEWER)
        assert await people.claim_token(house.core, revoked, again) == "viewer", "what is given anew is given"


async def test_buttons_drafts_and_subscriptions_end_with_the_role(database_url: str) -> None:
    async with open_house(database_url) as house:
        admin = await member(house, "5", Role.ADMIN)
        reply = Reply("help", buttons=((Button(Say("button-help"), "help"),),))
        nonce = (await store_buttons(house.core, admin.key, reply)).buttons[0][0].nonce or ""
        draft = await drafts.keep_draft(house.core, admin, "import", {"a": 1})
        await house.core.dialogues.save(admin.key, {"key": "k", "before": None, "now": None})
        await subscriptions.subscribe(house.core, admin, "telegram", "5", subscriptions.AlertWish())
        await subscriptions.subscribe(house.core, admin, "telegram", "-100", subscriptions.AlertWish())
        await house.core.write(raise_alert, "system", "x", "error", "unexpected_error", {}, house.core.now())
        waiting = "SELECT recipient FROM notices WHERE state = 'ready' AND channel = 'telegram' ORDER BY recipient"
        assert [row[0] for row in await house.rows(waiting)] == ["-100", "5"]
        await staff.revoke(house.core, SYSTEM, "telegram:5")
        assert not await is_button(house.core, nonce)
        assert await house.value("SELECT count(*) FROM drafts") == 0, draft
        assert await house.core.dialogues.load(admin.key) is None
        assert await house.value("SELECT count(*) FROM subscriptions") == 0
        assert [row[0] for row in await house.rows(waiting)] == ["-100"]


async def test_a_job_of_somebody_who_was_revoked_removes_nobody(database_url: str) -> None:
    async with open_moved_house(database_url, workspaces=1) as house:
        for name in ("ann", "bob"):
            await house.seat(f"{name}@example.com")
        admin = await member(house, "5", Role.ADMIN)
        started = await jobs.start(house.core, admin, "remove", Selection(team="Workspace 1"), request_key="k")
        assert started.items == 2
        await staff.revoke(house.core, SYSTEM, "telegram:5")
        await work_off(house.core)
        line = await job(house.core, SYSTEM, started.job_id)
        assert (line.state, line.skipped, line.done) == ("cancelled", 2, 0)
        assert await house.value("SELECT count(*) FROM leases WHERE status = 'active'") == 2
        assert await house.value("SELECT count(*) FROM removals") == 0
        assert await house.value("SELECT count(*) FROM audit_log WHERE action = 'job.stopped'") == 1


async def test_wrong_tokens_are_answered_with_words_about_tokens(database_url: str) -> None:
    async with open_house(database_url) as house:
        guesser = await people.recognise(house.core, "telegram", "5", chat_id="5")
        for number in range(5):
            assert await people.claim_token(house.core, guesser, f"no{number}") is None
            with pytest.raises(ClaimTokenRefused):
                await people.refuse_token(house.core, guesser)
        with pytest.raises(SignInLocked):
            await people.claim_token(house.core, guesser, "no")
        [line] = await house.rows("SELECT actor FROM audit_log WHERE action = 'identity.locked'")
        assert line.actor == "telegram:5"


async def test_claiming_and_revoking_at_once_ends_without_a_role(database_url: str) -> None:
    async with open_house(database_url) as house:
        owner = await member(house, "5", Role.OWNER)
        token, _ = await people.issue_token(house.core, owner, Role.OWNER)
        await asyncio.gather(
            people.claim_token(house.core, owner, token), staff.revoke(house.core, SYSTEM, "telegram:5")
        )
        assert (await people.recognise(house.core, "telegram", "5")).role == Role.ANYONE
