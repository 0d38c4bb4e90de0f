"""Scripts about containers and maps: nested arguments and results, axes, maps in maps, branches and gates in them."""

from __future__ import annotations

import ast
from random import Random

from .expressions import Names, array, comparison, expression, function, nested, number, smooth
from .scalar_kinds import calls

GATES = [
    "ag.relu(z)",
    "ag.leaky_relu(z)",
    "ag.abs(z)",
    "max(z, 0.0)",
    "ag.where(z > 0.0, z, 0.0)",
    "ag.clip(z, -1.0, 1.0)",
    "ag.maximum(z, 0.0)",
    "z if z > 0.0 else 0.1 * z",
]


def shape(random: Random, depth: int = 2) -> str:
    """Nested containers around ``{}``."""

    def inner() -> str:
        left = depth - random.randint(1, depth)
        return shape(random, left) if left else "{}"

    kind = random.randrange(7)
    if kind == 0:
        return f"[({inner()}, {inner()}), ({inner()}, {inner()})]"
    forms = ["({}, {})", "[{}, {}]", "dict(a={}, b={})", "Point({}, {})", "Pair({}, {})", "({},)"]
    form = forms[kind - 1]
    return form.format(*[inner() for _ in range(form.count("{}"))])


def leaves(container: str, of: str = "p") -> list[str]:
    """How each number in such a container is reached from the variable `of`."""

    def walk(node: ast.expr, path: str) -> list[str]:
        if isinstance(node, (ast.List, ast.Tuple)):
            return [x for i, child in enumerate(node.elts) for x in walk(child, f"{path}[{i}]")]
        if isinstance(node, ast.Call):
            named = [x for k in node.keywords for x in walk(k.value, f"{path}[{k.arg!r}]")]
            return named or [x for name, a in zip("xy", node.args, strict=True) for x in walk(a, f"{path}.{name}")]
        return [path]

    return walk(ast.parse(container.replace("{}", "0"), mode="eval").body, of)


def filled(random: Random, container: str, *lengths: int) -> str:
    """The container with a number, or a batch of them, in every place."""
    form = random.choice(["array({})", "{}"]) if lengths else "{}"
    return container.format(*[form.format(nested(random, *lengths)) for _ in range(container.count("{}"))])


def containers(random: Random) -> list[str]:
    """Nested arguments and results, alone."""
    given, returned = shape(random), shape(random)
    places = leaves(given)
    lines = function(random, "body", [f"v{i}" for i in range(len(places))], 3, returned)
    lines += ["def f(p):", f"    return body({', '.join(places)})"]
    summed = "lambda p: total(f(p))"
    of = random.choice(["f", "f", "ag.jacobian(f)", f"ag.value_and_grad({summed})", f"ag.grad({summed})"])
    made = [f"g({filled(random, given)})" for _ in range(random.randint(1, 3))]
    return calls(lines, [f"g = jit({of})"], made)


def mapped_containers(random: Random) -> list[str]:
    """Nested arguments and results of a map, and of derivatives under it."""
    returned, n = shape(random), random.choice([1, 2, 3, 9])
    lines = function(random, "f", ["v0", "v1"], 4, returned)
    of = random.choice(["f", "f", "ag.jacobian(f, argnums=(0, 1))", "ag.jacobian(f)"])
    if random.random() < 0.5:
        given = shape(random, 1)
        places = leaves(given)
        lines += ["def h(p):", f"    return ({of})({places[0]}, {places[-1]})"]
        return calls(lines, ["g = jit(ag.vmap(h))"], [f"g({filled(random, given, n)})" for _ in range(2)])
    made = [f"g({array(random, n)}, {array(random, n)})" for _ in range(2)]
    return calls(lines, [f"g = jit(ag.vmap({of}))"], made)


def several_kinds(random: Random) -> list[str]:
    """Batches that are lists of points, be they lists, tuples or records with texts; results of several forms."""
    n, kind = random.randint(1, 4), random.choice(["list", "tuple", "record"])
    x, y = ("p.x", "p.y") if kind == "record" else ("p[0]", "p[1]")
    forms = [
        f"(f({x}, {y}), {random.randint(0, 9)})",
        f"{{'a': f({x}, {y}), 'b': {x}}} if {x} > {y} else {{'b': {y}, 'a': f({y}, {x})}}",
        f"[f({x}, {y}), {{'c': {y}}}]",
    ]
    if kind == "list":
        forms += [f"p * 2 + [f({x}, {y})]", "p[::-1]", f"[f({x}, {y})] + p"]
    if kind == "record":
        forms += [
            f"f({x}, {y}) if p.kind == 'call' else -f({y}, {x})",
            f"f({x}, {y}) * (2.0 if p.is_long else len(p.kind))",
        ]
        forms += ["ag.grad(lambda p: f(p.x, p.y) if p.is_long else p.x * p.y)(p)"]

    def point() -> str:
        a, b = number(random), number(random)
        if kind == "record":
            return f"Leg({a!r}, {random.choice(['call', 'call', 'put'])!r}, {b!r}, {random.random() < 0.7})"
        return f"[{a!r}, {b!r}]" if kind == "list" else f"({a!r}, {b!r})"

    lines = [*function(random, "f", ["v0", "v1"], 4), "def h(p):", f"    return {random.choice(forms)}"]
    of = random.choice(["ag.vmap(h)", "lambda b: ag.vmap(h)(b)", "lambda b: [h(p) for p in b]"])
    made = [f"g([{', '.join([point() for _ in range(n)])}])" for _ in range(3)]
    return calls(lines, [f"g = jit({of})"], made)


def axes(random: Random) -> list[str]:
    """Maps over other axes than the first, and arguments that are not mapped."""
    n, m = random.randint(1, 4), random.randint(1, 3)
    lines = function(random, "f", ["v0", "v1", "v2"], 4, random.choice(["{}", "[{}, {}]", "({}, {})"]))
    axis = random.choice([0, 1, -1])
    rows = (n, m) if axis == 0 else (m, n)
    second = random.choice(["row[0]", "row[-1] * y", "y"])
    lines += ["def h(row, y, z):", f"    return f(keep(ag.sum(row)), {second}, z)"]
    whole = random.random() < 0.7
    mapped = f"ag.vmap(h, in_axes=({axis}, 0, {None if whole else 0}))"
    last = repr(number(random)) if whole else array(random, n)
    if whole and random.random() < 0.3:
        mapped, last = f"ag.vmap({mapped}, in_axes=(None, None, 0))", array(random, 2)
    of = random.choice([mapped, f"lambda a, y, z: {mapped}(a, y, z)"])
    made = [f"g({array(random, *rows)}, {array(random, n)}, {last})" for _ in range(2)]
    if axis >= 0 and random.random() < 0.4:  # a list has no axis from the end
        made[0] = f"g({nested(random, *rows)!r}, {array(random, n)}, {last})"
    return calls(lines, [f"g = jit({of})"], made)


def nested_maps(random: Random) -> list[str]:
    """Maps in maps, with and without reductions and derivatives around or between them."""
    n, m = random.randint(1, 3), random.randint(1, 4)
    lines = function(random, "f", ["v0", "v1"], 4)
    inner = random.choice(
        [
            "ag.vmap(lambda y: f(x, y))(row)",
            "ag.vmap(f, in_axes=(None, 0))(x, row)",
            "ag.vmap(ag.grad(f), in_axes=(None, 0))(x, row)",
        ]
    )
    reduces = random.random() < 0.6
    if reduces:
        inner = f"ag.{random.choice(['sum', 'mean'])}({inner})"
    outer = f"ag.vmap(lambda x, row: {inner})(xs, rows)"
    if random.random() < 0.5:
        outer = f"ag.vmap(lambda x: (lambda row: {inner})(ys))(xs)"
    of = "h"
    if reduces and random.random() < 0.5:
        outer = f"ag.{random.choice(['sum', 'mean', 'max'])}({outer})"
        of = random.choice(["h", "ag.grad(h)", "ag.value_and_grad(h, (0, 1, 2))"])
    elif reduces:
        of = random.choice(["h", "ag.jacobian(h)"])
    lines += ["def h(xs, rows, ys):", f"    return {outer}"]
    made = [f"g({array(random, n)}, {array(random, n, m)}, {array(random, m)})" for _ in range(2)]
    return calls(lines, [f"g = jit({of})"], made)


def branching_maps(random: Random) -> list[str]:
    """Branches in inner maps, also below reductions and in their gradients."""
    n = random.choice([1, 3, 6, 17])
    names = Names(random, ["x", "k"])
    condition, yes, no = comparison(names), expression(names), expression(names)
    body = random.choice(
        [
            f"keep({yes}) if {condition} else keep({no})",
            f"max({names.pick()}, k) * keep({smooth(names)})",
            f"max(keep({yes}), 0.0)",
            f"min(max(x - k, 0.0), {names.pick()})",
            f"abs(x - k) if {condition} else (k if x > 0.5 else keep({smooth(names)}))",
        ]
    )
    lines = ["def f(x, k):", f"    return keep({body})"]
    if random.random() < 0.3:
        lines = function(random, "f", ["x", "k"], 3)
    inner = random.choice(
        [
            "ag.vmap(lambda x: f(x, k))(xs)",
            "ag.vmap(f, in_axes=(0, None))(xs, k)",
            "ag.vmap(ag.grad(f), in_axes=(0, None))(xs, k)",
        ]
    )
    of = random.choice(["h", "h", "ag.jacobian(h, 1)"])
    made = [f"g({array(random, n)}, {number(random)!r})" for _ in range(3)]
    if random.random() < 0.5:
        inner = f"{random.choice(['ag.mean', 'ag.sum', 'np.sum', 'ag.max'])}({inner})"
        of = random.choice(["h", "ag.grad(h, 1)", "ag.grad(h)", "ag.value_and_grad(h, (0, 1))"])
    elif random.random() < 0.4:
        made = [f"g({nested(random, n)!r}, {number(random)!r})" for _ in range(3)]
    lines += ["def h(xs, k):", f"    return {inner}"]
    return calls(lines, [f"g = jit({of})"], made)


def gates(random: Random) -> list[str]:
    """Losses of small networks with kinks, at ordinary data first and then at special values."""
    width, inputs, samples = random.randint(1, 5), random.randint(1, 4), random.choice([1, 2, 5, 16])
    last = random.choice(["ag.dot(v, hidden)", "ag.relu(ag.dot(v, hidden))", "ag.sigmoid(ag.dot(v, hidden))"])
    many = random.choice(["[loss(w, b, v, x, y) for x, y in zip(X, Y)]", "ag.vmap(one)(X, Y)"])
    lines = [
        "def loss(w, b, v, x, y):",
        "    hidden = []",
        "    for row, c in zip(w, b):",
        "        z = keep(ag.dot(row, x) + c)",
        f"        hidden.append(keep({random.choice(GATES)}))",
        f"    return (keep({last}) - y) ** 2",
        "def f(w, b, v, X, Y):",
        "    one = lambda x, y: loss(w, b, v, x, y)",
        f"    return ag.mean({many})",
    ]
    of = random.choice(["f", "ag.value_and_grad(f, (0, 1, 2))", "ag.grad(f, (0, 3))"])
    sizes = [(width, inputs), (width,), (width,), (samples, inputs), (samples,)]

    def data(wild: float) -> str:
        def filled(*size: int) -> object:
            if size:
                return [filled(*size[1:]) for _ in range(size[0])]
            return number(random) if random.random() < wild else random.uniform(-2.0, 2.0)

        return ", ".join(f"array({filled(*size)!r})" for size in sizes)

    return calls(lines, [f"g = jit({of})"], [f"g({data(wild)})" for wild in (0.0, 0.0, 0.4, 1.0)])
