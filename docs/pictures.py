"""The pictures of the README and the site: ``python docs/pictures.py`` draws them again, for light pages and dark.

They are what the library draws, and nothing is added. A test compares their texts with what it draws now.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import autograd_core as ag
from autograd_core import Value
from autograd_core.diagram.themes import THEMES
from nn import MLP, SGD, fit, hinge, moons
from nn.pictures import as_svg, decision_boundary

FOLDER = Path(__file__).parent / "pictures"


def graph(theme: str) -> str:
    """x y + sin x, with values and gradients."""
    x, y = Value(2.0, name="x"), Value(3.0, name="y")
    return svg(ag.backprop(x * y + ag.sin(x), [x, y]), theme)


def flow(theme: str) -> str:
    """A neuron and its cost, with edges as wide as what came back through them."""
    w1, w2, b = Value(0.8, name="w1"), Value(-0.4, name="w2"), Value(0.1, name="b")
    a = ag.tanh(w1 * 0.5 + w2 * -1.0 + b)
    return svg(ag.backprop((a - 1.0) ** 2, [w1, w2, b]), theme, style="flow")


def boundary(theme: str) -> str:
    """Two half moons, told apart."""
    import matplotlib.style

    paper = THEMES["dark"].paper
    frame = {
        "figure.facecolor": paper,
        "legend.facecolor": paper,
        "axes.facecolor": "white",
    }  # regions keep their tints
    with matplotlib.style.context(["dark_background", frame] if theme == "dark" else "default"):
        points, kinds = moons()
        net = MLP(2, [16, 16, 1], activation="relu", seed=1337)
        optimizer = SGD(lambda k: 1 - 0.9 * k / 100)
        fit(net, points, kinds, loss=hinge, penalty=1e-4, optimizer=optimizer, epochs=100, progress=False)
        return as_svg(decision_boundary(net, points, kinds))


def svg(z: Any, theme: str, **settings: Any) -> str:
    """The diagram as text."""
    return ag.draw(z, theme=theme, **settings).picture("svg").decode()


PICTURES = {"graph": graph, "flow": flow, "boundary": boundary}


def main() -> None:
    """Write all of them."""
    for name, draw in PICTURES.items():
        for theme in ("light", "dark"):
            (FOLDER / f"{name}-{theme}.svg").write_text(draw(theme), encoding="utf-8")


if __name__ == "__main__":
    main()
