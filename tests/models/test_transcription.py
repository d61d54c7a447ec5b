"""Speech over the wire: what is asked for, what is made of the answer, and of those who will not answer."""

from __future__ import annotations

import pytest

from core.models.protocol import (
    Began,
    CallRefused,
    CallUnavailable,
    CallUnclear,
    Finished,
    Question,
    Sent,
    Sound,
    Text,
    Usage,
)
from core.models.transcription import events_of
from tests.models.asking import ask

SPOKEN = Question("sandbox-small", (), 1, sound=Sound("a secret name.oga", "OggSwhat is 狐?".encode()))


async def test_what_is_spoken_is_the_answer(upstream, sandbox):
    assert await ask(upstream, SPOKEN) == [Sent(), Began(), Text("what is 狐?"), Usage(1, 4), Finished("stop")]
    [billed] = sandbox.models.house.bill
    assert (billed.input, billed.output, billed.open) == (1, 4, False)


@pytest.mark.parametrize(
    ("fault", "ending"),
    [
        ("429", CallUnavailable),
        ("401", CallUnavailable),
        ("500", CallUnclear),
        ("400-odd", CallRefused),
        ("html-200", CallUnclear),
    ],
)
async def test_who_will_not_listen_is_understood_as_who_will_not_talk(upstream, sandbox, fault: str, ending: type):
    sandbox.models.faults.set([fault])
    events = await ask(upstream, SPOKEN)
    assert isinstance(events[-1], ending), events
    assert not [event for event in events if isinstance(event, Text)]


@pytest.mark.parametrize(
    ("document", "events"),
    [
        ({"text": " "}, [Finished("stop")]),
        ({"text": "a", "usage": {"type": "duration", "seconds": 3}}, [Began(), Text("a"), Finished("stop")]),
        ({"text": "a", "usage": {"input_tokens": True}}, [Began(), Text("a"), Finished("stop")]),
        ({"text": 7}, [CallUnclear("a transcription of another shape")]),
        (None, [CallUnclear("a transcription of another shape")]),
    ],
)
def test_answers_of_many_shapes(document: object, events: list[object]):
    assert events_of(document) == events
