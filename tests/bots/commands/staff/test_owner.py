"""Staff, backups, keys, sweeps and settings by chat."""

from __future__ import annotations

import ast
import inspect
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from bots.commands.dispatch import dispatch
from bots.commands.request import Chat, Request
from bots.messages.rendering import has_words
from bots.messages.reply import Reply
from core import holds
from core.actors import SYSTEM, Actor, Role
from core.jobs import sweep as job_sweep
from core.people import staff
from core.people.people import claim_token
from core.rounds import DONE, FAILED
from core.service import open_core
from core.sources import sweep as sources
from core.sweeps import runner
from core.sweeps.schedule import SWEEPS
from core.vault import fresh_key
from tests.support.desk import Desk
from tests.support.house import KEY, House, open_house, settings_for


async def test_a_role_is_given_and_taken_away(database_url: str):
    async with open_house(database_url) as house:
        desk = Desk(house)
        assert desk.words("ask-staff-grant") in await desk.say("/staff grant")
        assert desk.words("ask-staff-role", identity="telegram:77") in await desk.say("telegram:77")
        answer = await desk.press(desk.words("role-operator"))
        assert answer.startswith(desk.words("staff-grant", identity="telegram:77", role="operator"))
        assert await house.value("SELECT count(*) FROM people WHERE role <> 'anyone'") == 0
        answer = await desk.press(desk.words("button-grant"))
        assert desk.words("staff-granted", identity="telegram:77", role="operator") in answer
        assert "telegram:77" in await desk.say("/staff")
        await desk.say("/staff revoke telegram:77")
        answer = await desk.press(desk.words("button-revoke"))
        assert desk.words("staff-revoked", identity="telegram:77") in answer
        assert await house.value("SELECT count(*) FROM people WHERE role <> 'anyone'") == 0


async def test_nobody_grants_by_a_name_or_without_being_owner(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house)
        await desk.say("/staff grant @somebody admin")
        assert desk.reply.key == "staff-by-token", "before the role is asked for"
        await desk.press(desk.words("button-staff-token-instead"))
        assert desk.reply.key == "staff-token"
        assert desk.reply.facts["role"].key == "role-admin"
        await desk.say("/staff grant telegram:1087968824 admin")
        assert desk.reply.key == "error-bad_value", "everybody's identity is nobody's"
        for command in ("staff", "backup", "rotate"):
            assert Desk(house).words("error-not_allowed", role="owner", has="admin") in await Desk(
                house, Role.ADMIN, "8"
            ).say(f"/{command}")


async def test_a_mention_or_a_number_is_one_of_the_platform_it_is_written_on(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        for written, platform in (("<@77>", "discord"), ("<@!77>", "discord"), ("77", "telegram")):
            desk = Desk(house, platform=platform)
            await desk.say(f"/staff grant {written} viewer")
            assert desk.reply.facts["identity"] == f"{platform}:77"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_a_token_signs_one_person_in(sqlite_url: str, language: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house, language=language)
        assert desk.words("ask-staff-token") in await desk.say("/staff token")
        answer = await desk.press(desk.words("role-admin"))
        token = str(desk.reply.facts["token"])
        assert f"/claim {token}" in answer
        assert await claim_token(house.core, Actor("discord", "5"), token) == "admin"
        assert token not in str(await house.rows("SELECT * FROM staff_tokens, audit_log"))
        await desk.say("/staff token viewer")
        assert desk.reply.key == "staff-token"


async def test_a_backup_is_made_compared_and_handed_out(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        [code] = await house.make_codes(1)
        await house.redeem("anna@example.com", code, key="r")
        desk = Desk(house)
        await staff.grant(house.core, SYSTEM, desk._actor().key, Role.OWNER)
        await desk.say("/backup")
        await job_sweep.work_off(house.core)
        await desk.say("/jobs 1")
        [made, keys] = desk.reply.more
        assert (desk.reply.key, made.key, keys.key) == ("job-done", "backup-made", "backup-keys")
        path = Path(str(made.facts["path"]))
        assert path.parent.name == "backups"
        content = _kept(path)
        await desk.press(desk.words("button-backup-send"))
        [file] = desk.reply.files
        assert file.content == content
        with sqlite3.connect(path) as copy:
            assert copy.execute("SELECT address FROM leases").fetchone() == ("anna@example.com",)
        copy.close()
        assert code.encode() not in file.content
        assert await house.value("SELECT count(*) FROM audit_log WHERE action LIKE 'backup.%'") == 2
        for name in ("../usher.db", "usher.db", "usher-20200101-000000.db", "/etc/hostname"):
            await desk.say(f"/backup {name}")
            assert desk.reply.key == "error-not_found"


async def test_a_passing_state_is_shown_in_the_readers_time(sqlite_url: str):
    shown: list[Reply] = []

    async def show(reply: Reply) -> None:
        shown.append(reply)

    async with open_house(sqlite_url) as house:
        actor = Actor("terminal", "you", Role.OWNER, timezone="Asia/Shanghai")
        request = Request(actor, "k", "en", Chat("terminal", "you", private=True), text="/backup", show=show)
        await dispatch(house.core, request)
    assert {one.timezone for one in shown} == {"Asia/Shanghai"}


async def test_on_postgresql_a_backup_is_made_elsewhere(postgres_url: str):
    async with open_house(postgres_url) as house:
        desk = Desk(house)
        assert desk.words("error-backup_refused", reason="postgresql") in await desk.say("/backup")


async def test_everything_comes_under_the_active_key(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        await house.make_codes(3)
        desk = Desk(house)
        assert desk.words("rotate-nothing", active="k1") in await desk.say("/rotate")
        both = settings_for(sqlite_url, vault={"active": "k2", "keys": {"k1": KEY, "k2": fresh_key()}})
        async with open_core(both) as core:
            desk = Desk(House(core, house.sandbox, sqlite_url))
            await staff.grant(core, SYSTEM, desk._actor().key, Role.OWNER)
            answer = await desk.say("/rotate")
            assert desk.words("rotate-left-codes", count=3) in answer
            assert desk.words("rotate-left-teams", count=1) in answer
            await desk.press(desk.words("button-confirm"))
            await job_sweep.work_off(core)
            answer = await desk.say("/jobs 1")
            assert desk.words("job-rotate-figures", rewritten=4) in answer
            assert desk.words("rotate-nothing", active="k2") in await desk.say("/rotate")


async def test_sweeps_are_looked_at_hurried_paused_and_resumed(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house, Role.ADMIN)
        assert await desk.say("/sweep") == desk.words("sweeps-none")
        assert await desk.say("/sweep run backup") == desk.words("sweeps-none"), "it is one, and no worker has begun it"
        now = datetime.now(UTC)
        await house.core.write(_register, now + timedelta(hours=1))
        answer = await desk.say("/sweep")
        assert desk.words("sweep-name-sync") in answer
        await desk.press(desk.words("sweep-name-sync"))
        answer = await desk.press(desk.words("button-sweep-pause"))
        assert desk.words("sweep-told-pause") in answer
        assert desk.words("sweep-paused") in answer
        assert await house.value("SELECT paused FROM sweeps")
        await desk.press(desk.words("button-sweep-resume"))
        assert not await house.value("SELECT paused FROM sweeps")
        await desk.say("/sweep run sync")
        assert desk.words("sweep-told-run") in await desk.say("/sweep run sync")
        assert str(await house.value("SELECT due_at FROM sweeps")) < str(now + timedelta(minutes=30))
        assert desk.words("error-not_found", kind="sweep", name="nothing") in await desk.say("/sweep pause nothing")
        assert await house.value("SELECT count(*) FROM audit_log WHERE action LIKE 'sweep.%'") == 4


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_settings_show_what_holds_and_no_secret(sqlite_url: str, language: str):
    bot, mail = {"token": "1:abc-secret"}, {"host": "mail.invalid", "password": "hunter2secret"}
    async with open_house(sqlite_url, transfers={"grace_hours": 5.5}, telegram=bot, mail=mail) as house:
        desk = Desk(house, Role.ADMIN, language=language)
        answer = await desk.say("/settings all")
        five_and_a_half = desk.words("term-minute", count=330)
        label = desk.words("setting-name-transfers-grace_hours")
        assert desk.words("settings-named", name="transfers.grace_hours", label=label, value=five_and_a_half) in answer
        assert desk.words("settings-where") in answer
        assert desk.words("settings-line", name="telegram", value=desk.words("word-on")) in answer
        for hidden in ("secret", KEY, "mail.invalid", sqlite_url):
            assert hidden not in answer


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_settings_are_read_and_changed_heading_by_heading(sqlite_url: str, language: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house, Role.ADMIN, language=language)
        assert "limits.attempts" not in await desk.say("/settings")
        assert "limits.attempts" in await desk.press(desk.words("settings-limits-heading"))
        assert desk.words("setting", name="limits.attempts", value="10") in await desk.press(
            desk.words("setting-name-limits-attempts")
        )
        await desk.press(desk.words("button-setting-change"))
        assert desk.words("setting-set", name="limits.attempts", value="12") in await desk.say("12")
        assert "limits.attempts" in await desk.say("/settings"), "what somebody has set is always shown"


def _register(tx, due_at):
    from core.sweeps import locks

    locks.register(tx, {"sync": due_at}, {"sync": due_at})


def _kept(path: Path) -> bytes:
    """The whole of a backup, which is one file and its owner's alone."""
    assert path.stat().st_mode & 0o077 == 0
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    return path.read_bytes()


def _said_by_sweeps() -> set[str]:
    """The key of every count and outcome that the modules of the sweeps name."""
    said: set[str] = set()
    for sweep in SWEEPS:
        module = ast.parse(Path(str(inspect.getsourcefile(sweep.body))).read_text(encoding="utf-8"))
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Round":
                said |= {f"did-{_text(one)}" for name in node.args for one in ast.walk(name) if _text(one)}
                said |= {f"round-{_text(one.value)}" for one in node.keywords if one.arg == "outcome"}
            elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "counted":
                said |= {f"did-{_text(one)}" for one in ast.walk(node.slice) if _text(one)} - {"did-accounts_"}
    return said | {f"did-accounts_{one}" for one in get_args(sources.ReadSource)} | {f"round-{one}" for one in OUTCOMES}


def _text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


OUTCOMES = (DONE, FAILED, *holds.WAITS.values())


def test_what_sweeps_say_has_words_in_both_languages():
    said = _said_by_sweeps()
    assert {"did-teams_read", "did-rows_forgotten", "did-looked_at", "did-accounts_expired", "round-off"} <= said
    assert not {(key, language) for key in said for language in ("en", "zh-CN") if not has_words(key, language)}


async def test_a_round_is_told_in_the_readers_language(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house, Role.ADMIN, language="zh-CN")
        await runner.run_now(house.core, "sync")
        answer = await desk.say("/sweep")
        assert desk.words("did-teams_read", count=1) in answer
        assert "team" not in answer
