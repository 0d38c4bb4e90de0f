"""Pickles and deep copies of graphs, without recursion.

`pickle` and `copy.deepcopy` descend into whatever an object's ``__reduce__`` mentions, so a node that mentioned its
inputs would recurse once per op. Instead a computed node mentions a `Snapshot`: one flat list of all nodes that it
was computed from. Nodes pickled together share a snapshot as long as it lives, which pickle and deepcopy see to;
hence ``x, z = pickle.loads(pickle.dumps((x, z)))`` still has x above z.

Value and Op get their methods for pickling and copying here.
"""

from __future__ import annotations

import copy
import sys
import threading
import weakref

from .graph import ancestors
from .op import Op
from .tracing import state
from .value import Value, advance_clock, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Snapshot", "copy_value", "deepcopy_value", "reduce_op", "reduce_value"]


class _Owners(threading.local):
    """The live snapshots of this thread, by the nodes that they hold."""

    def __init__(self) -> None:
        self.of: dict[Value, weakref.ref[Snapshot]] = {}


_owners = _Owners()


class Snapshot:
    """The computed nodes that `root` needs and no other live snapshot holds, inputs first."""

    def __init__(self, root: Value) -> None:
        owners = _owners.of
        self.nodes = [node for node in ancestors(root) if node.inputs and node not in owners]
        self.index = {node: i for i, node in enumerate(self.nodes)}
        owners.update(dict.fromkeys(self.nodes, weakref.ref(self)))
        weakref.finalize(self, _release, owners, self.nodes)

    def __reduce__(self) -> tuple[Any, ...]:
        return restore, ([self._row(node) for node in self.nodes],)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Value]:
        rows = [self._row(node) for node in self.nodes]
        return restore(
            [
                (*row[:2], tuple([copy.deepcopy(x, memo) if isinstance(x, Value) else x for x in row[2]]), *row[3:])
                for row in rows
            ]
        )

    def _row(self, node: Value) -> tuple[Any, ...]:
        """A node as plain data: its inputs as floats, as positions in this snapshot, or as Values outside of it."""
        inputs = tuple([self.index.get(x, x) if isinstance(x, Value) else x for x in node.inputs])
        return node._data, node.op, inputs, node.name, node._grad, node._clock


def _release(owners: dict[Value, Any], nodes: list[Value]) -> None:
    for node in nodes:
        owners.pop(node, None)


def restore(rows: list[tuple[Any, ...]]) -> list[Value]:
    """The nodes of a snapshot, built again."""
    nodes: list[Value] = []
    for data, op, inputs, name, grad, clock in rows:
        node = record(op, data, tuple([nodes[x] if type(x) is int else x for x in inputs]))
        node.name, node._grad, node._clock = name, grad, clock
        nodes.append(node)
    advance_clock(max([node._clock for node in nodes], default=0))
    return nodes


def restore_leaf(cls: type[Value], clock: int) -> Value:
    """A leaf still without its attributes, which `pickle` and `copy` set themselves."""
    advance_clock(clock)
    return object.__new__(cls)


def pick(nodes: list[Value], position: int) -> Value:
    """One node of a restored snapshot."""
    return nodes[position]


def reduce_value(node: Value) -> tuple[Any, ...]:
    """The ``__reduce__`` of a Value: a function and its arguments, from which `pickle` makes it again."""
    if state.tracer is not None:
        state.tracer.refuse_leaving("pickle", node)
    if not node.inputs:
        return restore_leaf, (type(node), node._clock), node.__getstate__()  # with what a subclass adds
    snapshot = _snapshot_of(node)
    return pick, (snapshot, snapshot.index[node])


def _snapshot_of(node: Value) -> Snapshot:
    owner = _owners.of.get(node)
    return (owner and owner()) or Snapshot(node)


def shallow_copy_value(node: Value) -> Value:
    """A copy of a node, with the same inputs."""
    return copy_value(node, lambda x: x)


def deepcopy_value(node: Value, memo: dict[int, Any]) -> Value:
    """A copy of a Value and of all that it was computed from."""
    if not node.inputs:
        return copy_value(node, lambda x: copy.deepcopy(x, memo))
    snapshot = _snapshot_of(node)
    nodes: Any = copy.deepcopy(snapshot, memo)
    return pick(nodes, snapshot.index[node])


def copy_value(node: Value, change: Callable[[Any], Any]) -> Value:
    """A copy of a node: its attributes, and those that a subclass adds, are passed through `change`."""
    twin = object.__new__(type(node))
    kept: Any = node.__getstate__()  # all attributes and slots, those of subclasses too
    attributes, slots = kept
    for name, x in {**slots, **(attributes or {})}.items():
        setattr(twin, name, change(x))
    if state.tracer is not None and not node.inputs:
        state.tracer.keep(node, twin)
    return twin


def find_op(module: str, name: str) -> Op:
    """The op that `module` knows as `name`."""
    __import__(module)
    op: Op = getattr(sys.modules[module], name)
    return op


def reduce_op(op: Op) -> tuple[Any, ...]:
    """Ops are pickled as the module-level name they are assigned to, as functions are."""
    for name, value in list(vars(sys.modules.get(op.module, object)).items()):
        if value is op:
            return find_op, (op.module, name)
    from pickle import PicklingError

    raise PicklingError(
        f"op '{op.name}' cannot be pickled: it is not a module-level name of {op.module!r}. Assign it to one"
    )


for _kind, _name, _function in (
    (Value, "__copy__", shallow_copy_value),
    (Value, "__deepcopy__", deepcopy_value),
    (Value, "__reduce__", reduce_value),
    (Op, "__reduce__", reduce_op),
):
    setattr(_kind, _name, _function)
