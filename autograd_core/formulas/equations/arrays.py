"""The arrays in a program as equations speak of them: its products of matrices, and all other numbers as maps.

The planner looks for what is worth a product. Here a single neuron is a matrix of one row, a single input one of one
column, and a single number an array of one element.
"""

from __future__ import annotations

from ...jit.ir.program import Constant, Step
from ...jit.plan import Limits, find
from ...jit.plan.blocks import ONE, Formula, Map, Product
from ...jit.plan.sums import ADD
from .naming import Namer
from .order import put_in_order
from .probabilities import with_probabilities
from .products import as_product, is_captured, is_elementwise_product, is_sum_of_squares
from .reals import in_reals
from .reals.penalties import penalised
from .reals.sample_sums import sample_sum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...jit.ir.program import Input, Program
    from ...jit.plan.blocks import Block, Found
    from .probabilities import Targets

__all__ = ["arrays_of"]

EVERY = Limits(product=1, terms=1, elements=1)
"""Single numbers are arrays too, of one element, and a single weight is a matrix."""


def arrays_of(program: Program) -> tuple[Found, Targets] | None:
    """The arrays of the program in real arithmetic, in the order in which they are written, and the targets of its
    probabilities; None without products of matrices."""
    found = _found(in_reals(program))
    if found is None:
        return None
    again, targets = with_probabilities(found)
    found = found if again is found.program else _found(again) or found
    apart = _matrices_that_blocks_mix(found, Namer(found, targets.kind))
    return (_found(found.program, apart) or found if apart else found), targets


def _matrices_that_blocks_mix(found: Found, namer: Namer) -> dict[Input, int]:
    """The weights and biases with the number of their matrix or vector, if a map or a sum of squares has
    some of several, as a penalty has: they are one array to the planner. Empty if none has."""
    groups = [*namer.matrices, *[nodes for nodes, name in namer.names.items() if name.letter == "b"]]
    number = {a: k for k, nodes in enumerate(groups) for a in nodes}
    columns = [column for block in found.blocks if isinstance(block, Map) for column in block.columns]
    squares = [block.left[0] for block in found.blocks if isinstance(block, Product) and is_sum_of_squares(block)]
    if all([set(nodes) in groups for nodes in [*columns, *squares] if not number.keys().isdisjoint(nodes)]):
        return {}
    return {found.program.nodes[a]: k for a, k in number.items()}


def _found(program: Program, apart: Mapping[Input, int] | None = None) -> Found | None:
    found = find(program, EVERY, apart)
    if found is not None:
        _put_sample_sums_together(found)
        found.blocks, found.alone = _in_order([*found.blocks, *found.steps()]), []
        for block in found.blocks:
            if isinstance(block, Map) and block.formula.op is penalised:
                block.formula = Formula(block.formula.operands, ADD)
        found.blocks = [part for block in found.blocks for part in _parts(_of_a_single_number(found, block))]
        put_in_order(found)
    return found if found is not None and any([isinstance(block, Product) for block in found.blocks]) else None


def _in_order(blocks: Sequence[Block]) -> list[Block]:
    """Blocks, each behind those that it needs."""
    block_of = {a: block for block in blocks for a in block.nodes}
    done: dict[Block, None] = {}
    for block in blocks:
        todo = [block]
        while todo:
            needed = {block_of[a]: None for a in todo[-1].operands if a in block_of}
            missing = [other for other in needed if other not in done and other is not todo[-1]]
            if missing:
                todo += missing
            else:
                done[todo.pop()] = None
    return list(done)


def _put_sample_sums_together(found: Found) -> None:
    """Make products with ones of the sums over samples of an array, as sums over lanes are."""
    terms = {
        i: node.args for i, node in enumerate(found.program.nodes) if isinstance(node, Step) and node.op is sample_sum
    }
    if not terms:
        return
    found.alone = [i for i in found.alone if i not in terms]
    found.blocks = [block for block in found.blocks if block.nodes[0] not in terms]
    block_of = {a: block for block in found.blocks for a in block.nodes}
    sums: dict[tuple[Block | int, int], list[int]] = {}  # by what is summed up, and of how many samples
    for i, args in terms.items():
        sums.setdefault((block_of.get(args[0], i), len(args)), []).append(i)
    for nodes in sums.values():
        ones = [ONE] * len(terms[nodes[0]])
        product = Product(nodes, None, None, 1.0, ([ones], [terms[i] for i in nodes]))
        maker = block_of.get(terms[nodes[0]][0])
        found.blocks.insert(found.blocks.index(maker) + 1 if maker else len(found.blocks), product)


def _of_a_single_number(found: Found, block: Block) -> Block:
    """Weights times a single number as a product of matrices, W a with one column of W, or one of its rows times δ."""
    for k in (0, 1) if isinstance(block, Map) and is_elementwise_product(block) else ():
        weights, number = block.columns[k], block.columns[1 - k]  # type: ignore[attr-defined]  # a Map
        is_a_penaltys = all([isinstance(found.node(a), Constant) for a in number])
        if is_captured(found, weights) and not is_captured(found, number) and not is_a_penaltys:
            return as_product(block, k) or block  # type: ignore[arg-type]  # a Map
    return block


def _parts(block: Block) -> list[Block]:
    """A product over samples, in which the planner may have put mere sums beside sums of products, as both."""
    sums = [k for k, row in enumerate(block.left) if row == [ONE]] if isinstance(block, Product) else []
    if not sums or len(sums) == len(block.left):  # type: ignore[attr-defined]  # a Product
        return [block]
    others = [k for k in range(len(block.left)) if k not in sums]  # type: ignore[attr-defined]  # as above
    return [_rows_of(block, others), _rows_of(block, sums)]  # type: ignore[arg-type]  # as above


def _rows_of(block: Product, rows: list[int]) -> Product:
    """Some rows of a product."""
    nodes = [a for k in rows for a in block.rows[k]]
    return Product(nodes, block.lanes, block.role, block.sign, ([block.left[k] for k in rows], block.right))
