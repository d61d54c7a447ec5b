"""Through which proxy connections leave, seen by a listening socket: Telegram, Discord and a provider."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from core.errors import Misconfigured
from core.network import proxy_for, shown
from core.providers.http import HttpClient, HttpReply
from core.providers.protocol import Unavailable
from core.settings import load_settings
from tests.support.chats import open_chat, telegram_settings
from tests.support.discord.house import open_discord_house
from tests.support.house import open_house, settings_for
from tests.support.proxy import SeenProxy
from tests.support.telegram.emulator import FakeTelegram

ME = "me@example.com"
SCHEMES = ("socks5", "http")
SECRET = "a secret/with:signs"


def place(url: str) -> str:
    return urlsplit(url).netloc


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_provider_is_reached_through_the_proxy(sqlite_url: str, scheme: str):
    async with (
        SeenProxy() as proxy,
        open_house(sqlite_url, workspaces=1, upstream={"proxy": proxy.url(scheme)}) as house,
    ):
        [code] = await house.make_codes()
        assert (await house.redeem(ME, code, key="1")).state == "invited"
        assert set(proxy.asked) == {place(house.sandbox.base_url)}


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_telegram_is_reached_through_the_proxy(sqlite_url: str, scheme: str):
    async with SeenProxy() as proxy, FakeTelegram() as telegram:
        sections: dict[str, Any] = {"telegram": {**telegram_settings(telegram), "proxy": proxy.url(scheme)}}
        async with (
            open_house(sqlite_url, **sections) as house,
            open_chat("telegram", house, telegram=telegram) as chat,
        ):
            assert await chat.say("/start")
            assert set(proxy.asked) == {place(telegram.base)}


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_discord_and_its_gateway_are_reached_through_the_proxy(sqlite_url: str, scheme: str):
    async with (
        SeenProxy() as proxy,
        open_discord_house(sqlite_url, discord={"proxy": proxy.url(scheme)}) as usher,
    ):
        assert await usher.discord.run("start")
        assert {place(usher.discord.api_base), place(usher.discord.gateway_url)} == set(proxy.asked)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_the_proxy_looks_names_up_and_wants_to_know_who_asks(sqlite_url: str, scheme: str):
    async with (
        SeenProxy(user="us er", password=SECRET, hosts={"localhost": "127.0.0.1"}) as proxy,
        open_house(sqlite_url) as house,
    ):
        address = house.sandbox.base_url.replace("127.0.0.1", "localhost") + "/nowhere"
        known = f"{scheme}://us%20er:a%20secret%2Fwith%3Asigns@127.0.0.1:{proxy.port}"
        async with HttpClient(route=lambda _: known) as client:
            assert isinstance(await client.call("GET", address), HttpReply)
        assert proxy.asked == [place(address)], "the name, not an address that this machine looked up"
        async with HttpClient(route=lambda _: f"{scheme}://127.0.0.1:{proxy.port}") as client:
            refused = await client.call("GET", address)
        assert isinstance(refused, Unavailable), "nothing was sent, so nothing is unclear"
        assert refused.reason == "unreachable"
        assert proxy.refused == 1


@pytest.mark.parametrize("scheme", [*SCHEMES, "https"])
async def test_a_proxy_that_is_away_means_that_nothing_was_sent(scheme: str):
    async with HttpClient(route=lambda _: f"{scheme}://127.0.0.1:9") as client:
        answer = await client.call("POST", "https://provider.example/invites", json_body={})
    assert isinstance(answer, Unavailable)
    assert answer.reason == "unreachable"


@pytest.mark.parametrize(
    ("sections", "environment", "expected"),
    [
        ({}, {"HTTPS_PROXY": "http://env:1"}, None),
        ({"network": {"trust_env": True}}, {"HTTPS_PROXY": "http://env:1"}, "http://env:1"),
        ({"network": {"trust_env": True}}, {"ALL_PROXY": "socks5://env:1"}, "socks5://env:1"),
        ({"network": {"trust_env": True}}, {"HTTPS_PROXY": "http://env:1", "NO_PROXY": ".provider.example"}, None),
        ({"network": {"trust_env": True, "proxy": "http://own:2"}}, {"HTTPS_PROXY": "http://env:1"}, "http://own:2"),
        ({"network": {"proxy": "http://own:2"}, "upstream": {"proxy": "socks5://up:3"}}, {}, "socks5://up:3"),
        ({"network": {"proxy": "http://own:2"}, "upstream": {"proxy": "direct"}}, {}, None),
        ({"network": {"proxy": "http://own:2"}, "telegram": {"proxy": "direct"}}, {}, "http://own:2"),
    ],
)
def test_which_proxy_is_taken(monkeypatch, sections, environment, expected):
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = settings_for("sqlite+aiosqlite:///x.db", **sections)
    assert proxy_for(settings, "upstream", "https://api.provider.example/v1") == expected


@pytest.mark.parametrize(
    "wrong", ["proxy.example.com", "ftp://a:1", "socks5://:1", "http://a", "http://a:99999", "http://a:1/x"]
)
def test_what_is_no_proxy_stops_the_start_and_is_not_repeated(tmp_path, wrong):
    config = tmp_path / "config.toml"
    config.write_text(f'[network]\nproxy = "{wrong}"\n[vault.keys]\nk1 = "x"\n')
    with pytest.raises(Misconfigured) as refused:
        load_settings(config)
    assert "network.proxy" in str(refused.value.facts)
    assert wrong not in str(refused.value.facts)


def test_a_proxy_is_shown_without_its_credentials():
    assert shown("socks5://user:secret@proxy.example:1080") == "socks5://proxy.example:1080"
    assert shown(None) == "direct"


def test_a_databases_password_may_be_a_file(tmp_path):
    (tmp_path / "secret").write_text("p@ss/w:rd\n")
    config = tmp_path / "config.toml"
    text = f'[database]\nurl = "{{url}}"\npassword = "file:{tmp_path}/secret"\n[vault.keys]\nk1 = "x"\n'
    config.write_text(text.format(url="postgresql://usher@db.example/usher"))
    assert load_settings(config).database.url == "postgresql+asyncpg://usher:p%40ss%2Fw%3Ard@db.example/usher"
    config.write_text(text.format(url="sqlite:///usher.db"))
    with pytest.raises(Misconfigured):
        load_settings(config)
