"""An index' recall, which our server tells, beside parameters of that name that others keep."""

from __future__ import annotations

import pytest

from aiomilvus.model.operations.indexes import DescribeIndexes
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.lookup import route_of


@pytest.mark.parametrize(
    ("told", "recall", "params"),
    [("0.97", 0.97, {}), ("high", None, {"recall": "high"}), ("", None, {"recall": ""})],
)
def test_a_recall_that_is_no_number_is_a_parameter(
    told: str, recall: float | None, params: dict[str, str]
) -> None:
    answer = pb.DescribeIndexResponse()
    described = answer.index_descriptions.add(index_name="v", field_name="v")
    described.params.add(key="recall", value=told)
    operation = DescribeIndexes(collection="c")
    (index,) = route_of(operation).read_reply(answer, operation, None)
    assert (index.recall, index.params) == (recall, params)
