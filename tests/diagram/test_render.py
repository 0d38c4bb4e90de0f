"""Pictures: every format with and without a system's `dot`, files whole or not at all, and clear refusals."""

from __future__ import annotations

import base64
import io
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image

import autograd_core as ag
from autograd_core import Value, draw
from autograd_core.diagram import Style, Theme, render
from autograd_core.errors import DiagramError, DiagramFileError, MissingPackageError


@pytest.fixture
def without_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine that has no Graphviz."""
    which = shutil.which
    monkeypatch.setattr(
        render.shutil, "which", lambda name, path=None: None if name == "dot" else which(name, path=path)
    )


def expression() -> Value:
    x, y = Value(2.0, name="x"), Value(3.0, name="y")
    z = x * y + ag.sin(x)
    z.backward()
    return z


@pytest.mark.usefixtures("without_dot")
@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "dot", "gv", "SVG"])
def test_every_format_without_a_systems_dot(suffix: str, tmp_path: Path) -> None:
    path = draw(expression()).save(tmp_path / f"z.{suffix}")
    content = path.read_bytes()
    if suffix.lower() == "svg":
        texts = {t.text for t in ElementTree.fromstring(content).iter("{http://www.w3.org/2000/svg}text")}
        assert {"x", "y", "sin", "×", "+", "data 6.909", "grad 2.584"} <= texts
    elif suffix == "png":
        image = Image.open(io.BytesIO(content)).convert("RGB")
        points = ElementTree.fromstring(draw(expression()).picture("svg")).get("width")
        assert image.width == pytest.approx(
            2 * float(points.removesuffix("pt")), abs=4
        )  # for screens of two dots a point
        colours = {colour for _, colour in image.getcolors(100_000)}
        assert {(255, 255, 255), (0, 0, 0), (0xD9, 0xEE, 0xF9)} <= colours  # paper, ink, leaves
    elif suffix == "pdf":
        assert content.startswith(b"%PDF-")
        assert b"%%EOF" in content[-20:]
    else:
        assert content.decode() == draw(expression()).source
    assert [p.name for p in tmp_path.iterdir()] == [f"z.{suffix}"]


def test_a_systems_dot_is_used_when_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "dot"
    fake.write_text('#!/bin/sh\necho drawn by "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert draw(expression()).picture("pdf") == b"drawn by -Tpdf\n"


@pytest.mark.parametrize("format", ["", None, 5, "gif", "SVG"])
def test_an_unknown_format_is_refused_by_naming_the_known_ones(format: Any) -> None:
    with pytest.raises(DiagramError, match=f"one of 'svg', 'png', 'pdf'; got {format!r}"):
        draw(expression()).picture(format)


def test_a_layout_that_fails_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "dot"
    fake.write_text("#!/bin/sh\necho out of memory >&2\nexit 3\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(DiagramError, match="dot could not lay out the graph as svg: out of memory"):
        draw(expression()).picture("svg")
    assert draw(expression())._repr_svg_() is None


def test_a_layout_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "dot"
    fake.write_text("#!/bin/sh\nexec sleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(render, "PATIENCE", 0.1)
    with pytest.raises(DiagramError, match=r"could not be laid out within 0 s.*inner node"):
        draw(expression()).picture("svg")


def test_no_layout_goes_on_for_ever_after_python_was_killed(tmp_path: Path) -> None:
    busy, started = tmp_path / "dot", tmp_path / "started"
    read = "cat > /dev/null"  # to its end, as `dot` reads its text; without one it ends by itself
    busy.write_text(f"#!/bin/sh\n{read}\necho $$ > {started}.new && mv {started}.new {started}\nwhile :; do :; done\n")
    busy.chmod(0o755)
    code = f"from autograd_core.diagram import render; render.PATIENCE = 1.0; render._layout({str(busy)!r}, '', 'svg')"
    python = subprocess.Popen([sys.executable, "-c", code])
    assert _comes_true(started.exists)
    python.kill()
    python.wait()
    pid = int(started.read_text())
    assert _comes_true(lambda: not Path(f"/proc/{pid}").exists() or "Z" in _state_of(pid))


def _state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def _comes_true(condition: Callable[[], bool]) -> bool:
    for _ in range(600):
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_without_any_renderer_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(render.shutil, "which", lambda name, path=None: None)
    with pytest.raises(MissingPackageError, match="pip install graphviz-pure"):
        draw(expression()).save(tmp_path / "z.svg")
    assert draw(expression())._repr_svg_() is None
    assert draw(expression()).save(tmp_path / "z.dot").exists()


def test_in_a_browser_where_no_program_runs_the_error_says_what_goes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(render.shutil, "which", lambda name, path=None: None)
    monkeypatch.setattr(render.sys, "platform", "emscripten")
    for save in (draw(expression()).save, draw(expression(), unfold=[]).save):
        with pytest.raises(
            MissingPackageError, match=r"in a browser cannot run `dot`.*save as \.dot, or print ag\.tree"
        ):
            save(tmp_path / "z.html")
    assert draw(expression())._repr_svg_() is None
    assert draw(expression()).save(tmp_path / "z.dot").exists()
    assert "sin" in str(ag.tree(expression()))


@pytest.mark.parametrize("name", ["z.jpg", "z", "z.svg.txt", ".svg"])
def test_an_unknown_suffix_is_refused_by_naming_the_known_ones(name: str, tmp_path: Path) -> None:
    with pytest.raises(DiagramError, match=r"\.svg, \.png, \.pdf, \.dot, \.gv"):
        draw(expression()).save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_to_is_an_os_error_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "z.svg", tmp_path / "missing" / "z.svg", tmp_path / "zero\0byte.svg"):
        with pytest.raises(DiagramFileError, match="cannot write") as caught:
            draw(expression()).save(path)
        assert isinstance(caught.value, OSError)


class Place:
    """Whose path is bytes, or nothing."""

    def __init__(self, path: object) -> None:
        self.path = path

    def __fspath__(self) -> object:
        return self.path


@pytest.mark.parametrize("given", [None, 1, b"z.svg", "", ["z.svg"], Place(b"z.svg"), Place(5), Place("")])
def test_what_is_no_name_of_a_file_is_refused(given: object) -> None:
    for shown in (draw(expression()), ag.step(expression())):
        with pytest.raises(DiagramError, match=r"a file needs a name such as 'graph.svg', got"):
            shown.save(given)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "real.dot", tmp_path / "link.dot"
    target.write_text("old")
    link.symlink_to(target)
    assert draw(expression()).save(link) == link
    assert link.is_symlink()
    assert target.read_text().startswith("digraph")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names, which Windows does not have")
def test_what_is_no_ordinary_file_is_not_replaced(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe.svg", tmp_path / "link.svg"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for path in (pipe, link):
        with pytest.raises(DiagramFileError, match=r"cannot write '.*': what is there is no ordinary file"):
            draw(expression()).save(path)
    assert pipe.is_fifo()
    assert sorted(tmp_path.iterdir()) == [link, pipe]


def test_who_may_read_a_file_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = draw(expression()).save(tmp_path / "z.svg")
    for mode in (0o600, 0o664):
        path.chmod(mode)
        assert draw(expression()).save(path).stat().st_mode & 0o777 == mode
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and may(path, mode))  # root always may
    before = path.read_bytes()
    with pytest.raises(DiagramFileError, match="Permission denied"):
        draw(expression()).save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_draft_follows_no_link_and_writes_over_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda count: "0")
    (tmp_path / "precious").write_text("kept")
    draft = tmp_path / ".0.part"
    for put in (
        lambda: draft.symlink_to(tmp_path / "precious"),
        lambda: draft.symlink_to(tmp_path / "nowhere"),
        lambda: draft.write_text("somebody else's"),
        draft.mkdir,
    ):
        put()
        with pytest.raises(DiagramFileError, match="File exists"):
            draw(expression()).save(tmp_path / "z.svg")
        assert sorted(path.name for path in tmp_path.iterdir()) == [".0.part", "precious"]
        assert (tmp_path / "precious").read_text() == "kept"
        draft.rmdir() if draft.is_dir() else draft.unlink()


@pytest.mark.slow
def test_a_large_png_has_fewer_dots_and_a_huge_one_is_refused(tmp_path: Path) -> None:
    def power(n: int) -> Value:
        z = x = Value(1.1, name="x")
        for _ in range(n - 1):
            z = z * x
        return z

    points = float(re.search(rb'width="([\d.]+)pt"', draw(power(120)).picture("svg"))[1])
    with Image.open(draw(power(120)).save(tmp_path / "z.png")) as image:
        assert image.width < 1.5 * points  # of 72 to an inch; small ones have 144 dots
    with pytest.raises(
        DiagramError, match=r"would have [\d,]+ times [\d,]+ pixels\. Save the picture as \.svg or \.pdf"
    ):
        draw(power(300)).save(tmp_path / "huge.png")
    assert draw(power(300)).save(tmp_path / "huge.svg").exists()


def test_warnings_are_not_why_a_layout_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "dot"
    fake.write_text("#!/bin/sh\necho Warning: no such font >&2\necho no memory >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(DiagramError, match=r"as svg: no memory$"):
        draw(expression()).picture("svg")


def test_a_failed_save_leaves_the_old_file_and_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "z.svg"
    path.write_text("old")
    monkeypatch.setattr(
        "autograd_core.diagram.files.os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "disk full"))
    )
    with pytest.raises(DiagramFileError, match="disk full"):
        draw(expression()).save(path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["z.svg"]


def test_a_graph_too_large_to_lay_out_is_refused_but_has_its_text(tmp_path: Path) -> None:
    z = x = Value(1.0)
    for _ in range(1_000):
        z = z + x
    diagram = draw(z)
    with pytest.raises(DiagramError, match=r"1,001 values, more than the 1,000.*inner node.*\.dot.*max_nodes"):
        diagram.save(tmp_path / "z.svg")
    assert diagram._repr_svg_() is None
    assert "too large to lay out" in repr(diagram)
    assert diagram.save(tmp_path / "z.dot").stat().st_size > 50_000


class Misprinted(Style):
    def box(self, node: Value) -> dict[str, str]:
        return {"colour": "red"}


def test_a_notebook_says_why_there_is_no_picture() -> None:
    """IPython's own formatter is asked, which knows of pictures and texts."""
    shown, _ = DisplayFormatter().format(draw(expression(), style=Misprinted))
    assert list(shown) == ["text/plain"]
    title, reason = shown["text/plain"].split("\n")
    assert title == "<Diagram of 5 values and 3 ops>"
    assert reason.startswith("Misprinted.box(")
    assert reason.endswith("did you mean 'color'?")
    picture, _ = DisplayFormatter().format(draw(expression()))
    assert picture["text/plain"] == title
    assert "<svg" in picture["image/svg+xml"]


@pytest.mark.parametrize(
    ("attribute", "says"),
    [("color", "rde is not a known color"), ("shape", "unknown shape rde"), ("style", "unsupported style rde")],
)
def test_what_graphviz_does_not_know_is_said(attribute: str, says: str) -> None:
    class Odd(Style):
        def box(self, node: Value) -> dict[str, str]:
            return {attribute: "rde"}

    with pytest.raises(DiagramError, match=says):
        draw(expression(), style=Odd).picture("svg")


def test_it_shows_itself_in_a_notebook() -> None:
    diagram = draw(expression())
    assert "<svg" in diagram._repr_svg_()
    assert repr(diagram) == "<Diagram of 5 values and 3 ops>"


@pytest.mark.parametrize("dpi", [72, 96.0, 300])
def test_a_png_has_as_many_dots_as_were_asked_for(dpi: float, tmp_path: Path) -> None:
    points = ElementTree.fromstring(draw(expression()).picture("svg")).get("width").removesuffix("pt")
    with Image.open(draw(expression()).save(tmp_path / "z.png", dpi=dpi)) as image:
        assert image.width == pytest.approx(float(points) * dpi / 72, abs=6)


@pytest.mark.parametrize(
    ("name", "dpi", "says"),
    [
        *[("z.png", dpi, r"dpi, the dots per inch of a \.png, must be a positive number, got") for dpi in (0, -1, "96", True, float("nan"), float("inf"))],
        *[(name, 96, f"a .{name[2:]} has none") for name in ("z.svg", "z.pdf", "z.dot", "z.html")],
        ("z.png", 1e5, r"a \.png of 100000 dpi would have [\d,]+ times [\d,]+ pixels"),
    ],
)  # fmt: skip
def test_dots_that_make_no_sense_are_refused(name: str, dpi: Any, says: str, tmp_path: Path) -> None:
    with pytest.raises(DiagramError, match=says):
        draw(expression()).save(tmp_path / name, dpi=dpi)
    assert not list(tmp_path.iterdir())


def test_a_notebook_is_handed_a_png_beside_the_svg_and_a_pdf_if_it_asks() -> None:
    x = Value(2.0, name="x")
    for shown in (draw(expression()), expression(), ag.explain(ag.backprop(x * x, [x]), x)):
        data, how = shown._repr_mimebundle_()
        assert {"image/svg+xml", "image/png"} <= set(data) <= {"image/svg+xml", "image/png", "text/plain"}
        with Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) as image:
            assert image.format == "PNG"
            assert image.width == pytest.approx(how["image/png"]["width"], abs=4)
        asked, _ = shown._repr_mimebundle_(include={"application/pdf", "image/png"})
        assert base64.b64decode(asked["application/pdf"]).startswith(b"%PDF-")


def test_a_large_picture_is_svg_alone() -> None:
    x = Value(1.0, name="x")
    z = x
    for _ in range(60):
        z = z * x
    data, how = draw(z)._repr_mimebundle_()
    assert set(data) == {"image/svg+xml", "text/plain"}
    assert how == {}
    data, _ = draw([Value(1.0) * 2.0 for _ in range(12)])._repr_mimebundle_()
    with Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) as image:
        assert max(image.size) <= 1_600


def test_a_theme_that_follows_its_page_has_a_dark_one() -> None:
    theme = Theme(paper="ivory", dark=Theme(paper="#102030", ink="white"))
    svg = draw(expression(), theme=theme).picture("svg").decode()
    assert "fill:light-dark(ivory,#102030)" in svg
    assert "light-dark" not in draw(expression(), theme="light").picture("svg").decode()
    for dark in ("dark", Theme(dark=Theme()), Theme(ink=3)):
        with pytest.raises(
            DiagramError, match=r"dark of a Theme must be a Theme that has no dark one|ink of a Theme must be"
        ):
            draw(expression(), theme=Theme(dark=dark))
