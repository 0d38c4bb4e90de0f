"""Neurons, layers and multilayer perceptrons of Values, with micrograd's interface.

A neuron is one `dot`, a bias and an activation:

    z = w · x + b        the pre-activation        equation (1)
    a = g(z)                                       equation (2)

A layer is a list of neurons, a network a list of layers, and all of them are plain Python that builds a graph: what
comes out can be differentiated, drawn, and used in any further expression. There is no mode to set, `fit` alone
makes a `Dropout` drop, and nothing is remembered between calls. For the same equations on whole matrices see
`nn.matrix`.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from os import PathLike
from random import Random
from typing import Any

import autograd_core as ag
from autograd_core import Value
from autograd_core.forms import Pictured

from ..checks import ONE_BY_ONE, as_list, generator, positive_integer, shown
from ..errors import NumberError, OutputError, SettingError, SettingTypeError, StructureError
from .activations import Activation, as_function, name_of
from .dropout import Dropout
from .initialization import Init, drawn, scheme
from .module import Module, Parameter

__all__ = ["MLP", "Layer", "Neuron"]


class Neuron(Module):
    """g(w · x + b): one neuron with `nin` inputs.

    Parameters
    ----------
    nin: how many inputs.
    activation: g, as the name of an op of one input ("relu", "tanh", "sigmoid", ...; "linear" or "identity" for
        g(z) = z), or any function of z.
    init: "uniform" (micrograd), "normal" (Nielsen), "xavier", "he", a function ``(rng, nin, nout) -> weight``, or a
        pair of them, for a weight and a bias; see `nn.network.initialization`.
    seed: an integer, or a `random.Random` to draw from.
    nout: how many neurons the layer has; "xavier" asks for it.
    name: the path in front of the names: those of the parameters, and with a path also z and a, what it computes.

    >>> neuron = Neuron(2, "linear", seed=1)
    >>> neuron([3.0, -2.0]).backward()
    >>> [(p.name, p.grad) for p in neuron.parameters()]
    [('w1', 3.0), ('w2', -2.0), ('b', 1.0)]

    Raises `SettingError` (a ValueError) for settings without a meaning, `StructureError` when the number of inputs
    does not fit, `OutputError` when the activation returns anything but one number.
    """

    def __init__(
        self,
        nin: int,
        activation: Activation = "relu",
        *,
        init: Init = "uniform",
        seed: int | Random | None = None,
        nout: int = 1,
        name: str = "",
    ) -> None:
        nin = positive_integer("nin", nin)
        self.activation = as_function(activation)
        draw_weight, draw_bias = scheme(init)
        rng = generator(seed)
        path = f"{name}/" if name else ""
        self.w = [Parameter(drawn(draw_weight, rng, nin, nout), f"{path}w{k}") for k in range(1, nin + 1)]
        self.b = Parameter(drawn(draw_bias, rng, nin, nout), f"{path}b")
        self._names = (f"{path}z", f"{path}a") if path else (None, None)

    def z(self, x: Any) -> Value:
        """The pre-activation w · x + b, a node of its own."""
        z: Value = ag.dot(self.w, as_list(x)) + self.b
        z.name = self._names[0]
        return z

    def __call__(self, x: Any) -> Value:
        """g(z), for a sequence x of `nin` numbers."""
        return self.activate(self.z(x))

    def activate(self, z: Value) -> Value:
        """g(z), for a pre-activation."""
        a: Value = self.activation(z)
        if not isinstance(a, (Value, Real)):
            raise OutputError(
                f"activation {shown(name_of(self.activation))} must return one number for one z, got {a!r:.60} of type "
                f"{type(a).__name__}; is a return missing, or np.where there for ag.where(condition, a, b)?"
            )
        if a is not z and isinstance(a, Value) and a.inputs:
            a.name = self._names[1]
        return a

    def parameters(self) -> list[Parameter]:
        """The weights, then the bias."""
        return [*self.w, self.b]

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)}, {shown(name_of(self.activation))})"


class Layer(Module):
    """`nout` neurons that share `nin` inputs. One output comes back as a Value, several as a list.

    `activation` is for all neurons, or a list with one for each; the other settings are as for a `Neuron`.

    >>> layer = Layer(3, 2, activation=["tanh", "linear"], seed=1)
    >>> len(layer([1.0, 2.0, 3.0])), len(layer.parameters())
    (2, 8)

    Raises `SettingError` for an empty layer and for a list of activations of another length.
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: Activation | Sequence[Activation] = "relu",
        *,
        init: Init = "uniform",
        seed: int | Random | None = None,
        name: str = "",
    ) -> None:
        self.nin, nout = positive_integer("nin", nin), positive_integer("nout", nout)
        rng = generator(seed)
        path = f"{name}/" if name else ""
        self.neurons = [
            Neuron(self.nin, g, init=init, seed=rng, nout=nout, name=f"{path}n{j}")
            for j, g in enumerate(_one_each(activation, nout, "neurons"), 1)
        ]

    def z(self, x: Any) -> list[Value]:
        """The pre-activations: equation (1), Z = W A + b, for one sample."""
        inputs = _as_inputs(x, self.nin)
        return [neuron.z(inputs) for neuron in self.neurons]

    def activate(self, z: Sequence[Value]) -> list[Value]:
        """Each neuron's activation of its z: equation (2), A = g(Z), for one sample."""
        if len(z) != len(self.neurons):
            raise StructureError(f"{self!r} has {len(self.neurons)} neurons, got {len(z)} pre-activations")
        return [neuron.activate(z_j) for neuron, z_j in zip(self.neurons, z, strict=True)]

    def __call__(self, x: Any) -> Any:
        """Every neuron's output: a Value if there is one neuron, a list of Values if there are several."""
        inputs = _as_inputs(x, self.nin)
        outputs = [neuron(inputs) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs

    def parameters(self) -> list[Parameter]:
        """Neuron by neuron."""
        return [p for neuron in self.neurons for p in neuron.parameters()]

    def __repr__(self) -> str:
        names = dict.fromkeys(name_of(neuron.activation) for neuron in self.neurons)
        return f"Layer({self.nin}, {len(self.neurons)}, {shown('/'.join(names))})"


class MLP(Pictured, Module):
    """A multilayer perceptron: `nin` inputs, then fully connected layers of `nouts` neurons.

    `activation` is for the hidden layers, and the last one is linear; a list has one entry for every layer, the last
    included, and an entry may itself be a list with one activation per neuron. `dropout` is the rate of a `Dropout`
    behind every hidden layer. The other settings are as for a `Neuron`. With ``init="uniform"`` the weights are those
    of micrograd's MLP after ``random.seed(seed)``.

    >>> net = MLP(2, [16, 16, 1], activation="relu", seed=1337)
    >>> net
    MLP of Layer(2, 16, relu), Layer(16, 16, relu), Layer(16, 1, linear)
    >>> len(net.parameters()), net([0.5, -0.5]).data
    (337, -0.4622584932316083)

    Pre-activations are reached by running it layer by layer, as the lectures do:

    >>> a = [0.5, -0.5]
    >>> for layer in net.layers:
    ...     z = layer.z(a)              # equation (1)
    ...     a = layer.activate(z)       # equation (2)
    >>> cost = 0.5 * (a[0] - 1.0) ** 2
    >>> ag.backprop(cost, z)[z[0]] == a[0].data - 1.0    # δ = ∂C/∂z, equations (29) and (BP1)
    True

    Raises `SettingError` for no layers, empty layers, and lists of activations of another length.
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: Activation | Sequence[Activation | Sequence[Activation]] = "relu",
        *,
        init: Init = "uniform",
        seed: int | Random | None = None,
        dropout: float = 0.0,
    ) -> None:
        if isinstance(nouts, str) or not hasattr(nouts, "__len__"):
            raise SettingTypeError(f"nouts must list the layers' sizes, such as [16, 16, 1], got {nouts!r:.60}")
        if any(isinstance(nout, Dropout) for nout in nouts):
            raise SettingTypeError("nouts are sizes of layers; behind every hidden one is MLP(..., dropout=0.5)")
        if len(nouts) == 0:
            raise SettingError("nouts is empty; a network needs at least one layer, such as [1]")
        sizes = [positive_integer("nin", nin)]
        sizes += [positive_integer(f"nouts[{k}]", nout) for k, nout in enumerate(nouts)]
        is_list = isinstance(activation, (list, tuple))
        activations = activation if is_list else [activation] * (len(nouts) - 1) + ["linear"]
        self.dropout = Dropout(dropout)
        rng = generator(seed)
        self.layers = [
            Layer(sizes[k], sizes[k + 1], g, init=init, seed=rng, name=f"layer {k + 1}")
            for k, g in enumerate(_one_each(activations, len(nouts), "layers"))
        ]

    def __call__(self, x: Any) -> Any:
        """The last layer's output for one sample x: a Value, or a list of several."""
        *hidden, last = self.layers
        for layer in hidden:
            x = self.dropout(layer(x))
        return last(x)

    def parameters(self) -> list[Parameter]:
        """Layer by layer."""
        return [p for layer in self.layers for p in layer.parameters()]

    def sketch(self, path: str | PathLike[str] | None = None, *, inputs: Sequence[str] | None = None) -> Any:
        """The classic drawing as a matplotlib figure, written to `path` (svg, png, pdf) if there is one.

        Circles in columns, a line for every weight: see `nn.pictures.sketch`. `inputs` are what the inputs are called.
        """
        from ..pictures.figures import saved
        from ..pictures.sketch import sketch

        return saved(sketch(self, inputs), path)

    def _picture(self) -> Any:
        return self.sketch()

    def __repr__(self) -> str:
        between = f", {self.dropout}, " if self.dropout.rate else ", "
        return f"MLP of {between.join(map(repr, self.layers))}"


def _as_inputs(x: Any, count: int) -> Sequence[float | Value]:
    """`x` as `count` exact floats and Values, converted once for all neurons of a layer; one number may come bare."""
    numbers = as_list(x)
    try:
        # Value(v).data is v as a float, or an error that says what to do instead.
        inputs = [v if type(v) is float or isinstance(v, Value) else Value(v).data for v in numbers]
    except NumberError:
        if all(hasattr(v, "__len__") and not isinstance(v, str) for v in numbers):
            what = f"expected one sample of {count} numbers, got {len(numbers)} rows"
            raise StructureError(f"{what}{ONE_BY_ONE}") from None
        raise
    if len(inputs) != count:
        hint = "; of several samples each is a row, and so is one alone: [[...]]" if len(inputs) == 1 else ""
        raise StructureError(f"expected {count} input{'s' * (count != 1)}, got {len(inputs)}{hint}")
    return inputs


def _one_each(activation: Any, count: int, what: str) -> list[Any]:
    """`activation` for each of `count` neurons or layers."""
    if not isinstance(activation, (list, tuple)):
        return [activation] * count
    if len(activation) != count:
        raise SettingError(f"{len(activation)} activations for {count} {what}; give one for each, or one for all")
    return list(activation)
