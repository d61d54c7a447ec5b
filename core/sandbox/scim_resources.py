"""What the sandbox's SCIM face shows: users, the licence group, its configuration, and errors in words of RFC 7644."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.sandbox.dialect import DELINQUENT, TRUE_UP, Shapes, SimulatedAnswer, cased
from core.sandbox.state import OWNER_ROLE, Person, Space

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
    "immutable": (400, "mutability", "This attribute is not changed here."),
    "method": (405, None, "This is not done here."),
}


def scim_id(person: Person) -> str:
    """An id derived from the address: one person keeps one id, invited, joined or out."""
    return hashlib.sha256(person.email.lower().encode()).hexdigest()[:16]


def by_scim_id(space: Space, reference: str) -> Person | None:
    """Whoever has this id, with a seat or without."""
    everyone: Sequence[Mapping[str, Person]] = (space.members, space.invites, space.directory)
    return next((one for people in everyone for one in people.values() if scim_id(one) == reference), None)


def status_of(space: Space, person: Person) -> str:
    """Somebody's status as the product's extension states it."""
    key = person.email.lower()
    return "joined" if key in space.members else "invited" if key in space.invites else "none"


def version_of(space: Space, person: Person) -> str:
    """Changes whenever the seat does."""
    return f'W/"{status_of(space, person)}-{int(person.active)}"'


def user_of(space: Space, person: Person, shapes: Shapes) -> dict[str, Any]:
    """A person as a user resource."""
    email = cased(person.email, shapes)
    return {
        "schemas": [USER, EXTENSION],
        "id": scim_id(person),
        "userName": email,
        **({"displayName": person.name} if person.name else {}),
        **({"externalId": person.external_id} if person.external_id else {}),
        "active": person.active,
        "emails": [{"value": email, "type": "work", "primary": True}] if "@" in email else [],
        "roles": [{"value": person.role, "primary": True}],
        EXTENSION: {"status": status_of(space, person)},
        "meta": {
            "resourceType": "User",
            "created": person.at.isoformat(),
            "lastModified": person.at.isoformat(),
            "version": version_of(space, person),
            "location": f"{PREFIX}/{space.id}/v2/Users/{scim_id(person)}",
        },
    }


def outsiders(space: Space, shapes: Shapes) -> list[dict[str, Any]]:
    """People who appear only because of a fault."""
    made = []
    if "null-email" in shapes:
        nameless = Person("user-nameless", f"nameless.{space.id}", OWNER_ROLE, space.owner.at)
        made.append({**user_of(space, nameless, {}), "userName": "E-4711", "emails": None, "roles": []})
    if "deactivated-member" in shapes:
        email = f"inactive.{space.id}@elsewhere.example.com"
        made.append(user_of(space, Person("user-inactive", email, OWNER_ROLE, space.owner.at, active=False), {}))
    return made


def group_of(space: Space, *, hidden: bool = False) -> dict[str, Any]:
    """The licence group, whose members some products keep `hidden`."""
    seated = [*space.members.values(), *space.invites.values()]
    return {
        "schemas": [GROUP],
        "id": GROUP_ID,
        "displayName": GROUP_NAME,
        "members": [] if hidden else [{"value": scim_id(person), "display": person.email} for person in seated],
        "meta": {"resourceType": "Group", "location": f"{PREFIX}/{space.id}/v2/Groups/{GROUP_ID}"},
    }


def configuration(*, cursor: bool) -> dict[str, Any]:
    """What is supported here."""
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


def made(status: int, user: dict[str, Any]) -> SimulatedAnswer:
    """A user that was created or changed, with its location and version."""
    meta = user["meta"]
    return SimulatedAnswer(status, user, {"Location": meta["location"], "ETag": meta["version"]}, MEDIA)


def error(what: str) -> SimulatedAnswer:
    """One of this protocol's errors."""
    status, kind, detail = _TEXTS[what]
    body: dict[str, Any] = {"schemas": [ERROR], "status": str(status), "detail": detail}
    return SimulatedAnswer(status, {**body, "scimType": kind} if kind else body, media=MEDIA)
