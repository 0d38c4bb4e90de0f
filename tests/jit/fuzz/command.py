"""The command: many programs, in slices and on several processes, counted by kind."""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from jit.support import checked_passes

from .comparing import Comparison, compare
from .kinds import KINDS

__all__ = ["main", "run"]


def run(
    count: int,
    seed: int,
    report: Callable[[str], None] = print,
    *,
    kind: str | None = None,
    piece: tuple[int, int] = (1, 1),
    processes: int = 1,
    shows_refused: bool = False,
) -> int:
    """Compare that many programs, or the i-th of n slices of them; how many differ or raise."""
    i, n = piece
    seeds = range(seed + count * (i - 1) // n, seed + count * i // n)
    started = time.perf_counter()
    generated, differing, refused = Counter[str](), Counter[str](), Counter[str]()
    known = 0
    with _mapping(processes) as mapped:
        for k, found in zip(seeds, mapped([(k, kind) for k in seeds]), strict=True):
            name = found.script.kind.name
            generated[name] += 1
            refused[name] += bool(found.refused)
            known += found.known
            if found.differences:
                differing[name] += 1
            if found.differences or (shows_refused and found.refused):
                told = [*found.differences, *found.refused][:6]
                report("\n".join([f"--- seed {k}: {name}", found.script.source, *told]))
    bad = sum(differing.values())
    report(f"{'kind':24}{'programs':>10}{'refused':>10}{'differ':>10}")
    for name in [k.name for k in KINDS if generated[k.name]]:
        report(f"{name:24}{generated[name]:10}{refused[name]:10}{differing[name]:10}")
    rate = len(seeds) / (time.perf_counter() - started)
    report(f"{known} numbers known to the oracle, {rate:.1f} programs a second")
    report(f"{len(seeds)} programs from seed {seeds.start}: {bad} differ")
    return bad


@contextmanager
def _mapping(processes: int) -> Iterator[Callable[[list[tuple[int, str | None]]], Iterable[Comparison]]]:
    """`map` of `compare`, in order, here or in other processes."""
    if processes == 1:
        yield lambda jobs: map(_compare, jobs)
        return
    with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=50) as pool:
        yield lambda jobs: pool.imap(_compare, jobs, chunksize=20)


def _compare(job: tuple[int, str | None]) -> Comparison:
    with checked_passes():
        return compare(*job)


def _slice(text: str) -> tuple[int, int]:
    i, n = map(int, text.split("/"))
    if not 1 <= i <= n:
        raise argparse.ArgumentTypeError(f"a slice is i/n with i from 1 to n, got {text!r}")
    return i, n


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m jit.fuzz", description="random programs: eager and compiled agree")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--slice", type=_slice, default=(1, 1), metavar="i/n", help="the i-th of n equal parts only")
    parser.add_argument("--kind", choices=[k.name for k in KINDS], help="programs of one kind only")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--refused", action="store_true", help="show the programs that a backend refused, too")
    told = parser.parse_args()
    bad = run(
        told.count,
        told.seed,
        lambda text: print(text, flush=True),
        kind=told.kind,
        piece=told.slice,
        processes=told.processes,
        shows_refused=told.refused,
    )
    return 1 if bad else 0
