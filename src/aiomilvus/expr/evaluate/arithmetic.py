"""Arithmetic on columns of numbers: floats as IEEE has it, integers as mathematics has it.

Integer operations run in 64 bits and mark the rows where these may not be enough as doubtful;
`exact` computes those again with Python's integers.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from aiomilvus.expr.bind.constants import shifted, truncated
from aiomilvus.expr.evaluate.answers import both
from aiomilvus.expr.predicate import Arithmetic, Number
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from aiomilvus.expr.evaluate.answers import Bools
    from aiomilvus.expr.predicate import Numeric, Operand

_SAFE_PRODUCT = 2.0**62


class Vector(NamedTuple):
    """One number per row.

    `known` is None when every row has one; `doubtful` marks rows of integer arithmetic that
    64 bits may not hold, None when there are none.
    """

    values: NDArray[Any]
    known: Bools | None
    doubtful: Bools | None = None


def compute(sum_: Arithmetic, leaf: Callable[[Any], Vector]) -> Vector:
    """Return the result of an arithmetic operation, its operands read by `leaf`."""
    left, right = _side(sum_.left, leaf), _side(sum_.right, leaf)
    known, doubtful = both(left.known, right.known), None
    for side in (left, right):
        if side.doubtful is not None:
            doubtful = side.doubtful if doubtful is None else doubtful | side.doubtful
    a, b = left.values, right.values
    if a.dtype.kind == "f" or b.dtype.kind == "f":
        # A FLOAT field computes with constants in 32 bits, as it does in Milvus.
        width = np.float32 if sum_.dtype is DataType.FLOAT else np.float64
        with np.errstate(all="ignore"):
            return Vector(_FLOATS[sum_.op](a.astype(width), b.astype(width)), known)
    with np.errstate(over="ignore"):
        values, defined, unsafe = _INTEGERS[sum_.op](a, b)
    if unsafe is not None and unsafe.any():
        doubtful = unsafe if doubtful is None else doubtful | unsafe
    return Vector(values, both(known, defined), doubtful)


def _side(operand: Numeric, leaf: Callable[[Any], Vector]) -> Vector:
    if isinstance(operand, Number):
        return Vector(np.array([operand.value]), None)
    if isinstance(operand, Arithmetic):
        return compute(operand, leaf)
    vector = leaf(operand)
    if vector.values.dtype.kind == "i":
        return vector._replace(values=vector.values.astype(np.int64, copy=False))
    return vector


_Computed = tuple["NDArray[np.int64]", "Bools | None", "Bools | None"]
"""The result, where it is defined (None: everywhere), and where it may have overflowed."""


def _added(a: Any, b: Any) -> _Computed:
    total = a + b
    return total, None, ((a ^ total) & (b ^ total)) < 0


def _subtracted(a: Any, b: Any) -> _Computed:
    total = a - b
    return total, None, ((a ^ b) & (a ^ total)) < 0


def _multiplied(a: Any, b: Any) -> _Computed:
    return a * b, None, np.abs(a.astype(np.float64) * b) >= _SAFE_PRODUCT


def _somewhere(defined: Bools) -> Bools | None:
    """Return `defined`, or None if it holds everywhere, as it does beside a constant."""
    return None if defined.all() else defined


def _divided(a: Any, b: Any) -> _Computed:
    defined = b != 0
    divisor = np.where(defined, b, 1)
    quotient = a // divisor
    quotient += ((a < 0) != (divisor < 0)) & (quotient * divisor != a)
    return quotient, _somewhere(defined), (a == np.iinfo(np.int64).min) & (divisor == -1)


def _remainder(a: Any, b: Any) -> _Computed:
    defined = b != 0
    divisor = np.where(defined & (b != -1), b, 1)
    return np.fmod(a, divisor), _somewhere(defined), None


def _shifted_left(a: Any, b: Any) -> _Computed:
    defined = (b >= 0) & (b < 64)
    return np.left_shift(a, np.where(defined, b, 0)), _somewhere(defined), None


def _shifted_right(a: Any, b: Any) -> _Computed:
    defined = (b >= 0) & (b < 64)
    return np.right_shift(a, np.where(defined, b, 0)), _somewhere(defined), None


_INTEGERS: dict[str, Callable[[Any, Any], _Computed]] = {
    "+": _added, "-": _subtracted, "*": _multiplied, "/": _divided, "%": _remainder,
    "&": lambda a, b: (a & b, None, None),
    "|": lambda a, b: (a | b, None, None),
    "^": lambda a, b: (a ^ b, None, None),
    "<<": _shifted_left, ">>": _shifted_right,
}  # fmt: skip
_FLOATS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip


Exact = list["int | float | None"]
"""A number of any size for each row, None where there is none."""


def exact(operand: Operand | Number, values_of: Callable[[Any], Exact]) -> Exact:
    """Return the operand's number in each row that `values_of` reads."""
    if not isinstance(operand, Arithmetic):
        return values_of(operand)
    left, right = operand.left, operand.right
    if isinstance(left, Number):
        b = exact(right, values_of)
        a: Exact = [left.value] * len(b)
    else:
        a = exact(left, values_of)
        b = [right.value] * len(a) if isinstance(right, Number) else exact(right, values_of)
    return [
        None if x is None or y is None else exact_result(operand.op, x, y)
        for x, y in zip(a, b, strict=True)
    ]


def exact_result(op: str, a: Any, b: Any) -> int | float | None:
    """Return ``a op b`` for two integers of any size, None where it is not defined."""
    if op in ("/", "%"):
        if b == 0:
            return None
        quotient = truncated(a, b)
        return quotient if op == "/" else cast("int", a - b * quotient)
    if op in ("<<", ">>"):
        return shifted(op, a, b) if 0 <= b < 64 else None
    return cast("int", _EXACT[op](a, b))


_EXACT: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul,
    "&": operator.and_, "|": operator.or_, "^": operator.xor,
}  # fmt: skip
