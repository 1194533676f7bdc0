"""What became of forwarded calls, kept in the catalog for the leader that comes next.

The table is no part of the catalog's digest: its rows matter for seconds, to one caller each.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.outcome import Outcome

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

TABLE = "outcomes"
SECONDS = 600
"""Outcomes older than this are forgotten with the next that are kept."""
_CREATE = """
CREATE TABLE IF NOT EXISTS outcomes (
    request TEXT PRIMARY KEY, at INTEGER NOT NULL, record BLOB NOT NULL) WITHOUT ROWID"""


def put_outcomes(sql: sqlite3.Connection, outcomes: Mapping[str, Outcome]) -> None:
    """Keep outcomes by the ids of their calls, within a transaction."""
    if not outcomes:
        return
    now = int(time.time())
    rows = [(request, now, msgspec.json.encode(each)) for request, each in outcomes.items()]
    sql.execute(_CREATE)
    sql.executemany("REPLACE INTO outcomes VALUES (?, ?, ?)", rows)
    sql.execute("DELETE FROM outcomes WHERE at < ?", (now - SECONDS,))


def stored_outcome(sql: sqlite3.Connection, request: str) -> Outcome | None:
    """Return what became of a call, None if that is not known."""
    row = sql.execute("SELECT record FROM outcomes WHERE request = ?", (request,)).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=Outcome)
