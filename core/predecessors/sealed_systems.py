"""Systems that seal their tokens, and one that keeps of its codes nothing but a hash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from core.predecessors.belongings import Belongings, Holding, OldCode, OldTeam, merged
from core.predecessors.old_database import OldDatabase, flag, moment, number, term, text
from core.predecessors.old_secrets import OldSecrets

USUAL_POOL: Final = "normal"
"""What the pool is called there that every code and team belongs to unless another is named."""
_GONE: Final = frozenset({"removed", "left", "kicked", "deleted", "failed"})
_CLOSED: Final = frozenset({"error", "banned", "disabled", "invalid"})
_LIFECYCLES: Final = {"weekly": "7d", "monthly": "1mo"}


def with_records(old: OldDatabase, secrets: OldSecrets, zone: ZoneInfo) -> Belongings:
    """`teams.access_token_encrypted` and `redemption_records`, with pools and mappings where the file has them."""
    several = old.has("team_email_mappings")
    names = ("ENCRYPTION_KEY", "SECRET_KEY") if several else ("SECRET_KEY", "ENCRYPTION_KEY")
    teams = []
    for row in old.rows("teams"):
        opened = secrets.fernet(text(row["access_token_encrypted"]), *names)
        account = text(row.get("account_id"))
        teams.append(
            OldTeam(
                str(row["id"]),
                account or "",
                text(row.get("team_name")),
                opened.token,
                text(row.get("email")),
                capacity=number(row.get("max_members")) or None,
                pool=_pool(row),
                enabled=text(row.get("status")) not in _CLOSED,
                why="credential_no_account" if account is None else opened.why,
            )
        )
    codes = {str(row["code"]): row for row in old.rows("redemption_codes") if text(row["code"])}
    inside = {(str(row["team_id"]), (text(row["email"]) or "").lower()): row for row in old.rows("team_email_mappings")}
    known = {one.key for one in teams}
    holdings, placeless, used = [], [], dict.fromkeys(codes, 0)
    for row in old.rows("redemption_records"):
        address, code, team = text(row["email"]), codes.get(str(row["code"])), str(row["team_id"])
        if address is None:
            continue
        if code is not None:
            used[str(row["code"])] += 1
        if team not in known:
            placeless.append(address)
            continue
        since = moment(row.get("redeemed_at"), zone)
        state = text((inside.pop((team, address.lower()), None) or {}).get("status"))
        holdings.append(
            Holding(
                address,
                team,
                None if code is None else str(row["code"]),
                since,
                ends_at=None if code is None else _warranted_until(code, since, zone),
                live=state not in _GONE,
                pending=state == "invited",
            )
        )
    # Who is in a team without having redeemed anything was put there by hand; a row that only a reading made may be
    # anybody, and the reading here shows them as well.
    for (team, _), row in inside.items():
        address, state = text(row["email"]), text(row.get("status"))
        if team in known and address and state not in _GONE and text(row.get("source")) not in {"sync", None}:
            holdings.append(
                Holding(address, team, None, moment(row.get("created_at"), zone), pending=state == "invited")
            )
    read = tuple(_warranted(row, max(used[written], 0), zone) for written, row in codes.items())
    return Belongings(
        "team_email_mappings" if several else "redemption_records", tuple(teams), read, merged(holdings),
        tuple(dict.fromkeys(placeless)),
    )  # fmt: skip


def _pool(row: Mapping[str, Any]) -> str | None:
    named = text(row.get("pool_type"))
    return None if named in {None, USUAL_POOL} else named


def _warranted(row: Mapping[str, Any], used: int, zone: ZoneInfo) -> OldCode:
    spent = (text(row.get("status")) or "unused") in {"used", "warranty_active"}
    by_seat = "reusable by seat" if flag(row.get("reusable_by_seat")) else None
    days = _days(row)
    return OldCode(
        str(row["code"]),
        uses=max(1, used),
        used=max(used, int(spent)),
        expires_at=None if spent else moment(row.get("expires_at"), zone),
        pool=_pool(row),
        term=term(days),
        note=by_seat,
    )


def _days(row: Mapping[str, Any]) -> int:
    """For how many days a code is answered for; 0 where it is not."""
    if not flag(row.get("has_warranty")):
        return 0
    return max(0, number(row.get("warranty_days"), 30) + number(row.get("extension_days")))


def _warranted_until(row: Mapping[str, Any], since: datetime | None, zone: ZoneInfo) -> datetime | None:
    if not flag(row.get("has_warranty")):
        return None
    stated = moment(row.get("warranty_expires_at"), zone)
    return stated or (since + timedelta(days=_days(row)) if since and _days(row) else None)


def with_hashes(old: OldDatabase, secrets: OldSecrets, zone: ZoneInfo) -> Belongings:
    """`redeem_codes.code_hash`, `mother_accounts` and `seats`, in one file or in two."""
    mothers = {row["id"]: row for row in old.rows("mother_accounts")}
    teams: dict[str, OldTeam] = {}
    key_of: dict[str | None, str] = {}
    seats = [row for row in old.rows("seats") if text(row.get("email"))]
    for row in old.rows("mother_teams"):
        mother = mothers.get(row["mother_id"], {})
        opened = secrets.aes_gcm(text(mother.get("access_token_enc")), "ENCRYPTION_KEY")
        workspace = text(row.get("workspace_id")) or text(row.get("team_id")) or ""
        key_of |= {text(row.get("team_id")): workspace, workspace: workspace}
        teams[workspace] = OldTeam(
            workspace,
            workspace,
            text(row.get("team_name")) or text(mother.get("name")),
            opened.token,
            capacity=number(mother.get("seat_limit")) or None,
            enabled=flag(row.get("is_enabled"), True) and (text(mother.get("status")) or "active") == "active",
            expires_at=moment(mother.get("token_expires_at"), zone),
            why=opened.why,
        )
    days = {row["id"]: number(row.get("lifecycle_days")) for row in old.rows("code_skus")}
    codes, by_address, by_number = [], {}, {}
    for row in old.rows("redeem_codes"):
        code = _hashed(row, days, zone)
        codes.append(code)
        by_number[row["id"]] = (code, row)
        holder = text(row.get("bound_email")) or text(row.get("used_by_email"))
        if holder:
            by_address[holder.lower()] = (code, row)
    requests = {
        (text(row["team_id"]), (text(row["email"]) or "").lower()): row
        for row in old.rows("invite_requests")
        if text(row.get("status")) in {"sent", "accepted"}
    }
    holdings, placeless, seated = [], [], set()
    for seat in seats:
        address, team = text(seat["email"]), key_of.get(text(seat.get("team_id")))
        if address is None or text(seat.get("status")) not in {"used", "held"}:
            continue
        request = requests.get((text(seat.get("team_id")), address.lower()), {})
        found = by_number.get(request.get("code_id")) or by_address.get(address.lower())
        if team is None:
            placeless.append(address)
            continue
        by, row = found or (None, {})
        written = None if by is None else by.text
        seated.add(written)
        holdings.append(
            Holding(
                address,
                team,
                written,
                moment(row.get("used_at") or seat.get("created_at"), zone),
                ends_at=moment(row.get("lifecycle_expires_at"), zone),
                pending=text(request.get("status")) == "sent",
            )
        )
    for code, row in by_number.values():  # whose seat the file does not show, though the code is used
        address = text(row.get("bound_email")) or text(row.get("used_by_email"))
        team = key_of.get(text(row.get("current_team_id")) or text(row.get("used_by_team_id")))
        if code.used and code.text not in seated and address and team:
            ends = moment(row.get("lifecycle_expires_at"), zone)
            holdings.append(
                Holding(address, team, code.text, moment(row.get("used_at"), zone), ends_at=ends, live=not seats)
            )
    return Belongings(
        "redeem_codes", tuple(teams.values()), tuple(codes), merged(holdings), tuple(dict.fromkeys(placeless))
    )


def _hashed(row: Mapping[str, Any], days: Mapping[Any, int], zone: ZoneInfo) -> OldCode:
    status = text(row.get("status")) or "unused"
    lasting = days.get(row.get("sku_id"), 0)
    planned = _LIFECYCLES.get(text(row.get("lifecycle_plan")) or "")
    return OldCode(
        str(row["code_hash"]).strip().lower(),
        hashed=True,
        used=int(status == "used"),
        expires_at=None if status == "used" else moment(row.get("expires_at"), zone),
        enabled=flag(row.get("active"), True) and status != "blocked",
        term=planned or term(lasting),
    )
