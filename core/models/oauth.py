"""Who somebody is elsewhere, proved by OAuth 2: a visit with PKCE, one code for one token, one look at the person.

The token is used once and kept nowhere. Nothing is raised for what the provider or the network does.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urlencode, urlsplit, urlunsplit

from core.providers import http
from core.providers.http import HttpClient, HttpReply
from core.providers.listing import mapping
from core.providers.protocol import Failure, Unclear

_MAX_FACT: Final = 200
_MAX_FACTS: Final = 30

NotProvedReason: TypeAlias = Literal[
    "code",  # used, too old, or made for another visit
    "client",  # the provider does not know this client, or not with this secret
    "subject",  # it told of nobody
]


@dataclass(frozen=True, slots=True)
class Site:
    """One provider, as it is configured. `subject` is the field of the user info that names the person for good."""

    name: str
    client_id: str
    client_secret: str = field(repr=False)
    authorize: str
    token: str
    user_info: str
    scope: str = ""
    subject: str = "id"


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who was proved. `facts` are what the provider says of them: short texts, numbers and truth values."""

    subject: str
    facts: Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class NotProved:
    """The provider says no, and would say it again."""

    reason: NotProvedReason
    detail: str = ""


def make_verifier() -> str:
    """A secret of one visit (384 bits), to be kept until the visitor comes back."""
    return secrets.token_urlsafe(48)


def visit(site: Site, *, state: str, verifier: str, redirect_uri: str) -> str:
    """The address that a person opens to be asked whether they agree."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": site.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    } | ({"scope": site.scope} if site.scope else {})
    parts = urlsplit(site.authorize)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(asked))))))


async def identify(
    site: Site, client: HttpClient, *, code: str, verifier: str, redirect_uri: str
) -> Identity | NotProved | Failure:
    """Turn the code that a visitor came back with into who they are.

    After `Unclear` the code may be used up; it is never tried again, the person begins a new visit.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": site.client_id,
        "client_secret": site.client_secret,
        "code_verifier": verifier,
    }
    reply = await client.call("POST", site.token, form=form)
    if not isinstance(reply, HttpReply):
        return reply
    answer = mapping(reply.json)
    error = answer.get("error")
    if error == "invalid_grant":
        return NotProved("code", f"status {reply.status}")
    if error in {"invalid_client", "unauthorized_client", "incorrect_client_credentials"} or reply.status == 401:
        return NotProved("client", f"status {reply.status}")
    if not reply.ok or error is not None:  # some say 200 and then no
        return http.failure(reply) or NotProved("code", f"status {reply.status}")
    token = answer.get("access_token")
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        return Unclear("an answer without a token")
    return await _look(site, client, token)


async def _look(site: Site, client: HttpClient, token: str) -> Identity | NotProved | Failure:
    reply = await client.call("GET", site.user_info, headers={"Authorization": f"Bearer {token}"})
    if not isinstance(reply, HttpReply):
        return reply
    if not reply.ok:
        return http.failure(reply) or NotProved("subject", f"status {reply.status}")
    person = mapping(reply.json)
    subject = person.get(site.subject)
    if not _is_fact(subject) or isinstance(subject, bool) or subject == "":
        return NotProved("subject", "nobody was named")
    facts = {str(name): value for name, value in list(person.items())[:_MAX_FACTS] if _is_fact(value)}
    return Identity(str(subject), facts)


def _is_fact(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and len(value) <= _MAX_FACT and value.isprintable())
