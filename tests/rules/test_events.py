"""Events for other systems: which are meant, when they are tried again, and how they are signed."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from core.command_errors import BadValue
from core.rules.events import EVENTS, TRIES, pause_after, read_events, signature


@pytest.mark.parametrize(
    ("names", "meant"),
    [
        ([], ()),
        (["wallet.low"], ("wallet.low",)),
        ([" Alert "], ("alert.opened", "alert.resolved")),
        (["alert.resolved", "seat.joined"], ("seat.joined", "alert.resolved")),
        (["alert", "alert.opened"], ("alert.opened", "alert.resolved")),
    ],
)
def test_events_by_name_or_kind(names: list[str], meant: tuple[str, ...]):
    assert read_events(names) == meant


@pytest.mark.parametrize("name", ["", "opened", "seat.", "everything"])
def test_what_is_no_event_is_shown_with_those_there_are(name: str):
    with pytest.raises(BadValue) as refused:
        read_events(["seat.joined", name])
    assert refused.value.facts == {"name": "events", "value": name, "examples": list(EVENTS)}


def test_a_long_word_is_shown_in_part():
    with pytest.raises(BadValue) as refused:
        read_events(["y" * 41])
    assert refused.value.facts["value"] == "y" * 40


@pytest.mark.parametrize(
    ("tries", "seconds"),
    [(0, 5), (1, 5), (2, 10), (3, 20), (10, 2560), (11, 5120), (12, 7200), (23, 7200), (10**6, 7200)],
)
def test_pauses_double_up_to_two_hours(tries: int, seconds: int):
    assert pause_after(tries) == timedelta(seconds=seconds)


def test_it_is_tried_for_a_little_more_than_a_day():
    pauses = sum((pause_after(tries) for tries in range(1, TRIES)), timedelta())
    assert timedelta(hours=24) < pauses < timedelta(hours=26)


def test_the_signature_is_that_of_the_standard():
    """Reckoned by hand once: another value, and every receiver turns everything away."""
    secret = f"whsec_{base64.b64encode(b'a key of 24 bytes, so so').decode()}"
    assert signature(secret, "msg_1", 1700000000, b'{"a":1}') == "v1,hK8xvhNX+DiMT4rlrXpzWfETxoXVcxVstWkRGYUgGLY="
    assert signature("so long secret!", "msg_1", 1700000000, b"") == "v1,QQLBlGehWkdtPObyH2BZP0xvzHnbR9VcLPMgMX19vrA="
