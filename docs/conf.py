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
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE / "extensions")]

import autograd_core
from autograd_core.lessons import notebooks

COPIES = {
    ROOT / "CONTRIBUTING.md": HERE / "work" / "contributing.md",
    ROOT / "autograd_core" / "jit" / "README.md": HERE / "work" / "compiler.md",
    **{
        lesson: HERE / "learn" / lesson.relative_to(ROOT / "notebooks")
        for lesson in (*notebooks("en"), *notebooks("de"))
    },
}
LINK = re.compile(r"\[([^\]\n]+)\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)")

for original, copy in COPIES.items():
    copy.parent.mkdir(exist_ok=True)
    shutil.copy2(original, copy)


def link_within_the_site(app: Any, name: str, source: list[str]) -> None:
    """Links between files of the repository as links between pages; a file that is no page here is only named."""
    page = Path(app.env.doc2path(name))
    stands_at = {copy: original for original, copy in COPIES.items()}.get(page, page)

    def link(found: re.Match[str]) -> str:
        target = (stands_at.parent / found[2]).resolve()
        if not target.exists():
            return found[0]  # the code of a snippet
        target = COPIES.get(target, target)
        to = os.path.relpath(target, page.parent)
        return f"[{found[1]}]({to}{found[3] or ''})" if HERE in target.parents else found[1]

    if page.suffix == ".md":
        source[0] = LINK.sub(link, source[0])


def setup(app: Any) -> None:
    """Sphinx's hook."""
    app.connect("source-read", link_within_the_site)


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
