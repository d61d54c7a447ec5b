"""What somebody who was refused at the shell can do next, and the shell's names for the commands of the chats.

The words of a refusal are those of the chats, where buttons lead on. Here a command does.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any, Final

from admin_cli import started

_TRANSFERS: Final = "See “usher transfer list”."
_NEW_SEAT: Final = "“usher lease invite ADDRESS” gives a new seat."
_ENDINGS: Final = "“usher removals” shows who has been taken out."
_CODE: Final = (
    "“usher code show CODE” says what it gives and what became of it; one that gives no seat is used in a chat, as in "
    "“usher chat”."
)
_LOCKS: Final = "See “usher lock list”; “usher lock lift” ends a lock."

STEPS: Final[Mapping[tuple[str, str], str]] = {
    ("not_found", "alert"): "See “usher alert list --state any”.",
    ("not_found", "backup"): "See “usher db backups”.",
    ("not_found", "ban"): "See “usher lock list”.",
    ("not_found", "batch"): "See “usher code list --batches”.",
    ("not_found", "call"): "See “usher call list”.",
    ("not_found", "code"): "See “usher code list”.",
    ("not_found", "hook"): "See “usher hook list”.",
    ("not_found", "job"): "See “usher job list”.",
    ("not_found", "key"): "See “usher key list”.",
    ("not_found", "lease"): "“usher find {name}” shows what is known of it; “usher lease list” shows the seats.",
    ("not_found", "lock"): "See “usher lock list”.",
    ("not_found", "member"): "“usher sweep dry-run” shows the members whom nobody here invited.",
    ("not_found", "models"): "“usher model add NAME --input PRICE --output PRICE” adds one; “usher source import FILE” brings in the accounts that answer.",
    ("not_found", "models_off"): "“usher model list” shows those that are switched off or wait for their prices; “usher model edit NAME” changes that.",
    ("not_found", "person"): "“usher find {name}” looks for it everywhere.",
    ("not_found", "plan"): "See “usher plan list”.",
    ("not_found", "pool"): "See “usher pool list”.",
    ("not_found", "request"): "See “usher request list”.",
    ("not_found", "setting"): "See “usher settings”.",
    ("not_found", "source"): "See “usher source list”.",
    ("not_found", "staff"): "See “usher staff list”.",
    ("not_found", "sweep"): "See “usher sweep list”.",
    ("not_found", "team"): "See “usher team list”.",
    ("not_found", "transfer"): _TRANSFERS,
    ("not_found", "unclear_invite"): "See “usher redemptions”.",
    ("transfer_refused", "same_team"): "Name another team with --to, or leave it out: then the policy chooses.",
    ("transfer_refused", "under_way"): _TRANSFERS,
    ("transfer_refused", "too_late"): _TRANSFERS,
    ("transfer_refused", "over"): _TRANSFERS,
    ("transfer_refused", "not_failed"): _TRANSFERS,
    ("transfer_refused", "ended"): _NEW_SEAT,
    ("transfer_refused", "ending"): _ENDINGS,
    ("lease_refused", "ended"): _NEW_SEAT,
    ("lease_refused", "ending"): _ENDINGS,
    ("lease_refused", "moving"): _TRANSFERS,
    ("lease_refused", "not_joined"): "“usher lease resend ADDRESS” sends the invitation again.",
    ("team_in_use", ""): "“usher team show {name}” shows them; “usher transfer start ADDRESS” moves somebody, “usher lease end ADDRESS” ends a seat.",
    ("pool_in_use", ""): "“usher pool merge {name} --into OTHER” or “usher pool set {name} --no-enabled” does that.",
    ("pool_unnamed", ""): "Name it with --pool.",
    ("quota_exceeded", ""): "Bring in teams with “usher team import FILE”, or make them all the same with --override.",
    ("credit_limit_exceeded", ""): "“usher pool set NAME --credit-limit AMOUNT” lets a pool promise more.",
    ("code_has_uses", ""): "“usher code disable” switches codes off.",
    ("code_refused", ""): _CODE,
    ("code_gives_no_seat", ""): "“usher chat” is a chat in which it can be redeemed.",
    ("code_suspended", ""): "“usher db reconcile” finds out, and “usher db release” lets the codes be used.",
    ("restored_wait", ""): "“usher db reconcile” goes on with it.",
    ("address_used_with_code", ""): _NEW_SEAT,
    ("address_not_allowed", ""): "“usher settings redemption.allowed_domains” and “usher settings redemption.blocked” say who may have one.",
    ("no_source", ""): "“usher source list” shows the accounts and what is the matter with them; “usher source import FILE” brings in more.",
    ("no_seats", ""): "“usher pool list” shows the free seats; “usher team import FILE” brings in more.",
    ("team_unavailable", ""): "“usher team list” and “usher alert list” show what is the matter.",
    ("still_confirming", ""): "See “usher redemptions”.",
    ("locked_out", ""): _LOCKS,
    ("too_many_attempts", ""): _LOCKS,
    ("banned", ""): "See “usher lock list”; “usher lock unban” ends a ban.",
    ("staff_stays", ""): "“usher staff revoke {identity}” does that.",
    ("bad_setting", ""): "“usher settings {name}” shows what it is now.",
}  # fmt: skip
"""Refusal and, where it has several meanings, which of them → one sentence, in English."""

COMMANDS: Final[Mapping[str, str]] = {
    "addteam": "team add",
    "alerts": "alert list",
    "backup": "db backup FILE",
    "batches": "code list --batches",
    "claim": "staff token",
    "disable": "code disable",
    "editteam": "team set",
    "extend": "lease extend",
    "find": "find",
    "help": "--help",
    "hooks": "hook list",
    "jobs": "job show",
    "leases": "lease list",
    "locks": "lock list",
    "model": "model list",
    "money": "money",
    "myseat": "find",
    "pools": "pool list",
    "redemptions": "redemptions",
    "requests": "request list",
    "settings": "settings",
    "source": "source list",
    "staff": "staff list",
    "staff grant": "staff grant",
    "sweep": "sweep list",
    "sweep confirm": "sweep confirm",
    "sweep unauthorised dry": "sweep dry-run",
    "teams": "team list",
    "transfers": "transfer list",
    "waitlist": "pool list",
    "wallet": "wallet show",
}
"""A command of the chats, as texts name it → what does the same at the shell."""
_NAMES = "|".join(sorted(map(re.escape, COMMANDS), key=len, reverse=True))
_HAN: Final = "[\u4e00-\u9fff]"
_IN_CHAT: Final = re.compile(rf"((?:发送|(?<={_HAN})) )?(?<![\w<./:])/({_NAMES})(?![\w/])(?: (?={_HAN}))?")
"""With what stands around a command in Chinese: a message is sent and a command run, and a quotation takes no spaces."""


def template(key: str, facts: Mapping[str, Any]) -> str | None:
    """The sentence for a refusal; None where there is none, or where it needs a fact that is not there."""
    which = str(facts.get("kind" if key == "not_found" else "reason", ""))
    found = STEPS.get((key, which)) or STEPS.get((key, ""))
    if found is None or not set(re.findall(r"\{(\w+)\}", found)) <= {name for name, fact in facts.items() if fact}:
        return None
    return found


def places(facts: Mapping[str, Any]) -> dict[str, str]:
    """The facts as they are typed at a shell."""
    return {name: shlex.quote(str(fact)) for name, fact in facts.items()}


def in_shell(text: str) -> str:
    """`text` with the shell's commands in the places of the chats'."""

    def there(found: re.Match[str]) -> str:
        run = "运行" if (found[1] or "").strip() else ""
        return run + started.literal(f"“{started.NAME} {COMMANDS[found[2]]}”").format()

    return _IN_CHAT.sub(there, text)
