"""A simulated OAuth 2 provider: a page that agrees at once, tokens for codes with PKCE, and who the person is.

It is as strict as a provider may be: a code works once, within a minute, and only for the client, the redirect address
and the verifier that it was made for.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiohttp import web

from core.clock import Clock
from core.sandbox import wire
from core.sandbox.chat_faults import Armed, ChatFaultKind
from core.sandbox.dialect import SimulatedAnswer
from core.sandbox.faults import FaultUnknown

CLIENT_ID: Final = "sandbox-client"
CLIENT_SECRET: Final = "sandbox-secret"  # noqa: S105 - of the simulated provider, known to everybody
CODE_SECONDS: Final = 60.0
_AUTHORIZE: Final = "/oauth2/authorize"
_TOKEN: Final = "/oauth2/token"  # noqa: S105 - a path
_USER: Final = "/api/user"

_EVENT: Final = ChatFaultKind("shape")
OAUTH_FAULTS: Final[Mapping[str, ChatFaultKind]] = {
    "state-replay": _EVENT,  # the browser comes back with the state of an earlier visit
    "code-replay": _EVENT,  # … or with a code that was used before
    "slow-token": ChatFaultKind("shape", measure="number of milliseconds"),
    "silenced": _EVENT,
    "other-subject": _EVENT,  # the token belongs to somebody else
    "500": _EVENT,
    "html-200": _EVENT,
    "reset": _EVENT,
}


@dataclass(slots=True)
class _Grant:
    redirect_uri: str
    challenge: str
    at: datetime
    used: bool = False


class OAuthProvider:
    """Signs in everybody as `person`. `latency` is in seconds."""

    def __init__(self, clock: Clock, latency: float, seed: int) -> None:
        self.faults = Armed(OAUTH_FAULTS, "oauth", seed)
        self._clock = clock
        self._latency = latency
        self.reset()

    def reset(self) -> None:
        """Start over: nobody has been here."""
        self.person: dict[str, Any] = {
            "id": 1001,
            "username": "anna",
            "name": "Anna",
            "active": True,
            "trust_level": 2,
            "silenced": False,
        }
        self._grants: dict[str, _Grant] = {}
        self._tokens: dict[str, dict[str, Any]] = {}
        self._states: list[str] = []
        self._numbers = count(1)

    def settings(self, root: str) -> dict[str, str]:
        """The settings that a client needs."""
        return {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "authorize": root + _AUTHORIZE,
            "token": root + _TOKEN,
            "user_info": root + _USER,
        }

    def become(self, facts: Mapping[str, Any]) -> None:
        """Choose whom it signs in. Raises: FaultUnknown for a fact that people do not have."""
        if unknown := facts.keys() - self.person.keys():
            raise FaultUnknown(f"a person has no {min(unknown)!r}")
        self.person = {**self.person, **facts}

    def speaks(self, path: str) -> bool:
        """Whether a path belongs to this provider."""
        return path in {_AUTHORIZE, _TOKEN, _USER}

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        await asyncio.sleep(self._latency)
        asking = request.path != _AUTHORIZE
        struck = self.faults.draw(None, calling=True)
        if asking and "reset" in struck:
            return wire.reset(request)
        if asking and "html-200" in struck:
            return wire.page(200)
        if asking and "500" in struck:
            return wire.response(_error(500, "server_error"))
        if request.path == _AUTHORIZE:
            return self._authorize(request, struck)
        if request.path == _USER:
            return wire.response(self._user(request, struck))
        await asyncio.sleep(struck.get("slow-token", 0.0) / 1000)
        fields = dict(parse_qsl((await request.read()).decode(errors="replace")))
        return wire.response(self._token(request.method, fields))

    def _authorize(self, request: web.BaseRequest, struck: Mapping[str, float]) -> web.Response:
        asked = request.query
        wanted = (asked.get("client_id"), asked.get("response_type"), asked.get("code_challenge_method"))
        back, challenge, state = asked.get("redirect_uri", ""), asked.get("code_challenge", ""), asked.get("state", "")
        if wanted != (CLIENT_ID, "code", "S256") or not challenge or not state or not urlsplit(back).netloc:
            return wire.response(_error(400, "invalid_request"))
        self._states.append(state)
        if "state-replay" in struck:
            state = self._states[0] if len(self._states) > 1 else "somebody-elses"
        code = f"code-{next(self._numbers)}"
        self._grants[code] = _Grant(back, challenge, self._clock.now(), used="code-replay" in struck)
        joint = "&" if urlsplit(back).query else "?"
        address = f"{back}{joint}{urlencode({'code': code, 'state': state})}"
        return web.Response(status=302, headers={"Location": address})

    def _token(self, method: str, fields: Mapping[str, str]) -> SimulatedAnswer:
        if method != "POST" or fields.get("grant_type") != "authorization_code":
            return _error(400, "unsupported_grant_type")
        if (fields.get("client_id"), fields.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _error(401, "invalid_client")
        grant = self._grants.get(fields.get("code", ""))
        proof = base64.urlsafe_b64encode(hashlib.sha256(fields.get("code_verifier", "").encode()).digest())
        if (
            grant is None
            or grant.used
            or (self._clock.now() - grant.at).total_seconds() > CODE_SECONDS
            or grant.redirect_uri != fields.get("redirect_uri")
            or grant.challenge != proof.rstrip(b"=").decode()
        ):
            return _error(400, "invalid_grant")
        grant.used = True
        token = f"token-{next(self._numbers)}"
        self._tokens[token] = dict(self.person)
        return SimulatedAnswer(200, {"access_token": token, "token_type": "bearer", "expires_in": 3600})

    def _user(self, request: web.BaseRequest, struck: Mapping[str, float]) -> SimulatedAnswer:
        person = self._tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if person is None:
            return _error(401, "invalid_token")
        if "silenced" in struck:
            person = {**person, "silenced": True}
        if "other-subject" in struck:
            person = {**person, "id": person["id"] + 1, "username": "somebody"}
        return SimulatedAnswer(200, person)


def _error(status: int, code: str) -> SimulatedAnswer:
    return SimulatedAnswer(status, {"error": code, "error_description": "The sandbox refuses."})
