"""The process is killed at every step between a question and its shown answer; the next one puts things right."""

from __future__ import annotations

import asyncio
import signal

import pytest

from tests.support.asking import Asked, open_asked
from tests.support.chats import until
from tests.support.discord.emulator import PATIENT, FakeDiscord
from tests.support.processes import Processes
from tests.support.telegram.emulator import FakeTelegram

BEFORE_THE_FIRST_WORD = ("C0", "C1", "C2", "C3", "C4")
EVERY = (*BEFORE_THE_FIRST_WORD, "C5", "C6", "C7", "C9", "C8", "A1")
USUALLY = ("C4", "C6", "C8", "A1")
"""One of each kind; `make torture` has the others."""


def points(*seldom: str) -> list[object]:
    usual = set(USUALLY) - {*seldom}
    return [one if one in usual else pytest.param(one, marks=pytest.mark.torture) for one in EVERY]


@pytest.mark.slow
@pytest.mark.parametrize("point", points())
async def test_on_telegram_it_is_shown_and_charged_once(sqlite_url: str, processes: Processes, point: str):
    async with FakeTelegram() as telegram, open_asked(sqlite_url, speed=60) as asked:
        await asked.grant("1", "telegram:7")
        await telegram.say("Tell me a story")
        given = {
            **asked.environment,
            "USHER_TELEGRAM__TOKEN": telegram.token,
            "USHER_TELEGRAM__API_BASE": telegram.base,
        }
        await _killed_and_followed(asked, processes, given, point)
        assert len(await telegram.messages(7)) == (2 if point == "A1" else 1)


@pytest.mark.slow
@pytest.mark.parametrize("point", [*points("C4"), "A0"])
async def test_on_discord_it_is_shown_and_charged_once(postgres_url: str, processes: Processes, point: str):
    # Slow enough that the answer is still being written when it is painted for the first time, a second after the typing.
    async with FakeDiscord(answer_seconds=PATIENT) as discord, open_asked(postgres_url, speed=15) as asked:
        await discord.open_dm(7)
        await asked.grant("1", "discord:7")
        given = {
            **asked.environment,
            "USHER_DISCORD__TOKEN": discord.token,
            "USHER_DISCORD__API_BASE": discord.api_base,
            "USHER_DISCORD__GATEWAY_URL": discord.gateway_url,
        }
        killed = processes.start("run", **given, USHER_CRASH_AT=point)

        async def listens() -> bool:
            return bool((await discord.status())["identifies"])

        await until(listens, 60, "the bot did not connect")
        await discord.dm("Tell me a story")
        end = await asyncio.to_thread(killed.finish)
        assert end.code == -signal.SIGKILL, str(end)
        await _followed(asked, processes, given, point)
        seen = await discord.act("posts", who={"user": "7", "dm": True}, since=None)
        shown = [one for one in seen["messages"] if one["author"].get("bot")]
        # Whoever follows sends it under the same nonce, so that nothing stands beside the answer.
        assert [bool(one.get("components")) for one in shown] == [True]


async def _killed_and_followed(asked: Asked, processes: Processes, given: dict[str, str], point: str) -> None:
    killed = processes.start("run", **given, USHER_CRASH_AT=point)
    end = await asyncio.to_thread(killed.finish)
    assert end.code == -signal.SIGKILL, str(end)
    await _followed(asked, processes, given, point)


async def _followed(asked: Asked, processes: Processes, given: dict[str, str], point: str) -> None:
    follower = processes.start("run", **given)

    async def over() -> bool:
        answered = await asked.value("SELECT count(*) FROM turns WHERE ended_at IS NOT NULL")
        told = await asked.value("SELECT count(*) FROM notices WHERE template = 'answer' AND state = 'sent'")
        return bool(answered == 1 and told == 1)

    await until(over, 90, "the question was not answered")
    end = await asyncio.to_thread(follower.terminate)
    assert end.code == 0, str(end)
    # A turn that had shown nothing begins anew, at the house's cost; one that had is kept as far as it came.
    assert await asked.value("SELECT count(*) FROM ledger WHERE kind = 'charge'") == 1
    first = await asked.value("SELECT finish FROM calls ORDER BY id LIMIT 1")
    state = await asked.value("SELECT state FROM messages WHERE role = 'assistant'")
    assert state == ("interrupted" if first == "killed" else "complete")
    assert first == {"C8": "whole", "A1": "whole"}.get(point, first)
    assert point not in BEFORE_THE_FIRST_WORD or first in {"failed", "whole"}
    assert await asked.value("SELECT count(*) FROM calls WHERE ended_at IS NULL") == 0
    await asked.books_balance()
