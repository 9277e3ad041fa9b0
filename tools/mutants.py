"""The mutants of a module: small changes of its source, each of which takes one rule out or bends it.

Most come from cosmic-ray's operators; a choice of them, because its others make nonsense that no test
has to notice (a `//` for each `+`, `&` in annotations). Two are ours: a statement that is left out, and a
row that is missing from a table, since our rules stand in tables.
"""

import ast
import random
from collections.abc import Container, Iterator
from dataclasses import dataclass

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator

CHOSEN = (
    "ReplaceComparisonOperator_Eq_NotEq", "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceComparisonOperator_Lt_LtE", "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_Gt_GtE", "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_Lt_GtE", "ReplaceComparisonOperator_LtE_Gt",
    "ReplaceComparisonOperator_Gt_LtE", "ReplaceComparisonOperator_GtE_Lt",
    "ReplaceComparisonOperator_Is_IsNot", "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceBinaryOperator_Add_Sub", "ReplaceBinaryOperator_Sub_Add", "ReplaceBinaryOperator_Mul_FloorDiv",
    "ReplaceBinaryOperator_BitAnd_BitOr",
    "ReplaceUnaryOperator_Delete_Not", "AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue",
    "ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak",
    "ZeroIterationForLoop", "NumberReplacer",
)
NOT_A_RULE = ("log.", "@dataclass", "logger.")  # what only tells the operators of the server; frozen or not


Line = tuple[str, str, str]  # path, line before, line after


@dataclass(frozen=True)
class Mutant:
    """`line` is where the first changed line stands, counted from 1."""

    path: str
    line: int
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}\n    - {self.before.strip()}\n    + {self.after.strip() or '(nothing)'}"


class LeaveOut(Operator):
    """A call for its effect, a change of an object, or a refusal is left out."""

    def mutation_positions(self, node):
        if node.type == "simple_stmt" and self._matters(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        return parso.parse(f"{node.get_first_leaf().prefix}pass\n").children[0]

    def _matters(self, node) -> bool:
        first = node.children[0]
        if first.get_code().strip().startswith(NOT_A_RULE):
            return False
        if first.type == "expr_stmt":
            return first.children[0].type in ("atom_expr", "power")
        return first.type in ("atom_expr", "power", "raise_stmt")

    @classmethod
    def examples(cls):
        return ()


def _is_no_table(node) -> bool:
    """Inside a function, or the type that a name is said to have."""
    typed = parso.tree.search_ancestor(node, "annassign")
    is_type = typed is not None and node.start_pos < typed.children[1].end_pos
    return is_type or parso.tree.search_ancestor(node, "funcdef") is not None


class DropRow(Operator):
    """One row of a table of the module is missing."""

    def mutation_positions(self, node):
        # all at once: the row is taken out while the caller still goes through the positions
        return [(first.start_pos, last.end_pos) for _, first, last in self._rows(node)]

    def mutate(self, node, index):
        start, _, last = list(self._rows(node))[index]
        del node.children[start:node.children.index(last) + 1]
        return node

    def _rows(self, node) -> Iterator[tuple[int, object, object]]:
        """(place, first, last node) of each row with the comma after it."""
        if node.type not in ("dictorsetmaker", "testlist_comp") or _is_no_table(node):
            return
        commas = [n for n, child in enumerate(node.children) if child == ","]
        if not commas or any(child.type == "sync_comp_for" for child in node.children):
            return
        starts = [0, *(comma + 1 for comma in commas if comma + 1 < len(node.children))]
        ends = [*commas, len(node.children) - 1]
        for start, end in zip(starts, ends, strict=False):
            if len(starts) > 1:
                yield start, node.children[start], node.children[end]

    @classmethod
    def examples(cls):
        return ()


@dataclass(frozen=True)
class Place:
    """The changed statement: its first line, and whether it stands in a function."""

    line: int
    in_function: bool

    @classmethod
    def of(cls, mutant: Mutant, source: str) -> "Place":
        around = [node for node in ast.walk(ast.parse(source))
                  if isinstance(node, ast.stmt) and _first_line(node) <= mutant.line <= node.end_lineno]
        if not around:
            return cls(mutant.line, False)
        inner = max(around, key=lambda node: (_first_line(node), -node.end_lineno))
        return cls(inner.lineno, any(isinstance(node, ast.FunctionDef) for node in around if node is not inner))


def _first_line(node: ast.stmt) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])


def choose(sources: dict[str, str], most: int | None, seed: int, equal: Container[Line]) -> list[Mutant]:
    """Of the modules (path -> source), in the order of the files; at most so many, drawn by `seed`. `equal` are
    those that change nothing. A change that leaves no Python is no mutant."""
    changes = [change for path, source in sources.items() for change in _changes(path, source)]
    if most:
        random.Random(seed).shuffle(changes)
    chosen: dict[tuple[str, str], Mutant] = {}
    for path, operator, occurrence in changes:
        mutant = _described(path, sources[path], mutate_code(sources[path], operator, occurrence))
        if mutant and (path, mutant.before.strip(), mutant.after.strip()) not in equal:
            chosen[path, mutant.source] = mutant
        if len(chosen) == most:
            break
    return sorted(chosen.values(), key=lambda mutant: (mutant.path, mutant.line))


def _changes(path: str, source: str) -> Iterator[tuple[str, Operator, int]]:
    nodes = list(ast_nodes(get_ast(source)))
    for operator in [*(get_operator(f"core/{name}")() for name in CHOSEN), LeaveOut(), DropRow()]:
        count = sum(len(list(operator.mutation_positions(node))) for node in nodes)
        yield from ((path, operator, occurrence) for occurrence in range(count))


def _described(path: str, source: str, changed: str | None) -> Mutant | None:
    """None when nothing is changed, or nothing that is a rule."""
    if not changed or changed == source or not _is_python(changed):
        return None
    old, new = source.splitlines(), changed.splitlines()
    line = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)) - 1)
    if old[line].strip().startswith(NOT_A_RULE):
        return None
    return Mutant(path, line + 1, old[line], new[line] if len(old) == len(new) else "", changed)


def _is_python(source: str) -> bool:
    try:
        compile(source, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True
