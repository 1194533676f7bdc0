"""Functions of the schema at write time: output columns made from input columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.engine.text.tokens import texts_of
from aiomilvus.errors import NotSupportedError
from aiomilvus.model.types import FunctionType

if TYPE_CHECKING:
    from aiomilvus.model.columns import BytesColumn, Column
    from aiomilvus.model.schema import FunctionSpec, Schema


def run_function(
    schema: Schema, function: FunctionSpec, columns: dict[str, Column]
) -> dict[str, Column]:
    """Return the output columns of `function`, by field name.

    Raises:
        NotSupportedError: The engine can't compute functions of this type.
    """
    if function.type is FunctionType.BM25:
        source = schema.by_name[function.inputs[0]]
        column = cast("BytesColumn", columns[source.name])
        analyzer = build_analyzer(source.params.get("analyzer_params"))
        tokens = analyzer.analyze_many(texts_of(column))
        return {function.outputs[0]: tokens.term_frequencies(column.valid)}
    message = f"functions of type {function.type.name} are not supported by the embedded engine yet"
    raise NotSupportedError(message=message)
