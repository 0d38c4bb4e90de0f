"""How a step is taken once the gradients are known."""

from __future__ import annotations

from .checks import positive_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograd_core import Value

__all__ = ["SGD"]


class SGD:
    """Gradient descent, p ← p - η ∂C/∂p: the lectures' equations (7) and (8), Nielsen's (16) and (17).

    It is called stochastic (SGD) when ∂C/∂p is the mean over a minibatch only. The rate η may be assigned between
    steps.

    >>> from nn import Parameter
    >>> p = Parameter(3.0)
    >>> (p * p).backward()                # ∂C/∂p = 6
    >>> SGD(0.5).step([p]); p.data
    0.0

    Raises `SettingError` for a rate that is not positive and finite, `SettingTypeError` for what is no number.
    """

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate

    @property
    def learning_rate(self) -> float:
        """The rate η."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: float) -> None:
        self._learning_rate = positive_number("learning_rate", learning_rate)

    def step(self, parameters: Iterable[Value]) -> None:
        """Move every parameter against its ``.grad``; one whose gradient was never computed stays."""
        for p in parameters:
            if p.has_grad:
                p.data -= self._learning_rate * p.grad

    def __repr__(self) -> str:
        return f"SGD({self.learning_rate})"
