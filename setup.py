"""A wheel holds the lessons inside the package; in the repository they stand in ``notebooks``."""

from pathlib import Path
from shutil import copytree, ignore_patterns

from setuptools import setup
from setuptools.command.build_py import build_py


class WithLessons(build_py):
    """The packages, and the lessons in the first of them."""

    def run(self) -> None:
        """Copy them to where the wheel is put together; an editable installation finds them where they are."""
        super().run()
        if not self.editable_mode:
            to = Path(self.build_lib, "autograd_core", "notebooks")
            copytree("notebooks", to, ignore=ignore_patterns(".*"), dirs_exist_ok=True)


setup(cmdclass={"build_py": WithLessons})
