"""The sandbox's side of the documented Admin API. It takes only what the specification describes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from core.sandbox.dialect import (
    DELINQUENT,
    TRUE_UP,
    Call,
    Shapes,
    SimulatedAnswer,
    WriteProblem,
    cased,
    cut_page,
    filled,
    visible,
    whole,
)
from core.sandbox.faults import CallKind
from core.sandbox.state import MEMBER_ROLE, OWNER_ROLE, Person, Space, World

PREFIX: Final = "/v1"

_TEXTS: Final[Mapping[str, tuple[int, str | None, str]]] = {
    "credential": (401, "invalid_api_key", "Incorrect API key provided."),
    "forbidden": (403, None, "You have insufficient permissions for this operation."),
    "gone": (404, "account_not_found", "No such organization."),
    "absent": (404, None, "No such object."),
    "member": (409, "user_already_in_organization", "The user is already a member."),
    "full": (400, "seat_limit_reached", "No seats available."),
    "address": (400, None, "Invalid 'email'."),
    "pause": (429, "rate_limit_exceeded", "Too many requests."),
    "broken": (500, None, "The server had an error."),
    "malformed": (400, None, "Invalid body."),
    "true_up": (401, TRUE_UP, "A seat has to be bought first."),
    "true_up_400": (400, TRUE_UP, "1 additional seat needed"),
    "delinquent": (401, DELINQUENT, "The subscription is not paid."),
    "conflict": (409, None, "Conflict."),
    "accepted": (400, None, "An accepted invite cannot be deleted."),
}


class OpenAIAdminDialect:
    """Reads requests under `/v1/organization`; the key says which workspace is meant."""

    def __init__(self, world: World) -> None:
        self._world = world

    def session(self, space: Space, root: str) -> dict[str, Any]:
        """What an operator would paste."""
        return {
            "provider": "openai_admin",
            "admin_key": space.token,
            "organization": space.id,
            "name": space.name,
            "base_url": root + PREFIX,
        }

    def read(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: Any
    ) -> Call | SimulatedAnswer:
        """The call that a request makes, or the answer to one that makes none."""
        parts = path.removeprefix(PREFIX).strip("/").split("/")
        space = self._world.by_token.get(headers.get("Authorization", "").removeprefix("Bearer "))
        if space is None:
            return self.refuse("credential")
        if parts[0] != "organization" or len(parts) < 2:
            return _error("absent")
        match method, *parts[1:]:
            case "GET", "invites":
                return _listing("pending", space, query)
            case "GET", "users":
                return _listing("members", space, query)
            case "POST", "invites":
                return _invite_call(space, body)
            case "POST", "projects", project, "users":
                return _project_call(space, project, body)
            case "DELETE", "invites", reference:
                return Call("cancel", space, reference=reference)
            case "DELETE", "users", reference:
                return Call("remove", space, reference=reference)
            case "GET", "invites" | "users" as what, reference:
                return Call("account", space, reference=reference, facts={"what": what})
            case "GET", "audit_logs":
                return Call("account", space, limit=whole(query, "limit", 20), facts={"what": "audit_logs"})
        return _error("absent")

    def do(self, call: Call, shapes: Shapes) -> SimulatedAnswer:
        """Carry the call out."""
        match call.kind:
            case "invite":
                return self._invite(call, shapes)
            case "pending":
                waiting = [
                    _invite_row(person, "pending", shapes)
                    for person in visible(call.space.invites.values(), shapes, self._world)
                ]
                return _list(
                    waiting + [_invite_row(one, "accepted", shapes) for one in call.space.accepted], call, shapes
                )
            case "members":
                return self._members(call, shapes)
            case "cancel":
                return self._cancel(call)
            case "remove":
                person = call.space.person(call.reference)
                if person is None:
                    return _error("absent")
                if person is call.space.owner:
                    return _error("forbidden")
                self._world.leave(call.space, person)
                return SimulatedAnswer(200, {"object": "organization.user.deleted", "id": person.id, "deleted": True})
        return self._one(call, shapes)

    def refuse(self, problem: WriteProblem) -> SimulatedAnswer:
        """The answer of this protocol to a problem that any protocol has."""
        return _error(problem)

    def drop(self, call: Call, how: str) -> SimulatedAnswer:
        """A 200 that invites nobody, or a refusal of the address: this protocol has no batches."""
        if how == "empty-invites":
            return SimulatedAnswer(200, {})
        for email in call.addresses:
            self._world.record(call.space, email, applied=False)
        return _error("member" if how == "already-emails" else "address")

    def _invite(self, call: Call, shapes: Shapes) -> SimulatedAnswer:
        (email,) = call.addresses
        result, person = self._world.invite(call.space, email, fewer=int("smaller-capacity" in shapes))
        if person is None or result not in {"created", "existing"}:
            return _error(result)
        row = _invite_row(person, "pending", shapes)
        return SimulatedAnswer(200, {**row, "projects": call.facts.get("projects", [])})

    def _members(self, call: Call, shapes: Shapes) -> SimulatedAnswer:
        if "empty-members" in shapes:
            return _list([], call, shapes)
        if "foreign-member" in shapes:
            self._world.add_foreigner(call.space)
        people = call.space.stale_members() if "stale-members" in shapes else tuple(call.space.members.values())
        wanted = call.facts.get("email")
        rows = [_user_row(person, shapes) for person in people if wanted in {None, person.email.lower()}]
        if "null-email" in shapes and wanted is None:
            nameless = Person("user-nameless", "", MEMBER_ROLE, call.space.owner.at)
            rows.append({**_user_row(nameless, {}), "email": None, "name": None})
        return _list(rows, call, shapes)

    def _cancel(self, call: Call) -> SimulatedAnswer:
        invite = call.space.invited(call.reference)
        if invite is not None:
            self._world.cancel(call.space, invite.email)
            return SimulatedAnswer(200, {"object": "organization.invite.deleted", "id": invite.id, "deleted": True})
        return _error("accepted" if any(one.id == call.reference for one in call.space.accepted) else "absent")

    def _enter(self, call: Call, shapes: Shapes) -> SimulatedAnswer:
        """Make somebody who is already in the organization a member of a project."""
        person = call.space.person(call.facts["who"])
        if person is None:
            return _error("absent")
        inside = call.space.projects.setdefault(call.reference, set())
        if person.id in inside:
            return _error("member")
        inside.add(person.id)
        row = {**_user_row(person, shapes), "object": "organization.project.user", "role": call.facts["role"]}
        return SimulatedAnswer(200, row)

    def _one(self, call: Call, shapes: Shapes) -> SimulatedAnswer:
        what = call.facts.get("what")
        if what == "project":
            return self._enter(call, shapes)
        if what == "audit_logs":
            events = [_event(event, number) for number, event in enumerate(call.space.events)]
            return _list(events[::-1], call, shapes)
        person = call.space.invited(call.reference) if what == "invites" else call.space.person(call.reference)
        if person is None:
            return _error("absent")
        return SimulatedAnswer(
            200, _invite_row(person, "pending", shapes) if what == "invites" else _user_row(person, shapes)
        )


def _error(what: str) -> SimulatedAnswer:
    status, code, message = _TEXTS[what]
    kind = "invalid_request_error" if status < 500 else "server_error"
    return SimulatedAnswer(status, {"error": {"code": code, "message": message, "param": None, "type": kind}})


def _listing(kind: CallKind, space: Space, query: Mapping[str, str]) -> Call:
    after = query.get("after")
    wanted = query.get("emails[]", query.get("emails"))  # as the vendor's clients send it, and as it is described
    facts = {"after": after, "email": wanted.lower() if wanted is not None else None}
    return Call(kind, space, limit=whole(query, "limit", 20), later=after is not None, facts=facts)


def _invite_call(space: Space, body: Any) -> Call | SimulatedAnswer:
    if not isinstance(body, Mapping) or not body.keys() <= {"email", "role", "projects"}:
        return _error("malformed")
    email, projects = body.get("email"), body.get("projects", [])
    fits = isinstance(projects, list) and all(
        isinstance(entry, Mapping) and isinstance(entry.get("id"), str) and entry.get("role") in {"member", "owner"}
        for entry in projects
    )
    if not isinstance(email, str) or body.get("role") not in {"owner", "reader"} or not fits:
        return _error("malformed")
    return Call("invite", space, addresses=(email,), facts={"projects": projects})


def _project_call(space: Space, project: str, body: Any) -> Call | SimulatedAnswer:
    if not isinstance(body, Mapping) or not body.keys() <= {"email", "role", "user_id"}:
        return _error("malformed")
    who = body.get("user_id", body.get("email"))
    if not isinstance(who, str) or body.get("role") not in {"member", "owner"}:
        return _error("malformed")
    return Call("account", space, reference=project, facts={"what": "project", "who": who, "role": body["role"]})


def _invite_row(person: Person, status: str, shapes: Shapes) -> dict[str, Any]:
    return {
        "object": "organization.invite",
        "id": person.id,
        "email": cased(person.email, shapes),
        "role": "reader",
        "status": 2 if "numeric-status" in shapes and status == "pending" else status,
        "created_at": int(person.at.timestamp()),
        "projects": [],
    }


def _user_row(person: Person, shapes: Shapes) -> dict[str, Any]:
    return {
        "object": "organization.user",
        "id": person.id,
        "email": cased(person.email, shapes),
        "name": person.name,
        "role": "owner" if person.role == OWNER_ROLE else "reader",
        "added_at": int(person.at.timestamp()),
        "is_scim_managed": False,
        "is_service_account": False,
        "is_default": False,
    }


def _event(event: Mapping[str, Any], number: int) -> dict[str, Any]:
    detail = {"id": event["id"], "data": {"email": event["email"], "role": "reader"}}
    return {
        "id": f"audit-{number}",
        "type": event["type"],
        "effective_at": int(event["at"].timestamp()),
        event["type"]: detail,
    }


def _list(rows: Sequence[dict[str, Any]], call: Call, shapes: Shapes) -> SimulatedAnswer:
    after = call.facts.get("after")
    place = next((number for number, row in enumerate(rows, 1) if row["id"] == after), 0)
    limit, page = cut_page(list(rows), replace(call, offset=place), shapes)
    more = bool(page) and page[-1]["id"] != rows[-1]["id"] and len(page) == limit
    ends = {"first_id": page[0]["id"] if page else None, "last_id": page[-1]["id"] if page else None}
    return SimulatedAnswer(200, {"object": "list", "data": filled(page, shapes), **ends, "has_more": more})
