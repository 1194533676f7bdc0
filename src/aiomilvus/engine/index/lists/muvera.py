"""MUVERA: lists of vectors as one vector each, whose products approach MaxSim.

Dhulipala, Hadian, Jayaram, Lee, Mirrokni, "MUVERA: multi-vector retrieval via fixed dimensional
encodings", 2024. Random planes cut space into buckets. A row's vector holds the mean of its vectors
in each bucket, a query's the sum; this is repeated with other planes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.engine.index.dense.vectors import as_floats
from aiomilvus.engine.index.lists.fixed import as_scores, query_form, stored_form
from aiomilvus.engine.index.param_values import Whole, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.model.columns import ListColumn

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

_PLANES = Whole("muvera_num_projections", 1, 7, 4)
_REPEATS = Whole("muvera_num_repeats", 1, 32, 7)
_SEED = Whole("muvera_seed", 0, 2**31 - 1, 42)
_BLOCK = 1 << 12


class MuveraParams(NamedTuple):
    """How lists are encoded: planes of each repeat, repeats, and the seed of the first."""

    planes: int
    repeats: int
    seed: int


def muvera_params(params: Mapping[str, object]) -> MuveraParams:
    """Return the checked parameters.

    Raises:
        ParamError: One is no whole number, or out of range.
    """
    return MuveraParams(
        *(whole(each, params.get(each.name)) for each in (_PLANES, _REPEATS, _SEED))
    )


class MuveraEncoder:
    """Encodes lists of one field. Implements `ListEncoder`.

    Args:
        planes: float32 (repeats, planes, dim), what cuts space into buckets.
        metric: Of the elements.
    """

    def __init__(self, planes: Floats, metric: str) -> None:
        self._planes = planes
        self._metric = metric
        repeats, count, dim = planes.shape
        self._buckets = 1 << count
        self._dim = dim + (metric == "L2")
        self.width = repeats * self._buckets * self._dim

    @classmethod
    def drawn(cls, params: MuveraParams, dim: int, metric: str) -> MuveraEncoder:
        """Return an encoder with planes drawn at random, the same for the same seed."""
        drawn = [
            np.random.default_rng(params.seed + repeat).standard_normal((params.planes, dim))
            for repeat in range(params.repeats)
        ]
        return cls(np.stack(drawn).astype(np.float32), metric)

    def encode_rows(self, lists: ListColumn) -> Floats:
        """Return the rows' vectors, float32 (rows, width); zeros for empty lists."""
        values = lists.child.arrays()["values"]
        found = np.zeros((len(lists), self.width), np.float32)
        for first in range(0, len(lists), _BLOCK):
            last = min(first + _BLOCK, len(lists))
            start, stop = int(lists.offsets[first]), int(lists.offsets[last])
            owners = np.repeat(np.arange(last - first), np.diff(lists.offsets[first : last + 1]))
            part = values[start:stop]
            filled = found[first:last]
            self._fill(filled, owners, as_floats(part), stored_form(part, self._metric), mean=True)
        return found

    def encode_query(self, query: NDArray[np.generic]) -> Floats:
        """As `ListEncoder` says."""
        found = np.zeros((1, self.width), np.float32)
        owners = np.zeros(len(query), np.int64)
        self._fill(found, owners, as_floats(query), query_form(query, self._metric), mean=False)
        return found

    def _fill(
        self, found: Floats, owners: Rows, plain: Floats, vectors: Floats, *, mean: bool
    ) -> None:
        """Add vectors, each to its owner's bucket."""
        powers = 1 << np.arange(self._planes.shape[1])
        shaped = found.reshape(len(found), len(self._planes), self._buckets, self._dim)
        for repeat, planes in enumerate(self._planes):
            buckets = (plain @ planes.T >= 0) @ powers
            places = owners * self._buckets + buckets
            order = np.argsort(places, kind="stable")
            distinct, starts, counts = np.unique(
                places[order], return_index=True, return_counts=True
            )
            if not len(distinct):
                continue
            sums = np.add.reduceat(vectors[order], starts, axis=0)
            if mean:
                sums /= counts[:, None]
            shaped[distinct // self._buckets, repeat, distinct % self._buckets] = sums

    def estimate(self, products: Floats, query: NDArray[np.generic]) -> Floats:
        """As `ListEncoder` says: the mean of the repeats."""
        return as_scores(products / np.float32(len(self._planes)), query, self._metric)

    def to_arrays(self) -> dict[str, Floats]:
        """As `ListEncoder` says."""
        return {"planes": self._planes}
