"""How the documentation is built: ``python -m sphinx -W -n docs build/docs``, after ``pip install -e '.[docs]'``.

Nothing is fetched, neither now nor when a page is looked at. Lessons, CONTRIBUTING and the compiler's page stand
elsewhere in the repository; Sphinx reads copies of them.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE / "extensions")]

import autograd_core

LESSONS = HERE / "learn"
COPIES = {
    ROOT / "CONTRIBUTING.md": HERE / "work" / "contributing.md",
    ROOT / "autograd_core" / "jit" / "README.md": HERE / "work" / "compiler.md",
}


def text_of_a_copy(original: Path, copy: Path) -> str:
    """A page with its links as they are from its copy. Files that are no pages are not on the site: no link."""

    def link(found: re.Match[str]) -> str:
        target = (original.parent / found[2]).resolve()
        target = COPIES.get(target, target)
        is_page = HERE in target.parents and target.suffix == ".md"
        return f"[{found[1]}]({os.path.relpath(target, copy.parent)}{found[3] or ''})" if is_page else found[1]

    return re.sub(r"\[([^\]\n]+)\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)", link, original.read_text(encoding="utf-8"))


def write_if_changed(path: Path, text: str) -> None:
    """Write what has changed, so that nothing else is built again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


for lesson in sorted((ROOT / "notebooks").glob("*.ipynb")):
    shutil.copy2(lesson, LESSONS)
for original, copy in COPIES.items():
    write_if_changed(copy, text_of_a_copy(original, copy))

project = "autograd_core"
version = release = autograd_core.__version__
html_title = f"autograd_core {version}"
extensions = ["myst_nb", "sphinx.ext.autodoc", "house", "mathml"]
exclude_patterns = ["numbers/*.md"]  # parts of numbers.md
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["house.css"]
html_copy_source = False
html_show_copyright = html_show_sphinx = False
pygments_dark_style = "github-dark"

myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # the tests run the lessons, and compare
html_math_renderer = "mathml"

add_module_names = False
autodoc_typehints = "none"  # the docstrings say it
autodoc_member_order = "bysource"
