"""The sandbox's side of SCIM 2.0: users and one licence group, `Seats`, whose members hold the seats.

Nobody joins by being provisioned: until the invitation is accepted, the product's extension says `invited`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.sandbox import scim_discovery
from core.sandbox import scim_resources as resources
from core.sandbox.dialect import (
    Call,
    Shapes,
    SimulatedAnswer,
    WriteProblem,
    cut_page,
    filled,
    total_of,
    visible,
    whole,
)
from core.sandbox.faults import CallKind
from core.sandbox.state import OWNER_ROLE, Space, World

_MEMBERSHIP: Final = re.compile(r'^id eq "([^"]*)" and members(?:\.value)? eq "([^"]*)"$')
_FILTER: Final = re.compile(r'^(userName|displayName) eq "((?:[^"\\]|\\.)*)"$')
_MEMBER_PATH: Final = re.compile(r'^members\[value eq "([^"]*)"\]$')


class ScimDialect:
    """Reads requests under `/scim/WORKSPACE/v2`."""

    def __init__(self, world: World, *, cursor: bool) -> None:
        self._world = world
        self._cursor = cursor

    def session(self, space: Space, root: str) -> dict[str, Any]:
        """What an operator would paste."""
        where = f"{root}{resources.PREFIX}/{space.id}/v2"
        return {"provider": "scim", "token": space.token, "base_url": where, "name": space.name}

    def read(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: Any
    ) -> Call | SimulatedAnswer:
        """The call that a request makes, or the answer to one that makes none."""
        parts = path.removeprefix(resources.PREFIX).strip("/").split("/")
        space = self._world.spaces.get(parts[0])
        if space is None or parts[1:2] != ["v2"]:
            return resources.error("gone")
        if self._world.by_token.get(headers.get("Authorization", "").removeprefix("Bearer ")) is not space:
            return resources.error("credential")
        refusal = _refuse_method(method, parts[2:])
        if refusal is not None:
            return refusal
        if method in {"POST", "PUT", "PATCH"} and headers.get("Content-Type", "").partition(";")[0] not in {
            resources.MEDIA,
            "application/json",
        }:
            return resources.error("malformed")
        match method, *parts[2:]:
            case "GET", "ServiceProviderConfig" | "ResourceTypes" | "Schemas" as what, *which:
                return Call("account", space, reference="".join(which), facts={"what": what})
            case "GET", "Users" | "Groups" as what:
                return _listing(what, space, query)
            case "POST", *where, ".search" if where in ([], ["Users"]):
                return _listing("Users", space, _as_query(body))
            case "GET", "Users" | "Groups" as what, reference:
                return Call("account", space, reference=reference, facts={"what": what, **_shown_parts(query)})
            case "POST", "Users":
                return _creation(space, body)
            case "PUT" | "PATCH" | "DELETE", "Users", reference:
                return _change_user(space, reference, headers, method, body)
            case "PATCH", "Groups", reference if reference == resources.GROUP_ID:
                return _change_group(space, body)
        return resources.error("absent")

    def do(self, call: Call, shapes: Shapes) -> SimulatedAnswer:
        """Carry the call out."""
        match call.kind:
            case "invite":
                return self._seat(call, shapes)
            case "members":
                return self._users(call, shapes)
            case "cancel" | "remove":
                return self._unseat(call)
        return self._one(call, shapes)

    def refuse(self, problem: WriteProblem) -> SimulatedAnswer:
        """The answer of this protocol to a problem that any protocol has."""
        return resources.error(problem)

    def drop(self, call: Call, how: str) -> SimulatedAnswer:
        """A 200 that provisions nobody, or a refusal of the address: there are no batches here."""
        if how == "empty-invites":
            return SimulatedAnswer(200, {}, media=resources.MEDIA)
        for email in call.addresses:
            self._world.record(call.space, email, applied=False)
        return resources.error("member" if how == "already-emails" else "address")

    def _seat(self, call: Call, shapes: Shapes) -> SimulatedAnswer:
        (email,) = call.addresses
        space, known = call.space, call.facts.get("known") is True
        if not known and email.lower() in space.directory:
            self._world.record(space, email, applied=False)
            return resources.error("known")
        login = known or call.facts.get("login") is True
        result, person = self._world.invite(space, email, fewer=int("smaller-capacity" in shapes), login=login)
        if result == "created" and person is not None:
            person.name = str(call.facts.get("name") or "")
            person.external_id = call.facts.get("external_id")
        if person is None or result not in {"created", "existing"}:
            return resources.error(result)
        if known:
            return (
                SimulatedAnswer(204, None)
                if call.facts.get("group")
                else resources.made(200, resources.user_of(space, person, shapes))
            )
        return (
            resources.error("known")
            if result == "existing"
            else resources.made(201, resources.user_of(space, person, shapes))
        )

    def _users(self, call: Call, shapes: Shapes) -> SimulatedAnswer:
        space = call.space
        if "foreign-member" in shapes:
            self._world.add_foreigner(space)
        members = space.stale_members() if "stale-members" in shapes else tuple(space.members.values())
        people = [*members, *visible(space.invites.values(), shapes, self._world), *space.directory.values()]
        if "empty-members" in shapes:
            people = []
        wanted = call.facts.get("filter")
        rows = [resources.user_of(space, person, shapes) for person in people if wanted in {None, person.email.lower()}]
        if wanted is None:
            rows += resources.outsiders(space, shapes)
        limit, page = cut_page([_in_part(row, call) for row in rows], call, shapes)
        body: dict[str, Any] = {
            "schemas": [resources.LIST],
            "totalResults": total_of(rows, page, shapes),
            "itemsPerPage": len(page),
            "Resources": filled(page, shapes),
        }
        if "cursor" in call.facts:
            if call.offset + limit < len(rows) and page:
                body["nextCursor"] = f"after-{call.offset + len(page)}"
        else:
            body["startIndex"] = call.offset + 1
        return SimulatedAnswer(200, body, media=resources.MEDIA)

    def _unseat(self, call: Call) -> SimulatedAnswer:
        space = call.space
        found = resources.by_scim_id(space, call.reference)
        if found is None:
            return resources.error("absent")
        key = found.email.lower()
        if found.role == OWNER_ROLE:
            return resources.error("forbidden")
        if key in space.members:
            self._world.leave(space, found)
        else:
            self._world.cancel(space, key)
        space.directory.pop(key, None)
        how = call.facts.get("how")
        if how == "delete":
            return SimulatedAnswer(204, None)
        found.active = how == "group"
        space.directory[key] = found
        return (
            SimulatedAnswer(204, None) if how == "group" else resources.made(200, resources.user_of(space, found, {}))
        )

    def _one(self, call: Call, shapes: Shapes) -> SimulatedAnswer:
        match call.facts.get("what"):
            case "ServiceProviderConfig":
                return SimulatedAnswer(200, resources.configuration(cursor=self._cursor), media=resources.MEDIA)
            case "ResourceTypes":
                return _described(scim_discovery.resource_types(resources.USER, resources.EXTENSION), call)
            case "Schemas":
                return _described(
                    scim_discovery.schemas(resources.USER, resources.GROUP, resources.EXTENSION, resources.CONFIG), call
                )
            case "groups":
                shown = resources.group_of(call.space, hidden="no-group-members" in shapes)
                rows = [shown] if self._is_asked_for(call) else []
                listed = {"totalResults": len(rows), "startIndex": 1, "itemsPerPage": len(rows), "Resources": rows}
                return SimulatedAnswer(200, {"schemas": [resources.LIST], **listed}, media=resources.MEDIA)
            case "Groups" if call.reference == resources.GROUP_ID:
                return SimulatedAnswer(
                    200, resources.group_of(call.space, hidden="no-group-members" in shapes), media=resources.MEDIA
                )
            case "Users" if (found := resources.by_scim_id(call.space, call.reference)) is not None:
                found.name = call.facts.get("name", found.name)
                found.external_id = call.facts.get("external_id", found.external_id)
                return SimulatedAnswer(
                    200, _in_part(resources.user_of(call.space, found, shapes), call), media=resources.MEDIA
                )
        return resources.error("absent")

    @staticmethod
    def _is_asked_for(call: Call) -> bool:
        """Whether the group passes the filter of a request for groups."""
        if (pair := call.facts.get("membership")) is not None:
            seated = {resources.scim_id(one) for one in (*call.space.members.values(), *call.space.invites.values())}
            return pair[0] == resources.GROUP_ID and pair[1] in seated
        return call.facts.get("filter") in {None, resources.GROUP_NAME.lower()}


def _change_user(
    space: Space, reference: str, headers: Mapping[str, str], method: str, body: Any
) -> Call | SimulatedAnswer:
    found = resources.by_scim_id(space, reference)
    if (
        found is not None
        and (version := headers.get("If-Match")) is not None
        and version != resources.version_of(space, found)
    ):
        return resources.error("changed")
    removal: CallKind = "cancel" if found is not None and found.email.lower() in space.invites else "remove"
    if method == "DELETE":
        return Call(removal, space, reference=reference, facts={"how": "delete"})
    wanted = _replacement(body) if method == "PUT" else _patch(body)
    if isinstance(wanted, SimulatedAnswer):
        return wanted
    if found is not None and str(wanted.get("userName") or found.email).lower() != found.email.lower():
        return resources.error("immutable")
    if wanted.get("active") is False and (found is None or found.active):
        return Call(removal, space, reference=reference, facts={"how": "deactivate"})
    if found is None:
        return resources.error("absent")
    if wanted.get("active") is True and not found.active:
        return Call("invite", space, addresses=(found.email,), facts={"known": True})
    kept: dict[str, Any] = {"name": str(wanted["displayName"] or "")} if "displayName" in wanted else {}
    if "externalId" in wanted:
        kept["external_id"] = wanted["externalId"]
    return Call("account", space, reference=reference, facts={"what": "Users", **kept})


def _replacement(body: Any) -> Mapping[str, Any] | SimulatedAnswer:
    """The values that a full replacement of a user gives to the fields that can change."""
    if (
        not isinstance(body, Mapping)
        or resources.USER not in body.get("schemas", ())
        or not isinstance(body.get("userName"), str)
    ):
        return resources.error("malformed")
    names = ("userName", "displayName", "externalId", "active")
    return {"displayName": None, "externalId": None, **{name: body[name] for name in names if name in body}}


def _patch(body: Any) -> Mapping[str, Any] | SimulatedAnswer:
    """What a patch of a user changes, whether it names paths or holds objects."""
    if (
        not isinstance(body, Mapping)
        or body.get("schemas") != [resources.PATCH]
        or not isinstance(body.get("Operations"), list)
    ):
        return resources.error("malformed")
    wanted: dict[str, Any] = {}
    for operation in body["Operations"]:
        if not isinstance(operation, Mapping) or str(operation.get("op")).lower() not in {"add", "replace", "remove"}:
            return resources.error("malformed")
        path, value = operation.get("path"), operation.get("value")
        path = str(path).removeprefix(f"{resources.USER}:") if path is not None else None
        if path is not None and path.startswith(resources.EXTENSION):
            wanted.setdefault("userName", None)  # its status is the product's own to set; a change of it is ignored
            continue
        if str(operation["op"]).lower() == "remove":
            if path not in {"displayName", "externalId"}:
                return resources.error("immutable" if path in _FIXED else "malformed")
            wanted[path] = None
        elif path is None and isinstance(value, Mapping):
            wanted |= value
        elif path in {"displayName", "externalId", "active"}:
            wanted[path] = value
        else:
            return resources.error("immutable" if path in _FIXED else "malformed")
    return wanted or resources.error("malformed")


_FIXED: Final = frozenset({"id", "userName", "emails", "roles", "meta", "schemas", "active"})


def _refuse_method(method: str, parts: Sequence[str]) -> SimulatedAnswer | None:
    """405 where the endpoint exists and the method is not supported; any other path is left to the general 404."""
    if parts[-1:] == [".search"]:
        parts = [".search"]
    known = scim_discovery.allowed(method, parts[0] if parts else "", len(parts) - 1)
    return resources.error("method") if known is False else None


def _described(known: Sequence[dict[str, Any]], call: Call) -> SimulatedAnswer:
    """All entries of a discovery endpoint, or the one with this id."""
    if call.reference:
        found = next((one for one in known if call.reference in {one["id"], one["name"]}), None)
        return resources.error("absent") if found is None else SimulatedAnswer(200, found, media=resources.MEDIA)
    listed = {"totalResults": len(known), "startIndex": 1, "itemsPerPage": len(known)}
    return SimulatedAnswer(
        200, {"schemas": [resources.LIST], **listed, "Resources": list(known)}, media=resources.MEDIA
    )


def _as_query(body: Any) -> Mapping[str, str]:
    """A search by POST, rewritten as the query of a search by GET."""
    asked = body if isinstance(body, Mapping) else {}
    return {name: ",".join(map(str, one)) if isinstance(one, list) else str(one) for name, one in asked.items()}


def _shown_parts(query: Mapping[str, str]) -> dict[str, Any]:
    return {name: query[name] for name in ("attributes", "excludedAttributes") if query.get(name)}


def _in_part(user: dict[str, Any], call: Call) -> dict[str, Any]:
    """Only the attributes that were asked for, or all but the excluded ones; what identifies a resource is always
    there.
    """
    asked, left_out = (
        {name.strip().removeprefix(f"{resources.USER}:").partition(".")[0] for name in str(call.facts[key]).split(",")}
        if key in call.facts
        else None
        for key in ("attributes", "excludedAttributes")
    )
    if asked is not None:
        return {name: value for name, value in user.items() if name in asked | {"id", "schemas"}}
    return {name: value for name, value in user.items() if name not in (left_out or set()) - {"id", "schemas"}}


def _listing(what: str, space: Space, query: Mapping[str, str]) -> Call | SimulatedAnswer:
    facts: dict[str, Any] = {}
    if (text := query.get("filter")) is not None:
        if what == "Groups" and (pair := _MEMBERSHIP.match(text)) is not None:
            return Call("account", space, facts={"what": "groups", "membership": pair.groups()})
        match = _FILTER.match(text)
        if match is None or (match[1] == "userName") != (what == "Users"):
            return resources.error("filter")
        facts["filter"] = re.sub(r"\\(.)", r"\1", match[2]).lower()
    if what == "Groups":
        return Call("account", space, facts={**facts, "what": "groups"})
    facts |= _shown_parts(query)
    start = max(whole(query, "startIndex", 1), 1) - 1
    if "cursor" in query:
        facts["cursor"] = True
        place = query["cursor"].removeprefix("after-")
        start = int(place) if place.isdigit() else 0
    return Call("members", space, offset=start, limit=whole(query, "count", 100), later=start > 0, facts=facts)


def _creation(space: Space, body: Any) -> Call | SimulatedAnswer:
    fits = (
        isinstance(body, Mapping)
        and resources.USER in body.get("schemas", ())
        and isinstance(body.get("userName"), str)
    )
    if not fits:
        return resources.error("malformed")
    # Without any address a name is a login; whatever is given as an address has to be one.
    facts = {"name": body.get("displayName"), "external_id": body.get("externalId"), "login": not body.get("emails")}
    return Call("invite", space, addresses=(body["userName"],), facts=facts)


def _change_group(space: Space, body: Any) -> Call | SimulatedAnswer:
    operation = _operation(body)
    if operation is None:
        return resources.error("malformed")
    path, value = operation.get("path"), operation.get("value")
    if operation.get("op") == "add" and path == "members" and isinstance(value, list) and len(value) == 1:
        found = resources.by_scim_id(space, str(value[0].get("value")))
        if found is None:
            return resources.error("absent")
        if found.email.lower() in space.members or found.email.lower() in space.invites:
            return SimulatedAnswer(204, None)
        return Call("invite", space, addresses=(found.email,), facts={"known": True, "group": True})
    match = _MEMBER_PATH.match(str(path))
    if operation.get("op") != "remove" or match is None:
        return resources.error("malformed")
    return Call("remove", space, reference=match[1], facts={"how": "group"})


def _operation(body: Any) -> Mapping[str, Any] | None:
    """The one operation of a patch, if it is well formed."""
    if not isinstance(body, Mapping) or body.get("schemas") != [resources.PATCH]:
        return None
    operations = body.get("Operations")
    if not isinstance(operations, list) or len(operations) != 1 or not isinstance(operations[0], Mapping):
        return None
    return operations[0]
