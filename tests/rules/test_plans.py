from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.rules.plans import FREE, STANDARD, VIP, extended, refuse_model
from core.rules.terms import UNLIMITED, Term
from core.talk_errors import ModelNotAllowed

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_the_two_plans_that_are_there_from_the_start():
    assert set(STANDARD) == {"free", "vip"}
    free = (FREE.allowance, FREE.per_hour, FREE.questions, FREE.at_once, FREE.keys, FREE.key_requests)
    assert free == (0, 0, 10, 1, 0, 0)
    assert (FREE.most_output, FREE.context, FREE.models, FREE.waits_first) == (4_096, 32_000, None, False)
    assert (VIP.questions, VIP.at_once, VIP.keys, VIP.key_requests) == (30, 3, 5, 60)
    assert (VIP.most_output, VIP.context, VIP.waits_first) == (16_384, 200_000, True)


def test_a_model_is_allowed_by_the_plan_and_by_the_key():
    some = replace(FREE, models=["song", "poem"])
    refuse_model(FREE, "song")
    refuse_model(some, "song")
    refuse_model(some, "song", ["song"])
    for plan, model, own in ((some, "novel", None), (some, "song", ["poem"]), (FREE, "song", [])):
        with pytest.raises(ModelNotAllowed) as refused:
            refuse_model(plan, model, own)
        assert refused.value.facts == {"model": model}


def test_a_membership_goes_on_from_its_end_while_it_runs():
    month, second = Term(1, "month"), timedelta(seconds=1)
    assert extended(None, month, NOON) == NOON.replace(month=2, day=28)
    assert extended(NOON + second, Term(1, "day"), NOON) == NOON + second + timedelta(days=1)
    assert extended(NOON, Term(1, "day"), NOON) == NOON + timedelta(days=1)
    assert extended(NOON - second, Term(1, "day"), NOON) == NOON + timedelta(days=1)
    assert extended(NOON, UNLIMITED, NOON) is None
