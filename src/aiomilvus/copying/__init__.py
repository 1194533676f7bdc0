"""Copying databases between any two of a directory and a server.

`job.copy` does it; the command line shows its progress. Knows the client's backends and the
model's operations, so that rows stay columns all the way; never the engine or the wire.
"""

from __future__ import annotations

from aiomilvus.copying.job import CollectionReport, copy

__all__ = ["CollectionReport", "copy"]
