"""Networks in files: text that can be read, compared and mended, and that runs no code when it is loaded.

A file is a JSON object of five members: ``format`` and ``version``; ``network``, from which an `MLP` can be built
again (null for a network of your own); ``parameters``, pairs of name and number in the order of `parameters()`; and
``training``, where a run stood when it wrote the file (null if the network alone was saved). Numbers are written so
that they come back to the last bit.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from os import PathLike
from typing import Any

import autograd_core as ag
from autograd_core import Value

from ..checks import shown
from ..errors import AutogradError, CheckpointError, SettingTypeError
from ..files import called, read_file, write_file
from .activations import linear, name_of
from .layers import MLP, Layer, Neuron
from .module import Module, Parameter, parameters_of

Document = dict[str, Any]
Path = str | PathLike[str]

__all__ = ["document_of", "is_finite", "load", "read_document", "require_same_network", "save", "write_document"]

FORMAT, VERSION = "autograd_core.nn", 1
MEMBERS = ("format", "version", "network", "parameters", "training")


def save(net: Module, path: Path) -> None:
    """Write a network to a file that `load` reads.

    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "net.json")
    >>> save(MLP(2, [3, 1], "tanh", seed=1), path)
    >>> load(path)
    MLP of Layer(2, 3, tanh), Layer(3, 1, linear)

    Raises `StorageError` where the file cannot be written, `CheckpointError` for a parameter that is not finite or not
    a leaf; an older file is then still there.
    """
    write_document(path, document_of(net, [p.data for p in _leaves_of(net)]))


def load(path: Path, net: Module | None = None) -> Any:
    """The network that `save`, or `fit` with a checkpoint, wrote to a file.

    A network of your own must be given, built as it was then; its parameters get the numbers of the file. Nothing is
    changed unless everything fits.

    Raises `StorageError` where there is no such file; `CheckpointError` for a file that holds no network, is damaged,
    of another version, or does not fit `net`, saying what differs.
    """
    document = read_document(path)
    if net is None:
        net = _built(document, path)
    require_same_network(document, net, path)
    for p, (_, number) in zip(_leaves_of(net), document["parameters"], strict=True):
        p.data = float(number)
    return net


def document_of(net: Module, numbers: Sequence[float], training: Any = None) -> Document:
    """The content of a file for a network whose parameters have these numbers."""
    parameters = list(zip(_names_of(net), numbers, strict=True))
    for name, number in parameters:
        if not is_finite(number):
            raise CheckpointError(f"parameter {name!r:.60} is {number}; only finite numbers are written to files")
    return dict(zip(MEMBERS, (FORMAT, VERSION, _description(net), parameters, training), strict=True))


def write_document(path: Path, document: Document) -> None:
    """Write a file, a line for each member."""
    lines = [f"{json.dumps(name)}: {json.dumps(member)}" for name, member in document.items()]
    write_file(path, ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def read_document(path: Path) -> Document:
    """The content of a file, its format, version and parameters checked."""
    file, content = called(path), read_file(path, "a network")
    try:
        document = json.loads(content, object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{file} is no network: it is damaged, or no JSON text ({error})") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise CheckpointError(f"{file} is no network: it does not say that its format is {FORMAT!r}")
    version, parameters = document.get("version"), document.get("parameters")
    if version != VERSION:
        raise CheckpointError(f"{file} has version {version!r:.40}; this program reads version {VERSION}")
    if document.keys() != set(MEMBERS):
        raise CheckpointError(f"{file} is damaged: it has the members {sorted(document)!s:.200}, not {sorted(MEMBERS)}")
    if not isinstance(parameters, list):
        raise CheckpointError(f"{file} is damaged: its parameters are no list")
    for i, pair in enumerate(parameters):
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str) or not is_finite(pair[1]):
            expected = "expected a name and a finite number"
            raise CheckpointError(f"{file} is damaged: parameter {i} is {pair!s:.60}; {expected}")
    return document


def require_same_network(document: Document, net: Module, path: Path) -> None:
    """Raise `CheckpointError` unless the file is of such a network: the same parameters and activations, in order."""
    file = called(path)
    there, names = [name for name, _ in document["parameters"]], _names_of(net)
    if there != names:
        differing = next(((a, b) for a, b in zip(there, names, strict=False) if a != b), None)
        place = "; the first that differs is {!r:.60}, not {!r:.60}".format(*differing) if differing else ""
        counts = f"it has {len(there)} parameters, this network {len(names)}"
        raise CheckpointError(f"{file} is of another network: {counts}{place}")
    before, now = document["network"], _description(net)
    if before is not None and now is not None and before != now:
        both = f"its activations are {_activations(before)}, those of this network {_activations(now)}"
        raise CheckpointError(f"{file} is of another network: {both}")


def _activations(description: Any) -> str:
    layers = description.get("activations") if isinstance(description, dict) else None
    if not isinstance(layers, list) or not all(isinstance(row, list) for row in layers):
        return "unknown"
    dropout = f", with dropout {description['dropout']!r:.40}" if "dropout" in description else ""
    return "{:.200}".format(shown(", ".join("/".join(dict.fromkeys(map(str, row))) for row in layers))) + dropout


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object of which no two members have the same name: readers would not agree which of them counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"two of the members {', '.join(name for name, _ in pairs):.200} have the same name")
    return found


def _leaves_of(net: Module) -> list[Parameter]:
    """The parameters of a network, if a file can give them back."""
    if not callable(getattr(net, "parameters", None)):
        advice = "; it is the estimator's net_" if hasattr(net, "net_") else ""
        raise SettingTypeError(f"expected a network, which lists its parameters(), got {net!r:.60}{advice}")
    parameters = parameters_of(net)
    for i, p in enumerate(parameters):
        if not isinstance(p, Value):
            raise CheckpointError(f"parameter {i} is {p!r:.60}; only Values are kept in files")
        if p.inputs:
            raise CheckpointError(
                f"parameter {i}, {p!r:.60}, is computed by '{p.op}', so no file can give it back: let parameters() "
                "list the leaves that it is computed from, or put Parameter(p.data) in its place"
            )
        if p.name is not None and not isinstance(p.name, str):
            raise CheckpointError(f"parameter {i} has the name {p.name!r:.60}; only texts are kept in files")
    return parameters


def _names_of(net: Module) -> list[str]:
    """The names of the parameters as they come back from a file, where two halves of a UTF-16 pair are one letter."""
    names = [p.name or "" for p in _leaves_of(net)]
    return [name.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass") for name in names]


def is_finite(x: Any) -> bool:
    """Whether `x`, read from a file, is a number that a parameter may have."""
    return type(x) in (int, float) and abs(x) <= sys.float_info.max


def _description(net: Module) -> Any:
    """The arguments from which `_built` builds a network again; None where it would build another: of anything but an
    MLP of named activations, and of one whose layers, neurons or parameters were replaced, shared or renamed."""
    if type(net) is not MLP or not net.layers or any(type(layer) is not Layer for layer in net.layers):
        return None
    known = {"linear": linear, **ag.TABLE}
    neurons = [neuron for layer in net.layers for neuron in layer.neurons]
    if any(type(n) is not Neuron or known.get(name_of(n.activation)) is not n.activation for n in neurons):
        return None
    activations = [[name_of(neuron.activation) for neuron in layer.neurons] for layer in net.layers]
    dropout = {"dropout": net.dropout.rate} if net.dropout.rate else {}
    nin, nouts = net.layers[0].nin, list(map(len, activations))
    described: Document = {"nin": nin, "nouts": nouts, "activations": activations, **dropout}
    with suppress(AutogradError):
        if _names_of(_of_zeros(**described)) == _names_of(net):
            return {"kind": "MLP", **described}
    return None


def _of_zeros(nin: int, nouts: list[int], activations: Any, dropout: float = 0.0) -> MLP:
    return MLP(nin, nouts, activations, init=lambda *_: 0.0, dropout=dropout)


def _built(document: Document, path: Path) -> MLP:
    """The network that a file describes; its parameters are counted before they are made."""
    file, description = called(path), document["network"]
    if description is None:
        advice = f"build that network and pass it, load({os.fspath(path)!r:.500}, net)"
        raise CheckpointError(f"{file} is of a network of your own: {advice}")
    try:
        nin, nouts, activations = description["nin"], description["nouts"], description["activations"]
        sizes = [nin, *nouts]
        is_sound = description["kind"] == "MLP" and isinstance(activations, list)
        is_sound = is_sound and all(type(size) is int and size > 0 for size in sizes)
        count = sum((before + 1) * size for before, size in zip(sizes, nouts, strict=False)) if is_sound else -1
        if count != len(document["parameters"]):
            raise CheckpointError(f"{file} is damaged: its network and its parameters do not fit")
        return _of_zeros(nin, nouts, activations, description.get("dropout", 0.0))
    except (KeyError, TypeError, AutogradError) as error:
        raise CheckpointError(f"{file} is damaged: its network cannot be built ({error})") from None
