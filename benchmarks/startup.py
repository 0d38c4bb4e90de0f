"""What an import costs: a fresh interpreter that imports, beside one that does nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

PEERS = ["autograd_core", "nn", "numpy", "autograd", "micrograd.engine"]


def interpreter(statement: str) -> Callable[[], None]:
    """A fresh interpreter that runs `statement`; bytecode is cached, as it is for an installed package."""
    return lambda: (
        subprocess.run([sys.executable, "-c", statement], check=True, env={"PYTHONPATH": ":".join(sys.path)}) and None
    )
