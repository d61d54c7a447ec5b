"""One pasted credential, in whatever spelling, as the one shape that the readers of `credentials` know.

Operators keep what a console, a program or a colleague gave them: `access_token` or `accessToken`, an account beside
the token or inside it, flat or nested. What a person signs in with is never taken.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_AUTH: Final = "https://api.openai.com/auth"
_PROFILE: Final = "https://api.openai.com/profile"
_MOST_DEEP: Final = 4
ADMIN_KEY: Final = re.compile(r"sk-admin-[\w-]{3,}")
WEB_TOKEN: Final = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")

_TOKEN: Final = ("accesstoken", "workspacetoken", "authtoken", "bearertoken", "jwt", "token", "at", "bearer")
_ACCOUNT: Final = (
    "accountid",
    "chatgptaccountid",
    "workspaceid",
    "teamid",
    "teamaccountid",
    "spaceid",
    "account",
    "workspace",
)
_ADDRESS: Final = ("email", "mail", "emailaddress", "useremail", "owneremail", "accountemail", "owner", "邮箱")
_NAME: Final = ("name", "teamname", "workspacename", "accountname", "title", "label", "名称")
_PLAN: Final = ("plantype", "plan", "chatgptplantype")
_EXPIRY: Final = ("expires", "expiresat", "expiry", "expired", "expireson", "tokenexpiresat", "exp")
_KEY: Final = ("adminkey", "adminapikey", "openaiadminkey", "apikey", "key")
_SEATS: Final = ("seats", "capacity", "seatcount", "maxseats", "maxmembers", "seatsentitled", "席位", "席位数")
_SIGNING_IN: Final = re.compile(
    r"(?:passw(?:or)?d|passwor[dt]|kennwort|passphrase|passcode|contraseña|motdepasse|пароль|密码|密碼|口令|パスワード|비밀번호"
    r"|(?:^|mail|login|user|account|web)(?:pass|pwd|pw|psw)|pwd)\d*(?:hash|plain|text)?$"
    r"|^(?:mfa|otp|totp|2fa|twofa|twofactor)(?:secret|key|seed|code|token|ur[il])?s?$|^otpauth|authenticator$"
    r"|(?:recovery|backup)codes?$|securityanswer|cookies?$"
)
"""Names, without case and punctuation, under which people keep what they sign in with."""


def plain_key(name: Any) -> str:
    """A field's name without case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", str(name)).casefold()


def signs_in(pasted: Any, depth: int = _MOST_DEEP) -> bool:
    """Whether something holds a password or anything else that a person signs in with."""
    if isinstance(pasted, Mapping):
        return any(
            # A mere yes or no, as in `"mfa": true`, lets nobody in.
            (bool(value) and value is not True and _SIGNING_IN.search(plain_key(name)) is not None)
            or (depth > 0 and signs_in(value, depth - 1))
            for name, value in pasted.items()
        )
    return isinstance(pasted, list) and depth > 0 and any(signs_in(one, depth - 1) for one in pasted)


def canonical(pasted: Mapping[str, Any]) -> dict[str, Any]:
    """The object, with the fields that the readers ask for added where another spelling holds them."""
    found = dict(_flat(pasted))
    text = {name: value.strip() for name, value in found.items() if isinstance(value, str) and value.strip()}
    said: dict[str, Any] = {}
    if key := next((text[name] for name in _KEY if ADMIN_KEY.fullmatch(text.get(name, ""))), None):
        said["admin_key"] = key
    elif token := next((text[name] for name in _TOKEN if name in text), None):
        token = re.sub(r"^bearer\s+", "", token, flags=re.IGNORECASE)
        if ADMIN_KEY.fullmatch(token):
            said["admin_key"] = token
        elif "accesstoken" in text or not _is_directory(pasted):
            said |= _session_of(token, text)
    if "expires" not in pasted and (expiry := next((found[n] for n in _EXPIRY if found.get(n)), None)) is not None:
        said["expires"] = expiry
    if (seats := next((number for name in _SEATS if (number := _whole(found.get(name)))), None)) is not None:
        said["seats"] = seats
    return {**said, **{name: value for name, value in pasted.items() if not _is_refined(name, pasted, said)}}


def claims_of(token: str) -> Mapping[str, Any]:
    """What a JSON web token says of itself; empty for anything else. Never proof of anything."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _session_of(token: str, text: Mapping[str, str]) -> dict[str, Any]:
    """The parts of a session, from the fields beside the token and from the token itself."""
    claims = claims_of(token)
    auth, profile = _object(claims.get(_AUTH)), _object(claims.get(_PROFILE))
    account = {
        "id": next((text[name] for name in _ACCOUNT if name in text), None) or auth.get("chatgpt_account_id"),
        "name": next((text[name] for name in _NAME if name in text), None),
        "planType": next((text[name] for name in _PLAN if name in text), None) or auth.get("chatgpt_plan_type"),
    }
    owner = next((text[name] for name in _ADDRESS if "@" in text.get(name, "")), None)
    return {
        "accessToken": token,
        "account": {name: value for name, value in account.items() if value},
        "user": {"email": owner or profile.get("email") or claims.get("email")},
    }


def _is_directory(pasted: Mapping[str, Any]) -> bool:
    """Whether a plain `token` is for a server with an address of its own."""
    return str(pasted.get("provider", "")).strip().lower() == "scim" or "base_url" in pasted


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _is_refined(name: str, pasted: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    """Whether the canonical field says more than the one that was pasted under the same name."""
    if name == "seats":
        return name in said
    if name not in {"account", "user"} or name not in said:
        return False
    given = pasted[name]
    key = "id" if name == "account" else "email"
    return not (isinstance(given, Mapping) and given.get(key))


def _flat(pasted: Mapping[str, Any], prefix: str = "", depth: int = _MOST_DEEP) -> Iterator[tuple[str, Any]]:
    """Every field by its plain name, outer ones first; those of `account` and `user` also with that name in front."""
    inner: list[tuple[str, Any]] = []
    for name, value in pasted.items():
        key = plain_key(name)
        if isinstance(value, Mapping):
            inner.append((key, value))
        else:
            yield prefix + key, value
    for key, value in inner if depth else ():
        if key in {"account", "workspace", "team"}:
            yield from _named(value, "account", depth)
        elif key in {"user", "owner", "profile"}:
            yield from _named(value, "user", depth)
        else:
            yield from _flat(value, "", depth - 1)


def _named(value: Mapping[str, Any], owner: str, depth: int) -> Iterator[tuple[str, Any]]:
    for key, inner in _flat(value, "", depth - 1):
        yield (owner + key if key in {"id", "name", "email"} else key), inner


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
