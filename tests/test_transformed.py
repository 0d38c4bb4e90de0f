"""What transformations return is copied, pickled, bound and shown as functions are."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pytest

import autograd_core as ag
from autograd_core import Value
from autograd_core.errors import TracingError

X = [1.0, 2.0]


def energy(x: Any) -> Any:
    return x[0] ** 2 * x[1]


@ag.jit
def compiled(x: Any) -> Any:
    return x[0] ** 2 * x[1]


@ag.grad
def slope(x: Any) -> Any:
    return x[0] ** 2 * x[1]


@ag.jit
@ag.vmap
def mapped(x: Any) -> Any:
    return x * x


@dataclass
class Spring:
    k: Any

    def force(self, x: Any) -> Any:
        return self.k * x[0]

    @ag.jit
    def compiled(self, x: Any) -> Any:
        return self.k * x[0]


MADE: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
    "grad": ag.grad,
    "value_and_grad": ag.value_and_grad,
    "jacobian": partial(ag.jacobian, argnums=(0,)),
    "hessian": ag.hessian,
    "jit": ag.jit,
    "jit of grad": lambda f: ag.jit(ag.grad(f)),
    "jit with settings": lambda f: ag.jit(f, backend="python", check_finite=True),
    "grad of grad": lambda f: ag.grad(lambda x: sum(ag.grad(f)(x)), argnums=0),
}
COPIES: dict[str, Callable[[Any], Any]] = {
    **{f"pickle {p}": lambda f, p=p: pickle.loads(pickle.dumps(f, p)) for p in range(2, pickle.HIGHEST_PROTOCOL + 1)},
    "cloudpickle": lambda f: pickle.loads(cloudpickle.dumps(f)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("way", COPIES)
def test_a_copy_does_what_the_original_does(name: str, way: str) -> None:
    of_module = MADE[name](energy)
    bound = MADE[name](Spring(3.0).force)
    for f in (of_module, bound):
        if name == "grad of grad" and way.startswith("pickle"):
            with pytest.raises((pickle.PicklingError, AttributeError)):  # as for every lambda
                COPIES[way](f)
            continue
        twin = COPIES[way](f)
        for x in (X, [3.0, 4.0], X):
            assert twin(x) == f(x)
    if not way.startswith("pickle"):
        f = MADE[name](lambda x: x[0] * x[1])
        f(X)
        twin = COPIES[way](f)
        assert [twin(X), twin([5.0, 6.0]), twin(X)] == [f(X), f([5.0, 6.0]), f(X)]


@pytest.mark.parametrize("way", COPIES)
def test_what_a_module_knows_by_name_is_pickled_by_name(way: str) -> None:
    for f in (compiled, slope, mapped):
        assert COPIES[way](f) is f
    assert COPIES[way](Spring.compiled) is Spring.compiled
    assert COPIES[way](Spring(2.0).compiled)(X) == 2.0


@pytest.mark.parametrize("way", COPIES)
def test_maps_keep_their_axes(way: str) -> None:
    m = np.arange(6.0).reshape(2, 3)
    f = COPIES[way](ag.vmap(np.sum, in_axes=1))
    assert f(m).tolist() == [3.0, 5.0, 7.0]
    g = COPIES[way](ag.jit(ag.vmap(ag.sin)))
    assert g([0.0, 0.0]) == [0.0, 0.0]


def test_a_deep_copy_of_an_object_takes_its_compiled_method_along() -> None:
    class Model:
        def __init__(self) -> None:
            self.w = Value(2.0)
            self.run = ag.jit(self.forward)

        def forward(self, x: Any) -> Any:
            return self.w * x

    model = Model()
    assert model.run(3.0).data == 6.0
    twin = copy.deepcopy(model)
    twin.w.data = 5.0
    assert (twin.run(3.0).data, model.run(3.0).data) == (15.0, 6.0)


def test_a_pickled_program_is_not_run_for_another_object() -> None:
    spring = Spring(2.0)
    f = ag.jit(lambda s, x: s.k * x[0])
    assert f(spring, X) == 2.0
    method = ag.jit(spring.force)
    assert method(X) == 2.0
    twin = pickle.loads(pickle.dumps(method))
    spring.k = 7.0
    assert (method(X), twin(X)) == (7.0, 2.0)
    without_source = pickle.loads(pickle.dumps(ag.jit(lambda n, x: n * x[0])))
    with pytest.raises(TracingError, match="without its source"):
        without_source(2, X)


MODULE = """
import sys
import autograd_core as ag

@ag.jit
def area(x):
    return x * x

@ag.grad
def slope(x):
    return area(x)

def again(x, n=3):
    return x if n == 0 else recursive(x * 2.0, n - 1)

recursive = ag.jit(again)
"""


def test_another_process_gets_what_the_main_module_decorates(tmp_path: Path) -> None:
    """As joblib and dask send it: the functions of the main module travel as a whole."""
    write = "import cloudpickle\nopen(sys.argv[1], 'wb').write(cloudpickle.dumps((area, slope, recursive, ag.jit(lambda x: x + 1.0))))\n"
    read = "import pickle, sys\nprint(*[f(3.0) for f in pickle.load(open(sys.argv[1], 'rb'))])\n"
    (tmp_path / "main.py").write_text(MODULE + write)
    (tmp_path / "reader.py").write_text(read)
    file = str(tmp_path / "functions.pickle")
    path = {"PYTHONPATH": str(Path(ag.__file__).parents[1])}
    subprocess.run([sys.executable, str(tmp_path / "main.py"), file], check=True, env=path)
    found = subprocess.run(
        [sys.executable, str(tmp_path / "reader.py"), file], check=True, env=path, capture_output=True
    )
    assert found.stdout.split() == [b"9.0", b"6.0", b"24.0", b"4.0"]


def test_they_are_bound_as_methods_and_say_what_they_are() -> None:
    class Model:
        k = 3.0
        slope = ag.grad(lambda self, x: self.k * x * x, argnums=1)

    assert Model().slope(2.0) == 12.0
    assert Model.slope(Model(), 2.0) == 12.0
    assert repr(ag.grad(energy)) == "<grad of energy>"
    assert repr(ag.vmap(ag.sin)).startswith("<vmap of ")
    assert ag.grad(energy).__doc__ is None
    assert ag.hessian(energy).__name__ == "energy"
