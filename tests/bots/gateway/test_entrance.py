"""Where a request came from: the word of the servers in front counts, as they write it, and nobody else's."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from aiohttp.test_utils import make_mocked_request

from bots.gateway.entrance import address_of
from core.talk_settings import GatewaySettings


@pytest.mark.parametrize(
    ("remote", "told", "found"),
    [
        ("198.51.100.1", (), "198.51.100.1"),
        ("198.51.100.1", ("203.0.113.7",), "198.51.100.1"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.7",), "203.0.113.7"),
        ("::ffff:10.0.0.1", ("203.0.113.7",), "203.0.113.7"),
        ("10.0.0.1", ("1.1.1.1, 203.0.113.7, 10.9.9.9",), "203.0.113.7"),
        ("10.0.0.1", ("1.1.1.1", "203.0.113.7"), "203.0.113.7"),
        ("10.0.0.1", ("203.0.113.7:51234",), "203.0.113.7"),
        ("10.0.0.1", ("[2001:db8:1:2:3::4]:443",), "2001:db8:1:2::/64"),
        ("10.0.0.1", ("2001:db8:1:2::9%eth0",), "2001:db8:1:2::/64"),
        ("10.0.0.1", ("::ffff:203.0.113.7",), "203.0.113.7"),
        ("10.0.0.1", ("10.0.0.2",), "10.0.0.2"),
        ("10.0.0.1", ("203.0.113.7, nonsense",), "unknown"),
        ("10.0.0.1", ("203.0.113.7:x",), "unknown"),
        ("10.0.0.1", ("",), "unknown"),
        ("", (), "unknown"),
    ],
)
def test_an_address_is_what_the_last_server_that_is_not_ours_has(
    remote: str, told: tuple[str, ...], found: str
) -> None:
    transport = Mock()
    transport.get_extra_info.side_effect = lambda name, *_: (remote, 1) if name == "peername" else None
    head = [("Host", "a"), *(("X-Forwarded-For", line) for line in told)]
    request = make_mocked_request("GET", "/", transport=transport).clone(headers=head)
    assert address_of(GatewaySettings(behind=["10.0.0.0/8"]), request) == found
