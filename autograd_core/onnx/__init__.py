"""Functions as ONNX models, which other runtimes and languages read: networks above all, and their gradients.

The function is traced as by `jit`, and its program is written for a batch of points. Steps of one op that stand at the
same depth, the neurons of a layer for instance, become one node whose columns they are:

    v0 = dot(w11, w12, x1, x2), v1 = dot(w21, w22, x1, x2)      MatMul of the batch and Wᵀ
    z1 = add(v0, b1), z2 = add(v1, b2)                          Add of that and b
    a1 = tanh(z1), a2 = tanh(z2)                                Tanh of that

An op that ONNX does not have is written as its value is, in ops.

table   what ONNX has, and how the rest is written by it
model   a model that is being written
"""

from __future__ import annotations

from ..errors import MissingPackageError, OpError, TracingError
from ..jit import jit
from ..op import elements
from ..value import as_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..jit.ir.program import Program

__all__ = ["to_onnx"]


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
    from .model import Model

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
    if not callable(f):
        advice = "; of a fitted estimator of nn.sklearn it is net_" if hasattr(f, "net_") else ""
        raise OpError(f"to_onnx takes a function or a network, got {type(f).__name__}{advice}")
    compiled = jit(f, backend="python")
    program = compiled.program(*points)
    _require_one_way(program)
    [variants] = compiled.kinds.values()
    numbers = [x.data for x in variants.known[0].captured]
    names = compiled.signature.names(len(points))
    model = Model(onnx, dtype, dict(zip(names, sizes, strict=True)))
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
