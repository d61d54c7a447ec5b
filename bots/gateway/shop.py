"""Redeeming and verifying codes, for a shop's own pages."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from bots.gateway.operations import AskedText, Caller, Failed, Given, Line, Operation, Told, failed
from core.codes import verification
from core.errors import CodeRefused, Mistyped
from core.leases.receipts import Receipt
from core.redemptions import redemptions
from core.redemptions.orders import RedeemWish
from core.rules.codes import CodeText, read_code
from core.rules.money import amount_text

WAIT: Final = 15.0
"""Seconds that an answer stays with an invite which is not confirmed yet."""
MOST_CODES: Final = 20


class Redeem(Given):
    email: AskedText
    code: AskedText


class RedeemBatch(Given):
    email: AskedText
    codes: list[Line] = Field(min_length=1, max_length=MOST_CODES)


class Verify(Given):
    code: AskedText


class Redeemed(Told):
    message: str
    state: str
    team: str | None
    pool: str | None
    expires_at: str | None
    redemption_id: int | None
    repeated: bool


class OneOfMany(BaseModel):
    code: str
    success: bool
    message: str
    state: str
    reason: str | None
    team: str | None


class RedeemedMany(Told):
    success_count: int
    fail_count: int
    results: list[OneOfMany]


class Verified(BaseModel):
    valid: bool
    error: str | None = None
    team: str | None = None
    pool: str | None = None
    remaining_uses: int | None = None
    max_uses: int | None = None
    expires_at: str | None = None
    term: str | None = None
    state: str | None = None
    gives: Literal["seat", "credit", "plan", "access"] | None = None
    amount: str | None = None
    plan: str | None = None


async def redeem(caller: Caller, given: Redeem) -> tuple[int, BaseModel]:
    """One code for one address. Repeating it uses nothing and answers how it stands."""
    core = caller.core
    code = read_code(given.code, await core.shapes())
    [receipt] = await redemptions.redeem_all(
        core,
        caller.actor,
        RedeemWish(given.email, [code], request_key=caller.request_key, language=caller.language),
        wait=WAIT,
    )
    if receipt.state == "unclear":
        problem = failed("still_confirming", {}, caller.look, core)
        return 202, Failed(**problem.beside)
    if receipt.state == "refused":
        problem = failed(receipt.reason or "refused", facts_of(receipt), caller.look, core)
        return problem.status, Failed(**problem.beside)
    expires = None if receipt.expires_at is None else receipt.expires_at.isoformat()
    return 200, Redeemed(
        message=_message(caller, receipt),
        state=receipt.state,
        team=receipt.team,
        pool=receipt.pool,
        expires_at=expires,
        redemption_id=receipt.redemption_id,
        repeated=receipt.repeated,
    )


async def redeem_batch(caller: Caller, given: RedeemBatch) -> RedeemedMany:
    """Several codes for one address, one after the other, each with its answer."""
    core = caller.core
    shapes = await core.shapes()
    read: list[CodeText | None] = []
    for text in given.codes:
        try:
            read.append(read_code(text, shapes))
        except Mistyped:
            read.append(None)
    codes = [code for code in read if code is not None]
    receipts = iter(
        await redemptions.redeem_all(
            core,
            caller.actor,
            RedeemWish(given.email, codes, request_key=caller.request_key, language=caller.language),
            wait=WAIT,
        )
        if codes
        else []
    )
    results = []
    for text, code in zip(given.codes, read, strict=True):
        receipt = None if code is None else next(receipts)
        results.append(_one(caller, text, receipt))
    done = sum(one.success for one in results)
    return RedeemedMany(success=done > 0, success_count=done, fail_count=len(results) - done, results=results)


async def verify(caller: Caller, given: Verify) -> Verified:
    """What a code is good for. Nothing is used. `gives` says whether that is a seat, or the `amount` of credit (a decimal),
    the `plan`, or access.
    """
    core = caller.core
    try:
        code = read_code(given.code, await core.shapes())
        found = await verification.verify(core, caller.actor, code)
    except (Mistyped, CodeRefused) as refusal:
        return Verified(valid=False, error=caller.words(f"error-{refusal.key}"), state="unknown")
    facts: dict[str, Any] = {
        "team": found.team or found.pool,
        "pool": found.pool,
        "remaining_uses": found.remaining,
        "max_uses": found.max_uses,
        "expires_at": None if found.expires_at is None else found.expires_at.isoformat(),
        "term": found.term,
        "state": found.state,
        "gives": found.gives,
        "amount": amount_text(found.amount) if found.gives == "credit" else None,
        "plan": found.plan or None,
    }
    error = None if found.valid else caller.words("error-code_refused")
    return Verified(valid=found.valid, error=error, **facts)


def _one(caller: Caller, text: str, receipt: Receipt | None) -> OneOfMany:
    if receipt is None:
        said = caller.words("error-mistyped_code")
        return OneOfMany(code=text, success=False, message=said, state="refused", reason="mistyped_code", team=None)
    good = receipt.state in {"invited", "already_member"}
    return OneOfMany(
        code=text,
        success=good,
        message=_message(caller, receipt),
        state=receipt.state,
        reason=receipt.reason,
        team=receipt.team,
    )


def _message(caller: Caller, receipt: Receipt) -> str:
    if receipt.state in {"invited", "already_member"}:
        return caller.words(f"api-{receipt.state.replace('_', '-')}", address=receipt.address)
    key = "still_confirming" if receipt.state == "unclear" else receipt.reason or "refused"
    return str(failed(key, facts_of(receipt), caller.look, caller.core).beside["error"])


def facts_of(receipt: Receipt) -> dict[str, Any]:
    """What the text about a receipt needs."""
    # There is no waiting list here to be offered.
    known = {"address": receipt.address, "code": receipt.code_last4, "team": receipt.team or ""}
    return {**receipt.facts, **known, "pool": receipt.pool or "", "waitlist": False}


OPERATIONS: Final = (
    Operation("POST", "/api/redeem", "redeem", "Redeem one code.", redeem, Redeemed, body=Redeem, public=True, also={202: Failed}),
    Operation("POST", "/api/redeem/batch", "redeem", "Redeem up to 20 codes.", redeem_batch, RedeemedMany, body=RedeemBatch, public=True),
    Operation("GET", "/api/verify", "verify", "Say what a code is good for.", verify, Verified, query=Verify, public=True),
)  # fmt: skip
