"""What is left of a seat and of a code, and what it means for whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from bots.terminal_chat.chat import TerminalChat
from core.actors import SYSTEM
from core.clock import MovedClock
from core.leases.expiry import expire
from core.rules.gifts import read_giving
from core.storage import tables as t
from core.teams import pools
from tests.support.house import House, open_house

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _words(key: str, **facts: Any) -> str:
    return words(Say(key, facts), Look("en", "plain", 10_000))


async def _seated(house: House, term: str, **plan: Any) -> str:
    [code] = await house.make_codes(term=term, **plan)
    chat = TerminalChat(house.core, identity="ann")
    await chat.send(f"ann@example.com {code}")

    def joined(tx: sa.Connection) -> None:
        ends = START + timedelta(days=10.5)
        tx.execute(sa.update(t.leases).values(status="active", joined_at=START, expires_at=ends))

    await house.core.write(joined)
    return (await chat.send("/myseat"))[-1].text


@pytest.mark.parametrize(
    ("pool", "auto_transfer", "key"),
    [
        ({}, True, "move"),
        ({}, False, "end"),
        ({"transfers_allowed": 0}, True, "end"),
    ],
)
async def test_a_seat_says_how_long_it_lasts_and_what_comes_then(
    sqlite_url: str, pool: dict[str, Any], auto_transfer: bool, key: str
):
    async with open_house(sqlite_url, clock=MovedClock(START)) as house:
        if pool:
            await pools.change_pool(house.core, SYSTEM, "default", **pool)
        shown = await _seated(house, "10d", auto_transfer=auto_transfer)
        assert _words(f"myseat-left-{key}", team="Workspace 1", count=10) in shown


async def test_grace_is_told_apart_from_the_time_itself(sqlite_url: str):
    clock = MovedClock(START)
    async with open_house(sqlite_url, clock=clock) as house:
        await pools.change_pool(house.core, SYSTEM, "default", grace_hours=48)
        shown = await _seated(house, "10d", auto_transfer=False)
        over, kept = START + timedelta(days=10.5), START + timedelta(days=12.5)
        assert _words("until", moment=over) in shown
        assert _words("myseat-left-grace", team="Workspace 1", count=10, until=kept) in shown
        clock.move(days=11)
        shown = (await TerminalChat(house.core, identity="ann").send("/myseat"))[-1].text
        assert _words("until", moment=kept) in shown
        assert _words("myseat-in-grace", team="Workspace 1", since=over, until=kept) in shown
        assert "left" not in shown


async def test_a_seat_that_is_moving_at_its_end_is_not_said_to_move_later(sqlite_url: str):
    clock = MovedClock(START)
    async with open_house(sqlite_url, clock=clock, workspaces=2) as house:
        await _seated(house, "10d")
        clock.move(days=11)
        await expire(house.core)
        shown = (await TerminalChat(house.core, identity="ann").send("/myseat"))[-1].text
        assert _words("myseat-transferring", address="ann@example.com", team="Workspace 1") in shown
        assert "left" not in shown
        assert "until 11 Mar" not in shown


@pytest.mark.parametrize(
    ("giving", "key", "facts"),
    [
        ("credit:2.5", "verify-valid-credit", {"amount": "2.5"}),
        ("access", "verify-valid-access", {}),
    ],
)
async def test_a_code_that_gives_no_seat_says_what_it_gives(
    sqlite_url: str, giving: str, key: str, facts: dict[str, str]
):
    async with open_house(sqlite_url) as house:
        [code] = await house.make_codes(giving=read_giving(giving))
        chat = TerminalChat(house.core, identity="ann")
        shown = (await chat.send(f"/verify {code}"))[-1].text
        assert _words(key, left=1, most=1, **facts) in shown
        await chat.send(code)
        assert "has been used up" in (await chat.send(f"/verify {code}"))[-1].text, "its owner is told the truth"
        other = TerminalChat(house.core, identity="bob")
        assert _words("error-code_refused") in (await other.send(f"/verify {code}"))[-1].text
