"""Errors of networks and of training, beyond those that `autograd_core.errors` names.

The same two promises hold: each error is an `AutogradError`, and also the built-in it refines.
"""

from autograd_core.errors import AutogradError, MissingPackageError, NumberError, OutputError, StructureError

__all__ = [
    "AutogradError", "CheckpointError", "DataError", "DivergedError", "LabelError", "MissingPackageError",
    "NumberError", "OutputError", "SettingError", "SettingTypeError", "StorageError", "StructureError",
]  # fmt: skip


class SettingError(AutogradError, ValueError):
    """A setting has no sensible meaning: a layer without neurons, a learning rate of 0, an unknown activation."""


class SettingTypeError(SettingError, TypeError):
    """A setting is of the wrong kind altogether: 2.5 neurons, a learning rate given as text."""


class DataError(AutogradError, ValueError):
    """Data that nothing can be learned from: none at all, or nan or inf among them."""


class LabelError(DataError):
    """A label that is not one of the classes 0, 1, ..., n - 1."""


class DivergedError(AutogradError, ArithmeticError):
    """The loss or a parameter became nan or inf during training, usually because the learning rate is too large."""


class CheckpointError(AutogradError, ValueError):
    """A file that holds no network, a damaged one, or one of another network or training run than this."""


class StorageError(AutogradError, OSError):
    """A file that cannot be read or written."""
