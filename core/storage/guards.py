"""Switches that take one guard away, so that a test can show what the guard is for.

A race test that passes proves something only if it fails without its guard. Outside of tests nothing is ever switched
off.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

NAMES = (
    "seat_claim",  # a seat that was free when it was chosen is still free when it is held
    "code_uses",  # a code has a use left when one is reserved
    "claim_fence",  # whoever settles an invite still has the claim to it
    "list_lag",  # a list that shows nothing proves nothing before the upstream's lag is over
    "recovery",  # what a dead process left under way is taken over
    "wallet_claim",  # what a call takes out of a wallet is there
    "purses_kept",  # what a person's allowances may hold is decided by one at a time
    "slot_claim",  # a place at a source that was free when it was chosen is still free
    "call_fence",  # whoever settles a call still has the claim to it
    "attempt_row",  # the intent to ask a source is committed before a byte leaves
    "first_token",  # after the first token no other source goes on with an answer
    "key_kept",  # a key that is good when a call is claimed is not revoked before that is committed
    "lease_claim",  # moving and ending are wishes of which one is granted
    "transfer_state",  # a transfer is changed from the state it was read in
    "surplus_lock",  # a team's seats are counted with nobody else counting
    "address_lock",  # an address is given seats by one redemption at a time
    "place_fence",  # a waiting place that is being served is not given up
    "person_lock",  # what one person has used is counted by one redemption at a time
    "kept_uses",  # a waiting place keeps a use of its code
    "removal_recheck",  # nobody is taken out who has come to a seat since it was planned
    "strangers_seat",  # a stranger's seat is given back as the stranger's, not as the lease's that it has become
    "pool_kept",  # nothing new comes into a pool that is being put away, nor where its team or code has left
    "term_over",  # whose term is over is asked when it is ended, not when that was found
    "wish_of_live",  # a seat does not end between being read and being wished something for
    "extension",  # an end is moved from where it was read
)

_off: set[str] = set()


def guard(name: str, *conditions: T) -> tuple[T, ...]:
    """The conditions of a guarded statement; none of them while a test has switched the guard off."""
    return () if name in _off else conditions


@contextmanager
def without(name: str) -> Iterator[None]:
    """Switch one guard off in this process. For negative controls only."""
    if name not in NAMES:
        raise ValueError(name)
    _off.add(name)
    try:
        yield
    finally:
        _off.discard(name)
