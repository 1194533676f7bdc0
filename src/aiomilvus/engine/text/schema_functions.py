"""The functions of a schema run on texts: BM25 terms, MinHash signatures, embeddings.

Once for the rows that are written, and once for the texts that are searched for.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from aiomilvus.engine.providers.embeddings import embedder_of
from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.engine.text.languages import MultiAnalyzer, build_multi_analyzer
from aiomilvus.engine.text.minhash import MinHasher, minhash_params
from aiomilvus.engine.text.tokens import texts_of
from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.model.columns import BytesColumn, SparseColumn, VectorColumn
from aiomilvus.model.types import FunctionType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiomilvus.engine.text.analyzer import Analyzer
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field, FunctionSpec, Schema


def output_columns(
    schema: Schema, function: FunctionSpec, columns: Mapping[str, Column]
) -> dict[str, Column]:
    """Return the columns that `function` fills, by field name.

    Args:
        schema: Of the collection.
        function: One of its functions.
        columns: The rows' other columns.

    Raises:
        ParamError: A text can't be the function's input.
        ModelError: The model that embeds texts failed.
        NotSupportedError: The engine has no such function.
    """
    source, target = schema.by_name[function.inputs[0]], schema.by_name[function.outputs[0]]
    column = BytesColumn.expect(columns[source.name])
    if function.type is FunctionType.BM25:
        made: Column = _term_frequencies(source, column, columns)
    elif function.type is FunctionType.MINHASH:
        made = VectorColumn(_hasher(source, function, target).signatures(texts_of(column)))
        made.valid = column.valid
    elif function.type is FunctionType.TEXTEMBEDDING:
        made = _embedded(function, target, column)
    else:
        raise NotSupportedError(message=_unknown(function))
    return {target.name: made}


def _term_frequencies(
    source: Field, column: BytesColumn, columns: Mapping[str, Column]
) -> SparseColumn:
    languages = languages_of(source)
    if languages is None:
        analyzer = build_analyzer(source.params.get("analyzer_params"))
        return analyzer.analyze_many(texts_of(column)).term_frequencies(column.valid)
    names = optional_texts(BytesColumn.expect(columns[languages.by_field]))
    made = languages.term_frequencies(texts_of(column), names)
    made.valid = column.valid
    return made


def optional_texts(column: BytesColumn) -> list[str | None]:
    """Return the texts of a column, None for nulls."""
    texts: list[str | None] = list(texts_of(column))
    if column.valid is not None:
        for row in np.flatnonzero(~column.valid).tolist():
            texts[row] = None
    return texts


def languages_of(field: Field) -> MultiAnalyzer | None:
    """Return the analyzers of a field that has one per language, None for one that has one."""
    params = field.params.get("multi_analyzer_params", "")
    return _kept_languages(params) if params else None


@lru_cache(maxsize=64)
def _kept_languages(params: str) -> MultiAnalyzer:
    return build_multi_analyzer(params)


def query_analyzer(field: Field, name: str) -> Analyzer:
    """Return the analyzer for texts that are searched for in `field`.

    Args:
        field: The text field.
        name: ``analyzer_name`` of the search; "" for the default one.

    Raises:
        ParamError: A name is given, and the field has but one analyzer.
    """
    languages = languages_of(field)
    if languages is not None:
        return languages.analyzer(name or None)
    if name:
        raise ParamError(
            message=f"analyzer_name {name} is given, but field {field.name} has no "
            "multi_analyzer_params: invalid parameter"
        )
    return build_analyzer(field.params.get("analyzer_params"))


def bm25_analyzer(schema: Schema, field: Field, params: Mapping[str, object]) -> Analyzer:
    """Return the analyzer for texts that are searched for in what a BM25 function fills.

    Args:
        schema: Of the collection.
        field: What the function fills.
        params: Search parameters; ``analyzer_name`` counts for a text field in several languages.

    Raises:
        ParamError: The text field has no such analyzer.
    """
    (text,) = (each.inputs[0] for each in schema.functions if field.name in each.outputs)
    return query_analyzer(schema.by_name[text], str(params.get("analyzer_name", "") or ""))


def _embedded(function: FunctionSpec, target: Field, column: BytesColumn) -> Column:
    embedder = embedder_of(function.params, target)
    if column.valid is None:
        return embedder.embed(texts_of(column))
    rows = np.flatnonzero(column.valid)
    found = embedder.embed(texts_of(column.take(rows)))
    values = np.zeros((len(column), target.dim), found.values.dtype)
    values[rows] = found.values
    made = VectorColumn(values)
    made.valid = column.valid
    return made


def query_column(
    schema: Schema, function: FunctionSpec, texts: Sequence[str], params: Mapping[str, Any]
) -> Column:
    """Return texts as queries of the field that `function` fills.

    Args:
        schema: Of the collection.
        function: The function.
        texts: What is searched for.
        params: Search parameters; ``analyzer_name`` counts for BM25 over several languages.

    Raises:
        ParamError: The field has no such analyzer.
        ModelError: The model that embeds texts failed.
        NotSupportedError: The engine has no such function.
    """
    source, target = schema.by_name[function.inputs[0]], schema.by_name[function.outputs[0]]
    name = str(params.get("analyzer_name", "") or "")
    if function.type is not FunctionType.BM25 and name:
        raise ParamError(
            message=f"analyzer_name {name} fits BM25 functions only, not {function.type.spelling}: "
            "invalid parameter"
        )
    if function.type is FunctionType.BM25:
        analyzer = bm25_analyzer(schema, target, params)
        return sparse_queries([analyzer.frequencies(text) for text in texts])
    if function.type is FunctionType.MINHASH:
        return VectorColumn(_hasher(source, function, target).signatures(texts))
    if function.type is FunctionType.TEXTEMBEDDING:
        return embedder_of(function.params, target).embed(texts, query=True)
    raise NotSupportedError(message=_unknown(function))


def sparse_queries(parts: Sequence[tuple[Any, Any]]) -> SparseColumn:
    """Return (sorted term hashes, occurrences) of each text as sparse vectors."""
    if len(parts) == 1:
        return SparseColumn(np.array((0, len(parts[0][0])), np.int64), *parts[0])
    indptr = np.zeros(len(parts) + 1, np.int64)
    np.cumsum([len(terms) for terms, _ in parts], out=indptr[1:])
    terms = np.concatenate([t for t, _ in parts]) if parts else np.empty(0, np.uint32)
    counts = np.concatenate([c for _, c in parts]) if parts else np.empty(0, np.float32)
    return SparseColumn(indptr, terms, counts)


def _hasher(source: Field, function: FunctionSpec, target: Field) -> MinHasher:
    params = msgspec.json.encode(function.params).decode()
    return _kept_hasher(source.params.get("analyzer_params", ""), params, target.dim)


@lru_cache(maxsize=16)
def _kept_hasher(analyzer: str, params: str, dim: int) -> MinHasher:
    return MinHasher(minhash_params(msgspec.json.decode(params), dim), build_analyzer(analyzer))


def _unknown(function: FunctionSpec) -> str:
    return f"functions of type {function.type.spelling} are not supported by the embedded engine"
