"""How many there are of what may be more than atoms: about, in decimal numbers of 28 digits and any size."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from decimal import Decimal

__all__ = ["about", "counted"]

MOST_DIGITS = 10**15


def about() -> AbstractContextManager[object]:
    """In here Decimals are added up without ever overflowing; exactly, up to 28 digits."""
    from decimal import MAX_EMAX, localcontext

    return localcontext(prec=28, Emax=MAX_EMAX)


def counted(count: Decimal) -> str:
    """All digits, as long as somebody would read them.

    >>> from decimal import Decimal
    >>> counted(Decimal(12_345)), counted(Decimal(10) ** 400)
    ('12,345', 'about 1.00e+400')
    """
    return f"{int(count):,}" if count < MOST_DIGITS else f"about {count:.2e}"
