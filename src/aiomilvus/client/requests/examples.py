"""Searches by examples: which entities to read first, and the query vector that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.client.arguments import check_mapping, filter_and_params
from aiomilvus.client.requests.primary_keys import key_column
from aiomilvus.errors import ParamError
from aiomilvus.model.columns import BytesColumn, FixedColumn, VectorColumn
from aiomilvus.model.operations.data import Query
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from aiomilvus.client.inputs.examples import Example, Examples
    from aiomilvus.expr.builder import Filter
    from aiomilvus.model.columns import Column
    from aiomilvus.model.results import QueryResult
    from aiomilvus.model.schema import Field, Schema

    Vector = NDArray[np.float64]

_COMBINED = frozenset({DataType.FLOAT_VECTOR, DataType.FLOAT16_VECTOR, DataType.BFLOAT16_VECTOR})
_NAME = "examples_given_by_key"
"""Of the placeholder for the keys that are not to be found."""


class Asked(NamedTuple):
    """What a search by examples asks for.

    Attributes:
        vectors: The one query vector.
        filter: The filter, without the examples themselves.
        params: Values of its placeholders.
    """

    vectors: list[list[float]]
    filter: str
    params: dict[str, object]


def examples_query(
    schema: Schema, db: str, collection: str, examples: Examples, anns_field: str, at: int
) -> Query | None:
    """Return the read of the entities that are examples; None where all are vectors.

    Raises:
        ParamError: The field's vectors can't be combined, or a key is none.
    """
    field = _combined(schema, anns_field)
    if not examples.keys:
        return None
    return Query(
        db=db,
        collection=collection,
        ids=key_column(schema, list(examples.keys)),
        output_fields=(schema.primary.name, field.name),
        at=at,
    )


def _combined(schema: Schema, anns_field: str) -> Field:
    field = schema.searched(anns_field)
    if field.dtype not in _COMBINED:
        kinds = ", ".join(sorted(kind.name for kind in _COMBINED))
        message = f"examples can be combined where the field is one of {kinds}, but {field.name}"
        raise ParamError(message=f"{message} is of type {field.dtype.name}")
    return field


def asked_by_examples(
    schema: Schema,
    examples: Examples,
    anns_field: str,
    filter: str | Filter,
    params: object,
    found: QueryResult | None,
) -> Asked:
    """Return what a search by examples asks for.

    Args:
        schema: Of the collection.
        examples: The examples.
        anns_field: What is searched, "" for the only vector field.
        filter: What else is asked of the hits.
        params: Values of its placeholders.
        found: What `examples_query` brought.

    Raises:
        ParamError: An example has no vector, or one of another dimension.
    """
    field = _combined(schema, anns_field)
    known = {} if found is None else _vectors(schema, field, found)
    query = _mean(field, examples.positive, known)
    if examples.negative:
        query = 2 * query - _mean(field, examples.negative, known)
    text, values = filter_and_params(filter, check_mapping(params, "filter_params") or None)
    if examples.keys:
        others = f"{schema.primary.name} not in {{{_NAME}}}"
        text = f"({text}) and {others}" if text else others
        values = {**values, _NAME: [_key(schema, key) for key in examples.keys]}
    return Asked([query.tolist()], text, values)


def _key(schema: Schema, key: int | str) -> int | str:
    """Return a key as its field has it: a text of digits may stand for an int."""
    return str(key) if schema.primary.dtype is DataType.VARCHAR else int(key)


def _vectors(schema: Schema, field: Field, found: QueryResult) -> dict[int | str, Vector]:
    """Return the vectors of entities by their keys."""
    column = found.batch[field.name]
    there = np.ones(len(column), np.bool_) if column.valid is None else column.valid
    keys = _keys(found.batch[schema.primary.name])
    rows = _floats(column)
    return {key: rows[at] for at, key in enumerate(keys) if there[at]}


def _keys(column: Column) -> list[int | str]:
    if isinstance(column, BytesColumn):
        return [raw.decode() for raw in column]
    numbers: list[int | str] = FixedColumn.expect(column).values.tolist()
    return numbers


def _floats(column: Column) -> Vector:
    values = VectorColumn.expect(column).values
    if values.dtype == np.uint16:  # the bits of bfloat16
        values = (values.astype(np.uint32) << 16).view(np.float32)
    return values.astype(np.float64)


def _mean(field: Field, examples: Sequence[Example], known: Mapping[int | str, Vector]) -> Vector:
    rows = [_vector(field, example, known) for example in examples]
    mean: Vector = np.mean(rows, axis=0)
    return mean


def _vector(field: Field, example: Example, known: Mapping[int | str, Vector]) -> Vector:
    if isinstance(example, (int, str)):
        found = known.get(example)
        if found is None and not isinstance(example, int):
            found = known.get(int(example)) if example.lstrip("-").isdecimal() else None
        elif found is None:
            found = known.get(str(example))
        if found is None:
            raise ParamError(message=f"no entity with a vector has the key {example!r}")
        return found
    try:
        vector = np.asarray(example, np.float64)
    except (TypeError, ValueError):
        vector = np.empty(0)
    if vector.shape != (field.dim,) or not np.isfinite(vector).all():
        message = f"an example for field {field.name} should be a vector of {field.dim} numbers"
        raise ParamError(message=f"{message}, all finite, or a key; got {example!r:.80}")
    return vector
