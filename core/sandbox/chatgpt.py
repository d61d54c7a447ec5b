"""The sandbox's side of the chatgpt protocol: paths, shapes and texts as `chatgpt` workspaces show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    total_of,
    visible,
    whole,
)
from core.sandbox.faults import CallKind
from core.sandbox.state import MEMBER_ROLE, Person, Space, World

PREFIX: Final = "/backend-api"
_WHEN: Final = "2026-01-01T00:00:00+00:00"

_TEXTS: Final[Mapping[str, tuple[int, Any]]] = {
    "credential": (401, {"error": {"code": "token_expired", "message": "The token has expired."}}),
    "revoked": (401, {"error": {"code": "token_invalidated", "message": "The token was invalidated."}}),
    "forbidden": (403, {"detail": "Not allowed for this role."}),
    "gone": (404, {"error": {"code": "account_not_found", "message": "No such account."}}),
    "absent": (404, {"detail": "Not found."}),
    "member": (409, {"detail": "This user is already in workspace."}),
    "full": (422, {"detail": "You have reached the maximum number of seats."}),
    "address": (
        422,
        {"detail": [{"loc": ["body", "email_addresses", 0], "msg": "value is not a valid email address"}]},
    ),
    "pause": (429, {"detail": "Too many requests."}),
    "broken": (500, {"detail": "Internal error."}),
    "malformed": (422, {"detail": "The request does not fit."}),
    "true_up": (401, {"detail": {"code": TRUE_UP, "message": "A seat has to be bought first."}}),
    "true_up_400": (400, {"error": {"code": TRUE_UP, "message": "1 additional seat needed"}}),
    "delinquent": (401, {"error": {"code": DELINQUENT, "message": "The subscription is not paid."}}),
    "conflict": (409, {"detail": "Conflict."}),
}
_ERRORED: Final[Mapping[str, str]] = {
    "full": "No seats available.",
    "member": "User is already in workspace.",
    "address": "Invalid email address.",
}


class ChatGPTDialect:
    """Reads requests under `/backend-api` and words the answers."""

    def __init__(self, world: World) -> None:
        self._world = world

    def session(self, space: Space, root: str) -> dict[str, Any]:
        """The session that the workspace's operator would paste."""
        owner = space.owner
        return {
            "user": {"id": owner.id, "name": owner.name, "email": owner.email},
            "expires": self._world.expiry().isoformat(),
            "account": {"id": space.id, "name": space.name, "planType": "team", "structure": "workspace"},
            "accessToken": space.token,
            "authProvider": "sandbox",
            "base_url": root + PREFIX,
        }

    def read(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: Any
    ) -> Call | SimulatedAnswer:
        """The call that a request stands for, or at once the answer where it stands for none."""
        parts = path.removeprefix(PREFIX).strip("/").split("/")
        if parts[:2] == ["accounts", "check"]:
            space = self._by_token(headers)
            return self._answer("revoked") if space is None else Call("account", space)
        name = query.get("account_id", "") if parts == ["subscriptions"] else parts[1] if len(parts) > 1 else ""
        space = self._world.spaces.get(name)
        if space is None:
            return self._answer("gone")
        if self._by_token(headers) is not space or headers.get("chatgpt-account-id", space.id) != space.id:
            return self._answer("revoked")
        if parts == ["subscriptions"] and method == "GET":
            return Call("seats", space)
        if len(parts) < 3 or parts[0] != "accounts":
            return self._answer("absent")
        return self._member_call(method, parts[2:], space, query, body if isinstance(body, Mapping) else {})

    def _member_call(
        self, method: str, rest: Sequence[str], space: Space, query: Mapping[str, str], body: Mapping[str, Any]
    ) -> Call | SimulatedAnswer:
        match method, *rest:
            case "GET", "invites":
                return _listing("pending", space, query)
            case "GET", "users":
                return _listing("members", space, query)
            case "POST", "invites":
                addresses = body.get("email_addresses")
                if not isinstance(addresses, list) or not addresses or not all(isinstance(a, str) for a in addresses):
                    return self._answer("malformed")
                return Call("invite", space, addresses=tuple(addresses))
            case "DELETE", "invites":
                return Call("cancel", space, reference=str(body.get("email_address", "")))
            case "DELETE", "users", reference:
                return Call("remove", space, reference=reference)
        return self._answer("absent")

    def _by_token(self, headers: Mapping[str, str]) -> Space | None:
        return self._world.by_token.get(headers.get("Authorization", "").removeprefix("Bearer "))

    def do(self, call: Call, shapes: Shapes) -> SimulatedAnswer:
        """Carry out the call."""
        match call.kind:
            case "invite":
                return self._invite(call, shapes)
            case "pending":
                return self._pending(call, shapes)
            case "members":
                return self._members(call, shapes)
            case "cancel":
                found = self._world.cancel(call.space, call.reference)
                return SimulatedAnswer(200, {}) if found else self._answer("absent")
            case "remove":
                return self._remove(call)
            case "seats":
                return self._seats(call.space, shapes)
            case "account":
                return self._account(call.space)

    def refuse(self, problem: WriteProblem) -> SimulatedAnswer:
        """This protocol's answer to a problem that exists in every protocol."""
        return self._answer(problem)

    def drop(self, call: Call, how: str) -> SimulatedAnswer:
        """A 200 that invites nobody: without a word, or with the last address named in one of the shapes seen in the
        wild.
        """
        *good, bad = call.addresses or ("",)
        if how == "empty-invites":
            return SimulatedAnswer(200, {"account_invites": [], "errored_emails": []})
        invites = []
        for email in good:
            _, person = self._world.invite(call.space, email)
            if person is not None:
                invites.append({"id": person.id, "email_address": person.email})
        self._world.record(call.space, bad, applied=False)
        shapes = {
            "partial-batch": [{"email": bad, "error": "Unable to invite."}],
            "errored-objects": [{"email_address": bad, "error_code": "invalid_email"}],
            "errored-strings": [bad],
        }
        known = {"already_member_emails": [bad]} if how == "already-emails" else {}
        return SimulatedAnswer(200, {"account_invites": invites, "errored_emails": shapes.get(how, []), **known})

    def _invite(self, call: Call, shapes: Shapes) -> SimulatedAnswer:
        fewer = int("smaller-capacity" in shapes)
        invited, errored = [], []
        for email in call.addresses:
            result, person = self._world.invite(call.space, email, fewer=fewer)
            if result in {"created", "existing"} and person is not None:
                invited.append({"id": person.id, "email_address": cased(person.email, shapes)})
            elif len(call.addresses) == 1:
                return self._answer("member" if result == "member" else "full" if result == "full" else "address")
            else:
                errored.append({"email": email, "error": _ERRORED[result]})
        return SimulatedAnswer(200, {"account_invites": invited, "errored_emails": errored})

    def _pending(self, call: Call, shapes: Shapes) -> SimulatedAnswer:
        rows = [_invite_row(person, shapes) for person in visible(call.space.invites.values(), shapes, self._world)]
        if "numeric-status" in shapes:
            rows = [{**row, "status": 2} for row in rows]
            rows += [{**_invite_row(person, shapes), "status": "accepted"} for person in call.space.accepted]
        if "join-request" in shapes:
            asking = {"id": "request-1", "email_address": f"asking.{call.space.id}@elsewhere.example.com"}
            rows.append({**asking, "role": "standard-user", "status": "requested", "created_time": _WHEN})
        return _list(rows, call, shapes)

    def _members(self, call: Call, shapes: Shapes) -> SimulatedAnswer:
        if "empty-members" in shapes:
            return _list([], call, shapes)
        if "foreign-member" in shapes:
            self._world.add_foreigner(call.space)
        people = call.space.stale_members() if "stale-members" in shapes else tuple(call.space.members.values())
        rows = [_member_row(person, call.space, shapes) for person in people]
        if "seat-types" in shapes:
            rows = [{**row, "seat_type": "default"} for row in rows]
            rows.append({**_outsider("metered", call.space), "seat_type": "usage_based"})
        if "null-email" in shapes:
            rows.append({**_outsider("nameless", call.space), "email": None, "name": None})
        if "deactivated-member" in shapes:
            rows.append({**_outsider("inactive", call.space), "deactivated_time": _WHEN})
        return _list(rows, call, shapes)

    def _remove(self, call: Call) -> SimulatedAnswer:
        person = next((one for one in call.space.members.values() if one.id == call.reference), None)
        if person is None:
            return self._answer("absent")
        if person is call.space.owner:
            return self._answer("forbidden")
        self._world.leave(call.space, person)
        return SimulatedAnswer(204, None)

    def _seats(self, space: Space, shapes: Shapes) -> SimulatedAnswer:
        counts: dict[str, Any] = {
            "plan_type": "team",
            "seats_in_use": space.taken,
            "seats_entitled": max(space.seats - int("smaller-capacity" in shapes), 1),
            "active_start": space.owner.at.isoformat(),
            "active_until": self._world.expiry().isoformat(),
            "will_renew": True,
            "is_delinquent": False,
        }
        if "null-email" in shapes:
            counts["seats_in_use"] = space.taken + 1
        if "seat-types" in shapes:
            # As seen: the plain counts know nothing of who takes no bought seat.
            held, paid = space.taken, counts["seats_entitled"]
            counts["seats_in_use"] = held + 71
            counts["assigned"] = held + 71
            counts["seat_capacity"] = [
                {"type": "usage_based", "paid": 0, "held": 71, "available": None},
                {"type": "default", "paid": paid, "held": held, "available": max(paid - held, 0)},
                {"type": "prolite", "paid": 0, "held": 0, "available": 0},
            ]
        if "no-pending-count" not in shapes:
            counts["pending_invites"] = len(space.invites)
        return SimulatedAnswer(200, counts)

    def _account(self, space: Space) -> SimulatedAnswer:
        shown = {
            "account": {"account_id": space.id, "name": space.name, "plan_type": "team"},
            "entitlement": {"expires_at": self._world.expiry().isoformat(), "has_active_subscription": True},
        }
        own = {"account": {"name": None, "plan_type": "free"}, "entitlement": {"has_active_subscription": False}}
        return SimulatedAnswer(200, {"accounts": {"default": own, space.id: shown}, "account_ordering": [space.id]})

    @staticmethod
    def _answer(what: str) -> SimulatedAnswer:
        status, body = _TEXTS[what]
        return SimulatedAnswer(status, body)


def _member_row(person: Person, space: Space, shapes: Shapes) -> dict[str, Any]:
    return {
        "id": person.id,
        "account_user_id": f"{person.id}__{space.id}",
        "email": cased(person.email, shapes),
        "role": person.role,
        "name": person.name,
        "created_time": person.at.isoformat(),
        "is_scim_managed": False,
    }


def _outsider(name: str, space: Space) -> dict[str, Any]:
    """Somebody who appears only because of a fault."""
    person = Person(f"user-{name}", f"{name}.{space.id}@elsewhere.example.com", MEMBER_ROLE, space.owner.at, name)
    return _member_row(person, space, {})


def _invite_row(person: Person, shapes: Shapes) -> dict[str, Any]:
    return {
        "id": person.id,
        "email_address": cased(person.email, shapes),
        "role": person.role,
        "created_time": person.at.isoformat(),
        "is_scim_managed": False,
    }


def _list(rows: list[dict[str, Any]], call: Call, shapes: Shapes) -> SimulatedAnswer:
    limit, page = cut_page(rows, call, shapes)
    total = total_of(rows, page, shapes)
    return SimulatedAnswer(200, {"items": filled(page, shapes), "total": total, "limit": limit, "offset": call.offset})


def _listing(kind: CallKind, space: Space, query: Mapping[str, str]) -> Call:
    offset = whole(query, "offset", 0)
    return Call(kind, space, offset=offset, limit=whole(query, "limit", 25), later=offset > 0)
