"""The frozen schema that the engine, the filter language and the wire share.

Applications build schemas with `aiomilvus.CollectionSchema`; that class becomes this one at
the client's door. A `Schema` is never changed: altering a collection makes a new one with a
higher `version`. Rules about what a valid schema is live in the engine's validation.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import msgspec

from aiomilvus.errors import ParamError
from aiomilvus.model.nearest import or_nearest
from aiomilvus.model.truths import is_true
from aiomilvus.model.types import DataType, FunctionType

FIRST_FIELD_ID = 100
"""Milvus keeps lower numbers for its row id (0) and timestamp (1)."""

NUMBERS = ("dim", "max_length", "max_capacity")
"""Type parameters that are attributes of `Field`; 0 where they are not given."""

DYNAMIC_FIELD = "$meta"
"""Name of the JSON field that holds what the schema does not name."""

DEFAULT_PARTITION = "_default"
DEFAULT_DATABASE = "default"
VIRTUAL_KEY = "__virtual_pk__"
"""The primary key of an external collection: segment << 32 | row."""


class Field(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One field of a collection.

    Attributes:
        id: Number in the collection, from 100 on, never reused.
        name: Name; sub-fields of a struct are called ``struct[sub]``.
        dtype: Data type; ARRAY for arrays and scalar sub-fields, ARRAY_OF_VECTOR for
            sub-fields that hold vectors.
        element_type: Type of an array's elements, else NONE.
        dim: Dimension of a dense or binary vector (bits for binary), else 0.
        max_length: Most bytes of a VARCHAR value or element, else 0.
        max_capacity: Most elements of an ARRAY value, else 0.
        default: Value for rows that give none, or `msgspec.UNSET`.
        params: Remaining type parameters as strings (``enable_match``, ``analyzer_params``…).
        struct: Name of the struct that the field is part of, or "".
        external_field: Of an external collection: the column of the files that it reads, or "".
    """

    id: int = 0
    name: str
    dtype: DataType
    description: str = ""
    is_primary: bool = False
    auto_id: bool = False
    nullable: bool = False
    default: Any = msgspec.UNSET
    is_partition_key: bool = False
    is_clustering_key: bool = False
    is_dynamic: bool = False
    is_function_output: bool = False
    element_type: DataType = DataType.NONE
    dim: int = 0
    max_length: int = 0
    max_capacity: int = 0
    params: dict[str, str] = {}
    struct: str = ""
    external_field: str = ""

    @property
    def has_default(self) -> bool:
        """Whether rows may leave the field out because it has a default value."""
        return self.default is not msgspec.UNSET

    @property
    def is_analyzed(self) -> bool:
        """Whether its texts may be analyzed."""
        return is_true(self.params.get("enable_analyzer", ""))

    @property
    def is_matched(self) -> bool:
        """Whether ``text_match`` and its like may read its texts."""
        return is_true(self.params.get("enable_match", ""))

    @property
    def vector_type(self) -> DataType:
        """The vector type stored, for a vector field or an array of vectors, else NONE."""
        if self.dtype.is_vector:
            return self.dtype
        return self.element_type if self.element_type.is_vector else DataType.NONE


def numbers_of(dtype: DataType, element_type: DataType) -> tuple[str, ...]:
    """Return which of `NUMBERS` fields of a type may have; of any other, a 0 says nothing."""
    types = (dtype, element_type)
    is_array = dtype in (DataType.ARRAY, DataType.ARRAY_OF_VECTOR)
    there = (any(each.is_vector for each in types), DataType.VARCHAR in types, is_array)
    return tuple(name for name, has in zip(NUMBERS, there, strict=True) if has)


class FunctionSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A function of the schema: it fills its output fields from its input fields."""

    id: int = 0
    name: str
    type: FunctionType
    description: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    params: dict[str, Any] = {}


LOADING = ("mmap.enabled", "warmup")
"""Parameters of a field, or of an array of structs for all its sub-fields, that say how to load."""


class StructSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An array of structs; its sub-fields are `Schema.fields` with this `struct` name."""

    id: int = 0
    name: str
    description: str = ""
    max_capacity: int
    nullable: bool = False


class Schema(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True, weakref=True
):
    """What a collection's rows look like.

    Attributes:
        fields: All stored fields in id order; the dynamic field, if any, included.
        version: Grows with each change of the schema, from 0.
        external_source: Of an external collection: where its files are, as it was given.
        external_spec: The JSON text that says how to read them.
        time_zone: IANA name of the time zone for moments without an offset, and to show moments
            in; "" is UTC. The collection's property ``timezone``; not stored with the schema.
    """

    fields: tuple[Field, ...]
    functions: tuple[FunctionSpec, ...] = ()
    structs: tuple[StructSpec, ...] = ()
    description: str = ""
    enable_dynamic_field: bool = False
    enable_namespace: bool = False
    version: int = 0
    external_source: str = ""
    external_spec: str = ""
    time_zone: str = ""

    def in_zone(self, name: str) -> Schema:
        """Return the schema with another time zone; itself for "" or the one it has."""
        if not name or name == self.time_zone:
            return self
        return msgspec.structs.replace(self, time_zone=name)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by name."""
        return {field.name: field for field in self.fields}

    @cached_property
    def primary(self) -> Field:
        """The primary key field."""
        return next(field for field in self.fields if field.is_primary)

    @cached_property
    def is_external(self) -> bool:
        """Whether the rows are those of files that somebody else writes."""
        return bool(self.external_source) or any(field.external_field for field in self.fields)

    @cached_property
    def partition_key(self) -> Field | None:
        """The partition key field, if there is one."""
        return next((field for field in self.fields if field.is_partition_key), None)

    @cached_property
    def dynamic(self) -> Field | None:
        """The JSON field for keys that the schema does not name, if enabled."""
        return next((field for field in self.fields if field.is_dynamic), None)

    @cached_property
    def vectors(self) -> tuple[Field, ...]:
        """Fields that can be searched: vectors and arrays of vectors."""
        return tuple(f for f in self.fields if f.vector_type is not DataType.NONE)

    def fields_of(self, struct: str) -> tuple[Field, ...]:
        """Return the sub-fields of the struct called `struct`."""
        return tuple(field for field in self.fields if field.struct == struct)

    def searched(self, name: str) -> Field:
        """Return the field to search: the one called `name`, or for "" the only one.

        Raises:
            ParamError: There is no such field, it holds no vectors, or there are several.
        """
        if not name:
            if len(self.vectors) == 1:
                return self.vectors[0]
            names = [field.name for field in self.vectors]
            raise ParamError(
                message="multiple anns_fields exist, please specify a anns_field in "
                f"search_params: one of {names}"
            )
        field = self.by_name.get(name)
        if field is None:
            message = f"failed to get field schema by name: fieldName({name}) not found"
            message += or_nearest(name, [each.name for each in self.vectors])
        elif field.vector_type is DataType.NONE:
            message = f"field ({name}) to search is not of vector data type"
        else:
            return field
        raise ParamError(message=f"failed to create query plan: {message}: invalid parameter")
