"""What Telegram would refuse stops the start, with a sentence; a server of one's own takes more."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Misconfigured
from core.settings import load_settings
from core.vault import fresh_key

URL, SECRET = "https://bot.example.com/telegram", "a-Secret_1"


def load(folder: Path, **telegram: str) -> None:
    lines = "\n".join(f"{name} = {value}" for name, value in telegram.items())
    file = folder / "config.toml"
    text = f'[vault]\nactive = "k1"\nkeys = {{ k1 = "{fresh_key()}" }}\n[telegram]\n{lines}\n'
    file.write_text(text, encoding="utf-8")
    load_settings(file)


def hook(url: str = URL, secret: str = SECRET, *, local: bool = False) -> dict[str, str]:
    settings = {"mode": '"webhook"', "webhook_url": f'"{url}"', "webhook_secret": f'"{secret}"'}
    return {**settings, "local_server": str(local).lower()}


@pytest.mark.parametrize(
    "url", [URL, "https://x.org", "https://x.org:443/a", "https://x.org:88/", "https://x.org:8443"]
)
@pytest.mark.parametrize("secret", [SECRET, "a", "A" * 256])
def test_what_telegram_takes(tmp_path: Path, url: str, secret: str):
    load(tmp_path, **hook(url, secret))


@pytest.mark.parametrize(
    ("url", "secret", "word"),
    [
        ("http://x.org/telegram", SECRET, "https://"),
        ("https://x.org:8080/", SECRET, "8080"),
        ("https://x.org:99999/", SECRET, "no address"),
        ("x.org/telegram", SECRET, "no address"),
        ("ftp://x.org/", SECRET, "no address"),
        ("https://localhost/", SECRET, "from outside"),
        ("https://10.1.2.3/", SECRET, "from outside"),
        ("https://[::1]/", SECRET, "from outside"),
        ("https://usher.local/", SECRET, "from outside"),
        (URL, "with space", "webhook_secret"),
        (URL, "geheim!", "webhook_secret"),
        (URL, "gehéim", "webhook_secret"),
        (URL, "A" * 257, "webhook_secret"),
        ("", SECRET, "needs"),
    ],
)
def test_what_telegram_refuses_stops_the_start(tmp_path: Path, url: str, secret: str, word: str):
    with pytest.raises(Misconfigured) as stopped:
        load(tmp_path, **hook(url, secret))
    [fault] = stopped.value.facts["faults"]
    assert word in fault


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/hook", "http://bot:80/", "https://10.0.0.1:8081/"])
def test_a_server_of_ones_own_takes_any_address(tmp_path: Path, url: str):
    load(tmp_path, **hook(url, local=True))


@pytest.mark.parametrize("token", ["my bot", "AAHabc", "12345", "12345:", "12345:a b", "bot12345:abc"])
def test_what_is_no_token_stops_the_start(tmp_path: Path, token: str):
    with pytest.raises(Misconfigured, match=r"telegram\.token"):
        load(tmp_path, token=f'"{token}"')
