"""Programs as C text: what a function may be called, and what is refused by name."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest

import autograd_core as ag
from autograd_core import Op
from autograd_core.domain import REAL
from autograd_core.errors import ProgramError
from autograd_core.jit.backends.source import c

PROGRAM = ag.jit(lambda x: ag.exp(x * x), backend="python").program(2.0)
INCLUDED = "#include <math.h>\n#include <stdlib.h>\n"
OTHERS = "".join(
    [f"#include <{name}.h>\n" for name in ("complex", "ctype", "fenv", "stdio", "string", "time", "wctype")]
)
LEGAL = [
    "f",
    "run",
    "v0",
    "i",
    "all_v0",
    "sources",
    "lengths",
    "sinks",
    "holds",
    "double_",
    "Double",
    "lambda",
    "class",
]


TAKEN = ["double", "int", "exp", "expf", "main", "malloc", "NAN", "NULL", "size_t", "printf", "strlen", "_f", "_Bool"]


@pytest.mark.parametrize("name", ["", "1f", "a-b", "f()", "größe", "f\n", *TAKEN])
def test_a_name_that_c_has_already_or_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(ProgramError, match="a C function cannot be called"):
        c.text(PROGRAM, name)


def is_refused(name: str) -> bool:
    try:
        c.text(PROGRAM, name)
    except ProgramError:
        return True
    return False


def preprocessed(c_compiler: str, source: str, *options: str) -> str:
    command = [c_compiler, "-std=c11", "-E", *options, "-x", "c", "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout


def test_every_name_that_the_included_headers_declare_is_refused(c_compiler: str) -> None:
    macros = re.findall(r"#define (\w+)", preprocessed(c_compiler, INCLUDED, "-dM"))
    declared = re.findall(r"\b([A-Za-z]\w*) *\(", preprocessed(c_compiler, INCLUDED))
    assert {"NAN", "RAND_MAX", "isnan"} <= {*macros}
    assert {"exp", "malloc", "lgammaf"} <= {*declared}
    assert [name for name in {*macros, *declared} if not is_refused(name)] == []


def test_with_any_other_name_it_compiles_without_a_warning(c_compiler: str) -> None:
    """Those of headers that it does not include are among them, where a compiler does not know them unasked."""
    declared = re.findall(r"\b([a-z]\w*) *\(", preprocessed(c_compiler, OTHERS))
    names = [*LEGAL, *sorted({name for name in declared if not is_refused(name)} - {*LEGAL})]
    assert {"signbit", "printf"}.isdisjoint(names)
    assert len(names) > 50
    source = "\n".join([c.text(PROGRAM, name) for name in names])
    command = [c_compiler, *c.FLAGS, "-o", "/dev/null", "-x", "c", "-"]
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_no_program_is_refused() -> None:
    with pytest.raises(ProgramError, match=r"a program is needed, got <jit of .*give f.program\(\*args\)"):
        c.text(ag.jit(ag.sin), "f")  # type: ignore[arg-type]


def test_an_op_without_a_function_is_refused_with_the_op_that_is_made_of_it_or_why_it_is_called_back() -> None:
    def refusal(f: Any) -> str:
        with pytest.raises(ProgramError) as caught:
            ag.jit(f, backend="c")(2.0)
        return str(caught.value)

    made = Op("made", lambda x: ag.digamma(x) * x, lambda g, z, x: (g,), REAL)
    open_branch = Op("open_branch", lambda x: x if x > 0.0 else 0.0, lambda g, z, x: (g,), REAL)
    begins = "C has no function for the op 'digamma'"
    assert refusal(ag.digamma) == f"{begins}; write it in terms of other ops"
    assert refusal(made) == f"{begins}, which 'made' is made of; write it in terms of other ops"
    assert refusal(open_branch) == (
        "C has no function for the op 'open_branch' (it asks for the truth of a comparison; choose with "
        "where(condition, a, b)); write it in terms of other ops"
    )
