"""How much of a conversation a model is shown: the newest messages first, as many as fit."""

from __future__ import annotations

import math
from collections.abc import Sequence

SPARE = 0.1
"""The share of a context that is left free: the rules that count tokens err on both sides."""
PER_MESSAGE = 8
"""Tokens that a message costs beside its text; as in `core.rules.prices`."""


def room(context: int, output: int) -> int:
    """Tokens that instructions and messages may take, beside an answer of `output` tokens."""
    return context - min(output, context // 2) - math.ceil(context * SPARE)


def tokens(size: int, images: int, *, bytes_per_token: float, image_tokens: int) -> int:
    """The most tokens that a message of `size` bytes can be."""
    return math.ceil(size / bytes_per_token) + PER_MESSAGE + images * image_tokens


def newest_fitting(sizes: Sequence[int], most: int) -> int:
    """How many of the last `sizes` (tokens, oldest first) fit into `most`. The last one is always included."""
    left = most
    for count, size in enumerate(reversed(sizes)):
        left -= size
        if left < 0:
            return max(1, count)
    return len(sizes)
