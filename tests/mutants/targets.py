"""Which modules are mutated, which tests have to notice, and which mutants change nothing that anybody could notice."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def _each_once(*places: str) -> list[str]:
    """The files of these places, in their order. Of a folder and a file of it, pytest would run the folder alone."""
    return [
        f"tests/{found.relative_to(REPOSITORY / 'tests')}"
        for found in dict.fromkeys(
            file
            for place in places
            for file in (
                sorted((REPOSITORY / place).rglob("test_*.py")) if place[-3:] != ".py" else [REPOSITORY / place]
            )
        )
    ]


# The quickest first: the first test that fails ends a trial.
_EDGES = ("leases/test_invite_edges", "leases/test_removal_edges", "transfers/test_step_edges", "leases/test_others")
_SEATS = _each_once(
    *(f"tests/{name}.py" for name in _EDGES),
    *("tests/leases", "tests/redemptions", "tests/transfers"),
)
_CALLS = _each_once(
    *("tests/calls/test_settling.py", "tests/calls/test_claims.py", "tests/credit/test_wallets.py"),
    *("tests/credit", "tests/calls", "tests/talk/test_groups.py", "tests/bots/gateway/test_repeats.py"),
)
CLAIMING = {
    "core/storage/row_claims.py": _SEATS,
    "core/codes/uses.py": _each_once(*_SEATS, "tests/codes", "tests/waitlist", "tests/credit/test_gifts.py"),
    **{
        f"core/leases/{name}.py": _SEATS
        for name in ("claims", "closing", "ending", "invites", "redemption_steps", "removal_plans", "removals")
    },
    **{f"core/leases/{name}.py": _SEATS for name in ("settling", "taking_over", "transfer_steps")},
    **{f"core/redemptions/{name}.py": _SEATS for name in ("redemptions", "seating")},
    "core/transfers/transfers.py": _SEATS,
    **{f"core/calls/{name}.py": _CALLS for name in ("claims", "settling")},
    **{f"core/credit/{name}.py": _CALLS for name in ("gifts", "ledger", "wallets")},
}
"""What claims and settles, with the tests that try it."""

_ADDRESSES = ["rules/test_certain_addresses", "rules/test_written_addresses", "rules/test_message_text"]
_ALSO = {
    "address_neighbours": _ADDRESSES,
    "address_patterns": ["rules/test_addresses"],
    "address_readings": _ADDRESSES,
    "addresses": ["rules/test_address_patterns"],
    "breaker": ["rules/test_health"],
    "code_symbols": ["rules/test_codes"],
    "events": ["notices/test_hooks"],
    "keeping": ["upkeep/test_backups_by_themselves"],
    "known_domains": ["rules/test_written_addresses"],
    "lending": ["rules/test_source_choice"],
    "message_addresses": _ADDRESSES,
    "message_folding": _ADDRESSES,
    "message_text": ["rules/test_certain_addresses"],
    "setting_rows": ["upkeep/test_house_settings"],
}
"""Rules that are tried under other names as well, or only there."""

_NOISE = re.compile(r"^(?:@|from |import |if (?:not )?TYPE_CHECKING|(?:async )?def [^:]*[/*], )|lru_cache|Final\[dict")
"""Lines whose faults no test can see, or only mypy: decorators, imports, the `/` of a signature, caches; and tables."""


def is_noise(before: str) -> bool:
    """May a fault in this line go unnoticed?"""
    return _NOISE.search(before.strip()) is not None


@cache
def tests_of() -> dict[str, list[str]]:
    """Module → its tests: every rule by name, and what claims and settles."""
    found: dict[str, list[str]] = {}
    for module in sorted((REPOSITORY / "core/rules").glob("*.py")):
        if module.stem != "__init__":
            names = [f"rules/test_{module.stem}", *_ALSO.get(module.stem, ())]
            tests = [f"tests/{name}.py" for name in names]
            found[f"core/rules/{module.name}"] = [test for test in tests if (REPOSITORY / test).exists()]
    return found | CLAIMING
