"""`usher wallet`, `usher grant` and `usher money`: what people have, are given, and what the house made of it."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.output import CommandAnswer, Rows, moment
from admin_cli.session import actor, opened

app = App(name="wallet", help="Wallets: the credit and allowances of people.", help_format="plaintext")

WalletOwner = Annotated[str, Parameter(help="Whose, such as telegram:42.")]


@app.command
async def show(
    identity: WalletOwner, *, lines: Annotated[int, Parameter(help="Lines of the ledger.")] = 50
) -> CommandAnswer:
    """Show what somebody has and what happened to it, the latest first.

    Example: usher wallet show telegram:123456789
    """
    from core.credit.grants import read_identity
    from core.credit.report import wallet_of
    from core.rules.money import amount_text

    async with opened() as core:
        found = await wallet_of(core, actor(), read_identity(identity), lines=lines)
        unit = words.unit(core.settings)
    allowances = [
        {"kind": one.kind, "group": one.group, "left": amount_text(one.left), "cap": amount_text(one.cap or 0),
         "per_hour": amount_text(one.per_hour or 0), "claimed": amount_text(one.claimed)}
        for one in found.allowances
    ]  # fmt: skip
    purses = [
        {"wallet": one.id, "left": amount_text(one.left), "claimed": amount_text(one.claimed),
         "expires_at": one.expires_at, "origin": one.origin}
        for one in found.purses if one.cap is None
    ]  # fmt: skip
    ledger = [
        {"id": one.id, "at": one.at, "kind": one.kind, "amount": amount_text(one.amount), "wallet": one.wallet,
         "call": one.call, "code": one.code, "reason": one.reason}
        for one in found.lines
    ]  # fmt: skip
    document: dict[str, Any] = {
        "credit": amount_text(found.credit),
        "allowances": allowances,
        "claimed": amount_text(found.claimed),
        "plan": found.plan.name,
        "plan_until": found.plan_until,
        "wallets": purses,
        "ledger": ledger,
    }
    until = words.said(" until {moment}", moment=moment(found.plan_until)) if found.plan_until else ""
    shown: list[str | Rows] = [
        words.said(
            "{credit} {unit}, {claimed} claimed, plan {plan}{until}.",
            credit=document["credit"],
            unit=unit,
            claimed=document["claimed"],
            plan=found.plan.name,
            until=until,
        ),
        Rows(("kind", "group", "left", "cap", "per hour"), [list(one.values())[:5] for one in allowances]),
        Rows(("wallet", "left", "claimed", "ends", "from"), [list(one.values()) for one in purses]),
        Rows(
            ("line", "at", "kind", "amount", "wallet", "call", "code", "reason"), [list(one.values()) for one in ledger]
        ),
    ]
    return CommandAnswer(document, shown)


@app.command
async def suspend(
    identity: WalletOwner, *, reason: Annotated[str, Parameter(help="Why; the audit log keeps it.")]
) -> CommandAnswer:
    """Let a person ask no model for now; a running answer of theirs ends within seconds.

    Example: usher wallet suspend telegram:42 --reason "a stolen account"
    """
    return await _stand(identity, "suspended", reason)


@app.command
async def admit(
    identity: WalletOwner, *, reason: Annotated[str, Parameter(help="Why; the audit log keeps it.")]
) -> CommandAnswer:
    """Let a suspended person in again.

    Example: usher wallet admit telegram:42 --reason "it was found again"
    """
    return await _stand(identity, "active", reason)


async def _stand(identity: str, standing: str, reason: str) -> CommandAnswer:
    from core.credit.grants import read_identity, set_standing

    async with opened() as core:
        await set_standing(core, actor(), read_identity(identity), standing, reason=reason)
    return CommandAnswer(
        {"identity": identity, "standing": standing},
        [words.said("{identity}: {state}.", identity=identity, state=words.heading(standing))],
    )


async def grant(
    identity: WalletOwner,
    what: Annotated[
        str, Parameter(help="An amount of credit (5, 0.5, -1 takes), or a plan.", allow_leading_hyphen=True)
    ],
    *,
    reason: Annotated[str, Parameter(help="Why; it stands in the audit.")],
    term: Annotated[str | None, Parameter(help="How long it lasts: 1mo, 30d; for ever if unsaid.")] = None,
) -> CommandAnswer:
    """Give somebody credit or a plan.

    Example: usher grant telegram:123456789 5 --reason "a prize"
    """
    from core.credit.grants import give, read_identity
    from core.credit.report import wallet_of
    from core.rules.money import amount_text
    from core.rules.terms import UNLIMITED, parse_term

    async with opened() as core:
        to = read_identity(identity)
        given = await give(core, actor(), to, what, reason=reason, term=parse_term(term) if term else UNLIMITED)
        found = await wallet_of(core, actor(), to, lines=0)
        unit = words.unit(core.settings)
    document = {
        "identity": to.key,
        "amount": amount_text(given.amount),
        "plan": given.plan,
        "until": given.until,
        "credit": amount_text(found.credit),
    }
    what_ = words.said("the plan {plan}", plan=given.plan) if given.plan else f"{amount_text(given.amount)} {unit}"
    until = words.said(" until {moment}", moment=moment(given.until)) if given.until else ""
    said = words.said(
        "{person} was given {what}{until}, and has {credit} {unit}.",
        person=to.key, what=what_, until=until, credit=document["credit"], unit=unit,
    )  # fmt: skip
    return CommandAnswer(document, [said])


SUMS = ("granted", "refilled", "expired", "adjusted", "charged", "absorbed", "claimed_now", "left_now", "loss")
"""What `usher money` adds up."""


async def money(*, days: Annotated[int, Parameter(help="Of how many days.")] = 30) -> CommandAnswer:
    """Show what was granted, charged and lost, by source and by how calls ended.

    Example: usher money --days 7
    """
    from core.credit.report import money as figures
    from core.rules.money import amount_text

    async with opened() as core:
        found = await figures(core, actor(), days=days)
        unit = core.settings.money.unit or "credit"
    sums = {name: amount_text(getattr(found, name)) for name in SUMS}
    lines = [
        {"source": one.source, "finish": one.finish, "calls": one.calls, "charged": amount_text(one.charged),
         "billed": amount_text(one.billed), "loss": amount_text(one.loss)}
        for one in found.lines
    ]  # fmt: skip
    table = Rows(("source", "ended", "calls", "charged", "billed", "lost"), [list(one.values()) for one in lines])
    return CommandAnswer(
        {**sums, "days": days, "lines": lines}, [Rows(("what", unit), words.listed(sums.items())), table]
    )
