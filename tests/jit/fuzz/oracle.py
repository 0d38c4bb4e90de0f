"""A second opinion on values that shares no code with the engine: the same text run on mpmath's numbers of 50 digits.

Where the reals do not settle what floats give it has no opinion: infinities, nan, signs of zeros, overflow, underflow.
"""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
from mpmath import mp, mpf

from .running import Outcome, read, run

DIGITS = 50
LARGE, SMALL = mpf("1e290"), mpf("1e-290")


class UnknownError(Exception):
    """The reals do not settle this."""


def run_exactly(source: str) -> Outcome:
    """The outcome of a script by this arithmetic; results that it does not know have no numbers."""
    with mp.workdps(DIGITS):
        return run(source, exactly, keep, ag=OPS, at_once=False)


def keep(x: Any) -> Any:
    """x, where floats have room for it."""
    if isinstance(x, mpmath.mpc) or not mpmath.isfinite(x) or abs(x) > LARGE or (x and abs(x) < SMALL):
        raise UnknownError
    return x


def exactly(f: Any) -> Any:
    """`f` at exact numbers."""

    def call(*args: Any) -> Any:
        try:
            return read(_mapped(lambda x: float(keep(x)), f(*[_mapped(lambda x: keep(mpf(x)), x) for x in args])))
        except (UnknownError, ZeroDivisionError, ValueError):
            return read([])

    return call


def _mapped(change: Any, x: Any) -> Any:
    """The container with every number changed."""
    if isinstance(x, np.ndarray):
        changed = np.empty(x.shape, object)
        changed.ravel()[:] = [change(y) for y in x.ravel().tolist()]
        return changed
    if isinstance(x, dict):
        return {key: _mapped(change, y) for key, y in x.items()}
    if is_dataclass(x):
        return type(x)(*[_mapped(change, getattr(x, f.name)) for f in fields(x)])  # type: ignore[misc]
    if isinstance(x, (list, tuple)):
        made = [_mapped(change, y) for y in x]
        return type(x)(*made) if hasattr(x, "_fields") else type(x)(made)
    return change(x)


def vmap(f: Any, in_axes: Any = 0) -> Any:
    """`f` at one point after the other; a list of rows is an array here."""

    def call(*args: Any) -> Any:
        axes = in_axes if isinstance(in_axes, tuple) else (in_axes,) * len(args)
        batches = [
            a if axis is None else np.moveaxis(np.array(a, object), axis, 0) for a, axis in zip(args, axes, strict=True)
        ]
        n = next(len(b) for b, axis in zip(batches, axes, strict=True) if axis is not None)
        return _stacked(
            [f(*[b if axis is None else b[i] for b, axis in zip(batches, axes, strict=True)]) for i in range(n)]
        )

    return call


def _stacked(rows: list[Any]) -> Any:
    return (
        tuple(map(_stacked, map(list, zip(*rows, strict=True))))
        if isinstance(rows[0], tuple)
        else np.array(rows, object)
    )


def _unless_zero(x: Any) -> Any:
    """x, whose sign is needed."""
    if not x:
        raise UnknownError
    return x


def _mod(x: Any, y: Any) -> Any:
    if abs(x / y) > mpf(10) ** 30:
        raise UnknownError
    return x - mp.floor(x / y) * y


def _power(x: Any, y: Any) -> Any:
    return mpf(1) if not y else _real(mp.power(x, y))


def _real(x: Any) -> Any:
    if isinstance(x, mpmath.mpc):
        raise UnknownError
    return x


def _prod(xs: Any) -> Any:
    return math.prod(xs, start=mpf(1))


def _sinc(x: Any) -> Any:
    if abs(x) > 2**48:
        raise UnknownError  # of floats so large each is a whole number or half of one, whatever it stands for
    return mp.sincpi(x)


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def _softplus(x: Any) -> Any:
    return mp.log1p(mp.exp(x))


OPS = SimpleNamespace(
    sin=mp.sin,
    cos=mp.cos,
    tanh=mp.tanh,
    atan=mp.atan,
    asinh=mp.asinh,
    sigmoid=_sigmoid,
    softplus=_softplus,
    log_sigmoid=lambda x: -_softplus(-x),
    erf=mp.erf,
    norm_cdf=lambda x: mp.erfc(-x / mp.sqrt(2)) / 2,
    norm_pdf=lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi),
    gelu=lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
    silu=lambda x: x * _sigmoid(x),
    mish=lambda x: x * mp.tanh(_softplus(x)),
    softsign=lambda x: x / (1 + abs(x)),
    sinc=_sinc,
    exp=mp.exp,
    expm1=mp.expm1,
    log=lambda x: _real(mp.log(x)),
    log1p=lambda x: _real(mp.log1p(x)),
    sqrt=lambda x: _real(mp.sqrt(x)),
    cbrt=lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    square=lambda x: x * x,
    neg=lambda x: -x,
    abs=abs,
    relu=lambda x: max(x, mpf(0)),
    elu=lambda x: x if x > 0 else mp.expm1(x),
    leaky_relu=lambda x: x if x > 0 else mpf(0.01) * x,
    sign=mp.sign,
    floor=mp.floor,
    round=mp.nint,
    reciprocal=lambda x: 1 / x,
    hard_sigmoid=lambda x: min(max(x + 3, mpf(0)), mpf(6)) / 6,
    log1mexp=lambda x: _real(mp.log(-mp.expm1(-x)) if x < 1 else mp.log1p(-mp.exp(-x))),
    logit=lambda x: _real(mp.log(x / (1 - x))),
    add=lambda x, y: x + y,
    sub=lambda x, y: x - y,
    mul=lambda x, y: x * y,
    div=lambda x, y: x / y,
    hypot=lambda x, y: mp.sqrt(x * x + y * y),
    logaddexp=lambda x, y: mp.log(mp.exp(x) + mp.exp(y)),
    maximum=max,
    minimum=min,
    atan2=lambda y, x: mp.atan2(_unless_zero(y), x),
    mod=_mod,
    pow=_power,
    xlogy=lambda x, y: x * _real(mp.log(y)) if x else mpf(0),
    copysign=lambda x, y: abs(x) * mp.sign(_unless_zero(y)),
    sum=lambda xs: mp.fsum(xs),
    mean=lambda xs: mp.fsum(xs) / len(xs),
    prod=_prod,
    norm=lambda xs: mp.sqrt(mp.fsum([x * x for x in xs])),
    logsumexp=lambda xs: mp.log(mp.fsum([mp.exp(x) for x in xs])),
    max=max,
    min=min,
    dot=lambda xs, ys: mp.fsum([x * y for x, y in zip(xs, ys, strict=True)]),
    where=lambda condition, x, y: x if condition else y,
    clip=lambda x, low, high: min(max(x, mpf(low)), mpf(high)),
    fma=lambda x, y, z: x * y + z,
    stop_gradient=lambda x: x,
    vmap=vmap,
)
"""The ops of the scripts that have an oracle."""
