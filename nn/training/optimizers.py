"""Optimizers: how a step is taken once the gradients are known.

An optimizer is a rule for one parameter, written in arithmetic that arrays and Values have too. From it follow
``update(numbers, gradient, state)``, which gives the new numbers and the new state of all parameters at once and
changes nothing, so that whoever trains can keep the last complete step whatever happens; the compiled loop of `fit`;
and ``step(parameters)``, which moves Values, for loops written by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autograd_core import Value

from ..checks import fraction, positive_number
from ..errors import SettingError

Rate = float | Callable[[int], float]

__all__ = ["SGD", "Adam", "Optimizer", "State"]

State = dict[str, Any]
"""``steps``, the number of those taken, and by name what a rule remembers of each parameter, in arrays."""


class Optimizer:
    """A learning rate and a rule; what subclasses add is `rule`, or `update` where parameters depend on each other.

    The rate η is a number, or a function of the number of steps taken so far, such as those of `nn.schedules`; it may
    be assigned between steps.

    Raises `SettingError` for a rate that is not positive and finite, `SettingTypeError` for what is no number.
    """

    def __init__(self, learning_rate: Rate) -> None:
        self.learning_rate = learning_rate
        self._state: State | None = None  # of `step`

    @property
    def learning_rate(self) -> Rate:
        """The rate η, or the function that gives it."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: Rate) -> None:
        self._learning_rate = rate if callable(rate) else positive_number("learning_rate", rate)

    def rate(self, steps: int) -> float:
        """η after so many steps."""
        if not callable(self._learning_rate):
            return self._learning_rate
        return positive_number(f"learning_rate after {steps} steps", self._learning_rate(steps))

    def start(self, numbers: Any) -> State:
        """The state before the first step: ``steps``, and whatever arrays of the size of `numbers` the rule needs."""
        return {"steps": 0}

    def rule(self, p: Any, g: Any, state: State, rate: Any, steps: Any) -> tuple[Any, State]:
        """The update of a parameter p with the gradient g, and of its part of the state, at this rate η, after so many
        ``steps``. Everything may be a number, an array or a Value."""
        raise NotImplementedError(f"{type(self).__name__} has no rule(p, g, state, rate, steps)")

    def update(self, numbers: Any, gradient: Any, state: State) -> tuple[Any, State]:
        """The parameters and the state after a step from `numbers` with this gradient."""
        steps = state["steps"]
        arrays = {name: array for name, array in state.items() if name != "steps"}
        numbers, arrays = self.rule(numbers, gradient, arrays, self.rate(steps), steps)
        return numbers, {"steps": steps + 1, **arrays}

    def step(self, parameters: Iterable[Value]) -> None:
        """Move every parameter by its ``.grad``; one whose gradient was never computed counts as 0.

        Raises `SettingError` when the number of parameters differs from the step before.
        """
        import numpy as np

        moved = list(parameters)
        numbers, gradient = np.array([p.data for p in moved]), np.array([p.grad for p in moved])
        state = self.start(numbers) if self._state is None else self._state
        for name, array in state.items():
            if name != "steps" and len(array) != len(moved):
                raise SettingError(
                    f"{self!r} has moved {len(array)} parameters so far, now it gets {len(moved)}; use a new one for "
                    "another network"
                )
        found, self._state = self.update(numbers, gradient, state)
        for p, before, number in zip(moved, numbers.tolist(), found.tolist(), strict=True):
            if number != before:  # an untouched one keeps its graphs fresh
                p.data = number

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._learning_rate!r})"


class SGD(Optimizer):
    """Gradient descent, p ← p - η ∂C/∂p: the lectures' equations (7) and (8), Nielsen's (16) and (17).

    It is called stochastic (SGD) when ∂C/∂p is the mean over a minibatch only. With momentum μ a velocity is built
    up, v ← μ v - η ∂C/∂p, p ← p + v (Polyak 1964; Nielsen's equations (107) and (108)).

    >>> from nn import Parameter
    >>> p = Parameter(3.0)
    >>> (p * p).backward()                # ∂C/∂p = 6
    >>> SGD(0.5).step([p]); p.data
    0.0

    Raises `SettingError` for a momentum outside 0 ≤ μ < 1 as well.
    """

    def __init__(self, learning_rate: Rate, momentum: float = 0.0) -> None:
        super().__init__(learning_rate)
        self.momentum = fraction("momentum", momentum)

    def start(self, numbers: Any) -> State:
        """The velocity 0, if there is momentum."""
        return {"steps": 0, "velocity": 0.0 * numbers} if self.momentum else {"steps": 0}

    def rule(self, p: Any, g: Any, state: State, rate: Any, steps: Any) -> tuple[Any, State]:
        """One step down the slope, or along the velocity."""
        if not self.momentum:
            return p - rate * g, {}
        velocity = self.momentum * state.get("velocity", 0.0) - rate * g
        return p + velocity, {"velocity": velocity}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.learning_rate!r}{f', momentum={self.momentum}' if self.momentum else ''})"


class Adam(Optimizer):
    """Steps of about η in every parameter, however steep the slope (Kingma and Ba 2015, algorithm 1).

        m ← β₁ m + (1 - β₁) g        v ← β₂ v + (1 - β₂) g²        after t steps:
        p ← p - η m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)

    >>> from nn import Parameter
    >>> p, optimizer = Parameter(3.0), Adam(0.1)
    >>> (p * p).backward(); optimizer.step([p]); round(p.data, 6)
    2.9

    Raises `SettingError` for decay rates outside 0 ≤ β < 1 and for an ε that is not positive as well.
    """

    def __init__(
        self, learning_rate: Rate = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
    ) -> None:
        super().__init__(learning_rate)
        self.beta1, self.beta2 = fraction("beta1", beta1), fraction("beta2", beta2)
        self.epsilon = positive_number("epsilon", epsilon)

    def start(self, numbers: Any) -> State:
        """Means of 0."""
        return {"steps": 0, "mean": 0.0 * numbers, "mean_square": 0.0 * numbers}

    def rule(self, p: Any, g: Any, state: State, rate: Any, steps: Any) -> tuple[Any, State]:
        """One step."""
        import numpy as np

        t = steps + 1
        mean = self.beta1 * state["mean"] + (1.0 - self.beta1) * g
        mean_square = self.beta2 * state["mean_square"] + (1.0 - self.beta2) * g * g
        unbiased, unbiased_square = mean / (1.0 - self.beta1**t), mean_square / (1.0 - self.beta2**t)
        p = p - rate * unbiased / (np.sqrt(unbiased_square) + self.epsilon)
        return p, {"mean": mean, "mean_square": mean_square}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.learning_rate!r}, {self.beta1}, {self.beta2}, {self.epsilon})"
