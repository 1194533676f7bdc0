"""What every measured engine offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from benchmarks.corpus import Corpus

M, EF_CONSTRUCTION = 16, 200


class Skip(Exception):
    """The engine does not offer what was asked; the table shows a dash."""


class BaseEngine:
    """Defaults: nothing is offered.

    Searches return the ids of the `k` best rows. `condition` is "", "lexfile" (0.3 % of rows)
    or "pos" (70 %).
    """

    name = ""
    stores = True
    """Whether `ingest` writes the rows to disk."""

    def __init__(self, folder: Path, *, index: str, ef: int, threads: int) -> None:
        self.folder = folder
        self.index = index
        self.ef = ef
        self.threads = threads

    def ingest(self, corpus: Corpus) -> None:
        """Store all rows durably, as rows of dicts with numpy vectors or the nearest thing."""
        raise Skip

    def build(self) -> None:
        """Build the vector index and what else searches need; return when it is ready."""

    def reopen(self) -> None:
        """Close and open again, up to being able to answer."""
        raise Skip

    def search(self, vector: NDArray[np.float32], k: int, condition: str) -> list[int]:
        """Search for one vector."""
        raise Skip

    def search_many(self, vectors: NDArray[np.float32], k: int, tasks: int) -> list[list[int]]:
        """Search for each vector, `tasks` at a time; default: threads calling `search`."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only here

        with ThreadPoolExecutor(tasks) as pool:
            return list(pool.map(lambda v: self.search(v, k, ""), vectors))

    def get(self, keys: list[int]) -> int:
        """Read rows by key; return how many were found."""
        raise Skip

    def count(self) -> int:
        """Count the rows with pos == "n" through the engine's filter."""
        raise Skip

    def close(self) -> None:
        """Free everything."""
