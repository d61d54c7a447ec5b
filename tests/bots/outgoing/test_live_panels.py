"""One message with the figures that is kept up to date: edited in place, only when something has changed."""

from datetime import UTC, datetime

from bots.outgoing.delivery import Delivery
from bots.outgoing.posting import Post
from core.actors import SYSTEM, Role
from core.clock import MovedClock
from core.people import staff
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import open_house

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


class _Wall:
    """A chat that keeps what was posted."""

    def __init__(self) -> None:
        self.posts: list[Post] = []

    async def post(self, post: Post) -> str | None:
        self.posts.append(post)
        return post.edit or f"{post.recipient}:{len(self.posts)}"


@EACH_ON_ONE
async def test_a_panel_is_edited_when_the_figures_change_and_ends_when_told(database_url: str, language: str):
    clock = MovedClock(NOON)
    async with open_house(database_url, clock=clock) as house:
        wall = _Wall()
        delivery = Delivery(house.core, {"telegram": wall})
        await staff.grant(house.core, SYSTEM, "telegram:42", Role.OPERATOR)
        group = Desk(house, Role.OPERATOR, language=language, private=False)
        assert await group.say("/stats pin") == group.words("stats-pinned")
        for minute, posted in ((0, 1), (1, 1), (2, 2), (3, 2)):
            if minute == 2:
                await house.make_codes()
            await delivery.run_once()
            assert len(wall.posts) == posted, minute
            await delivery.run_once()
            assert len(wall.posts) == posted, "at most once a minute"
            clock.move(seconds=61)
        first, second = wall.posts
        assert first.edit is None
        assert second.edit == "42:1"
        assert second.language == language
        assert await house.value("SELECT count(*) FROM notices") == 1
        viewer = Desk(house, Role.VIEWER, identity="43", language=language, private=False)
        await viewer.say("/stats unpin")
        assert viewer.reply.key == "error-not_allowed"
        await staff.revoke(house.core, SYSTEM, "telegram:42")
        await house.make_codes()
        await delivery.run_once()
        assert len(wall.posts) == 2, "no figures for a chat whose panel was pinned by somebody who is no staff any more"
        assert await group.say("/stats unpin") == group.words("stats-unpinned")
        assert await group.say("/stats unpin") == group.words("stats-not-pinned")
        assert await house.value("SELECT count(*) FROM notices") == 0
