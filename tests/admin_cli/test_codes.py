"""Codes by files: generated, imported and exported, without ever becoming a formula or a leak."""

from __future__ import annotations

import csv
import io
import stat
from pathlib import Path

from tests.admin_cli.conftest import Installed


def test_codes_go_to_a_private_file_as_list_or_table(usher: Installed, tmp_path: Path) -> None:
    usher.open_sandbox(workspaces=1, seats=10)
    label = '=HYPERLINK("http://evil")'
    made = usher.json("code", "generate", "--count", "3", "--label", label, "--out", tmp_path / "a.csv")
    assert made["codes"] == []
    assert made["written"] == 3
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text(encoding="utf-8-sig"))))
    assert [row["label"] for row in rows] == ["'" + label] * 3
    assert all(row["code"].startswith("TEAM-") for row in rows)
    assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o600

    listed = usher.json("code", "generate", "--count", "2", "--out", tmp_path / "a.txt")
    assert len((tmp_path / "a.txt").read_text().splitlines()) == listed["written"] == 2

    exported = usher.json("code", "export", "--batch", str(made["batch"]), "--out", tmp_path / "b.csv")
    assert exported["written"] == 3
    again = list(csv.DictReader(io.StringIO((tmp_path / "b.csv").read_text(encoding="utf-8-sig"))))
    assert [row["code"] for row in again] == [row["code"] for row in rows]
    assert usher.json("code", "disable", "--batch", str(made["batch"]))["changed"] == 3
    assert len(usher.json("code", "export", "--unused")["codes"]) == 2
    [newest, switched_off] = usher.json("code", "list", "--batches")["batches"]
    assert (switched_off["voided"], switched_off["deleted"], newest["voided"]) == (3, 0, 0)


def test_codes_of_another_system_work_as_they_are(usher: Installed, tmp_path: Path) -> None:
    usher.open_sandbox()
    (tmp_path / "old.txt").write_text("OLD-1234-ABCD\nOLD-9999-WXYZ,2\n\nOLD-1234-ABCD\n?\n")
    taken = usher.json("code", "import", tmp_path / "old.txt", "--label", "old shop")
    assert taken["created"] == 2
    assert taken["invalid"] == [{"line": 4, "reason": "repeated_line"}, {"line": 5, "reason": "mistyped_code"}]
    assert usher.json("code", "import", tmp_path / "old.txt")["known"] == 2
    [result] = usher.json("redeem", "anna@example.com", "old-9999-wxyz")["results"]
    assert result["state"] == "invited"
    assert usher.json("verify", "OLD-9999-WXYZ")["results"][0]["remaining"] == 1
    assert usher.json("doctor")["breaches"] == 0


def test_bound_and_temporary_codes_say_what_they_are(usher: Installed) -> None:
    usher.open_sandbox(workspaces=2)
    bound = usher.json("code", "generate", "--count", "1", "--team", "Workspace 2", "--kind", "bound")
    assert (bound["team"], bound["kind"]) == ("Workspace 2", "bound")
    [result] = usher.json("redeem", "anna@example.com", bound["codes"][0])["results"]
    assert result["team"] == "Workspace 2"
    short = usher.json("code", "generate", "--count", "1", "--kind", "temporary", "--expires", "30d")
    assert short["term"] == "24h"
    assert short["expires_at"] is not None
    assert usher.json("code", "generate", "--count", "1", "--kind", "bound", code=2)["error"]["key"] == "usage"
    wrong = usher.json("code", "generate", "--count", "1", "--expires", "soon", code=2)
    assert wrong["error"]["key"] == "bad_time"


def test_pools_have_their_own_codes_and_terms(usher: Installed) -> None:
    usher.open_sandbox()
    usher.json("pool", "add", "plus", "--prefix", "PLUS", "--policy", "most_free", "--term", "30d")
    assert usher.json("pool", "add", "plus", code=1)["error"]["key"] == "name_taken"
    usher.json("pool", "set", "plus", "--policy", "round_robin", "--no-waitlist")
    [default, plus] = usher.json("pool", "list")["pools"]
    assert (default["name"], default["generatable"]) == ("default", 4)
    assert (plus["policy"], plus["shape"], plus["waitlist_open"]) == ("round_robin", "PLUS-XXXX-XXXX-XXXX-XXXX", False)
    [code] = usher.json("code", "generate", "--count", "1", "--pool", "plus", "--override")["codes"]
    assert code.startswith("PLUS-")
    [result] = usher.json("redeem", "anna@example.com", code, code=1)["results"]
    assert result["reason"] == "no_seats"
