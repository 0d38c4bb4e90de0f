"""Forks, other processes, signals and threads: whoever calls, and whoever is interrupted, gets the right numbers.

What is marked slow does it as often as it takes to believe it.
"""

from __future__ import annotations

import gc
import math
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from jit.runtime import workers
from marks import slow

import autograd_core as ag
from autograd_core.domain import REAL
from autograd_core.errors import DomainError
from autograd_core.jit.runtime.forking import Lock
from autograd_core.op import quiet
from autograd_core.tracing import state

METHODS = multiprocessing.get_all_start_methods()
SIGNALS = slow([60, 1000], only=[1000])
PATIENCE = 120.0  # seconds: a child that takes longer hangs

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks"),
]


def forked(act: Callable[[], object]) -> None:
    """`act` in a forked child; fails if it fails there, or hangs."""
    child = os.fork()
    if not child:
        status = 1
        try:
            act()
            status = 0
        finally:
            os._exit(status)
    end = time.monotonic() + PATIENCE
    while not (found := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise AssertionError("the child hangs")
        time.sleep(0.002)
    assert os.waitstatus_to_exitcode(found[1]) == 0


@contextmanager
def busy(*work: Callable[[int], object]) -> Iterator[None]:
    """Threads that do `work`, numbers counting up, as long as the block lasts."""
    is_over, failed = threading.Event(), []

    def repeat(act: Callable[[int], object], seed: int) -> None:
        try:
            while not is_over.is_set():
                act(seed)
                seed += 1
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=repeat, args=(act, 10_000 * k)) for k, act in enumerate(work)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert not failed


def test_a_forked_child_computes_after_its_parent_has_used_threads() -> None:
    workers.check_all(0)
    for k in range(3):
        forked(lambda k=k: workers.check_all(k))
    workers.check_all(1)


@pytest.mark.parametrize("forks", slow([8, 1000], only=[1000]))
def test_children_forked_while_other_threads_compile_and_call(forks: int) -> None:
    workers.check_all(0)
    with busy(workers.check_fresh, workers.check_one):
        for k in range(forks):
            forked(lambda k=k: workers.check_all(100_000 + k) if k % 10 == 0 else workers.check_fresh(200_000 + k))


def test_a_child_of_a_child_computes_too() -> None:
    workers.check_all(0)
    forked(lambda: (workers.check_batch(1), forked(lambda: workers.check_all(2))))


def test_a_fork_in_the_middle_of_a_trace_goes_on_on_both_sides() -> None:
    children = []

    def forward(x: float) -> float:
        children.append(os.fork())
        return 2.0 * x

    op = ag.Op("forks", forward, lambda g, z, x: (2.0 * g,), REAL)
    parent = os.getpid()
    f = ag.jit(lambda x: op(x) + 1.0)
    try:
        is_right = f(3.0) == 7.0
        workers.check_fresh(1)
    except BaseException:
        is_right = False
    if os.getpid() != parent:
        os._exit(0 if is_right else 1)
    assert is_right
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_what_another_thread_was_at_is_over_in_a_child() -> None:
    """A lock that it held is free, and the collector that it paused collects."""
    lock, is_held, may_go = Lock(), threading.Event(), threading.Event()
    f = ag.jit(lambda x: slow(x) + 1.0)

    def forward(x: float) -> float:
        is_held.set()
        may_go.wait(PATIENCE)
        return x

    slow = ag.Op("slow", forward, lambda g, z, x: (g,), REAL)

    def hold() -> None:
        with lock:
            f(1.0)

    thread = threading.Thread(target=hold)
    thread.start()
    is_held.wait(PATIENCE)
    assert not gc.isenabled()
    may_go_in_child = may_go

    def in_child() -> None:
        may_go_in_child.set()
        assert gc.isenabled()
        with lock:
            assert f(2.0) == 3.0

    forked(in_child)
    may_go.set()
    thread.join()
    assert gc.isenabled()


@pytest.mark.parametrize("method", slow(METHODS, but=METHODS[:1]))
def test_pools_of_processes(method: str) -> None:
    workers.check_all(0)
    f = ag.jit(ag.value_and_grad(math_like))
    assert f(0.5) == f(0.5)
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map_async(workers.check_one, range(10)).get(PATIENCE) == list(range(10))
        compiled = ag.jit(math_like)
        numbers = [0.1, 0.5, 2.0]
        found = pool.starmap_async(workers.call, [(compiled, x) for x in numbers]).get(PATIENCE)
    assert found == pytest.approx([math.sin(x) * x for x in numbers], rel=1e-13)


def math_like(x: Any) -> Any:
    return ag.sin(x) * x


@pytest.mark.slow
def test_a_pool_of_loky() -> None:
    from joblib.externals.loky import ProcessPoolExecutor

    workers.check_all(0)
    with ProcessPoolExecutor(2, timeout=10) as pool:
        assert list(pool.map(workers.check_one, range(10), timeout=PATIENCE)) == list(range(10))
        assert pool.submit(workers.call, ag.jit(math_like), 0.5).result(PATIENCE) == pytest.approx(math_like(0.5))


INTERRUPTED: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "one point": (lambda x, y: [x * y, ag.sin(x), y - x], (0.5, 2.0), (1.5, -3.0)),
    "an array": (lambda x: x * ag.exp(x[0]), (np.arange(6.0),), (np.arange(6.0) - 3.0,)),
    "a guard": (lambda x: x * 2.0 if x > 0.0 else x - 1.0, (0.5,), (-0.5,)),
    "along lanes": (lambda xs: ag.sum(ag.vmap(lambda x: x * ag.sin(x))(xs)), (np.arange(300.0),), (np.ones(300),)),
    "a batch": (ag.vmap(lambda x: ag.exp(-x) * x), (np.arange(40.0),), (np.ones(7),)),
    "matrices": (ag.vmap(workers.NET), (workers.ROWS[:50],), (workers.ROWS[50:80],)),
    "an op in Python": (lambda x: halved(x) * x + halved(x + 1.0), (0.5,), (4.0,)),
}
halved = ag.Op("halved", lambda x: x / 2.0, lambda g, z, x: (g / 2.0,), REAL)


def compiled_before(name: str) -> tuple[Any, tuple[Any, ...], tuple[Any, ...]]:
    """The function of that name, compiled for both of its arguments, and these."""
    f, args, others = INTERRUPTED[name]
    compiled = ag.jit(f)
    for given in (args, others, args, others):
        compiled(*given)
    return compiled, args, others


@pytest.mark.parametrize("name", INTERRUPTED)
@pytest.mark.parametrize("signals", SIGNALS)
def test_a_signal_handler_may_call_the_function_that_it_interrupts(name: str, signals: int) -> None:
    compiled, args, others = compiled_before(name)
    expected, expected_there = compiled(*args), compiled(*others)
    wrong, handled = [], [0]

    def handle(*_: object) -> None:
        handled[0] += 1
        if not np.array_equal(compiled(*others), expected_there):
            wrong.append("there")
        if handled[0] < signals:  # else it may come when nobody handles it any more, and end the process
            signal.setitimer(signal.ITIMER_REAL, 2e-5 * (1 + handled[0] % 20))

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 1e-4)
    try:
        while handled[0] < signals:
            if not np.array_equal(compiled(*args), expected):
                wrong.append("here")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert not wrong


class StopError(Exception):
    pass


@pytest.fixture(autouse=True)
def _checked_passes() -> None:
    """Passes run as they are: what a signal raises in one comes out as it is."""


@pytest.mark.parametrize("name", INTERRUPTED)
@pytest.mark.parametrize("signals", SIGNALS)
def test_a_call_that_a_signal_ends_leaves_nothing_behind(name: str, signals: int) -> None:
    compiled, args, others = compiled_before(name)
    expected = [compiled(*args), compiled(*others)]

    def stop(*_: object) -> None:
        raise StopError

    before = signal.signal(signal.SIGALRM, stop)
    try:
        for k in range(signals):
            try:
                signal.setitimer(signal.ITIMER_REAL, 2e-5 * (1 + k % 20))
                while True:
                    compiled(*args)
            except StopError:
                pass
            assert np.array_equal(compiled(*others), expected[1])
            assert np.array_equal(compiled(*args), expected[0])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("rounds", slow([3, 60], only=[60]))
def test_eight_threads_compile_and_call(rounds: int) -> None:
    def work(number: int) -> None:
        for k in range(rounds):
            for seed in range(5):
                workers.check_one(1000 * k + 5 * number + seed)
            workers.check_single(number + k)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("rounds", slow([9, 180], only=[180]))
def test_checks_of_blocks_are_not_lost_between_threads(threads: int, rounds: int) -> None:
    """Points that need the exact way stand anywhere among blocks that others compute at the same time."""
    net, points = workers.MLP(6, [8, 8, 1], "relu", seed=0), np.tile(workers.ROWS[:4500], (8, 1))
    gradient = ag.jit(ag.vmap(ag.value_and_grad(net)), threads=threads)
    alone = ag.jit(ag.vmap(ag.value_and_grad(net)), threads=1)
    gradient(points), alone(points)
    for k in range(rounds):
        special = points.copy()
        special[(4096 * k + k) % len(points), k % 6] = -np.inf
        for found, expected in zip(gradient(special), alone(special), strict=True):
            assert np.array_equal(found, expected, equal_nan=True)


@pytest.mark.parametrize("signals", SIGNALS)
def test_a_signal_that_ends_a_quiet_part_leaves_the_engine_as_it_was(signals: int) -> None:
    def stop(*_: object) -> None:
        raise StopError

    before = signal.signal(signal.SIGALRM, stop)
    try:
        for k in range(5 * signals):
            try:
                signal.setitimer(signal.ITIMER_REAL, 2e-5 * (1 + k % 20))
                while True:
                    with quiet():
                        pass
            except StopError:
                pass
            with pytest.raises(DomainError):
                ag.log(-1.0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # see the loop below
@pytest.mark.parametrize("signals", SIGNALS)
def test_a_signal_that_ends_a_recording_leaves_the_thread_as_it_was(signals: int) -> None:
    def stop(*_: object) -> None:
        raise StopError

    before = signal.signal(signal.SIGALRM, stop)
    stopped = 0
    try:
        for k in range(signals):
            try:
                signal.setitimer(signal.ITIMER_REAL, 1e-5 * (1 + k % 60))
                for i in range(20):  # Python itself loses what is raised in the callback of a weak reference
                    ag.jit(lambda x, i=i: ag.sin(x) * x if x > 0.0 else x * i).program(0.5)
            except StopError:
                stopped += 1
            assert state.tracer is None
            assert gc.isenabled()
            with pytest.raises(DomainError):
                ag.log(-1.0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert stopped > signals / 2
