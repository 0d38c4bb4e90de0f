"""The equations of all arrays that have a name, in the order of their computation.

Results of the program and long expressions get the name u.
"""

from __future__ import annotations

from ...jit.plan.blocks import Block, Found, Map
from ..algebra.by_elements import with_number_in_front
from ..algebra.expressions import Listed, Name, Symbol, of_atom
from ..algebra.normal_form import number
from ..notation.operations import call
from ..notation.operations import number as number_written
from ..notation.written import Written
from .inputs import Inputs
from .naming import Namer
from .notation import MEAN, MOST_ELEMENTS
from .orientation import Orientation, across
from .reals.shares import log_total, softmax
from .right_sides import RightSides
from .sample_mean import has_atom, with_mean_outside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..algebra.expressions import Expression
    from .probabilities import Targets
    from .sample_mean import Line

__all__ = ["Definitions"]

LONGEST = 30
"""Most factors, and levels of brackets, of an expression inside another; a longer one gets a name of its own."""


class Definitions:
    """The equations of all named arrays, those in `needed` among them."""

    def __init__(self, found: Found, targets: Targets, needed: Collection[Block] = ()) -> None:
        self.found, self.targets, self.needed = found, targets, needed
        self.namer = Namer(found, targets.kind)
        self.names = self.namer.names
        self.inputs = Inputs(found)
        self.orientation = Orientation(self.namer, self.inputs)
        layers = [block for block, name in self.names.items() if name.letter == "z"]
        self._axis = next((block.axis for block in layers if block.axis is not None), None)
        self.is_of_samples = self.orientation.has_samples or self._axis is not None
        if self.is_of_samples:
            self.namer.name_samples("X" if "X" not in self.inputs.arguments() else "A")
        self.sides = RightSides(self.namer, self.inputs, self.orientation)
        self._first_result = found.sources(found.program.outputs[0].node) if found.program.outputs else []

    @property
    def missing(self) -> dict[Block, None]:
        """Arrays without a name to whose elements equations refer."""
        return self.sides.missing

    def __iter__(self) -> Iterator[Line]:
        """Name, definition and tag of every array that has a name."""
        lines = [(name, self._readable(name, definition), tag) for name, definition, tag in self._lines()]
        m = self._count_of_samples() if self.is_of_samples else 0
        scales = [self.sides.given(self.inputs.argument(i)) for i in self.inputs.nodes if self.inputs.is_single(i)]
        is_free = "m" not in self.inputs.arguments()
        means = with_mean_outside(lines, m, MEAN if is_free else _over(m), scales) if m else None
        if means is not None and is_free and any([has_atom(definition, MEAN) for _, definition, _ in means]):
            yield Name("m"), number(float(m)), ""
        yield from means or lines

    @property
    def condition(self) -> str:
        """The condition under which the equations hold, in words."""
        y = self.targets.are_distributions
        each = f"each row of {y} adds" if self.is_of_samples else f"the elements of {y} add"
        return f"provided that {each} up to 1" if y else ""

    def _count_of_samples(self) -> int:
        if self._axis is not None:
            return self.inputs.samples_along(self._axis)
        return max([len(self.orientation.rows(block)[0]) for block, name in self.names.items() if name.letter == "Z"])

    def _readable(self, name: Name, definition: Expression) -> Expression:
        """The error of the last layer with a number that all of its terms share in front: 2 (z - y)."""
        return with_number_in_front(definition) if name.letter in ("delta", "dZ") else definition

    def _lines(self) -> Iterator[Line]:
        for letter, layer, rows in self.namer.matrices.values():
            self.sides.define(Name(letter, layer), rows)
        if self.targets.name:
            yield Name(self.targets.name), self._targets(), ""
        for nodes, vectors in self.namer.vectors.items():
            if not self.sides.is_repeated_bias(nodes):
                self.sides.define(self.names[nodes], across(vectors))
            elif self.orientation.has_samples:
                self.sides.define(self.names[nodes], across([self.inputs.in_order(nodes)]))
        yield from self.sides.listed()
        for block in self.found.blocks:
            if isinstance(block, Map) and block.formula.op is log_total:
                continue
            definition = self.sides.definition(block)
            yield from self.sides.listed()
            is_result = self.namer.results.issuperset(block.nodes)
            is_spoken_of = is_result or block in self.needed or definition.is_larger(LONGEST, LONGEST)
            if block not in self.names and is_spoken_of:
                is_cost = self.namer.errors and block.nodes == self._first_result
                self.names[block] = Name("C") if is_cost else self.sides.next_name()
            if block in self.names:
                name = self.names[block]
                yield name, definition, self.namer.tags.get(block, "")
                if name.letter == "delta" and is_result:  # the biases' gradient is δ itself
                    yield Name("db", name.number), of_atom(name), "BP3"

    def _targets(self) -> Expression:
        """Targets that the program knows in another form: numbers, or one 1 at a label's place."""
        _, _, rows, labels, classes, _ = self.targets
        if not labels and len(rows) == 1 and len(rows[0]) > MOST_ELEMENTS and self.targets.kind is softmax:
            return of_atom(Symbol(_one_hot(number_written(float(rows[0].index(1.0))), len(rows[0]))))
        if not labels:
            return of_atom(Listed(tuple([tuple(map(number, row)) for row in rows])))
        return of_atom(Symbol(_one_hot(self.sides.given(labels).written, classes)))


def _one_hot(label: Written, classes: int) -> Written:
    """The vector of a label, or a row for each label: 1 at its place, else 0."""
    return call(Written("one_hot", r"\operatorname{one\_hot}"), [label, number_written(float(classes))])


def _over(m: int) -> Symbol:
    return Symbol(Written(f"1/{m}", rf"\frac{{1}}{{{m}}}"))
