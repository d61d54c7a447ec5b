"""What people and staff do beside redeeming: they forget, join, wait, ban, and change how many seats there are."""

from __future__ import annotations

import random
from typing import Any, Protocol

import httpx

from core.actors import SYSTEM, Actor, Role
from core.people import links, locks, people, privacy, staff
from core.rules.addresses import read_address
from core.rules.codes import read_code
from core.rules.terms import parse_term
from core.service import Core
from core.teams import teams
from core.waitlist import waitlist

FACES = 12
"""Identities that only make links, have roles and are banned: whoever has a seat has one of their own."""


def owner_of(address: str) -> Actor:
    """Whose wishes those for an address are; an operator's, whose attempts are not counted."""
    return Actor("telegram", f"1{address.partition('@')[0].removeprefix('p').rjust(4, '0')}", Role.OPERATOR)


class _Hand(Protocol):
    core: Core
    plan: dict[str, Any]
    history: Any
    random: random.Random

    def _anybody(self) -> str: ...

    def _some_code(self) -> str: ...

    async def _face(self) -> Actor: ...


class Living:
    """Doings of a worker; each writes its wish down before it asks for it."""

    async def _erase(self: _Hand, line: dict[str, Any]) -> Any:
        person = owner_of(self._anybody())
        self.history.add(**line, type="invoke", identity=person.identity)
        await privacy.erase_person(self.core, person)

    async def _join(self: _Hand, line: dict[str, Any]) -> Any:
        address = self._anybody()
        code = read_code(self._some_code(), await self.core.shapes())
        self.history.add(**line, type="invoke", person=address)
        await waitlist.join(self.core, owner_of(address), read_address(address), code)

    async def _leave(self: _Hand, line: dict[str, Any]) -> Any:
        self.history.add(**line, type="invoke")
        return {"left": await waitlist.leave(self.core, owner_of(self._anybody()))}

    async def _resize(self: _Hand, line: dict[str, Any]) -> Any:
        team = f"Workspace {self.random.randint(1, self.plan['workspaces'])}"
        seats = self.random.choice((1, self.plan["seats"] - 1, self.plan["seats"], self.plan["seats"]))
        self.history.add(**line, type="invoke", team=team, seats=seats)
        await teams.change_team(self.core, SYSTEM, team, capacity=seats)

    async def _stranger(self: _Hand, line: dict[str, Any]) -> Any:
        """Somebody is let in, or goes, whom Usher never heard of."""
        email = f"stranger{self.random.randrange(3)}@example.com"
        self.history.add(**line, type="invoke", person=email)
        body = {"email": email, "workspace": self.random.choice(self.plan["spaces"])}
        deed = self.random.choice(("join", "leave", "leave"))
        async with httpx.AsyncClient(timeout=2.0) as client:
            await client.post(f"{self.plan['sandbox']}/_sandbox/{deed}", json=body)

    async def _face(self: _Hand) -> Actor:
        identity = f"9{self.random.randrange(FACES):03}"
        return await people.recognise(self.core, "telegram", identity, chat_id=identity)

    async def _link(self: _Hand, line: dict[str, Any]) -> Any:
        one, other = await self._face(), await self._face()
        self.history.add(**line, type="invoke", sides=[one.identity, other.identity])
        token, _ = await links.issue_link(self.core, one)
        found = await links.find_link(self.core, other, token)
        if found is not None:
            await links.agree(self.core, other, found.id)
            await links.join(self.core, one, found.id)

    async def _grant(self: _Hand, line: dict[str, Any]) -> Any:
        identity = (await self._face()).identity
        role = self.random.choice((Role.VIEWER, Role.OPERATOR))
        self.history.add(**line, type="invoke", identity=identity, role=role.label)
        await staff.grant(self.core, SYSTEM, f"telegram:{identity}", role)

    async def _revoke(self: _Hand, line: dict[str, Any]) -> Any:
        self.history.add(**line, type="invoke")
        await staff.revoke(self.core, SYSTEM, (await self._face()).key)

    async def _ban(self: _Hand, line: dict[str, Any]) -> Any:
        self.history.add(**line, type="invoke")
        key = (await self._face()).key
        if self.random.random() < 0.5:
            await locks.ban(self.core, SYSTEM, key, "torture", parse_term("24h"))
        else:
            await locks.unban(self.core, SYSTEM, key)
