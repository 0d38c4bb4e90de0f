"""Pickles and copies: sharing, identity, staleness and ops survive; nothing recurses (the million is in semantics)."""

from __future__ import annotations

import copy
import itertools
import pickle
import subprocess
import sys

import pytest

import autograd_core as ag
from autograd_core import Op, Value
from autograd_core.domain import REAL
from autograd_core.errors import StaleGraphError

cube = Op("cube", lambda x: x * x * x, lambda g, z, x: (3 * g * x * x,), REAL)


class Weight(Value):
    """A subclass with an attribute of its own."""


class Slotted(Value):
    """The same in a slot, of a private name."""

    __slots__ = ("__tag", "tag")

    @property
    def private(self) -> object:
        return self.__tag

    @private.setter
    def private(self, tag: object) -> None:
        self.__tag = tag


WAYS = {
    **{f"pickle {p}": lambda v, p=p: pickle.loads(pickle.dumps(v, p)) for p in range(2, pickle.HIGHEST_PROTOCOL + 1)},
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_graphs_keep_values_names_gradients_and_sharing(way: object) -> None:
    x, y = Value(2.0, name="x"), Value(3.0)
    u = x * y
    u.name = "u"
    z = u + ag.sin(u) * 2.0
    z.backward()
    for order in ([x, u, z, y], [z, u, x, y], (u, z, y, x)):
        by_data = {v.data: v for v in way(list(order))}
        twin_x, twin_u, twin_z = by_data[2.0], by_data[6.0], by_data[z.data]
        assert twin_z is not z
        assert (twin_x.name, twin_u.name, twin_u.grad) == ("x", "u", u.grad)
        assert twin_u.inputs[0] is twin_x
        assert twin_z.inputs[0] is twin_u
        assert twin_z.op is z.op
        assert ag.backprop(twin_z, twin_x)[twin_x] == ag.backprop(z, x)[x]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_many_roots_over_one_graph_stay_one_graph(way: object) -> None:
    x = Value(1.0)
    roots = [x]
    for _ in range(300):
        roots.append(roots[-1] * 1.01)
    for twins in (way(roots), way(roots[::-1])[::-1]):
        assert all(b.inputs[0] is a for a, b in itertools.pairwise(twins))


def test_a_stale_graph_stays_stale_and_a_fresh_one_fresh() -> None:
    x = Value(2.0)
    z = x * x
    assert ag.backprop(pickle.loads(pickle.dumps(z)), []) == {}
    x.data = 3.0
    with pytest.raises(StaleGraphError):
        pickle.loads(pickle.dumps(z)).backward()


def test_a_pickle_is_read_by_another_process() -> None:
    x = Value(2.0, name="x")
    x.data = 2.5
    code = "import pickle, sys; z = pickle.load(sys.stdin.buffer); z.backward(); print(z.inputs[0].grad, z.op)"
    data = pickle.dumps(ag.exp(x))
    result = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True)
    assert result.stdout.decode().split() == [repr(ag.exp(2.5)), "exp"]


def test_users_ops_are_pickled_by_the_name_they_are_assigned_to() -> None:
    z = cube(Value(2.0))
    assert pickle.loads(pickle.dumps(z)).op is cube
    local = Op("local", lambda x: x, lambda g, z, x: (g,), REAL)
    with pytest.raises(pickle.PicklingError, match=r"op 'local' cannot be pickled.*Assign it"):
        pickle.dumps(local(Value(1.0)))
    assert copy.deepcopy(local(Value(1.0))).op is local


def test_a_shallow_copy_is_a_twin_of_one_node() -> None:
    x = Value(2.0, name="x")
    z = x * x
    twin, leaf = copy.copy(z), copy.copy(x)
    assert twin is not z
    assert twin.inputs == z.inputs
    leaf.data = 5.0
    assert x.data == 2.0
    assert ag.backprop(z, x)[x] == 4.0


def test_threads_and_failed_pickles_leave_nothing_behind() -> None:
    from autograd_core.pickling import _owners

    z = Value(2.0) * 3
    pickle.dumps(z)
    copy.deepcopy(z)
    with pytest.raises(pickle.PicklingError):
        pickle.dumps(Op("local", lambda x: x, lambda g, z, x: (g,), REAL)(z))
    assert not _owners.of


@pytest.mark.parametrize("way", [*WAYS.values(), copy.copy], ids=[*WAYS, "copy"])
def test_what_a_subclass_keeps_beside_the_number_is_kept(way: object) -> None:
    p, q = Weight(1.0, name="p"), Slotted(2.0)
    p.tag, q.tag, q.private = ["w"], "s", "hidden"
    p.grad = 0.5
    twin, slotted = way(p), way(q)
    assert (type(twin), twin.data, twin.name, twin.grad, twin.tag) == (Weight, 1.0, "p", 0.5, ["w"])
    assert (twin.tag is p.tag) == (way is copy.copy)
    assert (type(slotted), slotted.data, slotted.tag, slotted.private) == (Slotted, 2.0, "s", "hidden")
    assert not hasattr(way(Weight(1.0)), "tag")
    assert not hasattr(way(Slotted(1.0)), "tag")


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_subclasses_below_a_graph_keep_their_attributes(way: object) -> None:
    p = Weight(2.0)
    p.tag = "w"
    twin = way(p * p)
    assert (twin.inputs[0].tag, twin.inputs[0] is twin.inputs[1]) == ("w", True)
    assert ag.backprop(twin, twin.inputs[0])[twin.inputs[0]] == 4.0
