"""Codes by chat: the quota before and after, files, and who may press what."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from datetime import datetime

import pytest

from bots.messages.blocks import Markup
from core.actors import Role
from core.clock import MovedClock
from core.rules.codes import read_code
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import open_house

CODE = re.compile(r"TEAM(?:-[0-9A-Z]{4}){4}")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_codes_are_made_step_by_step(sqlite_url: str, language: str):
    async with open_house(sqlite_url, workspaces=2, seats=5) as house:
        desk = Desk(house, language=language)
        assert desk.words("generate-how-many", pool="default", left=10) in await desk.say("/generate")
        answer = await desk.say("4")
        assert desk.words("draft-fits", left=10, after=6) in answer
        await desk.press(desk.words("button-edit-uses"))
        assert desk.words("draft-fits", left=10, after=2) in await desk.say("2")
        await desk.press(desk.words("button-edit-label"))
        assert "spring sale" in await desk.say("spring sale")
        await desk.press(desk.words("button-edit-expires"))
        await desk.say("2090-01-31")
        await desk.press(desk.words("button-edit-team"))
        assert "Workspace 2" in await desk.say("Workspace 2"), "bound: one team has five seats, not ten"
        assert desk.words("draft-too-many", total=8, left=5, missing=3) in await desk.press(
            desk.words("button-edit-label")
        ) + await desk.say("spring sale")
        await desk.press(desk.words("button-edit-count"))
        await desk.say("2")
        answer = await desk.press(desk.words("button-generate", count=2))
        assert len(CODE.findall(answer)) == 2
        row = (await house.rows("SELECT kind, label, uses, term FROM batches"))[0]
        assert tuple(row) == ("bound", "spring sale", 4, "1mo")
        assert await house.value("SELECT max_uses FROM codes LIMIT 1") == 2


async def test_one_line_makes_them_at_once_and_says_the_quota_before_and_after(sqlite_url: str):
    async with open_house(sqlite_url, seats=30) as house:
        desk = Desk(house)
        answer = await desk.say('/generate 20 label "spring sale" uses 1 term 30d')
        assert desk.words("generated", count=20, pool="default", batch="1", before=30, after=10) in answer
        codes = CODE.findall(answer)
        shapes = await house.core.shapes()
        assert len({read_code(code, shapes).canonical for code in codes}) == 20
        assert not desk.reply.files
        assert await house.value("SELECT term FROM batches") == "30d"


async def test_more_than_twenty_come_as_a_file(sqlite_url: str):
    async with open_house(sqlite_url, seats=30) as house:
        desk = Desk(house)
        answer = await desk.say("/generate 25")
        assert not CODE.findall(answer)
        name, text = desk.file()
        assert name == "codes-batch-1.txt"
        assert len(CODE.findall(text)) == 25 == len(text.splitlines())


async def test_beyond_the_quota_both_numbers_are_said_and_only_an_owner_may_go_on(sqlite_url: str):
    async with open_house(sqlite_url, seats=3) as house:
        operator = Desk(house, Role.OPERATOR, "1")
        answer = await operator.say("/generate 5")
        assert operator.words("error-quota_exceeded", wanted=5, available=3) in answer
        assert operator.words("button-override", count=5) not in operator.buttons
        assert operator.words("error-not_allowed", role="owner", has="operator") in await operator.say(
            "/generate 5 override"
        )
        assert await house.value("SELECT count(*) FROM codes") == 0

        owner = Desk(house)
        await owner.say("/generate 5")
        assert owner.words("button-override", count=5) in owner.buttons
        assert owner.words("override-sure", pool="default", left=3, total=5) in await owner.command(
            "generate", count=5, override=True
        )
        assert await house.value("SELECT count(*) FROM codes") == 0
        assert owner.words("generated-override") in await owner.press(owner.words("button-override", count=5))
        assert await house.value("SELECT count(*) FROM codes") == 5
        after = await house.value("SELECT after FROM audit_log WHERE action = 'batch.opened'")
        assert '"override": true' in str(after)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_a_full_pool_leads_to_one_with_room_or_to_more_teams(sqlite_url: str, language: str):
    async with open_house(sqlite_url, seats=3) as house:
        await Desk(house).say("/pool add empty")
        for role, line in ((Role.ADMIN, "/generate pool empty"), (Role.OPERATOR, "/generate 2 pool empty")):
            desk = Desk(house, role, language=language)
            await desk.say(line)
            assert (desk.words("button-import") in desk.buttons) is (role is Role.ADMIN)
            assert desk.words("button-override", count=2) not in desk.buttons
            await desk.press(desk.words("button-other-pool", pool="default", left=3))
            if role is Role.ADMIN:
                await desk.say("2")
            assert desk.reply.key == "draft"
            await desk.press(desk.words("button-generate", count=2))
            assert desk.reply.key == "generated"
            await house.execute("DELETE FROM codes")
            await house.execute("DELETE FROM batch_changes")
            await house.execute("UPDATE batches SET uses = 0, used = 0, voided = 0")


@pytest.mark.parametrize(
    ("role", "line", "button"),
    [
        (Role.ANYONE, "/generate 3", "/claim"),
        (Role.VIEWER, "/stast", "/stats"),
        (Role.VIEWER, "/codes pool nowhere", "/pools"),
        (Role.VIEWER, "/team nowhere", "/teams"),
    ],
)
async def test_a_refusal_carries_the_next_step(sqlite_url: str, role: Role, line: str, button: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house, role)
        await desk.say(line)
        assert desk.reply.state == "refused"
        assert button in desk.buttons
        await desk.press(button)
        assert desk.reply.state != "refused"


async def test_strangers_and_viewers_make_none(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        for role in (Role.ANYONE, Role.VIEWER):
            desk = Desk(house, role)
            for line in ("/generate 1", "/export 1", "/disable batch 1", "/codedraft 1"):
                assert desk.words("error-not_allowed", role="operator", has=role.label) in await desk.say(line)


async def test_a_press_counts_once_for_its_asker_and_not_for_ever(sqlite_url: str):
    clock = MovedClock(await _now(sqlite_url))
    async with open_house(sqlite_url, seats=9, clock=clock) as house:
        asker, other = Desk(house, Role.OPERATOR, "1"), Desk(house, Role.OWNER, "2")
        await asker.say("/generate 3")
        await asker.say("/disable batch 1")
        nonce = asker.buttons[asker.words("button-disable-rest")]
        assert other.words("error-button_not_yours") in await other.press(nonce)
        assert asker.words("batch-disabled", count=3, batch="1") in await asker.press(nonce, key="p1")
        assert asker.words("error-button_used") in await asker.press(nonce, key="p2")
        assert await house.value("SELECT count(*) FROM audit_log WHERE action = 'batch.disabled'") == 1

        await asker.say("/enable batch 1")
        late = asker.buttons[asker.words("button-enable-rest")]
        clock.move(minutes=11)
        assert asker.words("error-button_expired") in await asker.press(late)
        assert await house.value("SELECT count(*) FROM codes WHERE status = 'active'") == 0


async def test_two_presses_at_once_make_one_batch(sqlite_url: str):
    async with open_house(sqlite_url, seats=9) as house:
        desk = Desk(house)
        await desk.say("/generate")
        await desk.say("2")
        nonce = desk.buttons[desk.words("button-generate", count=2)]
        twins = [Desk(house, buttons={"x": nonce}) for _ in range(2)]
        answers = await asyncio.gather(*(twin.press(nonce, key=f"p{n}") for n, twin in enumerate(twins)))
        assert sorted(desk.words("error-button_used") in answer for answer in answers) == [False, True]
        assert await house.value("SELECT count(*) FROM batches") == 1


async def test_codes_are_listed_by_any_filter_page_by_page(sqlite_url: str):
    async with open_house(sqlite_url, workspaces=2, seats=9) as house:
        codes = await house.make_codes(14, label="one")
        await house.make_codes(3, label="two")
        await house.redeem("anna@example.com", codes[2], key="r")
        desk = Desk(house, Role.VIEWER)
        first = await desk.say("/codes")
        assert first.count("…") == 10
        second = await desk.press(desk.words("button-next"))
        assert second.count("…") == 7
        assert await desk.press(desk.words("button-back")) == first
        assert "anna@example.com" in await desk.say("/codes used")
        assert codes[2][-4:] in await desk.say("/codes anna@example.com")
        assert codes[5][-4:] in await desk.say(f"/codes {codes[5][-4:].lower()}")
        assert (await desk.say("/codes batch 2")).count("…") == 3
        assert (await desk.say("/codes unused pool default")).count("…") == 10
        assert desk.words("codes-none") in await desk.say("/codes expired")


async def test_codes_and_batches_are_switched_off_and_on_again(sqlite_url: str):
    async with open_house(sqlite_url, seats=9) as house:
        one, two, three = await house.make_codes(3)
        desk = Desk(house, Role.OPERATOR)
        answer = await desk.say(f"/disable {one.lower()} {two}")
        assert desk.words("switched-disabled", code=one[-4:]) in answer
        assert await house.value("SELECT count(*) FROM codes WHERE status = 'disabled'") == 2
        assert desk.words("switched-active", code=two[-4:]) in await desk.press(desk.words("button-enable-again"))
        assert desk.words("disable-code", code=three[-4:]) in await desk.say(f"/disable {three[-4:]}")
        await desk.press(desk.words("button-confirm"))
        assert await house.value("SELECT count(*) FROM codes WHERE status = 'disabled'") == 1
        assert desk.words("error-not_found", kind="code", name="…ZZZZ") in await desk.say("/disable ZZZZ")
        assert desk.words("ask-disable-what") in await desk.say("/disable")
        assert "#1" in await desk.say("batch 1")


async def test_an_exported_table_runs_nothing_in_a_spreadsheet(sqlite_url: str):
    async with open_house(sqlite_url, seats=9) as house:
        label = "＝cmd|' /C calc'!A0,\"x\"\nnext"
        [code, _] = await house.make_codes(2, label=label)
        await house.redeem("a@example.com", code, key="r")
        desk = Desk(house)
        await desk.say("/export 1 csv")
        name, text = desk.file()
        assert name == "codes-batch-1.csv"
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert next(row["code"] for row in rows) == code
        assert all(row["label"].startswith("'＝cmd") for row in rows)
        await desk.say("/export 1 txt unused")
        _, text = desk.file()
        assert len(text.splitlines()) == 1
        assert code not in text
        assert await house.value("SELECT count(*) FROM audit_log WHERE action = 'code.exported'") == 2
        assert desk.words("ask-export-batch") in await desk.say("/export")


HOSTILE = "</code><b>@everyone</b> [x](http://x) **b** `c` \u202egnp.exe\u200b =1+1 $x {{ $y }}"


@pytest.mark.parametrize("markup", ["telegram", "discord", "plain"])
async def test_what_a_label_says_is_shown_as_text(sqlite_url: str, markup: Markup):
    async with open_house(sqlite_url, seats=9) as house:
        await house.make_codes(1, label=HOSTILE)
        desk = Desk(house, markup=markup)
        shown = "".join([await desk.say(line) for line in ("/batches", "/batches 1", "/stats", "/codes")])
        assert "\u202e" not in shown
        assert "\u200b" not in shown.replace("@\u200b", "")
        if markup == "telegram":
            assert "<b>@everyone" not in shown
            assert "&lt;b&gt;@everyone" in shown
        if markup == "discord":
            assert "@everyone" not in shown
            assert "[x](http" not in shown
        await desk.say("/generate 2 label " + '"' + HOSTILE * 20 + '"')
        assert len(await house.value("SELECT label FROM batches WHERE id = 2")) <= 200


async def test_in_a_group_nothing_is_said_about_codes(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        await house.make_codes(2, label="secret label")
        desk = Desk(house, private=False)
        for line in ("/codes", "/batches", "/generate 2", "/export 1", "/find a@example.com", "/team Workspace 1"):
            answer = await desk.say(line)
            assert answer == desk.words("group-pointer")
        assert desk.words("stats-all") in await desk.say("/stats")


async def _now(url: str) -> datetime:
    async with open_house(url, workspaces=0) as house:
        return house.core.now()


@EACH_ON_ONE
async def test_whether_people_are_moved_at_the_end_is_said_shown_and_changed(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = Desk(house, Role.OPERATOR, language=language)
        answer = await desk.say("/generate 2 auto_transfer=off")
        assert desk.words("batch-ends") in answer
        last4 = await house.value("SELECT last4 FROM codes WHERE id = 1")
        assert (await desk.say("/codes")).count(desk.words("code-ends").strip()) == 2
        await desk.say(f"/codes last4={last4} auto_transfer=on")
        assert (await desk.say("/codes")).count(desk.words("code-ends").strip()) == 1
        assert desk.words("batch-ends") in await desk.say("/batches 1")
        assert desk.words("batch-moves") in await desk.say("/batches 1 auto_transfer=on")
        assert desk.words("code-ends").strip() not in await desk.say("/codes")
        await house.make_codes(1, temporary=True, term="24h")
        await desk.say("/batches 2 auto_transfer=on")
        assert desk.reply.key == "error-bad_choice"
        assert await house.value("SELECT count(*) FROM audit_log WHERE action LIKE '%.auto_transfer'") == 2
        # What is said of a code is what its lease is made with.
        [one, two] = await house.make_codes(2)
        number = await house.value("SELECT max(id) FROM codes")
        await house.execute(f"UPDATE codes SET auto_transfer = false WHERE id = {number}")
        await house.redeem("ann@example.com", one, key="1")
        await house.redeem("bob@example.com", two, key="2")
        rows = await house.rows("SELECT auto_transfer FROM leases ORDER BY id")
        assert sorted(bool(row[0]) for row in rows) == [False, True]
        # Two codes with one ending are not both meant, and not called missing: their batch says which it is.
        await house.execute("UPDATE codes SET last4 = 'ZZZZ' WHERE batch_id IN (1, 3)")
        await desk.say("/codes last4=ZZZZ auto_transfer=off")
        assert desk.reply.key == "several-codes-narrow"
        await house.execute("UPDATE codes SET last4 = 'YYYY' WHERE batch_id = 3 AND id = " + str(number))
        await desk.say("/codes last4=ZZZZ batch 3 auto_transfer=off")
        off = await house.rows("SELECT batch_id FROM codes WHERE last4 = 'ZZZZ' AND NOT auto_transfer")
        assert [row[0] for row in off] == [3]


@EACH_ON_ONE
async def test_codes_that_nobody_used_are_deleted_and_the_others_stay(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = Desk(house, Role.OPERATOR, language=language)
        used, *_, last = await house.make_codes(4)
        await house.redeem("ann@example.com", used, key="1")
        await desk.say(f"/delete {last}")
        assert desk.reply.key == "delete-codes"
        assert await house.value("SELECT count(*) FROM codes WHERE status = 'deleted'") == 0
        answer = await desk.press(desk.words("button-delete-codes"))
        assert desk.words("switched-deleted", code=last[-4:]) in answer
        # Nothing is asked that would be refused.
        for written in (used, used[-4:]):
            assert await desk.say(f"/delete {written}") == desk.words("error-code_has_uses", count=1)
        await desk.say(f"/delete {used} {last}")
        assert desk.reply.key == "bulk-nothing"
        await desk.say("/delete batch 1")
        answer = await desk.press(desk.words("button-delete-rest"))
        assert desk.words("batch-deleted", batch="1", count=2) in answer
        assert await house.value("SELECT count(*) FROM codes WHERE status = 'deleted'") == 3
        unused = "SELECT sum(uses - used - voided) FROM (SELECT uses, used, voided FROM batches UNION ALL SELECT uses, used, voided FROM batch_changes) AS b"
        assert await house.value(unused) == 0, "nothing of them counts any more"
        viewer = Desk(house, Role.VIEWER, "9")
        await viewer.say("/delete batch 1")
        assert viewer.reply.key == "error-not_allowed"
