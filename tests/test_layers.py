"""Who may import whom: every arrow of the house leads down, to the same layer or one below it."""

from __future__ import annotations

from layers import back_up, circles, floors, imports, rooms_of

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
    "formulas",
    "diagram explain",
    "autograd_core __main__ cli",
    "nn",
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
