"""The structure of the code, measured: rooms, floors, arrows that run back up, circles, the way of a call.

    python tests/layers.py

prints the table. A room is a file, or a folder seen from outside; an arrow leads from a room to one that it imports,
wherever in the file it does so, types too. A room stands on the floor above all that it imports; of rooms that import
each other in a circle the arrows against the order that leaves fewest of them run back up.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).parent.parent
PACKAGES = "autograd_core", "nn"

Arrows = Mapping[str, set[str]]
"""What each room imports."""


def files() -> dict[str, Path]:
    """Every module by its dotted name; a package is its ``__init__``."""
    found = {}
    for path in sorted(p for package in PACKAGES for p in (ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports() -> dict[str, set[str]]:
    """Which modules each module imports; a package is imported only by who takes something from its ``__init__``."""
    modules = files()
    return {name: set(_imported(name, path, modules)) - {name} for name, path in modules.items()}


def _imported(name: str, path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, *(node.module or "").split(".")]).strip(".")
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                if inner in modules:
                    yield inner
                elif source in modules:
                    yield source


def rooms_of(folder: str, arrows: Arrows) -> dict[str, set[str]]:
    """The arrows between the files and folders that lie in `folder`, "" for the whole house."""
    prefix = f"{folder}." if folder else ""

    def room(module: str) -> str | None:
        return module.removeprefix(prefix).split(".")[0] if module.startswith(prefix) else None

    found: dict[str, set[str]] = {}
    for module, others in arrows.items():
        own = room(module)
        if own is not None:
            found.setdefault(own, set()).update(x for other in others if (x := room(other)) not in (None, own))
    return found


def circles(arrows: Arrows) -> list[list[str]]:
    """Sets of more than one room in which each reaches each other, largest first (Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(room: str) -> None:
        index[room] = low[room] = len(index)
        stack.append(room)
        for other in sorted(arrows[room]):
            if other not in index:
                visit(other)
            if other in stack:
                low[room] = min(low[room], low[other])
        if low[room] == index[room]:
            at = stack.index(room)
            members = stack[at:]
            del stack[at:]
            if len(members) > 1:
                found.append(sorted(members))

    for room in sorted(arrows):
        if room not in index:
            visit(room)
    return sorted(found, key=len, reverse=True)


def back_up(arrows: Arrows) -> list[tuple[str, str]]:
    """Arrows against an order of the rooms that leaves few of them: in every circle the room goes next that has the
    most arrows to it less those from it (Eades, Lin and Smyth 1993)."""
    found = []
    for circle in circles(arrows):
        left, order = set(circle), []
        while left:

            def surplus(room: str, left: set[str] = left) -> tuple[int, str]:
                return len(arrows[room] & left) - sum(room in arrows[other] for other in left), room

            room = max(left, key=surplus)
            left.remove(room)
            order.append(room)
        place = {room: k for k, room in enumerate(order)}
        found += [(a, b) for a in circle for b in sorted(arrows[a] & place.keys()) if place[b] < place[a]]
    return found


def floors(arrows: Arrows) -> dict[str, int]:
    """The floor of each room, from 1, without the arrows that run back up."""
    dropped = set(back_up(arrows))
    found: dict[str, int] = {}

    def floor(room: str) -> int:
        if room not in found:
            found[room] = 1 + max((floor(other) for other in arrows[room] if (room, other) not in dropped), default=0)
        return found[room]

    for room in arrows:
        floor(room)
    return found


def measured(folder: str, arrows: Arrows) -> str:
    """One line of the table."""
    inside = rooms_of(folder, arrows)
    count = sum(map(len, inside.values()))
    return f"{folder:32}{len(inside):7}{max(floors(inside).values()):8}{count:8}{len(back_up(inside)):9}"


def lines(folders: Iterable[str]) -> int:
    """Lines of Python in these folders."""
    paths = {path for folder in folders for path in (ROOT / folder).rglob("*.py")}
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def classes(package: str) -> Counter[str]:
    """How many classes have each name."""
    texts = [path.read_text(encoding="utf-8") for name, path in files().items() if name.partition(".")[0] == package]
    return Counter(
        [node.name for text in texts for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)]
    )


def imported_by_tests(package: str) -> set[str]:
    """The modules of a package that tests import."""
    modules = files()
    found = {
        module for path in (ROOT / "tests").rglob("*.py") for module in _imported(f"tests.{path.stem}", path, modules)
    }
    return {name for name in found if f"{name}.".startswith(f"{package}.")}


def passed_by_a_call(call: Callable[[], object]) -> tuple[int, int]:
    """The files of the packages that a call passes through, and how often it goes from one to another."""
    way: list[str] = []

    def note(frame: FrameType | None, event: str, _: object) -> None:
        if event == "return" and frame is not None:
            frame = frame.f_back
        name = frame.f_code.co_filename if frame is not None and event in ("call", "return") else ""
        if name.startswith(tuple(str(ROOT / package) for package in PACKAGES)) and name != (way or [""])[-1]:
            way.append(name)

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return len(set(way)), len(way) - 1


def main() -> None:
    """Print everything."""
    import autograd_core as ag

    arrows = imports()
    folders = sorted({name.rsplit(".", 1)[0] for name in arrows if "." in name})
    print(f"{'folder':32}{'rooms':>7}{'floors':>8}{'arrows':>8}{'back up':>9}")
    for folder in folders:
        print(measured(folder, arrows))
    found = circles(arrows)
    print(f"circles of files: {len(found)}, of {', '.join(str(len(circle)) for circle in found)} files")
    jit = [name for name in files() if name.startswith("autograd_core.jit.")]
    print(f"modules of jit that a test imports: {len(imported_by_tests('autograd_core.jit'))} of {len(jit)}")
    print(f"names of two classes of a package: {[n for p in PACKAGES for n, count in classes(p).items() if count > 1]}")
    f, point = ag.jit(ag.vmap(lambda x: ag.sin(x) * x), backend="python"), [1.0]
    for what in ("first", "second"):
        passed, moves = passed_by_a_call(lambda: f(point))
        print(f"files that the {what} call of one mapped number passes: {passed}; moves between them: {moves}")
    folders = ["autograd_core/jit", "autograd_core/formulas", "nn"]
    print("lines:", ", ".join([f"{folder} {lines([folder]):,}" for folder in folders]), f"all {lines(PACKAGES):,}")


if __name__ == "__main__":
    main()
