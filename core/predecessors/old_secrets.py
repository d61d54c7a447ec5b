"""The secrets of another system: what its environment held, and the tokens that it had sealed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
"""Bytes before the sealed text."""
SECRET_MISSING, SECRET_WRONG, NO_TOKEN = "old_secret_missing", "old_secret_wrong", "credential_no_token"


@dataclass(frozen=True, slots=True)
class OpenedToken:
    """A token, or why it cannot be had."""

    token: str | None
    why: str | None = None


class OldSecrets:
    """What stands in the file of secrets: `NAME=value` lines as of an environment, or JSON."""

    def __init__(self, values: Mapping[str, str], document: Any = None) -> None:
        self.values = values
        self.document = document

    @classmethod
    def read(cls, file: Path | None) -> OldSecrets:
        """Those of `file`, or none. Raises: OSError, UnicodeDecodeError."""
        if file is None:
            return cls({})
        written = file.read_text(encoding="utf-8-sig")
        try:
            document = json.loads(written)
        except ValueError:
            return cls(dict(_lines(written)))
        plain = document if isinstance(document, dict) else {}
        return cls({name: value for name, value in plain.items() if isinstance(value, str)}, document)

    def fernet(self, sealed: str | None, *names: str) -> OpenedToken:
        """Open what was sealed with Fernet, its key being the SHA-256 of one of the secrets of these `names`."""
        if sealed is None:
            return OpenedToken(None, NO_TOKEN)
        given = [self.values[name] for name in names if self.values.get(name)]
        for secret in given:
            derived = base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest())
            for key in (derived, secret.encode()):
                try:
                    return OpenedToken(Fernet(key).decrypt(sealed.encode()).decode())
                except (InvalidToken, ValueError):
                    continue
        return OpenedToken(None, SECRET_WRONG if given else SECRET_MISSING)

    def aes_gcm(self, sealed: str | None, name: str) -> OpenedToken:
        """Open base64 of a nonce of 12 bytes and what AES-256-GCM made, with the key of this `name`."""
        if sealed is None:
            return OpenedToken(None, NO_TOKEN)
        secret = self.values.get(name)
        if not secret:
            return OpenedToken(None, SECRET_MISSING)
        try:
            whole = base64.b64decode(sealed, altchars=b"-_" if set("-_") & set(sealed) else None)
        except (binascii.Error, ValueError):
            return OpenedToken(None, SECRET_WRONG)
        for key in _keys(secret):
            try:
                return OpenedToken(AESGCM(key).decrypt(whole[:NONCE], whole[NONCE:], None).decode())
            except (InvalidTag, ValueError):
                continue
        return OpenedToken(None, SECRET_WRONG)


def _lines(written: str) -> Iterator[tuple[str, str]]:
    for line in written.splitlines():
        found = re.fullmatch(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*", line)
        if found is not None:
            value = found[2]
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
            yield found[1], value[1:-1] if quoted else value


def _keys(secret: str) -> Iterator[bytes]:
    """The 32 bytes that a secret may stand for: base64, hexadecimal, itself, or its SHA-256."""
    padded = secret.replace("-", "+").replace("_", "/") + "=" * (-len(secret) % 4)
    for read, written in ((base64.b64decode, padded), (bytes.fromhex, secret)):
        try:
            key = read(written)
        except (binascii.Error, ValueError):
            continue
        if len(key) == 32:
            yield key
    if len(secret.encode()) == 32:
        yield secret.encode()
    yield hashlib.sha256(secret.encode()).digest()
