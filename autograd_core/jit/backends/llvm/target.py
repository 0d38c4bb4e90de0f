"""The target machine, through llvmlite: the width of its vectors, and IR text as machine code."""

from __future__ import annotations

import threading
from functools import lru_cache

from ....errors import MissingPackageError
from ...runtime.forking import held

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["code_of", "load", "types_of", "vector_width"]


@lru_cache(maxsize=1)
def llvm() -> Any:
    """The binding of llvmlite, initialised."""
    try:
        from llvmlite import binding
    except ImportError:
        raise MissingPackageError(
            "the llvm backend needs llvmlite: pip install 'autograd-core[jit]', or jit(f, backend='python')"
        ) from None
    held(getattr(binding.ffi.lib, "_lock", None) or threading.RLock())  # the lock of llvmlite's calls
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding


def new_target(opt: int) -> Any:
    """A target machine of LLVM for this processor, with optimisation level `opt`."""
    binding = llvm()
    target = binding.Target.from_triple(binding.get_process_triple())
    return target.create_target_machine(
        cpu=binding.get_host_cpu_name(), features=binding.get_host_cpu_features().flatten(), opt=opt, jit=True
    )


shared_target = lru_cache(maxsize=4)(new_target)


@lru_cache(maxsize=1)
def vector_width() -> int:
    """The number of float64 in a vector register: 8 with AVX-512, 4 with AVX2, else 2."""
    features = llvm().get_host_cpu_features()
    return 8 if features.get("avx512f") else 4 if features.get("avx2") else 2


def code_of(text: str, opt: int = 0) -> bytes:
    """The object code of IR text."""
    binding = llvm()
    code: bytes = shared_target(opt).emit_object(binding.parse_assembly(text, binding.create_context()))
    return code


def load(code: bytes) -> Any:
    """An engine with object code loaded, to be kept as long as the code runs; it has ``get_function_address``."""
    binding = llvm()
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), new_target(0))  # an engine owns its target
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine


def types_of(width: int) -> tuple[str, str, str]:
    """The types in LLVM of a vector of float64 and of one of bits, and the suffix of intrinsics on the first."""
    return (f"<{width} x double>", f"<{width} x i1>", f"v{width}f64") if width > 1 else ("double", "i1", "f64")
