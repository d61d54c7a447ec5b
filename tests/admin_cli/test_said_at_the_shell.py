"""What newer commands answer at the shell: what they did, or one sentence why not, and the exit code of either."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from admin_cli.commands.requests import KindOption
from core.reports import wishes
from tests.admin_cli.conftest import Call, Installed

SOURCE = (
    '{"name": "north", "base_url": "https://models.example.com/v1", "api_key": "sk-one", "models": ["small"],'
    ' "tier": "paid"}\n'
)


def test_codes_teams_and_pools_are_put_away_whole(usher: Installed, call: Call) -> None:
    usher.open_sandbox()
    used, *_ = call("code", "generate", "--count", "3")["codes"]
    call("redeem", "anna@example.com", used)
    assert call("code", "delete", "--batch", "1")["changed"] == 2
    assert [one["state"] for one in call("code", "list")["codes"]] == ["used"]
    assert call("code", "delete", "--batch", "9", code=1)["error"]["name"] == "9"
    # The same house: its team goes to another pool, and a pool that is gone is not counted.
    call("pool", "add", "gold")
    call("pool", "add", "brief")
    call("pool", "delete", "brief")
    assert call("status")["pools"] == 2
    team = call("team", "set", "Workspace 1", "--pool", "gold", "--owner", "owner@example.com")["team"]
    assert team["pool"] == "gold"
    assert call("team", "show", "Workspace 1")["team"]["owner"] == "owner@example.com"
    assert call("team", "set", "Workspace 1", "--provider", "nobody", code=1)["error"]["key"] == "bad_choice"


def test_a_key_that_cannot_be_sent_replaces_none(call: Call, tmp_path: Path) -> None:
    written = tmp_path / "written"
    written.write_text(SOURCE)
    call("source", "import", str(written), "--yes")
    error = call("source", "credential", "north", str(tmp_path / "nothing"), code=2)["error"]
    assert error["key"] == "file_unreadable"
    for text in ("", "two\nlines", "sk-ключ"):
        written.write_text(text, encoding="utf-8")
        assert call("source", "credential", "north", str(written), code=1)["error"]["key"] == "source_unreadable"
    assert call("source", "show", "north")["last4"] == "-one"
    written.write_text("sk-two\n")
    call("source", "credential", "north", str(written))
    assert call("source", "show", "north")["last4"] == "-two"


NOT_THERE = (
    (("transfer", "cancel", "99"), "There is no move 99."),
    (("lease", "settle", "99"), "No invitation with the number 99 is unclear."),
    (("lease", "settle", "99", "--as", "not"), "No invitation with the number 99 is unclear."),
    (("request", "approve", "99", "--kind", "extension"), "Nobody is waiting for a decision under the number 99."),
    (("settings", "language", "en"), "“language” cannot be changed by command, or is not a setting."),
    (("settings", "limits.attempts", "-5"), "“-5” is not possible for limits.attempts"),
    (("code", "delete", "--batch", "1" * 30), "“Batch” cannot be that number: it has to be 0 or more"),
    (("job", "show", "9" * 4000), "“Number” cannot be that number: it has to be 0 or more"),
    (("alert", "mute", "1", "--hours", "-2"), "“Hours” cannot be that number: it has to be 0 or more"),
    (("wallet", "suspend", "telegram:42", "--reason", " "), "“Reason” is still missing."),
)


def test_what_is_not_there_or_not_possible_is_called_by_its_name(call: Call) -> None:
    for arguments, said in NOT_THERE:
        assert call(*arguments, code=1)["error"]["message"].startswith(said)
    call("pool", "add", "empty")
    error = call("lease", "invite", "eva@example.com", "--pool", "empty", code=1)["error"]
    assert (error["key"], error["pool"]) == ("no_seats", "empty")
    assert "code" not in error["message"], "nobody has one here"


def test_the_command_line_knows_every_kind_of_wish() -> None:
    assert set(get_args(get_args(get_args(KindOption)[0])[0])) == set(get_args(wishes.WishKind))
