"""agno's vector database, by vector and hybrid, both ways; run by an interpreter that has agno.

python agno_story.py URI
"""

from __future__ import annotations

import asyncio
import sys
import warnings
from typing import Any

from agno.knowledge.document import Document
from agno.knowledge.embedder.base import Embedder
from agno.vectordb.milvus import Milvus
from agno.vectordb.search import SearchType

SUBJECTS = ("cats", "ships", "bread", "stars", "chess")


class Subjects(Embedder):
    """One dimension for each subject that a text names."""

    def __init__(self) -> None:
        super().__init__(dimensions=len(SUBJECTS))

    def get_embedding(self, text: str) -> list[float]:
        return [1.0 if subject in text else 0.1 for subject in SUBJECTS]

    def get_embedding_and_usage(self, text: str) -> tuple[list[float], dict[str, Any]]:
        return self.get_embedding(text), {}

    async def async_get_embedding(self, text: str) -> list[float]:
        return self.get_embedding(text)

    async def async_get_embedding_and_usage(self, text: str) -> tuple[list[float], dict[str, Any]]:
        return self.get_embedding(text), {}


def documents() -> list[Document]:
    return [
        Document(
            id=f"d{n}",
            name=f"note {n}",
            content=f"Note {n} is about {SUBJECTS[n % 5]}",
            meta_data={"even": n % 2 == 0},
            embedding=Subjects().get_embedding(SUBJECTS[n % 5]),
        )
        for n in range(20)
    ]


def blocking(uri: str, kind: SearchType) -> None:
    store = Milvus(f"notes_{kind.value}", uri=uri, embedder=Subjects(), search_type=kind)
    store.create()
    assert store.exists()
    store.insert("hash", documents())
    assert store.content_hash_exists("hash")
    found = store.search("of ships", limit=4)
    assert len(found) == 4
    assert all("ships" in each.content for each in found)
    assert store.delete_by_name("note 3")
    assert not store.name_exists("note 3")
    store.drop()
    assert not store.exists()


async def asynchronous(uri: str) -> None:
    store = Milvus("later", uri=uri, embedder=Subjects())
    await store.async_create()
    await store.async_insert("hash", documents())
    found = await store.async_search("of bread", limit=4)
    assert all("bread" in each.content for each in found)
    await store.async_drop()


def main(uri: str) -> None:
    warnings.simplefilter("ignore")
    blocking(uri, SearchType.vector)
    blocking(uri, SearchType.hybrid)
    asyncio.run(asynchronous(uri))
    print("done")


if __name__ == "__main__":
    main(sys.argv[1])
