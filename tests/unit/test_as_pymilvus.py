"""aiomilvus in the place of pymilvus, for one process; each test runs in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

USE = """
import aiomilvus.as_pymilvus
import aiomilvus, pymilvus, pymilvus.client.embedding_list, pymilvus.exceptions
from pymilvus import AnnSearchRequest, AsyncMilvusClient, Collection, DataType, MilvusClient
from pymilvus import IndexType
from pymilvus.client.abstract import BaseRanker
from pymilvus.client.constants import DEFAULT_RESOURCE_GROUP
from pymilvus.client.types import LoadState
from pymilvus.client.types import ResourceGroupConfig
from pymilvus.milvus_client.index import IndexParams
from pymilvus.orm.types import infer_dtype_bydata
assert MilvusClient is aiomilvus.MilvusClient and DataType is aiomilvus.DataType
assert pymilvus.exceptions.MilvusException is aiomilvus.MilvusException
assert pymilvus.__version__ == aiomilvus.as_pymilvus.VERSION
client = MilvusClient(PATH)
client.create_collection("c", dimension=2)
client.insert("c", {"id": 1, "vector": [0.0, 1.0]})
assert client.search("c", [[0.0, 1.0]], limit=1)[0][0]["id"] == 1
client.release_collection("c")
client.drop_index("c", "vector")
index = client.prepare_index_params("vector", index_type=IndexType.IVF_FLAT, metric_type="L2")
client.create_index("c", index)
assert client.describe_index("c", "vector")["index_type"] == str(IndexType.IVFLAT) == "IVF_FLAT"
config = ResourceGroupConfig(requests={"node_num": 0}, limits={"node_num": 2})
client.create_resource_group("spare", config=config)
assert client.describe_resource_group("spare").config.limits.node_num == 2
client.close()
assert pymilvus.client.embedding_list.EmbeddingList._from_random_test(3, 4, seed=1).shape == (3, 4)
try:
    Collection("c")
except aiomilvus.NotSupportedError as error:
    assert "pymilvus.Collection is not served by aiomilvus; use MilvusClient" in str(error)
for missing, told in (
    ("from pymilvus import connections", "aiomilvus has no 'connections': it is of pymilvus'"),
    ("import pymilvus.bulk_writer", "aiomilvus has no 'bulk_writer'"),
    ("from pymilvus.orm.collection import Collection", "aiomilvus has no 'orm.collection': it is"),
    ("from aiomilvus import connections", "aiomilvus has no 'connections': it is of pymilvus'"),
    ("from aiomilvus import nonsense", "cannot import name 'nonsense' from 'aiomilvus'"),
    ("from pymilvus import nonsense", "cannot import name 'nonsense' from 'pymilvus'"),
):
    try:
        exec(missing)
    except ImportError as error:
        assert told in str(error), error
        continue
    raise AssertionError(missing)
assert not hasattr(pymilvus, "connections")
"""
RESTORED = """
import aiomilvus, aiomilvus.as_pymilvus
from pymilvus import MilvusClient, RRFRanker
assert RRFRanker.__module__ == "pymilvus.client.abstract"
aiomilvus.as_pymilvus.restore()
import pymilvus
assert aiomilvus.RRFRanker.__module__.startswith("aiomilvus.")
assert pymilvus.MilvusClient is not aiomilvus.MilvusClient and pymilvus.__file__
"""
LATE = """
import pymilvus
try:
    import aiomilvus.as_pymilvus
except ImportError as error:
    assert "pymilvus is imported already" in str(error)
else:
    raise AssertionError
assert pymilvus.__file__
"""


def _run(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_what_imports_pymilvus_gets_aiomilvus_and_opens_a_path(tmp_path: Path) -> None:
    _run(f"PATH = {str(tmp_path / 'a.db')!r}\n{USE}")


def test_an_installed_pymilvus_is_given_again_after_restore() -> None:
    _run(RESTORED)


def test_a_pymilvus_that_is_in_use_is_left_alone() -> None:
    _run(LATE)
