"""Loads the package before pytest imports its modules for their docstrings.

Else ``python -m pytest autograd_core/jit`` imports the module `autograd_core.jit` by itself, and leaves it in the
package where the function `jit` belongs.
"""

import autograd_core  # noqa: F401
