"""Scripts about functions of a few numbers: their derivatives, conditions used as values, whole numbers."""

from __future__ import annotations

from random import Random

from .expressions import Names, arguments, comparison, function, indented, points, smooth

CONDITIONAL = """
    {a} if ({p}) == ({q}) else {b}
    {a} if ({p}) != ({q}) else {b}
    {a} if ({p}) == True else {b}
    {a} if ({p}) < ({q}) else {b}
    {a} if ({p}) in [True] else {b}
    {a} if any([{p}, {q}]) else {b}
    {a} if all([{p}, {q}]) and not ({p}) else {b}
    {a} if ({p}) & ({q}) else {b} if ({p}) | ({q}) else {a} * {b}
    {a} * [{p}, {q}].count(True)
    {a} * sum([{p}, {q}, {a} > {b}])
    {a} * len({{{p}, {q}}})
    {a} * (({p}) + ({q})) - {b}
    {a} * ({p}) + {b} * ({q})
    {a} - ({p}) * 2
    {a} * max({p}, {q})
    {a} * int({p}) + float({q})
    {a} * str({p}).count('r')
    {a} ** (1 + ({p}))
    {a} / (2 - ({q}))
    {a} * (({p}) == (({q}) == ({p})))
    {{True: {a}, False: {b}}}[{p}]
    {{(True, False): {a}, (False, True): {b}}}.get(({p}, {q}), {a} + {b})
    {{'True': {a}, 'False': {b}}}[f'{{{p}}}']
    {{'TrueTrue': {a}}}.get(f'{{{p}}}' + repr({q}), {b})
    {{'1': {a}, '0': {b}}}['%d' % ({p})]
    [{a}, {b}][{p}]
    ({a}, {b})[({p}) ^ ({q})]
    ag.where({p}, {a}, {b}) * ({q})
    sorted([({p}, 1.0), ({q}, 2.0)])[0][1] * {a}
    next(x for ok, x in (({p}, {a}), ({q}, {b}), (True, 0.5)) if ok)
""".strip().splitlines()
WHOLE = """
    sum([{a} * i for i in range(n)], {b})
    [{a}, {b}, {a} * {b}][n % 3]
    {a} ** (n % 5)
    {a} if n & 1 else {b}
    {a} * (n // 2) - {b} * (n % 7)
    {a} if n in {{1, 2}} else {b}
    {{1: {a}, 2: {b}}}.get(n, {a} - {b})
    {a} if isinstance(n, bool) else {b}
    {a} if type(n) is int else {b}
    {a} * ((n * 1103515245 + 12345) % 2**31)
    {a} if n is Level.HIGH else {b}
    {a} * float(str(int(n)))
    {a} * math.factorial(abs(n) % 9)
    {a} if {b} < n else {b} * n
    {a} * n + {b} / (1 + n * n)
    sum(np.zeros(n % 4 + 1) + {a})
    {a} if n else {b}
    {a} * int(n == 1) + {b} * int(n > 1)
    {a} if {b} < 2**53 + n else {b}
""".strip().splitlines()


def calls(lines: list[str], compiled: list[str], made: list[str], then: tuple[str, ...] = ()) -> list[str]:
    """A script: definitions, what is compiled, and the calls, all of them twice in the same order."""
    asked = [f"{call}," for call in [*made, *made, *then]]
    return [*lines, "def results():", *indented([*compiled, "return ["]), *indented(asked, 8), "    ]"]


def scalars(random: Random, order: str) -> list[str]:
    """Straight lines and branches, or a derivative in all arguments: alone, and in a batch."""
    count = random.randint(1, 3)
    lines = function(random, "f", [f"v{i}" for i in range(count)], 14)
    at = points(random, count)
    of = "f" if order == "value" else f"ag.{order}(f, {tuple(range(count))})"
    columns = ", ".join(f"array({list(column)!r})" for column in zip(*at, strict=True))
    compiled = [f"alone = jit({of})", f"batch = jit(ag.vmap({of}))"]
    return calls(lines, compiled, [f"alone({arguments(*point)})" for point in at], (f"batch({columns})",))


def values(random: Random) -> list[str]:
    """No derivative."""
    return scalars(random, "value")


def gradients(random: Random) -> list[str]:
    """First derivatives."""
    return scalars(random, "grad")


def hessians(random: Random) -> list[str]:
    """Second derivatives."""
    return scalars(random, "hessian")


def forward(random: Random) -> list[str]:
    """Forward mode over forward mode, and over and under reverse mode."""
    lines = function(random, "f", ["v0", "v1"], 6)
    inner = random.choice(
        [
            "lambda x, y: ag.jvp(f, (x, y), (a, b))[1]",
            "lambda x, y: ag.grad(f)(x, y)",
            "lambda x, y: ag.jvp(lambda z: f(z, y), (x,), (a,))[1] * y",
            "f",
        ]
    )
    outer = random.choice(
        ["ag.jvp(g, (x, y), (b, a))[1]", "list(ag.jvp(g, (x, y), (a, 1.0)))", "ag.grad(g, (0, 1))(x, y)"]
    )
    lines += ["def h(x, y, a, b):", f"    g = {inner}", f"    return {outer}"]
    directions = [(1.0, 0.0), (0.5, -2.0), (1.0, 1.0)]
    at = [(*point, *random.choice(directions)) for point in points(random, 2)]
    return calls(lines, ["g = jit(h)"], [f"g({arguments(*point)})" for point in at])


def conditions(random: Random) -> list[str]:
    """Comparisons used as the values that they are."""
    names = Names(random, ["v0", "v1"])
    lines: list[str] = []
    for _ in range(random.randint(1, 3)):
        form = random.choice(CONDITIONAL).strip()
        text = form.format(p=comparison(names), q=comparison(names), a=names.pick(), b=names.pick())
        lines.append(f"{names.new()} = keep({text})")
        text = smooth(names)
        lines.append(f"{names.new()} = keep({text})")
    lines = ["def f(v0, v1):", *indented(lines), f"    return {names.all[-1]} * 1.0 + {names.pick()}"]
    return calls(lines, ["g = jit(f)"], [f"g({arguments(*point)})" for point in points(random, 2)])


def whole_numbers(random: Random) -> list[str]:
    """Ints, bools and enums among the arguments, used as only a whole number can be."""
    names = Names(random, ["x", "y"])
    lines: list[str] = []
    for _ in range(random.randint(1, 4)):
        text = random.choice(WHOLE).strip().format(a=names.pick(), b=names.pick())
        lines.append(f"{names.new()} = keep({text})")
    lines = ["def f(x, y, n):", *indented(lines), f"    return {names.all[-1]} * 1.0"]
    numbers = random.sample(["0", "1", "2", "3", "True", "False", "Level.HIGH", "np.int64(2)"], random.randint(2, 5))
    if not any("range(n)" in line or "int64" in line for line in lines):
        numbers.append(random.choice(["2**53 + 1", "-3", "10**9 + 7"]))
    at = [(*point, n) for n in numbers for point in points(random, 2)[:2]]
    return calls(lines, ["g = jit(f)"], [f"g({x!r}, {y!r}, {n})" for x, y, n in at])
