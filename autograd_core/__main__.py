"""``python -m autograd_core``: see `autograd_core.cli`."""

import io
import sys

from .cli import main

if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a console without "≥" shall get a table, not a traceback
    sys.exit(main())
