"""Filter text in the making: templates and their values, filters, and what they compare.

A `Filter` is a text with templates such as ``{_v0}``, and their values beside it; no value is
ever pasted into the text. `builder` has the words that applications use.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from aiomilvus.errors import ArgumentError
from aiomilvus.model.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Render = Callable[["Values"], str]


class Values:
    """The parameters of one filter; `place` gives each a name and returns its template."""

    def __init__(self) -> None:
        self.params: dict[str, Any] = {}

    def place(self, value: object) -> str:
        """Return the text that stands for `value`."""
        if isinstance(value, Operand):
            return value.render(self)
        if isinstance(value, datetime):
            return _moment(value)
        if isinstance(value, (list, tuple)) and any(isinstance(v, datetime) for v in value):
            return f"[{', '.join(self.place(item) for item in value)}]"
        name = f"_v{len(self.params)}"
        self.params[name] = _parameter(value)
        return f"{{{name}}}"


def _parameter(value: Any) -> object:
    """Return `value` as numbers, text, booleans, or lists of them."""
    if isinstance(value, (bool, int, float, str)):
        return plain(value)
    if hasattr(value, "tolist"):
        return _parameter(value.tolist())
    if isinstance(value, (list, tuple, set, frozenset, range)):
        return [_parameter(item) for item in value]
    if value is None:
        raise ArgumentError(message="nothing equals null; use is_null() or is_not_null()")
    raise ArgumentError(message=f"a {type(value).__name__} cannot be used in a filter: {value!r}")


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ArgumentError(message=f"{value!r} has no time zone")
    return f'iso "{value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")}"'


def _interval(value: timedelta) -> str:
    seconds, rest = divmod(value, timedelta(seconds=1))
    if rest:
        raise ArgumentError(message=f"intervals have whole seconds: {value!r}")
    return f'interval "PT{abs(seconds)}S"'


class Filter:
    """A filter: what `builder.col` and its kin build, and what search, query and delete take."""

    def __init__(self, render: Render) -> None:
        self._render = render

    @cached_property
    def _rendered(self) -> tuple[str, dict[str, Any]]:
        values = Values()
        return self._render(values), values.params

    @property
    def text(self) -> str:
        """The filter text, with templates such as ``{_v0}``."""
        return self._rendered[0]

    @property
    def params(self) -> dict[str, Any]:
        """The templates' values."""
        return dict(self._rendered[1])

    def render(self, values: Values) -> str:
        """Return the text, with values placed in `values`; filters are built of filters so."""
        return self._render(values)

    def __and__(self, other: Filter) -> Filter:
        return _joined("and", self, other)

    def __or__(self, other: Filter) -> Filter:
        return _joined("or", self, other)

    def __invert__(self) -> Filter:
        return Filter(lambda values: f"not ({self.render(values)})")

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "a filter is neither true nor false before it meets rows: write & | ~ for and, or, "
            "not, and (lower < x) & (x < upper) for lower < x < upper"
        )

    def __repr__(self) -> str:
        return f"Filter({self.text!r}, {self.params!r})"


def filter_parts(
    given: str | Filter | None, params: Mapping[str, Any] | None = None
) -> tuple[str, dict[str, Any]]:
    """Return text and parameters of what a caller gave as a filter.

    Raises:
        ArgumentError: Neither text nor a `Filter`, or parameters beside a `Filter`.
    """
    if given is None or isinstance(given, str):
        return given or "", dict(params or {})
    if not isinstance(given, Filter):
        raise ArgumentError(message=f"a filter is text or built with col(); got {given!r}")
    if params:
        raise ArgumentError(message="filter_params belong to a filter text; this one has its own")
    return given.text, given.params


def _joined(word: str, *parts: Filter) -> Filter:
    if not all(isinstance(part, Filter) for part in parts):
        raise TypeError(f"'{word}' joins filters, such as col('price') < 10; got {parts[-1]!r}")
    return Filter(lambda values: f" {word} ".join(f"({part.render(values)})" for part in parts))


class Operand:
    """A value read from each row: a field, a JSON path, an array's length, a sum of such."""

    def __init__(self, render: Render) -> None:
        self.render = render

    # Comparisons.

    def _compared(self, op: str, other: object) -> Filter:
        return Filter(lambda values: f"{self.render(values)} {op} {values.place(other)}")

    def __eq__(self, other: object) -> Filter:  # type: ignore[override]  # builds a filter
        return self._compared("==", other)

    def __ne__(self, other: object) -> Filter:  # type: ignore[override]  # as above
        return self._compared("!=", other)

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # == is no comparison of objects here

    def __lt__(self, other: object) -> Filter:
        return self._compared("<", other)

    def __le__(self, other: object) -> Filter:
        return self._compared("<=", other)

    def __gt__(self, other: object) -> Filter:
        return self._compared(">", other)

    def __ge__(self, other: object) -> Filter:
        return self._compared(">=", other)

    def in_(self, values: Iterable[object]) -> Filter:
        """Return the filter for rows whose value is one of `values`."""
        return self._compared("in", listed(values))

    def not_in(self, values: Iterable[object]) -> Filter:
        """Return the filter for rows that have a value, and it is none of `values`."""
        return self._compared("not in", listed(values))

    # Arithmetic.

    def _computed(self, op: str, other: object, *, swapped: bool = False) -> Operand:
        def render(values: Values) -> str:
            sides = [self.render(values), values.place(other)]
            return f"({sides[swapped]} {op} {sides[not swapped]})"

        return Operand(render)

    def __add__(self, other: object) -> Operand:
        if isinstance(other, timedelta):
            return self._shifted(other)
        return self._computed("+", other)

    def __sub__(self, other: object) -> Operand:
        if isinstance(other, timedelta):
            return self._shifted(-other)
        return self._computed("-", other)

    def _shifted(self, by: timedelta) -> Operand:
        sign, interval = "-" if by < timedelta(0) else "+", _interval(by)
        # Milvus' grammar wants the interval bare, not in parentheses.
        return Operand(lambda values: f"{self.render(values)} {sign} {interval}")

    def __radd__(self, other: object) -> Operand:
        return self._computed("+", other, swapped=True)

    def __rsub__(self, other: object) -> Operand:
        return self._computed("-", other, swapped=True)

    def __mul__(self, other: object) -> Operand:
        return self._computed("*", other)

    def __rmul__(self, other: object) -> Operand:
        return self._computed("*", other, swapped=True)

    def __truediv__(self, other: object) -> Operand:
        return self._computed("/", other)

    def __mod__(self, other: object) -> Operand:
        return self._computed("%", other)

    def __and__(self, other: object) -> Operand:
        return self._computed("&", _bits(other))

    def __or__(self, other: object) -> Operand:
        return self._computed("|", _bits(other))

    def __xor__(self, other: object) -> Operand:
        return self._computed("^", _bits(other))

    def __lshift__(self, other: object) -> Operand:
        return self._computed("<<", _bits(other))

    def __rshift__(self, other: object) -> Operand:
        return self._computed(">>", _bits(other))

    def __invert__(self) -> Operand:
        return Operand(lambda values: f"(~{self.render(values)})")

    def __neg__(self) -> Operand:
        return Operand(lambda values: f"(-{self.render(values)})")

    def __bool__(self) -> NoReturn:
        raise TypeError("a field is neither true nor false; write col('flag') == True")


def _bits(other: object) -> object:
    if isinstance(other, Filter):
        raise TypeError("& and | bind tighter than comparisons: put each one in parentheses")
    return other


def listed(values: Iterable[object]) -> list[object]:
    """Return `values` as a list; text is refused, since its characters are not meant."""
    if isinstance(values, (str, bytes)):
        raise ArgumentError(message=f"in_ takes a list of values, got {values!r}")
    return list(values.tolist() if hasattr(values, "tolist") else values)
