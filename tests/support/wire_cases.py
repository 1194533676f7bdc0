"""Calls of pymilvus' methods, in an order in which each has something to do.

Arguments that are made of a library's own classes are functions of the library and its client.
Both clients are given the same calls; `tests/interop/test_wire_differential.py` compares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Make = Callable[[Any, Any], Any]


class Made(NamedTuple):
    """An argument that each library makes of its own classes."""

    make: Make


class Case(NamedTuple):
    """A call.

    Attributes:
        method: Its name.
        given: Its arguments; a `Made` among them is made for each library.
        reads: Batches to read where it returns an iterator.
        note: What tells the case from others of its method.
    """

    method: str
    given: Mapping[str, Any]
    reads: int = 0
    note: str = ""


def case(method: str, note: str = "", reads: int = 0, **given: Any) -> Case:
    """Return a case; `given` are keyword arguments, which stand alike in all clients."""
    return Case(method, given, reads, note)


def arguments(each: Case, library: Any, client: Any) -> dict[str, Any]:
    """Return the arguments of a case for a client of `library`."""
    return {name: _resolved(value, library, client) for name, value in each.given.items()}


def _resolved(value: Any, library: Any, client: Any) -> Any:
    if isinstance(value, Made):
        return value.make(library, client)
    if isinstance(value, list):
        return [_resolved(item, library, client) for item in value]
    if isinstance(value, dict):
        return {name: _resolved(item, library, client) for name, item in value.items()}
    return value


def _schema(library: Any, client: Any) -> Any:
    kinds = library.DataType
    made = client.create_schema(auto_id=False, enable_dynamic_field=True, description="all")
    made.add_field("id", kinds.INT64, is_primary=True)
    made.add_field("vector", kinds.FLOAT_VECTOR, dim=2)
    made.add_field("sparse", kinds.SPARSE_FLOAT_VECTOR)
    made.add_field("name", kinds.VARCHAR, max_length=20, nullable=True)
    made.add_field("year", kinds.INT32, default_value=2000)
    made.add_field("tags", kinds.ARRAY, element_type=kinds.VARCHAR, max_capacity=4, max_length=10)
    made.add_field("meta", kinds.JSON)
    return made


def _indexes(library: Any, client: Any) -> Any:
    made = client.prepare_index_params()
    build = {"M": 8, "efConstruction": 40}
    made.add_index("vector", index_type="HNSW", metric_type="COSINE", params=build)
    made.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
    return made


def index(field: str, **options: Any) -> Made:
    def make(library: Any, client: Any) -> Any:
        made = client.prepare_index_params()
        made.add_index(field, **options)
        return made

    return Made(make)


def _part(data: Any, field: str, param: dict[str, Any], **options: Any) -> Made:
    return Made(lambda library, _: library.AnnSearchRequest(data, field, param, 3, **options))


def kind(name: str) -> Made:
    return Made(lambda library, _: getattr(library.DataType, name))


_DECAY = Made(
    lambda library, _: library.Function(
        name="near",
        input_field_names=["year"],
        function_type=library.FunctionType.RERANK,
        params={
            "reranker": "decay",
            "function": "gauss",
            "origin": 1990,
            "scale": 10,
            "offset": 0,
            "decay": 0.5,
        },
    )
)
_RRF = Made(lambda library, _: library.RRFRanker(50))
_WEIGHTED = Made(lambda library, _: library.WeightedRanker(0.3, 0.7))
ROWS = [{"id": n, "vector": [n + 0.5, 1.0], "name": f"n{n}", "year": 1990 + n} for n in range(6)]
_MANY = [
    {
        "id": n,
        "vector": [1.0, n + 0.5],
        "sparse": {1: 0.5, 7: n + 1.0},
        "name": None if n % 2 else f"n{n}",
        "year": 1990 + n,
        "tags": ["a", "b"],
        "meta": {"k": n},
        "more": n,
    }
    for n in range(6)
]
QUERY = [[1.0, 1.0]]
TTL = "collection.ttl.seconds"
_PARTS = [
    _part(QUERY, "vector", {"metric_type": "COSINE", "params": {"ef": 20}}),
    _part([{1: 1.0}], "sparse", {}, expr="year > {y}", expr_params={"y": 3}),
]
_PLAIN_PARTS = [_part(QUERY, "vector", {}), _part([{1: 1.0}], "sparse", {})]

CREATING = [
    case("create_collection", collection_name="c", dimension=2),
    case(
        "create_collection",
        "of text keys",
        collection_name="s",
        dimension=2,
        id_type="string",
        max_length=10,
        metric_type="L2",
        auto_id=True,
        primary_field_name="k",
        vector_field_name="v",
        consistency_level="Strong",
    ),
    case(
        "create_collection",
        "of a schema",
        collection_name="many",
        schema=Made(_schema),
        index_params=Made(_indexes),
        num_shards=1,
        properties={TTL: 3600},
    ),
    case(
        "create_collection",
        "without index",
        collection_name="bare",
        schema=Made(_schema),
        consistency_level="Session",
    ),
    case("has_collection", collection_name="c"),
    case("has_collection", "of none", collection_name="none"),
    case("list_collections"),
    case("describe_collection", collection_name="many"),
]
WRITING = [
    case("insert", collection_name="c", data=ROWS),
    case("insert", "of one row", collection_name="c", data={"id": 77, "vector": [0.5, 0.5]}),
    case("insert", "of all types", collection_name="many", data=_MANY),
    case("insert", "into a partition", collection_name="c", data=ROWS, partition_name="_default"),
    case("upsert", collection_name="c", data=ROWS[:2]),
    case(
        "upsert",
        "of some fields",
        collection_name="many",
        data=[{"id": 1, "year": 5}],
        partial_update=True,
    ),
    case("get_collection_stats", collection_name="s"),
]
SEARCHING = [
    case("search", collection_name="c", data=QUERY, limit=3),
    case(
        "search",
        "with all that is usual",
        collection_name="c",
        data=[[1.0, 1.0], [2.0, 3.0]],
        filter="id > 1",
        limit=2,
        output_fields=["name"],
        search_params={"metric_type": "COSINE", "params": {"ef": 20}},
        consistency_level="Strong",
        round_decimal=3,
        offset=1,
    ),
    case(
        "search",
        "with flat parameters",
        collection_name="many",
        data=QUERY,
        anns_field="vector",
        limit=2,
        search_params={"ef": 30, "metric_type": "COSINE"},
        output_fields=["*"],
    ),
    case("search", "sparse", collection_name="many", data=[{1: 1.0}], anns_field="sparse", limit=2),
    case(
        "search",
        "in a range",
        collection_name="many",
        data=QUERY,
        anns_field="vector",
        search_params={"params": {"radius": 0.1, "range_filter": 0.99}},
    ),
    case(
        "search",
        "grouped",
        collection_name="many",
        data=QUERY,
        anns_field="vector",
        group_by_field="year",
        group_size=2,
        strict_group_size=True,
    ),
    case(
        "search",
        "with filter parameters",
        collection_name="c",
        data=QUERY,
        filter="id in {ids} and name == {n} and year < {y}",
        filter_params={"ids": [1, 2], "n": "n1", "y": 1995.5},
    ),
    case("search", "in partitions", collection_name="c", data=QUERY, partition_names=["_default"]),
    *[
        case("search", f"at {level}", collection_name="c", data=QUERY, consistency_level=level)
        for level in ("Session", "Bounded", "Eventually")
    ],
    case(
        "search",
        "at a time",
        collection_name="c",
        data=QUERY,
        consistency_level="Customized",
        guarantee_timestamp=5,
    ),
    case("search", "where nothing is written", collection_name="s", data=QUERY),
    case("search", "by keys", collection_name="c", ids=[1, 2], limit=2),
    case("search", "of sealed rows", collection_name="c", data=QUERY, ignore_growing=True),
    case("search", "of a cluster", collection_name="c", data=QUERY, cluster_id="west"),
    case("search", "in a time zone", collection_name="c", data=QUERY, timezone="Asia/Tokyo"),
    case(
        "search",
        "with hints",
        collection_name="c",
        data=QUERY,
        search_params={"hints": "iterative_filter"},
    ),
    case(
        "search",
        "reranked",
        collection_name="many",
        data=QUERY,
        anns_field="vector",
        limit=2,
        ranker=_DECAY,
    ),
    case("search", "of no collection", collection_name="none", data=QUERY),
    case("search", "of another width", collection_name="c", data=[[1.0]]),
    case(
        "hybrid_search",
        collection_name="many",
        reqs=_PARTS,
        ranker=_RRF,
        limit=2,
        output_fields=["year"],
    ),
    case(
        "hybrid_search",
        "grouped, with an offset",
        collection_name="many",
        reqs=_PLAIN_PARTS,
        ranker=_WEIGHTED,
        limit=2,
        offset=1,
        group_by_field="year",
        consistency_level="Strong",
    ),
    case("search_iterator", reads=2, collection_name="c", data=QUERY, batch_size=2),
    case(
        "search_iterator",
        "at Session",
        reads=2,
        collection_name="c",
        data=QUERY,
        batch_size=2,
        consistency_level="Session",
    ),
    case(
        "search_iterator",
        "at Bounded",
        reads=2,
        collection_name="c",
        data=QUERY,
        batch_size=2,
        consistency_level="Bounded",
    ),
]
QUERYING = [
    case("query", collection_name="c", filter="id > 2", limit=2),
    case(
        "query",
        "with all that is usual",
        collection_name="c",
        filter="id > {a}",
        filter_params={"a": 1},
        output_fields=["name"],
        limit=2,
        offset=1,
        partition_names=["_default"],
        consistency_level="Strong",
    ),
    case("query", "counted", collection_name="c", output_fields=["count(*)"]),
    case("query", "by keys", collection_name="c", ids=[1, 2]),
    case("query", "sorted", collection_name="c", filter="id > 0", limit=3, order_by=["id:desc"]),
    case(
        "query",
        "grouped",
        collection_name="many",
        filter="id > 0",
        limit=3,
        group_by_fields=["year"],
        output_fields=["year", "count(*)"],
    ),
    case("query", "of a cluster", collection_name="c", filter="id > 2", cluster_id="west"),
    case("query", "that can't be read", collection_name="c", filter="id >"),
    case("get", collection_name="c", ids=[1, 2], output_fields=["name"]),
    case("get", "of one key", collection_name="c", ids=3),
    case("get", "of text keys", collection_name="s", ids=["a", 'b"']),
    case("query_iterator", reads=2, collection_name="c", batch_size=3, output_fields=["name"]),
    case(
        "query_iterator",
        "at Session",
        reads=2,
        collection_name="c",
        batch_size=3,
        output_fields=["name"],
        consistency_level="Session",
    ),
    case(
        "query_iterator",
        "at Bounded",
        reads=2,
        collection_name="c",
        batch_size=3,
        output_fields=["name"],
        consistency_level="Bounded",
    ),
]
DELETING = [
    case("delete", collection_name="c", ids=[1, 2]),
    case("delete", "of one key", collection_name="c", ids=3),
    case("delete", "by a filter", collection_name="c", filter="id == 4"),
    case(
        "delete",
        "with filter parameters",
        collection_name="c",
        filter="id in {ids}",
        filter_params={"ids": [4, 5]},
    ),
    case("delete", "in a partition", collection_name="c", ids=[9], partition_name="_default"),
]
ENTITIES = [*CREATING, *WRITING, *SEARCHING, *QUERYING, *DELETING]
