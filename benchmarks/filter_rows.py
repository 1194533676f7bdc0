"""The rows that `benchmarks.filters` filters: of a corpus, or made up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from aiomilvus.expr.source import MemorySource
from aiomilvus.model.columns import BytesColumn, FixedColumn, ListColumn
from aiomilvus.model.schema import DYNAMIC_FIELD, Field, Schema
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = Schema(
    fields=(
        Field(name="id", dtype=DataType.INT64, is_primary=True),
        Field(name="pos", dtype=DataType.VARCHAR),
        Field(name="lexfile", dtype=DataType.INT64),
        Field(name="weight", dtype=DataType.FLOAT),
        Field(name="gloss", dtype=DataType.VARCHAR),
        Field(name="meta", dtype=DataType.JSON),
        Field(name="codes", dtype=DataType.ARRAY, element_type=DataType.INT64),
        Field(name=DYNAMIC_FIELD, dtype=DataType.JSON, is_dynamic=True),
    ),
    enable_dynamic_field=True,
)


def read_corpus(folder: Path) -> tuple[list[str], list[int], list[str]]:
    """Return pos, lexfile and gloss of a corpus folder."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - only for corpora on disk

    table = pq.read_table(folder / "base.parquet", columns=["pos", "lexfile", "gloss"])
    columns: list[list[Any]] = [table[name].to_pylist() for name in table.column_names]
    return columns[0], columns[1], columns[2]


def made_up(rows: int) -> tuple[list[str], list[int], list[str]]:
    """Return columns like those of the corpus."""
    rng = np.random.default_rng(42)
    words = ["animal", "plant", "of", "the", "a", "having", "dog", "like", "small", "genus"]
    words += [f"word{number}" for number in range(2000)]
    odds = 1.0 / np.arange(1, len(words) + 1)
    drawn = rng.choice(words, rows * 10, p=odds / odds.sum()).reshape(rows, 10)
    gloss = [" ".join(row) for row in drawn.tolist()]
    return (
        rng.choice(["n", "v", "a", "r"], rows).tolist(),
        rng.integers(0, 45, rows).tolist(),
        gloss,
    )


def source_of(pos: list[str], lexfile: list[int], gloss: list[str]) -> MemorySource:
    """Return the columns that the filters read."""
    rows = len(pos)
    rng = np.random.default_rng(7)
    scores = rng.random(rows)
    documents: list[dict[str, Any]] = [
        {"lexfile": number, "pos": part, "gloss": text, "nested": {"score": score}}
        for number, part, text, score in zip(lexfile, pos, gloss, scores.tolist(), strict=True)
    ]
    offsets = np.concatenate([[0], np.cumsum(rng.integers(0, 6, rows))]).astype(np.int64)
    return MemorySource(
        {
            "id": FixedColumn(np.arange(rows)),
            "pos": BytesColumn.of([part.encode() for part in pos]),
            "lexfile": FixedColumn(np.array(lexfile, np.int64)),
            "weight": FixedColumn(scores.astype(np.float32)),
            "gloss": BytesColumn.of([text.encode() for text in gloss]),
            "meta": BytesColumn.of([msgspec.json.encode(document) for document in documents]),
            "codes": ListColumn(offsets, FixedColumn(rng.integers(0, 50, offsets[-1]))),
            DYNAMIC_FIELD: BytesColumn.of([b"{}"] * rows),
        }
    )
