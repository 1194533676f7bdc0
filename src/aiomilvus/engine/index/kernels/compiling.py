"""Compiling kernels with numba, into machine code that needs no numba.

The functions of a module's `ENTRIES` are compiled as callbacks in C that take one pointer, to the
words of a `calls.Frame`, and take their arguments from there. Imports numba; a process beside
searches does so.
"""

# Numba takes its types from what functions return.
# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import llvmlite.ir
import numba.extending
import numba.np.arrayobj
import numba.np.numpy_support

from aiomilvus.engine.index.kernels.calls import BOOL, FLOAT, INT, Argument, Compiled, places_of
from aiomilvus.engine.index.kernels.linking import check_permission

if TYPE_CHECKING:
    from collections.abc import Callable

# The stubs type neither signatures nor generated code.
_numba: Any = numba
_types = _numba.types
_ir: Any = llvmlite.ir


def compile_module(module: str, on_progress: Callable[[], None] = lambda: None) -> list[Compiled]:
    """Return all entries of a module, in each of the types that they are declared for.

    Args:
        module: Its name.
        on_progress: What to call before each of them.

    Raises:
        OSError: The system allows no code to be made (`linking.check_permission`).
    """
    check_permission()
    compiled: list[Compiled] = []
    for entry in importlib.import_module(module).ENTRIES:
        for signature in entry.nopython_signatures:
            on_progress()
            compiled.append(_compiled(entry, signature.args))
    return compiled


def _compiled(entry, args):
    """Return an entry as compiled for arguments of some types."""
    arguments = tuple(map(_argument, args))
    unpacked = _unpacking(args, places_of(arguments))

    @_numba.cfunc(_types.void(_types.CPointer(_types.int64)))
    def run(frame):
        entry(*unpacked(frame))

    code = run._library._get_compiled_object()  # noqa: SLF001 - numba has no public way to it
    return Compiled(entry.__name__, arguments, run.native_name, code)


def _argument(given):
    """Return what a caller hands over for an argument of a type of numba's."""
    if isinstance(given, _types.Array):
        kind = _numba.np.numpy_support.as_dtype(given.dtype).str
        return Argument(kind, given.ndim, is_written=given.mutable)
    if isinstance(given, _types.Boolean):
        return Argument(BOOL)
    return Argument(FLOAT if isinstance(given, _types.Float) else INT)


def _unpacking(args, places):
    """Return an intrinsic that makes arguments of the words of a frame."""
    result = _types.Tuple(args)

    @_numba.extending.intrinsic
    def unpacked(_context, frame):
        def generate(context, builder, _signature, values):
            words = [
                builder.load(builder.gep(values[0], [_ir.IntType(64)(word)]))
                for word in range(places[-1])
            ]
            found = [
                _value(context, builder, each, words[first:end])
                for each, first, end in zip(args, places, places[1:], strict=False)
            ]
            return context.make_tuple(builder, result, found)

        return result(frame), generate

    return unpacked


def _value(context, builder, given, words):
    """Emit what makes an argument of its words."""
    if isinstance(given, _types.Array):
        return _array(context, builder, given, words)
    if isinstance(given, _types.Boolean):
        return builder.icmp_unsigned("!=", words[0], words[0].type(0))
    if isinstance(given, _types.Float):
        number = builder.bitcast(words[0], _ir.DoubleType())
        return number if given.bitwidth == 64 else builder.fptrunc(number, _ir.FloatType())
    return words[0]


def _array(context, builder, given, words):
    """Emit a C-contiguous array that owns nothing, of its address and shape."""
    item = context.get_data_type(given.dtype)
    size = words[0].type(context.get_abi_sizeof(item))
    address, *shape = words
    strides = [size]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    made = context.make_array(given)(context, builder)
    data = builder.inttoptr(address, item.as_pointer())
    _numba.np.arrayobj.populate_array(made, data, shape, strides, size, None)
    return made._getvalue()  # noqa: SLF001 - how numba's own code does it
