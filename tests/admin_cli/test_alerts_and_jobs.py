"""`usher alert` and `usher job`, as scripts use them."""

from __future__ import annotations


def fill(usher, count: int) -> list[str]:
    names = [f"person{number}@example.com" for number in range(count)]
    for name, code in zip(names, usher.codes(count), strict=True):
        assert usher.json("redeem", name, code)["results"][0]["state"] == "invited"
    return names


def test_alerts_are_found_listed_and_resolved(usher):
    usher.open_sandbox(workspaces=1, seats=2)
    fill(usher, 2)
    usher.json("alert", "check")
    found = usher.json("alert", "list")
    assert {one["title"] for one in found["alerts"]} >= {"pool_full"}
    assert found["total"] == len(found["alerts"])
    number = found["alerts"][0]["id"]
    assert usher.json("alert", "mute", str(number), "--hours", "2")["alert"] == number
    usher.json("alert", "resolve", str(number))
    assert number not in [one["id"] for one in usher.json("alert", "list")["alerts"]]
    assert usher.json("alert", "list", "--category", "security")["alerts"] == []
    assert usher.json("alert", "resolve", "999", code=1)["error"]["key"] == "not_found"


def test_a_job_is_tried_dry_then_done_by_a_worker_and_shown(usher):
    usher.open_sandbox(workspaces=1, seats=3)
    names = fill(usher, 2)
    wish = ("job", "start", "cancelinvite", *names, "nobody@example.com")
    dry = usher.json(*wish)
    assert [one["reason"] for one in dry["left"]] == ["not_found"]
    assert usher.json("job", "list")["jobs"] == []
    begun = usher.json(*wish, "--yes", "--request-key", "k1")
    again = usher.json(*wish, "--yes", "--request-key", "k1")
    assert (begun["items"], again["job"], again["merged"]) == (2, begun["job"], True)
    usher.json("sweep", "run", "jobs")
    shown = usher.json("job", "show", str(begun["job"]))["job"]
    assert shown["total"] == 3
    assert shown["done"] + shown["waiting"] == 2
    assert {one["address"] for one in shown["items"]} == {*names, "nobody@example.com"}
    assert usher.json("job", "retry", str(begun["job"]), code=1)["error"]["key"] in {"conflict", "nothing_to_do"}
    assert usher.json("job", "show", "99", code=1)["error"]["key"] == "not_found"
    assert usher.json("job", "start", "resend", code=1)["error"]["key"] == "missing_argument"
