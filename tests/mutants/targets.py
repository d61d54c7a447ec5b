"""Which modules are mutated, which tests have to notice, and which mutants change nothing that anybody could notice."""

from __future__ import annotations

from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

SETTLING = {
    "core/storage/row_claims.py": ["tests/storage/test_row_claims.py", "tests/storage/test_commits.py"],
}
"""What claims and settles, with the tests that try it."""

_OF_ANOTHER_NAME = {
    "code_symbols": ["test_codes"],
    "csv_text": ["test_codes"],
    "breaker": ["test_health"],
    "message_addresses": ["test_message_text"],
}

EQUIVALENT: dict[tuple[str, str, str], str] = {}
"""(path, before, after) → why no test can tell the two apart."""


@cache
def tests_of() -> dict[str, list[str]]:
    """Module → its tests: every rule by name, and what claims and settles."""
    found: dict[str, list[str]] = {}
    for module in sorted((REPOSITORY / "core/rules").glob("*.py")):
        if module.stem != "__init__":
            names = _OF_ANOTHER_NAME.get(module.stem, [f"test_{module.stem}"])
            found[f"core/rules/{module.name}"] = [f"tests/rules/{name}.py" for name in names]
    return found | SETTLING
