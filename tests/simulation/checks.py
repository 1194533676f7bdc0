"""Whether a database that was opened again holds what it may hold, by every way of reading it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.database import Database
from aiomilvus.engine.settings import Settings
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.operations.data import Insert, Query, Search
from aiomilvus.model.operations.loading import GetLoadState
from aiomilvus.model.types import LoadState
from tests.simulation.history import MAIN, WRITERS, Rows, State, is_made, rows_of
from tests.support.batches import key_values
from tests.support.contents import Contents, contents_of
from tests.support.disk import crash

if TYPE_CHECKING:
    from pathlib import Path

_ONE_THREAD = Settings(threads=1)
_LATER = 3_000_000
"""The key of a row that is written after a loss of power."""


def opened(path: Path) -> Database:
    """Open a database with the disk, the threads and the clock of the real world."""
    return Database(path, settings=_ONE_THREAD)


def check(path: Path, may_be: dict[int, tuple[State, ...]] | None, *, goes_on: bool) -> None:
    """Open a database, compare it, and see that it serves.

    Args:
        path: What the loss of power left.
        may_be: What each actor may find; None if nothing was acknowledged yet.
        goes_on: Whether to write, kill, open and compare once more.
    """
    database = opened(path)
    try:
        if may_be is None:
            return
        found = found_in(database)
        _compare(found, may_be)
        agree(database)
        if goes_on:
            database.execute(Insert(collection=MAIN, batch=rows_of((_LATER,), 1.0)))
    finally:
        crash(database)
    if goes_on:
        database = opened(path)
        try:
            rows = ((_LATER, 1.0, 1),)
            one = found[0]._replace(rows=found[0].rows + rows)
            _compare(found_in(database), {0: (one,), 1: (found[1],), 2: (found[2],)})
            agree(database)
        finally:
            database.close()


def _compare(found: tuple[State, ...], may_be: dict[int, tuple[State, ...]]) -> None:
    for number, options in may_be.items():
        assert found[number] in options, f"actor {number} found {found[number]}, not {options}"


def found_in(database: Database) -> tuple[State, ...]:
    """What each actor finds of what it has made."""
    main = contents_of(database.snapshot("", MAIN))
    names = database.names
    own = sorted(name for name in names.collections_in("") if name != MAIN)
    by_id = {number: name for name, number in names.collections_in("").items()}
    aliases = sorted((alias, names.alias_target("", alias)) for alias in names.aliases_in(""))
    definer = State(
        collections=tuple((name, _rows(contents_of(database.snapshot("", name)))) for name in own),
        aliases=tuple((alias, by_id[number]) for alias, number in aliases if number is not None),
    )
    writers = [
        State(rows=tuple(row for row in _rows(main) if row[0] % WRITERS == number))
        for number in range(WRITERS)
    ]
    return (*writers, State(), definer)


def _rows(contents: Contents) -> Rows:
    counts = contents.copies
    newest = {int(key): tag for key, tag in contents.newest.items()}
    assert newest.keys() == counts.keys()
    return tuple((key, newest[key], counts[key]) for key in sorted(newest))


def agree(database: Database) -> None:
    """Scan, scalar index, text index, vector index and count tell the same rows."""
    if not is_made(database):
        return
    if database.execute(GetLoadState(collection=MAIN)).state is not LoadState.Loaded:
        return
    contents = contents_of(database.snapshot("", MAIN))
    newest = {int(key): tag for key, tag in contents.newest.items()}
    numbers = Query(collection=MAIN, filter="id >= 0", output_fields=("id", "n"))
    batch = database.execute(numbers).batch
    found = dict(zip(key_values(batch["id"]), key_values(batch["n"]), strict=True))
    assert found == {key: int(tag) for key, tag in newest.items()}, "scan"
    counted = database.execute(Query(collection=MAIN, output_fields=("count(*)",)))
    assert counted.count == sum(contents.copies.values()), "count"
    tags = sorted(set(newest.values()))
    for tag in {tags[len(tags) // 2], tags[-1]} if tags else ():
        those = {key for key, its in newest.items() if its == tag}
        assert _keys(database, f"n == {int(tag)}") == those, "scalar index"
        larger = {key for key, its in newest.items() if its > tag}
        assert _keys(database, f"n > {int(tag)}") == larger, "scalar index, range"
        assert _keys(database, f'text_match(t, "w{int(tag)}")') == those, "text index"
        assert _nearest(database, tag, len(those), f"n == {int(tag)}") == those, "vectors, filtered"
        hits = _nearest(database, tag, min(10, len(newest)))
        assert len(hits) == min(10, len(newest)), "vector index"
        assert hits <= newest.keys(), "vector index"


def _keys(database: Database, text: str) -> set[int]:
    query = Query(collection=MAIN, filter=text, output_fields=("id",))
    return set(key_values(database.execute(query).batch["id"]))


def _nearest(database: Database, tag: float, limit: int, text: str = "") -> set[int]:
    vector = VectorColumn(np.array([[tag, 0, 0, 1]], np.float32))
    search = Search(collection=MAIN, data=vector, field="v", limit=limit, filter=text)
    hits = key_values(database.execute(search).ids)
    assert len(hits) == len(set(hits))
    return set(hits)
