"""CollectionSchema: the fields, structs and functions of a collection, as one builds them."""

from __future__ import annotations

from typing import Any, ClassVar

from aiomilvus.client.inputs.schema import messages
from aiomilvus.client.inputs.schema.field_arguments import is_array_of_structs
from aiomilvus.client.inputs.schema.fields import FieldSchema, StructFieldSchema
from aiomilvus.client.inputs.schema.functions import Function
from aiomilvus.client.inputs.schema.parts import (
    copied_fields,
    copied_options,
    copied_structs,
    is_named,
    listed_functions,
    named_struct,
    refuse_second,
)
from aiomilvus.errors import (
    AutoIDException,
    ClusteringKeyException,
    MilvusException,
    ParamError,
    PartitionKeyException,
    PrimaryKeyException,
)
from aiomilvus.model.html import table
from aiomilvus.model.types import DataType

_KEY_TYPES = frozenset({DataType.INT64, DataType.VARCHAR})
_CLUSTERING_TYPES = frozenset(
    {
        DataType.INT8,
        DataType.INT16,
        DataType.INT32,
        DataType.INT64,
        DataType.FLOAT,
        DataType.DOUBLE,
        DataType.VARCHAR,
        DataType.FLOAT_VECTOR,
    }
)


class CollectionSchema:
    """What a collection's rows look like, as an application describes it.

    Args:
        fields: The fields; they are copied.
        description: Free text.
        struct_fields: Arrays of structs; they are copied.
        functions: Functions that fill fields.
        enable_dynamic_field: Whether rows may hold keys that no field names.
        enable_namespace: Whether rows belong to namespaces.
        primary_field, partition_key_field, clustering_key_field: Names of the fields with
            these roles, instead of the fields' own flags.
        auto_id: Whether Milvus makes the primary keys.
        check_fields: False leaves the checks to `verify`.
        external_source, external_spec: For collections over external tables.

    Raises:
        FieldsTypeException, FieldTypeException, FunctionsTypeException,
        SchemaNotReadyException: A part has the wrong type.
        PrimaryKeyException, PartitionKeyException, ClusteringKeyException, AutoIDException,
        ParamError: The roles do not fit together.

    Example:
        >>> from aiomilvus import CollectionSchema, FieldSchema
        >>> key = FieldSchema("id", DataType.INT64, is_primary=True)
        >>> vector = FieldSchema("vector", DataType.FLOAT_VECTOR, dim=2)
        >>> await client.create_collection("pages", schema=CollectionSchema([key, vector]))
    """

    def __init__(
        self,
        fields: list[FieldSchema],
        description: str = "",
        struct_fields: list[StructFieldSchema] | None = None,
        functions: list[Function] | None = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(kwargs.get("auto_id", False), bool):
            raise AutoIDException(0, messages.AUTO_ID_TYPE)
        self._kwargs = copied_options(kwargs)
        self.description = description
        self.enable_dynamic_field: bool = bool(self._kwargs.get("enable_dynamic_field"))
        self.enable_namespace: bool = bool(self._kwargs.get("enable_namespace"))
        self.external_source: str = kwargs.get("external_source", "")
        self.external_spec: str = kwargs.get("external_spec", "")
        self.primary_field: FieldSchema | None = None
        self.partition_key_field: FieldSchema | None = None
        self._clustering_key_field: FieldSchema | None = None
        self.functions: list[Function] = listed_functions(functions)
        self.fields: list[FieldSchema] = copied_fields(fields)
        self.struct_fields: list[StructFieldSchema] = copied_structs(struct_fields)
        self._mark_outputs()
        self._check_arguments()
        if kwargs.get("check_fields", True):
            self._check_fields()

    def _check_arguments(self) -> None:
        checks: tuple[tuple[str, type[MilvusException], str], ...] = (
            ("primary_field", PrimaryKeyException, messages.PRIMARY_FIELD_TYPE),
            ("partition_key_field", PartitionKeyException, messages.PARTITION_KEY_FIELD_TYPE),
            ("clustering_key_field", ClusteringKeyException, messages.CLUSTERING_KEY_FIELD_TYPE),
        )
        for name, error, message in checks:
            if not isinstance(self._kwargs.get(name), (str, type(None))):
                raise error(message=message)

    def _forget_roles(self) -> None:
        self.primary_field = self.partition_key_field = self._clustering_key_field = None

    def _take_role(self, field: FieldSchema) -> None:
        """Note whether `field` is the primary, partition or clustering key; refuse a second."""
        for option, flag in (
            ("primary_field", "is_primary"),
            ("partition_key_field", "is_partition_key"),
            ("clustering_key_field", "is_clustering_key"),
        ):
            if is_named(field, (self._kwargs.get(option),)):
                setattr(field, flag, True)
        if field.is_primary:
            refuse_second(self.primary_field, field, PrimaryKeyException, messages.ONE_PRIMARY_KEY)
            self.primary_field = field
            if self._kwargs.get("auto_id", False):
                field.auto_id = True
        if field.is_partition_key:
            refuse_second(
                self.partition_key_field, field, PartitionKeyException, messages.ONE_PARTITION_KEY
            )
            self.partition_key_field = field
        if field.is_clustering_key:
            refuse_second(
                self._clustering_key_field,
                field,
                ClusteringKeyException,
                messages.ONE_CLUSTERING_KEY,
            )
            self._clustering_key_field = field

    def _check_fields(self) -> None:
        self._forget_roles()
        for field in self.fields:
            self._take_role(field)
        if self.external_source:
            if self._kwargs.get("auto_id", False):
                raise ParamError(message="External collections do not support auto_id")
            return
        if self.primary_field is None:
            raise PrimaryKeyException(message=messages.NO_PRIMARY_KEY)
        if self.primary_field.dtype not in _KEY_TYPES:
            raise PrimaryKeyException(message=messages.PRIMARY_KEY_TYPE)
        self._check_partition_key()
        self._check_clustering_key()

    def _check_partition_key(self) -> None:
        field = self.partition_key_field
        wanted = self._kwargs.get("partition_key_field")
        if field is None:
            if wanted is not None:
                raise PartitionKeyException(message=messages.PARTITION_KEY_MISSING.format(wanted))
            return
        if field is self.primary_field:
            raise PartitionKeyException(message=messages.PARTITION_KEY_NOT_PRIMARY)
        if field.dtype not in _KEY_TYPES:
            raise PartitionKeyException(message=messages.PARTITION_KEY_TYPE)

    def _check_clustering_key(self) -> None:
        field = self._clustering_key_field
        wanted = self._kwargs.get("clustering_key_field")
        if field is None:
            if wanted is not None:
                raise ClusteringKeyException(message=messages.CLUSTERING_KEY_MISSING.format(wanted))
            return
        if field.dtype not in _CLUSTERING_TYPES:
            raise ClusteringKeyException(message=messages.CLUSTERING_KEY_TYPE)

    def _check_functions(self) -> None:
        by_name = {field.name: field for field in self.fields}
        for function in self.functions:
            for name in function.output_field_names:
                self._check_output(by_name.get(name), name)
            for name in function.input_field_names:
                if name not in by_name:
                    raise ParamError(
                        message=f"Function input field not found in collection schema.: {name}"
                    )
            function.verify(self)

    @staticmethod
    def _check_output(field: FieldSchema | None, name: str) -> None:
        if field is None:
            raise ParamError(
                message=f"Function output field not found in collection schema.: {name}"
            )
        if field.is_primary or field.is_partition_key or field.is_clustering_key:
            raise ParamError(
                message="The output field must not be primary key, partition key, clustering key."
            )

    def _mark_outputs(self) -> None:
        outputs = {name for function in self.functions for name in function.output_field_names}
        for field in self.fields:
            if is_named(field, outputs):
                field.is_function_output = True

    @property
    def auto_id(self) -> bool:
        """Whether Milvus makes the primary keys."""
        if self.primary_field is not None:
            return self.primary_field.auto_id
        return bool(self._kwargs.get("auto_id", False))

    @auto_id.setter
    def auto_id(self, value: bool) -> None:
        if self.primary_field is not None:
            self.primary_field.auto_id = bool(value)

    def verify(self) -> None:
        """Check everything that can be checked without a server.

        Raises:
            PrimaryKeyException, PartitionKeyException, ClusteringKeyException, AutoIDException,
                ParamError: The roles, functions or structs do not fit together.

        Example:
            >>> schema = client.create_schema()
            >>> _ = schema.add_field("id", DataType.INT64, is_primary=True)
            >>> _ = schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
            >>> schema.verify()
        """
        self._check_arguments()
        self._check_fields()
        self._check_functions()
        for struct in self.struct_fields:
            struct.verify()

    def add_field(self, field_name: str, datatype: DataType, **kwargs: Any) -> CollectionSchema:
        """Add a field; return self, for chaining.

        An ARRAY of STRUCT takes the sub-fields as ``struct_schema`` and needs ``max_capacity``.

        Args:
            field_name: A letter or underscore, then letters, digits and underscores.
            datatype: The type.
            **kwargs: As for `FieldSchema`.

        Raises:
            DataTypeNotSupportException: `datatype` is no data type.
            PrimaryKeyException, PartitionKeyException, ClusteringKeyException, AutoIDException,
                ParamError: A role, or the default value, does not fit, or there is one with that
                role.

        Example:
            >>> schema = client.create_schema()
            >>> _ = schema.add_field("id", DataType.INT64, is_primary=True)
            >>> schema.add_field("title", DataType.VARCHAR, max_length=200).fields[-1].name
            'title'
        """
        if is_array_of_structs(datatype, kwargs.get("element_type")):
            self.struct_fields.append(named_struct(field_name, kwargs))
            return self
        field = FieldSchema(field_name, datatype, **kwargs)
        self._take_role(field)
        self.fields.append(field)
        self._mark_outputs()
        return self

    def add_struct_field(self, struct_field_schema: StructFieldSchema) -> CollectionSchema:
        """Add an array of structs that carries its name and capacity already.

        Args:
            struct_field_schema: It has `name` and `max_capacity`.

        Example:
            >>> schema = client.create_schema()
            >>> _ = schema.add_field("id", DataType.INT64, is_primary=True)
            >>> chunk = client.create_struct_field_schema()
            >>> chunk.name, chunk.max_capacity = "chunks", 100
            >>> _ = chunk.add_field("text", DataType.VARCHAR, max_length=500)
            >>> len(schema.add_struct_field(chunk).struct_fields)
            1
        """
        self.struct_fields.append(struct_field_schema)
        return self

    def add_function(self, function: Function) -> CollectionSchema:
        """Add a function; return self, for chaining.

        Args:
            function: Its fields may be added later.

        Raises:
            ParamError: It is no `Function`.

        Example:
            >>> schema = client.create_schema()
            >>> _ = schema.add_field("id", DataType.INT64, is_primary=True)
            >>> _ = schema.add_field("text", DataType.VARCHAR, max_length=500, enable_analyzer=True)
            >>> _ = schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
            >>> bm25 = Function("bm25", FunctionType.BM25, ["text"], ["words"])
            >>> schema.add_function(bm25).fields[-1].is_function_output
            True
        """
        if not isinstance(function, Function):
            raise ParamError(message=messages.FUNCTION_TYPE)
        self.functions.append(function)
        self._mark_outputs()
        return self

    @classmethod
    def construct_from_dict(cls, raw: dict[str, Any]) -> CollectionSchema:
        """Return the schema that `to_dict` or `describe_collection` wrote down.

        Args:
            raw: As `to_dict` gives it.

        Raises:
            KeyError: A name or type is missing.
            PrimaryKeyException, PartitionKeyException, ClusteringKeyException, AutoIDException,
                ParamError: The parts do not fit together.

        Example:
            >>> from aiomilvus import CollectionSchema
            >>> described = await client.describe_collection("blurbs")
            >>> same = CollectionSchema.construct_from_dict(described)
            >>> await client.create_collection("same", schema=same)
        """
        fields, structs = [], []
        for field in raw["fields"]:
            if "struct_fields" in field or "fields" in field:
                structs.append(StructFieldSchema.construct_from_dict(field))
            else:
                fields.append(FieldSchema.construct_from_dict(field))
        more = raw.get("struct_fields") or raw.get("struct_array_fields") or []
        structs.extend(map(StructFieldSchema.construct_from_dict, more))
        return cls(
            fields,
            struct_fields=structs,
            description=raw.get("description", ""),
            functions=[Function.construct_from_dict(each) for each in raw.get("functions") or []],
            enable_dynamic_field=raw.get("enable_dynamic_field", False),
            enable_namespace=raw.get("enable_namespace", False),
            external_source=raw.get("external_source", ""),
            external_spec=raw.get("external_spec", ""),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the schema as plain data.

        Example:
            >>> schema = client.create_schema()
            >>> _ = schema.add_field("id", DataType.INT64, is_primary=True)
            >>> [field["name"] for field in schema.to_dict()["fields"]]
            ['id']
        """
        plain: dict[str, Any] = {
            "auto_id": self.auto_id,
            "description": self.description,
            "fields": [field.to_dict() for field in self.fields],
            "enable_dynamic_field": self.enable_dynamic_field,
            "enable_namespace": self.enable_namespace,
        }
        if self.external_source:
            plain["external_source"] = self.external_source
        if self.external_spec:
            plain["external_spec"] = self.external_spec
        if self.functions:
            plain["functions"] = [function.to_dict() for function in self.functions]
        if self.struct_fields:
            plain["struct_fields"] = [struct.to_dict() for struct in self.struct_fields]
        return plain

    def __len__(self) -> int:
        return len(self.fields)

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CollectionSchema) and self.to_dict() == other.to_dict()

    __hash__: ClassVar[None] = None  # type: ignore[assignment] # mutable

    def __repr__(self) -> str:
        return str(self.to_dict())

    def _repr_html_(self) -> str:
        """Return the fields as a table, for notebooks."""
        return table([_shown(field) for field in self.to_dict()["fields"]], self.description)


def _shown(field: dict[str, Any]) -> dict[str, str]:
    """Return the row of a field, given as plain data."""
    marks = [name for name, value in field.items() if value is True]
    params = ", ".join(f"{name}={value}" for name, value in (field.get("params") or {}).items())
    dtype = DataType(field["type"]).name
    return {"field": field["name"], "type": dtype, "params": params, "is": ", ".join(marks)}
