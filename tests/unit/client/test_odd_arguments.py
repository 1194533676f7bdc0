"""Odd values as every argument of the methods that read and write: answered, or refused."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import MilvusClient, MilvusException
from tests.support.odd_values import ODD, good_arguments, places

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

METHODS = (
    "search query get insert upsert delete hybrid_search run_analyzer query_iterator "
    "search_iterator"
).split()
PLACES = [(method, place) for method in METHODS for place in places(method)]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusClient]:
    path: Path = tmp_path_factory.mktemp("odd") / "odd.db"
    with MilvusClient(str(path)) as made:
        made.create_collection("c", dimension=2)
        made.insert("c", [{"id": 1, "vector": [0.0, 1.0]}])
        yield made


@pytest.mark.parametrize(("method", "place"), PLACES)
def test_an_odd_argument_is_answered_or_refused(
    client: MilvusClient, method: str, place: str
) -> None:
    for value in ODD.values():
        arguments: dict[str, Any] = {**good_arguments(method), place: value}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                answer = getattr(client, method)(**arguments)
                if hasattr(answer, "next"):
                    answer.next()
        except (MilvusException, TypeError, ValueError):
            continue
    client.upsert("c", [{"id": 1, "vector": [0.0, 1.0]}])
    assert client.query("c", "id == 1", ["id"]) == [{"id": 1}]
