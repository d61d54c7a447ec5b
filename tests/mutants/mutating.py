"""Small faults in a module, one at a time: a boundary moved by one, a condition turned round, a number changed."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_TURNED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
}
_OTHER = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """One changed line of one module, and the whole source with it."""

    path: str
    line: int
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before}  →  {self.after}"


def mutants_of(path: Path, name: str) -> Iterator[Mutant]:
    """Every mutant of a file, in the order of its lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    places = list(_places(tree))
    for number in range(len(places)):
        changed = copy.deepcopy(tree)
        node, statement, change = list(_places(changed))[number]
        before = ast.unparse(statement).splitlines()
        change()
        after = ast.unparse(statement).splitlines()
        was, is_now = next(((a, b) for a, b in zip(before, after, strict=False) if a != b), ("", ""))
        yield Mutant(name, getattr(node, "lineno", 0), was.strip(), is_now.strip(), ast.unparse(changed))


def _places(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.stmt, Callable[[], None]]]:
    """Every node that can be changed, its statement, and what changes it."""
    for statement in _statements(tree.body):
        for node in _expressions(statement):
            for change in _changes(node):
                yield node, statement, change


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
            continue
        yield statement
        for inner in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, inner, []))
        for handler in getattr(statement, "handlers", []):
            yield from _statements(handler.body)


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement's own expressions: no nested statement, no annotation, decorator or docstring."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop(0)
        yield node
        for name, value in ast.iter_fields(node):
            if name in {"annotation", "returns", "decorator_list", "type_params", "bases"}:
                continue
            children = value if isinstance(value, list) else [value]
            waiting += [
                child
                for child in children
                if isinstance(child, ast.AST) and not isinstance(child, (ast.stmt, ast.ExceptHandler))
            ]


def _changes(node: ast.AST) -> Iterator[Callable[[], None]]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _TURNED:
        yield lambda: node.ops.__setitem__(0, _TURNED[type(node.ops[0])]())  # type: ignore[call-overload]
    elif isinstance(node, (ast.BoolOp, ast.BinOp)) and type(node.op) in _TURNED and not _is_text(node):
        yield lambda: setattr(node, "op", _TURNED[type(node.op)]())
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield lambda: setattr(node, "value", not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        yield lambda: setattr(node, "value", node.value + 1)  # type: ignore[operator]
    elif isinstance(node, ast.Name) and node.id in _OTHER and isinstance(node.ctx, ast.Load):
        yield lambda: setattr(node, "id", _OTHER[node.id])
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield lambda: setattr(node, "operand", ast.UnaryOp(ast.Not(), node.operand))
    if isinstance(node, (ast.If, ast.IfExp)) and isinstance(node.test, (ast.Name, ast.Call, ast.Attribute)):
        yield lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test))


def _is_text(node: ast.BoolOp | ast.BinOp) -> bool:
    return isinstance(node, ast.BinOp) and any(
        isinstance(side, (ast.JoinedStr, ast.List)) for side in (node.left, node.right)
    )
