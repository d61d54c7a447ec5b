"""Teams by programs: listed, brought in with a credential, changed, removed. Their `index` is their number."""

from __future__ import annotations

import json
from typing import Any, Final

from pydantic import Field

from bots.gateway.operations import AskedText, Caller, Given, Nothing, Operation, Told
from core.command_errors import BadValue
from core.errors import CredentialUnreadable, NotFound
from core.teams import removal, teams
from core.teams.report import TeamLine, team_list


class TeamGiven(Given):
    """What the interface that existed before takes; `access_token` is the credential of a ChatGPT workspace."""

    name: AskedText | None = None
    email: AskedText | None = None
    user_id: str | None = None
    account_id: AskedText | None = None
    org_id: str | None = None
    access_token: str | None = Field(None, min_length=1, max_length=20_000, pattern=r"^[^\x00]*$")
    pool: AskedText | None = None
    seats: int | None = Field(None, ge=0, le=100_000)
    enabled: bool | None = None


class TeamsTold(Told):
    teams: list[dict[str, Any]]


class TeamTold(Told):
    message: str
    team: dict[str, Any]


class TeamGone(Told):
    message: str


async def listed(caller: Caller, _: Nothing) -> TeamsTold:
    """All teams, oldest first."""
    return TeamsTold(teams=[_shown(one) for one in await team_list(caller.core, caller.actor)])


async def add(caller: Caller, given: TeamGiven) -> TeamTold:
    """Bring a team in; one that is known gets the new credential."""
    if given.account_id is None or given.access_token is None:
        missing = "account_id" if given.account_id is None else "access_token"
        raise BadValue(name=missing, value="", examples=["xxx-xxx-xxx"])
    number = await _import(caller, given, given.account_id)
    await _change(caller, given, number, renames=False)
    return await _told(caller, number, "api-team-stored")


async def change(caller: Caller, given: TeamGiven) -> TeamTold:
    """Change a team, or give it a new credential."""
    known = await _found(caller, caller.number("index"))
    if given.access_token is not None:
        await _import(caller, given, known.external_id)
    await _change(caller, given, known.id, renames=True)
    return await _told(caller, known.id, "api-team-stored")


async def remove(caller: Caller, _: Nothing) -> TeamGone:
    """Remove a team in which nobody has a seat."""
    known = await _found(caller, caller.number("index"))
    await removal.remove_team(caller.core, caller.actor, known.name)
    return TeamGone(message=caller.words("api-team-removed", team=known.name))


async def _import(caller: Caller, given: TeamGiven, account: str) -> int:
    """Store the credential. Returns the team's number. Raises: CredentialUnreadable."""
    session: dict[str, Any] = {"accessToken": given.access_token, "account": {"id": account}}
    if given.name is not None:
        session["account"]["name"] = given.name
    if given.email is not None:
        session["user"] = {"email": given.email}
    if given.seats is not None:
        session["seats"] = given.seats
    [candidate] = await teams.preview_teams(caller.core, caller.actor, json.dumps(session))
    if candidate.parsed is None:
        raise CredentialUnreadable(reason=candidate.reason or "")
    done = await teams.import_teams(caller.core, caller.actor, [candidate], pool=given.pool)
    return done.team_ids[0]


async def _change(caller: Caller, given: TeamGiven, number: int, *, renames: bool) -> None:
    known = await _found(caller, number)
    new_name = given.name if renames and given.name not in {None, known.name} else None
    if new_name is not None or given.seats is not None or given.email is not None:
        await teams.change_team(
            caller.core, caller.actor, known.name, new_name=new_name, capacity=given.seats, owner=given.email
        )
    if given.enabled is not None:
        await teams.enable_team(caller.core, caller.actor, new_name or known.name, given.enabled)


async def _found(caller: Caller, number: int) -> TeamLine:
    for one in await team_list(caller.core, caller.actor):
        if one.id == number:
            return one
    raise NotFound(kind="team", name=str(number))


async def _told(caller: Caller, number: int, key: str) -> TeamTold:
    known = await _found(caller, number)
    return TeamTold(message=caller.words(key, team=known.name), team=_shown(known))


def _shown(one: TeamLine) -> dict[str, Any]:
    return {
        "index": one.id,
        "name": one.name,
        "email": one.owner_address,
        "user_id": None,
        "account_id": one.external_id,
        "org_id": None,
        "has_token": one.state != "gone",
        "created_at": one.created_at.isoformat(),
        "pool": one.pool,
        "provider": one.provider,
        "state": one.state,
        "total_seats": one.capacity,
        "available_seats": one.free if one.state == "active" else 0,
    }


OPERATIONS: Final = (
    Operation("GET", "/api/admin/teams", "viewer", "List teams.", listed, TeamsTold),
    Operation("POST", "/api/admin/teams", "admin", "Bring a team in.", add, TeamTold, body=TeamGiven, once=True),
    Operation("PUT", "/api/admin/teams/{index}", "admin", "Change a team.", change, TeamTold, body=TeamGiven),
    Operation("DELETE", "/api/admin/teams/{index}", "admin", "Remove a team.", remove, TeamGone),
)
