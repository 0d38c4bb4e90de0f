"""Functions as ONNX models, which other runtimes and languages read: networks above all, and their gradients.

The function is traced as by `jit`, and its program is written for a batch of points. Steps of one op that stand at the
same depth, the neurons of a layer for instance, become one node whose columns they are:

    v0 = dot(w11, w12, x1, x2), v1 = dot(w21, w22, x1, x2)      MatMul of the batch and Wᵀ
    z1 = add(v0, b1), z2 = add(v1, b2)                          Add of that and b
    a1 = tanh(z1), a2 = tanh(z2)                                Tanh of that

An op that ONNX does not have is written as its value is, in ops.
"""

from __future__ import annotations

import math
from itertools import accumulate

from .errors import MissingPackageError, OpError, TracingError
from .forward import graph_of, why_called_back
from .graph import ancestors
from .jit import jit
from .jit.ir.program import Constant, Input, Step
from .op import elements, quiet
from .ops import TABLE
from .ops.arithmetic import abs_, sqrt
from .ops.exponential import LN2, LN10, exp, log, logaddexp
from .ops.reduction import dot
from .ops.selection import _fmod, copysign, equal, less, where
from .ops.special import erf
from .value import Value, as_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeAlias

    from .jit.ir.program import Program
    from .op import Op

__all__ = ["to_onnx"]

OPSET, IR_VERSION = 17, 8  # of 2022, with all that is used here

SAME = (
    "abs acos acosh add asin asinh atan atanh ceil cos cosh div equal erf exp floor identity less log max min mul neg "
    "pow relu round sigmoid sin sinh sqrt sub tanh where"
)
OTHERS = {"less_equal": "LessOrEqual", "power": "Pow", "maximum": "Max", "minimum": "Min"}
KINDS = {TABLE[name]: OTHERS.get(name) or name.capitalize() for name in (*SAME.split(), *OTHERS)} | {_fmod: "Mod"}
"""What ONNX calls the ops that it has."""

SINGLE_ONLY = frozenset(["Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Cosh", "Erf", "Sinh"])
"""What onnxruntime computes in float32 alone."""


def _log1p(x: Any) -> Any:
    u = 1.0 + x  # W. Kahan's: the error of u is in both factors, and cancels
    return where(equal(u, 1.0), x, where(equal(u, x), log(u), log(u) * (x / (u - 1.0))))


def _expm1(x: Any) -> Any:
    u = exp(x)
    quotient = (u - 1.0) * (x / log(u))
    return where(equal(u, 1.0), x, where(equal(u - 1.0, -1.0), -1.0, where(equal(u - 1.0, u), u, quotient)))


IN_OPS: dict[Op, Callable[..., Any]] = {
    TABLE["cbrt"]: lambda x: copysign(abs_(x) ** (1.0 / 3.0), x),
    TABLE["copysign"]: lambda x, y: where(less(y, 0.0), -abs_(x), abs_(x)),
    TABLE["erfc"]: lambda x: 1.0 - erf(x),
    TABLE["exp2"]: lambda x: 2.0**x,
    TABLE["exp10"]: lambda x: 10.0**x,
    TABLE["expm1"]: _expm1,
    TABLE["fma"]: lambda x, y, z: x * y + z,
    TABLE["hypot"]: lambda x, y: sqrt(x * x + y * y),
    TABLE["log1p"]: _log1p,
    TABLE["log2"]: lambda x: log(x) / LN2,
    TABLE["log10"]: lambda x: log(x) / LN10,
    TABLE["tan"]: lambda x: TABLE["sin"](x) / TABLE["cos"](x),
    TABLE["trunc"]: lambda x: copysign(TABLE["floor"](abs_(x)), x),
}
"""Values of other primitives by what ONNX has."""

Column: TypeAlias = "float | tuple[str, int]"
"""A number that is the same for all points, or a tensor and its column that holds one for each."""


def to_onnx(f: Callable[..., Any], *example: Any, dtype: str = "float64") -> Any:
    """The ``onnx.ModelProto`` of a function of numbers and lists of them, such as a network, for a batch of points.

    The model has an input for each argument, with its name and a row for each point, and one output, ``output``, whose
    columns are the numbers that the function returns. What it uses besides, the parameters of a network, is kept as it
    is now. ``onnx.save(model, "net.onnx")`` writes a file.

    example: arguments of the right shape; what their numbers are does not matter.
    dtype: "float64", or "float32". onnxruntime has acos, acosh, asin, asinh, atan, atanh, cosh, sinh and erf, and with
        it gelu, in float32 alone.

    >>> from autograd_core import dot, tanh, to_onnx
    >>> W = [[1.0, 2.0], [0.5, -1.0], [0.0, 3.0]]
    >>> model = to_onnx(lambda x: [tanh(dot(row, x)) for row in W], [0.0, 0.0])
    >>> [node.op_type for node in model.graph.node]
    ['MatMul', 'Tanh', 'Identity']
    >>> import numpy as np
    >>> from onnx.reference import ReferenceEvaluator
    >>> points = np.array([[0.5, -1.0], [2.0, 0.0]])
    >>> ReferenceEvaluator(model).run(None, {"x": points})[0].round(3)
    array([[-0.905,  0.848, -0.995],
           [ 0.964,  0.762,  0.   ]])

    Raises `MissingPackageError` without onnx, `OpError` for an op that cannot be written, `TracingError` for a function
    that branches on its arguments or maps over points, and what `jit` raises.
    """
    try:
        import onnx
    except ImportError:
        raise MissingPackageError(
            "models are written by onnx, which is not installed: pip install 'autograd-core[onnx]'"
        ) from None
    if dtype not in ("float64", "float32"):
        raise OpError(f"dtype must be 'float64' or 'float32', got {dtype!r:.60}")
    if not example:
        raise OpError(
            "a model needs inputs; give an example, to_onnx(f, [0.0, 0.0]) for a function of two numbers in a list"
        )
    points = [[as_number(v) for v in elements(x)] if hasattr(x, "__iter__") else as_number(x) for x in example]
    sizes = [len(x) if isinstance(x, list) else 1 for x in points]
    compiled = jit(f, backend="python")
    program = compiled.program(*points)
    _require_one_way(program)
    [variants] = compiled.kinds.values()
    numbers = [x.data for x in variants.known[0].captured]
    names = compiled.signature.names(len(points))
    model = _Model(onnx, dtype, dict(zip(names, sizes, strict=True)))
    inputs = [(name, j) for name, size in zip(names, sizes, strict=True) for j in range(size)]
    columns = model.write(program, lambda x: numbers[x.offset] if x.source == 1 else inputs[x.offset])
    return model.finished([columns[out.node] for out in program.outputs], inputs[0])


def _require_one_way(program: Program) -> None:
    if program.guards:
        raise TracingError(
            f"the function branches on its arguments, at {program.guards[0].place}, and a model has one way only; "
            "choose with where(condition, a, b)"
        )
    if program.axes:
        raise TracingError("the function maps over points itself, or takes an array; give it one point, as a list")


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


class _Model:
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
                groups.setdefault(_kind_of(step.op, [columns[a] for a in step.args]), []).append(i)
            for group in groups.values():
                self._write_group([program.nodes[i] for i in group], group, columns)
        return columns

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
        info = self.onnx.helper.make_tensor_value_info
        graph = self.onnx.helper.make_graph(
            self.nodes,
            "autograd_core",
            [info(name, self.type, ["points", size]) for name, size in self.inputs.items()],
            [info("output", self.type, ["points", len(columns)])],
            self.constants,
        )
        opsets = [self.onnx.helper.make_opsetid("", OPSET)]
        return self.onnx.helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
