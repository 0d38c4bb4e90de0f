"""The machine: how wide its vectors are, where its functions lie, and how text becomes code. All through llvmlite.

Generated code calls every function through a table of addresses, so LLVM looks up no symbol: vector functions of
glibc's libmvec where they exist, C functions called lane by lane where they do not, SciPy's C functions, and Python.
"""

from __future__ import annotations

import ctypes
import re
import threading
from functools import lru_cache

from ....errors import MissingPackageError
from ....op import Op
from ...ir.primitives import PRIMITIVES, SciPyFunction, Snippet
from ...runtime.forking import held
from ...runtime.once import making, once
from .callbacks import callback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...ir.primitives import Primitive

__all__ = ["address_of", "code_of", "function_of_capsule", "load", "vector_width"]

VECTOR_LETTERS = {8: "e", 4: "d", 2: "b"}  # of libmvec's names on x86-64: AVX-512, AVX2, SSE


@lru_cache(maxsize=1)
def llvm() -> Any:
    """llvmlite's binding, ready to use."""
    try:
        from llvmlite import binding
    except ImportError:
        raise MissingPackageError(
            "the llvm backend needs llvmlite: pip install 'autograd-core[jit]', or jit(f, backend='python')"
        ) from None
    held(getattr(binding.ffi.lib, "_lock", None) or threading.RLock())  # under which llvmlite calls LLVM
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding


def new_target(opt: int) -> Any:
    """This machine, to generate code for with that much optimisation."""
    binding = llvm()
    target = binding.Target.from_triple(binding.get_process_triple())
    return target.create_target_machine(
        cpu=binding.get_host_cpu_name(), features=binding.get_host_cpu_features().flatten(), opt=opt, jit=True
    )


shared_target = lru_cache(maxsize=4)(new_target)


@lru_cache(maxsize=1)
def vector_width() -> int:
    """How many float64 one vector register holds."""
    features = llvm().get_host_cpu_features()
    return 8 if features.get("avx512f") else 4 if features.get("avx2") else 2


def code_of(text: str, opt: int = 0) -> bytes:
    """IR text as machine code. It holds no address, so it is good for other processes on this kind of machine."""
    binding = llvm()
    code: bytes = shared_target(opt).emit_object(binding.parse_assembly(text, binding.create_context()))
    return code


def load(code: bytes) -> Any:
    """Machine code put into memory: an engine with ``get_function_address``, to be kept as long as the code runs."""
    binding = llvm()
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), new_target(0))  # an engine owns its target
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine


# Addresses


def address_of(function: Primitive | Op, arity: int, width: int) -> int:
    """Of a function of `arity` vectors of that width that computes it."""
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
    """glibc's libmvec, or None."""
    try:
        return ctypes.CDLL("libmvec.so.1")
    except OSError:
        return None


def _address(function: Any) -> int:
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return address


def _c_address(name: str) -> int:
    try:
        return _address(getattr(_c_library(), name))
    except AttributeError:
        return _address(getattr(ctypes.CDLL("libm.so.6"), name))


def _vector_function(name: str, arity: int, width: int) -> int | None:
    library = vector_library()
    if library is None or width not in VECTOR_LETTERS:
        return None
    try:
        return _address(getattr(library, f"_ZGV{VECTOR_LETTERS[width]}N{width}{'v' * arity}_{name}"))
    except AttributeError:
        return None


def function_of_capsule(capsule: Any) -> tuple[str, int]:
    """The signature and the address of the C function that a module hands out in a capsule."""
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


# Snippets as small functions. LLVM's fast instruction selection does not know these instructions on vectors and would
# fall back to the slow one for the rest of the code around them; so they are compiled apart, once.


@once
def _helpers(width: int) -> Any:
    vector, bits, suffix = types_of(width)
    text = []
    for primitive in PRIMITIVES.values():
        if isinstance(primitive.code, Snippet):
            inputs = ", ".join(f"{vector} %{letter}" for letter in "abc"[: primitive.arity])
            body = f"{{\n {primitive.code.text}\n ret {vector} %y\n}}\n"
            text.append(f"define {vector} @helper_{primitive.name}({inputs}) nounwind {body}")
    for name, arity in (("fabs", 1), ("copysign", 2), ("fma", 3)):
        text.append(f"declare {vector} @llvm.{name}.{suffix}({', '.join([vector] * arity)})\n")
    whole = "".join(text).replace("$V", vector).replace("$B", bits).replace("$S", suffix)
    if width == 1:
        whole = whole.replace("zeroinitializer", "0.0")
    return load(code_of(whole, opt=2))


def types_of(width: int) -> tuple[str, str, str]:
    """LLVM's names for a vector of float64, one of bits, and the suffix of intrinsics on it."""
    return (f"<{width} x double>", f"<{width} x i1>", f"v{width}f64") if width > 1 else ("double", "i1", "f64")


def _address_of_op(op: Op, arity: int, width: int) -> int:
    """Of a function that has Python compute `op`: what it needs is kept with the op, for which kernels hold on."""
    kept = vars(op).setdefault("machine_code", {})
    with making:
        if (arity, width) not in kept:
            function = callback(op, arity)
            kept[arity, width] = function, None if width == 1 else _new_shim(_address(function), arity, width)
    function, shim = kept[arity, width]
    return _address(function) if shim is None else int(shim.get_function_address("shim"))


def _lane_by_lane(address: int, arity: int, width: int) -> int:
    """A vector function that calls the scalar one at `address` for each lane."""
    return address if width == 1 else int(_shim(address, arity, width).get_function_address("shim"))


def _new_shim(address: int, arity: int, width: int) -> Any:
    vector = types_of(width)[0]
    inputs = ", ".join(f"{vector} %a{j}" for j in range(arity))
    lines, so_far = [f"%f = inttoptr i64 {address} to ptr"], "poison"
    for lane in range(width):
        lines += [f"%x{lane}_{j} = extractelement {vector} %a{j}, i32 {lane}" for j in range(arity)]
        args = ", ".join(f"double %x{lane}_{j}" for j in range(arity))
        lines.append(f"%y{lane} = call double %f({args})")
        lines.append(f"%z{lane} = insertelement {vector} {so_far}, double %y{lane}, i32 {lane}")
        so_far = f"%z{lane}"
    body = "\n ".join([*lines, f"ret {vector} {so_far}"])
    return load(code_of(f"define {vector} @shim({inputs}) nounwind {{\n {body}\n}}\n", opt=2))


_shim = once(_new_shim)
