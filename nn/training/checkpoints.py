"""Training runs in files: written now and then, and gone on with to the last bit.

The file is that of `nn.network.storage`, with what a network alone does not need as its member ``training``: the
settings that a training must have in common with the one it goes on with, and the `State` where it stands.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import time
import warnings
from os import PathLike
from random import Random
from typing import Any

import numpy as np

from ..checks import shown
from ..compiled import plain
from ..data.samples import Samples
from ..errors import CheckpointError
from ..files import called
from ..network.storage import document_of, is_finite, read_document, require_same_network, write_document
from .run import Run, State
from .sameness import PYTHON, Sameness

__all__ = ["Keeper", "resume"]

FUNCTIONS = ("loss", "penalty", "metric", "optimizer")
"""Settings that compute something, so that their names do not tell whether they are the same."""


class Keeper:
    """Writes a run to a file: when it is asked to, or if the last time is long ago."""

    def __init__(self, path: str | PathLike[str], seconds: float) -> None:
        self.path, self.seconds = path, seconds
        self._last = -math.inf
        self._settings: dict[str, Any] | None = None

    def keep(self, run: Run, *, if_due: bool = False) -> None:
        """Write the run to the file."""
        if if_due and time.monotonic() - self._last < self.seconds:
            return
        if self._settings is None:
            self._settings = settings_of(run)
        functions = self._settings["functions"]
        functions["changing"] = [name for name in FUNCTIONS if functions[name][1] != _told(getattr(run, name))[1]]
        members = plain(vars(run.state))
        training = {"settings": self._settings, **members, "best": members["best"] if run.state.best[1] else None}
        write_document(self.path, document_of(run.net, training.pop("numbers"), training))
        self._last = time.monotonic()


def resume(run: Run, path: str | PathLike[str]) -> None:
    """Let `run`, which has not begun, go on where the one stood that wrote this file; nothing changes if it cannot."""
    file = called(path)
    document = read_document(path)
    require_same_network(document, run.net, path)
    if document["training"] is None:
        raise CheckpointError(f"{file} holds a network, but no training to resume; load it with nn.load")
    try:
        before, now = document["training"]["settings"], settings_of(run)
        functions = before.pop("functions", {})
        differing = [name for name, setting in now.items() if name != "functions" and before[name] != setting]
        changed, doubtful = _compared(functions, now["functions"])
        state = None if differing or changed else _state(run, document)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise CheckpointError(f"{file} is damaged: {type(error).__name__}: {shown(error):.300}") from None
    if state is None:
        what = [f"{name} was {shown(before[name]):.200}, now it is {shown(now[name]):.200}" for name in differing]
        what += [
            f"{name} is still called {shown(now[name]):.200}, but its code or a number that it uses is another"
            for name in changed
            if name not in differing
        ]
        if "optimizer" in {*differing, *changed}:
            what.append(f"to go on at another rate load the network, nn.load({file!r}), and train it anew")
        raise CheckpointError(f"{file} is of another training: {'; '.join(what)}")
    for name, why in doubtful.items():
        warning = f"resumed from {file}: the {name} {why}; make sure that it is as it was"
        warnings.warn(warning, RuntimeWarning, stacklevel=3)
    run.state = state
    run.rng.setstate(state.random)
    run.release(state)


def _compared(before: dict[str, Any], now: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """The functions that have changed, and those of which it cannot be known, and why."""
    changed, doubtful = [], {}
    for name in FUNCTIONS:
        then = before.get(name)
        code, state, unknown = now[name]
        if then is None or (then[0] != code and before["python"] != now["python"]):
            doubtful[name] = "cannot be compared with what another version wrote"
        elif then[0] != code or (then[1] != state and name not in before["changing"]):
            changed.append(name)
        elif then[1] != state:
            doubtful[name] = (
                "uses lists, attributes or Values that changed while it trained, and now hold other numbers"
            )
        elif name == "optimizer" and name in before["changing"]:
            doubtful[name] = (
                "has numbers that changed while it trained (its rate in on_epoch, say), now as at its start"
            )
        elif unknown:
            doubtful[name] = f"uses {', '.join(dict.fromkeys(unknown))}, which cannot be compared"
    return changed, doubtful


def settings_of(run: Run) -> dict[str, Any]:
    """The settings that a training must have in common with the one that it goes on with."""
    return {
        "samples": _fingerprint(run.samples),
        "validation": None if run.held_out is None else _fingerprint(run.held_out),
        "batch_size": run.batch_size,
        **{name: _described(getattr(run, name)) for name in FUNCTIONS},
        "functions": {"python": PYTHON, **{name: _told(getattr(run, name)) for name in FUNCTIONS}},
    }


def _told(setting: Any) -> list[Any]:
    same = Sameness(setting)
    return [same.code, same.state, same.unknown]


def _described(setting: Any) -> str:
    """A setting as text that is the same in every process."""
    return getattr(setting, "__qualname__", None) or re.sub(r" at 0x[0-9a-f]+", "", repr(setting))


def _fingerprint(samples: Samples) -> str:
    digest = hashlib.sha256(samples.rows.data)
    digest.update(json.dumps([samples.rows.shape, samples.targets], default=repr).encode())
    return f"{len(samples)} samples, {digest.hexdigest()[:16]}"


def _state(run: Run, document: dict[str, Any]) -> State:
    """The state in which the run was kept. Raises all kinds of errors for what cannot be."""
    training = document["training"]
    numbers = np.array([float(number) for _, number in document["parameters"]])
    start = run.state.optimizer
    optimizer = {
        name: _count(found) if isinstance(start.get(name), int) else np.array(_finite(found, len(numbers)))
        for name, found in {**dict.fromkeys(start), **training["optimizer"]}.items()
    }
    epoch, batch = _count(training["epoch"]), _count(training["batch"])
    if batch > run.batches or len(training["records"]) != epoch:
        raise ValueError(f"epoch {epoch}, minibatch {batch} and {len(training['records'])} records do not fit")
    sums = tuple(_finite(training["sums"], len(run.measured) if batch else 0))
    records = tuple([_record(record, run) for record in training["records"]])
    version, words, gauss = training["random"]
    if gauss is not None and not is_finite(gauss):
        raise ValueError(f"{gauss!r:.40} is no random number")
    random = version, tuple(words), gauss
    Random().setstate(random)  # which refuses what is no state
    good = np.array(_finite(training["good"], len(numbers)))
    best: tuple[float, int, Any] = run.state.best
    if training.get("best") is not None:  # there was something to compare
        loss, at, found = training["best"]
        best = _finite([loss], 1)[0], _count(at), np.array(_finite(found, len(numbers)))
    return State(numbers, optimizer, random, epoch, batch, sums, records, good, best)


def _record(record: dict[str, Any], run: Run) -> dict[str, float]:
    """The record of an epoch; a metric and what was held out may be any number, nan included."""
    names = [*run.measured, *(f"validation_{name}" for name in run.measured if run.held_out is not None), "seconds"]
    if record.keys() != set(names):
        raise ValueError(f"an epoch's record has {', '.join(record) or 'nothing'}; expected {', '.join(names)}")
    for name, x in record.items():
        if type(x) not in (int, float) or (name in ("loss", "seconds") and not is_finite(x)):
            raise ValueError(f"an epoch's {name} is {x!r:.40}")
    if record["seconds"] < 0:
        raise ValueError(f"an epoch took {record['seconds']!r:.40} seconds")
    return {name: float(x) for name, x in record.items()}


def _count(x: Any) -> int:
    if type(x) is not int or not 0 <= x < 2**53:
        raise ValueError(f"{x!r:.40} is no count")
    return x


def _finite(numbers: Any, length: int) -> list[float]:
    if not isinstance(numbers, list) or len(numbers) != length or not all(map(is_finite, numbers)):
        raise ValueError(f"expected {length} finite numbers, got {numbers!r:.60}")
    return [float(x) for x in numbers]
