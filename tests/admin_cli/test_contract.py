"""The contract that scripts drive Usher by: real processes, real databases, the real sandbox server."""

from __future__ import annotations

import json
import stat
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.admin_cli.conftest import Installed


def outcome(document: Any) -> str:
    [result] = document["results"]
    return str(result["reason"] or result["state"])


def redeem_at_once(usher: Installed, pairs: list[tuple[str, str]]) -> Counter[str]:
    started = [usher.start("redeem", address, code, "--json") for address, code in pairs]
    finished = [process.finish(timeout=120) for process in started]
    outcomes = [outcome(process.json()) for process in finished]
    codes = [process.code for process in finished]
    assert codes == [0 if one == "invited" else 1 for one in outcomes]
    return Counter(outcomes)


def test_a_whole_day(install: Callable[..., Installed], empty_database_url: str) -> None:
    usher = install("--database", empty_database_url)
    usher.open_sandbox(workspaces=2, seats=2)

    [first, second] = usher.json("team", "list")["teams"]
    assert {key: first[key] for key in ("name", "pool", "provider", "state", "capacity", "free", "held", "taken")} == {
        "name": "Workspace 1",
        "pool": "default",
        "provider": "chatgpt",
        "state": "active",
        "capacity": 2,
        "free": 2,
        "held": 0,
        "taken": 0,
    }
    made = usher.json("code", "generate", "--count", "4", "--label", "spring")
    assert len(made["codes"]) == 4
    too_many = usher.json("code", "generate", "--count", "1", code=1)
    assert too_many["error"]["key"] == "quota_exceeded"
    assert (too_many["error"]["wanted"], too_many["error"]["available"]) == (1, 0)

    [result] = usher.json("redeem", "anna@example.com", made["codes"][0])["results"]
    assert (result["state"], result["reason"], result["team"]) == ("invited", None, "Workspace 1")
    assert result["code_last4"] == made["codes"][0][-4:]
    assert isinstance(result["redemption"], int)

    assert outcome(usher.json("redeem", "anna@example.com", made["codes"][0])) == "invited"
    assert outcome(usher.json("redeem", "ben@example.com", made["codes"][0], code=1)) == "code_refused"
    assert len(usher.ledger()["invites"]) == 1

    [checked] = usher.json("verify", made["codes"][1])["results"]
    assert (checked["valid"], checked["pool"], checked["remaining"]) == (True, "default", 1)

    usher.json("team", "disable", "Workspace 1")
    assert outcome(usher.json("redeem", "ben@example.com", made["codes"][1])) == "invited"
    assert [team["state"] for team in usher.json("team", "list")["teams"]] == ["disabled", "active"]
    usher.json("team", "enable", "Workspace 1")
    seats = usher.json("team", "show", second["name"])["team"]["seats"]
    assert [(seat["state"], seat["address"]) for seat in seats] == [("taken", "ben@example.com"), ("free", None)]

    usher.json("code", "disable", made["codes"][2])
    assert outcome(usher.json("redeem", "cleo@example.com", made["codes"][2], code=1)) == "code_refused"
    states = [code["state"] for code in usher.json("code", "list")["codes"]]
    assert states == ["used", "used", "disabled", "unused"]
    shown = usher.json("code", "show", made["codes"][0])["code"]
    assert shown["code"] == made["codes"][0]
    assert [(use["address"], use["team"], use["lease_status"]) for use in shown["uses"]] == [
        ("anna@example.com", "Workspace 1", "invited")
    ]
    assert usher.json("doctor", "--upstream")["breaches"] == 0
    assert usher.json("status")["seats"] == {"free": 2, "taken": 2}


def test_a_repeated_request_key_returns_the_first_outcome(usher: Installed) -> None:
    usher.open_sandbox()
    one, other = usher.codes(2)
    first = usher.json("redeem", "anna@example.com", one, "--request-key", "order-1")["results"][0]
    again = usher.json("redeem", "anna@example.com", one, "--request-key", "order-1")["results"][0]
    assert (again["redemption"], again["state"]) == (first["redemption"], "invited")
    reused = usher.json("redeem", "anna@example.com", other, "--request-key", "order-1", code=1)
    assert outcome(reused) == "request_key_reused"
    assert len(usher.ledger()["invites"]) == 1


def test_several_codes_get_an_answer_each(usher: Installed) -> None:
    usher.open_sandbox(workspaces=2, seats=2)
    one, two = usher.codes(2)
    typo = one[:-1] + ("0" if one[-1] != "0" else "1")
    results = usher.json("redeem", "anna@example.com", one, typo, two, code=1)["results"]
    assert [result["code_last4"] for result in results] == [one[-4:], typo[-4:], two[-4:]]
    assert [(result["state"], result["reason"]) for result in results] == [
        ("invited", None),
        ("refused", "mistyped_code"),
        ("already_member", None),
    ]


def test_a_bad_address_is_refused_with_its_reason(usher: Installed) -> None:
    assert outcome(usher.json("redeem", "nobody", "TEAM-0000-0000-0000-0000", code=1)) in {
        "bad_address",
        "mistyped_code",
    }


def test_twenty_processes_and_one_code_make_one_winner(usher_on_each: Installed) -> None:
    usher = usher_on_each
    usher.open_sandbox(workspaces=6)
    [code] = usher.codes(1)
    outcomes = redeem_at_once(usher, [(f"p{number}@example.com", code) for number in range(20)])
    assert outcomes == {"invited": 1, "code_refused": 19}
    assert len(usher.ledger()["invites"]) == 1
    assert usher.json("doctor", "--upstream")["breaches"] == 0


def test_twenty_codes_into_four_seats_leave_sixteen_unused(usher_on_each: Installed) -> None:
    usher = usher_on_each
    usher.open_sandbox(seats=4)
    codes = usher.codes(20)
    outcomes = redeem_at_once(usher, [(f"p{number}@example.com", code) for number, code in enumerate(codes)])
    assert outcomes == {"invited": 4, "no_seats": 16}
    assert len(usher.ledger()["pending"]) == 4
    assert len(usher.json("code", "list", "--state", "unused")["codes"]) == 16
    assert usher.json("doctor", "--upstream")["breaches"] == 0


def test_an_invite_that_was_applied_before_the_time_out_is_settled_and_nobody_else_gets_the_code(
    usher_on_each: Installed,
) -> None:
    usher = usher_on_each
    usher.open_sandbox(workspaces=2)
    [code] = usher.codes(1)
    usher.set_faults("applied-then-timeout=1")
    patience: dict[str, Any] = {"USHER_UPSTREAM__TIMEOUT": "5", "USHER_REDEMPTION__RECOVERY_INTERVAL": "2"}
    first = usher.start("redeem", "anna@example.com", code, "--json", **patience)
    while not usher.ledger()["invites"]:
        assert first.alive, first.so_far()
    second = usher.json("redeem", "ben@example.com", code, code=1, **patience)
    assert outcome(second) == "code_refused"
    assert outcome(first.finish().expect(0).json()) == "invited"
    assert {person["email"] for person in usher.ledger()["pending"]} == {"anna@example.com"}
    assert usher.json("doctor", "--upstream")["breaches"] == 0


def test_an_unclear_redemption_is_unavailable_and_settled_by_the_next_look(usher: Installed) -> None:
    usher.open_sandbox()
    [code] = usher.codes(1)
    usher.set_faults("applied-then-reset=1", "pending:500", "members:500")
    unclear = usher.json("redeem", "anna@example.com", code, "--wait", "0", code=3)
    assert unclear["results"][0]["state"] == "unclear"
    usher.set_faults()
    again = usher.json("redeem", "anna@example.com", code, USHER_REDEMPTION__RECOVERY_INTERVAL="1")
    assert outcome(again) == "invited"
    assert {person["email"] for person in usher.ledger()["pending"]} == {"anna@example.com"}


def test_init_writes_private_files_and_never_over_secrets(install: Callable[..., Installed], tmp_path: Path) -> None:
    usher = install()
    config = tmp_path / "usher" / "config.toml"
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "usher" / "usher.db").stat().st_mode) == 0o600
    before = config.read_text()
    assert usher.json("init", "--dir", tmp_path / "usher", code=1)["error"]["key"] == "config_exists"
    assert config.read_text() == before
    keys = {usher.json("init", "--print-key")["key"] for _ in range(2)}
    assert len(keys) == 2


def test_the_schema_is_checked_and_upgraded(usher: Installed, tmp_path: Path) -> None:
    assert usher.json("db", "check")["faults"] == []
    elsewhere: dict[str, Any] = {"USHER_DATABASE__URL": f"sqlite:///{tmp_path}/other.db"}
    assert not usher.json("db", "check", code=3, **elsewhere)["reachable"]
    assert usher.json("team", "list", code=3, **elsewhere)["error"]["key"] == "misconfigured"
    assert usher.json("db", "upgrade", **elsewhere)["before"] is None
    assert usher.json("team", "list", **elsewhere) == {"teams": []}


def test_unreachable_and_misconfigured_are_one_sentence_per_fault(usher: Installed) -> None:
    away = usher.run("team", "list", USHER_DATABASE__URL="postgresql://nobody:hush@127.0.0.1:1/usher").expect(3)
    assert "cannot be reached" in away.err
    assert "hush" not in away.err
    assert "Traceback" not in away.err
    wrong = usher.run("status", USHER_SYNC__INTERVAL="-1", USHER_DATABSE__URL="x", USHER_TELEGRAM__TOKEN="change-me")
    assert wrong.code == 3
    assert len(wrong.err.strip().splitlines()) >= 1
    assert "Traceback" not in wrong.err
    missing = usher.json("status", "--config", "nowhere.toml", code=3)
    assert " init --dir DIR" in missing["error"]["message"]


def test_wrong_usage_says_how_it_is_done(usher: Installed) -> None:
    for arguments in (["nope"], ["redeem"], ["code", "generate"], ["pool", "set", "default"], ["team", "disable"]):
        assert usher.json(*arguments, code=2)["error"]["key"] == "usage"
    said = usher.run("reedem", "anna@example.com").expect(2)
    assert "redeem" in said.err
    assert said.out == ""


def test_import_shows_first_and_says_what_is_wrong_with_each_line(usher: Installed, tmp_path: Path) -> None:
    usher.open_sandbox(workspaces=1)
    known = (tmp_path / "sessions.jsonl").read_text()
    other = json.dumps({**json.loads(known), "account": {"id": "ws-9", "name": "[red]Nine\x1b[31m"}})
    (tmp_path / "mixed.jsonl").write_text(f"{known}not json\n{other}\n".replace("\\u001b", ""))
    previewed = usher.json("team", "import", tmp_path / "mixed.jsonl", code=1)
    assert previewed["applied"] is False
    assert len(usher.json("team", "list")["teams"]) == 1
    applied = usher.json("team", "import", tmp_path / "mixed.jsonl", "--yes")
    assert (applied["created"], applied["updated"]) == (1, 1)
    assert applied["invalid"] == [{"line": 2, "reason": "credential_not_json"}]
    assert "[red]Nine" in usher.run("team", "list").expect().out
    unreadable = usher.json("team", "import", tmp_path / "absent.jsonl", "--yes", code=2)
    assert unreadable["error"]["key"] == "file_unreadable"
