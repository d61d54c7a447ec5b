"""The end of `/link SITE`: somebody comes back from another site, and is told on a page to go back to the chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

from bots.gateway.operations import failed, language_of
from bots.gateway.page_html import HEADERS, plain_page
from bots.messages.rendering import Look
from bots.messages.reply import Say
from core.credit import outside
from core.errors import Busy, Refusal

if TYPE_CHECKING:
    from core.service import Core


def come_back(core: Core) -> Callable[[web.Request], Awaitable[web.Response]]:
    """`GET /oauth/{site}/callback`."""

    async def answer(request: web.Request) -> web.Response:
        language = language_of(core, request)
        given = [request.query.getall(name, []) for name in ("state", "code")]
        state, code = (values[0] if len(values) == 1 else "" for values in given)
        try:
            linked = await outside.finish(core, request.match_info["site"], state=state, code=code)
        except (Refusal, Busy) as refusal:
            problem = failed(refusal.key, refusal.facts, Look(language, "plain", 2000), core)
            said = plain_page("page-outside-problem", Say("plain", {"text": problem.message}), language)
            return _page(said, problem.status)
        facts = {"own": linked.own, "site": linked.site, "name": linked.name}
        return _page(plain_page("page-outside", Say("page-outside-done", facts), linked.language or language), 200)

    return answer


def _page(text: str, status: int) -> web.Response:
    # The address of this page holds the code and the state: it is told to nobody.
    headers = {**HEADERS, "Referrer-Policy": "no-referrer"}
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=headers)
