"""The settings of a compiled function, which all its parts share, so that none of them needs to know the function."""

from __future__ import annotations

import pickle

from ...transformed import pickles_functions_by_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..backends import Backend
    from .signature import Signature

__all__ = ["Settings", "can_be_pickled"]


class Settings:
    """The options of `jit` and the function ``f``, None after a pickle that could not hold it."""

    def __init__(
        self,
        f: Callable[..., Any],
        signature: Signature,
        *,
        backend: str | Backend,
        threads: int,
        check_finite: bool,
        make: Callable[..., Any],
    ) -> None:
        self.f: Callable[..., Any] | None = f
        self.name = getattr(f, "__name__", "compiled")
        self.signature = signature
        self.backend, self.threads, self.check_finite = backend, threads, check_finite
        self._make = make
        self.has_warned_of_ways = False

    def compiled(self, f: Callable[..., Any], static: Sequence[int]) -> Any:
        """Another function, compiled with the same backend and threads."""
        return self._make(f, self.backend, self.threads, check_finite=False, static=static)

    @property
    def has_leaves(self) -> bool:
        """Whether the first argument holds the numbers of Values."""
        return self.signature.leaves is not None

    @property
    def travels(self) -> bool:
        """Whether the pickle being made can hold the function."""
        return pickles_functions_by_value() or can_be_pickled(self.f)

    def __getstate__(self) -> dict[str, Any]:
        kept = dict(vars(self))
        if not self.travels:
            kept.update(f=None, signature=self.signature.without_objects())
        return kept


def can_be_pickled(x: Any) -> bool:
    """Whether `pickle` accepts `x`."""
    try:
        pickle.dumps(x)
    except Exception:  # an object that a function holds may raise anything
        return False
    return True
