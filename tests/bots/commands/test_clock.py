"""Moments are written in the reader's zone, in answers and in what comes by itself; staff are asked for it once."""

from __future__ import annotations

from datetime import UTC, datetime

from bots.outgoing.delivery import Delivery
from bots.outgoing.posting import Post
from core import outbox
from core.actors import SYSTEM, Role
from core.clock import MovedClock
from core.people import people
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import open_house

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


class Kept:
    """A channel that keeps what it was to send."""

    def __init__(self) -> None:
        self.posts: list[Post] = []

    async def post(self, post: Post) -> str | None:
        self.posts.append(post)
        return None


@EACH_ON_ONE
async def test_every_moment_is_in_the_readers_own_zone(database_url: str, language: str) -> None:
    async with open_house(database_url, clock=MovedClock(NOON)) as house:
        await people.recognise(house.core, "telegram", "42", chat_id="42")
        desk = Desk(house, Role.OWNER, language=language)
        assert "14:00" in await desk.say("/timezone Berlin")
        actor = await people.recognise(house.core, "telegram", "42")
        assert actor.timezone == "Europe/Berlin"

        def tell(tx: object) -> None:
            facts = {"address": "a@example.com", "team": "W", "until": NOON}
            outbox.tell(tx, "telegram", "42", outbox.Notice("invited", facts), NOON)  # type: ignore[arg-type]

        await house.core.write(tell)
        kept = Kept()
        await Delivery(house.core, {"telegram": kept}).run_once()
        assert [post.reply.timezone for post in kept.posts] == ["Europe/Berlin"]
        await people.set_timezone(house.core, actor, None)
        assert (await people.recognise(house.core, "telegram", "42")).timezone is None


async def test_staff_are_asked_once_and_nobody_else_is(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        for identity in ("42", "43"):
            await people.recognise(house.core, "telegram", identity, chat_id=identity)
        staff, person = Desk(house, Role.ANYONE), Desk(house, Role.ANYONE, "43")
        question = staff.words("timezone-question", zone="UTC")
        tokens = [(await people.issue_token(house.core, SYSTEM, Role.VIEWER))[0] for _ in range(2)]
        assert question in await staff.say(f"/claim {tokens[0]}")
        assert question not in await staff.say(f"/claim {tokens[1]}")
        assert question not in await person.say("/start")
