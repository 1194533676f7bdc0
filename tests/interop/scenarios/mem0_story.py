"""mem0's vector store, as its memory calls it; run by an interpreter that has mem0.

python mem0_story.py URI
"""

from __future__ import annotations

import sys
import warnings

from mem0.configs.vector_stores.milvus import MetricType
from mem0.vector_stores.milvus import MilvusDB

SUBJECTS = ("cats", "ships", "bread", "stars", "chess")


def embedded(text: str) -> list[float]:
    """Return one dimension for each subject that a text names."""
    return [1.0 if subject in text else 0.1 for subject in SUBJECTS]


def main(uri: str) -> None:
    warnings.simplefilter("ignore")
    store = MilvusDB(uri, "", "memories", len(SUBJECTS), MetricType.COSINE, "")
    texts = [f"Memory {n} is about {SUBJECTS[n % 5]}." for n in range(20)]
    payloads = [{"data": text, "user_id": f"u{n % 2}"} for n, text in enumerate(texts)]
    store.insert([f"m{n}" for n in range(20)], [embedded(text) for text in texts], payloads)
    found = store.search("of ships", embedded("of ships"), top_k=4)
    assert sorted(each.id for each in found) == ["m1", "m11", "m16", "m6"]
    found = store.search("of ships", embedded("of ships"), top_k=2, filters={"user_id": "u1"})
    assert sorted(each.id for each in found) == ["m1", "m11"]
    words = store.keyword_search("Memory 17", top_k=1)
    assert words
    assert words[0].id == "m17"
    store.update("m3", payload={"data": "changed", "user_id": "u9"})
    changed = store.get("m3")
    assert changed is not None
    assert changed.payload == {"data": "changed", "user_id": "u9"}
    assert [each.id for each in store.list({"user_id": "u9"})[0]] == ["m3"]
    store.delete("m3")
    assert store.get("m3") is None
    assert "memories" in store.list_cols()
    store.reset()
    assert store.list() == [[]]
    print("done")


if __name__ == "__main__":
    main(sys.argv[1])
