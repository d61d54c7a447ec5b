"""The sandbox's own interface under `/_sandbox/`, for scripts and tests: look, set faults, move people."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from aiohttp import web

from core.sandbox import wire
from core.sandbox.chat_accounts import LIMITS
from core.sandbox.dialect import SimulatedAnswer
from core.sandbox.faults import FaultUnknown
from core.sandbox.state import MEMBER_ROLE, Space
from core.sandbox.upstream import SimulatedUpstream

_Action: TypeAlias = Callable[[SimulatedUpstream, Mapping[str, Any]], SimulatedAnswer]


class _BadRequest(ValueError):
    pass


async def handle(sandbox: SimulatedUpstream, request: web.BaseRequest) -> web.Response:
    """Answer one control call: 200, 400 with the reason, or 404."""
    action = ACTIONS.get((request.method, request.path.removeprefix("/_sandbox/")))
    if action is None:
        return wire.response(SimulatedAnswer(404, {"error": "no such control"}))
    try:
        body = json.loads(await request.read() or b"{}")
        if isinstance(body, list):
            body = {"faults": body}
        if not isinstance(body, dict):
            raise _BadRequest("the body must be an object")
        return wire.response(action(sandbox, body))
    except (ValueError, RecursionError) as wrong:  # FaultUnknown, _BadRequest and unreadable JSON alike
        return wire.response(SimulatedAnswer(400, {"error": str(wrong)}))


def _ledger(sandbox: SimulatedUpstream, body: Mapping[str, Any]) -> SimulatedAnswer:  # noqa: ARG001 - every action has one signature
    return SimulatedAnswer(200, sandbox.ledger())


def _sessions(sandbox: SimulatedUpstream, body: Mapping[str, Any]) -> SimulatedAnswer:
    return SimulatedAnswer(200, {"sessions": sandbox.sessions(str(body.get("provider", "chatgpt")))})


def _bill(sandbox: SimulatedUpstream, body: Mapping[str, Any]) -> SimulatedAnswer:  # noqa: ARG001 - every action has one signature
    return SimulatedAnswer(200, sandbox.bill())


def _sources(sandbox: SimulatedUpstream, body: Mapping[str, Any]) -> SimulatedAnswer:  # noqa: ARG001 - every action has one signature
    return SimulatedAnswer(200, {"sources": sandbox.sources()})


def _subaccounts(sandbox: SimulatedUpstream, body: Mapping[str, Any]) -> SimulatedAnswer:  # noqa: ARG001 - every action has one signature
    return SimulatedAnswer(
        200, sandbox.subaccounts.statement() | {"parents": sandbox.subaccounts.parents(sandbox.root)}
    )


def _oauth(sandbox: SimulatedUpstream, body: Mapping[str, Any]) -> SimulatedAnswer:  # noqa: ARG001 - every action has one signature
    return SimulatedAnswer(200, {"settings": sandbox.oauth.settings(sandbox.root), "person": sandbox.oauth.person})


def _become(sandbox: SimulatedUpstream, body: Mapping[str, Any]) -> SimulatedAnswer:
    """Choose the person whom the OAuth provider signs in next: `id`, `username`, `trust_level`, `silenced`."""
    sandbox.oauth.become(body)
    return SimulatedAnswer(200, {"person": sandbox.oauth.person})


def _limit(sandbox: SimulatedUpstream, body: Mapping[str, Any]) -> SimulatedAnswer:
    """Set what an account, or all of a group, may use: `rpm`, `tpm`, `quota` (tokens), `quota_seconds`, `used`."""
    sandbox.models.house.limit(
        {name: body[name] for name in LIMITS if name in body}, account=body.get("account"), group=body.get("group")
    )
    return SimulatedAnswer(200, {"limited": True})


def _faults(sandbox: SimulatedUpstream, body: Mapping[str, Any]) -> SimulatedAnswer:
    faults = body.get("faults", body.get("fault"))
    if isinstance(faults, str):
        faults = [faults]
    if not isinstance(faults, list) or not all(isinstance(text, str) for text in faults):
        raise FaultUnknown('the body must be {"faults": ["NAME=COUNT", …]}')
    sandbox.set_faults(faults, body.get("workspace"), body.get("account"))
    return _known_faults(sandbox, body)


def _known_faults(sandbox: SimulatedUpstream, body: Mapping[str, Any]) -> SimulatedAnswer:  # noqa: ARG001 - every action has one signature
    return SimulatedAnswer(200, {"faults": sandbox.described_faults()})


def _accept(sandbox: SimulatedUpstream, body: Mapping[str, Any]) -> SimulatedAnswer:
    joined = sandbox.accept(_email(body), body.get("workspace"))
    return (
        SimulatedAnswer(200, {"joined": joined})
        if joined
        else SimulatedAnswer(404, {"error": "no pending invite", "joined": []})
    )


def _join(sandbox: SimulatedUpstream, body: Mapping[str, Any]) -> SimulatedAnswer:
    person = sandbox.world.join(_space(sandbox, body), _email(body), str(body.get("role", MEMBER_ROLE)))
    return SimulatedAnswer(200, {"id": person.id})


def _leave(sandbox: SimulatedUpstream, body: Mapping[str, Any]) -> SimulatedAnswer:
    email = _email(body).lower()
    spaces = [_space(sandbox, body)] if "workspace" in body else list(sandbox.world.spaces.values())
    left = []
    for space in spaces:
        person = space.members.get(email)
        if person is not None:
            sandbox.world.leave(space, person)
            left.append(space.id)
    return (
        SimulatedAnswer(200, {"left": left}) if left else SimulatedAnswer(404, {"error": "no such member", "left": []})
    )


def _revoke(sandbox: SimulatedUpstream, body: Mapping[str, Any]) -> SimulatedAnswer:
    """End a credential; with `"renew": true` the answer holds the sessions that work from now on."""
    space, renew = _space(sandbox, body), body.get("renew") is True
    sandbox.world.revoke(space, renew=renew)
    provider = str(body.get("provider", "chatgpt"))
    index = list(sandbox.world.spaces).index(space.id)
    return SimulatedAnswer(200, {"session": sandbox.sessions(provider)[index] if renew else None})


def _reset(sandbox: SimulatedUpstream, body: Mapping[str, Any]) -> SimulatedAnswer:  # noqa: ARG001 - every action has one signature
    sandbox.reset()
    return SimulatedAnswer(200, {"reset": True})


def _email(body: Mapping[str, Any]) -> str:
    email = body.get("email")
    if not isinstance(email, str) or "@" not in email:
        raise _BadRequest('"email" is missing')
    return email.strip()


def _space(sandbox: SimulatedUpstream, body: Mapping[str, Any]) -> Space:
    space = sandbox.world.spaces.get(str(body.get("workspace")))
    if space is None:
        raise _BadRequest('"workspace" is missing or unknown')
    return space


ACTIONS: Final[Mapping[tuple[str, str], _Action]] = {
    ("GET", "ledger"): _ledger,
    ("GET", "sessions"): _sessions,
    ("GET", "bill"): _bill,
    ("GET", "sources"): _sources,
    ("POST", "limits"): _limit,
    ("GET", "subaccounts"): _subaccounts,
    ("GET", "oauth"): _oauth,
    ("POST", "oauth"): _become,
    ("GET", "faults"): _known_faults,
    ("POST", "faults"): _faults,
    ("POST", "accept"): _accept,
    ("POST", "join"): _join,
    ("POST", "leave"): _leave,
    ("POST", "revoke"): _revoke,
    ("POST", "reset"): _reset,
}
