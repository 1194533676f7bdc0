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


def _summed(context, builder, signature, args, sums, parts, steps):
    """Emit a loop over the codes, `LANES` bytes a turn, and the sum of what it adds up.

    The arguments are codes, start, query and width. A turn has so many `parts` of the query.
    Partial sums are of type `sums`, int32; each of the `steps` makes new ones of the old ones, the
    codes and these parts.
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
    turns = builder.udiv(args[3], whole(LANES * parts))
    with _emit.for_range(builder, turns) as loop:
        left = builder.gep(codes_at, [builder.mul(loop.index, whole(LANES))])
        codes = builder.load(builder.bitcast(left, codes_type.as_pointer()), align=1)
        at = builder.mul(loop.index, whole(LANES * parts))
        query = []
        for part in range(parts):
            right = builder.gep(query_at, [builder.add(at, whole(LANES * part))])
            right = builder.bitcast(right, numbers_type.as_pointer())
            query.append(builder.load(right, align=1))
        for step, total in zip(steps, totals, strict=True):
            builder.store(step(builder, builder.load(total), codes, query), total)
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


def _lower(builder, codes):
    return builder.and_(codes, ir.Constant(codes.type, [15] * LANES))


def _upper(builder, codes):
    return builder.lshr(codes, ir.Constant(codes.type, [4] * LANES))


_HALVES = (_lower, _upper)
"""Where the first and the second part of a query meet codes of 4 bits."""


def _signed(builder, total, codes, query):
    wide = ir.VectorType(ir.IntType(32), LANES)
    return _add_products(builder, total, builder.sext(codes, wide), query[0])


def _half(part):
    """Return the step of one half of the codes, each number widened."""

    def step(builder, total, codes, query):
        wide = ir.VectorType(ir.IntType(32), LANES)
        numbers = builder.zext(_HALVES[part](builder, codes), wide)
        return _add_products(builder, total, numbers, query[part])

    return step


def _half_of_bytes(part):
    """Return the same where unsigned and signed bytes are multiplied, four to a sum, at once."""

    def step(builder, total, codes, query):
        function = _emit.get_or_insert_function(
            builder.module, ir.FunctionType(_FOURS, [_FOURS] * 3), "llvm.x86.avx512.vpdpbusd.256"
        )
        numbers = builder.bitcast(_HALVES[part](builder, codes), _FOURS)
        return builder.call(function, [total, numbers, builder.bitcast(query[part], _FOURS)])

    return step


def _both_halves(builder, total, codes, query):
    """Add the products of both halves, added up in 16 bits first: half of widening's instructions.

    They fit: four products of a number up to 15 and one up to 127 are less than 2¹⁵.
    """
    multiply = _emit.get_or_insert_function(
        builder.module,
        ir.FunctionType(_SHORTS, [codes.type, codes.type]),
        "llvm.x86.avx2.pmadd.ub.sw",
    )
    add_pairs = _emit.get_or_insert_function(
        builder.module, ir.FunctionType(_FOURS, [_SHORTS, _SHORTS]), "llvm.x86.avx2.pmadd.wd"
    )
    lower, upper = (
        builder.call(multiply, [half(builder, codes), numbers])
        for half, numbers in zip(_HALVES, query, strict=True)
    )
    ones = ir.Constant(_SHORTS, [1] * _SHORTS.count)
    sums = builder.call(add_pairs, [builder.add(lower, upper), ones])
    return builder.add(total, sums)


_PAIRS = ir.VectorType(ir.IntType(32), LANES // 2)
_FOURS = ir.VectorType(ir.IntType(32), LANES // 4)
_SHORTS = ir.VectorType(ir.IntType(16), LANES // 2)
_BYTE_PRODUCTS = ("+avx512vnni", "+avx512vl")
"""What the processor needs for `_half_of_bytes`."""
_SHORT_PRODUCTS = "+avx2"
"""The same for `_both_halves`."""


@_intrinsic
def dot(_context, codes, start, query, width):  # noqa: ARG001 - typed by position
    """Return the product of `width` numbers, from codes[start], and as many of the query.

    Signed bytes are numbers of 8 bits; the query is int16. Of unsigned ones each 32 hold 64
    numbers of 4 bits, first the 32 in their lower halves; the query is int8.
    """

    def generate(context, builder, signature, args):
        if codes.dtype == _types.int8:
            return _summed(context, builder, signature, args, _PAIRS, 1, [_signed])
        features = context.codegen().magic_tuple()[-1].split(",")
        if all(each in features for each in _BYTE_PRODUCTS):
            steps = [_half_of_bytes(part) for part in (0, 1)]
            return _summed(context, builder, signature, args, _FOURS, 2, steps)
        if _SHORT_PRODUCTS in features:
            return _summed(context, builder, signature, args, _FOURS, 2, [_both_halves])
        steps = [_half(part) for part in (0, 1)]
        return _summed(context, builder, signature, args, _PAIRS, 2, steps)

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
