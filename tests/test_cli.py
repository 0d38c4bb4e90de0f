"""The command line: what it prints, and that every mistake costs one message and no traceback."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

from autograd_core import __version__
from autograd_core.cli import main
from autograd_core.diagram.styles import STYLES
from autograd_core.errors import DiagramError
from autograd_core.expression import CALLABLE
from autograd_core.ops import TABLE

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _plain_output(monkeypatch):
    """Some CI services ask for colours even where no terminal is."""
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run(capsys):
    """main(words) -> (exit code, stdout, stderr)."""

    def call(*words: str) -> tuple[int, str, str]:
        try:
            code = main(words)
        except SystemExit as end:  # argparse ends so
            code = end.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def python_m(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "autograd_core", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def table(text: str) -> dict[str, list[str]]:
    """The rows under the rule, by their first cell."""
    rows = [line.split() for line in text.splitlines()[2:]]
    return {row[0]: row[1:] for row in rows}


def test_grad_prints_a_table(run):
    assert run("grad", "x*y + sin(x)", "x=2", "y=3") == (
        0,
        "node   value               gradient          \n"
        "─────────────────────────────────────────────\n"
        "z      6.909297426825682   1.0               \n"
        "x      2.0                 2.5838531634528574\n"
        "y      3.0                 2.0               \n",
        "",
    )


def test_no_digit_is_lost(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    name = "a_rather_long_name_of_a_variable_in_it__"
    _, out, _ = run("grad", f"-exp(-1e2)/3*{name}/7", f"{name}=-1.2345678901234567e-100")
    value, gradient = table(out)[name]
    assert float(value) == -1.2345678901234567e-100
    assert float(gradient) == -math.exp(-100) / 3 / 7
    assert float(table(out)["z"][0]) == -math.exp(-100) / 3 * -1.2345678901234567e-100 / 7


@pytest.mark.parametrize(
    ("words", "gradient"),
    [
        (["-x", "x=2"], "-1.0"),
        (["-x*x", "x=-2"], "4.0"),
        (["-x + 1", "x=2"], "-1.0"),
        (["-2*x", "x=2"], "-2.0"),
        (["-(x)", "x=+2"], "-1.0"),
        (["--", "-x", "x=2"], "-1.0"),
        (["--", "--x", "x=2"], "1.0"),
        (["--", "-h*x", "x=2", "h=3"], "-3.0"),
        (["-h*x", "x=2", "h=3"], "-3.0"),
        (["x**3", "x=-1e-3"], "3e-06"),
        (["x", "x= 1_000 "], "1.0"),
        (["1/x", "x=-.5"], "-4.0"),
        (["abs(x)", "x=0"], "0.0"),
        (["sqrt(x)", "x=0"], "inf"),
        (["exp(x)", "x=1000"], "inf"),
        (["e*x", "x=1", "e=5"], "5.0"),
        (["max([x, 1]) + dot([1, 2], [x, x])", "x=2"], "4.0"),
    ],
)
def test_expressions_and_assignments_as_people_type_them(run, words, gradient):
    code, out, err = run("grad", *words)
    assert (code, err) == (0, "")
    assert table(out)["x"][1] == gradient


def test_an_expression_without_variables_has_a_value(run):
    code, out, err = run("grad", "2**-1")
    assert (code, table(out), err) == (0, {"z": ["0.5", "1.0"]}, "")


def test_an_unused_variable_is_printed_and_pointed_out(run):
    code, out, err = run("grad", "x", "x=1", "v=2", "w=3")
    assert code == 0
    assert table(out)["w"] == ["3.0", "0.0"]
    assert err == "note: gradient 0, as not in the expression: v, w\n"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["stepp", "x", "x=2"], "invalid choice: 'stepp'; did you mean step?"),
        (["gard", "x", "x=2"], "did you mean grad?"),
        (["drwa", "x", "x=2"], "did you mean draw?"),
        (["derives", "x", "x=2"], "did you mean derive?"),
        (["function"], "did you mean functions?"),
        (["plot", "x"], "choose from grad, draw, step, live, derive, check, functions"),
        (["x*y", "x=2"], "an expression stands behind a command, as in: python -m autograd_core grad 'x*y' x=2"),
        (["\x1b[2J"], "invalid choice: '\\x1b[2J'"),
        (["grad", "swish(x)", "x=2"], "did you mean silu?"),
        (["grad", "cot(x)", "x=2"], "write 1 / tan(x)"),
        (["grad", "logistic(x)", "x=2"], "did you mean sigmoid?"),
        (["grad", "sigma(x)", "x=2"], "did you mean sigmoid?"),
        (["grad", "|x|", "x=2"], "an absolute value is written abs(x)"),
        (["draw", "x*y", "x=2", "y=3", "zz=4"], "zz: not in the expression, so not in a picture of it; it uses x, y"),
        (["step", "x", "x=2", "zz=4"], "zz: not in the expression"),
        (["grad", "x*z", "x=2", "z=3", "zz=4"], "zz is not in the expression; did you mean z? It uses x, z"),
        (["grad", "rate*x", "rate=2", "x=1", "rates=3"], "did you mean rate?"),
        (["grad", "tau*x", "x=2", "Tau=3"], "did you mean tau?"),
        (["derive", "pi*x", "x=2", "Pi=3"], "did you mean pi?"),
    ],
)
def test_misprints_and_other_names_get_a_hint(run, words, hint):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert hint in err


def test_an_unused_variable_that_differs_in_its_number_only_is_no_misprint(run):
    code, out, err = run("grad", "w10*w12", "w10=1", "w11=3", "w12=2")
    assert (code, err) == (0, "note: gradient 0, as not in the expression: w11\n")
    assert table(out)["w11"] == ["3.0", "0.0"]


MISTAKES = [
    (["grad", "x*y", "x=2"], "error: no value for y (given: x); add y=...\n  x*y\n    ^\n"),
    (["grad", "x*y"], "error: no value for x, y; add x=... y=...\n  x*y\n  ^\n"),
    (["grad", "x.data", "x=2"], "error: attributes are not allowed in an expression\n  x.data\n  ^^^^^^\n"),
    (["grad", "log(x)", "x=-1"], "error: log: x = -1.0 (the Value named 'x') is outside the domain; expected x > 0\n"),
    (["grad", "sgimoid(x)", "x=2"], "did you mean sigmoid?"),
    (["grad", ""], "the expression is empty"),
    (["grad", "x", "x"], "'x' is not of the form name=number"),
    (["grad", "x", "+", "y", "x=2", "y=3"], "put in quotes?"),
    (["grad", "x=2", "y=3"], "the expression is missing in front of 'x=2'"),
    (["grad", "x", "=2"], "'' is not a name"),
    (["grad", "x", "2x=3"], "'2x' is not a name"),
    (["grad", "x", "x-y=3"], "'x-y' is not a name"),
    (["grad", "x", "ü=3"], "'ü' is not a name"),
    (["grad", "x", "-x=3"], "unrecognized arguments: '-x=3'"),
    (["draw", "x", "x=2", "-v"], "unrecognized arguments: '-v'"),
    (["-v"], "required: COMMAND"),
    (["draw", "x", "x=2", "-o", "-z.svg"], "argument -o/--output: expected one argument"),
    (["draw", "x", "x=2", "-o=z.bmp"], "cannot tell from 'z.bmp' what to draw"),
    (["draw", "x", "x=2", "-oz.bmp"], "cannot tell from 'z.bmp' what to draw"),
    (["derive", "x", "x=2", "--wrt", "-x"], "argument --wrt: expected one argument"),
    (["derive", "x", "x=2", "--digits", "-1"], "digits must be a whole number from 1 to 17, got -1"),
    (["derive", "x", "x=2", "--digits", "1" * 5000], "digits must be a whole number from 1 to 17, got '1111"),
    (["grad", "--x", "x=2"], "unrecognized arguments: '--x'; an expression that begins with -- goes behind a --"),
    (["grad", "x==2", "x=2"], "comparisons are not allowed in an expression"),
    (["grad", "y=x*2", "x=2"], "leave out 'y =': the expression is 'x*2'"),
    (["grad", "x", "\x1b[2J=3"], "'\\x1b[2J' is not a name"),
    (["grad", "x", "sin=3"], "'sin' is a function"),
    (["grad", "x", "lambda=3"], "'lambda' is a word of Python"),
    (["grad", "x", "__class__=3"], "two underscores"),
    (["grad", "x", "x=2", "y=1", "x=2"], "x is given more than once"),
    (["grad", "x", "x="], "x needs a finite number such as 2, 0.5 or -1e-3, got ''"),
    (["grad", "x", "x=two"], "got 'two'"),
    (["grad", "x", "x==2"], "got '=2'"),
    (["grad", "x", "x=1/3"], "got '1/3'. What has to be computed belongs in the expression"),
    (["grad", "x", "x=2,5"], "got '2,5'"),
    (["grad", "x", "x=nan"], "x needs a finite number"),
    (["grad", "x", "x=-inf"], "x needs a finite number"),
    (["grad", "x", "x=1e999"], "x needs a finite number"),
    (["grad", "x", "x=1j"], "x needs a finite number"),
    (["grad", "x", "x=" + "9" * 10_000], "x needs a finite number"),
    (["grad"], "required: EXPR\n"),
    (["grad", "x", "x=2", "--order", "2"], "unrecognized arguments: '--order'"),
    (["grad", "x", "x=2", "--\x1b[2J"], "unrecognized arguments: '--\\x1b[2J'"),
    (["integrate", "x"], "invalid choice: 'integrate'"),
    (["functions", "sin"], "functions takes no arguments"),
    (["draw", "2 + 3"], "an expression without variables has no graph"),
    (["draw", "x*y", "x=2"], "no value for y"),
    (["draw", "x", "x=2", "-o"], "expected one argument"),
    (["draw", "x", "x=2", "--style", "flows"], "there is no style 'flows'; choose one of"),
    (["derive", "x", "x=2", "--wrt", "y"], "--wrt 'y' is no variable; there are x"),
    (["derive", "2 + 3"], "an expression without variables has no graph"),
    (["step", "2 + 3"], "an expression without variables has no graph"),
    (["step", "x", "x=2", "--language", "fr"], "there is no language 'fr'; choose one of 'en', 'de'"),
    (["step", "x", "x=2", "-o", "no/where.html"], "cannot write 'no/where.html': No such file or directory"),
]


@pytest.mark.parametrize(("words", "message"), MISTAKES, ids=[" ".join(words)[:40] for words, _ in MISTAKES])
def test_mistakes_get_one_message_and_exit_code_2(run, words, message):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    assert err.replace("\n", "").isprintable()


def test_no_arguments_print_the_help(run):
    code, out, err = run()
    assert (code, err) == (0, "")
    assert 'python -m autograd_core grad "x*y + sin(x)" x=2 y=3' in out


@pytest.mark.parametrize(
    "words", [["--help"], ["grad", "--help"], ["draw", "-h"], ["step", "-h"], ["derive", "-h"], ["functions", "-h"]]
)
def test_help_fits_a_terminal_and_shows_an_example(run, words, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = run(*words)
    assert code == 0
    assert "python -m autograd_core" in out
    assert max(map(len, out.splitlines())) <= 86


def test_version(run):
    assert run("--version") == (0, f"autograd_core {__version__}\n", "")


def test_functions_lists_what_can_be_called(run):
    code, out, _ = run("functions")
    assert code == 0
    rows = [re.split("  +", line.strip()) for line in out.splitlines()[2:]]
    assert [row[-2].partition("(")[0] for row in rows] == sorted(CALLABLE, key=lambda name: TABLE[name].module)
    domains = {row[-2]: row[-1] for row in rows}
    assert domains["log(x)"] == "x > 0"
    assert domains["celu(x, alpha=1)"] == "alpha > 0"
    assert domains["max(x, y, ...)"] == "all numbers"


# draw


@pytest.fixture
def fake_diagram(monkeypatch):
    """A stand-in for the diagrams, which remembers what it was asked to draw and where to."""
    drawn = []

    class Diagram:
        def __init__(self, value, style, theme, direction):
            self.value = value
            assert (style, theme, direction) == ("values", "auto", "right")

        def save(self, path):
            if str(path).endswith(".bmp"):
                raise DiagramError("a diagram cannot be written as .bmp")
            if "/" in str(path):
                raise FileNotFoundError(2, "No such file or directory", str(path))
            drawn.append((self.value, str(path)))
            return Path(path)

    module = types.ModuleType("autograd_core.diagram")
    module.draw = Diagram
    monkeypatch.setitem(sys.modules, "autograd_core.diagram", module)
    return drawn


def test_draw_saves_the_graph_with_its_gradients(run, fake_diagram):
    assert run("draw", "x*y", "x=2", "y=3") == (0, "wrote graph.svg\n", "")
    [(root, path)] = fake_diagram
    assert (root.data, root.grad, path) == (6.0, 1.0, "graph.svg")
    assert [(leaf.name, leaf.grad) for leaf in root.inputs] == [("x", 3.0), ("y", 2.0)]
    assert root.name is None


@pytest.mark.parametrize(
    "words",
    [
        ["-o", "z.png", "-x*y", "x=2", "y=3"],
        ["-x*y", "-o", "z.png", "x=2", "y=3"],
        ["-x*y", "x=2", "-o", "z.png", "y=3"],
        ["-x*y", "x=2", "y=3", "--output=z.png"],
    ],
)
def test_the_output_option_may_stand_anywhere(run, fake_diagram, words):
    assert run("draw", *words) == (0, "wrote z.png\n", "")
    [(root, _)] = fake_diagram
    assert root.data == -6.0


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("z.bmp", "error: a diagram cannot be written as .bmp\n"),
        ("no/where.svg", "error: cannot write no/where.svg: No such file or directory\n"),
    ],
)
def test_what_cannot_be_written_is_said(run, fake_diagram, path, message):
    assert run("draw", "x", "x=2", "-o", path) == (2, "", message)


def test_draw_end_to_end(tmp_path):
    path = tmp_path / "z.svg"
    result = python_m("draw", "x*y + sin(x)", "x=2", "y=3", "-o", str(path))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"wrote {path}\n"
    text = path.read_text(encoding="utf-8")
    assert "<svg" in text
    assert "sin" in text


@pytest.mark.parametrize("style", STYLES)
def test_draw_in_a_style(run, tmp_path, style):
    path = tmp_path / "z.dot"
    assert run("draw", "x*y", "x=2", "y=3", "--style", style, "-o", str(path)) == (0, f"wrote {path}\n", "")
    values, _, _ = run("draw", "x*y", "x=2", "y=3", "-o", str(tmp_path / "plain.dot"))
    assert values == 0
    assert path.read_text() != (tmp_path / "plain.dot").read_text() or style in ("values", "pruned")


def test_the_help_and_the_errors_name_all_styles(run):
    assert ", ".join(STYLES) in " ".join(run("draw", "--help")[1].split())
    status, _, error = run("draw", "x*y", "x=2", "y=3", "--style", "circut")
    assert status == 2
    assert error.endswith(f"choose one of {', '.join(map(repr, STYLES))}; did you mean 'circuit'?\n")
    assert "your own" not in run("draw", "x*y", "x=2", "y=3", "--style", "sketchy")[2]


def test_step_writes_a_page(run, tmp_path):
    path = tmp_path / "step.html"
    assert run("step", "x*y + sin(x)", "x=2", "y=3", "-o", str(path), "--language", "de") == (0, f"wrote {path}\n", "")
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert '"language":"de"' in page


def test_step_takes_the_targets_that_are_wanted(run, tmp_path):
    pages = []
    for wrt in ("y", "y, x", "x,y"):
        assert run("step", "x*y", "x=2", "y=3", "--wrt", wrt, "-o", str(tmp_path / "step.html"))[0] == 0
        pages.append((tmp_path / "step.html").read_text(encoding="utf-8"))
    assert len(set(pages)) == 3
    assert run("step", "x*y", "x=2", "y=3", "--wrt", "x,w")[2] == "error: --wrt 'w' is no variable; there are x, y\n"


@pytest.mark.parametrize(
    ("words", "starts"),
    [
        (["x*y + sin(x)"], [1.0, 1.0]),
        (["x*y + sin(x)", "x=2", "y=3"], [2.0, 3.0]),
        (["x*y", "y=3"], [1.0, 3.0]),
        (["log(x - 1)"], [2.0]),
        (["log(-x)"], [-2.0]),
        (["a*pi"], [1.0]),
        (["a*pi", "pi=3"], [1.0, 3.0]),
    ],
)
def test_live_writes_a_page(run, tmp_path, words, starts):
    path = tmp_path / "live.html"
    assert run("live", *words, "-o", str(path)) == (0, f"wrote {path}\n", "")
    data = re.search(r'type="application/json">(.*?)</script>', path.read_text(encoding="utf-8"), re.DOTALL)[1]
    assert [leaf["value"] for leaf in json.loads(data)["leaves"]] == starts


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["2 + 3"], "nothing to drag"),
        (["log(x)", "x=-1"], "expected x > 0"),
        (["x*y", "z=1"], "not in the expression"),
        (["log(x - 100)"], "expected x > 0"),
        (["beta(x, y)"], "no function for the op 'beta'"),
        (["x", "-o", "live.svg"], "end 'live.svg' in .html"),
        (["x", "--language", "fr"], "there is no language 'fr'"),
    ],
)
def test_what_cannot_be_live_is_said_in_one_message(run, words, says):
    status, out, error = run("live", *words)
    assert (status, out) == (2, "")
    assert says in error


def test_derive_prints_the_derivatives(run):
    status, both, errors = run("derive", "x*y + sin(x)", "x=2", "y=3")
    assert (status, errors) == (0, "")
    forward, by_x, by_y = both.split("\n\n")
    assert forward.splitlines()[-1] == "z = v1 + v2 ≈ 6 + 0.909297 ≈ 6.9093"
    assert "v1 = x" not in by_x + by_y
    assert by_x.splitlines()[-1] == "dz/dx = y + sin'(x) = y + cos(x) = 3 + cos(2) ≈ 2.58385"
    assert by_y.splitlines()[-1] == "dz/dy = x = 2"
    assert run("derive", "x*y + sin(x)", "x=2", "y=3", "--wrt", "y") == (0, f"{forward}\n\n{by_y}", "")
    assert run("derive", "x/3", "x=2", "--digits", "2")[1] == "z = x / 3 = 2 / 3 ≈ 0.67\n\ndz/dx = 1 / 3 ≈ 0.33\n"
    assert "0.6666666666666666" in run("derive", "x/3", "x=2", "--digits", "all")[1]
    assert "digits must be a whole number from 1 to 17, got 'few'" in run("derive", "x/3", "x=2", "--digits", "few")[2]
    assert run("derive", "x*y + sin(x)", "--wrt", "y", "--latex", "x=2", "y=3")[1].startswith(
        "\\begin{align*}\nv_{1} &= x"
    )
    assert run("derive", "x", "x=2", "y=3", "--wrt", "y")[1] == "x = 2\n\ndx/dy = 0, as x does not depend on y\n"


@pytest.mark.parametrize("wrt", [[], ["--wrt", "z"]])
def test_a_variable_called_z_is_not_taken_for_the_expression(run, wrt):
    status, text, _ = run("derive", "x*y", "x=2", "y=1", "z=3", *wrt)
    assert status == 0
    assert text.startswith("f = x * y = 2 * 1 = 2\n")
    assert "df/dz = 0, as f does not depend on z" in text
    assert "v1" not in text


def test_pictures_dark_and_downwards(run, tmp_path):
    words = ["draw", "x*y", "x=2", "y=3", "--theme", "dark", "--direction", "down", "-o", str(tmp_path / "z.dot")]
    assert run(*words)[0] == 0
    source = (tmp_path / "z.dot").read_text()
    assert "rankdir=TB" in source
    assert "#1E1E1E" in source
    assert "there is no theme 'pink'" in run("draw", "x*y", "x=2", "y=3", "--theme", "pink")[2]


@pytest.mark.slow
def test_the_most_entangled_text_is_laid_out_too(run, tmp_path):
    text = "sin(x)*" * 142 + "x"
    assert run("draw", text, "x=2", "-o", str(tmp_path / "z.svg")) == (0, f"wrote {tmp_path / 'z.svg'}\n", "")


# The process: exit codes, pipes, interrupts


def test_the_module_runs():
    result = python_m("grad", "x*y + sin(x)", "x=2", "y=3")
    assert (result.returncode, result.stderr) == (0, "")
    assert table(result.stdout)["x"] == ["2.0", "2.5838531634528574"]
    refused = python_m("grad", "x.__class__ + 1", "x=2")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "error: attributes are not allowed in an expression\n  x.__class__ + 1\n  ^^^^^^^^^^^\n"


def test_a_console_without_unicode_gets_a_table_too():
    result = python_m("functions", PYTHONIOENCODING="ascii")
    assert (result.returncode, result.stderr) == (0, "")
    assert "sqrt(x)" in result.stdout


def test_control_c_ends_quietly(run, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("autograd_core.cli.commands.backprop", interrupt)
    assert run("grad", "x", "x=2") == (130, "", "")


@pytest.mark.skipif(os.name == "nt", reason="pipes end differently there")
def test_a_reader_that_leaves_is_no_error():
    read, write = os.pipe()
    os.close(read)
    try:
        result = subprocess.run(
            [sys.executable, "-m", "autograd_core", "grad", "x", "x=2"],
            cwd=ROOT,
            stdout=write,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    finally:
        os.close(write)
    assert (result.returncode, result.stderr) == (1, b"")


def test_check_says_whether_an_answer_is_right_by_its_exit_code_too(run):
    assert run("check", "log(3*x**2)", "x=2", "--answer", "2/x") == (0, "Right: 2/x is dz/dx.\n", "")
    code, out, err = run("check", "x*sin(2*x)", "x=2", "--answer", "sin(2*x) + x*cos(2*x)", "--language", "de")
    assert (code, err) == (1, "")
    assert out.endswith("Wahrscheinlicher Fehler: die innere Ableitung wurde vergessen, bei v2 = sin(v1).\n")
    words = ["check", "x*y", "x=2", "y=3"]
    assert run(*words, "--wrt", "y", "--answer", "x") == (0, "Right: x is dz/dy.\n", "")
    assert run(*words, "--answer", "y", "--answer", "x") == (0, "Right: all 2 lines.\n", "")
    assert run(*words, "--answer", "x_new = x - eta*y", "--rate", "0.1")[0] == 0
    code, out, err = run(*words, "--answer", "y.real")
    assert (code, out) == (2, "")
    assert err.startswith("error: attributes are not allowed in an expression\n")
