"""The picture of a large graph as a page: a click on a folded cluster opens it, one on its frame folds it again.

Every picture that a click leads to is laid out beforehand, so the page is one file that needs nothing else.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from gzip import compress
from pathlib import Path
from typing import NamedTuple

from ..clusters import OTHERS
from ..pages import assembled
from ..render import rendered
from ..svg import adapting, fitted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from ..clusters import Cluster
    from ..dot import DotText
    from ..themes import Theme

    Asked: TypeAlias = frozenset[Cluster]
    """The clusters that were asked to be open."""

__all__ = ["page", "within_reach"]

MOST_PICTURES = 60
"""Pictures in a page, the nearest in clicks: 0.8 MB of a [784, 30, 10] network (``python -m benchmarks pictures``)."""
MOST_BOXES = 200
"""Boxes of a picture but the first: 200 are laid out in 0.06 s (see `autograd_core.diagram.render`)."""
HERE = Path(__file__).parent


class Picture(NamedTuple):
    """A picture of the page: the clusters ``asked`` to be open, its DOT text, the ``clusters`` at its places.

    ``clicks`` are for each place the choices of what a click opens: the first of which there is a picture counts.
    """

    asked: Asked
    source: str
    clusters: dict[str, Cluster]
    clicks: dict[str, list[Asked]]


def page(first: Asked, text_of: Callable[[Asked], DotText], theme: Theme) -> str:
    """The page, which begins with the clusters of `first` open; `text_of` gives the picture for any others.

    With a theme that has a dark one it follows the reader's browser into the dark.
    """
    pictures, position = within_reach(first, text_of)
    with ThreadPoolExecutor() as pool:  # laying out is the work of other processes
        drawn = list(pool.map(lambda picture: rendered(picture.source, "svg").decode(), pictures))
    drawn = [fitted(svg[svg.index("<svg") :]) for svg in drawn]
    states = []
    for picture in pictures:
        targets = {place: next(filter(position.__contains__, wanted), None) for place, wanted in picture.clicks.items()}
        state = {
            "open": sorted(map(_name, picture.asked)),
            "clicks": {place: position[target] for place, target in targets.items() if target is not None},
            "names": {place: _name(cluster) for place, cluster in picture.clusters.items()},
        }
        states.append(state)
    nodes = text_of(first).position
    data = {
        "language": None,
        "values": {"values": f"{len(nodes):,}", "ops": f"{sum([bool(node.inputs) for node in nodes]):,}"},
        "states": states,
        "pictures": b64encode(compress(json.dumps(drawn[1:]).encode(), mtime=0)).decode(),
        "is_whole": len(pictures) < MOST_PICTURES,
    }
    fixed = f":root {{ --paper: {theme.paper}; --ink: {theme.ink}; }}"
    rules = fixed if theme.dark is None else "\n".join(adapting(theme, "svg"))
    return assembled(HERE, data, {"<!--SVG-->": drawn[0]}, rules)


def within_reach(first: Asked, text_of: Callable[[Asked], DotText]) -> tuple[list[Picture], dict[Asked, int]]:
    """The pictures that clicks lead to, the nearest first, and the position of the one with given clusters open."""
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
    """The choices of what a click at each place opens, the best one first."""
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
    """The choices of what folding a cluster opens: the one around it with all of its parts, or with the open ones."""
    rest = frozenset([other for other in asked if other[: len(cluster)] != cluster])
    return [rest | {cluster[:-1]}, rest]
