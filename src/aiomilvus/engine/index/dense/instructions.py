"""What numba's loops do not become by themselves: vector instructions, written for LLVM.

Imports numba; only `kernels` uses it.
"""

# Numba takes its types from what the functions return.
# mypy: allow-untyped-defs, allow-untyped-decorators

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 32
"""Codes are padded to a multiple of this many dimensions."""

# The stubs of these three type neither signatures nor generated code.
_emit: Any = cgutils
_intrinsic: Any = intrinsic
_types: Any = types


@_intrinsic
def dot(_context, codes, start, query, width):  # noqa: ARG001 - typed by position
    """Return the int32 product of codes[start:start+width], int8, and query, int16.

    Numba's loops over int8 stay scalar. This shape LLVM turns into ``vpdpwssd``, ``vpmaddwd`` or
    what else the processor has.
    """

    def generate(context, builder, signature, args):
        byte, word, half, whole = (ir.IntType(bits) for bits in (8, 16, 32, 64))
        narrow, middle, wide, sums = (
            ir.VectorType(byte, LANES),
            ir.VectorType(word, LANES),
            ir.VectorType(half, LANES),
            ir.VectorType(half, LANES // 2),
        )
        code_at = context.make_array(signature.args[0])(context, builder, args[0]).data
        query_at = context.make_array(signature.args[2])(context, builder, args[2]).data
        code_at = builder.gep(code_at, [args[1]])
        even = ir.Constant(sums, list(range(0, LANES, 2)))
        odd = ir.Constant(sums, list(range(1, LANES, 2)))
        nothing = ir.Constant(wide, ir.Undefined)
        total = _emit.alloca_once(builder, sums)
        builder.store(ir.Constant(sums, [0] * (LANES // 2)), total)
        with _emit.for_range(builder, builder.udiv(args[3], whole(LANES))) as loop:
            at = builder.mul(loop.index, whole(LANES))
            left = builder.bitcast(builder.gep(code_at, [at]), narrow.as_pointer())
            right = builder.bitcast(builder.gep(query_at, [at]), middle.as_pointer())
            product = builder.mul(
                builder.sext(builder.load(left, align=1), wide),
                builder.sext(builder.load(right, align=2), wide),
            )
            pairs = builder.add(
                builder.shuffle_vector(product, nothing, even),
                builder.shuffle_vector(product, nothing, odd),
            )
            builder.store(builder.add(builder.load(total), pairs), total)
        reduce = _emit.get_or_insert_function(
            builder.module,
            ir.FunctionType(half, [sums]),
            f"llvm.vector.reduce.add.v{LANES // 2}i32",
        )
        return builder.call(reduce, [builder.load(total)])

    return _types.int32(codes, _types.int64, query, _types.int64), generate


@_intrinsic
def prefetch(_context, codes, at):  # noqa: ARG001 - typed by position
    """Ask for the cache line of codes[at]."""

    def generate(context, builder, signature, args):
        pointer = context.make_array(signature.args[0])(context, builder, args[0]).data
        half = ir.IntType(32)
        generic = ir.IntType(8).as_pointer()
        function = builder.module.declare_intrinsic(
            "llvm.prefetch", [generic], ir.FunctionType(ir.VoidType(), [generic, half, half, half])
        )
        where = builder.bitcast(builder.gep(pointer, [args[1]]), generic)
        builder.call(function, [where, half(0), half(3), half(1)])
        return context.get_dummy_value()

    return _types.void(codes, _types.int64), generate
