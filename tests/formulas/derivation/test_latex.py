"""What is printed as LaTeX goes through a real LaTeX, with amsmath and nothing else."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from formulas.derivation.test_derive import random_expression
from test_ops import points, variables

import autograd_core as ag
from autograd_core import Value
from autograd_core.graph import ancestors
from nn import MLP, half_mse

NAMES = [
    "x", "w_11^(1)", "layer 1/n3/w5", "alpha", "Δx", "ŷ", "x[3]", "w'", "2x", "a b", "100%", "$x$", "#1", "a_b_c", "a^b^c", "{", "}", "~", "\\",
    "\\end{align*}", "\\undefined", "a\nb", "\u202egnp", "<b>", '"', "&", "^", "_", "", " ", "_1", "x" * 200,
    "é", "ö", "naïve", "x̂", "x̄_1", "q̃'", "ẋ", "x₁", "x²", "∂", "∞", "√", "ℓ", "µ", "θ̂", "ß", "a≤b", "w1'", "w'_1^(2)", "a|b>c", "ø_é", "e", "Α", "ο_1", "ς", "ϖ", "ŷ\u0302", "Å", "a  b", "x̄y",
    "„x“", "‚x‘", "‹x›", "x⁴", "x_⁰", "″", "x″", "ϐ", "ϴ", "ϝ", "ℵ", "ℏ", "ℝ", "𝑥", "ａ", "x١", "ŉ", "ĳ", "ﬁ", "ŋ", "þ", "ạb", "x̂̄", "½", "№", "Ⅳ",
]  # fmt: skip


def document(parts: list[str]) -> str:
    lines = [r"\documentclass{article}", r"\usepackage{amsmath}", r"\begin{document}"]
    return "\n".join([*lines, *parts, r"\end{document}", ""])


def compiled(parts: list[str], folder: Path) -> str:
    """The log, after an error-free run."""
    (folder / "all.tex").write_text(document(parts), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    log = done.stdout.decode(errors="replace")
    assert done.returncode == 0, "\n".join(log.splitlines()[-25:])
    return log


pytestmark = pytest.mark.usefixtures("pdflatex")


def test_derivations_and_expressions(tmp_path: Path) -> None:
    parts = []
    for seed in range(60):
        z, leaves = random_expression(seed)
        x = next(leaf for leaf in leaves if leaf in ancestors(z))
        parts += [ag.derive(z, x).latex, f"\\[ {ag.latex(z)} \\]"]
    compiled(parts, tmp_path)


def test_every_op(tmp_path: Path) -> None:
    parts = []
    for op in ag.TABLE.values():
        (point,) = points(op, 1)
        inputs = [Value(x, name=f"x_{k}") if k in variables(op, point) else x for k, x in enumerate(point)]
        z = ag.dot(inputs[:2], inputs[2:]) if op.name == "dot" else op(*inputs)
        parts += [f"\\[ {ag.latex(z)} \\]"]
        parts += [ag.derive(z, x).latex for x in inputs if isinstance(x, Value)]
    assert len(parts) > 200
    compiled(parts, tmp_path)


def test_names(tmp_path: Path) -> None:
    parts = []
    for name in NAMES:
        x, y = Value(2.0, name=name), Value(3.0, name="y")
        z = ag.sin(x * y) ** 2 / x
        parts += [ag.derive(z, x).latex, f"\\[ {ag.latex(z)} \\]", ag.derive(z, Value(1.0, name=name)).latex]
    compiled(parts, tmp_path)


def equations(activation: str) -> str:
    net = MLP(3, [4, 2], activation, seed=0)

    def gradient(x: list[float], y: list[float]) -> list[Value]:
        table = ag.backprop(half_mse(net(x), y), net.parameters())
        return [table[p] for p in net.parameters()]

    return ag.jit(gradient).program([0.1, 0.2, 0.3], [0.0, 1.0]).equations().latex


def test_equations_of_matrices(tmp_path: Path) -> None:
    parts = [
        equations(activation) for activation in ("sigmoid", "tanh", "gelu", "softsign", "leaky_relu", "mish", "elu")
    ]
    log = compiled([*parts, ag.jit(ag.sin).program(0.5).equations().latex], tmp_path)
    assert "Overfull" not in log


def test_long_formulas_and_derivations_fit_on_pages(tmp_path: Path) -> None:
    """Nothing is lost at the bottom, and next to nothing stands in the margin."""
    x, w = ([Value(0.01 * k, name=f"{letter}_{k}") for k in range(200)] for letter in "xw")
    wide = [ag.dot(w, x), ag.sigmoid(ag.logsumexp(x[:60])), ag.max(x), x[3] / ag.norm(x[:40]), ag.sqrt(ag.prod(x[:40]))]
    parts = [ag.derive(z, x[3]).latex for z in wide]
    net = MLP(4, [5, 3], "sigmoid", seed=1)
    parts.append(ag.derive(half_mse(net([0.1, 0.2, 0.3, 0.4]), [0, 1, 0]), net.layers[0].neurons[1].w[0]).latex)
    for long in ("W" * 24, "TOTAL LOSS OF THE SECOND MODEL", "the cost of all samples, regularised"):
        named = Value(2.0, name=long)
        parts.append(ag.derive(ag.sin(named * x[3]) ** 2 / ag.exp(named + x[4]), named).latex)
    for seed in range(40):
        z, leaves = random_expression(seed)
        parts.append(ag.derive(z, next(leaf for leaf in leaves if leaf in ancestors(z))).latex)
    log = compiled(parts, tmp_path)
    assert r"Overfull \vbox" not in log
    margin = 10.0  # points; an article's is 134 wide
    assert max(map(float, re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)), default=0.0) < margin


def test_the_test_notices_what_does_not_compile(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="Undefined control sequence"):
        compiled([r"\[ \undefined \]"], tmp_path)
