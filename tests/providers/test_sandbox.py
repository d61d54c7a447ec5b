"""The sandbox itself: what scripts and tests rely on when they drive the product against it."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from random import Random

import aiohttp
import pytest

from core.providers.protocol import Done, Listing, Refused, Unavailable, Unclear
from core.sandbox import Sandbox
from core.sandbox.faults import CATALOGUE, FaultUnknown, draw, parse_fault, parse_faults

PEOPLE = [f"person-{number}@people.example" for number in range(20)]


async def test_seats_are_enforced_under_a_rush(opened, sandbox):
    provider = opened("chatgpt")
    answers = await asyncio.gather(*(provider.invite(person) for person in PEOPLE))
    assert sum(isinstance(answer, Done) for answer in answers) == 8
    assert answers.count(Refused("full", "status 422")) == 12
    assert len(sandbox.ledger()["invites"]) == 20
    assert [entry["applied"] for entry in sandbox.ledger()["invites"]].count(True) == 8


async def test_a_pending_address_keeps_its_one_invite(opened, sandbox):
    provider = opened("chatgpt")
    first = await provider.invite("Somebody@People.example")
    again = await provider.invite("somebody@people.example", resend=True)
    assert first == again == Done("invite-1")
    assert [entry["applied"] for entry in sandbox.ledger()["invites"]] == [True, False]


async def test_an_accepted_invite_becomes_a_member_of_the_same_workspace(opened, sandbox):
    provider = opened("chatgpt")
    await provider.invite("somebody@people.example")
    assert sandbox.accept("SOMEBODY@people.example") == ["ws-1"]
    standing = await provider.look_up("somebody@people.example")
    assert standing.member.joined_at is not None
    assert standing.invite is None
    assert await provider.invite("somebody@people.example") == Refused("already_member", "status 409")


async def test_a_lag_ends_by_itself(opened, sandbox):
    sandbox.set_faults(["list-lag=0.3"])
    provider = opened("chatgpt")
    await provider.invite("somebody@people.example")
    assert await provider.pending_invites() == Listing(())
    await asyncio.sleep(0.3)
    assert (await provider.look_up("somebody@people.example")).known


async def test_smaller_capacity_refuses_what_the_configuration_promised(opened, sandbox):
    sandbox.set_faults(["smaller-capacity"])
    provider = opened("chatgpt")
    answers = [await provider.invite(person) for person in PEOPLE[:8]]
    assert [type(answer) for answer in answers] == [Done] * 7 + [Refused]


async def test_one_workspace_can_have_faults_of_its_own(http, opened):
    async with Sandbox(workspaces=2, latency_ms=1, faults_for={"ws-2": ["500"]}) as sandbox:
        from core.providers.protocol import Workspace
        from core.providers.registry import open_provider, parse_session

        answers = []
        for session in sandbox.sessions():
            parsed = parse_session(session)
            workspace = Workspace(parsed.provider, parsed.external_id, parsed.credential, parsed.base_url)
            answers.append(await open_provider(workspace, http).invite("somebody@people.example"))
    assert [type(answer) for answer in answers] == [Done, Unclear]


async def test_a_counted_fault_runs_out(opened, sandbox):
    sandbox.set_faults(["429=2"])
    provider = opened("chatgpt")
    answers = [await provider.invite(person) for person in PEOPLE[:3]]
    assert [type(answer) for answer in answers] == [Unavailable, Unavailable, Done]


async def test_a_request_can_bring_its_own_fault(sandbox):
    session = sandbox.sessions()[0]
    headers = {"Authorization": f"Bearer {session['accessToken']}", "X-Sandbox-Fault": "members:503"}
    url = f"{sandbox.base_url}/accounts/ws-1/users"
    async with aiohttp.ClientSession(headers=headers) as http:
        async with http.get(url) as struck:
            assert struck.status == 503
        async with http.get(url, headers={"X-Sandbox-Fault": "nonsense"}) as wrong:
            assert wrong.status == 400
            assert "nonsense" in (await wrong.json())["detail"]


async def test_probabilities_follow_the_seed():
    async def struck(seed: int) -> list[bool]:
        faults, random = parse_faults(["500=0.5"]), Random(seed)
        return [draw(faults, "invite", random).event is not None for _ in range(200)]

    assert await struck(1) == await struck(1)
    assert await struck(1) != await struck(2)
    assert 70 < sum(await struck(1)) < 130


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_fault_can_be_asked_for_in_every_form(name):
    if (kind := CATALOGUE[name]).measure:
        assert parse_fault(f"{name}=5").measure == 5
        with pytest.raises(FaultUnknown, match="needs its"):
            parse_fault(name)
    elif kind.once:
        assert parse_fault(name).left == 1
    else:
        assert parse_fault(name).left is None
        assert parse_fault(f"{name}=3").left == 3
        assert parse_fault(f"{name}=0.25").probability == 0.25
        assert parse_fault(f"members:{name}=3").scope == {"members"}


@pytest.mark.parametrize(
    "text",
    ["", "x", "500=0", "500=-1", "500=many", "500=1.5", "500=", "nowhere:500", "slow=fast", "slow=-1", "list-lag=inf",
     "401-once=2", "=3", "500=٣"],
)  # fmt: skip
def test_a_fault_that_cannot_be_understood_is_named(text):
    with pytest.raises(FaultUnknown):
        parse_fault(text)


def test_a_dead_credential_is_dead_for_every_call_and_a_counted_one_slips_once():
    assert "members" in parse_fault("401").scope
    assert parse_fault("401=1").scope == {"invite"}
    assert parse_fault("401-once").scope == {"invite"}


async def test_the_control_interface(sandbox, opened):
    provider = opened("chatgpt")
    async with aiohttp.ClientSession(sandbox.root) as http:

        async def post(what: str, body: object) -> tuple[int, dict]:
            async with http.post(f"/_sandbox/{what}", json=body) as answer:
                return answer.status, await answer.json()

        assert (await post("faults", {"faults": ["500=1"]}))[0] == 200
        assert isinstance(await provider.invite("a@people.example"), Unclear)
        assert (await post("faults", {"faults": ["404"], "workspace": "ws-1"}))[0] == 200
        assert await provider.invite("a@people.example") == Unavailable("gone", "status 404")
        assert (await post("faults", {"faults": [], "workspace": "ws-1"}))[1] == {"faults": []}
        assert (await post("faults", {"faults": ["nonsense"]}))[0] == 400
        assert (await post("faults", {"faults": ["500"], "workspace": "ws-9"}))[0] == 400
        assert (await post("faults", "500"))[0] == 400

        assert await provider.invite("a@people.example") == Done("invite-3")
        assert (await post("accept", {"email": "a@people.example"}))[1] == {"joined": ["ws-1"]}
        assert (await post("accept", {"email": "a@people.example"}))[0] == 404
        assert (await post("join", {"workspace": "ws-1", "email": "b@people.example"}))[0] == 200
        assert (await post("leave", {"email": "a@people.example"}))[1] == {"left": ["ws-1"]}
        async with http.get("/_sandbox/ledger") as answer:
            ledger = await answer.json()
        assert ledger == sandbox.ledger()
        assert {"workspace", "email", "at", "request_id", "applied"} == ledger["invites"][0].keys()
        assert [entry["applied"] for entry in ledger["invites"]] == [False, False, True]
        assert {"workspace": "ws-1", "email": "b@people.example", "role": "standard-user"} in ledger["members"]

        assert (await post("revoke", {"workspace": "ws-1"}))[1] == {"session": None}
        assert await provider.members() == Unavailable("credential", "status 401")
        renewed = (await post("revoke", {"workspace": "ws-1", "renew": True}))[1]["session"]
        assert isinstance(await opened("chatgpt", accessToken=renewed["accessToken"]).members(), Listing)

        assert (await post("reset", {}))[0] == 200
        assert sandbox.ledger()["invites"] == []
        assert isinstance(await provider.members(), Listing)  # the first credentials count again
        assert (await post("nothing", {}))[0] == 404


async def test_a_session_that_fits_another_workspace_is_refused(sandbox, opened):
    stolen = sandbox.sessions()[1]["accessToken"]
    for provider in ("chatgpt",):
        assert await opened(provider, accessToken=stolen).members() == Unavailable("credential", "status 401")
    assert await opened("scim", token=stolen).members() == Unavailable("credential", "status 401")


SERVE = """
import asyncio, sys
from pathlib import Path
from core.sandbox import Sandbox, serve
asyncio.run(serve(Sandbox(3, 2, 1, ["500=1"]), sessions_file=Path(sys.argv[1])))
"""


async def test_the_server_says_when_it_is_ready_and_stops_when_told(tmp_path: Path):
    file = tmp_path / "sessions.jsonl"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVE, str(file), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(240):
            line = (await process.stdout.readline()).decode()
        assert line.startswith("ready http://127.0.0.1:")
        sessions = [json.loads(row) for row in file.read_text(encoding="utf-8").splitlines()]
        assert [session["account"]["id"] for session in sessions] == ["ws-1", "ws-2", "ws-3"]
        assert file.stat().st_mode & 0o077 == 0
        assert all(session["base_url"].startswith(line.split()[1]) for session in sessions)
        async with aiohttp.ClientSession() as http, http.get(f"{line.split()[1]}/_sandbox/ledger") as answer:
            assert len((await answer.json())["members"]) == 3
    finally:
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(240):
            assert await process.wait() == 0


def test_a_fault_that_nobody_knows_is_answered_with_all_that_somebody_does() -> None:
    with pytest.raises(FaultUnknown, match=r"409-member.*no-usage"):
        Sandbox(model_accounts=1).set_faults(["nonsense=1"])
    with pytest.raises(FaultUnknown) as unknown:
        Sandbox().set_faults(["invite:nonsense"])
    assert "no-usage" not in str(unknown.value)
    Sandbox(model_accounts=1).set_faults(["invite:429=1", "no-usage=1", "429", "cut=5*1"])
