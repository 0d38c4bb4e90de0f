"""The package as a whole: what importing it loads, and what it exports."""

from __future__ import annotations

import subprocess
import sys

import autograd_core as ag
from autograd_core.ops import TABLE
from autograd_core.value import Value


def loaded_by(statement: str) -> set[str]:
    """The modules that `statement` loads beyond what a bare interpreter of this environment has loaded."""
    code = f"import sys; before = set(sys.modules); {statement}; print(*set(sys.modules) - before)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_importing_the_engine_loads_nothing_heavy() -> None:
    third_party = {"numpy", "scipy", "graphviz", "PIL", "rich", "sklearn", "llvmlite"}
    slow = {"typing", "inspect", "dataclasses", "re", "pathlib", "random", "subprocess"}
    assert not (third_party | slow) & loaded_by("import autograd_core")
    assert not third_party & loaded_by("import nn")


def test_every_op_of_one_to_three_inputs_is_a_method_too() -> None:
    x = Value(0.5)
    for name in ("sin", "relu", "logit", "norm_cdf", "arctan", "rint"):
        assert isinstance(getattr(x, name)(), Value)
    assert x.hypot(1.0).data == ag.hypot(0.5, 1.0)
    assert x.clip(0.0, high=0.25).data == 0.25
    assert not hasattr(x, "sinus")


def test_the_table_names_each_op_once() -> None:
    assert len({id(op) for op in TABLE.values()}) == len(TABLE)
    assert all(name == op.name for name, op in TABLE.items())
