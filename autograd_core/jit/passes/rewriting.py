"""Peephole rewriting: the walk of passes whose rules look at one step and its inputs."""

from __future__ import annotations

from ..ir.program import Builder, Node, Program, Step, rewrite

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Rule: TypeAlias = Callable[[Builder, Step], int | None]
    """A function of a builder and the next step that gives the position of an equal value, or None for no change."""

__all__ = ["rewritten"]


def rewritten(program: Program, *rules: Rule) -> Program:
    """`program` with every step rewritten by the first rule that applies."""

    def replace(builder: Builder, node: Node) -> int:
        if isinstance(node, Step):
            for rule in rules:
                found = rule(builder, node)
                if found is not None:
                    return found
        return builder.add(node)

    return rewrite(program, replace)
