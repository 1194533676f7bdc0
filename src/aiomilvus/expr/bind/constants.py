"""Constants: template parameters, folding, casting to a field's type, naming in errors.

The casts are Milvus': an integer becomes a double where a double is wanted, and nothing else
becomes anything else. Causes are raised as `ValueError`; who knows the position makes a
`Fault` of it.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any, cast

from aiomilvus.expr.tokens import lone_surrogate
from aiomilvus.model.plain import plain
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.expr.predicate import Value

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1

RANGES: dict[DataType, tuple[int, int]] = {
    DataType.INT8: (-(2**7), 2**7 - 1),
    DataType.INT16: (-(2**15), 2**15 - 1),
    DataType.INT32: (-(2**31), 2**31 - 1),
    DataType.INT64: (INT64_MIN, INT64_MAX),
    DataType.TIMESTAMPTZ: (INT64_MIN, INT64_MAX),
}
"""What an integer of each type can be."""

FLOATS = frozenset({DataType.FLOAT, DataType.DOUBLE})

_NESTING = 16


def type_name(dtype: DataType, element: DataType | None = None) -> str:
    """Return the type's name as Milvus' errors spell it, ``Int64`` or ``Array[Int64]``."""
    name = dtype.spelling
    return (
        f"{name}[{type_name(element)}]" if dtype is DataType.ARRAY and element is not None else name
    )


def type_of(value: Value) -> DataType:
    """Return the type that a constant has before any cast."""
    if isinstance(value, bool):
        return DataType.BOOL
    if isinstance(value, int):
        return DataType.INT64
    if isinstance(value, float):
        return DataType.DOUBLE
    return DataType.VARCHAR if isinstance(value, str) else DataType.ARRAY


def element_type_of(values: tuple[Value, ...]) -> DataType:
    """Return the type all `values` have, or NONE when they differ or there are none."""
    kinds = {type_of(value) for value in values}
    return kinds.pop() if len(kinds) == 1 else DataType.NONE


def shown(value: Value) -> str:
    """Return `value` as Milvus' errors show one: ``int64_val:5``, ``string_val:"a"``."""
    if isinstance(value, bool):
        return f"bool_val:{str(value).lower()}"
    if isinstance(value, int):
        return f"int64_val:{value}"
    if isinstance(value, float):
        return f"float_val:{repr(value).removesuffix('.0')}"
    if isinstance(value, str):
        return f'string_val:"{value}"'
    return "array_val:{" + " ".join(f"array:{{{shown(v)}}}" for v in value[:8]) + "}"


def parameter(value: object, depth: int = 0) -> Value:
    """Return a template parameter as a constant: numbers, text, booleans, lists of them.

    numpy's scalars and arrays, and members of enumerations, count as what they hold.

    Raises:
        ValueError: A type that filters have no value for, or an integer beyond 64 bits.
    """
    value = value if isinstance(value, (list, tuple)) else plain(value)
    if isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return checked_integer(value)
    if isinstance(value, str):
        if lone_surrogate(value) is not None:
            raise ValueError("a text with half a surrogate pair cannot be used in a filter")
        return value
    if isinstance(value, (list, tuple)) and depth < _NESTING:
        return tuple(parameter(item, depth + 1) for item in value)
    raise ValueError(f"a value of type {type(value).__name__} cannot be used in a filter")


def checked_integer(value: int) -> int:
    """Return `value` if 64 bits hold it.

    Raises:
        ValueError: They do not.
    """
    if INT64_MIN <= value <= INT64_MAX:
        return value
    digits = str(value) if abs(value) < 10**40 else "value"
    raise ValueError(f"integer {digits} is out of range: [-2^63, 2^63 - 1]")


def cast_to(value: Value, dtype: DataType, element: DataType = DataType.NONE) -> Value:
    """Return `value` as a value of type `dtype`, as far as Milvus casts.

    Raises:
        ValueError: It does not.
    """
    if dtype is DataType.JSON:
        return value
    if dtype is DataType.ARRAY and isinstance(value, tuple):
        return tuple(cast_to(item, element) for item in value)
    if dtype in FLOATS and type_of(value) in (DataType.INT64, DataType.DOUBLE):
        return float(cast("float", value))
    if dtype in RANGES and type_of(value) is DataType.INT64:
        return value
    same = (dtype.is_string and isinstance(value, str)) or (
        dtype is DataType.BOOL and isinstance(value, bool)
    )
    if same:
        return value
    raise ValueError(f"cannot cast value to {type_name(dtype)}, value: {shown(value)}")


_NAMED = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "modulo", "**": "power",
    "&": "bitand", "|": "bitor", "^": "bitxor", "<<": "shift left", ">>": "shift right",
}  # fmt: skip
_EXACT: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul,
    "&": operator.and_, "|": operator.or_, "^": operator.xor,
}  # fmt: skip
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt,
    "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def operator_name(op: str) -> str:
    """Return the operator's name as Milvus' errors spell it."""
    return _NAMED[op]


def fold(op: str, left: Value, right: Value) -> int | float:
    """Return ``left op right`` of two constants.

    Raises:
        ValueError: Not numbers, a zero divisor, or a result out of range.
    """
    types = type_of(left), type_of(right)
    if not {*types} <= {DataType.INT64, DataType.DOUBLE}:
        names = f"{type_name(types[0])} and {type_name(types[1])}"
        raise ValueError(f"'{_NAMED[op]}' cannot perform arithmetic between {names}")
    a, b = cast("float", left), cast("float", right)
    if op in ("%", "&", "|", "^", "<<", ">>") and types != (DataType.INT64, DataType.INT64):
        raise ValueError(f"{_NAMED[op]} can only apply on integer")
    if op in ("/", "%") and b == 0:
        raise ValueError(f"cannot {_NAMED[op]} by zero")
    try:
        result = _folded(op, a, b)
    except OverflowError:
        raise ValueError(f"the result of '{op}' on constants is out of range") from None
    if isinstance(result, int):
        return checked_integer(result)
    if not math.isfinite(result):
        raise ValueError(f"the result of '{op}' on constants is out of range")
    return result


def _folded(op: str, a: float, b: float) -> int | float:
    if op == "**":
        if a == 0 and b < 0:
            raise OverflowError
        result = float(a) ** float(b)
        return result if isinstance(result, float) else math.nan
    if op == "/":
        return truncated(a, b) if isinstance(a, int) and isinstance(b, int) else a / b
    if op == "%":
        return cast("int", a) - cast("int", b) * truncated(cast("int", a), cast("int", b))
    if op in ("<<", ">>"):
        return shifted(op, cast("int", a), cast("int", b))
    return cast("int | float", _EXACT[op](a, b))


def truncated(a: int, b: int) -> int:
    """Return the quotient of two integers, cut towards zero as C++ does."""
    return -(-a // b) if (a < 0) != (b < 0) else a // b


def shifted(op: str, a: int, b: int) -> int:
    """Return ``a << b`` or ``a >> b`` on 64 bits, two's complement.

    Raises:
        ValueError: The distance is not in 0 … 63.
    """
    if not 0 <= b <= 63:
        raise ValueError(f"shift by {b} is out of range: [0, 63]")
    if op == ">>":
        return a >> b
    wrapped = (a << b) & (2**64 - 1)
    return wrapped - 2**64 if wrapped >= 2**63 else wrapped


def compare(op: str, left: Value, right: Value) -> bool | None:
    """Return ``left op right`` of two constants, None when they have nothing in common."""
    numbers = {DataType.INT64, DataType.DOUBLE}
    kinds = {type_of(left), type_of(right)}
    comparable = kinds <= numbers or len(kinds) == 1
    if not comparable or (DataType.BOOL in kinds and op not in ("==", "!=")):
        return None
    if DataType.ARRAY in kinds and op not in ("==", "!="):
        return None
    return COMPARISONS[op](left, right)
