"""Nobody who adds a team makes this machine speak to itself, to its neighbours or to what tells it its own secrets."""

from __future__ import annotations

import json
import socket
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver

from core.actors import SYSTEM
from core.providers.guarded_connector import GuardedConnector
from core.providers.http import HttpClient, Limits
from core.providers.private_places import WHY, refuse_private
from core.providers.protocol import Unavailable
from core.teams import teams
from tests.support.house import open_house

PLACES = (
    "https://169.254.169.254/",
    "http://localhost:8080",
    "http://127.0.0.1:1",
    "https://10.1.2.3",
    "https://192.168.0.1",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[fe80::1]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[::127.0.0.1]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://239.255.255.250/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://idp.internal",
)


@pytest.mark.parametrize("place", PLACES)
async def test_a_private_place_is_refused_when_it_is_added(sqlite_url: str, place: str) -> None:
    async with open_house(sqlite_url, upstream={"private_hosts": ["127.0.0.2"]}, workspaces=0) as house:
        line = json.dumps({"provider": "scim", "token": "t" * 20, "base_url": place})
        [candidate] = await teams.preview_teams(house.core, SYSTEM, line)
        assert candidate.status == "invalid"


@pytest.mark.parametrize(
    "place",
    ["https://api.openai.com/v1", "https://93.184.216.34", "https://[64:ff9b::5db8:d822]", "http://idp.internal"],
)
def test_public_and_named_places_are_not(place: str) -> None:
    assert refuse_private(place, {"idp.internal"}) is None


async def test_a_name_that_leads_inside_is_refused_when_it_is_spoken_to() -> None:
    limits = Limits(connect=5, total=10)
    async with HttpClient(limits, private=()) as client:
        told = await client.call("GET", "http://127.0.0.1:9/")
        assert isinstance(told, Unavailable)
        assert "private" in told.detail
    async with HttpClient(limits, private=("127.0.0.1",)) as client:
        reached = await client.call("GET", "http://127.0.0.1:9/")
        assert isinstance(reached, Unavailable)
        assert "private" not in reached.detail


class Names(AbstractResolver):
    """Answers every name with these addresses."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> Any:
        return [
            {"hostname": host, "host": one, "port": port, "family": family, "proto": 0, "flags": 0}
            for one in self._addresses
        ]

    async def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    ("addresses", "allowed", "refused"),
    [
        (("127.0.0.1",), (), True),
        (("93.184.216.34", "127.0.0.1"), (), True),
        (("169.254.169.254",), ("another.example.com",), True),
        (("127.0.0.1",), ("inside.example.com",), False),
    ],
    ids=["inside", "inside as well", "another one is allowed", "allowed by name"],
)
async def test_a_public_name_is_asked_where_it_leads(
    addresses: tuple[str, ...], allowed: tuple[str, ...], refused: bool
) -> None:
    connector = GuardedConnector(allowed, resolver=Names(*addresses))
    async with aiohttp.ClientSession(connector=connector) as session:
        for name in ("inside.example.com", "Inside.Example.com."):
            with pytest.raises(aiohttp.ClientConnectorError) as told:
                await session.get(f"http://{name}:9/")
            assert (told.value.os_error.args == (WHY,)) is refused
