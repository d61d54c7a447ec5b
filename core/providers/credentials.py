"""What an operator pastes, turned into what an adapter needs.

A reader never guesses: what cannot be used is `CredentialUnreadable` with a key that the chats and the
command line have a text for. The pasted text itself is never part of an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final
from urllib.parse import urlsplit

from core.errors import CredentialUnreadable
from core.providers import listing, private_places
from core.providers.credential_lists import SIGNS_IN, read_list
from core.providers.credential_spellings import canonical, claims_of, signs_in

MAX_LENGTH: Final = 64 * 1024


REASONS: Final = (
    "credential_not_json",
    "credential_unknown_provider",
    "credential_no_token",
    "credential_no_account",
    "credential_no_address",  # SCIM has no default server
    "credential_bad_address",  # not https, or not an address
    "credential_wrong_kind",  # a project key where an admin key is needed, a personal account, …
    "credential_bad_characters",
    SIGNS_IN,  # something that a person signs in with
)


@dataclass(frozen=True, slots=True)
class ParsedCredential:
    """One team's access. (`provider`, `external_id`) identifies the team; `credential` goes into the vault."""

    provider: str
    external_id: str
    name: str
    owner_address: str | None
    credential: Mapping[str, str] = field(repr=False)
    base_url: str | None = None
    expires_at: datetime | None = None


def load(source: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """The one credential in a pasted text, in the spelling that the readers know.

    Space, a byte order mark, code fences, trailing commas and a bare token are forgiven. Raises: CredentialUnreadable.
    """
    if not isinstance(source, Mapping):
        if len(source) > MAX_LENGTH:
            raise CredentialUnreadable(reason="credential_not_json")
        listed = [*islice(read_list(source), 2)]
        if len(listed) != 1:
            raise CredentialUnreadable(reason="credential_not_json")
        if listed[0].found is None:
            raise CredentialUnreadable(reason=listed[0].reason or "credential_not_json")
        source = listed[0].found
    if signs_in(source):
        raise CredentialUnreadable(reason=SIGNS_IN)
    return canonical(source)


def guess_provider(pasted: Mapping[str, Any]) -> str:
    """The provider named by the text itself, else by its shape."""
    named = pasted.get("provider")
    if isinstance(named, str):
        return named.strip().lower()
    if "accessToken" in pasted:
        return "chatgpt"
    if "admin_key" in pasted:
        return "openai_admin"
    raise CredentialUnreadable(reason="credential_unknown_provider")


def read_chatgpt(pasted: Mapping[str, Any]) -> ParsedCredential:
    """The session JSON of the web console: accessToken, user{id,email}, account{id,name?,…}, expires."""
    return _session(pasted, "chatgpt")


def read_sandbox(pasted: Mapping[str, Any]) -> ParsedCredential:
    """The same shape, from `usher sandbox`."""
    return _session(pasted, "sandbox")


def _session(pasted: Mapping[str, Any], provider: str) -> ParsedCredential:
    token = _secret(pasted.get("accessToken"))
    account, user = _object(pasted.get("account")), _object(pasted.get("user"))
    external_id = _plain(account.get("id"))
    if external_id is None:
        raise CredentialUnreadable(reason="credential_no_account")
    if str(account.get("planType") or account.get("plan_type") or "team").lower() in {"free", "plus", "pro", "go"}:
        raise CredentialUnreadable(reason="credential_wrong_kind")  # one person's own account has no seats
    owner = listing.address(user.get("email"))
    expiries = [moment for moment in (listing.moment(pasted.get("expires")), _token_expiry(token)) if moment]
    return ParsedCredential(
        provider=provider,
        external_id=external_id,
        name=_plain(account.get("name")) or _plain(pasted.get("name")) or (owner or external_id),
        owner_address=owner,
        credential={"access_token": token},
        base_url=_base_url(pasted),
        expires_at=min(expiries, default=None),
    )


def read_openai_admin(pasted: Mapping[str, Any]) -> ParsedCredential:
    """`{"provider":"openai_admin","admin_key":…,"organization"?,"name"?,"projects"?,"base_url"?}`.

    Without `organization` the team is named after its key, and a new key makes a new team.
    """
    key = _secret(pasted.get("admin_key"))
    if key.startswith("sk-") and not key.startswith("sk-admin-"):
        raise CredentialUnreadable(reason="credential_wrong_kind")
    organization = _plain(pasted.get("organization"))
    fingerprint = hashlib.sha256(key.encode()).hexdigest()[:12]
    credential = {"admin_key": key}
    projects = pasted.get("projects")
    if isinstance(projects, list):
        credential["projects"] = ",".join(name for entry in projects if (name := _plain(entry)))
    return ParsedCredential(
        provider="openai_admin",
        external_id=organization or f"key-{fingerprint}",
        name=_plain(pasted.get("name")) or organization or f"Organization {fingerprint[:6]}",
        owner_address=None,
        credential=credential,
        base_url=_base_url(pasted),
    )


def read_scim(pasted: Mapping[str, Any]) -> ParsedCredential:
    """`{"provider":"scim","token":…,"base_url":…,"name"?,"group"?}`: the team is the server and its licence group."""
    token = _secret(pasted.get("token"))
    base_url = _base_url(pasted)
    if base_url is None:
        raise CredentialUnreadable(reason="credential_no_address")
    parts = urlsplit(base_url)
    where = f"{parts.netloc}{parts.path}".rstrip("/")
    group = _plain(pasted.get("group"))
    credential = {"token": token}
    if group:
        credential["group"] = group
    return ParsedCredential(
        provider="scim",
        external_id=f"{where}#{group}" if group else where,
        name=_plain(pasted.get("name")) or where,
        owner_address=None,
        credential=credential,
        base_url=base_url,
    )


def _secret(value: Any) -> str:
    token = value.strip().removeprefix("Bearer ").strip() if isinstance(value, str) else ""
    if not token:
        raise CredentialUnreadable(reason="credential_no_token")
    if not token.isascii() or not token.isprintable() or " " in token:
        # It would break the header that carries it, or smuggle in another one.
        raise CredentialUnreadable(reason="credential_bad_characters")
    return token


def _plain(value: Any) -> str | None:
    """A short printable text, else None."""
    if not isinstance(value, str) or not (cleaned := value.strip()):
        return None
    if len(cleaned) > 200 or not cleaned.isprintable():
        raise CredentialUnreadable(reason="credential_bad_characters")
    return cleaned


def _base_url(pasted: Mapping[str, Any]) -> str | None:
    value = pasted.get("base_url")
    if value is None or value == "":
        return None
    if not isinstance(value, str) or private_places.refuse_address(value.strip()) is not None:
        raise CredentialUnreadable(reason="credential_bad_address")
    return value.strip().rstrip("/")


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _token_expiry(token: str) -> datetime | None:
    """`exp` of a JSON web token. Read for the warning before it ends, never trusted for anything else."""
    return listing.moment(claims_of(token).get("exp"))
