"""``python -m nn``: see `nn.cli`. Where a file nn.py hides the package, ``autograd-nn`` is the same."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
