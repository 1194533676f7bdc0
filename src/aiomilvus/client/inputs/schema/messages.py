"""Messages of the schema builders that callers match, shared by several of them."""

from __future__ import annotations

NO_PRIMARY_KEY = "Schema must have a primary key field."
PRIMARY_KEY_TYPE = "Primary key type must be DataType.INT64 or DataType.VARCHAR."
ONE_PRIMARY_KEY = "Expected only one primary key field, got [{}, {}, ...]."
IS_PRIMARY_TYPE = "Param is_primary must be bool type."
PRIMARY_FIELD_TYPE = "Param primary_field must be int or str type."
AUTO_ID_TYPE = "Param auto_id must be bool type."
AUTO_ID_ONLY_ON_PRIMARY = "The auto_id can only be specified on the primary key field"
PARTITION_KEY_TYPE = "Partition key field type must be DataType.INT64 or DataType.VARCHAR."
PARTITION_KEY_NOT_PRIMARY = "Partition key field should not be primary field"
ONE_PARTITION_KEY = "Expected only one partition key field, got [{}, {}, ...]."
PARTITION_KEY_FIELD_TYPE = "Param partition_key_field must be str type."
PARTITION_KEY_MISSING = "the specified partition key field {{{}}} not exist"
IS_PARTITION_KEY_TYPE = "Param is_partition_key must be bool type."
CLUSTERING_KEY_TYPE = (
    "Clustering key field type must be DataType.INT8, DataType.INT16, DataType.INT32, "
    "DataType.INT64, DataType.FLOAT, DataType.DOUBLE, DataType.VARCHAR, DataType.FLOAT_VECTOR."
)
ONE_CLUSTERING_KEY = "Expected only one clustering key field, got [{}, {}, ...]."
CLUSTERING_KEY_FIELD_TYPE = "Param clustering_key_field must be str type."
CLUSTERING_KEY_MISSING = "the specified clustering key field {{{}}} not exist"
IS_CLUSTERING_KEY_TYPE = "Param is_clustering_key must be bool type."
FIELD_DTYPE = "Field dtype must be of DataType"
FIELD_TYPE = "The field of schema type must be FieldSchema."
FIELDS_TYPE = "The fields of schema must be type list."
FUNCTIONS_TYPE = "The functions of collection must be type list."
FUNCTION_TYPE = "The function of schema type must be Function."
DEFAULT_VALUE_NULL = (
    "Default value cannot be None for a field that is defined as nullable == false."
)
EXPRESSION_TYPE = "The type of expr must be string ,but {!r} is given."
