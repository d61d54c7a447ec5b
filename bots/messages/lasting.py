"""How long something lasts, in words: a membership, a length of time, and what is left until an end."""

from __future__ import annotations

import math
from datetime import timedelta

from bots.messages.reply import Say, Until
from core.rules.spans import in_words
from core.rules.terms import Term, parse_term

SHORT = 2 * 3600.0
"""Seconds up to which a time is said in minutes: nobody has to look at a clock, or to know its zone."""


def until_words(until: Until) -> Say:
    """How long something lasts: a short time in minutes, a longer one by its end."""
    left = (until.moment - until.now).total_seconds()
    if left > SHORT:
        return Say("until-after", {"moment": until.moment})
    return Say("until-in-minutes", {"count": max(1, math.ceil(left / 60))})


def span_words(span: timedelta) -> Say:
    """A length of time in words, in the largest unit in which it is a whole number."""
    unit, count = in_words(span)
    return Say(f"term-{unit}", {"count": count})


def term_words(term: Term | str) -> Say:
    """How long a membership lasts, in words."""
    read = parse_term(term) if isinstance(term, str) else term
    return Say(f"term-{read.unit}", {"count": read.count})
