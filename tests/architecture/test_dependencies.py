"""What is imported is declared, and what is declared is used."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache

from tests.architecture.source import PACKAGES, REPOSITORY, modules

# The distribution's name where the import is called otherwise.
IMPORTED_AS = {"discord.py": "discord", "fluent.runtime": "fluent", "markdown-it-py": "markdown_it"}
NEVER_IMPORTED = {
    "aiosqlite": "SQLAlchemy's driver, named in the database URL",
    "asyncpg": "SQLAlchemy's driver, named in the database URL",
    "sshfs": "what fsspec speaks sftp with, named in the target's URL",
    "scim2-models": "imported by name, off the event loop: it takes a second",
    "tzdata": "the standard library looks it up",
}


def _declared() -> set[str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["charts"], *extras["redis"], *extras["targets"]]
    return {match[0] for line in wanted if (match := re.match(r"[A-Za-z0-9._-]+", line))}


@cache
def _imported() -> frozenset[str]:
    found: set[str] = set()
    for module in modules():
        for node in module.nodes:
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return frozenset(found - set(sys.stdlib_module_names) - set(PACKAGES))


def _module(distribution: str) -> str:
    return IMPORTED_AS.get(distribution, distribution.replace("-", "_"))


def test_nothing_is_imported_that_happens_to_be_there():
    assert not _imported() - {_module(name) for name in _declared()}


def test_nothing_is_installed_that_nobody_uses():
    unused = {name for name in _declared() if name not in NEVER_IMPORTED and _module(name) not in _imported()}
    assert not unused
