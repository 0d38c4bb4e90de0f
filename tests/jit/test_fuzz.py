"""A hundred random programs, and the machine that makes them; `python -m jit.fuzz` runs as many as asked for."""

from __future__ import annotations

import pytest
from jit import fuzz
from jit.fuzz import comparing, oracle, running
from jit.support import EXTERNAL
from marks import slow

runs_all_backends = pytest.mark.usefixtures(*EXTERNAL.values())


@runs_all_backends
@pytest.mark.parametrize("start", slow(range(0, 100, 10), but=[0, 70]))
def test_random_programs_agree_on_all_backends(start: int) -> None:
    found: list[str] = []
    bad = fuzz.run(10, 1_000_000 + start, found.append)
    assert bad == 0, "\n".join(found)


def test_a_program_is_repeatable_from_its_seed() -> None:
    assert fuzz.compare(5) == fuzz.compare(5)
    assert fuzz.compare(5)[0] != fuzz.compare(6)[0]


@runs_all_backends
def test_slices_are_the_whole() -> None:
    whole: list[str] = []
    for i in range(1, 4):
        fuzz.run(7, 100, whole.append, kind="written results", piece=(i, 3))
    counted = [int(line.split()[2]) for line in whole if line.startswith("written results")]
    assert len(counted) == 3
    assert sum(counted) == 7


@pytest.mark.parametrize("kind", [kind.name for kind in fuzz.KINDS])
def test_each_kind_gives_programs_that_the_eager_engine_answers(kind: str) -> None:
    answered = 0
    for seed in range(20):
        made = fuzz.script(seed, kind)
        assert made.kind.name == kind
        outcome = running.run(made.source, running.eagerly, at_once=False)
        answered += outcome.error is None and bool(outcome.results)
    assert answered >= 19


@pytest.mark.slow
def test_a_wrong_number_of_any_kind_is_noticed() -> None:
    def wrong(f: object) -> object:
        exact = running.eagerly(f)  # type: ignore[arg-type]
        return lambda *args: running.map_elements(lambda x: x * 1.001, exact(*args))

    for kind in fuzz.KINDS:
        noticed = False
        for seed in range(5):
            made = fuzz.script(seed, kind.name)
            expected = running.run(made.source, running.eagerly, at_once=False)
            found = running.run(made.source, wrong, at_once=False)  # type: ignore[arg-type]
            rounding = comparing.Rounding(seed, made)
            noticed |= found.error is not None or bool(comparing.differences("wrong", found, expected, rounding))
        assert noticed, kind.name


def test_the_oracle_knows_most_numbers_and_sees_a_wrong_op(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "def results():\n    f = jit(lambda x: ag.sin(x) + ag.exp(x))\n    return [f(0.5), f(inf), f(-1.0)]\n"
    expected = running.run(source, running.eagerly)
    known = oracle.run_exactly(source)
    assert [len(numbers) for _, numbers in known.results] == [1, 0, 1]
    rounding = comparing.Rounding(0, comparing.Script(fuzz.KINDS[0], source))
    assert comparing.differences("oracle", known, expected, rounding) == []
    monkeypatch.setattr(oracle.OPS, "sin", oracle.OPS.cos)
    assert len(comparing.differences("oracle", oracle.run_exactly(source), expected, rounding)) == 2


@pytest.mark.parametrize("seed", slow([40026444, 10030708], only=[40026444]))
def test_a_product_beyond_all_floats_may_be_a_number_beside_an_infinite_sum(seed: int) -> None:
    assert fuzz.compare(seed).differences == []


def test_a_root_that_is_complex_for_plain_numbers_is_asked_of_values() -> None:
    assert fuzz.compare(40040118).differences == []


def test_a_difference_is_noticed() -> None:
    nan, inf = float("nan"), float("inf")
    assert fuzz.agree(1.0, 1.0, [], [])
    assert not fuzz.agree(1.0 + 1e-14, 1.0, [1.0, 1.0], [1.0])
    assert fuzz.agree(1.0 + 1e-14, 1.0, [1.0 + 3e-15], [1.0])
    assert fuzz.agree(1.0 + 1e-14, 1.0, [1.0], [nan, 1.0 + 3e-15])
    assert not fuzz.agree(nan, 1.0, [1.0, 2.0], [nan])
    assert not fuzz.agree(inf, -inf, [-inf], [inf])
    assert fuzz.agree(inf, 1.7e308, [inf, 1.7e308], [])


AS_EAGER = {
    "a derivative of one point of a map is 0 times what the other points have, and that is nan": """
def results():
    scaled = lambda xs, k: ag.vmap(lambda x: x * k)(xs)
    g = jit(ag.jacobian(scaled, 1))
    return [g(array([nan, 2.0]), 3.0)]
""",
    "an op that calls a compiled function has another value while its caller is traced": """
def results():
    inner = jit(lambda x: 1.0 / x)
    op = Op("op", lambda a: plain(inner(a)), lambda g, z, a: (g,), EXTENDED)
    g = jit(lambda x: op(x) + x)
    return [g(0.0), g(0.0)]
""",
    "an op that asks its caller for a gradient, where that branches on the op, never ends": """
def results():
    op = Op("op", lambda a: plain(g(a - 1.0)) if a > 0.0 else 0.5, lambda g, z, a: (g * 0.5,), EXTENDED)
    g = jit(ag.grad(lambda x: 1.0 - op(x) if op(x) > 0.0 else x))
    return [g(2.0), g(2.0)]
""",
}
"""What random programs have found: the smallest scripts that showed it."""


@pytest.mark.parametrize("backend", comparing.BACKENDS)
@pytest.mark.parametrize("name", AS_EAGER)
def test_what_was_found_stays_mended(name: str, backend: str) -> None:
    source = AS_EAGER[name]
    expected = running.run(source, running.eagerly, at_once=False)
    found = running.run(source, running.compiled(backend))
    assert expected.error is None
    assert repr(found) == repr(expected)
