"""A model that is written step by step of a program: what is written as one node, and where each number then is."""

from __future__ import annotations

import math
from itertools import accumulate

from ..errors import OpError
from ..forward import graph_of, why_called_back
from ..graph import ancestors
from ..jit.ir.program import Constant, Step
from ..op import quiet
from ..ops.arithmetic import sub
from ..ops.exponential import logaddexp
from ..ops.reduction import dot
from ..ops.selection import equal, where
from ..value import Value
from .table import IN_OPS, KINDS, SINGLE_ONLY, SOFTMAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeAlias

    from ..jit.ir.program import Input, Program
    from ..op import Op

__all__ = ["Model"]

OPSET, IR_VERSION = 17, 8  # of 2022, with all that is used here

Column: TypeAlias = "float | tuple[str, int]"
"""A number that is the same for all points, or a tensor and its column that holds one for each."""


def _kind_of(op: Op, columns: Sequence[Column]) -> tuple[Any, ...]:
    """Equal for steps that are written as one: a product of the same columns, or an op of as many tensors and numbers;
    numbers are columns of a constant where ONNX has the op."""
    if op is dot and (factors := _factors(columns)) is not None:
        return op, "product", *factors
    is_tensor = [not isinstance(x, float) for x in columns]
    if op in KINDS and any(is_tensor):
        return op, *is_tensor
    return op, *[x if isinstance(x, float) else None for x in columns]


def _factors(columns: Sequence[Column]) -> Sequence[Column] | None:
    """The columns of a dot that are multiplied by numbers, if all of them are and nothing else is."""
    halves = columns[: len(columns) // 2], columns[len(columns) // 2 :]
    are_numbers = [{isinstance(x, float) for x in half} for half in halves]
    return halves[are_numbers.index({False})] if {True} in are_numbers and {False} in are_numbers else None


def _softmax_terms(program: Program, columns: Sequence[Column], step: Step) -> list[Column]:
    """x and xs of a σ(x - log Σ exp xs), the first number of their softmax, which `softmax` computes so; or none."""

    def args_of(i: int, op: Op) -> tuple[int, ...]:
        node = program.nodes[i]
        return node.args if isinstance(node, Step) and node.op is op else ()

    difference = args_of(step.args[0], sub)
    if not difference or not args_of(difference[1], logaddexp):
        return []
    terms, left = [columns[difference[0]]], [difference[1]]
    while left:
        i = left.pop()
        if summands := args_of(i, logaddexp):
            left += summands
        elif columns[i] != -math.inf:
            terms.append(columns[i])
    is_softmax = len(set(terms)) == len(terms) and not any(isinstance(x, float) for x in terms)
    return terms if is_softmax else []


class Model:
    """A model that is being written: its nodes, constants, and the number of columns of each tensor."""

    def __init__(self, onnx: Any, dtype: str, inputs: dict[str, int]) -> None:
        self.onnx, self.dtype, self.inputs, self.widths = onnx, dtype, inputs, dict(inputs)
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._known: dict[Any, str] = {}

    def constant(self, numbers: Any, dtype: str) -> str:
        """A tensor that is the same for all points."""
        import numpy as np

        array = np.array(numbers, dtype)
        key = dtype, array.shape, array.tobytes()
        if key not in self._known:
            self._known[key] = name = f"constant.{len(self.constants)}"
            self.constants.append(self.onnx.numpy_helper.from_array(array, name))
        return self._known[key]

    def node(self, kind: str, *args: str | float, **attributes: Any) -> str:
        """A node, or an equal one that is there."""
        inputs = [self.constant(x, self.dtype) if isinstance(x, float) else x for x in args]
        key = kind, *inputs, *attributes.items()
        if key not in self._known:
            self._known[key] = name = f"{kind}.{len(self.nodes)}"
            self.nodes.append(self.onnx.helper.make_node(kind, inputs, [name], **attributes))
        return self._known[key]

    def apply(self, op: Op, args: Sequence[str | float]) -> str | float:
        """An op of tensors that have as many columns, or of numbers that are the same for all of them."""
        data = tuple([x for x in args if isinstance(x, float)])
        if len(data) == len(args):
            with quiet():
                return op.evaluate(data, data)
        if op is logaddexp and -math.inf in data:  # as softmax begins its sums
            return args[0] if isinstance(args[0], str) else args[1]
        if op not in KINDS:
            return self._in_ops(op, args)
        kind, types = KINDS[op], self.onnx.TensorProto
        if self.dtype == "float64" and kind in SINGLE_ONLY:
            raise OpError(f"{op}: onnxruntime computes {kind} in float32 only; give dtype='float32'")
        if op is where:
            args = [self.node("Cast", args[0], to=types.BOOL), *args[1:]]
        found = self.node(kind, *args, **({"fmod": 1} if kind == "Mod" else {}))
        is_truth = kind in ("Less", "LessOrEqual", "Equal")
        return self.node("Cast", found, to=self.type) if is_truth else found

    def _in_ops(self, op: Op, args: Sequence[str | float]) -> str | float:
        if op in IN_OPS:
            given = [x if isinstance(x, float) else Value(0.5) for x in args]
            with quiet():
                graph = [x for x in given if isinstance(x, Value)], IN_OPS[op](*given)
        else:
            found = graph_of(op, [x if isinstance(x, float) else None for x in args])
            if found is None:
                raise OpError(f"{op}: ONNX has no such op, and its value is not written in ops: {why_called_back(op)}")
            graph = found
        leaves, root = graph
        at: dict[Any, str | float] = dict(zip(leaves, [x for x in args if isinstance(x, str)], strict=True))
        try:
            for node in ancestors(root):
                if node.inputs:
                    at[node] = self.apply(node.op, [at[x] if isinstance(x, Value) else x for x in node.inputs])
                elif node not in at:
                    at[node] = node.data
        except OpError as error:
            raise OpError(f"{op}, by {error}") from None
        return at[root]

    @property
    def type(self) -> int:
        """ONNX's number for the type of all tensors."""
        found: int = self.onnx.TensorProto.DOUBLE if self.dtype == "float64" else self.onnx.TensorProto.FLOAT
        return found

    def tensor(self, columns: Sequence[Column]) -> str | float:
        """The tensor of these columns, all of them numbers or none; one number if they are equal."""
        numbers = [x for x in columns if isinstance(x, float)]
        if numbers:
            return numbers[0] if len(set(numbers)) == 1 else self.constant([numbers], self.dtype)
        places = [x for x in columns if not isinstance(x, float)]
        tensors = list(dict.fromkeys([tensor for tensor, _ in places]))
        starts = dict(zip(tensors, accumulate([0, *[self.widths[t] for t in tensors]]), strict=False))
        joined = tensors[0] if len(tensors) == 1 else self.node("Concat", *tensors, axis=1)
        wanted = [starts[tensor] + column for tensor, column in places]
        if wanted == list(range(sum(self.widths[t] for t in tensors))):
            return joined
        return self.node("Gather", joined, self.constant(wanted, "int64"), axis=1)

    def write(self, program: Program, given: Callable[[Input], Column]) -> list[Column]:
        """Write all nodes of a program: where each of them is."""
        columns: list[Any] = [None] * len(program.nodes)
        depth: list[int] = []
        levels: dict[int, list[int]] = {}
        for i, node in enumerate(program.nodes):
            depth.append(0)
            if isinstance(node, Step):
                depth[i] = 1 + max([depth[a] for a in node.args], default=0)
                levels.setdefault(depth[i], []).append(i)
            else:
                columns[i] = node.value if isinstance(node, Constant) else given(node)
        for _, steps in sorted(levels.items()):
            groups: dict[Any, list[int]] = {}
            for i in steps:
                step: Any = program.nodes[i]
                if step.op in SOFTMAX and (terms := _softmax_terms(program, columns, step)):
                    columns[i] = self._softmax(SOFTMAX[step.op], terms)
                    continue
                groups.setdefault(_kind_of(step.op, [columns[a] for a in step.args]), []).append(i)
            for group in groups.values():
                self._write_group([program.nodes[i] for i in group], group, columns)
        return columns

    def _softmax(self, kind: str, terms: Sequence[Column]) -> Column:
        """The column of the first of these in the softmax of all."""
        ordered = sorted(terms)
        found = self.node(kind, self.tensor(ordered), axis=1)
        self.widths[found] = len(ordered)
        return found, ordered.index(terms[0])

    def _write_group(self, steps: Sequence[Any], places: Sequence[int], columns: list[Any]) -> None:
        """Write steps of one kind, those at these places."""
        args = [[columns[a] for a in step.args] for step in steps]
        factors = _factors(args[0]) if steps[0].op is dot else None
        if factors is not None:
            weights = [[x for x in of_one if isinstance(x, float)] for of_one in args]
            matrix = self.constant(list(zip(*weights, strict=True)), self.dtype)
            found: str | float = self.node("MatMul", self.tensor(factors), matrix)
        else:
            found = self.apply(steps[0].op, [self.tensor(of_one) for of_one in zip(*args, strict=True)])
        if isinstance(found, str):
            self.widths[found] = len(steps)
        for j, i in enumerate(places):
            columns[i] = (found, j) if isinstance(found, str) else found

    def _spread(self, number: float, like: tuple[str, int]) -> Column:
        """A column that is this number at every point."""
        one = self.tensor([like])
        found = str(self.apply(where, [self.apply(equal, [one, one]), number, number]))
        self.widths[found] = 1
        return found, 0

    def finished(self, columns: Sequence[Column], like: tuple[str, int]) -> Any:
        """The model, whose output has these columns."""
        output = self.tensor([self._spread(x, like) if isinstance(x, float) else x for x in columns])
        self.nodes.append(self.onnx.helper.make_node("Identity", [output], ["output"]))
        kept, needed = [], {"output"}
        for node in reversed(self.nodes):
            if needed.intersection(node.output):
                kept.append(node)
                needed.update(node.input)
        info = self.onnx.helper.make_tensor_value_info
        graph = self.onnx.helper.make_graph(
            kept[::-1],
            "autograd_core",
            [info(name, self.type, ["points", size]) for name, size in self.inputs.items()],
            [info("output", self.type, ["points", len(columns)])],
            [tensor for tensor in self.constants if tensor.name in needed],
        )
        opsets = [self.onnx.helper.make_opsetid("", OPSET)]
        return self.onnx.helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
