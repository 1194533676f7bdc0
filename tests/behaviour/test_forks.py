"""Processes that fork while databases are open: each side goes on, neither harms the other."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import traceback
from typing import TYPE_CHECKING

import numpy as np
import pytest

from aiomilvus import MilvusClient
from aiomilvus.engine.opening import open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


@pytest.fixture(autouse=True)
def garbage_of_this_test_alone() -> Iterator[None]:
    """Keep the children from finalizing what other tests left: it may need threads they lack."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def in_child(action: Callable[[], object]) -> None:
    """Run `action` in a forked child; what fails there fails the test."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            action()
            os.write(writing, b"fine")
        except BaseException:  # noqa: BLE001 - told to the parent
            os.write(writing, traceback.format_exc().encode()[-4000:])
        os._exit(0)
    os.close(writing)
    told = b""
    while piece := os.read(reading, 4096):
        told += piece
    os.close(reading)
    os.waitpid(child, 0)
    assert told == b"fine", told.decode()


def fill(client: MilvusClient, rows: int = 200) -> None:
    client.create_collection("c", dimension=4, metric_type="L2")
    vectors = np.eye(4, dtype=np.float32)[np.arange(rows) % 4] + np.arange(rows)[:, None]
    client.insert("c", {"id": np.arange(rows), "vector": vectors.astype(np.float32)})


def test_a_child_opens_databases_of_its_own_and_not_its_parents(tmp_path: Path) -> None:
    parents = str(tmp_path / "parents.db")
    with MilvusClient(parents) as client:
        fill(client)

        def child() -> None:
            with MilvusClient(parents) as follower:
                follower.insert("c", [{"id": 2_000, "vector": [0.0] * 4}])
                assert follower.query("c", output_fields=["count(*)"]) == [{"count(*)": 201}]
            with MilvusClient(parents, mode="r") as reader:
                assert reader.query("c", output_fields=["count(*)"]) == [{"count(*)": 201}]
            with MilvusClient(str(tmp_path / "childs.db")) as own:
                fill(own)
                own.flush("c")
                assert own.search("c", [[5.0, 6.0, 5.0, 5.0]], limit=1)[0][0]["id"] == 5

        in_child(child)
        client.insert("c", [{"id": 1_000, "vector": [0.0] * 4}])
        client.flush("c")
    with MilvusClient(parents) as client:
        assert client.query("c", output_fields=["count(*)"]) == [{"count(*)": 202}]


def test_a_child_opens_what_its_parent_has_closed(tmp_path: Path) -> None:
    path = str(tmp_path / "one.db")
    with MilvusClient(path) as client:
        fill(client)

    def child() -> None:
        with MilvusClient(path) as own:
            own.insert("c", [{"id": 1_000, "vector": [0.0] * 4}])

    in_child(child)
    with MilvusClient(path) as client:
        assert client.query("c", output_fields=["count(*)"]) == [{"count(*)": 201}]


def test_a_fork_while_another_thread_opens_a_database_holds_no_child_up(tmp_path: Path) -> None:
    opened, close = threading.Event(), threading.Event()
    database = open_database(tmp_path / "held.db")

    def hold() -> None:
        from aiomilvus.engine import opening as module

        with module._LOOKING, database.place.lock:
            opened.set()
            close.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    assert opened.wait(60)

    def child() -> None:
        with MilvusClient(str(tmp_path / "childs.db")) as own:
            fill(own)

    try:
        in_child(child)
    finally:
        close.set()
        thread.join()
        database.close()


def test_a_fork_within_a_change_of_the_catalog_leaves_the_change_alone(tmp_path: Path) -> None:
    path = tmp_path / "one.db"
    database = open_database(path)
    with MilvusClient(str(path)) as client:
        fill(client)
        record = database.local.collection("", "c").record
        with database.local.catalog.transaction():
            database.local.catalog.put_alias(record.db_id, "other", record.id)
            in_child(gc.collect)
        database.close()
    with MilvusClient(str(path)) as client:
        assert client.list_aliases("c")["aliases"] == ["other"]


SEARCHING = """
import os, sys
import numpy as np
from aiomilvus import MilvusClient

def search(path):
    with MilvusClient(path) as client:
        client.create_collection("c", dimension=32, metric_type="L2")
        vectors = np.random.default_rng(0).standard_normal((6_000, 32), np.float32)
        client.insert("c", {"id": np.arange(6_000), "vector": vectors})
        client.flush("c")
        client.release_collection("c")
        client.drop_index("c", "vector")
        params = client.prepare_index_params()
        params.add_index("vector", index_type="IVF_FLAT", metric_type="L2", nlist=16)
        client.create_index("c", params)
        client.load_collection("c")
        found = client.search("c", vectors[:300], limit=1, search_params={"nprobe": 4})
        assert [hits[0]["id"] for hits in found] == list(range(300))

search(sys.argv[1] + "/parents.db")
child = os.fork()
if child == 0:
    try:
        search(sys.argv[1] + "/childs.db")
    except BaseException:
        os._exit(1)
    os._exit(0)
_, status = os.waitpid(child, 0)
raise SystemExit(os.waitstatus_to_exitcode(status))
"""


def test_a_child_searches_though_its_parent_did_on_several_threads(tmp_path: Path) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "4"}
    command = [sys.executable, "-W", "ignore", "-c", SEARCHING, str(tmp_path)]
    subprocess.run(command, check=True, env=environment)
