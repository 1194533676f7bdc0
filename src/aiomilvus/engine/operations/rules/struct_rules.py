"""What an array of structs may be: Milvus' rules for it and for its sub-fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.errors import ParamError
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.model.schema import Field, Schema, StructSpec

_ROLES = ("is_primary", "is_partition_key", "is_clustering_key", "is_dynamic", "auto_id")
_NO_SUB_VECTOR = DataType.SPARSE_FLOAT_VECTOR


def check_structs(
    schema: Schema,
    check_name: Callable[[str], None],
    check_sub_field: Callable[[Field], None],
    structs: tuple[StructSpec, ...] | None = None,
) -> None:
    """Raise unless the arrays of structs may be part of a collection.

    Args:
        schema: Has the structs and, among its fields, their sub-fields.
        check_name: Checks a name.
        check_sub_field: Checks name, dimension, length and capacity of a sub-field that is
            given under the name it has in its struct.
        structs: Those of the schema's to check; None for all.

    Raises:
        ParamError: A rule is broken; the message says which.
    """
    names = {field.name for field in schema.fields}
    for struct in schema.structs if structs is None else structs:
        if struct.name in names:
            raise _refused(f"duplicated field name: {struct.name}")
        names.add(struct.name)
        check_name(struct.name)
        fields = schema.fields_of(struct.name)
        if not fields:
            raise _refused(f"struct array field {struct.name} has no sub-fields")
        for field in fields:
            _check_kind(struct, field)
            check_sub_field(field)


def name_in_struct(field: Field) -> str:
    """Return what a sub-field is called in its struct: ``page`` of ``chunks[page]``."""
    return field.name.removeprefix(f"{field.struct}[").removesuffix("]")


def _check_kind(struct: StructSpec, field: Field) -> None:
    if field.dtype not in (DataType.ARRAY, DataType.ARRAY_OF_VECTOR):
        raise _refused(
            "fields in StructArrayField can only be array or array of vector, but field "
            f"{field.name} is {field.dtype.spelling}"
        )
    is_vector = field.element_type.is_vector
    if is_vector != (field.dtype is DataType.ARRAY_OF_VECTOR):
        raise _refused(
            f"field {field.name}: {field.element_type.spelling} can't be its element type"
        )
    if field.element_type is _NO_SUB_VECTOR:
        raise _refused(
            f"sub-field {field.name} can't hold sparse vectors: use FLOAT_VECTOR, FLOAT16_VECTOR, "
            "BFLOAT16_VECTOR, INT8_VECTOR or BINARY_VECTOR"
        )
    for role in _ROLES:
        if getattr(field, role):
            raise _refused(f"sub-field {field.name} of a struct can't have {role}")
    if field.has_default:
        raise _refused(f"sub-field {field.name} of a struct can't have a default value")
    if field.nullable != struct.nullable:
        raise _refused(f"sub-field {field.name} is nullable exactly if its struct is")


def _refused(message: str) -> ParamError:
    return ParamError(message=f"{message}: invalid parameter")
