"""Single ops are named where they are stated, and in three tables: what machines have, what ONNX has, how mathematics is
written.

What else is said of single ops is arithmetic itself, the subject of a few passes; a new table is a new second statement.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from layers import files

from autograd_core import TABLE, Op

ARE_TABLES = ("ops", "jit.ir.primitives", "formulas", "onnx.table")
ARITHMETIC = {
    "forward.OPERATORS": "how Python writes them",
    "forward.TRUTHS": "the same of comparisons",
    "jit.passes.use_identities._IDENTITIES": "x * 1 is x",
    "jit.passes.confine._PROPORTIONAL": "nothing times x is nothing",
    "jit.plan.sums.SIGNS": "x - y is a sum of x and of less y",
    "jit.trace.conditions._ALONE": "methods of bool, of which some are called like ops",
    "jit.trace.conditions._REFLECTED": "the same of two operands",
    "expression.NOT_CALLABLE": "what a text may not call, and what to write instead",
}
MODULES = {
    name.removeprefix("autograd_core."): path
    for name, path in files().items()
    if name.startswith("autograd_core.") and not name.endswith("__main__")
}


def assigned(tree: ast.Module) -> Iterator[str]:
    """The names that a module gives to what it makes itself."""
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def names_ops(keys: Any) -> bool:
    """Whether two or more are ops, or called like one, of our table."""
    return len([key for key in keys if isinstance(key, Op) or (isinstance(key, str) and key in TABLE)]) > 1


@pytest.mark.parametrize(
    "module", [name for name in MODULES if not f"{name}.".startswith(tuple(f"{t}." for t in ARE_TABLES))]
)
def test_no_op_is_named_in_another_table(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    loaded = importlib.import_module(f"autograd_core.{module}")
    dicts = [name for name in assigned(tree) if isinstance(table := vars(loaded).get(name), dict) and names_ops(table)]
    known = {"expression.CALLABLE"}  # the table itself, but for what stands in NOT_CALLABLE
    new = {f"{module}.{name}" for name in dicts} - known - ARITHMETIC.keys()
    assert not new, f"{new}: expressions of single ops stand in ir/primitives.py alone, see CONTRIBUTING: A backend"
    for match in [node for node in ast.walk(tree) if isinstance(node, ast.Match)]:
        texts = [x.value for case in match.cases for x in ast.walk(case.pattern) if isinstance(x, ast.Constant)]
        assert not names_ops(texts), f"line {match.lineno}"


def test_what_is_known_is_still_there() -> None:
    for name in ARITHMETIC:
        module, _, table = name.rpartition(".")
        assert names_ops(vars(importlib.import_module(f"autograd_core.{module}"))[table]), name
