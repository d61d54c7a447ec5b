"""Three systems that store everything as it is: which of their columns means what."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from core.command_errors import DamagedFile
from core.predecessors.belongings import Belongings, Holding, OldCode, OldTeam, merged
from core.predecessors.old_database import OldDatabase, flag, moment, number, term, text
from core.predecessors.old_secrets import NO_TOKEN, SECRET_MISSING, OldSecrets

TEAM_FILE: Final = "team.json"
_ADDRESS: Final = re.compile(r"[^\s|:;,<>()]+@[^\s|:;,<>()]+")
_VARIABLE: Final = re.compile(r"TEAM_?(\d+)_(\w+)")
_MEANT: Final[Mapping[str, str]] = {
    "NAME": "name",
    "TEAM_NAME": "name",
    "ACCOUNT_ID": "account",
    "ACCESS_TOKEN": "token",
    "TOKEN": "token",
    "AUTH_TOKEN": "token",
    "EMAIL": "email",
    "USER_EMAIL": "email",
    "OWNER_EMAIL": "email",
}


def with_leases(old: OldDatabase, secrets: OldSecrets, zone: ZoneInfo) -> Belongings:
    """`redemption_codes.team_name` and `member_leases`; the teams stand beside the database, or in its environment."""
    leases = old.rows("member_leases")
    accounts = {text(row["team_name"]): text(row["team_account_id"]) for row in leases if text(row["team_account_id"])}
    codes_read = old.rows("redemption_codes")
    granted = [row for row in old.rows("redemptions") if text(row.get("invite_status")) == "success"]
    named = {text(row["team_name"]) for row in (*codes_read, *leases, *granted)} - {None}
    teams, key_of = _teams_beside(old, secrets, {name: accounts.get(name) for name in named if name})
    by_id = {row["id"]: row for row in codes_read}
    leased = {(text(row["email"]) or "").lower() for row in leases}
    code_of: dict[str, tuple[str | None, Any]] = {}
    holdings: list[Holding] = []
    placeless: list[Holding] = []
    for row in granted:
        address, code = text(row["email"]), by_id.get(row["code_id"])
        if address is None or code is None:
            continue
        since = moment(row.get("redeemed_at"), zone)
        code_of[address.lower()] = (text(code["code"]), flag(code.get("auto_transfer_enabled"), True))
        held = Holding(
            address, key_of.get(text(row["team_name"]), ""), text(code["code"]), since,
            live=address.lower() not in leased, auto_transfer=flag(code.get("auto_transfer_enabled"), True),
        )  # fmt: skip
        (holdings if held.team else placeless).append(held)
    for row in leases:
        address = text(row["email"])
        team = key_of.get(text(row["team_account_id"])) or key_of.get(text(row["team_name"]))
        if address is None:
            continue
        code_text, moves = code_of.get(address.lower(), (None, True))
        joined = moment(row.get("joined_at"), zone)
        status = text(row.get("status")) or "active"
        held = Holding(
            address,
            team or "",
            code_text,
            moment(row.get("invited_at") or row.get("created_at") or row.get("start_at"), zone),
            joined,
            moment(row["expires_at"], zone),
            live=status != "cancelled",
            pending=status == "pending" and joined is None,
            auto_transfer=moves,
        )
        (holdings if team else placeless).append(held)
    # A lease says where somebody is now; what was redeemed before it in the same team is the same seat.
    seated = {(one.address.lower(), one.code) for one in holdings if one.live and one.code}
    past = [one for one in holdings if one.live or (one.address.lower(), one.code) not in seated]
    return Belongings("member_leases", teams, _bound_codes(codes_read, key_of, zone), merged(past), _of(placeless))


def _bound_codes(
    rows: list[Mapping[str, Any]], key_of: Mapping[str | None, str], zone: ZoneInfo
) -> tuple[OldCode, ...]:
    return tuple(
        OldCode(
            str(row["code"]),
            uses=max(1, number(row.get("max_uses"), 1)),
            used=number(row.get("used_count")),
            expires_at=moment(row.get("expires_at"), zone),
            enabled=(text(row.get("status")) or "active") in {"active", "used", "expired"},
            team=key_of.get(text(row["team_name"])),
            auto_transfer=flag(row.get("auto_transfer_enabled"), True),
            note=text(row.get("notes")),
        )
        for row in rows
        if text(row["code"])
    )


def _teams_beside(
    old: OldDatabase, secrets: OldSecrets, accounts: Mapping[str, str | None]
) -> tuple[tuple[OldTeam, ...], dict[str | None, str]]:
    """The teams, and which of them each name or account stands for."""
    found: list[OldTeam] = []
    key_of: dict[str | None, str] = {}
    for place, (name, account, token, email) in enumerate(_described(old, secrets), start=1):
        if account is None:
            continue
        spellings = (
            name,
            account,
            email,
            (email or "").split("@")[0],
            f"Team{place}",
            f"Team {place}",
            f"TEAM_{place}",
        )
        called = [one for one in accounts if one.lower() in {spelling.lower() for spelling in spellings if spelling}]
        called = [one for one in accounts if accounts[one] == account] or called
        found.append(OldTeam(account, account, next(iter(called), name), token, email, why=None if token else NO_TOKEN))
        key_of |= dict.fromkeys([account, *called], account)
    for name, account in accounts.items():
        if name not in key_of:
            key = account or name
            if key not in key_of:
                found.append(OldTeam(key, key, name, None, why=SECRET_MISSING))
            key_of |= {name: key, key: key}
    return tuple(found), key_of


def _described(
    old: OldDatabase, secrets: OldSecrets
) -> Iterator[tuple[str | None, str | None, str | None, str | None]]:
    """Name, account, token and owner of each team, from the list beside the database and the environment."""
    documents = [secrets.document]
    beside = old.directory / TEAM_FILE
    if beside.is_file():
        try:
            documents.append(json.loads(beside.read_text(encoding="utf-8-sig")))
        except ValueError as error:
            raise DamagedFile(file=beside.name) from error
    for document in documents:
        listed = document.get("teams", [document]) if isinstance(document, dict) else document
        for one in listed if isinstance(listed, list) else []:
            if isinstance(one, dict):
                account, user = ({} if not isinstance(one.get(of), dict) else one[of] for of in ("account", "user"))
                name = text(one.get("name")) or text(one.get("team_name")) or text(account.get("name"))
                yield name, text(account.get("id")), text(one.get("accessToken")), text(user.get("email"))
    numbered: dict[int, dict[str, str]] = defaultdict(dict)
    for variable, value in secrets.values.items():
        match = _VARIABLE.fullmatch(variable.upper())
        if match and match[2] in _MEANT:
            numbered[int(match[1])][_MEANT[match[2]]] = value
    for place in sorted(numbered):
        one = numbered[place]
        yield one.get("name"), one.get("account"), one.get("token"), one.get("email")


def with_accounts(old: OldDatabase, _: OldSecrets, zone: ZoneInfo) -> Belongings:
    """`gpt_accounts`, whose codes are redeemed by an address that may stand in a sentence."""
    teams, key_of = [], {}
    for row in old.rows("gpt_accounts"):
        account, email, token = text(row.get("chatgpt_account_id")), text(row["email"]), text(row.get("token"))
        key = str(row["id"])
        key_of[(email or "").lower()] = key
        teams.append(
            OldTeam(
                key,
                account or "",
                email,
                token,
                email,
                enabled=not flag(row.get("is_banned")),
                expires_at=moment(row.get("expire_at"), zone),
                why="credential_no_account" if account is None else None if token else NO_TOKEN,
            )
        )
    days = {
        text(row.get("code")): number(row.get("service_days")) for row in old.rows("purchase_orders") if row.get("code")
    }
    codes: list[OldCode] = []
    holdings: list[Holding] = []
    placeless: list[Holding] = []
    for row in old.rows("redemption_codes"):
        written = text(row["code"])
        if written is None:
            continue
        team = key_of.get((text(row.get("account_email")) or "").lower())
        redeemed = flag(row.get("is_redeemed"))
        lasting = days.get(written, 0)
        kept_for = text(row.get("reserved_for_order_email")) or text(row.get("reserved_for_username"))
        codes.append(
            OldCode(
                written,
                used=int(redeemed),
                team=team,
                term=term(lasting),
                note=f"reserved for {kept_for}" if kept_for else None,
            )
        )
        address = _ADDRESS.search(text(row.get("redeemed_by")) or "")
        if redeemed and address:
            since = moment(row.get("redeemed_at"), zone)
            ends = since + timedelta(days=lasting) if since and lasting > 0 else None
            held = Holding(address[0], team or "", written, since, ends_at=ends)
            (holdings if team else placeless).append(held)
    return Belongings("gpt_accounts", tuple(teams), tuple(codes), merged(holdings), _of(placeless))


def with_keys(old: OldDatabase, _: OldSecrets, zone: ZoneInfo) -> Belongings:
    """`access_keys` and `invitations`; a temporary member who was confirmed stays."""
    teams = []
    for row in old.rows("teams"):
        token, account = text(row.get("access_token")), text(row.get("account_id"))
        teams.append(
            OldTeam(
                str(row["id"]),
                account or "",
                text(row.get("name")),
                token,
                text(row.get("email")),
                capacity=number(row.get("max_seats") or row.get("seat_limit")) or None,
                enabled=flag(row.get("is_active"), True),
                expires_at=moment(row.get("active_until"), zone),
                why="credential_no_account" if account is None else None if token else NO_TOKEN,
            )
        )
    known = {one.key for one in teams}
    keys = {row["id"]: row for row in old.rows("access_keys")}
    holdings: list[Holding] = []
    placeless: list[Holding] = []
    used: dict[Any, int] = defaultdict(int)
    for row in old.rows("invitations"):
        address, key = text(row["email"]), keys.get(row.get("key_id"))
        if address is None or text(row.get("status")) != "success":
            continue
        temporary = flag((key or {}).get("is_temp")) and not flag(row.get("is_confirmed"))
        if key is not None:
            used[key["id"]] += 1
        held = Holding(
            address,
            str(row["team_id"]) if str(row.get("team_id")) in known else "",
            None if key is None else text(key["key_code"]),
            moment(row.get("created_at"), zone),
            ends_at=moment(row.get("temp_expire_at"), zone) if temporary else None,
            temporary=temporary,
            auto_transfer=not temporary,
        )
        (holdings if held.team else placeless).append(held)
    codes = tuple(
        OldCode(
            str(row["key_code"]),
            uses=max(1, number(row.get("usage_limit") or row.get("max_uses"), 1), used[row["id"]]),
            used=max(used[row["id"]], number(row.get("usage_count") or row.get("used_count"))),
            enabled=not flag(row.get("is_cancelled")),
            team=str(row["team_id"]) if str(row.get("team_id")) in known else None,
            term=term(number(row.get("temp_hours"), 24) or 24, "h") if flag(row.get("is_temp")) else None,
            temporary=flag(row.get("is_temp")),
            auto_transfer=not flag(row.get("is_temp")),
        )
        for row in keys.values()
        if text(row["key_code"])
    )
    return Belongings("access_keys", tuple(teams), codes, merged(holdings), _of(placeless))


def _of(placeless: list[Holding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.address for one in placeless if one.live))
