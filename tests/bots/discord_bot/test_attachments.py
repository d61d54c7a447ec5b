"""Files in Discord are fetched from Discord, whatever address an event names."""

from __future__ import annotations

import pytest

from bots.commands.request import kind_of
from bots.discord_bot.binding import is_discords

API = "https://discord.com/api/v10"


@pytest.mark.parametrize(
    ("url", "api", "is_theirs"),
    [
        ("https://cdn.discordapp.com/attachments/1/2/a.png?ex=1", API, True),
        ("https://media.discordapp.net/attachments/1/2/a.png", API, True),
        ("http://cdn.discordapp.com/attachments/1/2/a.png", API, False),
        ("https://cdn.discordapp.com@example.com/a.png", API, False),
        ("https://cdn.discordapp.com.example.com/a.png", API, False),
        ("https://169.254.169.254/latest/meta-data", API, False),
        ("file:///etc/passwd", API, False),
        ("https://[broken", API, False),
        ("http://127.0.0.1:9/attachments/1/a.png", "http://127.0.0.1:9/api/v10", True),
        ("http://127.0.0.2:9/attachments/1/a.png", "http://127.0.0.1:9/api/v10", False),
    ],
)
def test_only_discords_own_hosts_are_asked(url: str, api: str, is_theirs: bool):
    assert is_discords(url, api) is is_theirs


@pytest.mark.parametrize(
    ("name", "media", "kind"),
    [
        ("fox.png", "", "image"),
        ("fox", "image/webp", "image"),
        ("drawing.svg", "", "file"),
        ("voice.ogg", "audio/ogg", "voice"),
        ("film.mp4", "", "other"),
        ("program.ts", "video/mp2t", "file"),
        ("list.csv", "text/csv", "file"),
        ("notes.md", "", "file"),
        ("Makefile", "", "file"),
    ],
)
def test_what_a_file_is_taken_for(name: str, media: str, kind: str):
    assert kind_of(name, media) == kind
