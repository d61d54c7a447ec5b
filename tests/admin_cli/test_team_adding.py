"""`usher team add`: the secret comes from a file or standard input, and is tried before it is stored."""

from __future__ import annotations

import json
from pathlib import Path

from tests.admin_cli.conftest import Installed


def test_a_team_of_each_kind_is_added_by_form(usher: Installed, tmp_path: Path) -> None:
    sessions = tmp_path / "s.jsonl"
    served = usher.start("sandbox", "--port", "0", "--workspaces", "3", "--seats", "6", "--sessions", sessions)
    root = served.wait_for_line("^ready ").split()[1]
    secrets = [json.loads(line)["accessToken"] for line in sessions.read_text().splitlines()]
    key = tmp_path / "key"

    key.write_text(secrets[0] + "\n")
    form = ("--account", "ws-1", "--base-url", f"{root}/backend-api", "--secret", key)
    added = usher.json("team", "add", "--provider", "chatgpt", *form)
    assert (added["team"], added["seats"], added["read"]) == ("Workspace 1", 6, True)
    assert (added["facts"]["plan"], added["facts"]["members"]) == ("team", "0")

    admin = ("--provider", "openai_admin", "--organization", "org-2", "--base-url", f"{root}/v1")
    wrong = usher.run("team", "add", *admin, "--secret", "-", feed="sk-proj-of-a-project").expect(1)
    assert "wrong kind" in wrong.out
    assert "sk-proj" not in wrong.out + wrong.err
    refused = usher.run("team", "add", *admin, "--secret", "-", "--json", feed="nothing-good").expect(1).json()
    assert refused["error"]["key"] == "credential"
    assert len(usher.json("team", "list")["teams"]) == 1
    unchecked = usher.run("team", "add", *admin, "--secret", "-", "--no-check", "--json", feed="later").expect().json()
    assert (unchecked["created"], unchecked["checked"]) == (1, False)
    renewed = usher.run("team", "add", *admin, "--secret", "-", "--json", feed=secrets[1]).expect().json()
    assert (renewed["created"], renewed["updated"], renewed["facts"]["scopes"]) == (0, 1, "users.read, invites.read")

    whole = {"token": secrets[2], "base_url": f"{root}/scim/ws-3/v2", "name": "Third"}
    third = usher.run("team", "add", "--provider", "scim", "--secret", "-", "--json", feed=json.dumps(whole))
    assert third.expect().json()["team"] == "Third"
    assert usher.run("team", "add", "--provider", "scim", "--secret", "-", feed="x").expect(1).out.startswith("Nothing")
    assert usher.run("team", "add", "--provider", "scim").expect(2).err
