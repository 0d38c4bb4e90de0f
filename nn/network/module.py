"""Parameters, and the modules that have some."""

from __future__ import annotations

from typing import Any

from autograd_core import Value

__all__ = ["Module", "Parameter", "parameters_of"]


class Parameter(Value):
    """A leaf that is there to be trained: what `parameters()` lists, and what diagrams set apart.

    Its name tells where it lives: ``layer 2/n3/w1`` is the weight from input 1 to neuron 3 of layer 2, the lecture's
    w²₃₁, counted from 1 as there.
    """

    __slots__ = ()
    is_parameter = True


class Module:
    """The common base of neurons, layers and networks, and of your own: something that has parameters."""

    def parameters(self) -> list[Parameter]:
        """Everything that training changes, in a fixed order: layer by layer, neuron by neuron, weights then bias."""
        return []

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters: `backward` adds to what is there."""
        for p in self.parameters():
            p.zero_grad()

    def __call__(self, x: Any) -> Any:
        """The output for one sample x."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it computes; give it a __call__(self, x)")


def parameters_of(net: Module) -> list[Parameter]:
    """The parameters of a network, one that is shared among its parts once."""
    return list(dict.fromkeys(net.parameters()))
