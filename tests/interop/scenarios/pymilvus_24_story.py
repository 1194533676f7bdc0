"""What an application did with pymilvus 2.4, whose servers knew neither nulls nor functions.

    python pymilvus_24_story.py URI {sync|orm} ...

Asserts what it sees, and says at the end which version it was.
"""

from __future__ import annotations

import random
import sys
from typing import Any

import pymilvus
from pymilvus import (
    AnnSearchRequest,
    Collection,
    CollectionSchema,
    DataType,
    FieldSchema,
    MilvusClient,
    MilvusException,
    RRFRanker,
    connections,
    utility,
)

ROWS = 50
VECTORS = [[random.Random(4 * n + at).random() for at in range(4)] for n in range(ROWS)]
DATA = [
    {
        "id": n,
        "title": f"title {n}",
        "dense": VECTORS[n],
        "sparse": {n % 7: 1.0, 100 + n: 0.5},
        "tags": [n % 3, n % 5],
        "facts": {"size": n},
        "colour": "red" if n % 2 else "blue",
    }
    for n in range(ROWS)
]


def synchronous(uri: str) -> None:
    client = MilvusClient(uri)
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("title", DataType.VARCHAR, max_length=100)
    schema.add_field("dense", DataType.FLOAT_VECTOR, dim=4)
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("tags", DataType.ARRAY, element_type=DataType.INT64, max_capacity=4)
    schema.add_field("facts", DataType.JSON)
    index = client.prepare_index_params()
    index.add_index("dense", index_type="HNSW", metric_type="COSINE", params={"M": 8})
    index.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
    client.create_collection("books", schema=schema, index_params=index)
    assert client.insert("books", DATA)["insert_count"] == ROWS
    assert client.upsert("books", [{**DATA[1], "title": "other"}])["upsert_count"] == 1
    found = client.search(
        "books", [VECTORS[7]], limit=3, output_fields=["title", "colour"], anns_field="dense"
    )
    assert len(client.search("books", [{3: 1.0}], anns_field="sparse", limit=2)[0]) == 2
    hit: dict[str, Any] = found[0][0]
    assert (hit["id"], hit["entity"]["title"], hit["entity"]["colour"]) == (7, "title 7", "red")
    ranged = client.query("books", filter='facts["size"] < 10 and colour == "red"')
    assert sorted(row["id"] for row in ranged) == [1, 3, 5, 7, 9]
    assert client.get("books", [1])[0]["title"] == "other"
    assert client.query("books", filter="", output_fields=["count(*)"])[0]["count(*)"] == ROWS
    client.delete("books", ids=[2, 3])
    client.delete("books", filter="id in [4]")
    assert client.query("books", filter="id < 6", output_fields=["id"]) == [
        {"id": 0},
        {"id": 1},
        {"id": 5},
    ]
    administer(client)
    client.drop_collection("books")
    client.close()


def administer(client: MilvusClient) -> None:
    client.create_partition("books", "p")
    assert sorted(client.list_partitions("books")) == ["_default", "p"]
    client.insert("books", [{**DATA[2], "id": 1000}], partition_name="p")
    client.release_partitions("books", ["p"])
    client.drop_partition("books", "p")
    client.create_alias("books", "novels")
    assert client.describe_alias("novels")["collection_name"] == "books"
    client.drop_alias("novels")
    client.create_user("reader", "Secret!1")
    client.create_role("reads")
    client.grant_privilege("reads", "Collection", "Search", "books")
    client.grant_role("reader", "reads")
    assert client.describe_user("reader")["roles"] == ("reads",)
    client.revoke_privilege("reads", "Collection", "Search", "books")
    client.revoke_role("reader", "reads")
    client.drop_role("reads")
    client.drop_user("reader")
    assert refusal(client, "nothing") == 100


def refusal(client: MilvusClient, name: str) -> int:
    """Return the code that asking for a collection is refused with, 0 if it is not."""
    try:
        client.describe_collection(name)
    except MilvusException as error:
        return int(error.code)
    return 0


def orm(uri: str) -> None:
    connections.connect(uri=uri)
    schema = CollectionSchema(
        [
            FieldSchema("id", DataType.INT64, is_primary=True),
            FieldSchema("dense", DataType.FLOAT_VECTOR, dim=4),
            FieldSchema("sparse", DataType.SPARSE_FLOAT_VECTOR),
        ]
    )
    books = Collection("books", schema, consistency_level="Strong")
    books.insert([[row[name] for row in DATA] for name in ("id", "dense", "sparse")])
    books.flush()
    books.create_index("dense", {"index_type": "HNSW", "metric_type": "L2", "params": {"M": 8}})
    books.create_index("sparse", {"index_type": "SPARSE_WAND", "metric_type": "IP", "params": {}})
    utility.wait_for_index_building_complete("books", "dense")
    books.load()
    assert books.num_entities == ROWS
    parts = [
        AnnSearchRequest([VECTORS[5]], "dense", {"metric_type": "L2", "params": {"ef": 30}}, 5),
        AnnSearchRequest([DATA[5]["sparse"]], "sparse", {"metric_type": "IP", "params": {}}, 5),
    ]
    assert books.hybrid_search(parts, RRFRanker(), limit=3)[0].ids[0] == 5
    iterator = books.query_iterator(batch_size=20, expr="id >= 0", output_fields=["id"])
    read: list[int] = []
    while batch := iterator.next():
        read += [row["id"] for row in batch]
    iterator.close()
    assert read == list(range(ROWS))
    near = books.search_iterator(
        [VECTORS[5]], "dense", {"metric_type": "L2", "params": {"ef": 60}}, 10, limit=30
    )
    hits: list[int] = []
    while page := near.next():
        hits += page.ids()
    near.close()
    assert len(hits) == len(set(hits)) == 30
    assert hits[0] == 5
    utility.drop_collection("books")
    connections.disconnect("default")


if __name__ == "__main__":
    for how in sys.argv[2:]:
        {"sync": synchronous, "orm": orm}[how](sys.argv[1])
        sys.stdout.write(f"pymilvus {pymilvus.__version__} {how}\n")
