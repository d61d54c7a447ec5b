"""The SCIM adapter against somebody else's server: `scim2-server`, many tenants in one process."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.providers.protocol import CredentialCheck, Done, Listing, Provider, Refused, Standing, Unavailable, Workspace
from core.providers.registry import open_provider, parse_session
from tests.support.ports import free_port

TENANTS = [f"tenant-{number}" for number in range(12)]
TOKEN = "third-party-token"
NEW = "new@people.example"


def serve(*more: str) -> Iterator[str]:
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("scim2-server")), "--port", str(port), "--bearer-token", TOKEN,
        *(word for tenant in TENANTS for word in ("--tenant", tenant)), *more,
    ]  # fmt: skip
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "Serving SCIM" in line, line + process.stdout.read()
    # It reports every request; a pipe that nobody reads would stop it.
    reader = threading.Thread(target=process.stdout.read, daemon=True)
    reader.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
        reader.join(10)
        process.stdout.close()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    yield from serve()


@pytest.fixture
def tenant(server, http):
    """`tenant("tenant-0")`: the adapter of one tenant."""

    def opened(name: str, **more: str) -> Provider:
        pasted = {"provider": "scim", "token": TOKEN, "base_url": f"{server}/{name}/v2", **more}
        parsed = parse_session(pasted)
        return open_provider(Workspace("scim", parsed.external_id, parsed.credential, parsed.base_url), http)

    return opened


async def test_a_seat_is_given_kept_taken_and_given_again(tenant):
    provider = tenant("tenant-0")
    assert await provider.members() == Listing(())
    assert isinstance(await provider.invite(NEW), Done)
    assert await provider.invite(NEW) == Refused("already_member", "status 409")
    assert await provider.invite("NEW@people.example") == Refused("already_member", "status 409")
    member = (await provider.look_up("New@People.example")).member
    assert member.address == NEW
    assert await provider.members() == Listing((member,))
    assert isinstance(await provider.remove_member(member), Done)
    assert await provider.look_up(NEW) == Standing(None, None)
    assert await provider.members() == Listing(())
    assert await provider.invite(NEW) == Done(member.reference)  # the same user, active again
    assert (await provider.look_up(NEW)).member == member


async def test_tenants_know_nothing_of_each_other(tenant):
    providers = [tenant(name) for name in TENANTS[1:6]]
    answers = await asyncio.gather(*(provider.invite(NEW) for provider in providers))
    assert all(isinstance(answer, Done) for answer in answers)
    await tenant(TENANTS[1]).remove_member((await providers[0].look_up(NEW)).member)
    standings = [await provider.look_up(NEW) for provider in providers]
    assert [standing.known for standing in standings] == [False, True, True, True, True]


async def test_long_lists_are_read_whole(tenant):
    provider = tenant("tenant-6")
    people = [f"many-{number}@people.example" for number in range(120)]
    for person in people:
        assert isinstance(await provider.invite(person), Done)
    listed = await provider.members()
    assert sorted(str(member.address) for member in listed.items) == sorted(people)


async def test_a_licence_group_holds_the_seats(tenant, server, http):
    url, headers = f"{server}/tenant-7/v2/Groups", {"Authorization": f"Bearer {TOKEN}"}
    group = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Seats"}
    made = await http.call("POST", url, headers={**headers, "Content-Type": "application/scim+json"}, json_body=group)
    assert made.status == 201
    provider, directory = tenant("tenant-7", group="Seats"), tenant("tenant-7")
    await directory.invite("staff@people.example")  # in the directory, without a seat
    assert isinstance(await provider.invite(NEW), Done)
    assert [member.address for member in (await provider.members()).items] == [NEW]
    assert await provider.look_up("staff@people.example") == Standing(None, None)
    assert isinstance(await provider.invite("staff@people.example"), Done)
    assert len((await provider.members()).items) == 2
    member = (await provider.look_up(NEW)).member
    assert isinstance(await provider.remove_member(member), Done)
    assert isinstance(await provider.remove_member(member), Done)
    assert [one.address for one in (await provider.members()).items] == ["staff@people.example"]
    assert (await directory.look_up(NEW)).member is not None  # the person stays in the directory


async def test_a_wrong_token_is_noticed_although_discovery_is_open(tenant):
    provider = tenant("tenant-8", token="another")
    assert await provider.check_credential() == Unavailable("credential", "status 401")
    assert await provider.invite(NEW) == Unavailable("credential", "status 401")


async def test_a_tenant_that_does_not_exist_is_gone(tenant):
    assert await tenant("tenant-99").invite(NEW) == Unavailable("gone", "status 404")


async def test_addresses_with_quotes_do_not_break_the_filter(tenant):
    provider = tenant("tenant-9")
    assert await provider.look_up('a"b\\c@people.example') == Standing(None, None)
    assert await provider.look_up('x" or userName pr or userName eq "@y') == Standing(None, None)


async def test_cursor_paging_is_followed_where_it_is_announced(http, tmp_path):
    config = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": 200},
        "changePassword": {"supported": False},
        "sort": {"supported": False},
        "etag": {"supported": False},
        "pagination": {"cursor": True, "index": True, "defaultPaginationMethod": "index", "maxPageSize": 50},
        "authenticationSchemes": [],
    }
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    for base in serve("--service-provider-config", str(file)):
        credential = {"token": TOKEN}
        provider = open_provider(Workspace("scim", "x", credential, f"{base}/tenant-0/v2"), http)
        check = await provider.check_credential()
        assert isinstance(check, CredentialCheck)
        assert "cursor" in check.facts["supports"]
        people = [f"many-{number}@people.example" for number in range(110)]
        for person in people:
            assert isinstance(await provider.invite(person), Done)
        listed = await provider.members()
        assert isinstance(listed, Listing)
        assert sorted(str(member.address) for member in listed.items) == sorted(people)
