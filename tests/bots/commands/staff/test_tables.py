"""Every list of staff's can be had whole, as a table that a spreadsheet shows; and a part of a name finds the whole."""

from __future__ import annotations

import csv
import io

import pytest

from core.actors import SYSTEM, Role
from core.leases import leases
from tests.support.desk import Desk
from tests.support.house import House, open_house


async def lived_in(house: House) -> Desk:
    for number, code in enumerate(await house.make_codes(2)):
        await house.redeem(f"p{number}@example.com", code, key=f"k{number}")
    await leases.end(house.core, SYSTEM, "p1@example.com")
    await house.execute(
        "INSERT INTO alerts (category, subject, level, title, facts, created_at, last_seen_at, count) "
        "SELECT 'system', 'x', 'error', 'job_failed', '{}', created_at, created_at, 1 FROM teams WHERE id = 1"
    )
    return Desk(house, Role.ADMIN)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_each_list_is_a_table_of_all_its_lines(sqlite_url: str, language: str) -> None:
    async with open_house(sqlite_url) as house:
        desk = await lived_in(house)
        desk.language = language
        for command, column, values in (
            ("/redemptions file=csv", "address", ["p1@example.com", "p0@example.com"]),
            ("/redemptions invited p0@example.com file=csv", "address", ["p0@example.com"]),
            ("/leases all file=csv", "address", ["p0@example.com", "p1@example.com"]),
            ('/team "Workspace 1" file=csv', "address", ["p0@example.com"]),
            ("/alerts file=csv", "title", ["job_failed"]),
            ("/removals file=csv", "address", ["p1@example.com"]),
            ("/audit batch file=csv", "action", ["batch.generated", "batch.opened"]),
            (
                "/audit batch file=csv",
                "action_in_words",
                [desk.words("audited-batch-generated"), desk.words("audited-batch-opened")],
            ),
        ):
            said = await desk.say(command)
            [file] = desk.reply.files
            rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
            assert sorted(row[column] for row in rows) == sorted(values), command
            assert desk.words("file-csv", count=len(values)) in said
        assert desk.words("file-nothing") in await desk.say("/redemptions refused file=csv")


async def test_a_part_of_a_teams_name_leads_to_it(sqlite_url: str) -> None:
    async with open_house(sqlite_url, workspaces=2) as house:
        desk = await lived_in(house)
        assert desk.words("found-alike", query="space 2") in await desk.say("/find space 2")
        # What a team is called upstream finds it as well, in full and in part.
        assert "Workspace 2" in await desk.say("/find WS-2")
        assert desk.reply.key == "team"
        await desk.say("/find ws-")
        assert {"Workspace 1 · ws-1", "Workspace 2 · ws-2"} <= set(desk.buttons)
        assert "Workspace 2" in await desk.press("Workspace 2 · ws-2")
        assert desk.words("found-alike", query="p0@exam") in await desk.say("/find p0@exam")
