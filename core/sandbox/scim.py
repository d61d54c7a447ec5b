"""The sandbox's side of SCIM 2.0: users and one licence group, `Seats`, whose members hold the seats.

Nobody joins by being provisioned: until the invitation is accepted, the product's extension says `invited`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.sandbox.dialect import (
    DELINQUENT,
    TRUE_UP,
    Answer,
    Call,
    Problem,
    Shapes,
    cased,
    cut_page,
    filled,
    total_of,
    visible,
    whole,
)
from core.sandbox.faults import CallKind
from core.sandbox.state import OWNER_ROLE, Person, Space, World

PREFIX: Final = "/scim"
MEDIA: Final = "application/scim+json"
USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
CONFIG: Final = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
EXTENSION: Final = "urn:usher:params:scim:schemas:sandbox:2.0:User"
LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
GROUP_ID: Final = "seats"
GROUP_NAME: Final = "Seats"

_TEXTS: Final[Mapping[str, tuple[int, str | None, str]]] = {
    "credential": (401, None, "The token was rejected."),
    "forbidden": (403, None, "Not allowed."),
    "gone": (404, None, "account_not_found"),
    "absent": (404, None, "No such resource."),
    "member": (409, "uniqueness", "This user is already a member."),
    "known": (409, "uniqueness", "userName is in use."),
    "full": (403, None, "No seats available."),
    "address": (400, "invalidValue", "userName must be an e-mail address."),
    "pause": (429, None, "Too many requests."),
    "broken": (500, None, "Internal error."),
    "malformed": (400, "invalidSyntax", "The body does not fit."),
    "filter": (400, "invalidFilter", "Not a filter that is understood here."),
    "changed": (412, None, "The resource has changed."),
    "true_up": (401, None, TRUE_UP),
    "true_up_400": (400, None, f"{TRUE_UP}: 1 additional seat needed"),
    "delinquent": (401, None, DELINQUENT),
    "conflict": (409, None, "Conflict."),
    "method": (405, None, "This is not done here."),
}
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
        where = f"{root}{PREFIX}/{space.id}/v2"
        return {"provider": "scim", "token": space.token, "base_url": where, "name": space.name}

    def read(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: Any
    ) -> Call | Answer:
        """The call that a request makes, or the answer to one that makes none."""
        parts = path.removeprefix(PREFIX).strip("/").split("/")
        space = self._world.spaces.get(parts[0])
        if space is None or parts[1:2] != ["v2"]:
            return _error("gone")
        if self._world.by_token.get(headers.get("Authorization", "").removeprefix("Bearer ")) is not space:
            return _error("credential")
        if method in {"POST", "PATCH"} and headers.get("Content-Type", "").partition(";")[0] not in {
            MEDIA,
            "application/json",
        }:
            return _error("malformed")
        match method, *parts[2:]:
            case "GET", "ServiceProviderConfig":
                return Call("account", space, facts={"what": "config"})
            case "GET", "Users" | "Groups" as what:
                return _listing(what, space, query)
            case "GET", "Users" | "Groups" as what, reference:
                return Call("account", space, reference=reference, facts={"what": what})
            case "POST", "Users":
                return _creation(space, body)
            case "PATCH" | "DELETE", "Users", reference:
                return self._change_user(space, reference, headers, body if method == "PATCH" else None)
            case "PATCH", "Groups", reference if reference == GROUP_ID:
                return _change_group(space, body)
        return _error("absent")

    def do(self, call: Call, shapes: Shapes) -> Answer:
        """Carry the call out."""
        match call.kind:
            case "invite":
                return self._seat(call, shapes)
            case "members":
                return self._users(call, shapes)
            case "cancel" | "remove":
                return self._unseat(call)
        return self._one(call, shapes)

    def refuse(self, problem: Problem) -> Answer:
        """The answer of this protocol to a problem that any protocol has."""
        return _error(problem)

    def drop(self, call: Call, how: str) -> Answer:
        """A 200 that provisions nobody, or a refusal of the address: there are no batches here."""
        if how == "empty-invites":
            return Answer(200, {}, media=MEDIA)
        for email in call.addresses:
            self._world.record(call.space, email, applied=False)
        return _error("member" if how == "already-emails" else "address")

    def _seat(self, call: Call, shapes: Shapes) -> Answer:
        (email,) = call.addresses
        space, known = call.space, call.facts.get("known") is True
        if not known and email.lower() in space.directory:
            self._world.record(space, email, applied=False)
            return _error("known")
        result, person = self._world.invite(space, email, fewer=int("smaller-capacity" in shapes))
        if person is None or result not in {"created", "existing"}:
            return _error(result)
        if known:
            return Answer(204, None) if call.facts.get("group") else _made(200, _user(space, person, shapes))
        return _error("known") if result == "existing" else _made(201, _user(space, person, shapes))

    def _users(self, call: Call, shapes: Shapes) -> Answer:
        space = call.space
        if "foreign-member" in shapes:
            self._world.add_foreigner(space)
        members = space.stale_members() if "stale-members" in shapes else tuple(space.members.values())
        people = [*members, *visible(space.invites.values(), shapes, self._world), *space.directory.values()]
        if "empty-members" in shapes:
            people = []
        wanted = call.facts.get("filter")
        rows = [_user(space, person, shapes) for person in people if wanted in {None, person.email.lower()}]
        if wanted is None:
            rows += _outsiders(space, shapes)
        limit, page = cut_page(rows, call, shapes)
        body: dict[str, Any] = {
            "schemas": [LIST],
            "totalResults": total_of(rows, page, shapes),
            "itemsPerPage": len(page),
            "Resources": filled(page, shapes),
        }
        if "cursor" in call.facts:
            if call.offset + limit < len(rows) and page:
                body["nextCursor"] = f"after-{call.offset + len(page)}"
        else:
            body["startIndex"] = call.offset + 1
        return Answer(200, body, media=MEDIA)

    def _unseat(self, call: Call) -> Answer:
        space = call.space
        found = _by_scim_id(space, call.reference)
        if found is None:
            return _error("absent")
        key = found.email.lower()
        if found.role == OWNER_ROLE:
            return _error("forbidden")
        if key in space.members:
            self._world.leave(space, found)
        else:
            self._world.cancel(space, key)
        space.directory.pop(key, None)
        how = call.facts.get("how")
        if how == "delete":
            return Answer(204, None)
        found.active = how == "group"
        space.directory[key] = found
        return Answer(204, None) if how == "group" else _made(200, _user(space, found, {}))

    def _one(self, call: Call, shapes: Shapes) -> Answer:
        match call.facts.get("what"):
            case "config":
                return Answer(200, _config(cursor=self._cursor), media=MEDIA)
            case "groups":
                shown = _group(call.space, hidden="no-group-members" in shapes)
                rows = [shown] if self._is_asked_for(call) else []
                listed = {"totalResults": len(rows), "startIndex": 1, "itemsPerPage": len(rows), "Resources": rows}
                return Answer(200, {"schemas": [LIST], **listed}, media=MEDIA)
            case "Groups" if call.reference == GROUP_ID:
                return Answer(200, _group(call.space, hidden="no-group-members" in shapes), media=MEDIA)
            case "Users" if (found := _by_scim_id(call.space, call.reference)) is not None:
                return Answer(200, _user(call.space, found, shapes), media=MEDIA)
        return _error("absent")

    @staticmethod
    def _is_asked_for(call: Call) -> bool:
        """Whether the group is what a filter of groups wants."""
        if (pair := call.facts.get("membership")) is not None:
            seated = {_scim_id(one) for one in (*call.space.members.values(), *call.space.invites.values())}
            return pair[0] == GROUP_ID and pair[1] in seated
        return call.facts.get("filter") in {None, GROUP_NAME.lower()}

    def _change_user(self, space: Space, reference: str, headers: Mapping[str, str], body: Any) -> Call | Answer:
        found = _by_scim_id(space, reference)
        if found is not None and (version := headers.get("If-Match")) is not None and version != _version(space, found):
            return _error("changed")
        removal: CallKind = "cancel" if found is not None and found.email.lower() in space.invites else "remove"
        if body is None:
            return Call(removal, space, reference=reference, facts={"how": "delete"})
        operation = _operation(body)
        if operation is None or operation.get("op") != "replace" or operation.get("path") != "active":
            return _error("malformed")
        if operation.get("value") is False:
            return Call(removal, space, reference=reference, facts={"how": "deactivate"})
        if found is None:
            return _error("absent")
        return Call("invite", space, addresses=(found.email,), facts={"known": True})


def _listing(what: str, space: Space, query: Mapping[str, str]) -> Call | Answer:
    facts: dict[str, Any] = {}
    if (text := query.get("filter")) is not None:
        if what == "Groups" and (pair := _MEMBERSHIP.match(text)) is not None:
            return Call("account", space, facts={"what": "groups", "membership": pair.groups()})
        match = _FILTER.match(text)
        if match is None or (match[1] == "userName") != (what == "Users"):
            return _error("filter")
        facts["filter"] = re.sub(r"\\(.)", r"\1", match[2]).lower()
    if what == "Groups":
        return Call("account", space, facts={**facts, "what": "groups"})
    start = max(whole(query, "startIndex", 1), 1) - 1
    if "cursor" in query:
        facts["cursor"] = True
        place = query["cursor"].removeprefix("after-")
        start = int(place) if place.isdigit() else 0
    return Call("members", space, offset=start, limit=whole(query, "count", 100), later=start > 0, facts=facts)


def _creation(space: Space, body: Any) -> Call | Answer:
    fits = isinstance(body, Mapping) and USER in body.get("schemas", ()) and isinstance(body.get("userName"), str)
    return Call("invite", space, addresses=(body["userName"],)) if fits else _error("malformed")


def _change_group(space: Space, body: Any) -> Call | Answer:
    operation = _operation(body)
    if operation is None:
        return _error("malformed")
    path, value = operation.get("path"), operation.get("value")
    if operation.get("op") == "add" and path == "members" and isinstance(value, list) and len(value) == 1:
        found = _by_scim_id(space, str(value[0].get("value")))
        if found is None:
            return _error("absent")
        if found.email.lower() in space.members or found.email.lower() in space.invites:
            return Answer(204, None)
        return Call("invite", space, addresses=(found.email,), facts={"known": True, "group": True})
    match = _MEMBER_PATH.match(str(path))
    if operation.get("op") != "remove" or match is None:
        return _error("malformed")
    return Call("remove", space, reference=match[1], facts={"how": "group"})


def _operation(body: Any) -> Mapping[str, Any] | None:
    """The one operation of a patch, if it is well formed."""
    if not isinstance(body, Mapping) or body.get("schemas") != [PATCH]:
        return None
    operations = body.get("Operations")
    if not isinstance(operations, list) or len(operations) != 1 or not isinstance(operations[0], Mapping):
        return None
    return operations[0]


def _scim_id(person: Person) -> str:
    # Derived from the address: one person keeps one id, invited, joined or out.
    return hashlib.sha256(person.email.lower().encode()).hexdigest()[:16]


def _by_scim_id(space: Space, reference: str) -> Person | None:
    everyone: Sequence[Mapping[str, Person]] = (space.members, space.invites, space.directory)
    return next((one for people in everyone for one in people.values() if _scim_id(one) == reference), None)


def _status(space: Space, person: Person) -> str:
    key = person.email.lower()
    return "joined" if key in space.members else "invited" if key in space.invites else "none"


def _version(space: Space, person: Person) -> str:
    return f'W/"{_status(space, person)}-{int(person.active)}"'


def _user(space: Space, person: Person, shapes: Shapes) -> dict[str, Any]:
    email = cased(person.email, shapes)
    return {
        "schemas": [USER, EXTENSION],
        "id": _scim_id(person),
        "userName": email,
        "displayName": person.name or person.email.partition("@")[0],
        "active": person.active,
        "emails": [{"value": email, "type": "work", "primary": True}],
        "roles": [{"value": person.role, "primary": True}],
        EXTENSION: {"status": _status(space, person)},
        "meta": {
            "resourceType": "User",
            "created": person.at.isoformat(),
            "lastModified": person.at.isoformat(),
            "version": _version(space, person),
            "location": f"{PREFIX}/{space.id}/v2/Users/{_scim_id(person)}",
        },
    }


def _outsiders(space: Space, shapes: Shapes) -> list[dict[str, Any]]:
    """People whom only one of the faults shows."""
    made = []
    if "null-email" in shapes:
        nameless = Person("user-nameless", f"nameless.{space.id}", OWNER_ROLE, space.owner.at)
        made.append({**_user(space, nameless, {}), "userName": "E-4711", "emails": None, "roles": []})
    if "deactivated-member" in shapes:
        email = f"inactive.{space.id}@elsewhere.example.com"
        made.append(_user(space, Person("user-inactive", email, OWNER_ROLE, space.owner.at, active=False), {}))
    return made


def _group(space: Space, *, hidden: bool = False) -> dict[str, Any]:
    seated = [*space.members.values(), *space.invites.values()]
    return {
        "schemas": [GROUP],
        "id": GROUP_ID,
        "displayName": GROUP_NAME,
        "members": [] if hidden else [{"value": _scim_id(person), "display": person.email} for person in seated],
        "meta": {"resourceType": "Group", "location": f"{PREFIX}/{space.id}/v2/Groups/{GROUP_ID}"},
    }


def _config(*, cursor: bool) -> dict[str, Any]:
    return {
        "schemas": [CONFIG],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": 100},
        "changePassword": {"supported": False},
        "sort": {"supported": False},
        "etag": {"supported": True},
        "pagination": {"cursor": cursor, "index": True, "defaultPaginationMethod": "index", "maxPageSize": 100},
        "authenticationSchemes": [
            {"type": "oauthbearertoken", "name": "Bearer", "description": "A token of the sandbox", "primary": True}
        ],
    }


def _made(status: int, user: dict[str, Any]) -> Answer:
    meta = user["meta"]
    return Answer(status, user, {"Location": meta["location"], "ETag": meta["version"]}, MEDIA)


def _error(what: str) -> Answer:
    status, kind, detail = _TEXTS[what]
    body: dict[str, Any] = {"schemas": [ERROR], "status": str(status), "detail": detail}
    return Answer(status, {**body, "scimType": kind} if kind else body, media=MEDIA)
