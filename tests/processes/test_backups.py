"""A backup of a directory that another process leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus import MilvusClient
from aiomilvus.engine.upkeep.backup import back_up, restore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.other_process import OtherProcess


def test_another_process_writes_on_while_this_one_makes_a_backup(
    folder: Path, tmp_path: Path, other: Callable[[], OtherProcess]
) -> None:
    leader = other()
    leader.do("client.create_collection('c', dimension=2)")
    leader.do("client.insert('c', [{'id': n, 'vector': [n, 1]} for n in range(10)])")
    leader.do("client.flush('c')")
    leader.do("client.insert('c', [{'id': 10, 'vector': [0, 1]}])")

    def write(done: int, _total: int) -> None:
        if done == 0:
            assert leader.do("client.drop_collection('c')") is None

    back_up(folder, tmp_path / "b", tell=write)
    assert leader.do("client.list_collections()") == []
    restore(tmp_path / "b", tmp_path / "new.db")
    with MilvusClient(str(tmp_path / "new.db"), mode="r") as client:
        assert len(client.query("c", "id >= 0", ["id"])) == 11
