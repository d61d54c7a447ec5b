"""Somebody gives up their role, and is a person like everybody else."""

from __future__ import annotations

from core.actors import SYSTEM, Role
from core.people import people
from tests.stories.conftest import OpenStory


async def test_giving_up_a_role(story: OpenStory):
    async with story() as chat:
        token, _ = await people.issue_token(chat.house.core, SYSTEM, Role.OWNER)
        await chat.say(f"/claim {token}")
        await chat.say("/leave")
        answer = await chat.press(chat.label("leave-staff"))
        assert chat.words("error-leave_refused", reason="last_owner") in answer
        await chat.house.execute("UPDATE people SET role = 'operator'")
        await chat.say("/leave")
        answer = await chat.press(chat.label("leave-staff"))
        assert chat.words("left-staff", role=chat.words("role-operator")) in answer
        assert await chat.house.value("SELECT count(*) FROM people WHERE role <> 'anyone'") == 0
        assert await chat.house.value("SELECT count(*) FROM audit_log WHERE action = 'staff.revoked'") == 1
