"""``python -m jit.fuzz``, in the directory of the tests."""

import sys

from .command import main

sys.exit(main())
