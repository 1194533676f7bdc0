"""What a search aggregation may ask for; Milvus' limits and words."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from aiomilvus.engine.query.rerank.arguments import invalid
from aiomilvus.errors import FieldNotFoundError
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.schema import Field, Schema

MOST_LEVELS = 4
MOST_ENTRIES = 10_000
_METRICS = ("avg", "count", "max", "min", "sum")
_SCORE = "_score"


class Level(NamedTuple):
    """One checked level.

    Attributes:
        fields: Their values make a bucket.
        size: Most buckets.
        metrics: Alias to what is computed (avg, count…) of which field.
        order: (metric alias, ``_count`` or ``_key``; descending).
        hits: Most hits of a bucket, 0 for none.
        sort: (field or ``_score``; descending) that hits rank by.
    """

    fields: tuple[str, ...]
    size: int
    metrics: dict[str, tuple[str, str]]
    order: tuple[tuple[str, bool], ...]
    hits: int
    sort: tuple[tuple[str, bool], ...]

    @property
    def reads(self) -> set[str]:
        """Fields whose values are needed."""
        measured = {name for _, name in self.metrics.values() if name != "*"}
        return {*self.fields, *measured, *(name for name, _ in self.sort)}


def levels_of(schema: Schema, op: Search) -> list[Level]:
    """Return the checked levels of the search's aggregation, outermost first.

    Raises:
        ParamError: A level is wrong, or there would be too many buckets.
    """
    if op.group_by:
        invalid("search_aggregation and group_by_field are mutually exclusive")
    if op.offset:
        invalid("offset is not supported with search_aggregation")
    if op.order_by:
        invalid("order_by is not supported with search_aggregation")
    if op.ranker is not None:
        invalid("a ranker is not supported with search_aggregation")
    given: Any = op.extra["search_aggregation"]
    if _depth(given) > MOST_LEVELS:
        invalid(f"search_aggregation nesting exceeds max {MOST_LEVELS} levels")
    levels: list[Level] = []
    while given:
        used = {name for level in levels for name in level.fields}
        levels.append(_level(schema, given, used))
        given = given.get("sub_aggregation")
    entries = op.nq * prod(level.size for level in levels) * max(1, *(x.hits for x in levels))
    if entries > MOST_ENTRIES:
        invalid(
            "number of search_aggregation result entries is too large: "
            f"{entries}, at most {MOST_ENTRIES}"
        )
    return levels


def _depth(given: Any) -> int:
    return 1 + _depth(given["sub_aggregation"]) if given.get("sub_aggregation") else 1


def _level(schema: Schema, given: Mapping[str, Any], used: set[str]) -> Level:
    names = list(given.get("fields", ()))
    if not names:
        invalid("group_by level has no fields")
    for name in names:
        _check_key(_field(schema, name, "group_by field"))
        if name in used:
            invalid(f'duplicated group_by field "{name}"')
        used.add(name)
    metrics = {alias: _metric(schema, alias, each) for alias, each in given["metrics"].items()}
    order = _directed(given.get("order", ()), "asc")
    for name, _ in order:
        if name not in metrics and name not in ("_count", "_key"):
            invalid(f'order key "{name}" should be a metric alias, _count or _key')
    top = given.get("top_hits")
    sort = _directed(top.get("sort", ()), "desc") if top else ()
    for name, _ in sort:
        if name != _SCORE:
            _check_ordered(_field(schema, name, "top_hits.sort field"), "top_hits.sort field")
    hits = _size(top.get("size", 0), "top_hits size") if top else 0
    size = _size(given.get("size", 0), "search_aggregation size")
    return Level(tuple(names), size, metrics, order, hits, sort)


def _field(schema: Schema, name: str, what: str) -> Field:
    field = schema.by_name.get(name)
    if field is None:
        raise FieldNotFoundError(message=f'invalid {what} "{name}": field not found[field={name}]')
    return field


def _check_key(field: Field) -> None:
    if field.dtype in (DataType.FLOAT, DataType.DOUBLE):
        invalid(
            f'group_by field "{field.name}": FLOAT / DOUBLE fields are not supported with '
            "search_aggregation"
        )
    if field.dtype is DataType.JSON:
        invalid(
            f'group_by field "{field.name}": JSON / dynamic fields are not yet supported with '
            "search_aggregation"
        )
    if not (field.dtype.is_integer or field.dtype.is_short_text or field.dtype is DataType.BOOL):
        invalid(f'group_by field "{field.name}" of type {field.dtype.spelling} is not supported')


def _check_ordered(field: Field, what: str) -> None:
    numeric = field.dtype.is_integer or field.dtype in (DataType.FLOAT, DataType.DOUBLE)
    if not (numeric or field.dtype.is_short_text or field.dtype is DataType.BOOL):
        invalid(f'{what} "{field.name}" of type {field.dtype.spelling} is not supported')


def _metric(schema: Schema, alias: str, given: Mapping[str, str]) -> tuple[str, str]:
    what, name = next(iter(given.items()))
    what, name = what.strip().lower(), name.strip()
    if not alias.strip():
        invalid("metric alias cannot be empty")
    if what not in _METRICS:
        invalid(f'invalid metric "{alias}": unsupported metric op "{what}"')
    if name == "*" and what != "count":
        invalid(f"invalid metric \"{alias}\": field_name '*' only supports count op")
    if name not in ("*", _SCORE):
        field = _field(schema, name, f'metric "{alias}" of field')
        _check_ordered(field, f'metric "{alias}" of field')
        textual = field.dtype.is_short_text or field.dtype is DataType.BOOL
        if what in ("avg", "sum") and textual:
            invalid(
                f"aggregation operator {what} does not support data type {field.dtype.spelling}"
            )
    return what, name


def returned_fields(schema: Schema, asked: Sequence[str]) -> list[str]:
    """Return the output fields of top hits: scalars; of ``*``, those that are.

    Raises:
        ParamError: A name is none of the schema's, or no scalar field.
    """
    found = []
    for name in asked:
        if name == "*":
            found += [field.name for field in schema.fields if _is_returned(field)]
            continue
        field = schema.by_name.get(name)
        if field is None or not _is_returned(field):
            invalid(f'output field "{name}" is not supported with search_aggregation')
        found.append(name)
    return list(dict.fromkeys(found))


def _is_returned(field: Field) -> bool:
    dtype = field.dtype
    plain = dtype.is_integer or dtype.is_short_text or dtype is DataType.BOOL
    return plain or dtype in (DataType.FLOAT, DataType.DOUBLE, DataType.JSON)


def _directed(given: Sequence[Mapping[str, str]], default: str) -> tuple[tuple[str, bool], ...]:
    found = []
    for each in given:
        name, direction = next(iter(each.items()))
        direction = (direction or default).lower()
        if direction not in ("asc", "desc"):
            invalid(f'invalid direction "{direction}" of {name}, should be asc or desc')
        found.append((name, direction == "desc"))
    return tuple(found)


def _size(value: Any, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        invalid(f"{what} must be non-negative, got {value!r}")
    return max(value, 1)
