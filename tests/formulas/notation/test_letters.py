"""How names are written in formulas."""

from __future__ import annotations

import pytest

from autograd_core.formulas.notation.letters import Names, name

NAMES = {
    "x": ("x", "x"),
    "x1": ("x1", "x_{1}"),
    "x_i": ("x_i", "x_{i}"),
    "w_11^(2)": ("w_11^(2)", "w_{11}^{(2)}"),
    "theta_0": ("theta_0", r"\theta_{0}"),
    "ŷ": ("ŷ", r"\hat{y}"),
    "x̄_i": ("x̄_i", r"\bar{x}_{i}"),  # no letter of its own in Unicode
    "q̃": ("q̃", r"\tilde{q}"),
    "é": ("é", r"\acute{e}"),
    "ẋ": ("ẋ", r"\dot{x}"),
    "θ̂": ("θ̂", r"\hat{{\theta}}"),
    "x₁₂": ("x₁₂", "x_{12}"),
    "µ": ("µ", r"\mu"),
    "ϵ": ("ϵ", r"\epsilon"),
    "ℓ": ("ℓ", r"\ell"),
    "Δx": ("Δx", r"\mathit{{\Delta}x}"),
    "naïve_1": ("naïve_1", r"\textit{naïve}_{1}"),
    "x_é": ("x_é", r"x_{\textit{é}}"),
    "alpha'": ("alpha'", r"\alpha^{\prime}"),
    "w1'": ("w1'", r"w_{1}^{\prime}"),
    "w''_1^(2)": ("w''_1^(2)", r"w_{1}^{\prime\prime (2)}"),
    "rate": ("rate", r"\mathit{rate}"),
    "m[1][2]": ("m[1][2]", "m_{1, 2}"),
    "two words": ('"two words"', r"\text{``two words''}"),
    "x²": ('"x²"', r"\text{``x$^2$''}"),
    "∂x": ('"∂x"', r"\text{``$\partial$x''}"),
    "a<b|~^\\": ('"a<b|~^\\"', r"\text{``a$<$b$|$$\sim$$\wedge$$\backslash$''}"),
    'say "a"': ('"say \\"a\\""', "\\text{``say \"a\"''}"),
    "e": ('"e"', r"\text{``e''}"),
    "layer 2/n1/b": ("b_1^(2)", "b_{1}^{(2)}"),
    "layer 1/n12/w345": ("w_12_345^(1)", "w_{12, 345}^{(1)}"),
    "a/b/c": ('"a/b/c"', r"\text{``a/b/c''}"),
    "50 %": ('"50 %"', r"\text{``50 \%''}"),
    "wąż_đ": ("wąż_đ", r"\textit{waż}_{\textit{d}}"),
    "Þ": ("Þ", r"\textit{Thorn}"),
    "ạ": ("ạ", r"\textit{a}"),
    "x⁴": ('"x⁴"', r"\text{``x$^4$''}"),
    "ℝ_١": ("ℝ_١", r"\textit{R}_{\textit{1}}"),
    "ϝ": ("ϝ", r"\textit{digamma}"),
    "„q“": ('"„q“"', "\\text{``,,q\"''}"),
    "x″": ("x″", r"x^{\prime\prime}"),
    "a--b``": ('"a--b``"', r"\text{``a-$ $-b`$ $`''}"),
    "«q»": ('"«q»"', r"\text{``$\ll$q$\gg$''}"),
    "a_b_c": ("a_b_c", "a_{b, c}"),
}


@pytest.mark.parametrize("given", NAMES)
def test_names(given: str) -> None:
    assert name(given)[:2] == NAMES[given]


@pytest.mark.parametrize(
    ("first", "second"),
    [("ŋ", "eng"), ("ạb", "ab"), ("þ", "thorn"), ("x̂\u0304", "x̂"), ("ﬁ", "fi"), ("ĳ", "ij"), ("x1", "x_1"), ("ℝ", "R")],
)
def test_no_two_names_look_alike(first: str, second: str) -> None:
    names = Names()
    assert names(first).latex != names(second).latex
    assert names(second).text == f'"{second}"'
    assert names(first) == names(first) == name(first)


@pytest.mark.parametrize("given", ["й", "Ё", "Жёлтый", "Йод"])
def test_letters_of_other_scripts_keep_their_marks(given: str) -> None:
    assert name(given).latex == rf"\textit{{{given}}}"
