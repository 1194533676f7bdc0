"""What it costs a client to encode an insert and to decode search results, beside pymilvus.

    python -m benchmarks.wire_codec [--runs 20]

Both sides start from what they have in hand (numpy columns here, lists of floats for pymilvus'
message classes, which take nothing else quickly) and end at bytes, or the reverse: columns
here, the dictionaries of pymilvus' result there. Making rows of columns is not part of it.
Prints the median of the runs in microseconds as a Markdown table.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import TYPE_CHECKING

import numpy as np
from pymilvus.client.search_result import SearchResult as PymilvusResult
from pymilvus.grpc_gen import milvus_pb2

from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import FixedColumn, VectorColumn
from aiomilvus.model.results import SearchResult
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType
from aiomilvus.wire.arrays import packed_floats
from aiomilvus.wire.codec.batches import write_batch
from aiomilvus.wire.codec.hits import read_hits, write_hits
from aiomilvus.wire.proto import messages
from aiomilvus.wire.splice import join

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

ROWS, DIM = 1_000, 768
QUERIES, HITS = 10, 100
SCHEMA = Schema(
    fields=(
        Field(name="id", dtype=DataType.INT64, is_primary=True),
        Field(name="vector", dtype=DataType.FLOAT_VECTOR, dim=DIM),
    )
)


def encode_ours(batch: ColumnBatch) -> bytes:
    """Encode an insert from arrays."""
    head = messages.InsertRequest(collection_name="c", num_rows=len(batch))
    return join([head.SerializeToString(), *write_batch(SCHEMA, batch, 5, reply=False)])


def encode_filling(batch: ColumnBatch, vectors: NDArray[np.float32]) -> bytes:
    """Encode the same insert by filling message objects, which the codecs avoid."""
    request = messages.InsertRequest.FromString(
        join(write_batch(SCHEMA, batch.select(["id"]), 5, reply=False))
    )
    column = request.fields_data.add(type=DataType.FLOAT_VECTOR, field_name="vector")
    column.vectors.dim = DIM
    column.vectors.float_vector.data.extend(packed_floats(vectors))
    return request.SerializeToString()


def encode_theirs(keys: list[int], vectors: list[list[float]]) -> bytes:
    """Encode the same insert with pymilvus' message classes."""
    request = milvus_pb2.InsertRequest(collection_name="c", num_rows=len(keys))
    column = request.fields_data.add(type=5, field_name="id")
    column.scalars.long_data.data.extend(keys)
    column = request.fields_data.add(type=DataType.FLOAT_VECTOR, field_name="vector")
    column.vectors.dim = len(vectors[0])
    for vector in vectors:
        column.vectors.float_vector.data.extend(vector)
    encoded: bytes = request.SerializeToString()
    return encoded


def results(*, with_vectors: bool) -> bytes:
    """Return encoded search results, with a vector for every hit if asked."""
    rng = np.random.default_rng(0)
    hits = QUERIES * HITS
    vectors = ColumnBatch(hits, {"vector": VectorColumn(rng.random((hits, DIM), np.float32))})
    return write_hits(
        SearchResult(
            offsets=np.arange(0, hits + 1, HITS),
            ids=FixedColumn(rng.integers(1 << 58, 1 << 59, hits)),
            scores=rng.random(hits, np.float32),
            schema=SCHEMA,
            primary_name="id",
            batch=vectors if with_vectors else None,
        )
    )


def decode_ours(encoded: bytes) -> None:
    """Decode search results into columns."""
    read_hits(messages.SearchResults.FromString(encoded), SCHEMA)


def decode_theirs(encoded: bytes) -> None:
    """Decode search results as pymilvus hands them out."""
    PymilvusResult(milvus_pb2.SearchResults.FromString(encoded).results).materialize()


def median(run: Callable[[], object], runs: int) -> float:
    """Return the median time of a run in microseconds."""
    run()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    keys, vectors = np.arange(ROWS), np.random.default_rng(0).random((ROWS, DIM), np.float32)
    batch = ColumnBatch(ROWS, {"id": FixedColumn(keys), "vector": VectorColumn(vectors)})
    key_list, vector_list = keys.tolist(), vectors.tolist()
    ours, theirs = encode_ours(batch), encode_theirs(key_list, vector_list)
    if milvus_pb2.InsertRequest.FromString(ours) != milvus_pb2.InsertRequest.FromString(theirs):
        raise SystemExit("the two encodings differ")
    few, many = results(with_vectors=False), results(with_vectors=True)
    table = [
        (
            f"encode an insert of {ROWS:,} × {DIM} floats",
            median(lambda: encode_ours(batch), runs),
            median(lambda: encode_theirs(key_list, vector_list), runs),
        ),
        (
            "the same, filling message objects",
            median(lambda: encode_filling(batch, vectors), runs),
            median(lambda: encode_theirs(key_list, vector_list), runs),
        ),
        (
            f"decode {QUERIES} × {HITS} hits",
            median(lambda: decode_ours(few), runs),
            median(lambda: decode_theirs(few), runs),
        ),
        (
            f"decode {QUERIES} × {HITS} hits with their vectors",
            median(lambda: decode_ours(many), runs),
            median(lambda: decode_theirs(many), runs),
        ),
    ]
    print("| | aiomilvus, µs | pymilvus, µs | ratio |\n|---|---|---|---|")
    for name, cost, their_cost in table:
        print(f"| {name} | {cost:,.0f} | {their_cost:,.0f} | {their_cost / cost:.0f} |")


if __name__ == "__main__":
    main()
