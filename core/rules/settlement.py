"""What an upstream's answer means for the seat and the code: the decision at the heart of the promise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from core.providers.protocol import Done, ProviderAnswer, ProviderFault, Refused, Standing, Unavailable, Unclear

Fate: TypeAlias = Literal["invited", "already_member", "unclear", "next_team", "refused", "given_up"]

CLOCKS_APART = timedelta(seconds=120)
"""How far the provider's clock may be off ours, where it does not tell its time, before "they were there earlier" is
believed; and more than its time, told to a second and some while before it is used, can be wrong by."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a lease. `reason` is the provider's word for a refusal; `detail` is for the log.

    `fault` is whose trouble a failure is: an upstream that is well may refuse one address. `remark` is the key of what
    staff should know. `given_up`: nobody answered; the invite counts as not made, and no other team is asked.
    """

    fate: Fate
    reason: str | None = None
    detail: str = ""
    reference: str | None = None
    retry_after: float | None = None
    fault: ProviderFault = "team"
    remark: str | None = None


def judge(answer: ProviderAnswer, *, maybe_sent: bool) -> Verdict:
    """The fate of a lease after an invite was answered.

    `maybe_sent`: an earlier invite of this lease may still turn out to have been applied. Then only a yes is
    believed: a refusal may be the echo of our own success (the seat or the membership is this person's).
    """
    match answer:
        case Done(reference, remark):
            return Verdict("invited", reference=reference, remark=remark)
        case Refused("already_member", detail):
            return Verdict("invited" if maybe_sent else "already_member", "already_member", detail)
        case _ if maybe_sent:
            return Verdict(
                "unclear",
                answer.reason,
                answer.detail,
                retry_after=_pause(answer),
                fault=_fault(answer),
            )
        case Refused("address", detail):
            return Verdict("refused", "address", detail)
        case Refused(reason, detail):
            return Verdict("next_team", reason, detail, fault="person")
        case Unavailable(reason, detail, retry_after):
            return Verdict("next_team", reason, detail, retry_after=retry_after)
        case Unclear(detail, fault):
            return Verdict("unclear", None, detail, fault=fault)


def judge_standing(standing: Standing, first_sent_at: datetime | None) -> Verdict | None:
    """What a read-back proves; None if the upstream shows nothing of the address.

    `first_sent_at` is by the same clock as the upstream's moments, or None where nobody knows: then a member counts as
    the invite's, for only who was certainly there before it was not invited by it.
    """
    if standing.member is not None:
        joined = standing.member.joined_at
        earlier = joined is not None and first_sent_at is not None and joined < first_sent_at - CLOCKS_APART
        return Verdict("already_member" if earlier else "invited", "already_member" if earlier else None)
    if standing.invite is not None:
        return Verdict("invited", reference=standing.invite.reference)
    return None


def proves_absence(last_sent_at: datetime, list_lag: float, read_started_at: datetime) -> bool:
    """True if a read-back that began then and showed nothing proves that nothing was applied."""
    return read_started_at >= last_sent_at + timedelta(seconds=list_lag)


def look_again_after(unclear_since: datetime, now: datetime, longest: float) -> timedelta:
    """Seconds until the next look at an unclear invite: as long as it has been unclear, from 2 s to `longest`.

    After an hour without an answer it is no longer a passing fault: from then on every ten minutes.
    """
    age = (now - unclear_since).total_seconds()
    if age > 3600:
        return timedelta(seconds=600)
    return timedelta(seconds=min(max(age, 2.0), longest))


def _fault(answer: ProviderAnswer) -> ProviderFault:
    return "person" if isinstance(answer, Refused) else answer.fault if isinstance(answer, Unclear) else "team"


def _pause(answer: ProviderAnswer) -> float | None:
    return answer.retry_after if isinstance(answer, Unavailable) else None
