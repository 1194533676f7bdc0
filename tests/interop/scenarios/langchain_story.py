"""A LangChain vector store on a server; run by an interpreter that has langchain-milvus.

python langchain_story.py URI
"""

from __future__ import annotations

import asyncio
import sys
import warnings

from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_milvus import BM25BuiltInFunction, Milvus

SUBJECTS = ("cats", "ships", "bread", "stars", "chess")
DOCUMENTS = [
    Document(
        page_content=f"Note {n} is about {SUBJECTS[n % 5]} and nothing else.",
        metadata={"number": n, "even": n % 2 == 0},
    )
    for n in range(30)
]


class Subjects(Embeddings):
    """One dimension for each subject that a text names."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return [1.0 if subject in text else 0.1 for subject in SUBJECTS]


def dense(uri: str) -> None:
    store = Milvus(Subjects(), connection_args={"uri": uri}, collection_name="notes", auto_id=True)
    keys = store.add_documents(DOCUMENTS)
    assert len(set(keys)) == len(DOCUMENTS)
    found = store.similarity_search("of ships", k=6)
    assert {each.metadata["number"] % 5 for each in found} == {1}
    found = store.similarity_search("of bread", k=3, expr="number > 20 and even == true")
    assert [each.metadata["number"] for each in found][:1] == [22]
    scored = store.similarity_search_with_score("of stars", k=1)
    assert "stars" in scored[0][0].page_content
    varied = store.max_marginal_relevance_search("of chess", k=4, fetch_k=20)
    assert len(varied) == 4
    assert store.delete(expr="number < 25")
    assert len(store.similarity_search("of ships", k=30)) == 5
    retriever = store.as_retriever(search_kwargs={"k": 1})
    assert "cats" in retriever.invoke("of cats")[0].page_content


def hybrid(uri: str) -> None:
    store = Milvus.from_documents(
        DOCUMENTS,
        Subjects(),
        builtin_function=BM25BuiltInFunction(),
        vector_field=["dense", "sparse"],
        connection_args={"uri": uri},
        collection_name="words",
        drop_old=True,
    )
    found = store.similarity_search(
        "note 17 ships", k=1, ranker_type="rrf", ranker_params={"k": 60}
    )
    assert len(found) == 1


async def asynchronously(uri: str) -> None:
    store = Milvus(Subjects(), connection_args={"uri": uri}, collection_name="later", auto_id=True)
    await store.aadd_documents(DOCUMENTS)
    found = await store.asimilarity_search("of bread", k=2)
    assert {each.metadata["number"] % 5 for each in found} == {2}


def main(uri: str) -> None:
    warnings.simplefilter("ignore")
    dense(uri)
    hybrid(uri)
    asyncio.run(asynchronously(uri))
    print("done")


if __name__ == "__main__":
    main(*sys.argv[1:])
