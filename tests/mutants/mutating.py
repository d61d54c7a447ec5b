"""Small faults in a module, one at a time: the operators of cosmic-ray, and one of our own for SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator

_FROM_THE_LIBRARY = tuple(
    f"core/{name}"
    for name in (
        "AddNot",
        "ExceptionReplacer",
        "NumberReplacer",
        "ReplaceAndWithOr",
        "ReplaceOrWithAnd",
        "ReplaceTrueWithFalse",
        "ReplaceFalseWithTrue",
        "ReplaceUnaryOperator_Delete_Not",
        "ReplaceUnaryOperator_USub_UAdd",
        "ZeroIterationForLoop",
        *(f"ReplaceBinaryOperator_{pair}" for pair in ("Add_Sub", "Sub_Add", "Mul_Add", "Div_Mul", "FloorDiv_Mul")),
        *(f"ReplaceComparisonOperator_{pair}" for pair in ("Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt", "Lt_GtE", "Gt_LtE")),
        *(f"ReplaceComparisonOperator_{pair}" for pair in ("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is")),
    )
)
"""Left out: what only touches annotations (`|`), and comparisons that one type answers alike (`is` and `==`)."""


class OneConditionLess(Operator):  # type: ignore[misc]
    """A statement that asks for one thing less: `where(a, b)` becomes `where(b)`."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        for argument in _conditions(node):
            yield argument.start_pos, argument.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        arguments = _conditions(node)
        kept = ", ".join(one.get_code().strip() for number, one in enumerate(arguments) if number != index)
        return parso.parse(f"x({kept})").children[0].children[1]

    @classmethod
    def examples(cls) -> tuple[Any, ...]:
        return ()


@dataclass(frozen=True)
class Mutant:
    """One fault at one place of one module."""

    path: str
    line: int
    operator: str
    occurrence: int

    def source(self, whole: str) -> str:
        """The module with the fault in it."""
        changed = mutate_code(whole, _operators()[self.operator], self.occurrence)
        assert changed is not None
        return changed

    def change(self, whole: str) -> tuple[str, str]:
        """The first line that differs, before and after."""
        pairs = zip(whole.splitlines(), self.source(whole).splitlines(), strict=False)
        return next(((a.strip(), b.strip()) for a, b in pairs if a != b), ("", ""))

    def told(self, whole: str) -> str:
        """Where it is, and the line before and after."""
        before, after = self.change(whole)
        return f"{self.path}:{self.line}: {before}  →  {after}"


def mutants_of(path: Path, name: str) -> Iterator[Mutant]:
    """Every mutant of a file."""
    tree = get_ast(path.read_text(encoding="utf-8"))
    nodes = list(ast_nodes(tree))
    for operator_name, operator in _operators().items():
        positions = [place for node in nodes for place in operator.mutation_positions(node)]
        for occurrence, ((line, _), _) in enumerate(positions):
            yield Mutant(name, line, operator_name, occurrence)


@cache
def _operators() -> Mapping[str, Operator]:
    return {name: get_operator(name)() for name in _FROM_THE_LIBRARY} | {"OneConditionLess": OneConditionLess()}


def _conditions(node: Any) -> list[Any]:
    """The arguments of a `.where(…)`, if the node is its brackets."""
    if node.type != "trailer" or node.children[0].value != "(" or len(node.children) != 3:
        return []
    before = node.get_previous_leaf()
    if before is None or before.value != "where" or re.match(r"\s*\*", node.children[1].get_code()):
        return []
    inside = node.children[1]
    arguments = inside.children if inside.type == "arglist" else [inside]
    return [each for each in arguments if each.type != "operator"]
