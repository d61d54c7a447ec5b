"""What anybody may write costs no more than its length: quadratic, each of these would take hours."""

from __future__ import annotations

import pytest

from core.rules.codes import DEFAULT_SHAPE
from core.rules.message_text import find_codes
from core.telemetry import redact

LONG = 2_000_000


@pytest.mark.parametrize("piece", ["a", "a.", "a-", "bearer ", "1", "sk-", "://a:", "-AAAA", "eyJ.", "@", "a@"])
def test_redacting_is_linear(piece: str) -> None:
    assert redact(piece * (LONG // len(piece)))


@pytest.mark.parametrize("piece", ["@ﷺ", "ﷺ@", "a@", "@", "é@ "])
def test_finding_codes_is_linear(piece: str) -> None:
    found = find_codes(piece * 50_000, (DEFAULT_SHAPE,))
    assert not found.codes


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("to anna@example.com!", "to a***@example.com!"),
        ("<anna.b@example.com>", "<a***@example.com>"),
        ("x=eyJhbGciOiJI.eyJzdWIi.c2ln", "x=[jwt]"),
        ("TEAM-ABCD-EFGH-JKMN-PQRS", "…PQRS"),
    ],
)
def test_it_still_finds_what_it_is_for(written: str, shown: str) -> None:
    assert redact(written) == shown
