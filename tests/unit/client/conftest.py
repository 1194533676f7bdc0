"""What the tests of odd values share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aiomilvus import MilvusClient

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def odd_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusClient]:
    """A client of a database of its own with one collection "c" of one row."""
    path = tmp_path_factory.mktemp("odd") / "odd.db"
    with MilvusClient(str(path)) as made:
        made.create_collection("c", dimension=2)
        made.insert("c", [{"id": 1, "vector": [0.0, 1.0]}])
        yield made
