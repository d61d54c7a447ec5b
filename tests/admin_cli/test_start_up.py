"""What a command imports is what it costs to start: seconds of CPU for a bot library that it does not need."""

from __future__ import annotations

import pytest

from tests.admin_cli.conftest import Installed
from tests.support.processes import Processes

BOTS = {"aiogram", "discord", "matplotlib", "numpy", "bots"}
HEAVY = BOTS | {"alembic", "apprise", "apscheduler", "scim2_models", "redis", "fontTools", "fluent", "babel", "uvloop"}
UPSTREAM = {"httpx", "aiohttp"}
OTHERS = {"sqlalchemy.orm", "sqlalchemy.ext.asyncio", "sqlalchemy.dialects.postgresql"}
"""What SQLAlchemy brings for others: its object mapper, and the dialect of the database that is not in use."""
DATABASE = {"sqlalchemy", "pydantic", "cryptography", "asyncpg", "aiosqlite"}

RUN = """
import sys
from admin_cli.app import run_command
code = run_command(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""


def imported(processes: Processes, *arguments: str, code: int = 0) -> set[str]:
    finished = processes.start_python("-c", RUN, *arguments).finish().expect(code)
    return set(finished.err.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["redeem", "--help"], ["team", "import", "--help"], ["--version"]])
def test_help_opens_nothing(processes: Processes, arguments: list[str]) -> None:
    assert not imported(processes, *arguments) & (HEAVY | UPSTREAM | {"sqlalchemy", "cryptography"})


def test_looking_opens_the_database_only(usher: Installed) -> None:
    usher.open_sandbox()
    [code] = usher.codes(1)
    usher.processes.run("settings", "limits.attempts", "20").expect()
    listed = (
        "team list",
        "code list",
        "lease list",
        "alert list",
        "sweep list",
        "doctor",
        "status",
        "audit",
        "settings",
    )
    for arguments in (["verify", code], *([*command.split(), "--json"] for command in listed)):
        found = imported(usher.processes, *arguments)
        assert "sqlalchemy" in found
        assert not found & (HEAVY | UPSTREAM | OTHERS), arguments


def test_redeeming_imports_no_bot(usher: Installed) -> None:
    usher.open_sandbox()
    [code] = usher.codes(1)
    assert not imported(usher.processes, "redeem", "anna@example.com", code, "--json") & (HEAVY | OTHERS)


def test_every_command_has_an_example() -> None:
    from admin_cli.app import app

    def commands(below, path: tuple[str, ...] = ()):
        for name in (name for name in below if not name.startswith("-")):
            if below[name].default_command is not None:
                yield (*path, name), below[name].default_command.__doc__
            else:
                yield from commands(below[name], (*path, name))

    listed = dict(commands(app))
    assert len(listed) > 25
    assert not [path for path, told in listed.items() if f"Example: usher {' '.join(path)}" not in told]


def test_help_shows_the_example(processes: Processes) -> None:
    assert "usher redeem anna@example.com" in processes.run("redeem", "--help").expect().out
    assert "usher code generate --count 200" in processes.run("code", "generate", "--help").expect().out
