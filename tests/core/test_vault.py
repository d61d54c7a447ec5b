"""Secrets open only with their key, in their row."""

from __future__ import annotations

import base64
import hmac

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import Misconfigured
from core.vault import Undecipherable, Vault, fresh_key

OLD, NEW = fresh_key(), fresh_key()


def test_what_is_sealed_opens_in_its_row_only() -> None:
    vault = Vault({"k1": OLD}, "k1")
    sealed = vault.encrypt("TEAM-1234", row="codes:1:cipher")
    assert vault.decrypt(sealed, row="codes:1:cipher") == "TEAM-1234"
    with pytest.raises(Undecipherable):
        vault.decrypt(sealed, row="codes:2:cipher")


def test_the_plain_text_is_nowhere_in_the_ciphertext_and_never_sealed_alike() -> None:
    vault = Vault({"k1": OLD}, "k1")
    first, second = (vault.encrypt("TEAM-1234", row="r") for _ in range(2))
    assert first != second
    assert b"TEAM" not in first


def test_any_changed_byte_is_noticed() -> None:
    vault = Vault({"k1": OLD}, "k1")
    sealed = bytearray(vault.encrypt("secret", row="r"))
    for place in range(3, len(sealed)):
        changed = bytes(sealed[:place]) + bytes([sealed[place] ^ 1]) + bytes(sealed[place + 1 :])
        with pytest.raises(Undecipherable):
            vault.decrypt(changed, row="r")


def test_after_a_rotation_both_keys_open_and_the_new_one_seals() -> None:
    before, after = Vault({"k1": OLD}, "k1"), Vault({"k1": OLD, "k2": NEW}, "k2")
    sealed = before.encrypt("secret", row="r")
    assert after.decrypt(sealed, row="r") == "secret"
    assert not after.is_current(sealed)
    assert after.is_current(after.encrypt("secret", row="r"))
    assert after.digests("X")[1] == before.digest("X")
    assert after.digest("X") != before.digest("X")


@pytest.mark.parametrize("text", ["", "TEAM0123456789ABCDEF", "x" * 1000, "\ud800"])
def test_a_digest_is_the_standard_keyed_one(text: str) -> None:
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"usher/digest").derive(base64.b64decode(OLD))
    expected = hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256")
    assert [Vault({"k1": OLD}, "k1").digest(text) for _ in range(2)] == [expected, expected]


def test_a_missing_key_is_said_so() -> None:
    sealed = Vault({"k1": OLD}, "k1").encrypt("secret", row="r")
    with pytest.raises(Undecipherable):
        Vault({"k2": NEW}, "k2").decrypt(sealed, row="r")


@pytest.mark.parametrize("key", ["", "change-me", "c2hvcnQ=", "not base64!"])
def test_a_bad_key_stops_the_start_with_a_sentence(key: str) -> None:
    with pytest.raises(Misconfigured, match=r"vault\.keys\.k1"):
        Vault({"k1": key}, "k1")
