"""The tables of the catalog and the SQL statements that change them."""

from __future__ import annotations

TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE databases (id INTEGER PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE collections (id INTEGER PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE segments (
    id INTEGER PRIMARY KEY, collection_id INTEGER NOT NULL, record BLOB NOT NULL);
CREATE INDEX segments_of ON segments (collection_id);
CREATE TABLE aliases (
    db_id INTEGER NOT NULL, alias TEXT NOT NULL, collection_id INTEGER NOT NULL,
    PRIMARY KEY (db_id, alias)) WITHOUT ROWID;
"""
# Made with the first change, so that a database without users stays as it was.
ACCESS_TABLE = "CREATE TABLE IF NOT EXISTS access (id INTEGER PRIMARY KEY, record BLOB NOT NULL)"
FILES_TABLE = "CREATE TABLE IF NOT EXISTS files (id INTEGER PRIMARY KEY, record BLOB NOT NULL)"
GROUPS_TABLE = (
    "CREATE TABLE IF NOT EXISTS resource_groups (id INTEGER PRIMARY KEY, record BLOB NOT NULL)"
)
REFRESHES_TABLE = (
    "CREATE TABLE IF NOT EXISTS refreshes (id INTEGER PRIMARY KEY, record BLOB NOT NULL)"
)
SINCE_2 = """
CREATE TABLE snapshots (id INTEGER PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE restores (id INTEGER PRIMARY KEY, record BLOB NOT NULL);
"""
OLDEST = frozenset({"facts", "databases", "collections", "segments", "aliases"})
PUT_FACT = "REPLACE INTO facts VALUES (?, ?)"
PUT_SEGMENT = "REPLACE INTO segments VALUES (?, ?, ?)"
PUT_ALIAS = "REPLACE INTO aliases VALUES (?, ?, ?)"
DROP_ALIAS = "DELETE FROM aliases WHERE db_id = ? AND alias = ?"
