"""Codes that are read from standard input stand in no list of processes."""

from __future__ import annotations

import json

from tests.admin_cli.conftest import Installed


def test_codes_come_from_standard_input(usher: Installed) -> None:
    usher.open_sandbox()
    first, second = usher.codes(2)
    said = usher.run("verify", "-", "--json", feed=f"{first}\n{second}\n")
    assert [one["valid"] for one in said.json()["results"]] == [True, True], said
    said = usher.run("redeem", "anna@example.com", "-", "--request-key", "one", "--json", feed=f"  {first}\n")
    [result] = json.loads(said.out)["results"]
    assert (result["state"], result["code_last4"]) == ("invited", first[-4:])
    said = usher.run("redeem", "anna@example.com", "-", "--json", feed="")
    assert json.loads(said.out)["error"]["key"] == "no_codes"
