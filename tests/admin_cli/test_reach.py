"""`usher status --reach`: what answers, through what, in how many milliseconds."""

from __future__ import annotations

from typing import Any

from tests.admin_cli.conftest import Installed


async def test_status_tells_what_is_reached_and_through_what(usher: Installed) -> None:
    usher.open_sandbox()
    [found] = usher.json("status", "--reach")["reach"]
    assert (found["reached"], found["through"]) == (True, "direct")
    assert found["answer"].isdecimal()
    assert found["milliseconds"] >= 0
    away: dict[str, Any] = {"USHER_UPSTREAM__PROXY": "socks5://who:secret@127.0.0.1:9"}
    [found] = usher.json("status", "--reach", **away)["reach"]
    assert (found["reached"], found["through"]) == (False, "socks5://127.0.0.1:9")
    assert "secret" not in str(found)


async def test_the_doctor_warns_of_what_is_not_reached(usher: Installed) -> None:
    usher.open_sandbox()
    away: dict[str, Any] = {"USHER_TELEGRAM__TOKEN": "1:" + "a" * 35, "USHER_TELEGRAM__API_BASE": "http://127.0.0.1:9"}
    checks = {one["name"]: one for one in usher.json("doctor", "--upstream", **away)["checks"]}
    assert checks["reach"]["warnings"] == 1
    assert "telegram http://127.0.0.1:9 direct" in checks["reach"]["detail"]
    checks = {one["name"]: one for one in usher.json("doctor", "--upstream")["checks"]}
    assert checks["reach"]["warnings"] == 0
