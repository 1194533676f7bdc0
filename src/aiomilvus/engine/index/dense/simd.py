"""What numba's loops do not become by themselves: vector instructions, written for LLVM.

Imports numba; only `hnsw_kernels` uses it.
"""

# Numba takes its types from what the functions return.
# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from aiomilvus.engine.index.dense.kernel_arguments import LANES

# The stubs of these three type neither signatures nor generated code.
_emit: Any = cgutils
_intrinsic: Any = intrinsic
_types: Any = types


def _summed(context, builder, signature, args, sums, steps):
    """Emit a loop over the codes, `LANES` bytes a turn, and the sum of what it adds up.

    The arguments are codes, start, query and width. Partial sums are of type `sums`, int32; each
    of the `steps` makes new ones of the old ones, the codes and the next part of the query.
    """
    whole = ir.IntType(64)
    codes_type, numbers_type = (
        ir.VectorType(ir.IntType(signature.args[at].dtype.bitwidth), LANES) for at in (0, 2)
    )
    codes_at, query_at = (
        context.make_array(signature.args[at])(context, builder, args[at]).data for at in (0, 2)
    )
    codes_at = builder.gep(codes_at, [args[1]])
    totals = [_emit.alloca_once(builder, sums) for _ in steps]
    for total in totals:
        builder.store(ir.Constant(sums, [0] * sums.count), total)
    turns = builder.udiv(args[3], whole(LANES * len(steps)))
    with _emit.for_range(builder, turns) as loop:
        left = builder.gep(codes_at, [builder.mul(loop.index, whole(LANES))])
        codes = builder.load(builder.bitcast(left, codes_type.as_pointer()), align=1)
        at = builder.mul(loop.index, whole(LANES * len(steps)))
        for step, total in zip(steps, totals, strict=True):
            right = builder.bitcast(builder.gep(query_at, [at]), numbers_type.as_pointer())
            query = builder.load(right, align=1)
            builder.store(step(builder, builder.load(total), codes, query), total)
            at = builder.add(at, whole(LANES))
    found = builder.load(totals[0])
    for total in totals[1:]:
        found = builder.add(found, builder.load(total))
    reduce = _emit.get_or_insert_function(
        builder.module,
        ir.FunctionType(sums.element, [sums]),
        f"llvm.vector.reduce.add.v{sums.count}i32",
    )
    return builder.call(reduce, [found])


def _add_products(builder, total, codes, query):
    """Add products of neighbours, a shape that LLVM knows as ``vpdpwssd`` or ``vpmaddwd``.

    Numba's loops over bytes stay scalar.
    """
    wide = ir.VectorType(ir.IntType(32), LANES)
    product = builder.mul(codes, builder.sext(query, wide))
    nothing = ir.Constant(wide, ir.Undefined)
    even, odd = (ir.Constant(_PAIRS, list(range(first, LANES, 2))) for first in (0, 1))
    pairs = builder.add(
        builder.shuffle_vector(product, nothing, even),
        builder.shuffle_vector(product, nothing, odd),
    )
    return builder.add(total, pairs)


def _add_bytes(builder, total, codes, query):
    """Add products of unsigned and signed bytes, four to a sum, as one instruction."""
    function = _emit.get_or_insert_function(
        builder.module, ir.FunctionType(_FOURS, [_FOURS] * 3), "llvm.x86.avx512.vpdpbusd.256"
    )
    return builder.call(
        function, [total, builder.bitcast(codes, _FOURS), builder.bitcast(query, _FOURS)]
    )


def _lower(builder, codes):
    return builder.and_(codes, ir.Constant(codes.type, [15] * LANES))


def _upper(builder, codes):
    return builder.lshr(codes, ir.Constant(codes.type, [4] * LANES))


def _signed(builder, total, codes, query):
    wide = ir.VectorType(ir.IntType(32), LANES)
    return _add_products(builder, total, builder.sext(codes, wide), query)


def _half(part):
    def step(builder, total, codes, query):
        wide = ir.VectorType(ir.IntType(32), LANES)
        return _add_products(builder, total, builder.zext(part(builder, codes), wide), query)

    return step


def _half_of_bytes(part):
    return lambda builder, total, codes, query: _add_bytes(
        builder, total, part(builder, codes), query
    )


_PAIRS = ir.VectorType(ir.IntType(32), LANES // 2)
_FOURS = ir.VectorType(ir.IntType(32), LANES // 4)
_BYTE_PRODUCTS = ("+avx512vnni", "+avx512vl")
"""What the processor needs for `_add_bytes`."""


@_intrinsic
def dot(_context, codes, start, query, width):  # noqa: ARG001 - typed by position
    """Return the product of `width` numbers, from codes[start], and as many of the query.

    Signed bytes are numbers of 8 bits; the query is int16. Of unsigned ones each 32 hold 64
    numbers of 4 bits, first the 32 in their lower halves; the query is int8.
    """

    def generate(context, builder, signature, args):
        if codes.dtype == _types.int8:
            return _summed(context, builder, signature, args, _PAIRS, [_signed])
        features = context.codegen().magic_tuple()[-1]
        if all(each in features for each in _BYTE_PRODUCTS):
            steps = [_half_of_bytes(_lower), _half_of_bytes(_upper)]
            return _summed(context, builder, signature, args, _FOURS, steps)
        steps = [_half(_lower), _half(_upper)]
        return _summed(context, builder, signature, args, _PAIRS, steps)

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
