"""The source as data: which files there are, and what their calls really name."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "bots", "admin_cli")


@dataclass(frozen=True)
class Call:
    """One call, its name resolved through the module's imports: `dt.now()` is `datetime.datetime.now`."""

    name: str
    line: int


@dataclass(frozen=True)
class Module:
    path: str
    """Relative to the repository, with forward slashes."""

    @cached_property
    def text(self) -> str:
        return (REPOSITORY / self.path).read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree: walking it once costs as much as parsing it."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def names(self) -> dict[str, str]:
        """Local name → what it was imported as."""
        found: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.partition(".")[0]
                    found[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        return found

    def calls(self) -> Iterator[Call]:
        for node in self.nodes:
            if isinstance(node, ast.Call):
                yield Call(self._dotted(node.func), node.lineno)

    def uses(self) -> list[Call]:
        """Every attribute and name, called or handed over: `default_factory=datetime.now` reads a clock too."""
        return self._uses

    @cached_property
    def _uses(self) -> list[Call]:
        return [
            Call(self._dotted(node), node.lineno)
            for node in self.nodes
            if isinstance(node, (ast.Attribute, ast.Name)) and isinstance(node.ctx, ast.Load)
        ]

    def _dotted(self, node: ast.AST) -> str:
        if isinstance(node, ast.Name):
            return self.names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return f"{self._dotted(node.value)}.{node.attr}"
        if isinstance(node, ast.Call):
            return f"{self._dotted(node.func)}()"
        return "?"


@lru_cache
def modules() -> tuple[Module, ...]:
    """Every Python file of the product."""
    found = (path for package in PACKAGES for path in (REPOSITORY / package).rglob("*.py"))
    return tuple(Module(path.relative_to(REPOSITORY).as_posix()) for path in sorted(found))


@lru_cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that git knows or would take, as paths relative to the repository."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = sorted(set(filter(None, listing.split("\0"))))
    return tuple(Path(name) for name in names if (REPOSITORY / name).is_file())
