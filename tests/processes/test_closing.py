"""A database that is closed takes no role any more, and lets go of the one it has once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from aiomilvus.engine import shared_database
from aiomilvus.engine.database import Database
from aiomilvus.engine.opening import open_database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.support.other_process import OtherProcess


def test_a_database_closed_while_it_takes_over_lets_go_of_the_lock(
    folder: Path, other: Callable[[], OtherProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    leader = other()
    following = open_database(folder)
    opening, go_on = threading.Event(), threading.Event()

    def opened(path: Path, **given: object) -> Database:
        opening.set()
        assert go_on.wait(60)
        return Database(path, **given)  # type: ignore[arg-type] # as the caller gives them

    monkeypatch.setattr(shared_database, "Database", opened)
    leader.do("client.close()")
    assert opening.wait(60)
    closing = threading.Thread(target=following.close)
    closing.start()
    go_on.set()
    closing.join(60)
    assert not closing.is_alive()
    # Nobody holds the lock: another process leads at once, and is not disturbed.
    next_leader = other()
    assert next_leader.do("client.create_collection('c', dimension=2)") is None
    assert next_leader.do("client.list_collections()") == ["c"]
