"""Explanations cross the wire in the status of a read's reply."""

from __future__ import annotations

import pytest

from aiomilvus.errors import CollectionNotExistException, MilvusException, NotSupportedError
from aiomilvus.model.explanation import Explanation, RequestPlan, SegmentPlan
from aiomilvus.wire.codec.explanation import read_explanation, write_explanation
from aiomilvus.wire.codec.status import success, write_status
from aiomilvus.wire.proto import messages

EXPLANATION = Explanation(
    operation="search",
    collection="bücher",
    snapshot=7,
    requests=(
        RequestPlan(
            field="v",
            index_name="v",
            index_type="HNSW",
            metric="L2",
            filter='name == "ß"',
            segments=(
                SegmentPlan(
                    segment=3,
                    kind="sealed",
                    rows=10,
                    passing_rows=2,
                    estimated_selectivity=None,
                    actual_selectivity=0.2,
                    filtered_by="scan",
                    scalar_indexes=("n",),
                    strategy="index",
                    index="faiss HNSW float32",
                    filter_microseconds=1.5,
                    search_microseconds=2.25,
                ),
            ),
        ),
    ),
    estimated_microseconds=3.5,
    actual_microseconds=4.5,
)


@pytest.mark.parametrize("response", [messages.SearchResults, messages.QueryResults])
def test_an_explanation_comes_back_as_it_was_sent(response):
    reply = response.FromString(write_explanation(EXPLANATION, response))
    assert read_explanation(reply.status, "here") == EXPLANATION


def test_a_server_that_does_not_know_the_header_is_named():
    with pytest.raises(NotSupportedError, match="the server at here does not explain reads"):
        read_explanation(success(), "here")


def test_a_refusal_is_raised_as_it_is():
    error = CollectionNotExistException(message="collection not found")
    with pytest.raises(CollectionNotExistException, match="collection not found"):
        read_explanation(write_status(error), "here")


def test_an_explanation_of_another_form_is_refused():
    status = messages.Status(extra_info={"aiomilvus-explanation": '{"operation": 3}'})
    with pytest.raises(MilvusException, match="the server at here explains in another form"):
        read_explanation(status, "here")
