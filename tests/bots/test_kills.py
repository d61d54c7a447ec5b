"""The bot's process is killed at every point between Telegram and the answer; the next one puts things right."""

from __future__ import annotations

import asyncio
import signal
import time

import pytest

from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from tests.support.house import KEY, House, open_house
from tests.support.processes import PATIENCE, Processes, Running
from tests.support.telegram.emulator import FakeTelegram, text_of

ME = "me@example.com"
POINTS = ("K0", "K1", "K2", "K3", "K4", "K5", "K6", "K7", "K8")


def environment(house: House, telegram: FakeTelegram) -> dict[str, str]:
    return {
        "USHER_DATABASE__URL": house.url,
        "USHER_VAULT__KEYS__k1": KEY,
        "USHER_UPSTREAM__TIMEOUT": "20",
        "USHER_SWEEPS__RECOVERY": "1",
        "USHER_REDEMPTION__CLAIM": "2",
        "USHER_TELEGRAM__TOKEN": telegram.token,
        "USHER_TELEGRAM__API_BASE": telegram.base,
    }


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
async def test_killed_there_the_person_is_invited_once_and_answered(sqlite_url: str, processes: Processes, point: str):
    await _killed_and_followed(sqlite_url, processes, point)


@pytest.mark.slow
@pytest.mark.parametrize("point", ["K5", "K8"])
async def test_the_same_on_postgresql(postgres_url: str, processes: Processes, point: str):
    await _killed_and_followed(postgres_url, processes, point)


async def _killed_and_followed(url: str, processes: Processes, point: str) -> None:
    async with FakeTelegram() as telegram, open_house(url, workspaces=2) as house:
        [code] = await house.make_codes()
        update = await telegram.say(f"{ME} {code}")
        given = environment(house, telegram)
        killed = processes.start("run", **given, USHER_CRASH_AT=point)
        end = await asyncio.to_thread(killed.finish)
        assert end.code == -signal.SIGKILL, str(end)
        follower = processes.start("run", **given)
        # Whether it was answered as new or as a repeat after K7 and K8: the person reads where the seat is.
        message = await telegram.answer_to(update, lambda one: _is_invited(text_of(one)))
        assert ME in text_of(message)
        await _idle(house)
        await _ended(follower)
        assert [address for _, address in house.invited()] == [ME]
        assert await house.value("SELECT used FROM codes") == 1
        assert await house.value("SELECT count(*) FROM inbox WHERE state = 'done'") == 1


@pytest.mark.slow
async def test_killed_between_question_and_answer(sqlite_url: str, processes: Processes):
    """The dialogue is where it was, and the answer is not taken for the next one's."""
    async with FakeTelegram() as telegram, open_house(sqlite_url) as house:
        [code] = await house.make_codes()
        given = environment(house, telegram)
        first = processes.start("run", **given)
        await telegram.ask("/redeem")
        await asyncio.to_thread(first.kill)
        update = await telegram.say(ME)
        second = processes.start("run", **given, USHER_CRASH_AT="K8")
        end = await asyncio.to_thread(second.finish)
        assert end.code == -signal.SIGKILL, str(end)
        third = processes.start("run", **given)
        await telegram.answer_to(update, ME)
        done = await telegram.say(code)
        await telegram.answer_to(done, lambda one: _is_invited(text_of(one)))
        await _ended(third)
        assert [address for _, address in house.invited()] == [ME]


def _is_invited(text: str) -> bool:
    look = Look("en", "plain", 10**6)
    new = words(Say("redeemed-invited", {"address": ME, "team": "|"}), look).partition("|")[0]
    late = words(Say("notice-invited", {"address": ME, "team": "|"}), look).partition("|")[0]
    return new in text or late in text


async def _idle(house: House) -> None:
    start = time.monotonic()
    while await house.value("SELECT count(*) FROM inbox WHERE state = 'ready'"):
        assert time.monotonic() - start < PATIENCE, "the inbox was not worked off"
        await asyncio.sleep(0.1)


async def _ended(process: Running) -> None:
    end = await asyncio.to_thread(process.terminate)
    assert end.code == 0, str(end)
