"""The picture of a large graph as a page: a click on a folded cluster opens it, one on its frame folds it again.

Every picture that a click leads to is laid out beforehand, so the page is one file that needs nothing else.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from ..clusters import OTHERS
from ..render import rendered
from ..template import as_json, filled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from ..clusters import Cluster
    from ..dot import DotText
    from ..themes import Theme

    Asked: TypeAlias = frozenset[Cluster]
    """What was asked to be open."""

__all__ = ["page", "within_reach"]

MOST_PICTURES = 60
"""In one page; the nearest to the first one, in clicks."""
MOST_BOXES = 200
"""Of one picture, but for the first one."""
HERE = Path(__file__).parent


class Picture(NamedTuple):
    """What was ``asked`` to be open in it, its DOT text, the ``clusters`` at its places, and what a click there opens.

    There may be no picture of that; then the next in the list is the second choice.
    """

    asked: Asked
    source: str
    clusters: dict[str, Cluster]
    clicks: dict[str, list[Asked]]


def page(first: Asked, text_of: Callable[[Asked], DotText], title: str, theme: Theme) -> str:
    """The page, with what is open in the `first` picture; `text_of` gives the picture for any other."""
    pictures, position = within_reach(first, text_of)
    with ThreadPoolExecutor() as pool:  # laying out is the work of other processes
        drawn = list(pool.map(lambda picture: rendered(picture.source, "svg").decode(), pictures))
    states = []
    for picture, svg in zip(pictures, drawn, strict=True):
        targets = {place: next(filter(position.__contains__, wanted), None) for place, wanted in picture.clicks.items()}
        state = {
            "open": sorted(map(_name, picture.asked)),
            "svg": svg[svg.index("<svg") :],
            "clicks": {place: position[target] for place, target in targets.items() if target is not None},
            "names": {place: _name(cluster) for place, cluster in picture.clusters.items()},
        }
        states.append(state)
    data = {"title": title, "states": states, "is_whole": len(pictures) < MOST_PICTURES}
    parts = {"/*PAPER*/": theme.paper, "/*INK*/": theme.ink, "/*DATA*/": as_json(data)}
    return filled((HERE / "page.html").read_text(encoding="utf-8"), parts)


def within_reach(first: Asked, text_of: Callable[[Asked], DotText]) -> tuple[list[Picture], dict[Asked, int]]:
    """The pictures that clicks lead to, the nearest first, and which of them shows what."""
    pictures: list[Picture] = []
    of_source: dict[str, int] = {}  # different wishes may come to the same picture
    position: dict[Asked, int] = {}
    seen = {first}
    todo = deque([first])
    while todo and len(pictures) < MOST_PICTURES:
        asked = todo.popleft()
        text = text_of(asked)
        if pictures and text.size > MOST_BOXES:
            continue
        source = str(text)
        position[asked] = of_source.setdefault(source, len(pictures))
        if position[asked] == len(pictures):
            clusters = {place: cluster for cluster, place in [*text.boxes.items(), *text.frames.items()]}
            picture = Picture(asked, source, clusters, _clicks(asked, text))
            pictures.append(picture)
            todo += [wanted for wanted, *_ in picture.clicks.values() if wanted not in seen]
            seen |= {wanted for wanted, *_ in picture.clicks.values()}
    return pictures, position


def _clicks(asked: Asked, text: DotText) -> dict[str, list[Asked]]:
    """What a click at a place is to open; if there is no picture of that, what is to be tried next."""
    wanted = {place: _opened(asked, cluster) for cluster, place in text.boxes.items()}
    wanted |= {place: _folded(asked, cluster) for cluster, place in text.frames.items()}
    return {place: [text.clusters.least(clusters) for clusters in choices] for place, choices in wanted.items()}


def _name(cluster: Cluster) -> str:
    return f"{'/'.join(cluster[:-1])}, others" if cluster[-1] == OTHERS else "/".join(cluster)


def _opened(asked: Asked, cluster: Cluster) -> list[Asked]:
    if cluster[-1] == OTHERS:
        cluster = cluster[:-1]
    around = {other for other in asked if other == cluster[: len(other)]}
    return [asked - around | {cluster}, frozenset([cluster])]


def _folded(asked: Asked, cluster: Cluster) -> list[Asked]:
    """What is left is the cluster around it, with all of its parts; or with those that are open."""
    rest = frozenset([other for other in asked if other[: len(cluster)] != cluster])
    return [rest | {cluster[:-1]}, rest]
