"""The package as a whole: what importing it loads, and what it exports."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import autograd_core as ag
from autograd_core.ops import TABLE
from autograd_core.value import Value


def loaded_by(statement: str) -> set[str]:
    """The modules that `statement` loads in an interpreter for which no installed package has loaded any before."""
    project = str(Path(ag.__file__).parents[1])
    code = f"import sys; before = set(sys.modules); sys.path.append({project!r}); {statement}"
    code += "; print(*set(sys.modules) - before)"
    bare = [sys.executable, "-I", "-S", "-c", code]
    return set(subprocess.run(bare, capture_output=True, text=True, check=True).stdout.split())


def test_importing_the_engine_loads_nothing_heavy() -> None:
    third_party = {"numpy", "scipy", "graphviz", "PIL", "rich", "sklearn", "llvmlite", "onnx"}
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


def test_a_wheel_has_all_files_of_the_packages() -> None:
    root = Path(__file__).parent.parent
    setuptools = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert setuptools["packages"]["find"]["include"] == ["autograd_core*", "nn*"]
    for path in (path for top in ("autograd_core", "nn") for path in (root / top).rglob("*") if path.is_file()):
        if "__pycache__" not in path.parts:
            package = path.parent.relative_to(root)
            assert (path.parent / "__init__.py").exists(), package
            patterns = ["*.py", *setuptools["package-data"].get(".".join(package.parts), [])]
            assert any(fnmatch(path.name, pattern) for pattern in patterns), path
