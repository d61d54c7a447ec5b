"""The end of `/link SITE`: somebody comes back from another site, confirms on a page, and goes back to the chat.

The page names both sides before anything is linked: whoever was sent the address of another person's visit sees whose
chat it is. What they send back is sealed and serves once, so that no other page can send it for them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final

from aiohttp import web

from bots.gateway.bodies import fields_of
from bots.gateway.operations import failed, language_of
from bots.gateway.page_html import HEADERS, asking_page, plain_page
from bots.gateway.problems import Problem
from bots.messages.rendering import Look
from bots.messages.reply import Say
from core.credit import outside
from core.errors import Busy, Refusal

if TYPE_CHECKING:
    from core.service import Core

MOST_TICKET: Final = 64 * 1024
"""Bytes of what is sent back; what a site says of somebody is sealed in it."""

Respond = Callable[[web.Request], Awaitable[web.Response]]


def come_back(core: Core) -> Respond:
    """`GET /oauth/{site}/callback`: who they are is proved, and they are asked."""

    async def answer(request: web.Request) -> web.Response:
        given = [request.query.getall(name, []) for name in ("state", "code")]
        state, code = (values[0] if len(values) == 1 else "" for values in given)
        found = await outside.prove(core, request.match_info["site"], state=state, code=code)
        facts = {"own": found.own, "site": found.site, "name": found.name}
        language = found.language or language_of(core, request)
        ask = Say("page-outside-ask", facts)
        return _page(
            asking_page("page-outside-asked", ask, "page-outside-yes", {"ticket": found.ticket}, language), 200
        )

    return _answered(core, answer)


def agree(core: Core) -> Respond:
    """`POST /oauth/{site}/callback`: they have agreed to what the page showed."""

    async def answer(request: web.Request) -> web.Response:
        given = await fields_of(request, MOST_TICKET)
        linked = await outside.finish(core, request.match_info["site"], given.get("ticket", ""))
        facts = {"own": linked.own, "site": linked.site, "name": linked.name}
        language = linked.language or language_of(core, request)
        return _page(plain_page("page-outside", Say("page-outside-done", facts), language), 200)

    return _answered(core, answer)


def _answered(core: Core, handler: Respond) -> Respond:
    async def answer(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except Problem as unread:
            told = Say("error-busy" if unread.status == 503 else "page-unreadable")
            page = plain_page("page-outside-problem", told, language_of(core, request))
            return _page(page, unread.status, unread.headers)
        except (Refusal, Busy) as refusal:
            language = language_of(core, request)
            problem = failed(refusal.key, refusal.facts, Look(language, "plain", 2000), core)
            said = plain_page("page-outside-problem", Say("plain", {"text": problem.message}), language)
            return _page(said, problem.status)

    return answer


def _page(text: str, status: int, head: Mapping[str, str] | None = None) -> web.Response:
    # The address of this page holds the code and the state: it is told to nobody.
    headers = {**HEADERS, "Referrer-Policy": "no-referrer", **(head or {})}
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=headers)
