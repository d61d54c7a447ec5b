"""Teams by chat: nothing is stored before it is confirmed, and no credential stays in a chat."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from bots.commands.staff import team_import
from core.actors import Role
from core.sandbox.server import Sandbox
from core.storage import tables as t
from tests.support.desk import Desk
from tests.support.house import House, open_house

SECRET = "sbx-very-secret-token"


def session(number: int, **account: Any) -> dict[str, Any]:
    return {
        "accessToken": f"{SECRET}-{number}",
        "provider": "chatgpt",
        "base_url": "http://127.0.0.1:9/backend-api",  # nobody listens there
        "user": {"id": f"u{number}", "email": f"owner{number}@example.com"},
        "account": {"id": f"new-{number}", "name": f"Team {number}", "planType": "team", **account},
    }


async def credentials(house: House, name: str) -> str:
    from core.service import credential_row

    row = (await house.rows(f"SELECT credential, provider, external_id FROM teams WHERE name = '{name}'"))[0]
    return house.core.vault.decrypt(bytes(row[0]), row=credential_row(row[1], row[2]))


@pytest.mark.parametrize("shape", ["list", "lines", "file"])
async def test_an_import_is_shown_edited_and_stored(sqlite_url: str, shape: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house, Role.ADMIN)
        wanted = [session(1), {"accessToken": "x"}, session(2), session(2)]
        assert desk.words("ask-import-document") in await desk.say("/import")
        assert not desk.deletes()
        if shape == "list":
            answer = await desk.say(json.dumps(wanted, indent=2))
        elif shape == "lines":
            answer = await desk.say("\n".join(json.dumps(one) for one in wanted))
        else:
            answer = await desk.say("these ones", file="\n".join(json.dumps(one) for one in wanted))
        assert desk.deletes(), "the message with the credentials goes at once"
        assert SECRET not in answer
        assert desk.words("import-preview", new=2, updated=0, invalid=2, pool="default") in answer
        assert desk.words("reason-repeated_line") in answer
        assert await house.value("SELECT count(*) FROM teams") == 1
        assert SECRET not in str(await house.rows("SELECT * FROM drafts, dialogues"))

        await desk.press(desk.words("button-edit-import"))
        assert desk.words("error-bad_input") in await desk.say("9 nothing")
        answer = await desk.say("1 Blue team 9\n3: 6")
        assert desk.words("import-new", number="1", team="Blue team", seats=9, provider="chatgpt") in answer
        assert desk.words("import-new", number="3", team="Team 2", seats=6, provider="chatgpt") in answer
        store = desk.buttons[desk.words("button-store", count=2)]
        answer = await desk.press(store)
        assert desk.words("imported", created=2, updated=0, invalid=2, pool="default") in answer
        rows = await house.rows("SELECT name, capacity FROM teams ORDER BY id")
        assert [tuple(row) for row in rows][1:] == [("Blue team", 9), ("Team 2", 6)]
        assert f"{SECRET}-1" in await credentials(house, "Blue team")
        assert await house.value("SELECT count(*) FROM drafts") == 0
        assert desk.words("error-button_used") in await desk.press(store)


async def test_a_known_team_gets_its_new_credential_and_keeps_its_name(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        known = {**house.sandbox.sessions()[0], "accessToken": SECRET}
        desk = Desk(house, Role.ADMIN)
        answer = await desk.say(f"/import\n{json.dumps(known)}")
        assert desk.words("import-preview", new=0, updated=1, invalid=0, pool="default") in answer
        await desk.press(desk.words("button-edit-import"))
        await desk.say("1 Another name 8")
        await desk.press(desk.words("button-store", count=1))
        assert (await house.rows("SELECT name, capacity FROM teams"))[0][:] == ("Workspace 1", 8)
        assert SECRET in await credentials(house, "Workspace 1")


async def test_cancelling_an_import_forgets_the_credentials(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house, Role.ADMIN)
        await desk.say(f"/import {json.dumps(session(1))}")
        again = desk.buttons[desk.words("button-store", count=1)]
        assert await house.value("SELECT count(*) FROM drafts") == 1
        await desk.press(desk.words("button-cancel"))
        assert await house.value("SELECT count(*) FROM drafts") == 0
        assert desk.words("error-button_expired") in await desk.press(again)
        assert await house.value("SELECT count(*) FROM teams") == 1


async def test_a_credential_that_nobody_asked_for_goes_as_well(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        half = json.dumps(session(1))[:-40]
        for private, words in ((True, "credential-from-anyone"), (False, "group-pointer-credential")):
            desk = Desk(house, Role.ANYONE, private=private)
            answer = await desk.say(half)
            assert answer == desk.words(words)
            assert desk.reply.delete_request
        assert await Desk(house).say("my token is lost, access token?") != desk.words("credential-unasked")
        admin = Desk(house, Role.ADMIN, "43")
        assert await admin.say(half) == admin.words("credential-unasked")


async def test_in_a_group_no_credential_is_taken_and_it_is_deleted(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house, Role.ADMIN, private=False)
        assert await desk.say(f"/import {json.dumps(session(1))}") == desk.words("group-pointer-credential")
        assert desk.reply.delete_request
        assert await house.value("SELECT count(*) FROM drafts") == 0


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_a_team_is_added_by_answering_questions(sqlite_url: str, language: str):
    async with open_house(sqlite_url, workspaces=0) as house:
        desk = Desk(house, Role.ADMIN, language=language)
        assert desk.words("ask-addteam-provider") in await desk.say("/addteam")
        assert desk.words("ask-addteam-address") in await desk.press(desk.words("choice-scim"))
        assert desk.words("ask-addteam-credential-scim") in await desk.say("http://127.0.0.1:9/v2")
        answer = await desk.say(SECRET)
        assert desk.reply.delete_request
        assert SECRET not in answer
        why = desk.words("reason-unreachable")
        assert desk.words("import-check-failed", number="1", reason=why) in answer
        await desk.press(desk.words("button-store", count=1))
        assert await house.value("SELECT provider FROM teams") == "scim"
        assert SECRET in await credentials(house, "127.0.0.1:9/v2")
        assert desk.words("import-nothing") in await desk.say("/addteam openai_admin {}")


async def test_a_team_is_looked_at_and_changed(sqlite_url: str):
    async with open_house(sqlite_url, workspaces=2, seats=3) as house:
        [code] = await house.make_codes(1)
        await house.redeem("anna@example.com", code, key="r")
        viewer = Desk(house, Role.VIEWER, "9")
        assert "Workspace 2" in await viewer.say("/teams")
        answer = await viewer.press("Workspace 1")
        assert (
            viewer.words("seat-line", number="1", address="anna@example.com", status=viewer.words("lease-invited"))
            in answer
        )
        assert viewer.words("error-not_allowed", role="admin", has="viewer") in await viewer.say(
            "/disableteam Workspace 1"
        )

        desk = Desk(house, Role.ADMIN)
        await desk.say("/team workspace 1")
        await desk.press(desk.words("button-edit"))
        await desk.press(desk.words("button-seats"))
        assert "1 of 7 seats" in await desk.say("7")
        await desk.press(desk.words("button-edit"))
        await desk.press(desk.words("button-rename"))
        assert "Blue team" in await desk.say("Blue team")
        assert desk.words("error-name_taken", kind="team", name="Workspace 2") in await desk.say(
            '/editteam Blue team rename "Workspace 2"'
        )
        assert desk.words("team-disabled") in await desk.say("/disableteam Blue team")
        assert await house.value("SELECT count(*) FROM seats WHERE open") == 3
        assert desk.words("team-active") in await desk.press(desk.words("button-enable-team"))
        assert desk.words("error-not_found", kind="team", name="Nowhere") in await desk.say("/team Nowhere")


async def test_a_team_goes_only_when_nobody_is_in_it(database_url: str):
    async with open_house(database_url, workspaces=2, seats=3) as house:
        [code] = await house.make_codes(1)
        await house.make_codes(2, team="Workspace 2")
        await house.redeem("anna@example.com", code, key="r")
        desk = Desk(house, Role.ADMIN)
        assert desk.words("error-team_in_use", name="Workspace 1", count=1) in await desk.say("/removeteam Workspace 1")
        answer = await desk.say("/removeteam Workspace 2")
        assert desk.words("removeteam-codes", codes=2) in answer
        assert desk.words("team-removed", team="Workspace 2") in await desk.press(desk.words("button-remove-team"))
        assert await house.value("SELECT count(*) FROM seats WHERE team_id = 2") == 0
        assert await credentials(house, "Workspace 2") == "{}"
        assert await house.value("SELECT count(*) FROM codes WHERE status = 'disabled'") == 2
        assert desk.words("error-not_found", kind="team", name="Workspace 2") in await desk.say("/team Workspace 2")

        back = house.sandbox.sessions()[1]
        await desk.say(f"/import {json.dumps(back)}")
        await desk.press(desk.words("button-store", count=1))
        assert "Workspace 2" in await desk.say("/teams")
        assert await house.value("SELECT count(*) FROM seats WHERE team_id = 2 AND open") == 3


async def test_pools_are_made_and_changed_with_one_tap(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house, Role.ADMIN)
        answer = await desk.say("/pool add plus prefix PLUS policy most_free term 30d stock yes")
        assert desk.words("pool-made", pool="plus", codes="PLUS-XXXX-XXXX-XXXX-XXXX") in answer
        row = (await house.rows("SELECT policy, default_term, show_stock FROM pools WHERE name = 'plus'"))[0]
        assert (row[0], row[1], bool(row[2])) == ("most_free", "30d", True)
        await desk.press(desk.words("button-pool-stock-off"))
        await desk.press(desk.words("button-policy", policy=desk.words("policy-round-robin")))
        row = (await house.rows("SELECT policy, show_stock FROM pools WHERE name = 'plus'"))[0]
        assert (row[0], bool(row[1])) == ("round_robin", False)
        assert desk.words("error-name_taken", kind="pool", name="plus") in await desk.say("/pool add plus")
        assert desk.words("ask-pool-add") in await desk.say("/pool add")
        assert "third" in await desk.say("third")
        assert "plus" in await Desk(house, Role.VIEWER).say("/pools")


async def test_what_a_workspace_is_called_is_shown_as_text(sqlite_url: str):
    name = "<b>@everyone</b> \u202eevil [x](y) `z`"
    async with open_house(sqlite_url) as house:
        for markup in ("telegram", "discord"):
            desk = Desk(house, Role.ADMIN, markup=markup)
            shown = await desk.say(f"/import {json.dumps(session(5, name=name.replace(chr(0x202E), '')))}")
            assert "<b>@everyone" not in shown
            assert "@everyone" not in shown or markup == "telegram"
            assert "[x](y)" not in shown or markup == "telegram"
            assert "\u202e" not in shown


async def test_the_sandbox_can_be_imported_as_it_prints_itself(sqlite_url: str):
    async with open_house(sqlite_url, workspaces=0) as house, Sandbox(workspaces=3, seats=5) as sandbox:
        desk = Desk(house, Role.ADMIN)
        await desk.say("/import")
        answer = await desk.say("\n".join(json.dumps(one) for one in sandbox.sessions()))
        assert desk.words("import-preview", new=3, updated=0, invalid=0, pool="default") in answer
        await desk.press(desk.words("button-edit-import"))
        await desk.say("all 5")
        await desk.press(desk.words("button-store", count=3))
        assert await house.value("SELECT count(*) FROM seats") == 15


async def test_what_a_credential_is_good_for_is_shown_before_it_is_stored(sqlite_url: str):
    async with open_house(sqlite_url, workspaces=0) as house, Sandbox(workspaces=1, seats=7) as sandbox:
        desk = Desk(house, Role.ADMIN)
        [admin] = sandbox.sessions("openai_admin")
        answer = await desk.say(f"/addteam openai_admin {json.dumps(admin)}")
        found = desk.words("import-found", fact=desk.words("fact-scopes"), value="users.read, invites.read")
        assert found in answer
        [session_of_seven] = sandbox.sessions()
        answer = await desk.say(f"/import {json.dumps(session_of_seven)}")
        assert desk.words("import-new", number="1", team="Workspace 1", seats=7, provider="chatgpt") in answer
        answer = await desk.say("/addteam openai_admin sk-proj-of-a-project")
        assert desk.words("reason-credential_wrong_kind") in answer


async def test_teams_out_of_service_go_in_one_step_and_nobody_with_them(database_url: str):
    async with open_house(database_url, workspaces=3, seats=3) as house:
        [code] = await house.make_codes(1)
        await house.redeem("anna@example.com", code, key="r")
        desk = Desk(house, Role.ADMIN)
        assert desk.words("cleanup-none") in await desk.say("/cleanup")
        await house.execute("UPDATE teams SET health = 'expired' WHERE id = 1")
        answer = await desk.say("/cleanup")
        assert desk.words("cleanup-none-empty") in answer
        assert "Workspace 1" in answer
        await house.execute("UPDATE teams SET health = 'expired' WHERE id = 2")
        await house.make_codes(2, team="Workspace 2")
        answer = await desk.say("/cleanup")
        assert "Workspace 2" in answer
        assert desk.words("cleanup-codes", codes=2) in answer
        assert desk.words("cleanup-staying", staying=1) in answer
        assert await house.value("SELECT count(*) FROM teams WHERE removed_at IS NOT NULL") == 0
        await house.execute("UPDATE teams SET health = 'expired' WHERE id = 3")  # which nobody was shown
        answer = await desk.press(desk.words("button-clean-up"))
        assert desk.words("cleanup-done", count=1) in answer
        assert await house.value("SELECT min(id) FROM teams WHERE removed_at IS NOT NULL") == 2
        assert await house.value("SELECT count(*) FROM teams WHERE removed_at IS NULL") == 2


async def test_the_preview_offers_the_seats_that_the_provider_states(sqlite_url: str):
    async with open_house(sqlite_url, workspaces=2, seats=7) as house:
        for table in ("seats WHERE team_id", "teams WHERE id"):
            await house.execute(f"DELETE FROM {table} = 2")
        desk = Desk(house, Role.ADMIN)
        answer = await desk.say(f"/import {json.dumps(house.sandbox.sessions()[1])}")
        assert desk.words("import-new", number="1", team="Workspace 2", seats=7, provider="chatgpt") in answer


async def test_fewer_seats_for_a_known_team_are_shown_as_such(sqlite_url: str):
    async with open_house(sqlite_url, seats=7) as house:
        desk = Desk(house, Role.ADMIN)
        same = await desk.say(f"/import {json.dumps(house.sandbox.sessions()[0])}")
        assert desk.words("import-updated", number="1", team="Workspace 1", seats=7, provider="chatgpt") in same
        await desk.press(desk.words("button-edit-import"))
        changed = await desk.say("1 3")
        facts = {"number": "1", "team": "Workspace 1", "seats": 3, "present": 7, "provider": "chatgpt"}
        assert desk.words("import-updated-seats", **facts) in changed


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
async def test_a_list_in_any_encoding(sqlite_url: str, encoding: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house, Role.ADMIN)
        await desk.say("/import")
        text = json.dumps({"teams": [session(1, name="蓝队"), session(2)]}, ensure_ascii=False, indent=1)
        answer = await desk.say("these", file=text.encode(encoding))
        assert desk.words("import-preview", new=2, updated=0, invalid=0, pool="default") in answer
        assert "蓝队" in answer


@pytest.mark.parametrize("within", [30.0, 0.0])
async def test_a_long_list_is_tried_as_a_short_one_is(sqlite_url: str, monkeypatch: pytest.MonkeyPatch, within: float):
    monkeypatch.setattr(team_import, "CHECKED_WITHIN", within)
    async with open_house(sqlite_url, workspaces=24, seats=7) as house:
        sessions = house.sandbox.sessions()
        await house.core.write(lambda tx: tx.execute(sa.delete(t.seats)))
        await house.core.write(lambda tx: tx.execute(sa.delete(t.teams)))
        desk = Desk(house, Role.ADMIN)
        answer = await desk.say(f"/import {json.dumps(sessions)}")
        seats = 7 if within else 4
        assert desk.words("import-new", number="1", team="Workspace 1", seats=seats, provider="chatgpt") in answer
        assert (desk.words("import-not-tried", count=24) in answer) is not bool(within)


async def test_a_file_from_staff_is_shown_as_an_import_and_rubbish_is_asked_about_again(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        staff, stranger = Desk(house, Role.ADMIN), Desk(house, Role.ANYONE)
        content = json.dumps(session(1))
        await staff.say(file=content)
        assert staff.reply.key == "import-preview"
        assert await stranger.say(file=content) == stranger.words("credential-from-anyone")
        assert stranger.deletes()
        assert await stranger.say(file="a list") == stranger.words("file-unasked")
        await staff.say("/import")
        assert staff.words("import-nothing") in await staff.say("hello")
        await staff.say(content)
        assert staff.reply.key == "import-preview", "the question is still open"
