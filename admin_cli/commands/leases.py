"""`usher lease` and `usher transfer`: people's rights to their seats, and moving them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.output import DONE, REFUSED, UNAVAILABLE, CommandAnswer, CommandRefused, Rows, moment
from admin_cli.session import actor, opened

lease = App(name="lease", help="Leases: people's rights to their seats.", help_format="plaintext")
transfer = App(name="transfer", help="Transfers: moving people between teams.", help_format="plaintext")

InTeam = Annotated[str | None, Parameter(help="Only in this team.")]


@lease.command(name="list")
async def list_leases(
    *,
    which: Annotated[
        Literal["live", "expiring", "expired", "pending", "moving", "ended", "all"],
        Parameter(help="Those in this state."),
    ] = "live",
    address: Annotated[str | None, Parameter(help="Of this address.")] = None,
    team: InTeam = None,
    pool: Annotated[str | None, Parameter(help="Only in this pool.")] = None,
    offset: Annotated[int, Parameter(help="How many to pass over first.")] = 0,
    limit: Annotated[int, Parameter(help="How many at most.")] = 100,
) -> CommandAnswer:
    """List leases; those that end first come first.

    Example: usher lease list --which expiring
    """
    from core.leases.report import LeaseFilter, lease_list

    async with opened() as core:
        wanted = LeaseFilter(which, address, team, pool)
        found = await lease_list(core, actor(), wanted, offset=offset, limit=limit)
    rows = [
        (one.id, one.address, one.team, one.status, one.joined_at, one.expires_at, one.transfer_count, one.moving_to)
        for one in found.lines
    ]
    headers = ("id", "address", "team", "lease", "joined", "expires", "moved", "moving to")
    shown = words.said("{shown} of {total}.", shown=len(found.lines), total=found.total)
    return CommandAnswer(
        {"leases": [asdict(one) for one in found.lines], "total": found.total}, [Rows(headers, rows), shown]
    )


@lease.command
async def extend(
    address: str, term: Annotated[str, Parameter(help="1mo, 30d, 24h.")], *, team: InTeam = None
) -> CommandAnswer:
    """Let a membership end later, counted from its present end.

    Example: usher lease extend anna@example.com 1mo
    """
    from core.leases.leases import extend as extend_leases

    async with opened() as core:
        changed = await extend_leases(core, actor(), address, term, team=team)
    document = {"extended": [{"lease": lease_id, "expires_at": until} for lease_id, until in changed]}
    return CommandAnswer(
        document,
        [words.said("Lease {lease} ends {until}.", lease=lease_id, until=moment(until)) for lease_id, until in changed],
    )


@lease.command
async def note(
    about: Annotated[str, Parameter(help="An address, or a person such as telegram:42.")],
    text: Annotated[str, Parameter(help='What to note; "-" takes the note away.', allow_leading_hyphen=True)],
) -> CommandAnswer:
    """Note something of the latest seat of an address, or of a person; only staff see it.

    Example: usher lease note anna@example.com "pays by invoice"
    """
    from core.leases.noting import note as note_it

    async with opened() as core:
        noted = await note_it(core, actor(), about, text)
    said = (
        words.said("Noted of {about}: {text}", about=noted.about, text=noted.text)
        if noted.text
        else words.said("Nothing is noted of {about} any more.", about=noted.about)
    )
    return CommandAnswer({"about": noted.about, "team": noted.team, "note": noted.text}, [said])


@lease.command
async def end(
    address: str,
    *,
    team: InTeam = None,
    force: Annotated[bool, Parameter(help="Take a move that is under way over.", negative="")] = False,
) -> CommandAnswer:
    """End a membership and take the person out of the team.

    Exit code 3 means that the provider has not confirmed it yet; the sweeps go on with it.

    Example: usher lease end anna@example.com --team "Workspace 1"
    """
    from core.leases.leases import end as end_leases

    async with opened() as core:
        ended = await end_leases(core, actor(), address, team=team, forced=force)
    states = {one.state for one in ended}
    code = REFUSED if "failed" in states else 3 if states - {"done"} else DONE
    shown = [
        f"{one.address} · {one.team}: {words.heading(one.state)}{f' ({words.reason(one.reason)})' if one.reason else ''}"
        for one in ended
    ]
    return CommandAnswer({"ended": [asdict(one) for one in ended]}, shown, code)


@lease.command
async def address(
    present: Annotated[str, Parameter(help="The address that has the seat.")],
    new: Annotated[str, Parameter(help="The address that shall have it.")],
    *,
    team: InTeam = None,
) -> CommandAnswer:
    """Give a person's seat to another address of theirs: the new one is invited, then the old one goes.

    Example: usher lease address anna@example.com anna@example.org
    """
    from core.leases.report import LeaseFilter, lease_list
    from core.transfers.address_changes import change

    async with opened() as core:
        found = await lease_list(core, actor(), LeaseFilter(address=present, team=team), limit=2)
        if len(found.lines) > 1:
            raise CommandRefused("usage", words.said("There are several seats; --team says which one is meant."), 2)
        return _moved([await change(core, actor(), line.id, new) for line in found.lines])


@lease.command
async def settle(
    number: Annotated[int | None, Parameter(help="The lease's id; without one, all that is unclear is listed.")] = None,
    *,
    as_: Annotated[Literal["invited", "not"] | None, Parameter(name="--as", help="What became of it.")] = None,
) -> CommandAnswer:
    """Say what became of an invite that stays unclear. Without --as, all that is known of it is shown.

    Example: usher lease settle 7 --as not
    """
    from core.leases import settling

    async with opened() as core:
        if number is None:
            found = await settling.unclear_list(core, actor())
            rows = [(one.lease_id, one.address, one.team, one.health, one.since, one.sends) for one in found]
            headers = ("lease", "address", "team", "health", "unclear since", "sent")
            return CommandAnswer({"unclear": [asdict(one) for one in found]}, [Rows(headers, rows)])
        known = await settling.unclear(core, actor(), number)
        if as_ is not None:
            await settling.settle(core, actor(), number, invited=as_ == "invited")
    facts = Rows(("what", "is"), words.listed(asdict(known).items()))
    said = [
        words.said("Nothing was changed; --as says what became of it.")
        if as_ is None
        else words.said("Settled: {outcome}.", outcome=words.heading("invited" if as_ == "invited" else "not invited"))
    ]
    return CommandAnswer({"known": asdict(known), "settled": as_}, [facts, *said])


@lease.command
async def invite(
    address: str,
    *,
    pool: Annotated[str | None, Parameter(help="In any team of this pool.")] = None,
    team: Annotated[str | None, Parameter(help="In this team.")] = None,
    term: Annotated[str | None, Parameter(help="1mo, 30d, unlimited; else the pool's own.")] = None,
    override: Annotated[bool, Parameter(help="Take a seat that codes are promised.", negative="")] = False,
    request_key: Annotated[str | None, Parameter(help="Repeating a request with its key returns its outcome.")] = None,
    wait: Annotated[float, Parameter(help="Seconds to wait for an invite that is unclear.")] = 90.0,
) -> CommandAnswer:
    """Give somebody a seat without handing a code out.

    Exit code 3 means that the invite is still being confirmed; the same --request-key tells how it ended.

    Example: usher lease invite anna@example.com --team "Workspace 1" --term 1mo
    """
    from core.errors import Refusal
    from core.redemptions.seating import SeatWish, seat
    from core.rules.addresses import read_address

    wanted = read_address(address)
    async with opened() as core:
        try:
            receipt = await seat(
                core,
                actor(),
                wanted,
                SeatWish(pool=pool, team=team, term=term, override=override),
                request_key=request_key or f"cli:{secrets.token_hex(16)}",
                wait=wait,
            )
        except Refusal as refusal:
            # What a refusal says to a person speaks of their code, and here there is none.
            why = words.reason(refusal.key, {**refusal.facts, "address": wanted}, about="invite")
            raise CommandRefused(refusal.key, why, facts=refusal.facts) from refusal
    said = {
        "invited": words.said("{address} is invited to {team}.", address=receipt.address, team=receipt.team),
        "already_member": words.said(
            "{address} has a seat in {team} already.", address=receipt.address, team=receipt.team
        ),
        "unclear": words.said("The invite of {address} is still being confirmed.", address=receipt.address),
    }.get(receipt.state)
    code = REFUSED if receipt.state == "refused" else UNAVAILABLE if receipt.state == "unclear" else DONE
    document: dict[str, Any] = {
        "state": receipt.state,
        "reason": receipt.reason,
        "address": receipt.address,
        "team": receipt.team,
    }
    document |= {"redemption": receipt.redemption_id, "term": receipt.term, "repeated": receipt.repeated}
    return CommandAnswer(
        document, [said or words.reason(receipt.reason or "", document | dict(receipt.facts), about="invite")], code
    )


@lease.command
async def adopt(
    *addresses: Annotated[str, Parameter(help="Members found upstream; without one, all of --team.")],
    team: InTeam = None,
    term: Annotated[str | None, Parameter(help="1mo, 30d, unlimited; else the pool's own.")] = None,
    since: Annotated[datetime | None, Parameter(help="Since when they count, in UTC; else from now.")] = None,
    auto_transfer: Annotated[bool, Parameter(help="At the end they are moved on, not taken out.")] = True,
    dry_run: Annotated[bool, Parameter(help="Only show who it would be.", negative="")] = False,
) -> CommandAnswer:
    """Give members whom Usher did not invite a lease. "usher adopt FILE" carries a whole system over.

    Example: usher lease adopt --team "Workspace 1" --term 1mo --dry-run
    """
    from core.leases import adopting
    from core.rules.addresses import read_address

    from_ = None if since is None else since.replace(tzinfo=since.tzinfo or UTC)
    read = tuple(read_address(one) for one in addresses)
    wish = adopting.Adoption(team, read, term, from_, auto_transfer)
    async with opened() as core:
        found = await (adopting.preview if dry_run else adopting.adopt)(core, actor(), wish)
    able = [one for one in found if one.refused is None]
    rows = [(one.address, one.team, one.expires_at, one.refused, one.lease_id) for one in found]
    document = {"members": [asdict(one) for one in found], "adopted": 0 if dry_run else len(able)}
    headers = ("address", "team", "expires", "left out", "lease")
    said = (
        words.said("{able} of {found} would get a lease.", able=len(able), found=len(found))
        if dry_run
        else words.said("{able} of {found} got a lease.", able=len(able), found=len(found))
    )
    return CommandAnswer(document, [Rows(headers, rows), said], DONE if able else REFUSED)


@lease.command
async def resend(address: str, *, team: InTeam = None) -> CommandAnswer:
    """Have the provider mail a pending invite again.

    Example: usher lease resend anna@example.com
    """
    from core.leases.leases import resend as resend_invites

    async with opened() as core:
        told = await resend_invites(core, actor(), address, team=team)
    return CommandAnswer(
        {"address": address, "teams": told},
        [words.said("{address} is invited to {name} again.", address=address, name=name) for name in told],
    )


@transfer.command
async def start(
    address: str,
    *,
    to: Annotated[str | None, Parameter(help="The new team; else the policy chooses.")] = None,
    force: Annotated[bool, Parameter(help="Do not wait for the person to accept.", negative="")] = False,
    dry_run: Annotated[bool, Parameter(help="Only show where they would go.", negative="")] = False,
) -> CommandAnswer:
    """Move a person: the new seat is held and the invite confirmed before the old one is given up.

    Example: usher transfer start anna@example.com --to "Workspace 2" --force
    """
    from core.transfers.report import preview
    from core.transfers.transfers import transfer as move

    async with opened() as core:
        if dry_run:
            plans = await preview(core, actor(), address, to=to, forced=force)
            shown = [
                f"{one.address}: {one.from_team} → {one.to_team or one.refused or 'no free seat yet'}" for one in plans
            ]
            return CommandAnswer({"preview": [asdict(one) for one in plans]}, shown)
        moved = await move(core, actor(), address, to=to, forced=force)
    return _moved(moved)


@transfer.command(name="list")
async def list_transfers(
    *,
    state: Annotated[str | None, Parameter(help="live, or one state.")] = None,
    address: Annotated[str | None, Parameter(help="Of this address.")] = None,
    offset: Annotated[int, Parameter(help="How many to pass over first.")] = 0,
    limit: Annotated[int, Parameter(help="How many at most.")] = 50,
) -> CommandAnswer:
    """List transfers, the newest first.

    Example: usher transfer list --state live
    """
    from core.transfers.report import transfer_list

    async with opened() as core:
        lines = await transfer_list(core, actor(), state=state, address=address, limit=limit, offset=offset)
    rows = [
        (
            one.id,
            one.created_at,
            one.address,
            one.from_team,
            one.to_team,
            one.cause,
            one.state,
            one.reason,
            one.attempts,
        )
        for one in lines
    ]
    headers = ("id", "since", "address", "from", "to", "cause", "state", "why", "attempts")
    return CommandAnswer({"transfers": [asdict(one) for one in lines]}, [Rows(headers, rows)])


@transfer.command
async def retry(number: Annotated[int, Parameter(help="The transfer's id.")]) -> CommandAnswer:
    """Take a failed transfer up where it failed.

    Example: usher transfer retry 7
    """
    from core.transfers.transfers import retry as retry_transfer

    async with opened() as core:
        return _moved([await retry_transfer(core, actor(), number)])


@transfer.command
async def cancel(number: Annotated[int, Parameter(help="The transfer's id.")]) -> CommandAnswer:
    """Give up a transfer that has invited nobody yet.

    Example: usher transfer cancel 7
    """
    from core.transfers.transfers import cancel as cancel_transfer

    async with opened() as core:
        await cancel_transfer(core, actor(), number)
    return CommandAnswer(
        {"transfer": number, "state": "cancelled"}, [words.said("Transfer {number} is cancelled.", number=number)]
    )


def _moved(moved: Sequence[Any]) -> CommandAnswer:
    if not moved:
        raise CommandRefused("not_found", words.said("There is nobody to move."))
    shown = [
        f"{one.address}: {one.from_team} → {one.to_team or words.said('no free seat yet')}, {words.heading(one.state)}"
        f"{f' ({one.reason})' if one.reason else ''}"
        for one in moved
    ]
    return CommandAnswer({"transfers": [asdict(one) for one in moved]}, shown)
