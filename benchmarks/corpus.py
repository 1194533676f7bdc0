"""The data every engine is measured on: a folder with a real corpus, or a generated one.

A corpus folder holds `base.parquet` (id, pos, lexfile, gloss, vector) and `queries.parquet`
(text, vector). Exact answers are computed here, by matrix products over these very vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Corpus:
    """Rows, queries, and what they are called.

    Attributes:
        vectors: float32 (n, dim), close to unit length.
        queries: float32 (q, dim).
        pos, lexfile, gloss: A coarse and a fine attribute to filter by, and a text.
    """

    name: str
    vectors: NDArray[np.float32]
    queries: NDArray[np.float32]
    pos: list[str]
    lexfile: NDArray[np.int64]
    gloss: list[str]

    def allowed(self, condition: str) -> NDArray[np.bool_]:
        """Return the mask of rows that a condition ("", "lexfile", "pos") lets through."""
        if condition == "lexfile":
            return np.equal(self.lexfile, 37)
        if condition == "pos":
            return np.array([p == "n" for p in self.pos])
        return np.ones(len(self.vectors), np.bool_)

    def truth(self, condition: str, k: int = 10) -> NDArray[np.int64]:
        """Return the exact k best ids per query, int64 (q, k), by inner product."""
        rows = np.flatnonzero(self.allowed(condition))
        scores = self.queries @ self.vectors[rows].T
        best = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        return rows[best]


def load(folder: Path | None, rows: int, queries: int) -> Corpus:
    """Read a corpus folder, or generate clustered vectors when `folder` is None."""
    if folder is None:
        return generate(rows or 100_000, 384, queries)
    import pyarrow.parquet as pq  # noqa: PLC0415 - only for corpora on disk

    base = pq.read_table(folder / "base.parquet")
    base = base.slice(0, rows) if rows else base
    wanted = pq.read_table(folder / "queries.parquet").slice(0, queries)
    return Corpus(
        name=folder.name,
        vectors=_matrix(base["vector"]),
        queries=_matrix(wanted["vector"]),
        pos=[str(pos) for pos in base["pos"].to_pylist()],
        lexfile=base["lexfile"].to_numpy().astype(np.int64),
        gloss=[str(gloss) for gloss in base["gloss"].to_pylist()],
    )


def _matrix(column: object) -> NDArray[np.float32]:
    flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)  # type: ignore[attr-defined]  # pyarrow has no stubs
    return np.ascontiguousarray(flat.reshape(len(column), -1), np.float32)  # type: ignore[arg-type]  # as above


def generate(rows: int, dim: int, queries: int) -> Corpus:
    """Make a clustered corpus: 200 centres, rows and queries around them, unit length."""
    rng = np.random.default_rng(7)
    centres = rng.normal(size=(200, dim)).astype(np.float32)

    def around(count: int) -> NDArray[np.float32]:
        points = centres[rng.integers(0, len(centres), count)]
        points = points + rng.normal(scale=0.9, size=(count, dim)).astype(np.float32)
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        return points.astype(np.float32)

    words = [f"word{i}" for i in range(2_000)]
    return Corpus(
        name=f"generated {rows} x {dim}",
        vectors=around(rows),
        queries=around(queries),
        pos=["n" if r < 0.7 else "v" for r in rng.random(rows)],
        lexfile=np.where(rng.random(rows) < 0.003, 37, rng.integers(0, 37, rows)).astype(np.int64),
        gloss=[" ".join(rng.choice(words, 9)) for _ in range(rows)],
    )


def recall(found: list[list[int]], truth: NDArray[np.int64]) -> float:
    """Return the mean share of the true neighbours that were found."""
    hits = sum(len(set(f) & set(t)) for f, t in zip(found, truth.tolist(), strict=True))
    return hits / truth.size


FOLDER = Path("../shared/data/wordnet-minilm")
"""Where a checkout may have the real corpus beside it."""
