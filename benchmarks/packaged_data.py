"""Real vectors of what every Python carries, and of packages where they are installed."""

from __future__ import annotations

import sysconfig
import unicodedata
import zlib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WIDTH = 4_096
DIM = 128
LAST = 0x20000
"""Behind it names are a number in a block."""


def packaged(count: int) -> Iterator[tuple[str, Floats]]:
    """Yield names, and up to `count` vectors, in an order drawn at random."""
    yield "names of characters", _vectors(_chosen(list(_character_names()), count))
    yield "lines of Python's library", _vectors(_chosen(list(_library_lines()), count))
    if find_spec("sklearn"):
        datasets = import_module("sklearn.datasets")
        digits = np.asarray(datasets.load_digits().data, np.float32)
        yield "digits", digits[np.random.default_rng(3).permutation(len(digits))[:count]]


def _chosen(texts: list[str], count: int) -> list[str]:
    order = np.random.default_rng(3).permutation(len(texts))[:count]
    return [texts[at] for at in order]


def _character_names() -> Iterator[str]:
    for number in range(LAST):
        name = unicodedata.name(chr(number), "")
        if name:
            yield name


def _library_lines() -> Iterator[str]:
    """Yield the lines of the standard library as they are: many are there several times."""
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.strip():
                yield line.strip()


def _vectors(texts: list[str]) -> Floats:
    """Return the texts' trigrams, rare ones counting for more, projected at random."""
    columns, starts = [], [0]
    for text in texts:
        padded = f"  {text.lower()} "
        columns += [
            zlib.crc32(padded[at : at + 3].encode()) % WIDTH for at in range(len(padded) - 2)
        ]
        starts.append(len(columns))
    counts = csr_array(
        (np.ones(len(columns), np.float32), columns, starts), shape=(len(texts), WIDTH)
    )
    texts_with = np.bincount(np.asarray(columns), minlength=WIDTH)
    weights = np.log(len(columns) / (1 + texts_with)).astype(np.float32)
    directions = np.random.default_rng(4).standard_normal((WIDTH, DIM)).astype(np.float32)
    return np.ascontiguousarray(counts @ (weights[:, None] * directions), np.float32)
