"""Kills training at random moments and resumes it, again and again; it must end as if nothing had happened.

    python tests/nn/training/kill.py --trials 50 --seed 0

A trial trains one of several networks in a process of its own that is killed (SIGKILL) at a random moment, and started
again from its checkpoint, until it is done. The final parameters, the history and the optimizer's state are compared
with those of a run that nobody disturbed: to the last bit.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nn import MLP, SGD, Adam, accuracy, cross_entropy, fit, half_mse, hinge, iris, moons, sine
from nn.schedules import Cosine

SETTINGS = {
    "moons": lambda: (
        MLP(2, [6, 1], "relu", seed=3),
        moons(),
        {"loss": hinge, "optimizer": SGD(Cosine(0.5, 0.01, 200)), "penalty": 1e-4, "batch_size": 20, "epochs": 40},
    ),
    "iris": lambda: (
        MLP(4, [5, 3], "tanh", init="xavier", seed=3),
        iris(),
        {"loss": cross_entropy, "optimizer": Adam(0.01), "batch_size": 8, "epochs": 20, "metric": accuracy},
    ),
    "sine": lambda: (
        MLP(1, [3, 1], "sigmoid", init="normal", seed=3),
        sine(),
        {
            "loss": half_mse,
            "optimizer": SGD(0.05, momentum=0.9),
            "batch_size": 7,
            "epochs": 25,
            "validation": sine(seed=1),
        },
    ),
}
SLOWER = 0.0003  # seconds that judging a sample takes longer, so that a kill seldom misses


class Slow:
    """A metric that takes its time: it changes nothing."""

    def __init__(self, metric: object) -> None:
        self.metric = metric
        self.__qualname__ = "slow"

    def __call__(self, output: object, target: object) -> float:
        time.sleep(SLOWER)
        return 0.0 if self.metric is None else self.metric(output, target)


def train(name: str, path: Path) -> None:
    """Train, or go on where the checkpoint stands."""
    net, samples, settings = SETTINGS[name]()
    settings["metric"] = Slow(settings.get("metric"))
    fit(
        net,
        *samples,
        **settings,
        seed=5,
        checkpoint=path,
        checkpoint_seconds=0.01,
        resume=path.exists(),
        progress=False,
    )


def result(path: Path) -> str:
    """What a finished run left, without the times that it took."""
    document = json.loads(path.read_text())
    for record in document["training"]["records"]:
        del record["seconds"]
    return json.dumps(document)


def trial(name: str, expected: str, rng: random.Random, most: int) -> int:
    """How often a run was killed before it was done. Raises `AssertionError` if it ends differently."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "run.json")
        command = [sys.executable, __file__, "--train", name, str(path)]
        for kills in range(1000):
            process = subprocess.Popen(command)
            try:
                process.wait(timeout=rng.uniform(0.3, 2.5) if kills < most else None)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                continue
            assert process.returncode == 0, f"{name}: training ended with status {process.returncode}"
            assert result(path) == expected, f"{name}: another end after {kills} kills"
            leftover = [file.name for file in path.parent.iterdir() if file != path]
            assert not leftover, f"{name}: {leftover} left behind"
            return kills
    raise AssertionError(f"{name} never ended")


def trials(count: int, seed: int, most: int) -> tuple[int, int]:
    """That many trials of the networks in turn: how many, and how many kills there were."""
    rng = random.Random(seed)
    names = [list(SETTINGS)[i % len(SETTINGS)] for i in range(count)]
    expected = {}
    with tempfile.TemporaryDirectory() as directory:
        for name in dict.fromkeys(names):
            train(name, Path(directory, name))
            expected[name] = result(Path(directory, name))
    return count, sum(trial(name, expected[name], rng, most) for name in names)


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--trials", type=int, default=50)
    options.add_argument("--kills", type=int, default=4, help="at most, per trial")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--train", nargs=2, metavar=("NAME", "PATH"), help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.train:
        train(given.train[0], Path(given.train[1]))
        return
    done, kills = trials(given.trials, given.seed, given.kills)
    print(f"{done} trials, {kills} kills: all end with the same bits")


if __name__ == "__main__":
    main()
