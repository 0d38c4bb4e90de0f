"""The functions that machine code calls, through tables of their addresses, so that LLVM links no symbol.

They are vector functions of glibc's libmvec where it has one, else C functions called lane by lane by a shim, SciPy's C
functions, and callbacks into Python. The shim of a C function at address 1234 begins with

    %1 = inttoptr i64 1234 to ptr
    %2 = extractelement $V %0, i32 0
    %3 = call double %1(double %2)
    %4 = insertelement $V poison, double %3, i32 0
    %5 = extractelement $V %0, i32 1
"""

from __future__ import annotations

import ctypes
import re
from functools import lru_cache

from ....errors import MissingPackageError
from ....op import Op
from ...ir.primitives import PRIMITIVES, SciPyFunction, Snippet
from ...runtime.once import making, once
from .callbacks import callback
from .instructions import Instructions
from .ir_text import Function, address, module
from .target import code_of, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...ir.primitives import Primitive

__all__ = ["address_of", "function_of_capsule", "vector_library"]

VECTOR_LETTERS = {8: "e", 4: "d", 2: "b"}
"""The letters of vector widths in libmvec's names on x86-64: AVX-512, AVX2, SSE."""


def address_of(function: Primitive | Op, arity: int, width: int) -> int:
    """The address of machine code that computes a primitive or an op, from `arity` vectors of a width to one."""
    if isinstance(function, Op):
        return _address_of_op(function, arity, width)
    if isinstance(function.code, Snippet):
        return int(_helpers(width).get_function_address(f"helper_{function.name}"))
    name = function.code.name
    if isinstance(function.code, SciPyFunction):
        return _lane_by_lane(_scipy_address(name, arity), arity, width)
    return _vector_function(name, arity, width) or _lane_by_lane(_c_address(name), arity, width)


@lru_cache(maxsize=1)
def _c_library() -> Any:
    import sys

    return ctypes.CDLL(None) if sys.platform != "win32" else ctypes.CDLL("msvcrt")


@lru_cache(maxsize=1)
def vector_library() -> Any:
    """The library libmvec of glibc, or None where there is none."""
    try:
        return ctypes.CDLL("libmvec.so.1")
    except OSError:
        return None


def _c_address(name: str) -> int:
    try:
        return address(getattr(_c_library(), name))
    except AttributeError:
        return address(getattr(ctypes.CDLL("libm.so.6"), name))


def _vector_function(name: str, arity: int, width: int) -> int | None:
    library = vector_library()
    if library is None or width not in VECTOR_LETTERS:
        return None
    try:
        return address(getattr(library, f"_ZGV{VECTOR_LETTERS[width]}N{width}{'v' * arity}_{name}"))
    except AttributeError:
        return None


def function_of_capsule(capsule: Any) -> tuple[str, int]:
    """The signature and the address of the C function in a module's capsule."""
    api = ctypes.pythonapi
    api.PyCapsule_GetName.restype, api.PyCapsule_GetName.argtypes = ctypes.c_char_p, [ctypes.py_object]
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    signature: bytes = api.PyCapsule_GetName(capsule)
    return signature.decode(), int(api.PyCapsule_GetPointer(capsule, signature))


@lru_cache(maxsize=64)
def _scipy_address(name: str, arity: int) -> int:
    """The C function double(double, ...) behind ``scipy.special.name``: a capsule's name is its C signature."""
    try:
        from scipy.special import cython_special
    except ImportError:
        raise MissingPackageError(
            f"scipy.special.{name} is needed for this op: pip install 'autograd-core[special]'"
        ) from None
    for key, capsule in cython_special.__pyx_capi__.items():
        if key == name or re.fullmatch(rf"__pyx_fuse_(\d+_?)+{re.escape(name)}", key):
            signature, address = function_of_capsule(capsule)
            types = [part.split()[0] for part in re.split(r"[(),]", signature) if part.strip()]
            if types[: arity + 1] == ["double"] * (arity + 1) and types[arity + 1 :] in ([], ["int"]):
                return address
    raise MissingPackageError(f"this SciPy has no C function of doubles for scipy.special.{name}; try a newer SciPy")


@once
def _helpers(width: int) -> Any:
    """The engine with all snippets as small functions, compiled apart and once.

    LLVM's fast instruction selection does not know these instructions on vectors, and would fall back to the slow one
    for the rest of the code around them."""
    functions = []
    for primitive in PRIMITIVES.values():
        if isinstance(primitive.code, Snippet):
            f = Instructions(f"helper_{primitive.name}", ["$V"] * primitive.arity, width)
            f.gives("$V", f.computed(primitive, [f"%{k}" for k in range(primitive.arity)]))
            functions.append(f)
    return load(code_of(module(*functions), opt=2))


def _address_of_op(op: Op, arity: int, width: int) -> int:
    """The address of a callback into Python for `op`; its code is kept on the op, which kernels keep alive."""
    kept = vars(op).setdefault("machine_code", {})
    with making:
        if (arity, width) not in kept:
            function = callback(op, arity)
            kept[arity, width] = function, None if width == 1 else _new_shim(address(function), arity, width)
    function, shim = kept[arity, width]
    return address(function) if shim is None else int(shim.get_function_address("shim"))


def _lane_by_lane(there: int, arity: int, width: int) -> int:
    """The address of a vector function that calls the scalar one at `there` for each lane."""
    return there if width == 1 else int(_shim(there, arity, width).get_function_address("shim"))


def _new_shim(there: int, arity: int, width: int) -> Any:
    f = Function("shim", ["$V"] * arity, width)
    called, results = f(f"inttoptr i64 {there} to ptr"), "poison"
    for lane in range(width):
        numbers = [f(f"extractelement $V %{k}, i32 {lane}") for k in range(arity)]
        result = f(f"call double {called}({', '.join([f'double {x}' for x in numbers])})")
        results = f(f"insertelement $V {results}, double {result}, i32 {lane}")
    f.gives("$V", results)
    return load(code_of(module(f), opt=2))


_shim = once(_new_shim)
