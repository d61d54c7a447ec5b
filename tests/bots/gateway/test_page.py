"""The redeem page: read as a browser without script reads it, and attacked as a form is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from yarl import URL

from bots.gateway.bodies import MOST_FORM
from bots.gateway.page import COOKIE
from core.rules.codes import generate
from tests.bots.gateway.test_shop import Counter, open_counter
from tests.support.web_pages import WebPage, read_page

PAGE: dict[str, Any] = {"gateway": {"redeem_page": True, "behind": ["127.0.0.1"]}}
HOSTILE = "\"><script>alert(1)</script><b onx='&amp;\u202e{$code}\ue0000\ue001@example.com"
CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9"}


@dataclass
class Browser:
    """Somebody with a browser that keeps cookies and follows redirects; `head` goes with every request."""

    counter: Counter
    address: str = "198.51.100.1"
    head: dict[str, str] = field(default_factory=dict)
    jar: aiohttp.CookieJar = field(default_factory=lambda: aiohttp.CookieJar(unsafe=True))
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    where: URL = field(default_factory=URL)

    async def get(self, path: str = "/redeem", **given: Any) -> WebPage:
        return await self._ask("GET", path, **given)

    async def send(self, path: str = "/redeem", **fields: str) -> WebPage:
        return await self._ask("POST", path, data=fields)

    async def fill_in(self, code: str, address: str = "me@example.com", **query: str) -> WebPage:
        page = await self.get(params=query)
        return await self.send(**{**page.fields(), "code": code, "address": address})

    async def _ask(self, method: str, path: str, **given: Any) -> WebPage:
        head = {"X-Forwarded-For": self.address, **self.head, **given.pop("headers", {})}
        async with (
            aiohttp.ClientSession(cookie_jar=self.jar) as session,
            session.request(method, self.counter.base + path, headers=head, **given) as response,
        ):
            self.status, self.headers, self.where = response.status, response.headers, response.url
            page = read_page(await response.text())
            assert page.faults == []
            return page


async def test_a_code_and_an_address_are_all_it_takes(database_url: str) -> None:
    async with open_counter(database_url, **PAGE) as counter:
        [code] = await counter.house.make_codes()
        me = Browser(counter)
        page = await me.get()
        assert (me.status, page.language, page.one("h1").text, page.focused) == (200, "en", "Redeem a code", ["code"])
        assert set(page.fields()) == {"token", "lang", "code", "address"}
        policy = me.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert (me.headers["Cache-Control"], me.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
        kept = me.headers["Set-Cookie"].split("; ")
        assert {"HttpOnly", "SameSite=Lax", "Path=/redeem"} <= set(kept)
        given = {**page.fields(), "code": f" {code.lower()} ", "address": "me@example.com"}
        page = await me.send(**given)
        assert (me.status, me.where.path, page.one("h1").text) == (200, "/redeem", "Done")
        assert "me@example.com is invited to Workspace 1" in page.words
        assert page.focused == ["h1"]
        assert page.one("div", role="status").attributes["aria-live"] == "polite"
        assert counter.house.invited() == [("ws-1", "me@example.com")]
        done = str(me.where.relative())
        page = await me.send(**given)
        assert page.one("h1").text == "Done", "the same form again is the same wish"
        page = await me.get(page.linked("中文"))
        assert (page.language, page.one("h1").text) == ("zh-CN", "完成")
        stranger = Browser(counter)
        await stranger.get()
        page = await stranger.get(done)
        assert (stranger.status, "me@example.com" in page.words) == (404, False)
        assert len(counter.house.invited()) == 1
        assert await counter.house.breaches() == []


async def test_whoever_goes_back_and_corrects_the_form_is_served(database_url: str) -> None:
    async with open_counter(database_url, **PAGE) as counter:
        first, second = await counter.house.make_codes(2)
        me = Browser(counter)
        old = (await me.get()).fields()
        sent = [{**old, "code": code, "address": f"{name}@example.com"} for code, name in
                ((generate(), "a"), (first, "a"), (first, "a"), (second, "b"))]  # fmt: skip
        answers = [(await me.send(**one), me.status) for one in sent]
        assert [status for _, status in answers] == [400, 200, 200, 200]
        assert [page.one("h1").text for page, _ in answers[1:]] == ["Done"] * 3
        invited = [("ws-1", "a@example.com"), ("ws-1", "b@example.com")]
        assert sorted(counter.house.invited()) == invited, "and sent twice it is one wish"
        assert await counter.house.breaches() == []


async def test_what_is_not_confirmed_yet_is_looked_at_again(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.gateway.page.WAIT", 0.0)
    monkeypatch.setattr("bots.gateway.page.LOOK_WAIT", 0.0)
    async with open_counter(sqlite_url, faults=["invite:applied-then-500=1"], **PAGE) as counter:
        [code] = await counter.house.make_codes()
        me = Browser(counter, head=CHINESE)
        page = await me.fill_in(code)
        assert (me.status, page.language, page.one("h1").text) == (200, "zh-CN", "正在确认")
        assert "me@example.com" in page.one("div", role="status").text
        for _ in range(2000):
            if page.one("h1").text == "完成":
                break
            await asyncio.sleep(0.1)
            page = await me.get(page.linked("再看一次"))
        assert page.one("h1").text == "完成"
        assert len(counter.house.invited()) == 1


async def test_every_refusal_has_its_words_its_field_and_its_language(sqlite_url: str) -> None:
    limits: dict[str, Any] = {"limits": {"attempts": 100, "wrong_codes": 100}}
    async with open_counter(
        sqlite_url, seats=1, **PAGE, **limits, redemption={"blocked": ["mailinator.com"]}
    ) as counter:
        good, spare = await counter.house.make_codes(2)
        cases = [
            # code, address, status, field in focus, words in English, words in Chinese
            ("", "a@example.com", 400, "code", "did not find a code", "没有找到兑换码"),
            (good, "", 400, "address", "does not look like an e-mail", "邮箱"),
            (good, "nobody", 400, "address", "does not look like an e-mail", "邮箱"),
            (good[:-1] + ("A" if good[-1] != "A" else "B"), "a@example.com", 400, "code", "typo", "兑换码"),
            ("TEAM-1234-5678-9ABC-DEFG", "a@example.com", 400, "code", "only my example", "例子"),
            (generate(), "a@example.com", 400, "code", "not valid, or no longer valid", "无效"),
            (good, "a@mailinator.com", 400, "address", "cannot get a seat here", "邮箱"),
            (good, "a" * 330 + "@example.com", 400, "address", "does not look like an e-mail", "邮箱"),
            ("x" * 250, "a@example.com", 400, "code", "did not find a code", "没有找到兑换码"),
        ]
        for code, address, status, at, english, chinese in cases:
            for language, words in (("en", english), ("zh-CN", chinese)):
                me = Browser(counter)
                page = await me.fill_in(code, address, lang=language)
                assert (me.status, page.language, page.focused) == (status, language, [at]), (code, page.problem)
                assert words in page.problem, (language, page.problem)
                assert page.one("input", id=at).attributes["aria-invalid"] == "true"
                assert "problem" in page.one("input", id=at).attributes["aria-describedby"].split()
                assert page.one("title").text != page.one("h1").text, "a title that says so is read first"
                assert page.fields()["address"] == address[:320], "nobody types it twice"
        await Browser(counter).fill_in(good, "first@example.com")
        me = Browser(counter)
        page = await me.fill_in(spare, "second@example.com")
        assert (me.status, page.focused) == (400, ["code"])
        assert "All seats are taken" in page.problem
        assert "waiting list" not in page.problem
        page = await me.send(**{**page.fields(), "address": "third@example.com"})
        assert "All seats are taken" in page.problem, "a corrected form is a new wish"


async def test_guesses_count_by_browser_and_by_address(sqlite_url: str) -> None:
    async with open_counter(sqlite_url, **PAGE, limits={"attempts": 50, "wrong_codes": 2}) as counter:
        [code] = await counter.house.make_codes()
        for _ in range(2):
            await Browser(counter, "203.0.113.5").fill_in(generate())
        fresh = Browser(counter, "203.0.113.5")
        page = await fresh.fill_in(code)
        assert (fresh.status, "too many wrong codes" in page.problem) == (429, True), "a new cookie is no new visitor"
        assert int(fresh.headers["Retry-After"]) > 60
        wandering = Browser(counter)
        for last in range(2):
            wandering.address = f"192.0.2.{last}"
            await wandering.fill_in(generate())
        wandering.address = "192.0.2.99"
        page = await wandering.fill_in(code)
        assert (wandering.status, "too many wrong codes" in page.problem) == (429, True), "nor is a new address"
        other = Browser(counter, "192.0.2.98")
        assert (await other.fill_in(code)).one("h1").text == "Done", "the others are not locked out"
        kept = str([tuple(row) for row in await counter.house.rows("SELECT * FROM attempts")])
        assert not re.search(r"192\.0\.2|203\.0\.113", kept)


async def test_no_other_page_can_send_the_form(sqlite_url: str) -> None:
    async with open_counter(sqlite_url, **PAGE) as counter:
        [code] = await counter.house.make_codes()
        me, they = Browser(counter), Browser(counter)
        mine, theirs = (await me.get()).fields(), (await they.get()).fields()
        wish = {"code": code, "address": "me@example.com"}
        wrong = mine["token"][:-1] + ("0" if mine["token"][-1] != "0" else "1")
        for token in ("", "x", ".", wrong, theirs["token"], mine["token"].partition(".")[0], "é" * 32 + ".é"):
            page = await me.send(**wish, token=token)
            assert (me.status, "Nothing was used" in page.problem) == (403, True), token
            assert page.fields()["code"] == "", "what a stranger filled in is not offered"
        page = await me.send(**wish)
        assert me.status == 403
        for cookie in ("", "x.y", theirs["token"], f"{'a' * 32}.{'b' * 64}", '"é'):
            forged = Browser(counter, jar=aiohttp.DummyCookieJar())  # type: ignore[arg-type]
            forged.head = {"Cookie": f"{COOKIE}={cookie}"}
            await forged.send(**wish, token=mine["token"])
            assert forged.status == 403, cookie
            assert COOKIE in forged.headers["Set-Cookie"], "a cookie that is not ours is replaced"
        assert counter.house.invited() == []
        assert await counter.house.value("SELECT count(*) FROM attempts") == 0
        page = await me.send(**wish, token=mine["token"])
        assert page.one("h1").text == "Done"


async def test_hostile_input_stays_text(sqlite_url: str) -> None:
    async with open_counter(sqlite_url, **PAGE, limits={"attempts": 100, "wrong_codes": 100}) as counter:
        me = Browser(counter)
        page = await me.get(params={"lang": HOSTILE, "wish": HOSTILE})
        assert (me.status, page.language) == (404, "en")
        for code, address in (
            (HOSTILE, "a@example.com"),
            (generate(), HOSTILE),
            ("\r\nSet-Cookie: a=b", "a@b.example"),
        ):
            page = await me.fill_in(code, address)
            assert me.status == 400
            assert (page.fields()["code"], page.fields()["address"]) == (code, address) or "\r" in code
            assert me.headers.get("Set-Cookie") is None
        page = await me.send(**{**(await me.get()).fields(), "lang": "zh\r\nX-Evil: 1", "code": "x", "address": "x"})
        assert "X-Evil" not in me.headers
        typed = {"Content-Type": "application/x-www-form-urlencoded"}
        bodies: list[tuple[bytes, dict[str, str], int]] = [
            (b"code=a&code=b", typed, 400),
            (b"code=%00", typed, 400),
            (b"code=%ff%fe", typed, 400),
            (b"\xff\xfe", typed, 400),
            (b"a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9", typed, 400),
            (b"x" * (MOST_FORM + 1), typed, 413),
            (b"{}", {"Content-Type": "application/json"}, 415),
            (b"\x1f\x8b", {**typed, "Content-Encoding": "gzip"}, 415),
            (b"", typed, 403),
        ]
        for body, head, status in bodies:
            async with counter.session.post(f"{counter.base}/redeem", data=body, headers=head) as response:
                assert (response.status, response.content_type) == (status, "text/html"), body[:20]
                assert read_page(await response.text()).faults == []

        async def endless() -> Any:
            for _ in range(40):
                yield b"x" * 1024

        async with counter.session.post(f"{counter.base}/redeem", data=endless(), headers=typed) as response:
            assert response.status == 413
        assert counter.house.invited() == []


async def test_the_page_is_there_where_it_was_asked_for_and_under_its_own_name(sqlite_url: str) -> None:
    async with open_counter(sqlite_url) as counter:
        assert (await counter.ask("GET", "/redeem"))[0] == 404
        assert (await counter.ask("POST", "/redeem", data={"code": "x"}))[0] == 404
    named: dict[str, Any] = {"gateway": {**PAGE["gateway"], "public_url": "https://usher.example"}}
    async with open_counter(sqlite_url, **named) as counter:
        me = Browser(counter, jar=aiohttp.DummyCookieJar())  # type: ignore[arg-type]
        page = await me.get(headers={"Host": "evil.example"})
        assert (me.status, page.all("form")) == (421, [])
        page = await me.get(headers={"Host": "usher.example"})
        assert (me.status, "Secure" in me.headers["Set-Cookie"]) == (200, True)
        async with counter.session.put(f"{counter.base}/redeem") as response:
            assert response.status == 405
