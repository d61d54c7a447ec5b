"""A member of staff runs a day from a phone."""

from __future__ import annotations

import json
import re

from core.jobs.sweep import work_off
from core.sandbox.server import Sandbox
from tests.stories.conftest import OpenStory

OWNERS = {"staff": {"owners": ["telegram:7", "discord:7", "terminal:person-7"]}}
CODE = re.compile(r"TEAM(?:-[0-9A-Z]{4}){4}")


async def test_a_day(story: OpenStory):
    async with Sandbox(workspaces=3, seats=70) as upstream, story(workspaces=0, patience=10.0, **OWNERS) as chat:
        house = chat.house

        # Three teams come in; one of them is to have fewer seats than the provider's default.
        assert chat.words("ask-import-document") in await chat.say("/import")
        answer = await chat.say("\n".join(json.dumps(one) for one in upstream.sessions()))
        assert chat.words("import-preview", new=3, updated=0, invalid=0, pool="default") in answer
        assert await house.value("SELECT count(*) FROM teams") == 0
        await chat.press(chat.label("edit-import"))
        await chat.say("all 70\n1 30")
        answer = await chat.press(chat.words("button-store", count=3))
        assert chat.words("imported", created=3, updated=0, invalid=0, pool="default") in answer

        # More codes than seats are refused with both numbers; what fits is made, and comes as a file.
        assert chat.words("error-quota_exceeded", wanted=200, available=170) in await chat.say(
            "/generate 200 label day"
        )
        answer = await chat.press(chat.words("button-generate", count=170))
        assert chat.words("generated", count=170, pool="default", batch="1", before=170, after=0) in answer
        [(_, made)] = chat.files
        codes = CODE.findall(made.decode())
        assert len(codes) == 170

        # They are handed out, and people redeem them.
        for number, code in enumerate(codes[:30]):
            await house.redeem(f"person{number}@example.com", code, key=f"day {number}")
        answer = await chat.say("/stats")
        assert chat.words("stats-batch", batch="1", label="day", count=30) in answer
        assert "30/30 (100%)" in answer.replace("（", " (").replace("）", ")").replace("  ", " ")

        # A full team is no news where the pool has room: teams are filled one after the other.
        await chat.say("/check")
        assert await house.value("SELECT count(*) FROM alerts WHERE category = 'team_capacity'") == 0

        # Nobody has accepted yet: everybody is invited again.
        day = _day(house.url)
        await house.execute(f"UPDATE leases SET invited_at = invited_at - {day}, last_sent_at = last_sent_at - {day}")
        assert chat.words("bulk-resend", count=30) in await chat.say("/resend pool default")
        await chat.press(chat.label("confirm"))
        await work_off(house.core)
        assert await house.value("SELECT count(*) FROM job_items WHERE state = 'done'") == 30

        # Somebody asks; one look answers.
        answer = await chat.say(f"/find {codes[7][-4:]}")
        assert "person7@example.com" in answer
        assert "Workspace 1" in answer

        # What is left goes to a colleague, and the rest is switched off in the evening.
        await chat.say("/export 1 csv unused")
        [(name, content)] = chat.files
        assert name == "codes-batch-1.csv"
        assert len(content.decode("utf-8-sig").splitlines()) == 141
        await chat.say("/disable batch 1")
        answer = await chat.press(chat.words("button-disable-rest"))
        assert chat.words("batch-disabled", count=140, batch="1") in answer
        assert chat.words("audited-code-exported") in await chat.say("/audit code")


def _day(url: str) -> str:
    return "86400000000" if "sqlite" in url else "interval '1 day'"
