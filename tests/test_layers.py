"""Who may import whom: every arrow of the house leads down, to the same layer or one below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module

import pytest
from layers import PACKAGES, back_up, circles, classes, files, floors, imports, rooms_of

import autograd_core as ag

LAYERS = (
    "domain errors files records settings synonyms visible",
    "tracing value op ops forward graph backprop containers transformed transforms vmap pickling numpy_advice",
    "names paths check expression",
    "formulas.notation",
    "formulas.algebra",
    "jit.runtime",
    "jit.ir",
    "jit.trace",
    "jit.passes jit.plan",
    "jit.backends",
    "jit.compiler",
    "jit.call",
    "jit",
    "formulas onnx",
    "diagram explain forms",
    "live",
    "autograd_core __main__ cli lessons",
    "nn.errors nn.names",
    "nn.checks",
    "nn.files",
    "nn.data",
    "nn.compiled nn.schedules nn.matrix",
    "nn.metrics",
    "nn.pictures",
    "nn.network",
    "nn.training",
    "nn.learning nn.sklearn",
    "nn nn.cli nn.__main__",
)
"""From the bottom to the top, the modules and packages of each. Types count, and what is imported late."""


def height_of(module: str) -> int:
    """The layer of a module: that of the longest name in `LAYERS` that it is or lies in."""
    height = {room: k for k, layer in enumerate(LAYERS) for room in layer.split()}
    name = module.removeprefix("autograd_core.")
    while name not in height:
        assert name, f"{module} is in no layer"
        name = name.rpartition(".")[0]
    return height[name]


def test_no_arrow_leads_up() -> None:
    arrows = [(module, other) for module, others in imports().items() for other in others]
    assert len(arrows) > 500
    assert [arrow for arrow in arrows if height_of(arrow[1]) > height_of(arrow[0])] == []


def test_there_is_one_circle_and_it_is_known() -> None:
    """The engine's: ops are written with Value, Value's operators with ops, and what is asked of a tracer with both."""
    engine = ["op", "ops.arithmetic", "ops.exponential", "ops.selection", "tracing", "value"]
    assert circles(imports()) == [[f"autograd_core.{name}" for name in engine]]


def private_names(text: str) -> Iterator[str]:
    """What a module takes from `autograd_core` though neither that nor a module which it lists has it in ``__all__``."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "autograd_core":
            module = import_module(node.module or "")
            is_public = module in [ag, *[getattr(ag, name) for name in ag.__all__]]
            listed = getattr(module, "__all__", [name for name, x in vars(module).items() if isinstance(x, type)])
            yield from (f"{node.module}.{x.name}" for x in node.names if not is_public or x.name not in listed)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ag":
            yield from [] if node.attr in ag.__all__ else [f"autograd_core.{node.attr}"]
        elif isinstance(node, ast.Import):
            yield from (x.name for x in node.names if x.name.startswith("autograd_core."))


@pytest.mark.parametrize("module", [name for name in files() if name.partition(".")[0] == "nn"])
def test_nn_takes_public_names_only(module: str) -> None:
    assert list(private_names(files()[module].read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from autograd_core import Value, graph\nfrom autograd_core.errors import AutogradError\nag.sin", []),
        ("from autograd_core.graph import ancestors\nfrom .value import assign", []),
        ("from autograd_core.value import Value", ["autograd_core.value.Value"]),
        ("from autograd_core import tracing", ["autograd_core.tracing"]),
        ("def f():\n    from autograd_core.graph import _visit", ["autograd_core.graph._visit"]),
        ("import autograd_core.jit", ["autograd_core.jit"]),
        ("ag.value.tick()", ["autograd_core.value"]),
    ],
)
def test_private_names_are_found(text: str, found: list[str]) -> None:
    assert list(private_names(text)) == found


@pytest.mark.parametrize("folder", ["nn", *(f"nn.{name}" for name in ("data", "network", "training", "pictures"))])
def test_a_folder_of_nn_says_what_each_of_its_files_is(folder: str) -> None:
    lines = (import_module(folder).__doc__ or "").splitlines()
    rooms = {room for room in rooms_of(folder, imports()) if not room.startswith("__")}
    assert rooms <= {line.split()[0] for line in lines if "   " in line.strip() and line.strip()}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_name_belongs_to_one_class(package: str) -> None:
    assert [name for name, count in classes(package).items() if count > 1] == []


HOUSE = {"a": {"b", "c"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}


def test_the_measures_of_a_small_house() -> None:
    assert circles(HOUSE) == [["b", "c"]]
    assert back_up(HOUSE) == [("b", "c")]
    assert floors(HOUSE) == {"a": 3, "b": 1, "c": 2, "d": 1}


def test_arrows_between_folders_are_those_of_their_files() -> None:
    arrows = {"p.a.x": {"p.b"}, "p.a.y": {"p.a.x", "q"}, "p.b": set(), "q": {"p.a.y"}}
    assert rooms_of("p", arrows) == {"a": {"b"}, "b": set()}
    assert rooms_of("", arrows) == {"p": {"q"}, "q": {"p"}}
    assert rooms_of("p.a", arrows) == {"x": set(), "y": {"x"}}
