"""Before a sweep takes anybody out, somebody looks at whom; whoever shall stay is protected, and all of it is logged."""

from __future__ import annotations

from core.actors import Actor, Role
from core.leases import leases
from core.rounds import Round
from core.sync import strangers_sweep
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.moved import open_moved_house

ON = {"enabled": True, "spacing_low": 0.0, "spacing_high": 0.0}


@EACH_ON_ONE
async def test_who_would_go_is_looked_at_protected_and_logged(database_url: str, language: str):
    async with open_moved_house(database_url, seats=10, unauthorised=ON) as house:
        await house.seat("ann@example.com")
        await strangers_sweep.remove_strangers(house.core)
        for name in ("eve", "friend"):
            house.sandbox.world.join(house.sandbox.world.spaces["ws-1"], f"{name}@elsewhere.example.com")
        for _ in range(3):
            house.clock.move(minutes=5)
            await house.sync()
        assert await strangers_sweep.remove_strangers(house.core) == Round(outcome="unseen")
        desk = Desk(house, Role.ADMIN, language=language)
        alert = await house.value("SELECT id FROM alerts WHERE title = 'strangers_unseen'")
        await desk.say(f"/alerts {alert}")
        answer = await desk.press(desk.words("button-see-strangers"))
        assert desk.words("strangers", going=2, staying=1) in answer
        assert await house.value("SELECT count(*) FROM removals") == 0, "looking takes nobody out"
        await desk.press(desk.words("button-protect", address="friend@elsewhere.example.com"))
        assert desk.reply.key == "protected"
        answer = await desk.say("/sweep unauthorised dry")
        assert desk.words("strangers", going=1, staying=2) in answer
        assert desk.words("kept-protected") in answer
        assert await strangers_sweep.remove_strangers(house.core) == Round({"taken_out": 1})
        await leases.end(house.core, Actor("telegram", "5", Role.OPERATOR), "ann@example.com")
        viewer = Desk(house, Role.VIEWER, "8", language=language)
        answer = await viewer.say("/removals")
        assert "eve@elsewhere.example.com" in answer
        assert viewer.words("removed-unauthorised") in answer
        assert "telegram:5" in answer, "it says on whose word"
        assert "eve@" not in await viewer.say("/removals ann@example.com")
        await viewer.say("/protect eve@elsewhere.example.com")
        assert viewer.reply.key == "error-not_allowed"
        await desk.say("/protect friend@elsewhere.example.com off")
        assert desk.words("strangers", going=1, staying=1) in await desk.say("/sweep dry")
        await desk.say("/protect nobody@example.com")
        assert desk.reply.key == "error-not_found"
        assert await house.value("SELECT count(*) FROM audit_log WHERE action = 'member.protected'") == 2


async def test_letting_the_sweep_go_on_unseen_is_asked_about(sqlite_url: str):
    async with open_moved_house(sqlite_url) as house:
        await house.core.write(lambda tx: tx.exec_driver_sql(
            "INSERT INTO sweeps (name, due_at, paused) VALUES ('unauthorised', 0, 1)"))  # fmt: skip
        desk = Desk(house, Role.ADMIN)
        assert desk.words("sweep-unseen") in await desk.say("/sweep resume unauthorised")
        assert await house.value("SELECT paused FROM sweeps WHERE name = 'unauthorised'")
        await desk.say("/sweep dry")
        await desk.say("/sweep resume unauthorised")
        assert not await house.value("SELECT paused FROM sweeps WHERE name = 'unauthorised'")
        answer = await desk.say("/audit strangers")
        assert desk.words("audited-strangers-looked_at") in answer
        assert desk.words("audit-actor-system") not in answer
