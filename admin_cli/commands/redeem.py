"""`usher redeem` and `usher verify`."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from admin_cli import words
from admin_cli.output import DONE, REFUSED, UNAVAILABLE, CommandAnswer, invocation, moment
from admin_cli.session import actor, opened

if TYPE_CHECKING:
    from core.leases.receipts import Receipt
    from core.rules.addresses import Address
    from core.rules.codes import CodeText, Shape
    from core.service import Core


async def redeem(
    address: Annotated[str, Parameter(help="The e-mail address to invite.")],
    *codes: Annotated[
        str, Parameter(help='One to twenty codes; "-" reads them from standard input.', allow_leading_hyphen=True)
    ],
    request_key: Annotated[
        str | None, Parameter(help="Repeating a request with its key returns its outcome and uses nothing.")
    ] = None,
    wait: Annotated[float, Parameter(help="Seconds to wait for an invite that is unclear.")] = 90.0,
    team: Annotated[str | None, Parameter(help="Where they want to be, if the pool lets people choose.")] = None,
    as_is: Annotated[bool, Parameter(help="The address is right, however unlikely it looks.", negative="")] = False,
) -> CommandAnswer:
    """Invite ADDRESS for each of the codes, and wait for the outcome.

    An address that looks mistyped is refused with what may have been meant; --as-is takes it as it is written.

    Each result is invited, already_member, refused (exit code 1) or unclear (exit code 3: it will be settled, and
    the same command tells how).

    Whoever shares this machine sees the arguments of its commands: "-" takes the codes from standard input, one a line
    or separated by spaces.

    Example: usher redeem anna@example.com TEAM-0000-0000-0000-0000
    """
    from core.errors import Refusal
    from core.redemptions.orders import RedeemWish
    from core.redemptions.redemptions import redeem_all

    codes = await _given(codes)
    async with opened() as core:
        shapes = await core.shapes()
        read = [_read(text, shapes) for text in codes]
        good = [code for code in read if not isinstance(code, Refusal)]
        results = []
        receipts: list[Receipt] = []
        refused: Refusal | None = None
        try:
            # Before the codes: whatever is wrong with them, this is what has to be mended first.
            wanted = await _read_address(core, address, as_is=as_is)
            if good or not codes:
                key = request_key or f"cli:{secrets.token_hex(16)}"
                receipts = await redeem_all(
                    core, actor(), RedeemWish(wanted.original, good, request_key=key, team=team), wait=wait
                )
        except Refusal as refusal:
            if not codes:
                raise
            refused = refusal
    settled = iter(receipts)
    for text, code in zip(codes, read, strict=True):
        fault = refused or (code if isinstance(code, Refusal) else None)
        results.append(_refused(text, fault) if fault is not None else _result(next(settled)))
    states = {result["state"] for result in results}
    code_ = REFUSED if "refused" in states else UNAVAILABLE if "unclear" in states else DONE
    # Scripts read keys: they do not pay for the words.
    shown = [] if invocation.get().json else [*(_sentence(address, one) for one in results), *_steps(results)]
    return CommandAnswer({"results": results}, shown, code_)


async def _given(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes, with those from standard input in the place of `-`."""
    if "-" not in codes:
        return codes
    written = (await asyncio.to_thread(sys.stdin.buffer.read)).decode("utf-8-sig", "replace")
    return tuple(each for code in codes for each in (written.split() if code == "-" else [code]))


async def verify(
    *codes: Annotated[
        str, Parameter(help='One or more codes; "-" reads them from standard input.', allow_leading_hyphen=True)
    ],
) -> CommandAnswer:
    """Say whether codes are valid, for which pool or team, how often, until when. Nothing is used.

    Example: usher verify TEAM-0000-0000-0000-0000
    """
    from core.codes import verification
    from core.errors import NoCodes, Refusal
    from core.rules.gifts import Giving
    from core.rules.money import amount_text

    codes = await _given(codes)
    if not codes:
        raise NoCodes
    results: list[dict[str, Any]] = []
    shown = []
    async with opened() as core:
        shapes = await core.shapes()
        for text in codes:
            try:
                found = await verification.verify(core, actor(), _must_read(text, shapes))
            except Refusal as refusal:
                last4 = _last4(text)
                results.append({"code_last4": last4, "valid": False, "state": "refused", "reason": refusal.key})
                if not invocation.get().json:
                    shown.append(f"…{last4}: {words.reason(refusal.key, {'code': last4, **refusal.facts})}")
                continue
            facts = {**asdict(found), "amount": amount_text(found.amount)}
            results.append({"code_last4": facts.pop("last4"), "valid": found.valid, "reason": None, **facts})
            told = [
                words.heading(found.state.replace("_", " ")),
                f"{words.heading('team')} {found.team}" if found.team else f"{words.heading('pool')} {found.pool}",
            ]
            if found.gives != "seat":
                given = str(Giving.of(found.gives, {"amount": found.amount, "plan": found.plan}))
                told.append(words.said("gives {gift}", gift=given))
            told.append(words.said("{count:use/uses} left", count=found.remaining))
            told.append(
                words.said("expires {moment}", moment=moment(found.expires_at))
                if found.expires_at
                else words.said("does not expire")
            )
            told.append(f"{words.heading('term')} {words.term(found.term)}")
            shown.append(f"…{found.last4}: {', '.join(told)}")
    return CommandAnswer({"results": results}, shown, DONE if all(result["valid"] for result in results) else REFUSED)


async def _read_address(core: Core, text: str, *, as_is: bool) -> Address:
    from core.redemptions.report import was_meant
    from core.rules.written_addresses import read_as_is, read_written, refuse_unlikely

    if as_is:
        return read_as_is(text)
    known = core.settings.redemption.mail_domains
    address = read_written(text, known=known)
    if not await was_meant(core, address):
        refuse_unlikely(address, known)
    return address


def _read(text: str, shapes: tuple[Shape, ...]) -> Any:
    """The code, or the refusal of a text that is none."""
    from core.errors import Refusal

    try:
        return _must_read(text, shapes)
    except Refusal as refusal:
        return refusal


def _must_read(text: str, shapes: tuple[Shape, ...]) -> CodeText:
    from core.rules.codes import read_code

    return read_code(text, shapes)


def _last4(text: str) -> str:
    from core.rules.codes import canonical

    return canonical(text)[-4:]


def _result(receipt: Receipt) -> dict[str, Any]:
    return {
        "code_last4": receipt.code_last4,
        "state": receipt.state,
        "reason": receipt.reason,
        "team": receipt.team,
        "redemption": receipt.redemption_id,
        "pool": receipt.pool,
        "invited_at": receipt.invited_at,
        "expires_at": receipt.expires_at,
        "term": receipt.term,
        "repeated": receipt.repeated,
        "facts": receipt.facts,
    }


def _refused(text: str, refusal: Any) -> dict[str, Any]:
    return {
        "code_last4": _last4(text),
        "state": "refused",
        "reason": refusal.key,
        "team": None,
        "redemption": None,
        "facts": refusal.facts,
    }


def _steps(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """What to do about those that were refused, each once."""
    steps = (words.next_step(one["reason"], one["facts"]) for one in results if one["state"] == "refused")
    return list(dict.fromkeys(step for step in steps if step))


def _sentence(address: str, result: dict[str, Any]) -> str:
    said = {
        "invited": words.said("{address} is invited to {team}.", address=address, team=result["team"]),
        "already_member": words.said(
            "{address} has a seat in {team} already; the code was not used.", address=address, team=result["team"]
        ),
        "unclear": words.said(
            "The invite of {address} is still being confirmed; repeat the command to see how it ends.", address=address
        ),
    }.get(result["state"])
    facts = {"code": result["code_last4"], **result.get("facts", {})}
    return f"…{result['code_last4']}: {said or words.reason(result['reason'], facts)}"
