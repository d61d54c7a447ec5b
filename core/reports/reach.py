"""Whether this machine reaches the chat platforms and the providers, through what, and how quickly."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.actors import Actor, Role
from core.network import Service, proxy_for, shown
from core.providers.http import HttpClient, HttpReply, Limits
from core.reports.doctor import Finding
from core.storage import tables as t

if TYPE_CHECKING:
    from core.service import Core

MOST = 50
"""Addresses of providers that are asked; a house with more has them on few hosts."""


@dataclass(frozen=True, slots=True)
class Reached:
    """One address. `answer` is the HTTP status, which need not be a good one, or why there was none.

    `through` is "direct" or the proxy without its credentials; `milliseconds` are those until the answer or the end.
    """

    service: str
    address: str
    through: str
    reached: bool
    answer: str
    milliseconds: int


async def reach(core: Core, actor: Actor) -> list[Reached]:
    """Ask every configured platform and every provider of a team once, without signing in. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    settings = core.settings
    wanted: list[tuple[Service, str, str]] = []
    if settings.telegram.token is not None:
        wanted.append(("telegram", "telegram", settings.telegram.api_base))
    if settings.discord.token is not None:
        wanted.append(("discord", "discord", settings.discord.api_base.rstrip("/") + "/gateway"))
    for provider, address in await core.read(_providers):
        usual = {"chatgpt": settings.upstream.chatgpt_base, "openai_admin": settings.upstream.openai_admin_base}
        base = address or usual.get(provider)
        if base is not None:
            wanted.append(("upstream", provider, base))
    return list(await asyncio.gather(*(_ask(core, *one) for one in dict.fromkeys(wanted))))


def as_findings(found: list[Reached]) -> list[Finding]:
    """For `usher doctor`: who is not reached is a warning, for it may be nobody's fault here."""
    away = [one for one in found if not one.reached]
    detail = "; ".join(f"{one.service} {one.address} {one.through}: {one.answer}" for one in away)
    return [Finding("reach", "every platform and provider answers", 0, len(away), detail)]


async def _ask(core: Core, service: Service, name: str, address: str) -> Reached:
    upstream = core.settings.upstream
    limits = Limits(connect=upstream.connect_timeout, total=upstream.timeout)
    ca_file = upstream.ca_file if service == "upstream" else None
    proxy = proxy_for(core.settings, service, address)
    began = time.monotonic()
    async with HttpClient(limits, upstream.contact, ca_file, partial(proxy_for, core.settings, service)) as client:
        answer = await client.call("GET", address)
    spent = round((time.monotonic() - began) * 1000)
    if isinstance(answer, HttpReply):
        return Reached(name, address, shown(proxy), True, str(answer.status), spent)
    # An answer that is no JSON is an answer all the same: the root of a server often is a page.
    pages = answer.detail.startswith("answer")
    return Reached(name, address, shown(proxy), pages, answer.detail, spent)


def _providers(tx: sa.Connection) -> list[tuple[str, str | None]]:
    there = sa.select(t.teams.c.provider, t.teams.c.base_url).where(t.teams.c.removed_at.is_(None)).distinct()
    return [(row.provider, row.base_url) for row in tx.execute(there.limit(MOST))]
