"""Secrets at rest: keyed digests for looking up, AES-256-GCM bound to its row for showing again.

Keys are 32 random bytes each, named, in configuration only. A ciphertext starts with the name of its key;
the newest key encrypts and digests, all of them decrypt and are looked up, so that keys rotate without a stop.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import Misconfigured, UsherError
from core.setting_faults import SettingFault

NONCE = 12
"""Bytes; the size NIST SP 800-38D recommends for GCM."""


class Undecipherable(UsherError):
    """The key is gone, or the value was moved from another row or changed."""

    key = "undecipherable"


def fresh_key() -> str:
    """A new key as configuration wants it: base64 of 32 random bytes."""
    return base64.b64encode(os.urandom(32)).decode()


class Vault:
    """`keys` maps a short name to base64 of 32 bytes; `active` names the one that encrypts and digests."""

    def __init__(self, keys: Mapping[str, str], active: str) -> None:
        if active not in keys:
            raise Misconfigured(
                faults=[
                    SettingFault('vault.active names the key "{active}", but vault.keys has no such key', active=active)
                ]
            )
        self.active = active
        self._ciphers: dict[str, AESGCM] = {}
        self._digesters: dict[str, _Digester] = {}
        for name, encoded in keys.items():
            try:
                key = base64.b64decode(encoded, validate=True)
            except (binascii.Error, ValueError):
                key = b""
            if len(key) != 32 or not name.isascii() or ":" in name or not 1 <= len(name) <= 16:
                raise Misconfigured(
                    faults=[
                        SettingFault(
                            'vault.keys.{name} must be base64 of 32 random bytes; make one with "usher init --print-key"',
                            name=name,
                        )
                    ]
                )
            self._ciphers[name] = AESGCM(_derive(key, b"usher/encrypt"))
            self._digesters[name] = _Digester(_derive(key, b"usher/digest"))
        self._newest_first = [active, *(name for name in keys if name != active)]

    @property
    def older(self) -> list[str]:
        """The names of the keys that only decrypt and are looked up."""
        return self._newest_first[1:]

    def digest(self, canonical: str) -> bytes:
        """HMAC-SHA-256 under the active key: 32 bytes."""
        return self._digesters[self.active].digest(canonical.encode("utf-8", "surrogatepass"))

    def digests(self, canonical: str) -> list[bytes]:
        """The digest under every key, the active one first: what a look-up must match."""
        text = canonical.encode("utf-8", "surrogatepass")
        return [self._digesters[name].digest(text) for name in self._newest_first]

    def encrypt(self, plain: str, *, row: str) -> bytes:
        """`row` names table, row and column; the ciphertext opens nowhere else."""
        nonce = os.urandom(NONCE)
        sealed = self._ciphers[self.active].encrypt(nonce, plain.encode("utf-8", "surrogatepass"), row.encode())
        return self.active.encode() + b":" + nonce + sealed

    def decrypt(self, cipher: bytes, *, row: str) -> str:
        """Raises: Undecipherable."""
        name, _, rest = cipher.partition(b":")
        box = self._ciphers.get(name.decode("ascii", "replace"))
        if box is None:
            raise Undecipherable(row=row)
        try:
            return box.decrypt(rest[:NONCE], rest[NONCE:], row.encode()).decode("utf-8", "surrogatepass")
        except InvalidTag as error:
            raise Undecipherable(row=row) from error

    def is_current(self, cipher: bytes) -> bool:
        return cipher.startswith(self.active.encode() + b":")


class _Digester:
    """HMAC-SHA-256 (RFC 2104) with the two hashes of its key taken once.

    `hmac.digest` takes them anew for every text, which is most of its time, and lets go of the interpreter meanwhile.
    """

    def __init__(self, key: bytes) -> None:
        block = key.ljust(hashlib.sha256().block_size, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def digest(self, text: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text)
        outer.update(inner.digest())
        return outer.digest()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(key)
