"""What an application builds, and what it is answered: documented like the clients' methods.

Each public class beside the clients, each of its methods and each public function says what its
parameters are and what it raises, and has an example of itself that runs.
"""

from __future__ import annotations

import enum
import inspect
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import aiomilvus
from aiomilvus import (
    AnnSearchRequest,
    BloomFilterBuilder,
    CollectionSchema,
    DataType,
    EmbeddingList,
    Examples,
    FieldSchema,
    Function,
    FunctionChain,
    FunctionChainStage,
    FunctionType,
    IndexParam,
    IndexParams,
    MilvusException,
    ParamError,
    RoaringBitmapBuilder,
    SearchAggregation,
    StructFieldSchema,
    TopHits,
    WeightedRanker,
    allow_model_endpoint,
    build_bloom_filter,
    build_roaring_bitmap,
    col,
    element,
    hybridts_to_datetime,
    hybridts_to_unixtime,
    mkts_from_datetime,
    mkts_from_hybridts,
    mkts_from_unixtime,
    register_embedding,
    register_reranker,
)
from tests.docs.test_docstring_examples import check, session
from tools import docstring_examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tools.docstring_examples import Session

__all__ = ["session"]

CLIENTS = ("AsyncMilvusClient", "MilvusClient")
ANSWERS = ("ExtraList", "Hits", "SearchPage", "SearchResult")
TABLES = ("to_arrow", "to_pandas", "to_polars")
RAISES_NOTHING = {
    "AggregationBucket",
    "AggregationHit",
    "AggregationHit.field_ids",
    "Change",
    "CollectionSchema.add_struct_field",
    "CollectionSchema.to_dict",
    "EmbeddingList.clear",
    "Explanation",
    "Explanation.to_dict",
    "ExtraList",
    "ExtraList.emptied",
    "ExtraList.filling",
    "ExtraList.materialize",
    "ExtraList.of",
    "FieldOp",
    "FieldOp.array_append",
    "FieldOp.array_remove",
    "FieldOp.replace",
    "FieldSchema.to_dict",
    "Function.to_dict",
    "FunctionChain.to_dict",
    "FunctionScore",
    "Hit",
    "Hit.get",
    "Hit.to_dict",
    "Hits",
    "Hits.materialize",
    "IndexParam.get_index_configs",
    "IndexParam.to_dict",
    "IndexParams",
    "LexicalHighlighter",
    "LexicalHighlighter.with_query",
    "Progress",
    "RRFRanker",
    "RRFRanker.dict",
    "ResourceGroupInfo",
    "RoaringBitmapBuilder",
    "SearchAggregation.to_dict",
    "SearchPage",
    "SearchPage.emptied",
    "SearchPage.get_session_ts",
    "SearchPage.materialize",
    "SearchResult",
    "SearchResult.filling",
    "SearchResult.get_session_ts",
    "SearchResult.materialize",
    "SemanticHighlighter",
    "StructFieldSchema.to_dict",
    "TopHits.to_dict",
    "WeightedRanker.dict",
    "show_progress",
}
"""What keeps its arguments, or tells what it has; the server may refuse them later."""


def schema() -> CollectionSchema:
    return CollectionSchema([], check_fields=False)


def chain() -> FunctionChain:
    return FunctionChain(FunctionChainStage.L2_RERANK)


def broken(builder: BloomFilterBuilder | RoaringBitmapBuilder) -> Any:
    """Return a builder whose batch failed."""
    with suppress(ParamError):
        builder.add_int64_batch([ANY])
    return builder


ANY: Any = "nothing"
RAISING: dict[str, Callable[[], object]] = {
    "AnnSearchRequest": lambda: AnnSearchRequest([], "v", {}, 1, expr="a > 1", filter="a > 1"),
    "BloomFilterBuilder": lambda: BloomFilterBuilder(-1),
    "BloomFilterBuilder.add_int64_batch": lambda: BloomFilterBuilder(1).add_int64_batch([ANY]),
    "BloomFilterBuilder.add_string_batch": lambda: broken(BloomFilterBuilder(1)).add_string_batch(
        ["a"]
    ),
    "BloomFilterBuilder.build": lambda: broken(BloomFilterBuilder(1)).build(),
    "CollectionSchema": lambda: CollectionSchema(ANY),
    "CollectionSchema.add_field": lambda: schema().add_field("f", ANY),
    "CollectionSchema.add_function": lambda: schema().add_function(ANY),
    "CollectionSchema.construct_from_dict": lambda: CollectionSchema.construct_from_dict({}),
    "CollectionSchema.verify": lambda: schema().verify(),
    "EmbeddingList": lambda: EmbeddingList([[1], [1, 2]]),
    "EmbeddingList.add": lambda: EmbeddingList().add([[1]]),
    "EmbeddingList.add_batch": lambda: EmbeddingList().add_batch(np.zeros(3)),
    "EmbeddingList.to_flat_array": lambda: EmbeddingList().to_flat_array(),
    "EmbeddingList.to_numpy": lambda: EmbeddingList().to_numpy(),
    "Examples": lambda: Examples(positive=[]),
    "FieldSchema": lambda: FieldSchema("f", ANY),
    "FieldSchema.construct_from_dict": lambda: FieldSchema.construct_from_dict({}),
    "Function": lambda: Function("f", FunctionType.BM25, ["a"], ["a"]),
    "Function.construct_from_dict": lambda: Function.construct_from_dict({}),
    "Function.verify": lambda: Function("f", FunctionType.BM25, ["a", "b"], ["c"]).verify(schema()),
    "FunctionChain": lambda: FunctionChain(ANY),
    "FunctionChain.limit": lambda: chain().limit(0),
    "FunctionChain.map": lambda: chain().map("", ANY),
    "FunctionChain.sort": lambda: chain().sort(""),
    "IndexParam": lambda: IndexParam("f", "", "", params=1),
    "IndexParams.add_index": lambda: IndexParams().add_index("f", params=1),
    "RoaringBitmapBuilder.add_int64_batch": lambda: RoaringBitmapBuilder().add_int64_batch([ANY]),
    "RoaringBitmapBuilder.build": lambda: broken(RoaringBitmapBuilder()).build(),
    "SearchAggregation": lambda: SearchAggregation([], 1),
    "StructFieldSchema": lambda: StructFieldSchema(ANY),
    "StructFieldSchema.add_field": lambda: StructFieldSchema().add_field("f", DataType.ARRAY),
    "StructFieldSchema.construct_from_dict": lambda: StructFieldSchema.construct_from_dict(
        {"fields": [{}]}
    ),
    "StructFieldSchema.verify": lambda: StructFieldSchema().verify(),
    "TopHits": lambda: TopHits(0),
    "WeightedRanker": lambda: WeightedRanker(ANY),
    "allow_model_endpoint": lambda: allow_model_endpoint("ftp://nowhere"),
    "build_bloom_filter": lambda: build_bloom_filter(ANY),
    "build_roaring_bitmap": lambda: build_roaring_bitmap(ANY),
    "col": lambda: col("no name"),
    "element": lambda: element("no name"),
    "hybridts_to_datetime": lambda: hybridts_to_datetime(ANY),
    "hybridts_to_unixtime": lambda: hybridts_to_unixtime(ANY),
    "mkts_from_datetime": lambda: mkts_from_datetime(ANY),
    "mkts_from_hybridts": lambda: mkts_from_hybridts(ANY),
    "mkts_from_unixtime": lambda: mkts_from_unixtime(ANY),
    "register_embedding": lambda: register_embedding("", ANY),
    "register_reranker": lambda: register_reranker("", ANY),
}
OF_A_LIBRARY = {
    *(f"{kind}.{name}" for kind in ANSWERS for name in TABLES),
    "sentence_transformer",
}
"""What raises only where another package is not installed."""


def documented() -> Iterator[tuple[str, Any]]:
    """Yield public classes, their methods, and functions, by their names."""
    for name in aiomilvus.__all__:
        found = getattr(aiomilvus, name)
        if not inspect.isclass(found):
            if inspect.isfunction(found):
                yield name, found
        elif name not in CLIENTS and not issubclass(found, (BaseException, enum.Enum)):
            yield name, found
            yield from ((f"{name}.{n}", each) for n, each in methods(found))


def methods(cls: type) -> Iterator[tuple[str, Any]]:
    for name, found in inspect.getmembers(cls, inspect.isroutine):
        if not name.startswith("_") and str(getattr(found, "__module__", "")).startswith(
            "aiomilvus"
        ):
            yield name, found


PUBLIC = dict(documented())


def section(documented: Any, title: str) -> str:
    """Return what a docstring has under a title, "" without it."""
    text = (inspect.getdoc(documented) or "") + "\n"
    found = re.search(rf"^{title}:\n((?:    .*\n|\n)*)", text, re.MULTILINE)
    return "" if found is None else found[1]


def parameters(documented: Any) -> list[str]:
    """Return the names of what a function, or a class' own constructor, takes."""
    if inspect.isclass(documented) and issubclass(documented, list):
        documented = vars(documented).get("__init__")
    if documented is None:
        return []
    return [name for name in inspect.signature(documented).parameters if name != "self"]


def described(documented: Any) -> set[str]:
    """Return the names that stand before a colon under ``Args`` or ``Attributes``."""
    text = section(documented, "Args") + section(documented, "Attributes")
    entries = re.findall(r"^    (\S[^:]*):", text, re.MULTILINE)
    return {name.strip(" *") for entry in entries for name in entry.split(",")}


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_public_says_what_it_takes_and_raises(name: str) -> None:
    found = PUBLIC[name]
    missing = {each for each in parameters(found) if each != "kwargs"} - described(found)
    assert not missing
    assert bool(section(found, "Raises")) == (name not in RAISES_NOTHING)


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_public_has_an_example_of_itself_that_runs(name: str, session: Session) -> None:
    owner, _, method = name.rpartition(".")
    called = method or owner
    examples = docstring_examples.examples(PUBLIC[name])
    assert examples
    if not inspect.isclass(PUBLIC[name]):
        assert any(re.search(rf"\b{called}\b", each.source) for each in examples)
    session.run(docstring_examples.SETUP)
    check(session, PUBLIC[name])


@pytest.mark.parametrize("name", RAISING)
def test_what_is_raised_is_what_the_docstring_says(name: str) -> None:
    with pytest.raises((MilvusException, KeyError, RuntimeError, TypeError, ValueError)) as raised:
        RAISING[name]()
    told = section(PUBLIC[name], "Raises")
    kinds = [kind.__name__ for kind in type(raised.value).__mro__]
    kinds = kinds[: kinds.index("Exception")]
    assert any(re.search(rf"\b{kind}\b", told) for kind in kinds), kinds


def test_each_is_made_to_raise_or_raises_nothing() -> None:
    assert set(PUBLIC) == {*RAISING, *RAISES_NOTHING, *OF_A_LIBRARY}
