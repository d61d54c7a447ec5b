"""`usher team add`: one team from its credential, tried before it is stored.

The secret is typed without echo, or read from a file or standard input. It is no option: arguments are seen by
everybody on the machine and kept in the shell's history.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from cyclopts import Parameter

from admin_cli import words
from admin_cli.output import DONE, REFUSED, USAGE, CommandAnswer, CommandRefused, Rows, invocation
from admin_cli.session import actor, opened, read_text

if TYPE_CHECKING:
    from core.teams.credential_checks import CheckedCredential
    from core.teams.teams import CandidateTeam

ProviderKind = Literal["chatgpt", "openai_admin", "scim", "sandbox"]
SECRET: Final = {"chatgpt": "accessToken", "sandbox": "accessToken", "openai_admin": "admin_key", "scim": "token"}
"""Under which name each provider's credential holds its secret."""


async def add(
    *,
    provider: Annotated[ProviderKind, Parameter(help="Whose protocol it speaks.")],
    secret: Annotated[
        Path | None,
        Parameter(
            help="File with the token or key alone, or the whole credential JSON; - reads stdin.",
            allow_leading_hyphen=True,
        ),
    ] = None,
    account: Annotated[str | None, Parameter(help="chatgpt: the workspace's account id.")] = None,
    organization: Annotated[
        str | None, Parameter(help="openai_admin: the organization's id; a new key of it updates the same team.")
    ] = None,
    project: Annotated[
        tuple[str, ...], Parameter(help="openai_admin: a project that people are invited into; repeat it for more.")
    ] = (),
    base_url: Annotated[str | None, Parameter(help="The server; scim has no usual one.")] = None,
    group: Annotated[str | None, Parameter(help="scim: the group whose members have a licence.")] = None,
    name: Annotated[str | None, Parameter(help="The team's name; else what the workspace is called.")] = None,
    seats: Annotated[int | None, Parameter(help="Its seats; else what the workspace states.")] = None,
    pool: Annotated[str | None, Parameter(help="The pool; needed only where there are several.")] = None,
    check: Annotated[bool, Parameter(help="Try the credential before storing it.")] = True,
) -> CommandAnswer:
    """Add one team, or give a known one its new credential.

    Example: usher team add --provider openai_admin --organization org-1 --secret key.txt
    """
    from core.sync.sync import read_team
    from core.teams import credential_checks as team_checks
    from core.teams import teams

    form: dict[str, Any] = {
        "organization": organization,
        "projects": list(project),
        "base_url": base_url,
        "group": group,
    }
    if account is not None:
        form["account"] = {"id": account, "name": name}
    pasted = _pasted(provider, _secret(provider, secret), {**form, "name": name})
    async with opened() as core:
        [candidate] = await teams.preview_teams(core, actor(), json.dumps([pasted]), provider=provider)
        if candidate.parsed is None:
            return _refused(candidate.reason or "credential_unreadable", candidate)
        if name is not None and candidate.status == "new":
            candidate = replace(candidate, name=name)
        checked: CheckedCredential | None = None
        if check:
            [checked] = await team_checks.check_candidates(core, actor(), [candidate])
            if checked.reason is not None:
                return _refused(checked.reason, candidate, checked)
            candidate = checked.candidate
        if seats is not None:
            candidate = replace(candidate, capacity=seats)
        imported = await teams.import_teams(core, actor(), [candidate], pool=pool)
        reading = await read_team(core, imported.team_ids[0]) if check else None
    found = {**(checked.facts if checked else {}), **_counts(checked)}
    document = {
        "created": imported.created,
        "updated": imported.updated,
        "team": candidate.name,
        "seats": candidate.capacity,
        "checked": checked is not None,
        "facts": found,
        "read": reading.complete if reading else None,
    }
    said = (
        words.said("{name} is added, {seats:seat/seats}.", name=candidate.name, seats=candidate.capacity)
        if imported.created
        else words.said(
            "{name} has its new credential, {seats:seat/seats}.", name=candidate.name, seats=candidate.capacity
        )
    )
    before = candidate.present_capacity
    if before not in {None, candidate.capacity}:
        said += " " + words.said("Before: {before}.", before=before)
    rows = [(words.reason(f"fact-{key}"), value) for key, value in found.items()]
    return CommandAnswer(document, [said, *([Rows(("what", "is"), rows)] if rows else [])], DONE)


def _pasted(provider: str, secret: str, form: Mapping[str, Any]) -> dict[str, Any]:
    """The credential as `usher team import` would read it; what the form says goes over what the secret holds."""
    pasted: dict[str, Any] = {SECRET[provider]: secret}
    if secret.lstrip().startswith("{"):
        with suppress(ValueError, RecursionError):  # read as a token it is refused with the reason
            pasted = dict(json.loads(secret))
    return {**pasted, **{key: value for key, value in form.items() if value}, "provider": provider}


def _secret(provider: str, file: Path | None) -> str:
    if file is None:
        if invocation.get().json or not sys.stdin.isatty():
            message = words.said(
                "Where is the secret? --secret FILE reads it from a file, --secret - from standard input."
            )
            raise CommandRefused("usage", message, USAGE)
        from getpass import getpass

        return getpass(words.said("{name} (is not shown): ", name=SECRET[provider])).strip()
    return read_text(file).strip()


def _refused(reason: str, candidate: CandidateTeam, checked: CheckedCredential | None = None) -> CommandAnswer:
    facts = dict(checked.facts) if checked else {}
    said = words.said("Nothing was stored: {why}", why=words.reason(reason))
    advice = [words.said("--no-check stores it all the same.")] if candidate.parsed is not None else []
    document = {"error": {"key": reason, "message": said}, "facts": facts}
    return CommandAnswer(document, [said, *advice], REFUSED)


def _counts(checked: CheckedCredential | None) -> dict[str, str]:
    counts = {"seats": checked.seats, "members": checked.members} if checked else {}
    return {key: str(value) for key, value in counts.items() if value is not None}
