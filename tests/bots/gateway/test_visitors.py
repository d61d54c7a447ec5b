"""`/link SITE`: there and back over real HTTP, against a provider that is as strict as one may be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from core.actors import SYSTEM, Actor
from core.clock import MovedClock
from core.credit import grants, outside
from core.credit.plans import set_plan
from core.people import links, privacy
from core.sandbox import Sandbox
from tests.bots.gateway.test_shop import Counter, open_counter
from tests.support.ports import free_port
from tests.support.web_pages import WebPage, read_page

ANNA, BEN = Actor("telegram", "7"), Actor("discord", "8")


@dataclass
class Trip:
    """A gateway, a provider, and people with browsers between them."""

    counter: Counter
    provider: Sandbox

    @property
    def core(self) -> Any:
        return self.counter.house.core

    async def go(self, who: Actor, site: str = "linuxdo") -> str:
        """The address that somebody's browser is sent back to."""
        address, _ = await outside.begin(self.core, who, site, language="en")
        async with self.counter.session.get(address, allow_redirects=False) as answer:
            assert answer.status == 302, await answer.text()
            return str(answer.headers["Location"])

    async def load(self, address: str) -> tuple[int, WebPage]:
        async with self.counter.session.get(address) as answer:
            assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
            page = read_page(await answer.text())
            assert page.faults == []
            return answer.status, page

    async def agree(self, back: str, page: WebPage) -> tuple[int, WebPage]:
        """Press the button of the page that asks."""
        async with self.counter.session.post(back.partition("?")[0], data=page.fields()) as answer:
            assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
            page = read_page(await answer.text())
            assert page.faults == []
            return answer.status, page

    async def link(self, who: Actor) -> tuple[int, WebPage]:
        back = await self.go(who)
        status, page = await self.load(back)
        return await self.agree(back, page) if status == 200 else (status, page)

    async def linked(self) -> list[tuple[str, str]]:
        return [
            (row.subject, row.identity)
            for row in await self.counter.house.rows(
                "SELECT o.subject, i.identity FROM outside_links o JOIN identities i ON i.person_id = o.person_id "
                "ORDER BY o.id"
            )
        ]

    async def plan(self, who: Actor) -> str | None:
        rows = await self.counter.house.rows(
            "SELECT p.name FROM memberships m JOIN plans p ON p.id = m.plan_id JOIN identities i "
            "ON i.person_id = m.person_id WHERE m.ended_at IS NULL AND i.identity = :who",
            who=who.identity,
        )
        return rows[0].name if rows else None


@asynccontextmanager
async def travelling(url: str, **given: Any) -> AsyncIterator[Trip]:
    port = free_port()
    async with Sandbox() as provider:
        site = {**provider.oauth.settings(provider.root), "plans": {"2": "member", "3": "vip"}}
        gateway = {"port": port, "public_url": f"http://127.0.0.1:{port}"}
        async with open_counter(url, gateway=gateway, sso={"linuxdo": site, "other": site}, **given) as counter:
            await set_plan(counter.house.core, SYSTEM, "member", new=True)
            yield Trip(counter, provider)


async def test_there_and_back_is_a_link_a_plan_and_a_word_in_the_chat(database_url: str) -> None:
    async with travelling(database_url) as trip:
        back = await trip.go(ANNA)
        answers = await asyncio.gather(*(trip.load(back) for _ in range(10)))
        assert sorted(status for status, _ in answers) == [200, *[400] * 9], "a visit serves once"
        asked = next(page for status, page in answers if status == 200)
        assert "You are anna at “linuxdo”" in asked.words
        assert "telegram:7" in asked.words
        assert await trip.linked() == [], "nobody is linked before they have said so"
        pressed = await asyncio.gather(*(trip.agree(back, asked) for _ in range(5)))
        assert sorted(status for status, _ in pressed) == [200, *[400] * 4], "and said so once"
        done = next(page for status, page in pressed if status == 200)
        assert "telegram:7 is linked with “linuxdo” as anna" in done.words
        assert (await trip.linked(), await trip.plan(ANNA)) == ([("1001", "7")], "member")
        told = await trip.counter.house.rows("SELECT * FROM notices WHERE template = 'outside_linked'")
        assert [(row.channel, row.recipient) for row in told] == [("telegram", "7")]
        trip.provider.oauth.become({"trust_level": 3})
        assert (await trip.link(ANNA))[0] == 200
        assert (await trip.linked(), await trip.plan(ANNA)) == ([("1001", "7")], "vip"), (
            "linked again, it is the same link"
        )
        trip.provider.oauth.become({"trust_level": 1})
        await trip.link(ANNA)
        assert await trip.plan(ANNA) is None
        await grants.give(trip.core, SYSTEM, ANNA, "vip", reason="a gift")
        trip.provider.oauth.become({"trust_level": 2})
        await trip.link(ANNA)
        assert await trip.plan(ANNA) == "vip", "what they have from elsewhere stays"
        secrets = dict(parse_qsl(urlsplit(back).query))
        for table in ("outside_visits", "outside_links", "audit_log", "notices"):
            kept = str([tuple(row) for row in await trip.counter.house.rows(f"SELECT * FROM {table}")])
            assert secrets["state"] not in kept
            assert secrets["code"] not in kept
        assert await trip.counter.house.breaches() == []


async def test_one_account_is_one_persons_and_one_person_has_one(database_url: str) -> None:
    async with travelling(database_url) as trip:
        assert (await trip.link(ANNA))[0] == 200
        status, page = await trip.link(BEN)
        assert (status, "Somebody else is linked" in page.words) == (400, True)
        trip.provider.oauth.become({"id": 2002, "username": "ben"})
        status, page = await trip.link(ANNA)
        assert (status, "another account" in page.words) == (400, True)
        assert await trip.linked() == [("1001", "7")]
        await outside.unlink(trip.core, ANNA, "linuxdo")
        assert (await trip.plan(ANNA), await trip.linked()) == (None, [])
        twice = await asyncio.gather(*(trip.link(who) for who in (ANNA, BEN)))
        assert sorted(status for status, _ in twice) == [200, 400], "of two at once one has it"
        [(_, holder)] = await trip.linked()
        who = ANNA if holder == ANNA.identity else BEN
        assert "2002" in str(await privacy.export_person(trip.core, who))
        await privacy.erase_person(trip.core, who)
        assert await trip.linked() == []
        assert await trip.counter.house.value("SELECT count(*) FROM outside_links") == 0
        assert await trip.counter.house.breaches() == []


async def test_two_who_become_one_keep_what_is_linked(sqlite_url: str) -> None:
    async with travelling(sqlite_url) as trip:
        await trip.link(BEN)
        token, _ = await links.issue_link(trip.core, ANNA)
        found = await links.find_link(trip.core, BEN, token)
        assert found is not None
        await links.agree(trip.core, BEN, found.id)
        await links.join(trip.core, ANNA, found.id)
        assert ("1001", "7") in await trip.linked()


async def test_whoever_was_sent_anothers_address_is_told_whose_it_is_and_not_linked_unasked(sqlite_url: str) -> None:
    clock = MovedClock(datetime(2026, 11, 29, tzinfo=UTC))
    async with travelling(sqlite_url, clock=clock) as trip:
        sent_on = await trip.go(ANNA)  # by Ben's browser, who is known at the site
        _, asked = await trip.load(sent_on)
        assert "somebody sent you the address" in asked.words
        assert (asked.one("form").attributes["method"], asked.all("script")) == ("post", [])
        ticket = asked.fields()["ticket"]
        where = sent_on.partition("?")[0]
        others = where.replace("linuxdo", "other")
        forged = [(where, {}), (where, {"ticket": ""}), (where, {"ticket": ticket[:-8] + "AAAAAAA="}),
                  (where, {"ticket": "é" * 9}), (where, {"ticket": "azE6YQ=="}), (others, {"ticket": ticket})]  # fmt: skip
        for address, data in forged:
            async with trip.counter.session.post(address, data=data) as answer:
                assert answer.status == 400
        assert await trip.linked() == [], "looking at the page links nobody"
        await outside.begin(trip.core, ANNA, "linuxdo")
        assert (await trip.agree(sent_on, asked))[0] == 400, "a newer visit takes its place"
        back = await trip.go(ANNA)
        _, asked = await trip.load(back)
        clock.move(seconds=601)
        assert (await trip.agree(back, asked))[0] == 400, "it is asked for ten minutes"
        assert await trip.linked() == []
        secrets = dict(parse_qsl(urlsplit(back).query))
        assert "1001" not in asked.fields()["ticket"], "who they are is sealed"
        assert secrets["code"] not in asked.fields()["ticket"]


FAULTS = [
    # what the provider does, the words of the page
    ("state-replay", "This visit to “linuxdo” is over"),
    ("code-replay", "did not confirm who you are"),
    ("500", "no clear answer"),
    ("html-200", "no clear answer"),
    ("reset", "no clear answer"),
]


async def test_what_goes_wrong_links_nobody_and_says_so(sqlite_url: str) -> None:
    async with travelling(sqlite_url, upstream={"timeout": 5.0}) as trip:
        for fault, words in FAULTS:
            trip.provider.oauth.faults.set([fault])
            status, page = await trip.link(ANNA)
            assert (status, words in page.words) == (400, True), (fault, page.words)
            assert page.one("h1").text == "Not linked"
        trip.provider.oauth.faults.set([])
        assert await trip.linked() == []
        back = await trip.go(ANNA)
        parts = urlsplit(back)
        good = dict(parse_qsl(parts.query))
        base = f"{parts.scheme}://{parts.netloc}"
        forged: list[tuple[str, dict[str, str] | str, int]] = [
            ("linuxdo", {}, 400),
            ("linuxdo", {"code": good["code"]}, 400),
            ("linuxdo", {"code": good["code"], "state": "x" * 43}, 400),
            ("linuxdo", {"code": good["code"], "state": "é" * 43}, 400),
            ("linuxdo", f"code=a&state={good['state']}&state=b", 400),
            ("other", good, 400),
            ("nowhere", good, 404),
            ("%3Cscript%3E", good, 404),
        ]
        for site, query, status in forged:
            asked = query if isinstance(query, str) else urlencode(query)
            found, page = await trip.load(f"{base}/oauth/{site}/callback?{asked}")
            assert (found, page.all("script")) == (status, []), (site, query)
        assert (await trip.load(back))[0] == 200, "nobody's guesses use a visit up"
        denied = await trip.go(ANNA)
        denied = (
            denied.partition("?")[0] + "?" + urlencode({"error": "access_denied", "state": denied.rpartition("=")[2]})
        )
        status, page = await trip.load(denied)
        assert (status, "did not confirm" in page.words) == (400, True)


async def test_a_visit_ends_and_a_newer_one_takes_its_place(sqlite_url: str) -> None:
    clock = MovedClock(datetime(2026, 11, 29, tzinfo=UTC))
    async with travelling(sqlite_url, clock=clock) as trip:
        first, second = await trip.go(ANNA), await trip.go(ANNA)
        assert (await trip.load(first))[0] == 400
        clock.move(seconds=601)
        assert (await trip.load(second))[0] == 400
        assert await trip.linked() == []


@pytest.mark.parametrize("facts", [{"silenced": True}, {"active": False}])
async def test_whom_the_site_has_silenced_is_suspended(sqlite_url: str, facts: dict[str, bool]) -> None:
    async with travelling(sqlite_url) as trip:
        trip.provider.oauth.become(facts)
        assert (await trip.link(ANNA))[0] == 200
        assert await trip.counter.house.value("SELECT standing FROM people WHERE standing = 'suspended'") == "suspended"
