"""Whose certificates connections to upstreams trust: the public list, and whom the operator named."""

from __future__ import annotations

import os
import ssl
from functools import cache
from pathlib import Path

import structlog

from core.errors import Misconfigured
from core.os_reasons import OsReason
from core.setting_faults import SettingFault

log = structlog.get_logger(__name__)


def trusted(ca_file: str | None) -> ssl.SSLContext:
    """Those that httpx ships, those of `ca_file`, and those that the environment names as for other programs.

    A file that cannot be read is left out: whoever needed it is then named as not trusted.
    """
    return _loaded(ca_file, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


def readable_ca_file(named: str, config: Path | None) -> str:
    """The path of `upstream.ca_file`, which in a configuration file is relative to that file.

    Raises: Misconfigured if no certificates can be read from it.
    """
    in_the_file = "USHER_UPSTREAM__CA_FILE" not in os.environ
    path = (config.parent / named).resolve() if config is not None and in_the_file else Path(named)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        why = SettingFault("holds no certificates in PEM form")
    except OSError as error:
        why = SettingFault("cannot be read ({why})", why=OsReason(error))
    else:
        return str(path)
    raise Misconfigured(faults=[SettingFault("upstream.ca_file: {path} {why}", path=path, why=why)])


@cache
def _loaded(ca_file: str | None, file: str | None, folder: str | None) -> ssl.SSLContext:
    # Kept for the process: reading the public list takes as long as a dozen redemptions.
    import httpx

    context = httpx.create_ssl_context(trust_env=False)
    for cafile, capath in ((ca_file, None), (file or None, folder or None)):
        if cafile or capath:
            try:
                context.load_verify_locations(cafile=cafile, capath=capath)
            except OSError as fault:
                log.warning("certificates_unreadable", kind=type(fault).__name__)
    return context
