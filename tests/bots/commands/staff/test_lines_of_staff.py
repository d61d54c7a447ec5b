"""What staff write in one line is read as it was meant."""

from __future__ import annotations

import pytest

from bots.commands.arguments import cut_line
from bots.commands.catalogue import find_command

SHAPES = ()


@pytest.mark.parametrize(
    ("name", "line", "given"),
    [
        ("announce", "everyone Tonight at 8:\nwe move.\n\nBye", {"to": "everyone", "text": "Tonight at 8:\nwe move.\n\nBye"}),
        ("announce", '"Pool One" Hello there', {"to": "Pool One", "text": "Hello there"}),
        ("resend", 'team="Workspace 1" older=3', {"team": "Workspace 1", "older": "3"}),
        ("resend", 'team "Workspace 1" older 3', {"team": "Workspace 1", "older": "3"}),
        ("resend", "a@x.example, b@x.example batch 12", {"addresses": "a@x.example, b@x.example", "batch": "12"}),
        ("alerts", "critical team_capacity resolved", {"level": "critical", "category": "team_capacity", "state": "resolved"}),
        ("alerts", "12", {"alert": "12"}),
        ("mute", "12 3", {"alert": "12", "hours": "3"}),
        ("jobs", "7 cancel", {"job": "7", "action": "cancel"}),
        ("subscribe", "error quiet 22:00-08:00 categories security,provider", {"level": "error", "quiet": "22:00-08:00", "categories": "security,provider"}),
        ("subscribe", "off", {"level": "off"}),
        ("locks", "ban telegram:5 30d spam again", {"action": "ban", "identity": "telegram:5", "term": "30d", "reason": "spam again"}),
        ("locks", "ban telegram:5 spam again", {"action": "ban", "identity": "telegram:5", "reason": "spam again"}),
        ("locks", "ban telegram:5 unlimited reason spam", {"action": "ban", "identity": "telegram:5", "term": "unlimited", "reason": "spam"}),
        ("locks", "ban telegram:5 reason spam", {"action": "ban", "identity": "telegram:5", "reason": "spam"}),
    ],
)  # fmt: skip
def test_a_line_is_cut_into_arguments(name: str, line: str, given: dict[str, str]):
    command = find_command(name)
    assert command is not None
    assert cut_line(command, line, SHAPES) == given
