"""Rules about single steps: how passes that look at one step after the other are written."""

from __future__ import annotations

from ..ir.program import Builder, Node, Program, Step, rewrite

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Rule: TypeAlias = Callable[[Builder, Step], int | None]
    """Where the value of a step is found that is about to be added, or None: nothing to say about it."""

__all__ = ["rewritten"]


def rewritten(program: Program, *rules: Rule) -> Program:
    """Every step through the first rule that has something to say about it."""

    def replace(builder: Builder, node: Node) -> int:
        if isinstance(node, Step):
            for rule in rules:
                found = rule(builder, node)
                if found is not None:
                    return found
        return builder.add(node)

    return rewrite(program, replace)
