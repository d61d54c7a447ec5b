"""The parameters of libpq in a database URL, as database providers hand them out, translated for the driver."""

from __future__ import annotations

import ssl
from typing import Any, Final

import sqlalchemy as sa

from core.errors import Misconfigured
from core.os_reasons import OsReason
from core.setting_faults import SettingFault

_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_SESSIONS: Final = ("any", "read-write", "read-only", "primary", "standby", "prefer-standby")
_POOLERS: Final = ("none", "session", "transaction")
_UNNAMED: Final = {"statement_cache_size": 0, "prepared_statement_cache_size": 0, "prepared_statement_name_func": str}
"""For a pooler that gives every transaction another server connection, which does not know earlier statements.

An unnamed statement lives within one transaction, where nothing can come between making and using it.
"""
_FILES: Final = ("sslrootcert", "sslcert", "sslkey")
_WHOLE_NUMBERS: Final = frozenset(("prepared_statement_cache_size", "statement_cache_size"))
_WITHOUT_EFFECT: Final = frozenset(
    # What the driver does anyway, or what only tunes the line: leaving it out breaks no promise.
    "keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout sslcompression "
    "fallback_application_name krbsrvname gsslib".split()
)


def for_driver(url: sa.URL | str) -> tuple[sa.URL, dict[str, Any]]:
    """`url` without libpq's parameters, and what they ask for as arguments of the driver's connect.

    Of several hosts, the one that takes writes is wanted. `pooler=session` or `pooler=transaction` is no parameter of
    libpq: it keeps the connection to what passes through such a pooler. Raises: Misconfigured, naming the parameter
    that cannot be honoured.
    """
    url = sa.make_url(url)
    if url.get_backend_name() != "postgresql":
        return url, {}
    given = {name: value for name, value in url.query.items() if name != "host"}
    hosts = url.query.get("host", ())
    hosts = (hosts,) if isinstance(hosts, str) else hosts
    url = url.set(query={"host": hosts} if hosts else {})
    arguments: dict[str, Any] = {}
    settings = {"application_name": "usher", "timezone": "UTC"}
    plain = {name: value if isinstance(value, str) else value[-1] for name, value in given.items()}
    for name, value in plain.items():
        if name in ("options", "application_name"):
            settings[name] = value
        elif name in {"user", "dbname", "port"}:
            url = _placed(url, name, value)
        elif name not in {"sslmode", "pooler", *_FILES, *_WITHOUT_EFFECT} and not _means_nothing(name, value):
            arguments.update([_argument(name, value)])
    if len(hosts) > 1:
        arguments.setdefault("target_session_attrs", "read-write")
    if "sslmode" in plain or "sslrootcert" in plain:
        arguments["ssl"] = _tls(plain)
    if _one_of("pooler", plain.get("pooler", "none"), _POOLERS) == "transaction":
        arguments.update(_UNNAMED)
    arguments["server_settings"] = settings
    return url, arguments


def is_pooled(url: sa.URL | str) -> bool:
    """Is there a pooler between this program and the server?"""
    return sa.make_url(url).query.get("pooler", "none") != "none"


def time_limits(seconds: float) -> dict[str, str]:
    """The server's settings that end what waits or idles for so long, in its own milliseconds."""
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    return dict.fromkeys(names, str(int(seconds * 1000)))


def _placed(url: sa.URL, name: str, value: str) -> sa.URL:
    if name == "user":
        return url.set(username=value)
    if name == "dbname":
        return url.set(database=value)
    if not value.isdecimal():
        raise _wrong(name, value, SettingFault("is no port"))
    return url.set(port=int(value))


def _argument(name: str, value: str) -> tuple[str, Any]:
    """The driver's name and value for a parameter."""
    if name in {"password", "sslpassword"}:
        raise _wrong(
            name, "", SettingFault("does not belong behind the ?, where it is shown; a password stands before the @")
        )
    if name == "ssl":
        return name, _one_of(name, value, _MODES)
    if name in _WHOLE_NUMBERS:
        if not (value.isascii() and value.isdecimal()):
            raise _wrong(name, value, SettingFault("is no whole number"))
        return name, int(value)
    if name == "passfile":
        return name, value
    if name == "connect_timeout":
        return "timeout", _seconds(value)
    if name == "target_session_attrs":
        return name, _one_of(name, value, _SESSIONS)
    if name == "pgbouncer":
        raise _wrong(name, value, SettingFault('is said by database.pooler = "transaction"; take it out'))
    raise _wrong(name, value, SettingFault("cannot be kept by Usher; take it out"))


def _means_nothing(name: str, value: str) -> bool:
    """Does the parameter ask for something that is done anyway?"""
    return value.casefold() in {
        "channel_binding": ("disable", "prefer"),
        "gssencmode": ("disable", "prefer"),
        "sslnegotiation": ("postgres",),
        "sslsni": ("1",),
        "client_encoding": ("utf8", "utf-8", "auto"),
        "load_balance_hosts": ("disable",),
    }.get(name, ())


def _tls(given: dict[str, str]) -> ssl.SSLContext | str:
    """As libpq means it: below verify-ca nobody's certificate is checked, unless a root certificate is given."""
    root = given.get("sslrootcert")
    mode = _one_of("sslmode", given.get("sslmode", "prefer"), _MODES)
    if mode in {"disable", "allow", "prefer"}:
        return mode
    checked = mode.startswith("verify") or (root is not None and mode == "require")
    try:
        context = ssl.create_default_context(cafile=None if root in {None, "system"} else root)
        if "sslcert" in given:
            context.load_cert_chain(given["sslcert"], given.get("sslkey"))
    except (OSError, ssl.SSLError) as fault:
        raise _wrong(
            "sslrootcert", root or given.get("sslcert", ""), SettingFault("cannot be used ({why})", why=OsReason(fault))
        ) from fault
    context.check_hostname = mode == "verify-full"
    context.verify_mode = ssl.CERT_REQUIRED if checked else ssl.CERT_NONE
    return context


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        raise _wrong("connect_timeout", value, SettingFault("is no number of seconds")) from None
    return seconds if seconds > 0 else 60.0


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise _wrong(name, value, SettingFault("is none of {choices}", choices=", ".join(choices)))
    return value


def _wrong(name: str, value: str, why: SettingFault) -> Misconfigured:
    shown = f"={value[:80]}" if value else ""
    return Misconfigured(faults=[SettingFault("database.url: {name}{shown} {why}", name=name, shown=shown, why=why)])
