"""Names that mean harm, through everything that shows or compiles a name: they are texts, and do what texts do."""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from diagram.test_unfolding import states_of
from hostile import KINDS, MARK, NAMES, is_inert, ran
from jit.support import ALL_BACKENDS, TOLERANCE, assert_same, eager
from marks import slow

import autograd_core as ag
from autograd_core import Op, Value, draw
from autograd_core.cli import main
from autograd_core.containers import map_elements
from autograd_core.diagram.pdf import svg_to_pdf
from autograd_core.domain import REAL
from autograd_core.errors import AutogradError, ProgramError
from autograd_core.formulas.notation.letters import ACCENTS, COMMANDS
from autograd_core.jit.backends.source import c
from autograd_core.jit.backends.source.c_names import RESERVED
from nn import MLP, SGD, Module, Parameter, fit, half_mse, load, save
from nn import cli as nn_cli

TELLING = [name for k, name in enumerate(NAMES) if k % 5 == 0 or not is_inert(name)]
"""For what takes long."""


@pytest.fixture(autouse=True)
def _nothing_is_taken_for_code(tmp_path, monkeypatch):
    """In an empty working directory, where a payload would leave its mark."""
    monkeypatch.chdir(tmp_path)
    yield
    has_run = ran()
    sys.modules.pop(MARK, None)  # the next test is about the next thing
    assert not has_run


def harmless(k: int) -> str:
    """A name that nobody minds, to compare with."""
    return f"u{k}"


def test_the_corpus_is_large_and_its_payloads_work(tmp_path: Path) -> None:
    assert len(NAMES) >= 300
    assert set(map(type, NAMES)) == {str}
    assert min(map(len, KINDS.values())) >= 8
    assert sum(not is_inert(name) for name in NAMES) >= 60
    behind_a_comment = "\n".join(["def f():", "    x = 1  # NAME", "    return x", "f()"])
    bad = [name for name in NAMES if name.startswith("w") and "\n    __import__" in name]
    assert bad
    for name in bad:
        exec(behind_a_comment.replace("NAME", name), {})
        assert ran()
        del sys.modules[MARK]


# Programs


def numbers(result: Any) -> Any:
    """A result with the numbers of Values in their place."""
    return map_elements(lambda x: x.data if isinstance(x, Value) else x, result)


def named(names: list[str]) -> Any:
    """A function whose steps, captured leaves and branches have these names; so have its keywords and its files."""
    weights = [Value(0.5 + 0.001 * k, name=name) for k, name in enumerate(names)]
    asked = []
    for name in names:
        scope: dict[str, Any] = {}
        exec("def branch(x):\n    return x if x > -5.0 else -x", scope)
        asked.append(scope["branch"])
        code = asked[-1].__code__
        asked[-1].__code__ = code.replace(co_filename=name, co_varnames=(name,) if name else code.co_varnames)

    def f(x: Any, **keywords: Any) -> Any:
        total = x
        for name, w, branch, y in zip(names, weights, asked, keywords.values(), strict=True):
            step = branch(total * w + ag.sin(y))
            step.name = name
            total = ag.tanh(step) + 1.0
        return total

    return f


KEYWORDS = {name: 0.01 * k for k, name in enumerate(NAMES)}


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_names_of_values_keywords_and_files_work_in_every_backend(backend: str) -> None:
    f = named(NAMES)
    compiled = ag.jit(f, backend=backend)
    for x in (0.3, 0.7, -0.2):  # the first call is answered by tracing
        assert_same(numbers(compiled(x, **KEYWORDS)), numbers(eager(f, x, **KEYWORDS)), TOLERANCE[backend])
    gradient = ag.jit(ag.grad(f), backend=backend)
    for x in (0.3, 0.7):
        assert_same(numbers(gradient(x, **KEYWORDS)), numbers(eager(ag.grad(f), x, **KEYWORDS)), TOLERANCE[backend])


@pytest.mark.parametrize("backend", ["python", "llvm"])
def test_names_of_ops_work_in_every_backend(backend: str) -> None:
    ops = [
        Op(name, lambda x, k=k: x + 0.001 * k, lambda g, z, x: (g,), REAL, label=name) for k, name in enumerate(NAMES)
    ]

    def f(x: Any) -> Any:
        for op in ops:
            x = op(x)
        return x

    compiled, batch = ag.jit(f, backend=backend), ag.jit(ag.vmap(f), backend=backend)
    for x in (0.3, 0.7):
        assert_same(compiled(x), f(x))
        assert batch([x, 1.0]) == [f(x), f(1.0)]


def test_names_work_along_lanes() -> None:
    f = named(NAMES[::7])
    keywords = {name: [0.1 * k, 0.2, 0.3] for k, name in enumerate(NAMES[::7])}
    expected = ag.vmap(f)([0.3, 0.4, 0.5], **keywords)
    for backend in ("python", "llvm"):
        compiled = ag.jit(ag.vmap(f), backend=backend)
        compiled([0.3, 0.4, 0.5], **keywords)
        assert_same(numbers(compiled([0.3, 0.4, 0.5], **keywords)), numbers(expected), 1e-13)


def program_of(names: list[str]) -> Any:
    compiled = ag.jit(named(names))
    return compiled, compiled.program(0.3, **{name: 0.01 * k for k, name in enumerate(names)})


def test_programs_are_shown_line_by_line_and_come_back_from_pickles() -> None:
    compiled, program = program_of(NAMES)
    plain, same = program_of([harmless(k) for k in range(len(NAMES))])
    for shown, expected in ((str(program), str(same)), (compiled.report(), plain.report())):
        assert is_inert(shown)
        assert len(shown.splitlines()) == len(expected.splitlines())
    assert set(tags_of(program._repr_html_())) == set(tags_of(same._repr_html_()))
    again = pickle.loads(pickle.dumps(program))
    assert again == program
    assert hash(again) == hash(program)
    assert program != same


def test_the_text_for_c_compiles_without_a_warning_for_whoever_embeds_it(tmp_path: Path, c_compiler: str) -> None:
    _, program = program_of(NAMES)
    source = c.text(program)
    assert is_inert(source)
    (tmp_path / "program.c").write_text(source, encoding="utf-8")
    command = [c_compiler, "-std=c11", "-trigraphs", "-pedantic", "-Wall", "-Wextra", "-Werror", "-c", "program.c"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_c_function_is_only_called_what_one_can_be_called() -> None:
    program = ag.jit(ag.sin).program(1.0)
    for name in NAMES:
        if re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name) and name not in RESERVED:
            assert f"int {name}(" in c.text(program, name)
        else:
            with pytest.raises(ProgramError, match="a C function cannot be called"):
                c.text(program, name)


# The terminal


def graph(name: str) -> tuple[Value, Value]:
    """z, computed from x, with values and an op of that name."""
    op = Op(name, lambda x: 2.0 * float(x), lambda g, z, x: (2.0 * g,), REAL)
    x, y = Value(2.0, name=name), Value(3.0, name=name)
    z = op(x) * ag.sin(y)
    z.name = name
    return z + x, x


def error_of(f: Any) -> str:
    with pytest.raises(AutogradError) as caught:
        f()
    return str(caught.value)


TEXTS = {
    "repr": lambda z, x: repr(z) + repr(x) + repr(z.inputs[0].inputs[0].op),
    "op": lambda z, x: str(z.inputs[0].inputs[0].op),
    "grad_table": lambda z, x: repr(ag.backprop(z, [x])),
    "tree": lambda z, x: str(ag.tree(z)),
    "explain": lambda z, x: repr(ag.explain(ag.backprop(z, [x]), x)),
    "contributions": lambda z, x: repr(ag.explain(ag.backprop(z, [x]), x).contributions()),
    "paths": lambda z, x: repr(ag.paths(z, x)),
    "derivation": lambda z, x: str(ag.derive(z, x)),
    "dot": lambda z, x: draw(z).source.replace("\t", " "),
    "stepper": lambda z, x: repr(ag.step(z)),
    "leaving the graph": lambda z, x: error_of(lambda: float(x)),
    "outside the domain": lambda z, x: error_of(lambda: ag.log(-1.0 * x)),
    "assigning": lambda z, x: error_of(lambda: setattr(z.inputs[0], "data", 1.0)),
    "no gradient": lambda z, x: error_of(lambda: ag.backprop(z, [x])[z]),
    "compiled": lambda z, x: error_of(lambda: ag.jit(lambda y: y * z)(1.0)),
    "not finite": lambda z, x: error_of(lambda: ag.jit(lambda y: ag.log(x * y), check_finite=True)(-1.0)),
    "not in C": lambda z, x: error_of(lambda: ag.jit(z.inputs[0].inputs[0].op, backend="c")(1.0)),
    "no such op": lambda z, x: error_of(lambda: z.inputs[0].inputs[0].op(x, x)),
    "no style": lambda z, x: error_of(lambda: draw(z, style=x.name)),
    "no cluster": lambda z, x: error_of(lambda: draw(z, unfold=[f"{x.name}/nowhere"])),
    "no suffix": lambda z, x: error_of(lambda: draw(z).save(f"{x.name}.nothing")),
}


@pytest.mark.parametrize("what", slow(TEXTS, only=["derivation", "not finite"]))
def test_nothing_that_a_terminal_obeys_is_shown(what: str) -> None:
    plain = TEXTS[what](*graph("u"))
    for name in NAMES:
        text = TEXTS[what](*graph(name or " "))
        assert is_inert(text), (what, name)
        if what not in ("derivation", "dot"):  # which break long lines, and have some for clusters
            assert len(text.split("\n")) == len(plain.split("\n")), (what, name)


def test_messages_have_at_most_2000_characters() -> None:
    for name in ("a" * 100_000, "\x1b" * 100_000):
        x = Value(2.0, name=name)
        for f in (lambda x=x: float(x), lambda x=x: ag.log(-1.0 * x), lambda z=x + 1.0: ag.jit(lambda y: y * z)(1.0)):
            assert len(error_of(f)) <= 2_000


ANSWERS = {
    "an expression": lambda name: ["grad", name, "x=2"],
    "a variable": lambda name: ["grad", "x", f"{name}=2"],
    "a number": lambda name: ["grad", "x", f"x={name}"],
    "an unknown option": lambda name: ["grad", "x", "x=2", f"--{name}"],
    "a file": lambda name: ["draw", "x", "x=2", "-o", f"{name}.nothing"],
    "a style": lambda name: ["draw", "x", "x=2", "--style", name],
    "a language": lambda name: ["step", "x", "x=2", "--language", f"{name}x"],
    "with respect to": lambda name: ["derive", "x*y", "x=2", "y=3", f"--wrt={name}"],
    "digits": lambda name: ["derive", "x*x", "x=2", f"--digits={name}"],
    "a command": lambda name: [f"x{name}"],
    "too much": lambda name: ["functions", f"x{name}"],
}


def said(command: Any, words: list[str], capsys: Any) -> str:
    """What a command line prints, which ends well or with one message and status 2."""
    try:
        status = command(words)
    except SystemExit as end:  # argparse ends so
        status = end.code
    shown, errors = capsys.readouterr()
    assert status in (0, 2), words
    assert "Traceback" not in errors
    return f"{shown}{errors}"


@pytest.mark.parametrize("what", slow(ANSWERS, but=[*ANSWERS][:3]))
def test_the_command_line_says_nothing_that_a_terminal_obeys(what: str, capsys: Any) -> None:
    for name in TELLING:
        assert is_inert(said(main, ANSWERS[what](name), capsys)), (what, name)


OPTIONS = {
    "a checkpoint to resume": lambda name: ["digits", "--resume", "--checkpoint", f"nowhere/{name}"],
    "data": lambda name: ["mnist", "--data", f"nowhere/{name}"],
    "a directory": lambda name: ["digits", "--out", f"file/{name}"],
    "an activation": lambda name: ["digits", "--activation", f"x{name}"],
    "an initialisation": lambda name: ["digits", "--init", f"x{name}"],
    "a number": lambda name: ["digits", "--eta", f"x{name}"],
    "an unknown option": lambda name: ["digits", f"--x{name}"],
    "a task": lambda name: [f"x{name}"],
}


@pytest.mark.parametrize("what", slow(OPTIONS, but=[*OPTIONS][:2]))
def test_training_says_nothing_that_a_terminal_obeys(what: str, capsys: Any, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(nn_cli, "digits", lambda seed: (([[0.0]], [0]), ([[0.0]], [0])))
    (tmp_path / "file").write_text("")
    for name in TELLING:
        text = said(nn_cli.main, ["train", *OPTIONS[what](name)], capsys)
        assert is_inert(text), (what, name)
        assert len(text) < 4_000
        if "usage" not in text:
            assert [line[:6] for line in text.splitlines() if not line.startswith("MLP")] == ["error:"], (what, name)


@pytest.mark.slow
def test_what_a_checkpoint_says_is_shown_inert(capsys: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(nn_cli, "digits", lambda seed: (([[0.0], [1.0]], [0, 1]), ([[0.0]], [0])))
    options = ["train", "digits", "--hidden", "1", "--epochs", "1", "--batch-size", "1", "--checkpoint", "run.json"]
    said(nn_cli.main, options, capsys)
    sound = json.loads(Path("run.json").read_text())
    changes = [
        lambda d, name: d["training"]["settings"].update(loss=name),
        lambda d, name: d["training"]["settings"].update(samples=[name]),
        lambda d, name: d["parameters"].__setitem__(0, [f"{name}x", 0.5]),
        lambda d, name: d["parameters"].__setitem__(0, [name, name]),
        lambda d, name: d["network"].update(activations=[[name]]),
        lambda d, name: d["network"].update(activations=name),
        lambda d, name: d.update({"format": name}),
        lambda d, name: d.update({"version": name}),
        lambda d, name: d.update({name: name}),
        lambda d, name: d["training"].update(records=[{name: 1.0}]),
        lambda d, name: d["training"].update(random=[3, [name], None]),
        lambda d, name: d["training"].update(epoch=name),
        lambda d, name: d["training"].update(sums=[name]),
        lambda d, name: d["training"]["optimizer"].update(steps=name),
    ]
    for k, name in enumerate(NAMES):
        for change in (changes[k % len(changes)], changes[(k + 5) % len(changes)]):
            document = json.loads(json.dumps(sound))
            change(document, name)
            Path("run.json").write_text(json.dumps(document))
            text = said(nn_cli.main, [*options, "--resume"], capsys)
            assert is_inert(text), name
            assert "\nerror: run.json" in text, name
            assert len(text.splitlines()) == 2, name
            assert len(text) < 2_200


# Pictures and pages


def sums_of(names: list[str]) -> Value:
    """A graph of named leaves, and named steps between them."""
    total: Any = 0.0
    for name in names:
        total = total + Value(1.0, name=name) * 2.0
        total.name = name
    return total


OF_TEXT = {"textlength", "lengthadjust", "xml:space", "textLength", "lengthAdjust"} | {
    "{http://www.w3.org/XML/1998/namespace}space"
}
"""Attributes that a text has or not, by its length and its blanks."""


def shapes(svg: bytes | str) -> list[tuple[str, list[str]]]:
    """Every element with its attributes' names, in order."""
    return [(element.tag, sorted(element.attrib.keys() - OF_TEXT)) for element in ElementTree.fromstring(svg).iter()]


SHOWN = [name for name in NAMES if name.strip(" ")]
"""A name that nobody could see is none."""

GROUPS = [SHOWN[i : i + 25] for i in range(0, len(SHOWN), 25)]
"""As many as are laid out in no time."""


def plain_names(names: list[str]) -> list[str]:
    """Harmless ones that make the same clusters."""
    number: dict[str, int] = {}
    parts = [[harmless(number.setdefault(part, len(number))) if part else "" for part in n.split("/")] for n in names]
    return ["/".join(part) for part in parts]


@pytest.mark.parametrize("k", slow(range(len(GROUPS)), but=[0, 7]))
@pytest.mark.filterwarnings("ignore:no font of this machine")
def test_pictures_have_the_elements_that_they_have_with_harmless_names(k: int) -> None:
    names = GROUPS[k]
    picture = draw(sums_of(names)).picture("svg")
    plain = draw(sums_of(plain_names(names))).picture("svg")
    assert sorted(shapes(picture)) == sorted(shapes(plain))
    assert is_inert(picture.decode())
    assert not [e for e in ElementTree.fromstring(picture).iter() if "script" in e.tag.lower()]
    content = zlib.decompress(svg_to_pdf(picture).split(b"stream\n", 1)[1].split(b"\nendstream")[0]).decode("latin-1")
    drawing = re.sub(r"\((?:\\.|[^\\()])*\)", " ", content, flags=re.DOTALL)  # without what texts say
    words = r"\[?[-\d.e+]*\]?|/[\w-]+|'|B|BT|CS|Do|ET|G|J|M|Q|RG|S|Td|Tf|TJ|Tj|Tm|Ts|W|b|c|cm|cs|d|f|g|gs|h|j|l|m|n|q|re|rg|s|w"
    assert [word for word in drawing.split() if not re.fullmatch(words, word)] == []


class Tags(HTMLParser):
    """The elements of a page as browsers find them, with their attributes' names, and comments."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, *[name for name, _ in attrs if name not in OF_TEXT]))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}",))

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment",))

    def handle_decl(self, decl: str) -> None:
        self.found.append(("declaration",))

    def handle_pi(self, data: str) -> None:
        self.found.append(("instruction",))

    def unknown_decl(self, data: str) -> None:
        self.found.append(("unknown",))


def tags_of(page: str) -> list[tuple[str, ...]]:
    """See `Tags`; sorted, for boxes stand in another order where names are of another width."""
    parser = Tags()
    parser.feed(page)
    parser.close()
    return sorted(parser.found)


@pytest.mark.parametrize("k", slow(range(len(GROUPS)), but=[0, 7]))
def test_pages_have_the_elements_that_they_have_with_harmless_names(k: int) -> None:
    names, plain = GROUPS[k], plain_names(GROUPS[k])
    stepper, expected = ag.step(sums_of(names)), ag.step(sums_of(plain))
    assert tags_of(stepper.html) == tags_of(expected.html)
    assert tags_of(stepper._repr_html_()) == tags_of(expected._repr_html_())
    assert is_inert(re.sub(r"[\u2068\u2069]", "", stepper.html))  # isolates, in pairs, around what is written leftwards
    (data,) = re.findall(r'<script id="data" type="application/json">(.*?)</script>', stepper.html, re.DOTALL)
    assert len(set(json.loads(data)["names"])) == len(json.loads(data)["names"])
    table, other = [ag.backprop(z, z.inputs[:1]) for z in (sums_of(names), sums_of(plain))]
    assert tags_of(table._repr_html_()) == tags_of(other._repr_html_())


def unfolding(names: list[str]) -> str:
    """The page of a graph with clusters of these names."""
    total: Any = 0.0
    for name in names:
        total = total + Value(1.0, name=f"{name}/w") * Value(2.0, name=f"{name}/v")
    draw(total, unfold=[]).save("page.html")
    return Path("page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("k", slow(range(0, len(GROUPS), 3), but=[6]))
def test_unfolding_pages_hold_data_and_two_scripts(k: int) -> None:
    names = [name for name in GROUPS[k] if "/" not in name][:4]
    plain, page = unfolding(plain_names(names)), unfolding(names)
    assert tags_of(page) == tags_of(plain)
    assert is_inert(page)
    for state in states_of(Path("page.html")):
        assert not [e for e in ElementTree.fromstring(state["svg"]).iter() if "script" in e.tag.lower()]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")  # emoji, and letters of other scripts
def test_sketches_of_networks_are_inert() -> None:
    def svg_of(names: list[str]) -> str:
        MLP(12, [1], seed=1).sketch("net.svg", inputs=names)
        return Path("net.svg").read_text(encoding="utf-8")

    def tags(svg: str) -> set[str]:
        return {element.tag for element in ElementTree.fromstring(svg).iter()}

    plain = tags(svg_of([harmless(k) for k in range(12)]))
    for k in range(0, len(NAMES) - 12, 12):
        svg = svg_of(NAMES[k : k + 12])
        assert is_inert(svg), NAMES[k : k + 12]
        assert tags(svg) == plain, NAMES[k : k + 12]


# LaTeX

COMMAND = re.compile(r"\\([a-zA-Z]+|.)", re.DOTALL)
STRUCTURE = (
    "begin end quad text textit mathit mathrm operatorname frac partial cdot left right prime textbackslash sin cos"
)
ALLOWED = {
    *STRUCTURE.split(),
    *(re.match("[a-zA-Z]+", command)[0] for command in [*COMMANDS.values(), *(mark[1:] for mark in ACCENTS.values())]),
    *"\\,;&%$#_{} ",
}  # fmt: skip


@pytest.mark.slow
def test_latex_has_balanced_braces_known_commands_and_nothing_active() -> None:
    for name in SHOWN:
        text = ag.derive(*squared(name)).latex
        assert is_inert(text), name
        commands = COMMAND.findall(text)
        assert set(commands) <= ALLOWED, (name, set(commands) - ALLOWED)
        assert text.count(r"\begin{align*}") == text.count(r"\end{align*}") >= 1, name  # long ones are pages apart
        rest = COMMAND.sub("", text)
        assert rest.count("{") == rest.count("}"), name
        assert not set(rest) & set("%#~"), name
        assert rest.count("$") % 2 == 0, name
        in_text = "".join(re.findall(r"\\text\{``(.*?)''\}", text))
        assert not set(re.sub(r"\$[^$]*\$", "", COMMAND.sub("", in_text))) & set("&^_"), name


def squared(name: str) -> tuple[Value, Value]:
    """z and x, of that name."""
    x = Value(2.0, name=name)
    z = x * ag.sin(x)
    return z, x


def test_latex_compiles(tmp_path: Path, pdflatex: str) -> None:
    names = [name for name in SHOWN if name.isascii() and len(name) < 300]
    parts = [ag.derive(*squared(name)).latex for name in names]
    lines = [r"\documentclass{article}", r"\usepackage{amsmath}", r"\begin{document}", *parts, r"\end{document}", ""]
    (tmp_path / "all.tex").write_text("\n".join(lines), encoding="utf-8")
    command = [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-2_000:]


def test_equations_are_inert() -> None:
    for name in SHOWN:
        W = [[Value(0.1, name=f"{name}[{i}][{j}]") for j in range(2)] for i in range(3)]  # noqa: N806  # the lectures' letter
        layer = ag.jit(lambda x, W=W: [ag.sigmoid(ag.dot(row, x)) for row in W])  # noqa: N803  # the lectures' letter
        equations = layer.program([1.0, 2.0]).equations()
        assert is_inert(str(equations) + equations.latex), name
        rest = COMMAND.sub("", equations.latex)
        assert rest.count("{") == rest.count("}"), name


# Files


class Own(Module):
    """A network whose parameters have these names."""

    def __init__(self, names: list[str], start: float = 0.0) -> None:
        self.ps = [Parameter(start + 0.1 * k, name) for k, name in enumerate(names)]

    def parameters(self) -> list[Parameter]:
        return self.ps

    def __call__(self, x: Any) -> Any:
        return ag.dot(self.ps, [x[0]] * len(self.ps))


def test_networks_with_such_names_are_saved_loaded_trained_and_resumed() -> None:
    net, again = Own(NAMES), Own(NAMES, 1.0)
    save(net, "net.json")
    assert is_inert(Path("net.json").read_text(encoding="utf-8"))
    load("net.json", again)
    assert [p.data for p in again.parameters()] == [p.data for p in net.parameters()]
    settings = {"loss": half_mse, "batch_size": 1, "seed": 0, "optimizer": SGD(0.1)}
    samples = [1e-4, 2e-4], [1.0, 2.0]
    fit(net, *samples, **settings, epochs=4)
    fit(again := Own(NAMES), *samples, **settings, epochs=2, checkpoint="run.json")
    fit(again, *samples, **settings, epochs=4, checkpoint="run.json", resume=True)
    assert [p.data for p in again.parameters()] == [p.data for p in net.parameters()]


def test_a_multilayer_perceptron_whose_parameters_are_renamed_comes_back_into_one_that_is() -> None:
    for name in NAMES[::5]:
        net, again = MLP(2, [1], seed=1), MLP(2, [1], seed=2)
        for of in (net, again):
            of.parameters()[0].name = name
        save(net, "net.json")
        load("net.json", again)
        assert [p.data for p in again.parameters()] == [p.data for p in net.parameters()], name
        assert "network of your own" in error_of(lambda: load("net.json"))


def test_files_of_such_names_are_written_and_read_or_refused_by_name(tmp_path: Path) -> None:
    """Inside of a directory, whose other files nobody touches."""
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    written = []
    for k, name in enumerate(NAMES):
        path = folder / f"{name or 'empty'}.json".replace("/", "∕")
        net = MLP(1, [1], seed=k)
        if not is_writable(path):
            assert is_inert(error_of(lambda path=path, net=net: save(net, path))), name
            continue
        save(net, path)
        written.append(path.name)
        assert [p.data for p in load(path).parameters()] == [p.data for p in net.parameters()], name
        picture = path.with_name(path.name.removesuffix(".json") + ".dot")
        written.append(draw(Value(1.0) * 2).save(picture).name)
    assert sorted(map(repr, os.listdir(folder))) == sorted(map(repr, written))
    assert os.listdir(tmp_path) == ["a"]
    assert len(written) > 400


def is_writable(path: Path) -> bool:
    """Whether the system takes a file of that name."""
    try:
        path.touch()
    except (OSError, ValueError):
        return False
    return True
