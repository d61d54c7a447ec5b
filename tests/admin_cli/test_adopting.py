"""`usher adopt`: shown first, done when told to, and everything that is left out has a sentence."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from tests.admin_cli.conftest import Installed
from tests.support.old_systems import ANN, BOB, GARY, with_records, write


def test_a_system_is_shown_then_carried_over(usher: Installed, tmp_path: Path) -> None:
    served = usher.open_sandbox(workspaces=2, seats=6)
    folder = tmp_path / "old"
    folder.mkdir()
    teams = [json.loads(line) for line in (tmp_path / "sessions.jsonl").read_text().splitlines()]
    old = with_records(folder, teams, datetime(2026, 1, 31, tzinfo=UTC))
    shown = usher.run("adopt", *old.files).expect().out
    assert "redemption_records" in shown
    assert "Asia/Shanghai" in shown
    assert "0 teams new, 2 here already" in shown, "teams that are here keep their tokens, and need none"
    assert "Nothing was changed" in shown
    assert usher.json("code", "list")["codes"] == []
    done = usher.json("adopt", *old.files, "--yes")
    assert (done["done"], done["codes"]["created"], done["holders"]["created"]) == (True, 5, 3)
    assert sorted(one["name"] for one in done["missing"]) == [ANN, BOB, GARY]
    assert usher.ledger()["invites"] == []
    other = write(tmp_path / "songs.db", "CREATE TABLE songs (title TEXT)")
    assert usher.json("adopt", other, code=1)["error"]["key"] == "unknown_system"
    assert "time zone" in usher.run("adopt", other, "--timezone", "Mars/Base").expect(2).err
    assert "time zone" in usher.run("adopt", other, "--timezone", "Asia").expect(2).err, "a folder of zones is none"
    assert usher.json("adopt", write(tmp_path / "empty.db", ""), code=1)["error"]["key"] == "damaged_file"
    served.kill()
