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
from ..errors import SettingError, SettingTypeError

Rate = float | Callable[[int], float]

__all__ = ["SGD", "Adam", "Optimizer", "State", "apply_rule", "first_state", "has_only_a_rule"]

State = dict[str, Any]
"""``steps``, the number of those taken, and by name what a rule remembers of each parameter, in arrays."""


class Optimizer:
    """A learning rate and a rule; what subclasses add is `rule`, or `update` where parameters depend on each other.

    The rate η is a number, or a function of the number of steps taken so far, such as those of `nn.schedules`; it may
    be assigned between steps.

    Raises `SettingError` for a rate that is not positive and finite, `SettingTypeError` for what is no number.
    """

    _state: State | None = None  # of `step`

    def __init__(self, learning_rate: Rate) -> None:
        self.learning_rate = learning_rate

    @property
    def learning_rate(self) -> Rate:
        """The rate η, or the function that gives it."""
        if "_learning_rate" not in vars(self):
            name = type(self).__name__
            raise SettingError(f"{name} has no learning rate; call super().__init__(learning_rate) in {name}.__init__")
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: Rate) -> None:
        self._learning_rate = rate if callable(rate) else positive_number("learning_rate", rate)

    def rate(self, steps: int) -> float:
        """η after so many steps."""
        rate = self.learning_rate
        return positive_number(f"learning_rate after {steps} steps", rate(steps)) if callable(rate) else rate

    def start(self, numbers: Any) -> State:
        """The state before the first step: ``steps``, and by name what the rule remembers of each parameter, arrays as
        long as `numbers`."""
        return {"steps": 0}

    def rule(self, p: Any, g: Any, state: State, rate: Any, steps: Any) -> tuple[Any, State]:
        """The parameter p after a step with the gradient g, and what is remembered of it, by name, for the next one; η
        is the `rate`, after so many ``steps``. p, g and what the state holds are arrays, one number a parameter, or
        Values, so NumPy's functions serve: np.sqrt(g), np.where(g > 0.0, a, b)."""
        raise NotImplementedError(f"{type(self).__name__} has no rule(p, g, state, rate, steps)")

    def update(self, numbers: Any, gradient: Any, state: State) -> tuple[Any, State]:
        """The parameters and the state after a step from `numbers` with this gradient."""
        steps = state["steps"]
        arrays = {name: array for name, array in state.items() if name != "steps"}
        numbers, arrays = apply_rule(self, numbers, gradient, arrays, self.rate(steps), steps)
        return numbers, {"steps": steps + 1, **arrays}

    def step(self, parameters: Iterable[Value]) -> None:
        """Move every parameter by its ``.grad``; one whose gradient was never computed counts as 0.

        Raises `SettingError` when the number of parameters differs from the step before.
        """
        import numpy as np

        moved = list(parameters)
        numbers, gradient = np.array([p.data for p in moved]), np.array([p.grad for p in moved])
        state = first_state(self, numbers) if self._state is None else self._state
        for count in [len(array) for array in state.values() if np.ndim(array)]:
            if count != len(moved):
                so_far = f"{self!r} has moved {count} parameters so far, now it gets {len(moved)}"
                raise SettingError(f"{so_far}; use a new one for another network")
        found, self._state = self.update(numbers, gradient, state)
        for p, before, number in zip(moved, numbers.tolist(), found.tolist(), strict=True):
            if number != before:  # an untouched one keeps its graphs fresh
                p.data = number

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.learning_rate!r})"


def has_only_a_rule(optimizer: Optimizer) -> bool:
    """Whether a step is what the rule says, and not an `update` of its own."""
    return type(optimizer).update is Optimizer.update and "update" not in vars(optimizer)


def first_state(optimizer: Optimizer, numbers: Any) -> State:
    """What `start` returns, checked; an `update` of its own may keep more than arrays."""
    state, method = optimizer.start(numbers), f"{type(optimizer).__name__}.start"
    if not isinstance(state, dict) or type(state.get("steps")) is not int:
        expected = "{'steps': 0, 'velocity': 0.0 * numbers}"
        raise SettingTypeError(f"{method} must return a dict such as {expected}, got {state!r:.60}")
    if has_only_a_rule(optimizer):
        _require_one_each(method, {name: x for name, x in state.items() if name != "steps"}, numbers)
    return state


def apply_rule(optimizer: Optimizer, p: Any, g: Any, state: State, *rate_and_steps: Any) -> tuple[Any, State]:
    """What `rule` returns, checked."""
    method = f"{type(optimizer).__name__}.rule"
    try:
        answer = optimizer.rule(p, g, state, *rate_and_steps)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        error.add_note(
            f"{method} gets p and g as arrays, one number a parameter (compiled, as Values): np.where(g > 0.0, "
            "a, b) selects, np.tanh(g) computes. The state holds what start(numbers) or the step before returned, here "
            f"{', '.join(map(repr, state)) or 'nothing'}"
        )
        raise
    if not isinstance(answer, (tuple, list)) or len(answer) != 2 or not isinstance(answer[1], dict):
        expected = "the new p and a dict of what it remembers, such as p - rate * g, {}"
        raise SettingTypeError(f"{method} must return {expected}; got {answer!r:.60}")
    _require_one_each(method, {"the new p": answer[0], **answer[1]}, p)
    return answer[0], answer[1]


def _require_one_each(method: str, found: dict[str, Any], numbers: Any) -> None:
    import numpy as np

    for name, x in found.items():
        if getattr(x, "shape", ()) != getattr(numbers, "shape", ()):
            raise SettingError(
                f"{method} must return an array for {name!r}, one number for each of the {np.size(numbers)} parameters "
                f"(0.0 * numbers in start, 0.0 * p in a rule is one of zeros); got {x!r:.60}"
            )


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
