"""Secrets open only with their key, in their row."""

from __future__ import annotations

import pytest

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


def test_a_missing_key_is_said_so() -> None:
    sealed = Vault({"k1": OLD}, "k1").encrypt("secret", row="r")
    with pytest.raises(Undecipherable):
        Vault({"k2": NEW}, "k2").decrypt(sealed, row="r")


@pytest.mark.parametrize("key", ["", "change-me", "c2hvcnQ=", "not base64!"])
def test_a_bad_key_stops_the_start_with_a_sentence(key: str) -> None:
    with pytest.raises(Misconfigured, match=r"vault\.keys\.k1"):
        Vault({"k1": key}, "k1")
