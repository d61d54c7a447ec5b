"""What runs until it is stopped, and what talks: `run`, `sandbox`, `chat`, `commands`, `demo`."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

import pytest

from core.models.source_lines import read_source
from tests.admin_cli.conftest import Installed
from tests.support.processes import Processes

QUICK: dict[str, Any] = {
    "USHER_SWEEPS__RECOVERY": "1",
    "USHER_REDEMPTION__RECOVERY_INTERVAL": "1",
    "USHER_REDEMPTION__CLAIM": "1",
    "USHER_UPSTREAM__TIMEOUT": "20",
}


def post(address: str, body: object, headers: Mapping[str, str] | None = None) -> Any:
    asked = urllib.request.Request(address, json.dumps(body).encode(), dict(headers or {}))
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)


@pytest.mark.parametrize("point", ["K3", "K5", "K6"])
def test_a_killed_redemption_is_settled_by_any_process(usher_on_each: Installed, point: str) -> None:
    usher = usher_on_each
    usher.open_sandbox(workspaces=2)
    [code] = usher.codes(1)
    killed = usher.start("redeem", "anna@example.com", code, "--json", USHER_CRASH_AT=point, **QUICK).finish()
    assert killed.code == -9
    worker = usher.start("run", "--only", "worker", **QUICK)
    deadline = time.monotonic() + 240
    while usher.json("status")["redemptions_under_way"]:
        assert time.monotonic() < deadline, worker.so_far()
    [result] = usher.json("redeem", "anna@example.com", code)["results"]
    assert result["state"] == "invited"
    assert len(usher.ledger()["pending"]) == 1
    worker.terminate().expect(0)
    assert usher.json("doctor", "--upstream")["breaches"] == 0


def test_the_sandbox_keeps_its_contract(processes: Processes) -> None:
    served = processes.start(
        "sandbox", "--host", "127.0.0.1", "--port", "0", "--workspaces", "2", "--seats", "3", "--latency-ms", "1",
        "--fault", "429=1", "--fault", "500=0.5", "--seed", "7", "--sessions", "sessions.jsonl",
    )  # fmt: skip
    root = served.wait_for_line("^ready ").split()[1]
    sessions = [json.loads(line) for line in (processes.directory / "sessions.jsonl").read_text().splitlines()]
    assert len(sessions) == 2
    assert all(session["base_url"].startswith(root) for session in sessions)
    with urllib.request.urlopen(f"{root}/_sandbox/ledger") as answer:
        assert json.load(answer).keys() >= {"invites", "members", "pending"}
    assert post(f"{root}/_sandbox/faults", {"faults": ["hang=1"]})["faults"]
    with pytest.raises(urllib.error.HTTPError):
        post(f"{root}/_sandbox/faults", {"faults": ["nonsense"]})
    assert post(f"{root}/_sandbox/reset", {}) == {"reset": True}
    served.terminate().expect(0)
    assert processes.json("sandbox", "--fault", "nonsense", code=2)["error"]["key"] == "fault_unknown"


def test_the_sandbox_serves_models_beside_the_rest(processes: Processes) -> None:
    served = processes.start(
        "sandbox", "--port", "0", "--latency-ms", "1", "--models", "--accounts", "2", "--tokens-per-second", "0",
        "--fault", "404-model=1", "--sources", "sources.jsonl", "--sessions", "sessions.jsonl",
    )  # fmt: skip
    root = served.wait_for_line("^ready ").split()[1]
    written = (processes.directory / "sources.jsonl").read_text().splitlines()
    sources = [read_source(line) for line in written]
    assert [source.base_url for source in sources] == [f"{root}/v1"] * 2
    assert (processes.directory / "sources.jsonl").stat().st_mode & 0o077 == 0
    asked = {"model": "sandbox-echo", "messages": [{"role": "user", "content": "hello"}]}
    key = {"Authorization": f"Bearer {sources[1].api_key}"}
    with pytest.raises(urllib.error.HTTPError, match="404"):
        post(f"{root}/v1/chat/completions", asked, key)
    answer = post(f"{root}/v1/chat/completions", asked, key)
    assert answer["choices"][0]["message"]["content"] == "hello"
    with urllib.request.urlopen(f"{root}/_sandbox/bill") as answered:
        bill = json.load(answered)
    [call] = bill["calls"]
    assert call.items() >= {"account": "account-2", "model": "sandbox-echo", "aborted": False}.items()
    assert (call["input"], call["output"], call["billed"]) == (6, 2, 8)
    assert bill["peak_parallel"] == {"account-1": 0, "account-2": 1}
    faults = {"faults": ["cut=3*1", "429", "members:500=2"], "account": None}
    armed = post(f"{root}/_sandbox/faults", faults)["faults"]
    assert [(fault.get("scope"), fault["name"]) for fault in armed] == [
        (None, "429"), (None, "500"), ("chat", "cut"), ("chat", "429"), ("sub", "429"),
    ]  # fmt: skip
    assert post(f"{root}/_sandbox/faults", {"faults": ["stall=0"], "account": "account-1"})["faults"]
    assert post(f"{root}/_sandbox/limits", {"account": "account-1", "rpm": 2}) == {"limited": True}
    for wrong in ({"faults": ["cut"]}, {"faults": ["cut=3"], "account": "nobody"}):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            post(f"{root}/_sandbox/faults", wrong)
    post(f"{root}/_sandbox/reset", {})
    with urllib.request.urlopen(f"{root}/_sandbox/bill") as answered:
        assert json.load(answered)["calls"] == []
    served.terminate().expect(0)


def test_the_catalogue_can_be_listed_without_any_configuration(processes: Processes) -> None:
    listed = processes.json("commands")["commands"]
    redeem = next(command for command in listed if command["name"] == "redeem")
    assert redeem["role"] == "anyone"
    assert redeem["platforms"] == ["discord", "telegram", "terminal"]
    assert [argument["name"] for argument in redeem["arguments"]] == ["address", "codes", "team", "as_is"]


def test_a_conversation_can_be_piped_in(usher: Installed) -> None:
    usher.open_sandbox()
    [code] = usher.codes(1)
    said = usher.run("chat", "--role", "anyone", feed=f"anna@example.com {code}\n/myseat\n").expect(0)
    assert "Workspace 1" in said.out
    assert len(usher.ledger()["invites"]) == 1
    assert "Traceback" not in said.err


def test_the_demo_plays_itself_and_every_step_does_what_it_should(processes: Processes) -> None:
    """In Chinese; in English the one that is installed from the wheel plays itself in `test_service`."""
    # Settings of a real installation in this shell must not reach it.
    foreign: dict[str, Any] = {
        "USHER_DATABASE__URL": "postgresql://nobody@127.0.0.1:1/real",
        "USHER_TELEGRAM__TOKEN": "1:real",
        "USHER_LANGUAGE": "zh-CN",
    }
    played = processes.json("demo", **foreign)
    assert played["ok"], [step for step in played["steps"] if not step["ok"]]
    assert len(played["steps"]) >= 8
    assert "席位" in str(played["steps"]), "it speaks the language that is configured"
    assert not list(processes.directory.glob("*.db"))


def test_a_staff_token_is_printed_once_and_kept_as_a_digest(usher: Installed) -> None:
    made = usher.json("staff", "token", "--role", "admin")
    assert made["role"] == "admin"
    held = (usher.directory / "usher" / "usher.db").read_bytes()
    assert made["token"].encode() not in held


def test_roles_are_given_and_taken_by_number_only(usher: Installed) -> None:
    owner: dict[str, Any] = {"USHER_STAFF__OWNERS": '["telegram:7"]'}
    usher.json("staff", "grant", "telegram:42", "--role", "operator")
    usher.json("staff", "grant", "telegram:42", "--role", "admin")
    listed = usher.json("staff", "list", **owner)["staff"]
    assert [(one["identities"], one["role"], one["configured"]) for one in listed] == [
        (["telegram:7"], "owner", True),
        (["telegram:42"], "admin", False),
    ]
    for nobody in ("telegram:@anna", "telegram:1087968824", "mail:3", "42"):
        assert usher.json("staff", "grant", nobody, "--role", "viewer", code=1)["error"]["key"] == "bad_value"
    usher.json("staff", "revoke", "telegram:42")
    assert usher.json("staff", "revoke", "telegram:42", code=1)["error"]["key"] == "not_found"
    assert usher.json("staff", "list")["staff"] == []
