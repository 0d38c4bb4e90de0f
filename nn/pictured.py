"""What a notebook shows as a figure."""

from __future__ import annotations

from typing import Any

from autograd_core.forms import Forms

from .errors import AutogradError

__all__ = ["Pictured"]


class Pictured:
    """An object that a notebook shows as its figure, or as text where there is nothing to draw, or to draw with."""

    def _figure(self) -> Any:
        raise NotImplementedError

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Forms:
        try:
            data, metadata = self._figure()._repr_mimebundle_(include)
        except AutogradError:
            data, metadata = {}, {}
        return {**data, "text/plain": repr(self)}, metadata

    def _repr_svg_(self) -> str | None:
        return self._repr_mimebundle_()[0].get("image/svg+xml")
