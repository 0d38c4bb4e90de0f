"""Random programs: eager, python, llvm and, on a tenth, C must give the same; and mpmath the same values.

    cd tests && python -m jit.fuzz --count 10000 --seed 0 [--slice 2/8] [--processes 2] [--kind gates]

Every program comes from its own seed, ``seed + number``, and is printed as the Python source that is run, so a
difference can be repeated alone: ``--count 1 --seed <the seed shown>``.

    expressions   random statements of scalar functions
    kinds         a table of generators of scripts;  scalar_kinds, mapped_kinds, stateful_kinds: these
    running       a script by the eager engine, a backend, or moved as rounding may;  oracle: by mpmath
    comparing     what counts as the same;  command: many programs, counted by kind
"""

from .command import main, run
from .comparing import Comparison, agree, compare
from .kinds import KINDS, script

__all__ = ["KINDS", "Comparison", "agree", "compare", "main", "run", "script"]
