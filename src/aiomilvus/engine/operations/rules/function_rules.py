"""What a function of a schema may read and fill: Milvus' rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.providers.embeddings import embedder_of
from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.engine.text.minhash import minhash_params
from aiomilvus.engine.text.schema_functions import languages_of
from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.model.types import DataType, FunctionType

if TYPE_CHECKING:
    from aiomilvus.model.schema import Field, FunctionSpec, Schema

_FUNCTIONS = {
    FunctionType.BM25: "BM25",
    FunctionType.MINHASH: "MinHash",
    FunctionType.TEXTEMBEDDING: "TextEmbedding",
}


def check_functions(schema: Schema) -> None:
    """Raise unless the functions may stand in one schema, each for itself and together.

    Raises:
        ParamError: A rule is broken; the message says which.
        NotSupportedError: The engine does not serve a function.
    """
    names: set[str] = set()
    filled: dict[str, str] = {}
    for function in schema.functions:
        check_function(schema, function)
        if function.name in names:
            raise _refused(f"duplicate function name: {function.name}")
        names.add(function.name)
        for name in function.outputs:
            if name in filled:
                both = f"{filled[name]} and {function.name}"
                raise _refused(f"function output field {name} is filled by two functions: {both}")
            filled[name] = function.name


def check_function(schema: Schema, function: FunctionSpec) -> None:
    """Raise unless `function` may be part of `schema`."""
    title = _FUNCTIONS.get(function.type)
    if title is None:
        message = f"functions of type {function.type.spelling} are not supported in a schema"
        if function.type is FunctionType.RERANK:
            message += ": a search takes them as its ranker"
        raise NotSupportedError(message=message)
    source, target = _fields_of(schema, function, title)
    if function.type is FunctionType.BM25:
        _check_bm25(schema, function, source, target)
    elif function.type is FunctionType.MINHASH:
        if target.dtype is not DataType.BINARY_VECTOR:
            message = f"MinHash function output field must be a BinaryVector field: {target.name}"
            raise ParamError(message=f"{message}: invalid parameter")
        minhash_params(function.params, target.dim)
        build_analyzer(source.params.get("analyzer_params"))
    else:
        if target.dtype not in (DataType.FLOAT_VECTOR, DataType.INT8_VECTOR):
            message = (
                "TextEmbedding function output field must be a FloatVector or Int8Vector field: "
                f"{target.name}"
            )
            raise ParamError(message=f"{message}: invalid parameter")
        embedder_of(function.params, target)


def _check_bm25(schema: Schema, function: FunctionSpec, source: Field, target: Field) -> None:
    if function.params:
        given = ", ".join(sorted(function.params))
        message = f"BM25 function accepts no params: {given}; they belong to the index"
        raise ParamError(message=f"{message}: invalid parameter")
    if not source.is_analyzed:
        message = (
            f"BM25 function input field must be a VARCHAR/TEXT field with enable_analyzer: "
            f"{source.name}: invalid parameter"
        )
        raise ParamError(message=message)
    if target.dtype is not DataType.SPARSE_FLOAT_VECTOR:
        message = f"BM25 function output field must be a SparseFloatVector field: {target.name}"
        raise ParamError(message=f"{message}: invalid parameter")
    languages = languages_of(source)
    if languages is None:
        build_analyzer(source.params.get("analyzer_params"))
        return
    by = schema.by_name.get(languages.by_field)
    if by is None or not by.dtype.is_string:
        message = f"multi analyzer by_field {languages.by_field} must be a VARCHAR field"
        raise ParamError(message=f"{message}: invalid parameter")


def _fields_of(schema: Schema, function: FunctionSpec, title: str) -> tuple[Field, Field]:
    """Return the input and the output field, which a function has one of each."""
    if not function.name:
        raise _refused("function name cannot be empty")
    names = schema.by_name
    for name in (*function.inputs, *function.outputs):
        if name not in names:
            raise ParamError(message=f"function {function.name}: field {name} not found")
    if len(function.inputs) != 1 or len(function.outputs) != 1:
        message = f"{title} function {function.name} needs one input and one output field"
        raise ParamError(message=f"{message}: invalid parameter")
    source, target = names[function.inputs[0]], names[function.outputs[0]]
    if not source.dtype.is_string:
        message = f"{title} function input field must be a VARCHAR/TEXT field: {source.name}"
        raise ParamError(message=f"{message}: invalid parameter")
    _check_output(function, target)
    return source, target


def _check_output(function: FunctionSpec, target: Field) -> None:
    roles = {
        "primary key": target.is_primary,
        "partition key": target.is_partition_key,
        "clustering key": target.is_clustering_key,
        "nullable": target.nullable,
    }
    for role, has in roles.items():
        if has:
            text = f"function output field cannot be {role}: function {function.name}"
            raise _refused(f"{text}, field {target.name}")


def _refused(message: str) -> ParamError:
    return ParamError(message=f"{message}: invalid parameter")
