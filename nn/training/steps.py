"""The network on many samples at once: compiled by `autograd_core.jit` where that is possible, else one by one.

`BatchStep` is what training repeats: the cost of a minibatch and its gradient; it says why when it cannot be compiled.
`Mapped` is a function of one sample for many of them. Both give plain numbers.
"""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np

import autograd_core as ag
from autograd_core import Value
from autograd_core.value import assign

from ..errors import OutputError
from ..network.dropout import given
from ..network.losses import unchecked
from .watch import Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..data.samples import Samples
    from ..network.module import Module

__all__ = ["BatchStep", "Begun", "Mapped", "Outcome", "one_by_one", "plain", "read", "write"]

NO_NUMBERS = "the targets are not numbers, or differ in length"
WHAT_VARIES = (
    ". Dropout is nn.Dropout; a number that is to change belongs into a Value, which is read at every step; instead of "
    "a branch on data select with ag.where(condition, a, b)"
)


def read(parameters: Sequence[Value]) -> Any:
    """The parameters' numbers as an array."""
    return np.array([p.data for p in parameters])


def write(parameters: Sequence[Value], numbers: Any) -> None:
    """Give the parameters these numbers; one that has its number already is not touched."""
    assign(parameters, numbers.tolist())


class Outcome:
    """What a minibatch gave: its cost, the cost's gradient as an array, and the network's outputs if asked for."""

    def __init__(self, cost: float, gradient: Any, outputs: list[Any] | None) -> None:
        self.cost, self.gradient, self.outputs = cost, gradient, outputs


class Begun:
    """The part of a minibatch that the plain loop has done: losses and outputs of its first samples, the penalty."""

    def __init__(self) -> None:
        self.pairs: list[Any] = []
        self.penalty: Any = None


class BatchStep:
    """The cost of a minibatch, (1/m) Σ loss(net(x), y) + penalty, and its gradient by the parameters.

    Called with the parameters' numbers in an array, and, if the network drops some of its neurons, a row of factors
    for each sample. ``why_eager`` says why nothing is compiled, None while all is.
    """

    def __init__(
        self,
        net: Module,
        loss: Callable[[Any, Any], Any],
        penalty: Callable[[Sequence[Value]], Any] | None,
        parameters: Sequence[Value],
        *,
        wants_outputs: bool,
        why_eager: str | None = None,
    ) -> None:
        self.net, self.loss, self.penalty, self.parameters = net, loss, penalty, parameters
        self.wants_outputs = wants_outputs
        self.watch = Watch()
        self.why_eager = why_eager
        self._compiled = ag.jit(self.traced, leaves=parameters, static="self") if why_eager is None else None

    def __call__(self, numbers: Any, samples: Samples, positions: Any, factors: Any = None) -> Outcome:
        """The outcome at these numbers for the samples at these positions."""
        if self.why_eager is None:
            try:
                return self._by_machine(numbers, samples, positions, factors)
            except Exception as error:  # whatever it is: the plain loop shows whether it is the user's own
                self.why_eager = f"{type(error).__name__}: {error}"
        write(self.parameters, numbers)
        return self.finish(Begun(), samples, positions, factors)

    def _by_machine(self, numbers: Any, samples: Samples, positions: Any, factors: Any) -> Outcome:
        assert self._compiled is not None
        if samples.target_numbers is None:
            raise OutputError(NO_NUMBERS)
        batches = [samples.rows[positions], samples.target_numbers[positions]]
        batches += [] if factors is None else [factors]
        cost, gradient, outputs = self._compiled(numbers, 1.0 / len(positions), *batches)
        return Outcome(cost, gradient, one_by_one(outputs) if self.wants_outputs else None)

    def traced(self, share: Any, *batches: Any) -> Any:
        """What is compiled; `share` is one over the number of samples, so that it serves batches of all sizes."""
        losses, outputs = ag.vmap(self._sample)(*batches)
        cost = self._with_penalty(share * losses.sum())
        table = ag.backprop(cost, self.parameters)
        gradient = np.array([table[p] for p in self.parameters], dtype=object)
        return cost, gradient, outputs if self.wants_outputs else ()

    def _sample(self, x: Any, y: Any, factors: Any = None) -> Any:
        """Loss and output of one sample, with all neurons or with those that the factors leave."""
        with nullcontext() if factors is None else given(factors):
            output = self.net(x)
        return unchecked(self.loss, output, y), output

    def begin(self, numbers: Any, samples: Samples, positions: Any, factors: Any, count: int) -> Begun:
        """The first `count` samples by the plain loop, watched: it gets Values for data, as the compiled step does.

        What differs from one to the next, or from what was seen before, ends compilation.
        """
        begun = Begun()
        write(self.parameters, numbers)
        if samples.target_numbers is None:
            self.why_eager = f"OutputError: {NO_NUMBERS}"
            return begun
        for k, i in enumerate(positions[:count].tolist()):
            data = [samples.rows[i], samples.target_numbers[i]] + ([] if factors is None else [factors[k]])
            part = "the output or the loss" + (" with dropout" if factors is not None else "")
            try:
                pair = self.watch.call(part, self._sample, *[array.tolist() for array in data])
            except Exception as error:  # whatever it is: with plain numbers it shows whether it is the user's own
                self.why_eager = f"{type(error).__name__}: {error}"
                return begun
            begun.pairs.append(pair)
            if self._varies():
                return begun
        if (penalty := self.penalty) is not None:
            begun.penalty = self.watch.call("the penalty", lambda: penalty(self.parameters))
            self._varies()
        return begun

    def _varies(self) -> bool:
        self.why_eager = self.watch.why and self.watch.why + WHAT_VARIES
        return self.watch.why is not None

    def finish(self, begun: Begun, samples: Samples, positions: Any, factors: Any) -> Outcome:
        """The rest of a minibatch by the plain loop; the parameters have their numbers."""
        done = len(begun.pairs)
        batches = [samples.rows[positions[done:]].tolist(), samples.targets_at(positions[done:])]
        batches += [] if factors is None else [factors[done:].tolist()]
        pairs = begun.pairs + [self._sample(*sample) for sample in zip(*batches, strict=True)]
        losses, outputs = zip(*pairs, strict=True)
        cost = self._with_penalty(ag.mean(losses), begun.penalty)
        table = ag.backprop(cost, self.parameters)
        return Outcome(cost.data, np.array([table[p] for p in self.parameters]), list(map(plain, outputs)))

    def _with_penalty(self, cost: Any, penalty: Any = None) -> Any:
        if self.penalty is None:
            return cost
        return cost + (self.penalty(self.parameters) if penalty is None else penalty)


class Mapped:
    """A function ``f(x, y)`` of inputs and target, for many samples: a list of what it returns, as plain numbers.

    The first samples, ``to_watch`` of them, are done by the plain loop; all are, if what is computed varies.
    """

    def __init__(self, f: Callable[[Any, Any], Any], *, compiles: bool) -> None:
        self.f = f
        self.watch = Watch()
        self.to_watch = 8
        self._compiled: Any = ag.jit(ag.vmap(f), static="self") if compiles else None

    def watch_again(self) -> None:
        """Have a look at one sample at the next call: what has run meanwhile may have changed what was compiled."""
        self.to_watch = max(self.to_watch, 1)

    def __call__(self, samples: Samples) -> list[Any]:
        """`f` of every sample."""
        begun: list[Any] = []
        if self._compiled is not None and samples.target_numbers is not None:
            try:
                begun = self._begin(samples)
                if self._compiled is not None:
                    return one_by_one(self._compiled(samples.rows, samples.target_numbers))
            except Exception:  # the plain loop answers, or raises what is the user's own
                self._compiled = None
        pairs = zip(samples.rows[len(begun) :].tolist(), samples.targets[len(begun) :], strict=True)
        return begun + [plain(self.f(x, y)) for x, y in pairs]

    def _begin(self, samples: Samples) -> list[Any]:
        found = []
        for x, y in zip(samples.rows[: self.to_watch].tolist(), samples.target_numbers.tolist(), strict=False):
            found.append(plain(self.watch.call("the output", self.f, x, y)))
            if self.watch.why is not None:
                self._compiled = None
                break
        self.to_watch = 0
        return found


def one_by_one(batch: Any) -> list[Any]:
    """A batch, arrays in tuples and dicts, as a list with what belongs to each sample.

    >>> one_by_one((np.array([1.0, 2.0]), np.array([[3.0, 4.0], [5.0, 6.0]])))
    [(1.0, [3.0, 4.0]), (2.0, [5.0, 6.0])]
    """
    if isinstance(batch, tuple):
        return list(zip(*map(one_by_one, batch), strict=True))
    if isinstance(batch, dict):
        return [dict(zip(batch, some, strict=True)) for some in zip(*map(one_by_one, batch.values()), strict=True)]
    found: list[Any] = batch.tolist()
    return found


def plain(x: Any) -> Any:
    """`x` with floats in place of Values."""
    if isinstance(x, Value):
        return x.data
    if isinstance(x, dict):
        return {key: plain(child) for key, child in x.items()}
    if hasattr(x, "tolist"):
        return plain(x.tolist())
    return type(x)(map(plain, x)) if type(x) in (list, tuple) else x
