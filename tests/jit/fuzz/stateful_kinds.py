"""Scripts about what surrounds a call: captured Values, results that are changed, threads, calls within calls."""

from __future__ import annotations

from random import Random

from .expressions import arguments, array, function, number, points
from .scalar_kinds import calls


def captured(random: Random) -> list[str]:
    """Values found outside and attributes of an argument, changed between calls; and gradients that flow to them."""

    def plain() -> str:
        return repr(random.uniform(-2.0, 2.0))

    w, k = random.choice(["w", "held[0]", "w * w"]), random.choice(["m.k", "m.w", "m.k * m.w"])
    of = random.choice(
        ["h", "h", "ag.grad(h)", "lambda x, m: [h(x, m), x]", "ag.value_and_grad(h)", "lambda x, m: (h(x, m), {1: w})"]
    )
    lines = function(random, "body", ["v0", "v1", "v2"], 4)
    lines += [
        "def results():",
        f"    w, m = Value({plain()}), Model({plain()}, Value({plain()}))",
        f"    held = {random.choice(['[w]', '(w, 1.0)'])}",
        f"    h = lambda x, m: body(keep(x), keep({w}), keep({k}))",
        f"    f, found = jit({of}), []",
    ]
    changes = [f"w.data = {number(random)!r}", f"w.data = {plain()}", f"m.k = {plain()}", f"m.w.data = {plain()}"]
    for _ in range(random.randint(3, 6)):
        x = number(random)
        lines += [f"    {random.choice([*changes, 'pass'])}", f"    found += [read(f({x!r}, m)), read(f({x!r}, m))]"]
    if random.random() < 0.4:
        lines += [f"    loss = total(f({plain()}, m)) * w", "    loss.backward()", "    found += [w.grad, m.w.grad]"]
    return [*lines, "    return found"]


def written(random: Random) -> list[str]:
    """Results that the caller changes, whose next ones must not show it."""
    returned = random.choice(["[{}, {}]", "np.array([{}, {}])", "dict(a={}, b={})", "[{}, ({}, {})]", "({}, [{}])"])
    lines = function(random, "f", ["v0", "v1"], 3, returned)
    of, given = "f", arguments(number(random), number(random))
    if random.random() < 0.5 and "np." not in returned:
        n = random.randint(2, 5)
        of, given = "ag.vmap(f)", f"{array(random, n)}, {array(random, n)}"
    return [
        *lines,
        "def results():",
        f"    g, found = jit({of}), []",
        "    for i in range(4):",
        f"        r = g({given})",
        "        found.append(read(r))",
        "        scribble(r)",
        "    return found",
    ]


def written_within(random: Random) -> list[str]:
    """Arrays that the function itself writes to."""
    n = random.randint(2, 5)
    made = random.choice(
        [
            "ag.vmap(lambda x: [x, f(x, k)])(a)",
            "np.array([[x, f(x, k)] for x in a])",
            "ag.vmap(lambda x: [keep(x * k), x])(a)",
        ]
    )
    changed = random.choice(
        ["ys[0][0] = 7.0 * a[0]", "ys[-1][1] = k", "ys[0] = ys[-1]", "ys = ys * 1.0; ys *= 3.0", "ys[0][1] += ys[1][0]"]
    )
    lines = [
        *function(random, "f", ["v0", "v1"], 3),
        "def h(a, k):",
        f"    ys = {made}",
        f"    {changed}",
        f"    return {random.choice(['ys', 'ag.sum([y for row in ys for y in row])'])}",
    ]
    return calls(lines, ["g = jit(h)"], [f"g({array(random, n)}, {number(random)!r})" for _ in range(2)])


def threads(random: Random) -> list[str]:
    """One compiled function, called by two to four threads at once."""
    count = random.randint(1, 2)
    lines = function(random, "f", [f"v{i}" for i in range(count)], 6)
    at = points(random, count) + points(random, count)
    of = random.choice(["f", f"ag.grad(f, {tuple(range(count))})", "ag.value_and_grad(f)"])
    return [*lines, "def results():", f"    return in_threads({random.randint(2, 4)}, jit({of}), {at!r})"]


def reentrant(random: Random) -> list[str]:
    """Ops of the user's own whose value calls a compiled function: another one, or the very one that calls it."""
    fixed = f"{random.uniform(-1, 1):.3f}"
    if random.random() < 0.5:
        of = random.choice(["op(x) + 10.0 * x", "keep(op(x)) * f(x, y)", "f(op(x), y) - x", "ag.sin(op(x)) + y"])
        inner = [
            f"value = lambda a: plain(g(a - 1.0, {fixed})) if a > 0.0 else 0.5",
            "slope = lambda g, z, a: (g * 0.5,)",
        ]
    else:
        of = random.choice(["f(op(x), y)", "op(f(x, y)) + op(y)", "f(x, y) * op(y)", "op(x) * op(y)"])
        inner = [
            f"inner = jit({random.choice(['f', 'lambda x, y: f(x, y) + x'])})",
            f"value = lambda a: plain(inner(a, {fixed}))",
            "slope = lambda g, z, a: (g * ag.cos(a),)",
        ]
    h = random.choice([f"lambda x, y: {of}", f"ag.grad(lambda x, y: {of})", f"ag.vmap(lambda x, y: {of})"])
    at = [(random.choice([x, random.randint(0, 4) * 1.0]), y) for x, y in points(random, 2)]
    made = [f"g({arguments(min(x, 4.0), y)})" for x, y in at]  # each step down is a call
    if "vmap" in h and "value = lambda a: plain(g(" not in inner[0]:
        made = [f"g({', '.join(f'array({list(column)!r})' for column in zip(*at, strict=True))})"]
    elif "vmap" in h:
        h = f"lambda x, y: {of}"
    return calls(
        function(random, "f", ["v0", "v1"], 3),
        [*inner, "op = Op('op', value, slope, EXTENDED)", f"g = jit({h})"],
        made,
    )
