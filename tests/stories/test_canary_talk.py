"""What people ask and what models answer turns up nowhere but in the chat itself, on good days and bad ones.

Looked for in the database's files byte by byte, in every log at its most talkative, in what is audited, told to staff
and to other systems, counted and backed up. The models are the sandbox's, asked over HTTP by the real adapter.
"""

from __future__ import annotations

import asyncio
import io
import json
from contextlib import AsyncExitStack
from pathlib import Path

from core import telemetry
from core.actors import SYSTEM
from core.credit import grants
from core.models.protocol import Usage
from core.notices import hooks
from core.people.privacy import erase_person, export_person
from core.sandbox.server import Sandbox
from core.sources import models, sources
from core.telemetry import exposition
from core.upkeep import backups
from tests.bots.test_group_talk import GROUP
from tests.bots.test_painting import furnish
from tests.stories.test_canary import _found, _in, log  # noqa: F401 - a fixture
from tests.support.chats import TelegramDriver, open_chat, telegram_settings, until
from tests.support.credit import Desk, saying
from tests.support.discord.chat import discord_settings
from tests.support.discord.emulator import PATIENT, FakeDiscord
from tests.support.house import House, open_house
from tests.support.telegram.emulator import FakeTelegram

PROMPT, ANSWER, TITLE, RULE, WORDING = (
    f"canary{number}{word}" for number, word in enumerate(("prompt", "answer", "title", "rule", "wording"))
)
OWN = "sk-canary5ofsomebody"
"""The key of somebody's own account."""
FAULTS = (
    "500",
    "400-odd",
    "400-context",
    "cut=2",
    "error-event=2",
    "no-usage",
    "bad-json-chunk",
    "html-200",
    "filtered",
)


async def test_nothing_of_a_conversation_sings(
    sqlite_url: str,
    log: io.StringIO,  # noqa: F811
    tmp_path: Path,
):
    telemetry.enable_metrics()
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(FakeTelegram())
        cloud = await stack.enter_async_context(Sandbox(workspaces=0, seats=0, model_accounts=1))
        house = await stack.enter_async_context(
            open_house(
                sqlite_url,
                workspaces=0,
                telegram=telegram_settings(telegram),
                staff={"owners": ["telegram:7"]},  # who asks as often as they like
            )
        )
        chat = await stack.enter_async_context(open_chat("telegram", house, telegram=telegram))
        assert isinstance(chat, TelegramDriver)
        core, me = house.core, grants.read_identity("telegram:7")
        await models.add_model(
            core, SYSTEM, "sandbox-echo", models.NewModel(price_input=1_000_000, price_output=2_000_000)
        )
        [account] = cloud.models.house.source_lines(f"http://127.0.0.1:{cloud.port}/v1")
        await sources.import_sources(
            core, SYSTEM, [json.dumps({**account, "concurrency": 4, "models": ["sandbox-echo"]})], apply=True
        )
        await grants.give(core, SYSTEM, me, "5", reason="a test")
        await telegram.add_group(GROUP)
        await hooks.add_hook(core, SYSTEM, "http://127.0.0.1:1/in")
        await chat.say(f"/instructions {RULE}")
        assert ANSWER in await chat.ask(f"echo {ANSWER} {PROMPT}", ANSWER)
        await chat.say(f"/new {TITLE}")
        own = {"name": "mine", "base_url": "http://127.0.0.1:9/v1", "api_key": OWN, "models": ["sandbox-echo"]}
        for line in (json.dumps(own), f'{{"api_key": "{OWN}"', OWN):
            await chat.say(f"/source add {line}")
            await chat.say("/cancel")
        for number, fault in enumerate(FAULTS):
            cloud.set_faults([fault])
            await chat.say(f"echo {ANSWER} {PROMPT} {number}")
            await until(lambda: _all_over(house), 60, "it was not answered")
        cloud.set_faults([])
        await grants.give(core, SYSTEM, grants.read_identity("telegram:8"), "5", reason="a test")
        asked = await telegram.say(f"@usher_test_bot echo {ANSWER} {PROMPT}", chat=GROUP, user_id=8)
        await chat.until_done(asked)
        last = await telegram.say(f"echo {ANSWER} {PROMPT} last", lang="en")
        await telegram.wait_message(7, f"{PROMPT} last")
        edited = await telegram.edit(last["message"]["message_id"], f"echo {WORDING}", lang="en")
        await chat.until_done(edited)
        for line in (f"/search {PROMPT}", "/savechat json", "/share", "/chats", "/privacy export"):
            await chat.say(line)
        await backups.make_backup(core, SYSTEM)
        exported = json.dumps(await export_person(core, me))
        stored = await asyncio.to_thread(_files_in, tmp_path)
        rows = {
            table: "\n".join(str(tuple(row)) for row in await house.rows(f"SELECT * FROM {table}"))
            for table in ("audit_log", "alerts", "notices", "facts", "calls", "sweeps")
        }
        await erase_person(core, me)
        left = await house.rows("SELECT id FROM messages WHERE person_id <> 0 AND size > 0")
    secrets = [PROMPT, ANSWER, TITLE, RULE, WORDING]
    assert all(one in exported for one in secrets), "the canaries were there"
    secrets += [OWN, account["api_key"]]
    assert len(stored) >= 2, "the database and a backup of it"
    assert await _found(secrets, stored) == [], "files"
    written = log.getvalue()
    assert '"level": "debug"' in written
    assert _in(written, secrets) == [], "logs"
    assert {table: _in(text, secrets) for table, text in rows.items() if _in(text, secrets)} == {}
    assert _in(exposition().decode(), [*secrets, "canary"]) == [], "metrics"
    assert len(left) <= 1, "what was said in private is gone, what others said in the group stays"


async def test_nothing_that_is_said_on_discord_is_logged(sqlite_url: str, log: io.StringIO):  # noqa: F811
    # Its library would log every event of the gateway, and every request and answer, if it were let.
    desk = Desk(usual=saying(ANSWER, usage=Usage(input=10, output=1)))
    async with (
        FakeDiscord(answer_seconds=PATIENT) as discord,
        open_house(sqlite_url, workspaces=0, open_model=desk.open, discord=discord_settings(discord)) as house,
    ):
        await discord.open_dm(7)
        async with open_chat("discord", house, discord=discord) as chat:
            await furnish(house, "discord:7")
            await chat.ask(PROMPT, ANSWER)
            await discord.slash("ask", {"text": PROMPT})
            await discord.wait_message(ANSWER)
    assert len(log.getvalue()) > 10_000
    assert _in(log.getvalue(), [PROMPT, ANSWER]) == []


async def _all_over(house: House) -> bool:
    return not await house.value("SELECT count(*) FROM turns WHERE ended_at IS NULL")


def _files_in(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.rglob("*") if one.is_file()}
