"""LlamaIndex' vector store on a server; run by an interpreter that has it for Milvus.

python llama_index_story.py URI
"""

from __future__ import annotations

import asyncio
import sys
import warnings
from typing import Any

from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
)
from llama_index.vector_stores.milvus import MilvusVectorStore
from llama_index.vector_stores.milvus.utils import BM25BuiltInFunction

SUBJECTS = ("cats", "ships", "bread", "stars", "chess")


def embedding(text: str) -> list[float]:
    """Return one dimension for each subject that a text names."""
    return [1.0 if subject in text else 0.1 for subject in SUBJECTS]


def nodes() -> list[TextNode]:
    """Return thirty notes of three documents."""
    return [
        TextNode(
            text=f"Note {n} is about {SUBJECTS[n % 5]} and nothing else.",
            id_=f"n{n:02}",
            metadata={"number": n, "subject": SUBJECTS[n % 5]},
            embedding=embedding(SUBJECTS[n % 5]),
            relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=f"doc{n % 3}")},
        )
        for n in range(30)
    ]


def store_in(uri: str, name: str, **given: Any) -> MilvusVectorStore:
    return MilvusVectorStore(
        uri=uri, dim=len(SUBJECTS), overwrite=True, collection_name=name, **given
    )


def found(store: MilvusVectorStore, **given: Any) -> list[str]:
    query = VectorStoreQuery(query_embedding=embedding("ships"), similarity_top_k=3, **given)
    return [node.node_id for node in store.query(query).nodes or ()]


def dense(uri: str) -> None:
    store = store_in(uri, "notes", similarity_metric="COSINE")
    assert len(store.add(nodes())) == 30
    assert found(store) == ["n01", "n06", "n11"]
    beyond = MetadataFilter(key="number", operator=FilterOperator.GT, value=10)
    some = MetadataFilter(key="subject", operator=FilterOperator.IN, value=["ships", "bread"])
    assert found(store, filters=MetadataFilters(filters=[beyond, some])) == ["n11", "n16", "n21"]
    third = MetadataFilter(key="number", value=3)
    either = MetadataFilters(filters=[third, some], condition=FilterCondition.OR)
    assert found(store, filters=either) == ["n01", "n06", "n11"]
    assert found(store, doc_ids=["doc1"])[:2] == ["n01", "n16"]
    assert found(store, node_ids=["n01", "n06"]) == ["n01", "n06"]
    assert len(found(store, mode=VectorStoreQueryMode.MMR)) == 3
    assert {node.node_id for node in store.get_nodes(node_ids=["n01", "n02"])} == {"n01", "n02"}
    store.delete("doc0")
    store.delete_nodes(node_ids=["n01"])
    every = MetadataFilter(key="number", operator=FilterOperator.GTE, value=0)
    assert len(store.get_nodes(filters=MetadataFilters(filters=[every]))) == 19


async def asynchronous(uri: str) -> None:
    store = store_in(uri, "awaited")
    await store.async_add(nodes())
    query = VectorStoreQuery(query_embedding=embedding("ships"), similarity_top_k=3)
    answer = await store.aquery(query)
    assert [node.node_id for node in answer.nodes or ()] == ["n01", "n06", "n11"]
    await store.adelete("doc1")
    answer = await store.aquery(query)
    assert [node.node_id for node in answer.nodes or ()] == ["n06", "n11", "n21"]


def hybrid(uri: str) -> None:
    store = store_in(
        uri,
        "texts",
        enable_sparse=True,
        sparse_embedding_function=BM25BuiltInFunction(),
        hybrid_ranker="RRFRanker",
        hybrid_ranker_params={"k": 60},
    )
    store.add(nodes())
    words = {"query_str": "bread"}
    for mode in (VectorStoreQueryMode.SPARSE, VectorStoreQueryMode.TEXT_SEARCH):
        assert found(store, mode=mode, **words) == ["n02", "n07", "n12"]
    assert found(store, mode=VectorStoreQueryMode.HYBRID, **words) == ["n01", "n02", "n06"]
    store.clear()


warnings.simplefilter("ignore")
URI = sys.argv[1]
dense(URI)
asyncio.run(asynchronous(URI))
hybrid(URI)
print("done")
