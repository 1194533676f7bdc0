"""Odd values as every argument of the methods that read and write: answered, or refused."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from aiomilvus import MilvusClient, MilvusException
from tests.support.odd_values import ODD, good_arguments, places

METHODS = (
    "search query get insert upsert delete hybrid_search run_analyzer query_iterator "
    "search_iterator"
).split()
PLACES = [(method, place) for method in METHODS for place in places(method)]


@pytest.mark.parametrize(("method", "place"), PLACES)
def test_an_odd_argument_is_answered_or_refused(
    odd_client: MilvusClient, method: str, place: str
) -> None:
    for value in ODD.values():
        arguments: dict[str, Any] = {**good_arguments(method), place: value}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                answer = getattr(odd_client, method)(**arguments)
                if hasattr(answer, "next"):
                    answer.next()
        except (MilvusException, TypeError, ValueError):
            continue
    odd_client.upsert("c", [{"id": 1, "vector": [0.0, 1.0]}])
    assert odd_client.query("c", "id == 1", ["id"]) == [{"id": 1}]
