"""Definitions of indexes as any target takes them, whatever rules they were made under."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.errors import ParamError
from aiomilvus.model.index_definitions import (
    AUTO_NAMES,
    LIST_NAMES,
    MAX_INDEX_NAME,
    fault_of_index_name,
)
from aiomilvus.model.operations.indexes import AlterIndexProperties, CreateIndex
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Collection

    from aiomilvus.client.backends.backend import AsyncBackend
    from aiomilvus.model.results import IndexInfo
    from aiomilvus.model.schema import Field

_AUTO = ("AUTOINDEX", "")


class Place(NamedTuple):
    """Where indexes are made."""

    backend: AsyncBackend
    db: str
    collection: str


async def make_index(
    place: Place, index: IndexInfo, field: Field | None, taken: Collection[str]
) -> list[str]:
    """Make an index as it is at the source, or as like it as the target takes.

    Earlier versions, and other servers, took names and parameters of indexes that are refused
    now. The rows are at the target by then, so what can be made otherwise is, and is told.

    Args:
        place: Where to.
        index: The source's.
        field: What it is on, None for one that is not in the schema.
        taken: Names of the collection's other indexes.

    Returns:
        What is not as at the source, for who reads the report.
    """
    params = _taken_params(index, field)
    notes: list[str] = []
    if params.get("index_type") != index.params.get("index_type"):
        notes.append(
            f"index {index.name} is of type {params['index_type']}, as AUTOINDEX takes no "
            "parameters now"
        )
    elif params != index.params:
        left_out = ", ".join(sorted(index.params.keys() - params.keys()))
        notes.append(f"index {index.name} goes without {left_out}, which AUTOINDEX never used")
    name = index.name
    try:
        await _create(place, index, params, name)
    except ParamError:
        if not fault_of_index_name(name):
            raise
        name = clean_name(name, taken)
        await _create(place, index, params, name)
        notes.append(f"index {index.name!r} is called {name}: its name is not allowed any more")
    for key, value in index.properties.items():
        set_to = AlterIndexProperties(
            db=place.db, collection=place.collection, name=name, properties={key: value}
        )
        try:
            await place.backend.execute(set_to, None)
        except ParamError as error:
            notes.append(f"index {name} goes without {key}={value}: {error.message}")
    return notes


async def _create(place: Place, index: IndexInfo, params: dict[str, str], name: str) -> None:
    made = CreateIndex(
        db=place.db,
        collection=place.collection,
        name=name,
        field=index.field,
        params=params,
        nested=index.nested if params == index.params else "",
    )
    await place.backend.execute(made, None)


def _taken_params(index: IndexInfo, field: Field | None) -> dict[str, str]:
    """Return an index's parameters, less those of AUTOINDEX that never changed anything.

    Over sparse vectors and MinHash signatures they did: there the type that AUTOINDEX stood for
    is named, which takes them.
    """
    params = index.params
    kind = params.get("index_type", "")
    if kind not in _AUTO or field is None or not field.vector_type:
        return params
    known = AUTO_NAMES | LIST_NAMES if field.dtype is DataType.ARRAY_OF_VECTOR else AUTO_NAMES
    kept = {key: value for key, value in params.items() if key in known}
    if kept == params:
        return params
    if field.dtype is DataType.SPARSE_FLOAT_VECTOR:
        return {**params, "index_type": "SPARSE_INVERTED_INDEX"}
    if params.get("metric_type", "").upper() == "MHJACCARD":
        return {**params, "index_type": "MINHASH_LSH"}
    return kept


def clean_name(name: str, taken: Collection[str]) -> str:
    """Return a name that an index may have, like `name`, and none of those taken."""
    clean = re.sub(r"[^A-Za-z0-9_\[\]]", "_", name.strip())[:MAX_INDEX_NAME]
    if not re.match(r"[A-Za-z_]", clean):
        clean = f"_{clean}"[:MAX_INDEX_NAME]
    found = clean
    number = 2
    while found in taken:
        end = f"_{number}"
        found = clean[: MAX_INDEX_NAME - len(end)] + end
        number += 1
    return found
