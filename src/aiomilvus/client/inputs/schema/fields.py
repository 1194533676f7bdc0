"""FieldSchema and StructFieldSchema: one field of a collection as an application builds it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, ClassVar

from aiomilvus.client.inputs.schema import messages
from aiomilvus.client.inputs.schema.field_arguments import (
    check_truth,
    data_type,
    element_type,
    flag,
    type_parameter,
)
from aiomilvus.client.unknown_keywords import check_names
from aiomilvus.errors import (
    AutoIDException,
    ClusteringKeyException,
    ParamError,
    PartitionKeyException,
    PrimaryKeyException,
)
from aiomilvus.model.plain import plain
from aiomilvus.model.rows.errors import shorten
from aiomilvus.model.types import DataType

TYPE_PARAMETERS = (
    "dim",
    "max_length",
    "max_capacity",
    "enable_match",
    "enable_analyzer",
    "analyzer_params",
    "multi_analyzer_params",
)
_TAKES_TYPE_PARAMETERS = frozenset(
    {
        DataType.VARCHAR,
        DataType.TEXT,
        DataType.ARRAY,
        DataType.ARRAY_OF_VECTOR,
        *(dtype for dtype in DataType if dtype.is_vector),
    }
)
_LOADING = ("mmap_enabled", "warmup")
_KEYWORDS = frozenset(
    {
        "is_primary",
        "auto_id",
        "is_partition_key",
        "is_clustering_key",
        "is_dynamic",
        "nullable",
        "default_value",
        "element_type",
        "external_field",
        *_LOADING,
        *TYPE_PARAMETERS,
    }
)
_DEFAULT_VALUE_TYPES: dict[DataType, tuple[type, ...]] = {
    DataType.BOOL: (bool,),
    DataType.INT8: (int,),
    DataType.INT16: (int,),
    DataType.INT32: (int,),
    DataType.INT64: (int,),
    DataType.FLOAT: (int, float),
    DataType.DOUBLE: (int, float),
    DataType.VARCHAR: (str,),
    DataType.TEXT: (str,),
    DataType.TIMESTAMPTZ: (str, int),
    DataType.JSON: (dict, list, str, bytes, int, float, bool),
    DataType.GEOMETRY: (str,),
}


class FieldSchema:
    """A field: its name, its type and what belongs to the type.

    Args:
        name: A letter or underscore, then letters, digits and underscores.
        dtype: The type.
        description: Free text.
        is_primary: Whether it is the primary key (INT64 or VARCHAR).
        auto_id: Whether Milvus makes the keys; primary key only.
        nullable: Whether rows may leave it out or give None.
        default_value: What rows have that leave it out.
        is_partition_key, is_clustering_key, is_dynamic: Roles of the field.
        element_type: Type of the elements, for ARRAY.
        dim: Dimension of a vector.
        max_length: Most bytes of a VARCHAR.
        max_capacity: Most elements of an ARRAY.
        **kwargs: ``enable_analyzer``, ``enable_match``, ``analyzer_params``,
            ``multi_analyzer_params``, ``mmap_enabled``, ``warmup``, ``external_field``.

    Raises:
        DataTypeNotSupportException: `dtype` is no data type.
        PrimaryKeyException, AutoIDException, PartitionKeyException, ClusteringKeyException,
        ParamError: A role, or the default value, does not fit.
        TypeError: A keyword is a slip of one of these; one that means nothing is warned of.

    Example:
        >>> from aiomilvus import FieldSchema
        >>> FieldSchema("year", DataType.INT32, nullable=True)
        {'name': 'year', 'description': '', 'type': <DataType.INT32: 4>, 'nullable': True}
    """

    def __init__(self, name: str, dtype: DataType, description: str = "", **kwargs: Any) -> None:
        check_names("FieldSchema", kwargs, _KEYWORDS)
        self.name = name
        self.dtype: DataType = data_type(dtype)
        self.description = description
        self.is_primary: bool = flag(kwargs, "is_primary", PrimaryKeyException)
        self.auto_id: bool = self._auto_id(kwargs)
        self.is_partition_key: bool = flag(kwargs, "is_partition_key", PartitionKeyException)
        self.is_clustering_key: bool = flag(kwargs, "is_clustering_key", ClusteringKeyException)
        self.is_dynamic: bool = kwargs.get("is_dynamic", False)
        self.nullable: bool = check_truth(kwargs.get("nullable"), "nullable")
        self.default_value: Any = self._default_value(kwargs)
        self.element_type: DataType | None = element_type(kwargs.get("element_type"))
        self.params: dict[str, Any] = self._type_parameters(kwargs)
        self.is_function_output = False
        self.external_field: str = kwargs.get("external_field", "")

    def _auto_id(self, kwargs: dict[str, Any]) -> bool:
        auto_id = kwargs.get("auto_id", False)
        if not isinstance(auto_id, bool):
            raise AutoIDException(message=messages.AUTO_ID_TYPE)
        if auto_id and not self.is_primary:
            raise PrimaryKeyException(message=messages.AUTO_ID_ONLY_ON_PRIMARY)
        return auto_id

    def _default_value(self, kwargs: dict[str, Any]) -> Any:
        value = kwargs.get("default_value")
        if value is None:
            if "default_value" in kwargs and not self.nullable:
                raise ParamError(message=messages.DEFAULT_VALUE_NULL)
            return None
        allowed = _DEFAULT_VALUE_TYPES.get(self.dtype)
        if allowed is None:
            raise ParamError(message=f"Default value unsupported data type: {self.dtype!r}")
        value = value if isinstance(value, (list, tuple)) else plain(value)
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
            raise ParamError(
                message=f"Default value of field {self.name} should be a "
                f"{self.dtype.name.lower()}, got {shorten(value)}"
            )
        return float(value) if float in allowed and isinstance(value, int) else value

    def _type_parameters(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        params: dict[str, Any] = {key: kwargs[key] for key in _LOADING if key in kwargs}
        if self.dtype not in _TAKES_TYPE_PARAMETERS:
            return params
        for key in TYPE_PARAMETERS:
            if key in kwargs:
                params[key] = type_parameter(kwargs[key])
        return params

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.__dict__.get("params", {}).get(name)

    @classmethod
    def construct_from_dict(cls, raw: dict[str, Any]) -> FieldSchema:
        """Return the field that `to_dict` (or describe_collection) wrote down.

        Args:
            raw: As `to_dict` gives it.

        Raises:
            KeyError: The name or the type is missing.
            DataTypeNotSupportException, ParamError: They are none.

        Example:
            >>> from aiomilvus import FieldSchema
            >>> FieldSchema.construct_from_dict({"name": "year", "type": DataType.INT32}).dtype.name
            'INT32'
        """
        params = raw.get("params") or {}
        kwargs = {key: value for key, value in params.items() if key in _KEYWORDS}
        for key in (
            "is_primary",
            "is_partition_key",
            "is_clustering_key",
            "is_dynamic",
            "nullable",
        ):
            kwargs[key] = raw.get(key, False)
        for key in ("auto_id", "default_value", "element_type", "external_field"):
            if raw.get(key) is not None:
                kwargs[key] = raw[key]
        field = cls(raw["name"], raw["type"], raw.get("description", ""), **kwargs)
        field.is_function_output = raw.get("is_function_output", False)
        return field

    def to_dict(self) -> dict[str, Any]:
        """Return the field as plain data; what is not set is left out.

        Example:
            >>> from aiomilvus import FieldSchema
            >>> FieldSchema("vector", DataType.FLOAT_VECTOR, dim=2).to_dict()["params"]
            {'dim': 2}
        """
        plain: dict[str, Any] = {
            "name": self.name,
            "description": self.description,
            "type": self.dtype,
        }
        if self.params:
            plain["params"] = deepcopy(self.params)
        if self.is_primary:
            plain["is_primary"] = True
            plain["auto_id"] = self.auto_id
        optional = {
            "is_partition_key": self.is_partition_key,
            "is_dynamic": self.is_dynamic,
            "nullable": self.nullable,
            "is_clustering_key": self.is_clustering_key,
            "is_function_output": self.is_function_output,
            "external_field": self.external_field,
        }
        plain.update({key: value for key, value in optional.items() if value})
        if self.default_value is not None:
            plain["default_value"] = self.default_value
        if self.element_type and self.dtype in (DataType.ARRAY, DataType.ARRAY_OF_VECTOR):
            plain["element_type"] = self.element_type
        return plain

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldSchema) and self.to_dict() == other.to_dict()

    __hash__: ClassVar[None] = None  # type: ignore[assignment] # mutable

    def __repr__(self) -> str:
        return str(self.to_dict())


class StructFieldSchema:
    """The sub-fields of an array of structs.

    Args:
        nullable: Whether rows may leave the whole array out.
        description: Free text.

    Raises:
        ParamError: `nullable` is no bool, or `description` no text.

    Example:
        >>> from aiomilvus import StructFieldSchema
        >>> chunk = StructFieldSchema().add_field("text", DataType.VARCHAR, max_length=500)
        >>> await client.add_collection_struct_field("books", "chunks", chunk, max_capacity=100)
    """

    def __init__(self, nullable: bool = False, description: str = "") -> None:
        if not isinstance(nullable, bool):
            raise ParamError(message="nullable must be boolean")
        if not isinstance(description, str):
            raise ParamError(message="description must be string")
        self.name = ""
        self.fields: list[FieldSchema] = []
        self.description = description
        self.nullable = nullable
        self.max_capacity: int | None = None
        self.params: dict[str, Any] = {}

    @property
    def dtype(self) -> DataType:
        """STRUCT."""
        return DataType.STRUCT

    def add_field(self, field_name: str, datatype: DataType, **kwargs: Any) -> StructFieldSchema:
        """Add a sub-field; return self, so that calls can be chained.

        Args:
            field_name: A letter or underscore, then letters, digits and underscores.
            datatype: Any type but arrays and structs.
            **kwargs: As for `FieldSchema`.

        Raises:
            ParamError: It is an array or a struct, or a keyword does not fit.
            DataTypeNotSupportException: `datatype` is no data type.

        Example:
            >>> chunk = client.create_struct_field_schema()
            >>> len(chunk.add_field("page", DataType.INT32).fields)
            1
        """
        if datatype in {DataType.ARRAY, DataType.ARRAY_OF_VECTOR, DataType.STRUCT}:
            raise ParamError(
                message="Struct field schema does not support Array, ArrayOfVector or Struct"
            )
        self.fields.append(FieldSchema(field_name, datatype, **kwargs))
        return self

    def verify(self) -> None:
        """Check the sub-fields.

        Raises:
            ParamError: There are none, two have a name, or one has a role that it can't have.

        Example:
            >>> client.create_struct_field_schema().add_field("page", DataType.INT32).verify()
        """
        if not self.fields:
            raise ParamError(message="Struct field must have at least one field")
        for field in self.fields:
            self._verify_field(field)
        names = [field.name for field in self.fields]
        if len(names) != len(set(names)):
            doubled = {name for name in names if names.count(name) > 1}
            raise ParamError(message=f"Duplicate field names in struct '{self.name}': {doubled}")

    def _verify_field(self, field: FieldSchema) -> None:
        forbidden = (
            (field.is_primary, "be primary key"),
            (field.is_partition_key, "be partition key"),
            (field.is_clustering_key, "be clustering key"),
            (field.is_dynamic, "be dynamic field"),
            (field.nullable, "be nullable individually, set nullable on the struct instead"),
            (field.auto_id, "have auto_id"),
            (field.default_value is not None, "have default value"),
        )
        for is_so, role in forbidden:
            if is_so:
                raise ParamError(
                    message=f"Field '{field.name}' in struct '{self.name}' cannot {role}"
                )

    @classmethod
    def construct_from_dict(cls, raw: dict[str, Any]) -> StructFieldSchema:
        """Return the struct that `to_dict` (or describe_collection) wrote down.

        Args:
            raw: As `to_dict` gives it.

        Raises:
            KeyError: The name or type of a sub-field is missing.
            DataTypeNotSupportException, ParamError: They are none.

        Example:
            >>> from aiomilvus import StructFieldSchema
            >>> page = {"name": "page", "type": DataType.INT32}
            >>> chunks = {"name": "chunks", "fields": [page]}
            >>> len(StructFieldSchema.construct_from_dict(chunks).fields)
            1
        """
        struct = cls(raw.get("nullable", False), raw.get("description", ""))
        struct.name = raw.get("name", "")
        params = dict(raw.get("params") or {})
        struct.max_capacity = raw.get("max_capacity", params.pop("max_capacity", None))
        struct.params = params
        for field in raw.get("struct_fields") or raw.get("fields") or []:
            is_plain = isinstance(field, dict)
            struct.fields.append(FieldSchema.construct_from_dict(field) if is_plain else field)
        return struct

    def to_dict(self) -> dict[str, Any]:
        """Return the struct as plain data.

        Example:
            >>> client.create_struct_field_schema(nullable=True).to_dict()
            {'name': '', 'description': '', 'fields': [], 'nullable': True}
        """
        plain: dict[str, Any] = {
            "name": self.name,
            "description": self.description,
            "fields": [field.to_dict() for field in self.fields],
        }
        if self.nullable:
            plain["nullable"] = True
        if self.max_capacity is not None:
            plain["max_capacity"] = self.max_capacity
        if self.params:
            plain["params"] = deepcopy(self.params)
        return plain

    def __repr__(self) -> str:
        return str(self.to_dict())
