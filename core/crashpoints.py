"""Places where a test kills the process, to prove that nothing is lost there.

Without `USHER_CRASH_AT` a crash point is an empty call. The names and what lies between them are the K points of a
redemption, the T points of a transfer, the C points of a call, the S points of a subaccount and the A points of an
answer in a chat; `tests/crashes` and `tests/bots` run every one of them with a real SIGKILL and check that none is dead.
"""

from __future__ import annotations

import os
import signal

POINTS = (
    "K0",  # before the inbox has the message
    "K1",  # after the inbox has it, before the reservation
    "K2",  # inside the reserving transaction
    "K3",  # after the reservation, before the adapter is asked
    "K4",  # the adapter is asked, nothing is sent yet
    "K5",  # the upstream has answered or not; its answer is not looked at
    "K6",  # the answer is read, nothing is written
    "K7",  # settled, before the person is answered
    "K8",  # answered, before the inbox knows
    "K9",  # in the recovery of another one's redemption
    "T0",  # inside the transaction that plans a transfer
    "T1",  # inside the transaction that reserves the new seat
    "T2",  # the new seat is reserved, nobody is invited (K3 to K6 lie between here and T3)
    "T3",  # the invite to the new team is settled
    "T4",  # a removal is about to be sent
    "T5",  # the upstream has answered the removal; its answer is not looked at
    "T6",  # inside the transaction that ends the old lease
    "C0",  # a question to a model, before anything is claimed
    "C1",  # after the claim
    "C2",  # inside the transaction that takes a place at a source and notes the attempt
    "C3",  # after the attempt is noted, before a byte leaves
    "C4",  # the question has left
    "C5",  # the first token is here
    "C6",  # after a checkpoint in the middle of an answer
    "C7",  # the last token is here
    "C9",  # the answer is over, nothing is settled
    "C8",  # settled, before the answer is shown
    "S1",  # a subaccount is claimed, its parent is not asked
    "S2",  # the parent has answered; its answer is not looked at
    "S3",  # a subaccount is settled, nobody is told
    "A0",  # the first picture of an answer is in a chat of Discord's, before that is noted
    "A1",  # an answer is shown in a chat, before that is noted
)

_CRASH_AT = os.environ.get("USHER_CRASH_AT")


def crashpoint(name: str) -> None:
    """Die here, as by the power switch, if the environment says so."""
    if _CRASH_AT is not None and name == _CRASH_AT:
        os.kill(os.getpid(), signal.SIGKILL)
