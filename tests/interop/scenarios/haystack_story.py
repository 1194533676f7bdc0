"""A Haystack document store and its retrievers; run by an interpreter that has milvus-haystack.

python haystack_story.py URI
"""

from __future__ import annotations

import sys
import warnings

from haystack import Document, Pipeline
from haystack.document_stores.types import DuplicatePolicy
from milvus_haystack import MilvusDocumentStore, MilvusEmbeddingRetriever

SUBJECTS = ("cats", "ships", "bread", "stars", "chess")


def embedded(text: str) -> list[float]:
    """Return one dimension for each subject that a text names."""
    return [1.0 if subject in text else 0.1 for subject in SUBJECTS]


def documents() -> list[Document]:
    texts = [f"Note {n} is about {SUBJECTS[n % 5]} and nothing else." for n in range(30)]
    return [
        Document(id=f"d{n}", content=text, meta={"number": n}, embedding=embedded(text))
        for n, text in enumerate(texts)
    ]


def main(uri: str) -> None:
    warnings.simplefilter("ignore")
    store = MilvusDocumentStore(connection_args={"uri": uri}, drop_old=True)
    assert store.write_documents(documents(), DuplicatePolicy.NONE) == 30
    assert store.count_documents() == 30
    condition = {"field": "meta.number", "operator": ">=", "value": 25}
    found = store.filter_documents({"operator": "AND", "conditions": [condition]})
    assert sorted(each.meta["number"] for each in found) == [25, 26, 27, 28, 29]
    pipeline = Pipeline()
    pipeline.add_component("retriever", MilvusEmbeddingRetriever(store, top_k=6))
    answer = pipeline.run({"retriever": {"query_embedding": embedded("of ships")}})
    assert {each.meta["number"] % 5 for each in answer["retriever"]["documents"]} == {1}
    store.delete_documents(["d1", "d6"])
    assert store.count_documents() == 28
    print("done")


if __name__ == "__main__":
    main(sys.argv[1])
