"""Reads equations of matrices as numbers, line by line, independently of how they were put together.

Vectors are columns. Between two factors a space is a product of matrices and * one of elements.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import TABLE
from autograd_core.formulas.equations.arrays import arrays_of
from autograd_core.formulas.equations.inputs import Inputs
from autograd_core.formulas.equations.naming import Namer
from autograd_core.jit.ir.program import Constant, Input


def values(text: str, known: dict[str, Any], *ops: ag.Op) -> dict[str, Any]:
    """All arrays that the equations define, from those that are known; `ops` are the user's own."""
    found = {name: _column(array) for name, array in known.items()}
    for line in text.splitlines():
        name, equals, right = re.sub(r"\s+\((BP)?\d\)$", "", line).partition(" = ")
        if equals:
            found[name] = Reader(right, found, *ops).whole()
    return found


def known_arrays(program: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """What a program is given and computes, by the names that its equations use.

    W1 or a0 is the array of inputs that Namer gives this name, as it was given.
    """
    known: dict[str, Any] = arguments | {f'"{name}"': array for name, array in arguments.items()}
    for name, array in arguments.items():
        for place, number in np.ndenumerate(np.array(array)):
            for between in ("][", ", "):  # of lists, of arrays
                known[f"{name}[{between.join(map(str, place))}]"] = number
    arrays = arrays_of(program)
    if arrays is not None:
        found, targets = arrays
        numbers, before = numbers_of(found.program, known), numbers_of(program, known)
        results = [numbers[out.node] for out in found.program.outputs]
        assert results == pytest.approx([before[out.node] for out in program.outputs], rel=1e-9, abs=1e-12)
        known |= {f"#{i}": numbers[i] for i in range(len(numbers))}
        namer, inputs = Namer(found, targets.kind), Inputs(found)
        for nodes, (letter, layer, rows) in namer.matrices.items():
            flat = np.array([numbers[i] for i in inputs.in_order(nodes)])
            known[f"{letter}{layer}"] = flat.reshape(len(rows), -1)
        for nodes in namer.vectors:
            name = namer.names[nodes]
            given = [[numbers[i] for i in row] for row in inputs.in_rows(nodes)]
            known[f"{name.letter}{name.number}"] = given if len(given) > 1 else given[0]
    return known


def numbers_of(program: Any, known: dict[str, Any]) -> list[float]:
    """The numbers of all nodes of a program, whose inputs are known by their names."""
    numbers: list[float] = []
    for node in program.nodes:
        if isinstance(node, Constant):
            numbers.append(node.value)
        elif isinstance(node, Input):
            numbers.append(known[node.name])
        else:
            args = tuple([numbers[a] for a in node.args])
            numbers.append(node.op.evaluate(args, args))
    return numbers


def _column(array: Any) -> Any:
    array = np.asarray(array, float)
    return array.reshape(-1, 1) if array.ndim == 1 else array


class Reader:
    """By recursive descent: sum, product of elements, product of matrices, power, atom."""

    def __init__(self, text: str, known: dict[str, Any], *ops: ag.Op) -> None:
        self.text, self.known = text, known
        self.ops = TABLE | {op.name: op for op in ops} | {"sigma": TABLE["sigmoid"]}
        self.names = sorted(known, key=len, reverse=True)
        self.at = 0

    def whole(self) -> Any:
        found = self.sum()
        assert self.at == len(self.text), (self.text, self.at)
        return found

    def takes(self, sign: str) -> bool:
        if self.text.startswith(sign, self.at):
            self.at += len(sign)
            return True
        return False

    def sum(self) -> Any:
        total = -self.product() if self.takes("-") else self.product()
        while True:
            if self.takes(" + "):
                total = total + self.product()
            elif self.takes(" - "):
                total = total - self.product()
            else:
                return total

    def product(self) -> Any:
        total = self.matrices()
        while True:
            if self.takes(" * "):
                total = total * self.matrices()
            elif self.takes(" / "):
                total = total / self.matrices()
            else:
                return total

    def matrices(self) -> Any:
        total = self.power()
        while re.match(r' [\w("]', self.text[self.at :]):
            self.at += 1
            total = total @ self.power()
        return total

    def power(self) -> Any:
        base = self.atom()
        while True:
            if self.takes("^T"):
                base = base.T
            elif self.takes("**"):
                base = base ** self.atom()
            else:
                return base

    def atom(self) -> Any:
        if number := re.match(r"\d+(\.\d+)?(e[-+]?\d+)?", self.text[self.at :]):
            self.at += number.end()
            return float(number[0]) / self.below(number[0])
        if self.takes("("):
            return self.brackets()
        if function := re.match(r"(\w+)('?)\(", self.text[self.at :]):
            self.at += function.end()
            return self.called(function[1], bool(function[2]))
        name = next((name for name in self.names if self.takes(name)), "")
        if not name:
            assert self.takes('"')
            name = next(name for name in self.names if self.takes(name))
            assert self.takes('"')
        if row := re.match(r"\[(\d+), :\]", self.text[self.at :]):
            self.at += row.end()
            return self.known[name][int(row[1]) - 1 : int(row[1])]
        if element := re.match(r"\[(\d+)(?:, (\d+))?\]", self.text[self.at :]):
            self.at += element.end()
            i, j = int(element[1]) - 1, int(element[2] or 1) - 1
            return float(self.known[name][i, j])
        return self.known[name]

    def below(self, above: str) -> float:
        """The number below a line without spaces, as in 2/3 and 1/m."""
        return float(self.atom()) if re.fullmatch(r"\d+", above) and self.takes("/") else 1.0

    def brackets(self) -> Any:
        """A sum, or the elements of an array."""
        rows = [[self.sum()]]
        while not self.takes(")"):
            if self.takes("; "):
                rows.append([])
            else:
                assert self.takes(", "), (self.text, self.at)
            rows[-1].append(self.sum())
        if len(rows) == len(rows[0]) == 1:
            return rows[0][0]
        return np.array(rows) if len(rows) > 1 else np.array(rows).T

    def called(self, name: str, is_prime: bool) -> Any:
        args = [self.sum()]
        while self.takes(", "):
            args.append(self.sum())
        assert self.takes(")"), (self.text, self.at)
        if name == "sum":  # over samples, or of all elements of a vector
            return np.sum(args[0], axis=1, keepdims=True) if args[0].shape[1] > 1 else np.sum(args[0])
        if name == "logsumexp" and len(args) == 1:
            return ag.logsumexp(list(np.ravel(args[0])))
        if name == "norm":  # of all elements
            return np.sqrt(np.sum(np.square(args[0])))
        if name == "softmax":
            powers = np.exp(args[0] - np.max(args[0], axis=0))
            return powers / powers.sum(axis=0)
        if name == "one_hot":  # a row for each label
            rows = np.eye(int(args[1]))[np.ravel(args[0]).astype(int)]
            return rows if np.ndim(args[0]) else rows.T
        op: Callable[..., Any] = self.ops[name]
        return np.vectorize(ag.grad(op) if is_prime else op)(*args)


def check_that_they_define_what_comes_out(program: Any, known: dict[str, Any]) -> None:
    text = str(program.equations())
    found = arrays_of(program)
    results = {out.node for out in found[0].program.outputs} if found else {}
    arrays = [block.nodes for block in found[0].blocks] if found else []
    wanted = [known[f"#{i}"] for nodes in arrays for i in nodes if i in results]
    found = values(text, known) if arrays else {}
    lines = [line.partition(" = ") for line in text.splitlines() if " = " in line]
    rest = "".join([line for line in text.splitlines() if " = " not in line])
    assert len({name for name, *_ in lines}) == len(lines), text
    for *_, right in lines:
        assert "..." in rest or set(re.findall(r"\bv\d+\b", right)) <= set(re.findall(r"\bv\d+\b", rest)), text
    defined = [np.ravel(found[name]) for name, *_ in lines]
    for number in wanted:
        assert np.isclose(np.concatenate(defined), number, rtol=1e-9, atol=1e-12).any(), (number, text)
