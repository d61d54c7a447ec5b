"""`--request-key`: whoever lost the answer of a command asks again, and hears what became of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.admin_cli.conftest import Call, Installed

TWICE_IS_TWICE = (
    ("code", "generate", "--count", "2", "--override"),
    ("lease", "extend", "anna@example.com", "30d"),
    ("grant", "telegram:7", "5", "--reason", "a gift"),
    ("transfer", "start", "anna@example.com", "--force"),
    ("lease", "end", "anna@example.com"),
    ("staff", "token", "--role", "viewer"),
    ("pool", "add", "second"),
)
"""Commands that give something each time, or refuse the second time what they have just done."""


def _audited(usher: Installed) -> int:
    [database] = Path(usher.processes.environment["USHER_CONFIG"]).parent.glob("**/*.db")
    with sqlite3.connect(database) as connection:
        found = connection.execute("SELECT count(*) FROM audit_log").fetchone()[0]
    connection.close()
    return int(found)


def test_what_was_done_under_a_key_is_told_and_not_done_again(usher: Installed, call: Call) -> None:
    usher.open_sandbox(workspaces=2)
    [code] = usher.codes(1)
    call("redeem", "anna@example.com", code)
    usher.accept("anna@example.com")
    call("team", "sync")
    for arguments in TWICE_IS_TWICE:
        key = " ".join(arguments[:2])
        before = _audited(usher)
        first = call(*arguments, "--request-key", key)
        after = _audited(usher)
        assert after > before, key
        again = call(*arguments, f"--request-key={key}")
        assert again.pop("asked_before"), key
        assert again == first, key
        assert _audited(usher) == after, key
    reused = call("lease", "extend", "anna@example.com", "60d", "--request-key", "lease extend", code=1)
    assert reused["error"]["key"] == "request_key_reused"
    refused = call("lease", "extend", "nobody@example.com", "30d", "--request-key", "nobody", code=1)
    assert call("lease", "extend", "nobody@example.com", "30d", "--request-key", "nobody", code=1) == refused


def test_what_was_begun_and_never_answered_is_not_done_again(
    usher: Installed, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate = ("code", "generate", "--count", "2", "--override", "--request-key", "lost")
    with monkeypatch.context() as broken:
        broken.setattr("core.notices.named_requests.finish", None)  # the process is gone before it could say so
        call(*generate, code=3)
    made = _audited(usher)
    told = call(*generate, code=3)
    assert told["error"]["key"] == "interrupted"
    assert ' audit"' in told["error"]["message"]
    assert _audited(usher) == made
