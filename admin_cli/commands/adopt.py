"""`usher adopt`: moving in with what an existing system holds."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import Parameter

from admin_cli import words
from admin_cli.output import DONE, REFUSED, CommandAnswer, CommandRefused, Rows, Shown, invocation, write
from admin_cli.session import actor, opened

if TYPE_CHECKING:
    from core.predecessors.outcome import CarriedOver, Left, Part

SAID: Final = {
    "old_secret_missing": "its token is sealed or not in the file: give what opens it with --secrets",
    "old_secret_wrong": "the secrets do not open its token",
    "old_team_left": "its team is not carried over",
    "old_team_unknown": "nobody knows in which team",
    "code_falls_together": "reads the same as another code; Usher does not tell capitals from small letters",
    "code_unreadable": "holds characters that cannot be read back",
    "code_used_up": "has the seat, but the code is used up here by others",
    "leaving": "is being taken out of the team here",
    "not_there": "neither a member nor invited upstream",
}


async def adopt(
    *files: Annotated[Path, Parameter(help="The SQLite database, or the files that belong together; only read.")],
    secrets: Annotated[Path | None, Parameter(help="Its environment file, or its list of teams.")] = None,
    timezone: Annotated[
        str | None, Parameter(help="Where its clock stood, as Asia/Shanghai; else as usual there.")
    ] = None,
    pool: Annotated[str | None, Parameter(help="For what names no pool; made if there is none.")] = None,
    yes: Annotated[bool, Parameter(help="Do it without asking.", negative="")] = False,
) -> CommandAnswer:
    """Carry the database of an existing system over: its teams, its codes, and who holds what.

    What would be done is shown first. Holders keep their seats and their ends, used codes are used, and nobody is
    invited: whoever is not there upstream is listed. Doing it again changes nothing. Members of a team that is here
    already are given a lease by "usher lease adopt".

    Example: usher adopt old/redemption.db --secrets old/.env --timezone Asia/Shanghai
    """
    from core.predecessors import moving_in

    if not files:
        raise CommandRefused("usage", words.said("Name the database to carry over."), 2)
    _refuse_zone(timezone)
    arrival = moving_in.Arrival(files, secrets, timezone, pool)
    try:
        async with opened() as core:
            if not yes:
                shown = await moving_in.preview(core, actor(), arrival)
                if not _confirmed(shown):
                    asked = sys.stdin.isatty() and not invocation.get().json
                    said = words.said("Nothing was changed; --yes carries it over.")
                    return CommandAnswer(_document(shown), [*([] if asked else _lines(shown)), said], DONE)
            outcome = await moving_in.move_in(core, actor(), arrival)
    except UnicodeDecodeError as error:
        raise CommandRefused("unreadable_file", words.said("One of the files is no UTF-8 text."), 2) from error
    except OSError as error:
        said = words.said("{file} cannot be read ({why}).", file=error.filename or files[0], why=error)
        raise CommandRefused("unreadable_file", said, 2) from error
    parts = (outcome.teams, outcome.codes, outcome.holders)
    return CommandAnswer(
        _document(outcome), _lines(outcome), DONE if any(p.created or p.known for p in parts) else REFUSED
    )


def _refuse_zone(name: str | None) -> None:
    from zoneinfo import ZoneInfo

    try:
        _ = name and ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # OSError: a folder of zones, such as Asia
        raise CommandRefused(
            "usage", words.said('"{name}" is no time zone; write Asia/Shanghai or UTC.', name=name), 2
        ) from error


def _confirmed(shown: CarriedOver) -> bool:
    if not sys.stdin.isatty() or invocation.get().json:
        return False
    write(CommandAnswer({}, _lines(shown)))
    return input(words.said("Carry this over?") + " [y/N] ").strip().lower() in {"y", "yes"}


def _document(outcome: CarriedOver) -> dict[str, Any]:
    document = asdict(outcome)
    del document["team_ids"], document["lease_ids"]
    return document


def _lines(outcome: CarriedOver) -> list[Shown]:
    told: list[Shown] = [
        words.said(
            "A system with {system}; moments without an offset are read as {zone}.",
            system=outcome.system,
            zone=outcome.zone,
        )
    ]
    if outcome.pools:
        told.append(words.said("New pools: {pools}.", pools=", ".join(outcome.pools)))
    for name, part in (("teams", outcome.teams), ("codes", outcome.codes), ("holders", outcome.holders)):
        told.append(
            words.said(
                "{created} {name} new, {known} here already, {left} left out.",
                created=part.created,
                name=words.heading(name),
                known=part.known,
                left=len(part.left),
            )
        )
    for number, said in (
        (outcome.past, "{count:former holder/former holders}: what they used stays used."),
        (outcome.unexplained, "{count:use of a code/uses of codes} by nobody knows whom: used is used."),
        (outcome.overdue, "{count:holder/holders} whose end is over already: what follows an end follows at once."),
    ):
        told += [words.said(said, count=number)] if number else []
    told += _left(words.said("Not carried over:"), _named(outcome.teams, "team"), _named(outcome.codes, "code"))
    told += _left(words.said("Holders who are left out:"), _named(outcome.holders, "holder"))
    told += _left(words.said("Not there upstream, and not invited:"), [("holder", one) for one in outcome.missing])
    told += _left(words.said("Not read:"), [("team", one) for one in outcome.unread])
    return told


def _named(part: Part, kind: str) -> list[tuple[str, Left]]:
    return [(kind, one) for one in part.left]


def _left(title: str, *lists: Sequence[tuple[str, Left]]) -> list[Shown]:
    rows = [
        (
            kind,
            one.name,
            one.team,
            words.said(SAID[one.reason]) if one.reason in SAID else words.reason(one.reason),
            one.other,
        )
        for listed in lists
        for kind, one in listed
    ]
    return [Rows(("what", "name", "team", "why", "other"), rows, title)] if rows else []
