"""One entry of the shop's interface: what it takes, what it answers, who may; the routes and the document are made of these."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bots.gateway.bodies import document_of
from bots.gateway.entrance import address_of, bearer_of, idempotency_key_of
from bots.gateway.problems import REUSED, Problem
from bots.gateway.standing import REFERENCE
from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from core.actors import Actor
from core.calls import bearers
from core.calls.bearers import Bearer
from core.errors import NotAllowed, NotFound, Refusal, RequestKeyReused, StillConfirming, TooMany
from core.notices import named_requests
from core.talk_errors import KeyUnknown

if TYPE_CHECKING:
    from core.service import Core

PUBLIC: Final = "web"
"""The platform of those who come without a key; they are known by where they come from, and by that only."""

AskedText: TypeAlias = Annotated[str, Field(min_length=1, max_length=320, pattern=r"^[^\x00]*$")]
Line: TypeAlias = Annotated[str, Field(max_length=320, pattern=r"^[^\x00]*$")]
"""One of several, which are answered one by one, also where there is nothing in it."""
AskedNumber: TypeAlias = Annotated[int, Field(ge=1, le=2**53)]


class Given(BaseModel):
    """What an operation takes. Fields that nobody knows are left alone."""

    model_config = ConfigDict(strict=True, extra="ignore")


class Nothing(Given):
    """Nothing is needed."""


class Told(BaseModel):
    """What an operation answers. Every field of the interface that existed before is there under its name."""

    success: bool = True


class Failed(BaseModel):
    """The same for everything that is refused: a sentence for people, and a word for programs."""

    success: bool = False
    error: str
    code: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. Without a key it is somebody at an address, and `bearer` is None."""

    core: Core
    actor: Actor
    bearer: Bearer | None
    address: str
    language: str
    request_key: str
    path: Mapping[str, str]

    def words(self, key: str, **facts: Any) -> str:
        """A text in the caller's language."""
        return words(Say(key, facts), self.look)

    @property
    def look(self) -> Look:
        """How texts come out."""
        return Look(self.language, "plain", 2000, self.core.settings.timezone, self.core.settings.money.unit)

    def number(self, name: str) -> int:
        """A number in the address. Raises: NotFound."""
        text = self.path[name]
        if not text.isascii() or not text.isdecimal() or len(text) > 15:
            raise NotFound(kind=name.removesuffix("_id"), name=text[:40])
        return int(text)


Do: TypeAlias = Callable[[Caller, Any], Awaitable[tuple[int, BaseModel] | BaseModel]]


@dataclass(frozen=True, slots=True)
class Operation:
    """`scope` is what a key needs; `public` is open without one where the settings say so.

    `body` and `query` are what it takes, `answer` what it says when all is well; `once`: with an Idempotency-Key it is
    done once, and the answer is kept (`redeem` sees to that by itself).
    """

    method: str
    path: str
    scope: str
    about: str
    do: Do
    answer: type[BaseModel]
    body: type[Given] | None = None
    query: type[Given] | None = None
    public: bool = False
    once: bool = False
    also: Mapping[int, type[BaseModel]] = field(default_factory=dict)


STATUSES: Final = (400, 401, 403, 404, 408, 409, 413, 415, 421, 422, 429, 500, 503)
"""What every operation may answer besides, as `Failed`."""


def handler_of(core: Core, operation: Operation) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler of an operation."""

    async def answer(request: web.Request) -> web.Response:
        caller = await _caller(core, request, operation)
        given = _given(operation.query, _asked(request)) if operation.query else Nothing()
        if operation.body is not None:
            given = _given(operation.body, await document_of(request) if request.can_read_body else {})
        status, body = await (_once if operation.once else _do)(caller, operation, given, request)
        return web.json_response(body, status=status)

    return answer


async def _do(caller: Caller, operation: Operation, given: Given, _: web.Request) -> tuple[int, Any]:
    done = await operation.do(caller, given)
    status, told = done if isinstance(done, tuple) else (200, done)
    return status, told.model_dump(mode="json")


async def _once(caller: Caller, operation: Operation, given: Given, request: web.Request) -> tuple[int, Any]:
    """With an Idempotency-Key: what was asked before is not done again. Raises: StillConfirming."""
    if "Idempotency-Key" not in request.headers:
        return await _do(caller, operation, given, request)
    core = caller.core
    content = f"{operation.method} {request.path} {given.model_dump_json()}"
    earlier = await named_requests.begin(core, caller.actor, caller.request_key, content)
    if earlier is not None:
        if earlier.answer is None:
            raise StillConfirming
        return earlier.answer["status"], earlier.answer["body"]
    try:
        status, body = await _do(caller, operation, given, request)
    except Refusal as refusal:
        problem = failed(refusal.key, refusal.facts, caller.look, core)
        await named_requests.finish(
            core, caller.request_key, content, {"status": problem.status, "body": problem.beside}
        )
        raise
    await named_requests.finish(core, caller.request_key, content, {"status": status, "body": body})
    return status, body


async def _caller(core: Core, request: web.Request, operation: Operation) -> Caller:
    """Who asks. Raises: Refusal."""
    address = address_of(core.settings.gateway, request)
    bearer: Bearer | None = None
    if "Authorization" in request.headers:
        bearer = await bearer_of(core, request, operation.scope)
        await bearers.claim_request(core, bearer)
        actor = bearer.acting(operation.scope)
    elif operation.public and core.settings.gateway.public_redeem:
        actor = visitor(core, address)
    else:
        raise KeyUnknown
    return Caller(
        core=core,
        actor=actor,
        bearer=bearer,
        address=address,
        language=language_of(core, request),
        request_key=_request_key(core, request, actor if bearer is None else bearer),
        path=dict(request.match_info),
    )


def visitor(core: Core, address: str) -> Actor:
    """Somebody without a key: counted by where they come from, which is stored as a digest only."""
    return Actor(PUBLIC, core.vault.digest(f"address:{address}").hex()[:40])


def language_of(core: Core, request: web.Request) -> str:
    """The language that the caller reads: the first of those it names that we speak, else the house's."""
    for part in request.headers.get("Accept-Language", "").split(","):
        name = part.partition(";")[0].strip().casefold()
        if name.startswith("zh"):
            return "zh-CN"
        if name.startswith("en"):
            return "en"
    return core.settings.language


def _request_key(core: Core, request: web.Request, whose: Actor | Bearer) -> str:
    given = idempotency_key_of(request)
    name = whose.key if isinstance(whose, Actor) else f"key:{whose.key_id}"
    if not given:
        return f"api:{request[REFERENCE]}"
    return f"api:{core.vault.digest(f'idempotency:{name}:{given}').hex()[:60]}"


def _asked(request: web.Request) -> dict[str, Any]:
    found = dict(request.query)
    for value in found.values():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise Problem(400, "", "invalid_value", "The address is not in UTF-8.") from None
    return found


def _given(kind: type[Given], given: Mapping[str, Any]) -> Given:
    try:
        return kind.model_validate(given)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Problem(400, "", "invalid_value", f"{where}: {first['msg']}", param=where) from None


_STATUS: Final[Mapping[str, int]] = {
    "key_unknown": 401,
    "key_revoked": 401,
    "suspended": 403,
    "banned": 403,
    "not_found": 404,
    "site_unknown": 404,
    "not_allowed": 403,
    "still_confirming": 409,
    "request_key_reused": 422,
    "busy": 503,
    "restored_wait": 503,
    "no_source": 503,
}


def failed(key: str, facts: Mapping[str, Any], look: Look, core: Core) -> Problem:
    """A refusal of the core in this interface's shape; the document stands in `beside`."""
    kind = _STATUS.get(key)
    headers: dict[str, str] = {}
    if (until := facts.get("until")) is not None and key in LIMITS:
        kind = 429
        headers["retry-after"] = str(max(1, math.ceil((until - core.now()).total_seconds())))
    said = words(Say(REUSED if key == RequestKeyReused.key else f"error-{key}", _facts(key, facts)), look)
    problem = Problem(kind or 400, "", key, said, headers=headers)
    problem.beside = Failed(error=" ".join(said.split()), code=key).model_dump()
    return problem


def _facts(key: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {**facts, "role": Say("role-anyone")} if key == NotAllowed.key else dict(facts)


LIMITS: Final = frozenset({TooMany.key, *(kind.key for kind in TooMany.__subclasses__())})
"""Refusals that time alone ends."""


def plain_json(value: Any) -> Any:
    """Facts as JSON has them."""
    if isinstance(value, dict):
        return {name: plain_json(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_json(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value
