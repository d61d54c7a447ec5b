"""Looking after a house from the command line: figures, look-up, leases, transfers, alerts, jobs, sweeps."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.admin_cli.conftest import Installed


def invited(usher: Installed, *addresses: str, workspaces: int = 2) -> list[str]:
    usher.open_sandbox(workspaces=workspaces)
    codes = usher.codes(len(addresses) + 1)
    for address, code in zip(addresses, codes, strict=False):
        [result] = usher.json("redeem", address, code)["results"]
        assert result["state"] == "invited"
    return codes


def test_figures_and_look_up_show_what_happened(usher_on_each: Installed, tmp_path: Path) -> None:
    usher = usher_on_each
    codes = invited(usher, "anna@example.com", "ben@example.com")
    figures = usher.json("stats", "--csv", tmp_path / "trend.csv")
    assert (figures["redeemed"], figures["pending"], figures["seats"]["free"]) == (2, 2, 6)
    assert figures["codes"]["unused"] == 1
    trend = list(csv.DictReader((tmp_path / "trend.csv").read_text().splitlines()))
    assert sum(int(day["redeemed"]) for day in trend) == 2

    found = usher.json("find", "anna@example.com")
    assert [(one["team"], one["status"]) for one in found["leases"]] == [("Workspace 1", "invited")]
    assert usher.json("find", codes[0])["redemptions"][0]["address"] == "anna@example.com"
    assert not usher.json("find", "nobody@example.com", code=1)["found"]
    assert usher.json("find", "ann", code=1)["alike"] == [{"kind": "address", "name": "anna@example.com"}]
    assert [one["state"] for one in usher.json("redemptions")["redemptions"]] == ["invited", "invited"]
    actions = {line["action"] for line in usher.json("audit", "--limit", "1000", "--since", "1d")["audit"]}
    assert {"team.created", "batch.generated", "redemption.invited", "lease.invited"} <= actions
    for command in (["stats"], ["find", "anna@example.com"], ["redemptions"], ["audit"], ["lease", "list"]):
        assert "Traceback" not in usher.run(*command).expect().err
    for language, made in (("en", "codes made"), ("zh-CN", "生成兑换码")):
        shown = usher.run("audit", "--action", "batch", USHER_LANGUAGE=language).expect().out
        assert made in shown
        assert "batch.generated" not in shown


def test_people_are_extended_moved_and_ended(usher_on_each: Installed) -> None:
    usher = usher_on_each
    invited(usher, "anna@example.com")
    usher.accept("anna@example.com")
    assert all(reading["ok"] for reading in usher.json("team", "sync")["readings"])
    [lease] = usher.json("lease", "list")["leases"]
    assert (lease["status"], lease["team"]) == ("active", "Workspace 1")
    [longer] = usher.json("lease", "extend", "anna@example.com", "1mo")["extended"]
    assert longer["expires_at"] > lease["expires_at"]

    preview = usher.json("transfer", "start", "anna@example.com", "--dry-run")["preview"]
    assert [(one["from_team"], one["to_team"]) for one in preview] == [("Workspace 1", "Workspace 2")]
    [moved] = usher.json("transfer", "start", "anna@example.com", "--to", "Workspace 2", "--force")["transfers"]
    assert moved["to_team"] == "Workspace 2"
    assert usher.json("doctor")["breaches"] == 0
    usher.json("transfer", "start", "anna@example.com", "--to", "Nowhere", code=1)
    [listed] = usher.json("transfer", "list")["transfers"]
    assert listed["address"] == "anna@example.com"

    ended = usher.run("lease", "end", "anna@example.com", "--team", "Workspace 2", "--json")
    assert ended.code in {0, 1, 3}
    assert usher.json("doctor")["breaches"] == 0


def test_invites_are_sent_again_by_a_job(usher: Installed) -> None:
    invited(usher, "anna@example.com", "ben@example.com", workspaces=1)
    assert usher.json("job", "start", "resend", "--team", "Workspace 1")["applied"] is False
    begun = usher.json("job", "start", "resend", "--team", "Workspace 1", "--yes")
    assert begun["items"] == 2
    assert usher.json("sweep", "run", "jobs")["outcome"]
    shown = usher.json("job", "show", str(begun["job"]))["job"]
    # They were invited a moment ago: a mailbox is not filled, and the job says so.
    assert (shown["state"], shown["done"] + shown["skipped"], shown["failed"]) == ("done", 2, 0)
    assert {one["address"] for one in shown["items"]} == {"anna@example.com", "ben@example.com"}
    assert len(usher.json("job", "list")["jobs"]) == 1
    assert usher.json("job", "show", "99", code=1)["error"]["key"] == "not_found"


def test_a_full_team_is_an_alert_that_can_be_resolved(usher: Installed) -> None:
    invited(usher, "anna@example.com", "ben@example.com", "cleo@example.com", "dan@example.com", workspaces=1)
    usher.json("alert", "check")
    found = usher.json("alert", "list")["alerts"]
    assert "team_capacity" in {one["category"] for one in found}
    numbers = [str(one["id"]) for one in found]
    usher.json("alert", "mute", numbers[0], "--hours", "2")
    assert len(usher.json("alert", "resolve", *numbers)["resolved"]) == len(numbers)
    assert usher.json("alert", "list")["total"] == 0
    assert usher.json("alert", "resolve", "999", code=1)["error"]["key"] == "not_found"


def test_sweeps_run_rest_and_go_on(usher: Installed) -> None:
    usher.open_sandbox()
    assert usher.json("sweep", "run", "sync")["sweep"] == "sync"
    assert usher.json("sweep", "pause", "sync")["paused"]
    assert [one["paused"] for one in usher.json("sweep", "list")["sweeps"] if one["name"] == "sync"] == [True]
    assert not usher.json("sweep", "resume", "sync")["paused"]
    assert usher.json("sweep", "run", "nonsense", code=1)["error"]["key"] == "not_found"


def test_an_empty_team_goes_and_one_with_people_stays(usher: Installed) -> None:
    invited(usher, "anna@example.com")
    assert usher.json("team", "remove", "Workspace 2")["applied"] is False
    assert usher.json("team", "remove", "Workspace 2", "--yes")["applied"]
    assert "error" in usher.json("team", "remove", "Workspace 1", "--yes", code=1)
    assert usher.json("team", "cleanup")["teams"] == []
    assert [team["name"] for team in usher.json("team", "list")["teams"]] == ["Workspace 1"]
    assert usher.json("doctor")["breaches"] == 0
