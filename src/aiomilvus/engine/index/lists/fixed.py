"""Vectors of lists so prepared that one product says how well they match, whatever the metric.

MUVERA and LEMUR look for rows by an inner product. Under COSINE vectors have length 1; a squared
distance is a product, too: |q|² − |q − d|² = 2 q·d − |d|², so stored vectors get |d|² as one more
number, and query vectors are doubled and get −1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from aiomilvus.engine.index.dense.vectors import as_floats, normalized

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FORMAT = 1


def stored_form(values: NDArray[np.generic], metric: str) -> Floats:
    """Return stored vectors (n, dim), or (n, dim + 1) for L2, as float32."""
    vectors = as_floats(values)
    if metric == "L2":
        squares = np.einsum("ij,ij->i", vectors, vectors)[:, None]
        return np.concatenate([vectors, squares], axis=1)
    return normalized(vectors) if metric == "COSINE" else vectors


def query_form(values: NDArray[np.generic], metric: str) -> Floats:
    """Return query vectors for products with those of `stored_form`."""
    vectors = as_floats(values)
    if metric == "L2":
        ones = np.full((len(vectors), 1), -1.0, np.float32)
        return np.concatenate([2.0 * vectors, ones], axis=1)
    return normalized(vectors) if metric == "COSINE" else vectors


class ListEncoder(Protocol):
    """Turns a list of vectors into one vector of fixed length."""

    width: int

    def encode_query(self, query: NDArray[np.generic]) -> Floats:
        """Return the vector, float32 (1, width), of a list of query vectors (n, dim)."""

    def estimate(self, products: Floats, query: NDArray[np.generic]) -> Floats:
        """Return the scores that products with rows' vectors stand for, in the metric's sign."""

    def to_arrays(self) -> Mapping[str, NDArray[np.float32]]:
        """Return what `encode_query` needs, to be stored."""


def as_scores(similarities: Floats, query: NDArray[np.generic], metric: str) -> Floats:
    """Return sums of similarities in the metric's sign: for L2 the distances they leave."""
    if metric != "L2":
        return similarities
    vectors = as_floats(query)
    distances: Floats = np.float32(np.einsum("ij,ij->", vectors, vectors)) - similarities
    return np.maximum(distances, 0.0)
