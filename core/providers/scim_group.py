"""The licence group of a SCIM tenant: its members hold the seats.

Some products never show a group's members and only answer whether one user is in it. That shows when the first person
who was added is not listed; from then on each user is asked for with a filter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from core.providers import http, listing, scim_reading, scim_requests
from core.providers.http import HttpReply
from core.providers.protocol import Done, Failure, ProviderAnswer, Refused, Unavailable, Unclear
from core.providers.scim_wire import Wire, generic, quoted

HIDDEN: Final = "group_members_hidden"
"""The remark on the first invite that shows that a group does not list its members."""
MOST_PROBED: Final = 20
"""How many users, newest first, are asked for before an empty list of a group is believed."""
MOST_ASKED: Final = 200
"""Users asked for one by one in one reading; the team's request budget may allow fewer."""

_Json: TypeAlias = Mapping[str, Any]


class LicenceGroup:
    """One group by its name. Opened anew for each task, like its adapter."""

    def __init__(self, wire: Wire, name: str) -> None:
        self.name = name
        self._wire = wire
        self._key = ("scim-group", f"{wire.base}#{name}")

    async def find(self) -> _Json | Failure:
        """The group's resource; the team is gone if there is not exactly one group of that name."""
        body = await self._wire.read("Groups", [("filter", f'displayName eq "{quoted(self.name)}"')])
        if not isinstance(body, Mapping):
            return body
        rows, _ = scim_reading.resources(body)
        match = [row for row in rows or [] if row.get("displayName") == self.name and listing.text(row.get("id"))]
        return match[0] if len(match) == 1 else Unavailable("gone", "no licence group of that name")

    async def holders(self, references: Sequence[str]) -> frozenset[str] | Failure:
        """Which of these users hold a seat."""
        group = await self.find()
        if not isinstance(group, Mapping):
            return group
        identity = str(group["id"])
        if not self._hidden:
            listed = await self._listed(identity)
            if not isinstance(listed, frozenset) or listed:
                return listed
            probed = await self._asked(identity, references[-MOST_PROBED:])
            if not isinstance(probed, frozenset):
                return probed
            if not probed:
                return probed
            self._learn_hidden()
        if len(references) > MOST_ASKED:
            return Unclear("the group does not list its members, and its users are too many to be asked for")
        return await self._asked(identity, references)

    async def holds(self, reference: str) -> bool | Failure:
        """Whether this user holds a seat."""
        group = await self.find()
        if not isinstance(group, Mapping):
            return group
        identity = str(group["id"])
        if not self._hidden:
            listed = await self._listed(identity)
            if not isinstance(listed, frozenset):
                return listed
            if listed:
                return reference in listed
        asked = await self._asked(identity, [reference])
        if not isinstance(asked, frozenset):
            return asked
        if asked:
            self._learn_hidden()
        return reference in asked

    async def change(self, reference: str, *, add: bool) -> ProviderAnswer:
        """Put a user in, or take one out."""
        group = await self.find()
        if not isinstance(group, Mapping):
            return group
        identity = str(group["id"])
        body = await scim_requests.membership(reference, add=add)
        reply = await self._wire.call("PATCH", "Groups", identity, json_body=body)
        if not isinstance(reply, HttpReply):
            return reply
        if reply.ok:
            return await self._checked(identity, reference) if add else Done(reference)
        if reply.status in {400, 404} and not http.names_an_end(reply):
            return await self._as_read(reference, reply, wanted=add)
        if not add:
            return http.refused_change(reply) or http.conflict(reply) or refused(reply, seating=False)
        return http.conflict(reply) or refused(reply)

    @property
    def _hidden(self) -> bool:
        return self._wire.learnt.get(self._key) == HIDDEN

    def _learn_hidden(self) -> None:
        self._wire.learnt[self._key] = HIDDEN

    async def _checked(self, identity: str, reference: str) -> Done:
        """When somebody is added for the first time: does the group list them? They have the seat in any case."""
        if self._key in self._wire.learnt:
            return Done(reference)
        listed = await self._listed(identity)
        if isinstance(listed, frozenset) and listed:
            self._wire.learnt[self._key] = "listed"
        elif isinstance(listed, frozenset):
            asked = await self._asked(identity, [reference])
            if isinstance(asked, frozenset) and asked:
                self._learn_hidden()
                return Done(reference, HIDDEN)
        return Done(reference)

    async def _listed(self, identity: str) -> frozenset[str] | Failure:
        whole = await self._wire.read(f"Groups/{identity}", [])
        if not isinstance(whole, Mapping):
            return whole
        members = whole.get("members") or []
        if not isinstance(members, list):
            return Unclear("answer of another shape")
        return frozenset(str(listing.mapping(member).get("value")) for member in members)

    async def _asked(self, identity: str, references: Sequence[str]) -> frozenset[str] | Failure:
        answers = await asyncio.gather(*(self._ask(identity, reference) for reference in references))
        held = set()
        for reference, answer in zip(references, answers, strict=True):
            if not isinstance(answer, bool):
                return answer
            if answer:
                held.add(reference)
        return frozenset(held)

    async def _ask(self, identity: str, reference: str) -> bool | Failure:
        question = f'id eq "{quoted(identity)}" and members eq "{quoted(reference)}"'
        reply = await self._wire.call("GET", "Groups", params=[("filter", question)])
        if not isinstance(reply, HttpReply):
            return reply
        if reply.status in {400, 501} and not http.names_an_end(reply):
            return False  # a server that cannot be asked so shows its members
        if not reply.ok:
            return generic(reply) or Unclear(f"status {reply.status}")
        rows, _ = scim_reading.resources(listing.mapping(reply.json))
        return any(row.get("id") == identity for row in rows or [])

    async def _as_read(self, reference: str, reply: HttpReply, *, wanted: bool) -> ProviderAnswer:
        """Products differ in their answer to a change that changes nothing, so the group is read again."""
        holds = await self.holds(reference)
        if not isinstance(holds, bool):
            return holds
        if holds is wanted:
            return Done(reference)
        return Unclear("status 404", fault="person") if reply.status == 404 else refused(reply, seating=wanted)


def refused(reply: HttpReply, *, seating: bool = True) -> ProviderAnswer:
    """What an error says in answer to a change of one user; "full" counts only for somebody who wants a seat."""
    words = http.wording(reply.json)
    if seating and (refusal := http.refusal(words, reply.status)) is not None:
        return refusal
    if (failure := generic(reply)) is not None:
        return failure
    if reply.status == 400 and any(known in words for known in ("invalidvalue", "username", "email")):
        return Refused("address", "status 400")
    return Refused("not_allowed", f"status {reply.status}")
