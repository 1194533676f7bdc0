"""Sparse vectors that mean nothing are refused, stored or searched for; nothing is rounded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import sparse

from aiomilvus import DataNotMatchException, DataType, MilvusException, ParamError

if TYPE_CHECKING:
    from tests.behaviour.conftest import Door


async def made(client: Any, index_type: str = "SPARSE_INVERTED_INDEX") -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    params = client.raw.prepare_index_params()
    params.add_index("sparse", index_type=index_type, metric_type="IP")
    await client.create_collection("c", schema=schema, index_params=params)
    await client.insert("c", [{"id": n, "sparse": {n: 1.0, 100: 2.0}} for n in range(5)])


def row(values: list[float], indices: list[int]) -> Any:
    return sparse.csr_array((values, indices, [0, len(values)]), shape=(1, 2**32 - 1))


BAD = {
    "nan": ({1: math.nan}, ParamError, "'NaN' is not a number"),
    "infinite": ([(1, 0.5), (2, math.inf)], ParamError, "'+Inf' is not a number"),
    "numpy nan": ({np.uint32(1): np.float32("nan")}, ParamError, "'NaN' is not a number"),
    "scipy nan": (row([math.nan], [1]), ParamError, "'NaN' is not a number"),
    "beyond float32": ({1: 1e39}, ParamError, "'+Inf' is not a number"),
    "fraction": ({2.9: 1.0}, DataNotMatchException, "sparse_float_vector"),
    "negative fraction": ({-0.5: 1.0}, DataNotMatchException, "sparse_float_vector"),
    "fraction in a pair": ([(2.9, 1.0)], DataNotMatchException, "sparse_float_vector"),
    "float in a matrix": (np.array([[2.9, 1.0]]), DataNotMatchException, "sparse_float_vector"),
    "fraction as text": ({"2.9": 1.0}, DataNotMatchException, "sparse_float_vector"),
    "negative": ({-1: 1.0}, ParamError, "-1 (row 0"),
    "too large": ({2**32 - 1: 1.0}, ParamError, "4294967295 (row 0"),
    "far too large": ({2**70: 1.0}, ParamError, f"{2**70} (row 0"),
    "no value": ({1: None}, DataNotMatchException, "sparse_float_vector"),
    "complex": ({1: 1j}, DataNotMatchException, "sparse_float_vector"),
    "complex scipy": (row([1j], [1]), DataNotMatchException, "sparse_float_vector"),  # type: ignore[list-item] # what is refused
}


@pytest.mark.parametrize("case", BAD)
async def test_a_sparse_vector_without_meaning_is_refused(client: Door, case: str) -> None:
    vector, error, text = BAD[case]
    await made(client)
    for call in (
        client.search("c", data=[vector], filter="id == 3"),
        client.insert("c", [{"id": 9, "sparse": vector}]),
        client.upsert("c", [{"id": 3, "sparse": vector}]),
    ):
        with pytest.raises(error) as refused:
            await call
        assert text in refused.value.message
    found = await client.query("c", filter="id >= 0", output_fields=["sparse"])
    assert [each["sparse"] for each in found] == [{n: 1.0, 100: 2.0} for n in range(5)]


async def test_one_vector_of_several_is_named(client: Door) -> None:
    await made(client)
    queries = [{1: 1.0, 2: 1.0}, {}, {3: 1.0, 4: math.nan}]
    with pytest.raises(MilvusException, match="row 2"):
        await client.search("c", data=queries)


async def test_whole_numbers_of_every_kind_are_indices(client: Door) -> None:
    await made(client)
    same: list[Any] = [{3: 0.5}, {np.uint32(3): np.float16(0.5)}, {"3": "0.5"}, [(3, 0.5)]]
    for vector in [*same, row([0.5], [3])]:
        (hits,) = await client.search("c", data=[vector], limit=3)
        assert [(hit["id"], hit["distance"]) for hit in hits] == [(3, 0.5)]
